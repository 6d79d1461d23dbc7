"""The table of bad input, row by row: what each gets, through the routes that a page uses.

Rows about images and about interrupted exports are the exporter's: tests/exporters/images and
tests/exporters/run. Full disks and failing ones: tests/labels/test_faults.py; read-only log dirs:
tests/web/test_read_only.py; a locked store: tests/labels/test_store.py.
"""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.builders import blobs, make_run, sample_id
from tests.web.conftest import Api
from tests.web.test_routes import RUN, error, frame, wait_until

pytestmark = pytest.mark.slow

CONFIG = 'embeddings {{ tensor_name: "im" tensor_path: "{tensor}" metadata_path: "{metadata}" {shape} }}'
SHAPE = "tensor_shape: 60 tensor_shape: 8"


def listed(api: Api) -> dict[str, Any]:
    """The run as `runs` lists it; a good run beside it stays good."""
    make_run(api.logdir / "zz-good")
    bad, good = api.get("runs").get_json()["runs"]
    assert good["problem"] is None
    return dict(bad)


def write_config(api: Api, tensor: str = "im.bytes", metadata: str = "metadata.tsv", shape: str = SHAPE) -> None:
    text = CONFIG.format(tensor=tensor, metadata=metadata, shape=shape)
    (api.logdir / "run" / "projector_config.pbtxt").write_text(text)


@pytest.mark.parametrize(
    "content", [b"nonsense {", b"", b"\x00\xff\xfe\x80" * 50, b"# " + b"x" * 10_000_000, b'model_checkpoint_path: "a"']
)
def test_row_malformed_empty_binary_or_huge_config(api: Api, content: bytes) -> None:
    (api.logdir / "run" / "projector_config.pbtxt").write_bytes(content)
    assert listed(api)["problem"].startswith("projector_config.pbtxt")
    assert error(api.get("samples", **RUN))[0] in (404, 422)


@pytest.mark.parametrize("asset", ["tensor", "metadata"])
@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../zz-good/im.bytes", "~/x", "link", "fifo", "/dev/zero", "folder", "zero", "missing"]
)
@pytest.mark.timeout(30)
def test_row_assets_that_are_no_files_inside(api: Api, asset: str, path: str) -> None:
    run = api.logdir / "run"
    (run / "link").symlink_to("/etc/passwd")
    (run / "zero").symlink_to("/dev/zero")
    os.mkfifo(run / "fifo")
    (run / "folder").mkdir()
    write_config(api, **{asset: path})
    bad = listed(api)
    assert bad["problem"] is not None
    assert str(api.logdir) not in bad["problem"]
    answer = api.get("samples", **RUN)
    assert error(answer) == (422, "bad_run")
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "shape",
    [
        "tensor_shape: 60 tensor_shape: 9",
        "tensor_shape: 480",
        "tensor_shape: 60 tensor_shape: 8 tensor_shape: 1",
        "tensor_shape: 4294967295 tensor_shape: 4294967295",
        "tensor_shape: 60 tensor_shape: 0",
        "tensor_shape: 60 tensor_shape: -8",
        "",
    ],
)
def test_row_shapes_that_do_not_fit(api: Api, shape: str) -> None:
    write_config(api, shape=shape)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert listed(api)["problem"] is not None
    assert error(api.get("samples", **RUN))[0] in (404, 422)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB: nothing was allocated for it


def test_row_a_tensor_cut_by_a_byte_says_both_sizes(api: Api) -> None:
    path = api.logdir / "run" / "im.bytes"
    path.write_bytes(path.read_bytes()[:-1])
    assert listed(api)["problem"] == "im.bytes has 1,919 bytes, but 60 x 8 float32 take 1,920."


@pytest.mark.parametrize("kind", ["nan", "inf", "constant columns", "identical", "half duplicates", "huge", "tiny"])
def test_row_values_that_are_odd_end_in_finite_positions(api: Api, kind: str) -> None:
    features, _ = blobs()
    if kind in ("nan", "inf"):
        features[[3, 5], 2] = np.nan if kind == "nan" else -np.inf
    elif kind == "constant columns":
        features[:, 2:] = 7.0
    elif kind == "identical":
        features[:] = 1.5
    elif kind == "half duplicates":
        features[:30] = features[30:]
    else:
        features *= 1e20 if kind == "huge" else 1e-20
    make_run(api.logdir / "run", features)
    api.post("session/start", **RUN, parameters={"n_epochs": 60})
    state = wait_until(api, status="settled")
    assert np.isfinite(frame(api)[1]).all()
    if kind in ("nan", "inf"):
        assert "2 samples have features that are not finite (rows 3, 5" in state["notes"][0]


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_row_few_samples_are_drawn(api: Api, n: int) -> None:
    make_run(api.logdir / "run", blobs(n)[0])
    assert api.get("samples", **RUN).get_json()["count"] == n
    api.post("session/start", **RUN, parameters={"n_epochs": 20})
    state = wait_until(api, status="settled")
    assert state["notes"][0].startswith("Perplexity lowered")
    positions = frame(api)[1]
    assert positions.shape == (3, n)
    assert np.isfinite(positions).all()


def test_row_no_samples_are_said_or_drawn(api: Api) -> None:
    make_run(api.logdir / "run", np.zeros((0, 8), dtype=np.float32))
    assert api.get("samples", **RUN).get_json()["sample_ids"] == []
    assert api.labels()["labels"] == []
    assert api.post("session/start", **RUN).status_code == 200


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"sample_id\tlabel\n" + b"a\tb\n", "has 1 rows, but there are 60 samples"),
        (b"x\tx\n" + b"1\t2\n" * 60, "has the column 'x' more than once"),
        (b"sample_id\tlabel\n" + b"same\tb\n" * 60, "the sample_id 'same' occurs more than once"),
        (b"file\tlabel\n" + b"a\tb\tc\n" * 60, "line 2: 3 values, but there are 2 columns"),
        (b"\xc3\x28" * 40, "is not UTF-8 text"),
    ],
)
def test_row_metadata_that_does_not_fit(api: Api, raw: bytes, problem: str) -> None:
    (api.logdir / "run" / "metadata.tsv").write_bytes(raw)
    assert problem in listed(api)["problem"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_row_metadata_that_is_plain_is_taken(api: Api, encoding: str, end: str) -> None:
    rows = ["sample_id\tlabel", *(f"ä{row}\tunlabeled" for row in range(60))]
    (api.logdir / "run" / "metadata.tsv").write_bytes((end.join(rows) + end).encode(encoding))
    assert listed(api)["problem"] is None
    assert api.get("samples", **RUN).get_json()["sample_ids"][:2] == ["ä0", "ä1"]


@pytest.mark.parametrize(
    "name",
    ["a\tb", "a\nb", "a\0b", "a\x1bb", "a\x85b", "a\u202eb", "\ud800", "", " ", "x" * 129, "unlabeled", 7, None],
)
def test_row_labels_that_cannot_be(api: Api, name: object) -> None:
    assert error(api.edit("labels/apply", new_class={"name": name}, sample_ids=[sample_id(0)])) == (422, "invalid")
    assert error(api.edit("classes", action="add", name=name)) == (422, "invalid")
    assert api.labels()["revision"] == 0


@pytest.mark.parametrize("name", ["=cmd()", "<img onerror=alert(1)>", "__proto__", "'; DROP TABLE labels; --"])
def test_row_labels_that_look_like_code_are_text(api: Api, name: str) -> None:
    api.edit("labels/apply", new_class={"name": name}, sample_ids=[sample_id(0)])
    answer = api.get("labels", **RUN)
    assert answer.get_json()["classes"][0]["name"] == name
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type == "application/json"


@pytest.mark.parametrize(
    ("raw", "length", "status"),
    [
        (b"", None, 411),
        (b"", "0", 400),
        (b"[" * 500_000, None, 400),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, None, 400),
        (b'{"run": "run", "base_revision": NaN}', None, 400),
        (b'{"run": "run"}' + b" " * (1 << 20), None, 413),
        (b'{"run": "run"}', "99999999999", 413),
        (b'{"run": "run"}', "-5", 400),
        (b'{"run": "run"}', "many", 400),
        (b'{"run": 1e999}', None, 400),
        (b"\xff\xfe", None, 400),
    ],
)
def test_row_bodies_that_are_none(api: Api, raw: bytes, length: str | None, status: int) -> None:
    headers = {"X-TSNE-Request": "1", "Content-Type": "application/json"}
    overrides = {} if length is None else {"CONTENT_LENGTH": length}
    answer = api.client.post("/labels/apply", data=raw, headers=headers, environ_overrides=overrides)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["error"]["message"]
    assert api.labels()["revision"] == 0


def test_row_unknown_and_a_million_samples(api: Api) -> None:
    api.add_class("ant")
    assert error(api.edit("labels/apply", class_id=1, sample_ids=[sample_id(0), "nope"])) == (422, "invalid")
    many = [f"{number:x}" for number in range(150_000)]
    assert len(json.dumps(many)) > 1 << 20
    assert error(api.edit("labels/apply", class_id=1, sample_ids=many)) == (413, "too_large")
    assert error(api.edit("labels/apply", class_id=1, sample_ids=["a"] * 100_001)) == (422, "invalid")
    assert api.labels()["revision"] == 1


def test_row_a_sprite_that_does_not_fit_costs_the_pictures_only(api: Api) -> None:
    from PIL import Image

    Image.new("RGB", (16, 16)).save(api.logdir / "run" / "sprite.png")
    value = api.get("samples", **RUN).get_json()
    assert value["sprite"] is None
    assert value["notes"] == ["sprite.png has room for 4 thumbnails, but there are 60 samples."]


@pytest.mark.parametrize("what", ["first label", "one class only", "all of one class", "every sample labelled"])
def test_row_any_amount_of_labels_ends_in_finite_positions(api: Api, what: str) -> None:
    rows = {"first label": range(1), "one class only": range(10)}.get(what, range(60))
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(row) for row in rows])
    if what == "every sample labelled":
        half = [sample_id(row) for row in range(0, 60, 2)]
        api.edit("labels/apply", new_class={"name": "bee"}, sample_ids=half, only_unlabeled=False)
    strong = {"label_importance": 1.0, "repulsion_emphasis": 1.0, "labeling_start": 0}
    api.post("session/start", **RUN, parameters={"n_epochs": 300, **strong})
    state = wait_until(api, status="settled")
    assert np.isfinite(frame(api)[1]).all()
    assert np.isfinite(state["cost"])


def test_row_a_deleted_run_is_said(api: Api) -> None:
    import shutil

    api.add_class("ant")
    shutil.rmtree(api.logdir / "run")
    assert error(api.edit("labels/undo", base_revision=1)) == (404, "unknown_run")
    assert api.get("runs").get_json()["runs"] == []


def test_errors_hold_no_path(api: Api, tmp_path: Path) -> None:
    (api.logdir / "run" / "im.bytes").unlink()
    for route in ("samples", "labels", "sprite", "labels.tsv"):
        assert str(tmp_path).encode() not in api.get(route, **RUN).data
