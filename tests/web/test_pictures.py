"""Larger pictures and neighbours of a run: bounded, of fixed types, from inside the run only."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from PIL import Image

from tb_tsne_plugin.runs.archive import Index, read_index
from tests.builders import blobs, make_run, sample_id
from tests.web.conftest import Api

RUN = {"run": "run"}
LAYOUT = {"tile_size": 16, "columns": 4, "rows": 4, "pages": 4, "count": 60}


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def jpeg(side: int = 64) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), (200, 30, 30)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def run(api: Api) -> Path:
    folder = api.logdir / "run"
    (folder / "tiles").mkdir()
    (folder / "tiles.json").write_text(json.dumps(LAYOUT))
    for page in range(4):
        (folder / "tiles" / f"{page:04d}.jpg").write_bytes(jpeg())
    with zipfile.ZipFile(folder / "images.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{sample_id(0)}.jpg", jpeg(300))
        archive.writestr(f"{sample_id(1)}.png", "<script>alert(1)</script>")
        archive.writestr("elsewhere.jpg", jpeg())
        archive.writestr(zipfile.ZipInfo("../../secret.jpg"), jpeg())
    with zipfile.ZipFile(folder / "images.zip", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{sample_id(2)}.jpg", b"\xff\xd8\xff" + b"\0" * 1_000_000)
    return folder


def test_tiles_and_images_are_served_as_they_are(api: Api, run: Path) -> None:
    assert api.get("runs/tiles", **RUN).get_json() == LAYOUT
    page = api.get("runs/tile_page", **RUN, page=3)
    assert (page.content_type, page.data) == ("image/jpeg", jpeg())
    image = api.get("runs/image", **RUN, sample_id=sample_id(0))
    assert (image.content_type, image.data) == ("image/jpeg", jpeg(300))
    for route, query in (("tile_page", {"page": 3}), ("image", {"sample_id": sample_id(0)})):
        tag = api.get(f"runs/{route}", **RUN, **query).headers["ETag"]
        again = api.client.get(f"/runs/{route}", query_string={**RUN, **query}, headers={"If-None-Match": tag})
        assert again.status_code == 304


@pytest.mark.parametrize("query", [{"page": 4}, {"page": 9999}])
def test_pages_that_are_not_there_are_none(api: Api, run: Path, query: dict[str, int]) -> None:
    assert error(api.get("runs/tile_page", **RUN, **query)) == (404, "no_tiles")


@pytest.mark.parametrize("sample", [sample_id(3), "elsewhere", "../../secret", sample_id(2), "nope"])
def test_images_of_nobody_and_compressed_ones_are_none(api: Api, run: Path, sample: str) -> None:
    assert error(api.get("runs/image", **RUN, sample_id=sample)) == (404, "no_image")


def test_what_is_no_image_is_not_served(api: Api, run: Path) -> None:
    assert error(api.get("runs/image", **RUN, sample_id=sample_id(1))) == (422, "bad_run")
    (run / "tiles" / "0000.jpg").write_text("<svg/>")
    assert error(api.get("runs/tile_page", **RUN, page=0)) == (422, "bad_run")
    (run / "tiles" / "0001.jpg").unlink()
    (run / "tiles" / "0001.jpg").symlink_to("/etc/passwd")
    assert error(api.get("runs/tile_page", **RUN, page=1)) == (422, "bad_run")
    (run / "tiles" / "0002.jpg").unlink()
    os.mkfifo(run / "tiles" / "0002.jpg")
    assert error(api.get("runs/tile_page", **RUN, page=2)) == (422, "bad_run")


def test_older_runs_have_neither(api: Api) -> None:
    assert error(api.get("runs/tiles", **RUN)) == (404, "no_tiles")
    assert error(api.get("runs/tile_page", **RUN, page=0)) == (404, "no_tiles")
    assert error(api.get("runs/image", **RUN, sample_id=sample_id(0))) == (404, "no_image")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({**LAYOUT, "pages": 1}),
        json.dumps({**LAYOUT, "rows": -1}),
        "[" * 60_000,
        "x" * 70_000,
    ],
)
def test_layouts_that_are_none_are_said(api: Api, run: Path, text: str) -> None:
    (run / "tiles.json").write_text(text)
    assert error(api.get("runs/tiles", **RUN)) == (422, "bad_run")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"PK\x05\x06" + b"\xff" * 18])
def test_archives_that_are_none_are_said(api: Api, run: Path, content: bytes) -> None:
    (run / "images.zip").write_bytes(content)
    assert error(api.get("runs/image", **RUN, sample_id=sample_id(0))) == (422, "bad_run")


def test_what_is_wrong_with_an_archive_is_found_out_once(api: Api, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may take as long as to read it."""
    reads = []

    def read(file: BinaryIO) -> Index:
        reads.append(file.name)
        return read_index(file)

    monkeypatch.setattr("tb_tsne_plugin.runs.pictures.read_index", read)
    (run / "images.zip").write_bytes(b"PK")
    for _ in range(3):
        assert error(api.get("runs/image", **RUN, sample_id=sample_id(0))) == (422, "bad_run")
    assert len(reads) == 1
    with zipfile.ZipFile(run / "images.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{sample_id(0)}.jpg", jpeg())
    assert api.get("runs/image", **RUN, sample_id=sample_id(0)).data == jpeg()


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_neighbors_in_features_are_the_nearest(api: Api, metric: str) -> None:
    features = blobs()[0].astype(np.float64)
    query = {"run": "run", "tensor": "im", "sample_id": sample_id(7), "k": 5, "space": "features", "metric": metric}
    value = api.get("runs/neighbors", **query).get_json()
    if metric == "euclidean":
        distances = np.linalg.norm(features - features[7], axis=1)
    else:
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        distances = 1 - unit @ unit[7]
    expected = [row for row in np.argsort(distances) if row != 7][:5]
    assert value["sample_ids"] == [sample_id(row) for row in expected]
    assert np.allclose(value["distances"], distances[expected], rtol=1e-5)


def test_neighbors_leave_out_what_is_not_finite(api: Api) -> None:
    features, _ = blobs()
    features[3] = np.nan
    make_run(api.logdir / "run", features)
    query = {"run": "run", "tensor": "im", "k": 1000, "space": "features"}
    found = api.get("runs/neighbors", **query, sample_id=sample_id(7)).get_json()["sample_ids"]
    assert len(found) == 58
    assert sample_id(3) not in found
    assert api.get("runs/neighbors", **query, sample_id=sample_id(3)).get_json()["sample_ids"] == []


@pytest.mark.timeout(20)
def test_features_without_end_are_not_looked_through(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of holes takes no room on the disk, and hours to read."""
    monkeypatch.setattr("tb_tsne_plugin.web.handlers.runs.SEARCH_SECONDS", 0.2)
    rows, size = 20_000, 1 << 20
    with (api.logdir / "run" / "im.bytes").open("wb") as file:
        file.truncate(4 * rows * size)
    (api.logdir / "run" / "projector_config.pbtxt").write_text(
        f'embeddings {{ tensor_name: "im" tensor_path: "im.bytes" tensor_shape: {rows} tensor_shape: {size} }}'
    )
    group = {"tensor": "im", "sample_id": "row-0", "k": 5, "space": "features"}
    class_id = api.add_class("ant")
    for answer in (
        api.get("runs/neighbors", run="run", **group),
        api.edit("labels/apply", op="set", class_id=class_id, group=group),
    ):
        assert error(answer) == (422, "invalid")
        assert "use the neighbours in the embedding" in answer.text


def test_neighbors_in_the_embedding_need_one(api: Api) -> None:
    query = {"run": "run", "tensor": "im", "sample_id": sample_id(7), "k": 5}
    assert error(api.get("runs/neighbors", **query)) == (404, "no_session")
    api.post("session/start", run="run", tensor="im", parameters={"n_epochs": 300})
    frame = None
    while frame is None or int.from_bytes(frame[4:8], "little") < 300:
        frame = api.get("session/frame", run="run", tensor="im", wait=5, after=0).data
    positions = np.frombuffer(frame[16:], dtype="<f4").reshape(3, -1).T.astype(np.float64)
    distances = np.linalg.norm(positions - positions[7], axis=1)
    expected = [sample_id(row) for row in np.argsort(distances) if row != 7][:5]
    assert api.get("runs/neighbors", **query).get_json()["sample_ids"] == expected


def huge_png() -> bytes:
    """The header of a picture of 14,400 x 14,400 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 14_400, 14_400, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def test_pictures_that_a_tab_could_not_hold_are_not_served(api: Api, run: Path) -> None:
    (run / "sprite.png").write_bytes(huge_png())
    value = api.get("samples", **RUN, tensor="im").get_json()
    assert value["sprite"] is None
    assert value["count"] == 60
    (note,) = value["notes"]
    assert note.startswith("sprite.png has 14,400 x 14,400 pixels; images of at most 64 megapixels")
    assert error(api.get("sprite", **RUN, tensor="im")) == (422, "bad_run")
    (run / "tiles" / "0000.jpg").write_bytes(huge_png())
    assert error(api.get("runs/tile_page", **RUN, page=0)) == (422, "bad_run")
    with zipfile.ZipFile(run / "images.zip", "w") as archive:
        archive.writestr(f"{sample_id(5)}.png", huge_png())
    assert error(api.get("runs/image", **RUN, sample_id=sample_id(5))) == (422, "bad_run")
