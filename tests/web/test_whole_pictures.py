"""The whole pictures that samples are parts of: as bounded as every other picture, and named by no request."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tests.builders import make_run, sample_id
from tests.web.conftest import Api
from tests.web.test_pictures import RUN, error, huge_png, jpeg

N = 60


@pytest.fixture
def run(api: Api) -> Path:
    """Samples 0 and 1 lie in the same picture, the others each in one of its own."""
    folder = api.logdir / "run"
    boxes = {name: ["1"] * N for name in ("object", "x", "y", "width", "height")}
    make_run(folder, columns=boxes)
    names = (folder / "metadata.tsv").read_text().replace("class/1.png", "class/0.png")
    (folder / "metadata.tsv").write_text(names)
    with zipfile.ZipFile(folder / "pictures.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("class/0.png.jpg", jpeg(300))
        archive.writestr("class/2.png.png", "<script>alert(1)</script>")
        archive.writestr("class/3.png.png", huge_png())
        archive.writestr("nobody.jpg", jpeg())
    with zipfile.ZipFile(folder / "pictures.zip", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("class/4.png.jpg", b"\xff\xd8\xff" + b"\0" * 1_000_000)
    return folder


def test_all_samples_of_a_picture_have_it(api: Api, run: Path) -> None:
    for row in (0, 1):
        answer = api.get("runs/picture", **RUN, sample_id=sample_id(row))
        assert (answer.content_type, answer.data) == ("image/jpeg", jpeg(300))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    tag = api.get("runs/picture", **RUN, sample_id=sample_id(0)).headers["ETag"]
    query = {**RUN, "sample_id": sample_id(0)}
    again = api.client.get("/runs/picture", query_string=query, headers={"If-None-Match": tag})
    assert again.status_code == 304
    with zipfile.ZipFile(run / "pictures.zip", "w") as archive:
        archive.writestr("class/0.png.jpg", jpeg(200))
    again = api.client.get("/runs/picture", query_string=query, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (200, jpeg(200))


@pytest.mark.parametrize(
    "sample", [sample_id(4), sample_id(5), "nobody", "class/0.png", "../run/pictures", "/etc/passwd", "nope", "\0"]
)
def test_compressed_ones_and_what_no_sample_has_are_none(api: Api, run: Path, sample: str) -> None:
    assert error(api.get("runs/picture", **RUN, sample_id=sample)) == (404, "no_picture")


@pytest.mark.parametrize("row", [2, 3])
def test_what_is_no_picture_or_too_large_is_not_served(api: Api, run: Path, row: int) -> None:
    answer = api.get("runs/picture", **RUN, sample_id=sample_id(row))
    assert error(answer) == (422, "bad_run")
    assert str(api.logdir) not in answer.text


@pytest.mark.parametrize("file", ["/etc/hostname", "../secret.png", "..", "", "pictures.zip", "metadata.tsv"])
def test_what_the_metadata_call_a_file_opens_none(api: Api, run: Path, file: str) -> None:
    (api.logdir / "secret.png").write_bytes(jpeg())
    (run / "metadata.tsv").write_text((run / "metadata.tsv").read_text().replace("class/7.png", file))
    assert error(api.get("runs/picture", **RUN, sample_id=sample_id(7))) == (404, "no_picture")


def test_older_runs_and_those_without_files_have_none(api: Api, run: Path) -> None:
    (run / "pictures.zip").unlink()
    assert error(api.get("runs/picture", **RUN, sample_id=sample_id(0))) == (404, "no_picture")
    metadata = (run / "metadata.tsv").read_text().replace("\tfile\t", "\tname\t")
    (run / "metadata.tsv").write_text(metadata)
    with zipfile.ZipFile(run / "pictures.zip", "w") as archive:
        archive.writestr("class/0.png.jpg", jpeg())
    assert error(api.get("runs/picture", **RUN, sample_id=sample_id(0))) == (404, "no_picture")


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "no archive", "cut"])
def test_an_archive_that_is_none_is_said(api: Api, run: Path, kind: str, tmp_path: Path) -> None:
    whole = (run / "pictures.zip").read_bytes()
    (run / "pictures.zip").unlink()
    if kind == "link":
        (tmp_path / "elsewhere.zip").write_bytes(whole)
        (run / "pictures.zip").symlink_to(tmp_path / "elsewhere.zip")
    elif kind == "fifo":
        os.mkfifo(run / "pictures.zip")
    elif kind == "folder":
        (run / "pictures.zip").mkdir()
    else:
        (run / "pictures.zip").write_bytes(b"PK no archive" if kind == "no archive" else whole[1000:])
    answer = api.get("runs/picture", **RUN, sample_id=sample_id(0))
    assert error(answer) == (422, "bad_run")
    assert str(tmp_path) not in answer.text
