from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from exporters import ExportError, write_run
from exporters.errors import ExportUsageError
from exporters.sprites import fitting_tile_side, grid_side
from exporters.tensors import keep_from_reading_as_text
from tests.exporters.drawn import RED, color, draw, read_metadata, read_tensor, read_tiles

FEATURES = {"im": np.arange(15.0).reshape(5, 3) + 0.1, "pix": np.eye(5) + 0.3}


def test_the_stock_projector_opens_the_run_and_agrees_with_it(tmp_path, stock):
    frame = pd.DataFrame({"sample_id": list("abcde"), "label": ["x", None, "", "y", np.nan], "size": [1, 2, 3, 4, 5]})
    pictures = [Image.new("RGB", (30, 20), color(n)) for n in range(5)]
    write_run(tmp_path / "logs" / "mine", FEATURES, images=pictures, metadata=frame, tile_size=32)
    projector = stock(tmp_path / "logs")
    assert projector.runs() == ["mine"]
    assert projector.tensors("mine") == {"im": (5, 3), "pix": (5, 5)}
    for name, rows in FEATURES.items():
        np.testing.assert_allclose(projector.tensor("mine", name), rows, rtol=1e-4)
        header, *cells = projector.metadata("mine", name)
        assert header == ["sample_id", "label", "size"]
        assert cells == [
            ["a", "x", "1"],
            ["b", "unlabeled", "2"],
            ["c", "unlabeled", "3"],
            ["d", "y", "4"],
            ["e", "unlabeled", "5"],
        ]
        kind, content = projector.sprite("mine", name)
        assert kind == "image/png"
        assert content == (tmp_path / "logs" / "mine" / "sprite.png").read_bytes()
    tiles = read_tiles(tmp_path / "logs" / "mine", 5)
    assert [tuple(tile[16, 16]) for tile in tiles] == [color(n) for n in range(5)]


def test_a_run_can_be_the_log_dir_itself(tmp_path, stock):
    write_run(tmp_path, FEATURES)
    assert stock(tmp_path).runs() == ["."]


ZEROS = np.zeros((6, 4))
TEXT = np.frombuffer(b"1.5\t2\n3" * 4, "<f4").reshape(-1, 1)
SPARSE = np.concatenate([np.zeros((3, 2)), np.frombuffer(b"A\n\x8a?" * 6, "<f4").reshape(3, 2)])
INTEGERS = np.full((4, 3), 2.0)


@pytest.mark.parametrize("rows", [ZEROS, TEXT, SPARSE, INTEGERS], ids=["zeros", "text", "sparse", "integers"])
def test_features_that_look_like_text_open_in_the_stock_projector(tmp_path, stock, rows):
    write_run(tmp_path / "run", {"im": rows})
    np.testing.assert_allclose(stock(tmp_path).tensor("run", "im"), rows, rtol=2e-5)


def test_only_features_that_look_like_text_are_touched(tmp_path):
    content = np.array([1.0, 2.0, 0.0], "<f4").tobytes()
    (tmp_path / "x.bytes").write_bytes(content)
    keep_from_reading_as_text(tmp_path / "x.bytes")
    assert (tmp_path / "x.bytes").read_bytes() == content
    (tmp_path / "empty.bytes").touch()
    keep_from_reading_as_text(tmp_path / "empty.bytes")


@pytest.mark.parametrize(
    ("features", "others", "message"),
    [
        ({}, {}, "no features"),
        ({"im": np.zeros((0, 3))}, {}, "im has no rows"),
        ({"im": np.zeros(3)}, {}, r"rows x values, not of shape \(3,\)"),
        ({"im": np.zeros((3, 0))}, {}, r"not of shape \(3, 0\)"),
        ({"im": [["a"], ["b"]]}, {}, "real numbers"),
        ({"im": np.zeros((3, 2)), "pix": np.zeros((4, 2))}, {}, "pix has 4 rows, but im has 3"),
        ({"im": np.zeros((3, 2))}, {"images": [np.zeros((2, 2, 3), np.uint8)]}, "images has 1 rows, but im has 3"),
        ({"im": np.zeros((3, 2))}, {"metadata": pd.DataFrame({"label": ["a"]})}, "metadata has 1 rows, but im has 3"),
        ({"im": np.zeros((2, 2))}, {"metadata": {"sample_id": ["a", "a"]}}, "sample_id must be .* different .*: a"),
        ({"im": np.zeros((2, 2))}, {"metadata": {"sample_id": ["a", ""]}}, "an empty one"),
        ({"im": [[1, np.nan], [1, 2], [np.inf, 2]]}, {}, r"im: 2 of 3 rows hold NaN .* from 0: 0, 2\)"),
        ({"im": [[1.0, 2], [1e300, 2]]}, {}, "1 of 2 rows"),
        (
            {"im": np.zeros((2, 2))},
            {"images": ["/no/such.png", np.zeros((2, 2))]},
            "2 images cannot .*/no/such.png: cannot",
        ),
        ({"../im": np.zeros((2, 2))}, {}, "cannot name features"),
    ],
)
def test_wrong_input_is_one_sentence_and_leaves_nothing_behind(tmp_path, features, others, message):
    with pytest.raises(ExportError, match=message) as raised:
        write_run(tmp_path / "logs" / "run", features, **others)
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_unsafe_cells_are_replaced_and_stay_different(tmp_path):
    files = ["a\tb", "a\nb", "a_b", "c\x85\u202ed", "\udcffe", " "]
    labels = ["x\ty", "\x00", "  ", "ok" * 100, "=cmd()", "<img onerror>"]
    write_run(tmp_path, {"im": np.ones((6, 2))}, metadata={"file": files, "label": labels})
    rows = read_metadata(tmp_path)
    assert [row["file"] for row in rows] == ["a_b", "a_b~2", "a_b~3", "c__d", "_e", "-"]
    assert [row["label"] for row in rows] == ["x_y", "_", "unlabeled", ("ok" * 100)[:128], "=cmd()", "<img onerror>"]
    assert [row["sample_id"] for row in rows] == [row["file"] for row in rows]


def test_ids_come_from_content_where_there_is_nothing_else(tmp_path):
    pictures = [np.full((4, 4, 3), shade, np.uint8) for shade in (1, 2, 1)]
    write_run(tmp_path / "a", {"im": np.ones((3, 2))}, images=pictures)
    ids = [row["sample_id"] for row in read_metadata(tmp_path / "a")]
    assert len(set(ids)) == 3
    write_run(tmp_path / "b", {"im": np.ones((2, 2))}, images=pictures[1::-1])
    assert [row["sample_id"] for row in read_metadata(tmp_path / "b")] == [ids[1], ids[0]]
    write_run(tmp_path / "c", {"im": [[1, 2], [3, 4], [1, 2]]})
    assert len({row["sample_id"] for row in read_metadata(tmp_path / "c")}) == 3


def test_ids_of_paths_are_those_of_an_export(tmp_path):
    from exporters.identity import file_sample_id
    from exporters.images import ImageFile

    path = draw(tmp_path / "in" / "x.png", RED)
    write_run(tmp_path / "run", {"im": [[1, 2]]}, images=[path])
    (row,) = read_metadata(tmp_path / "run")
    assert row["sample_id"] == file_sample_id(ImageFile(path, "x.png"), path.read_bytes())
    assert row["file"] == path.as_posix()


def test_labels_are_kept_when_a_run_is_written_again(tmp_path):
    ids = list("abcde")
    write_run(tmp_path, FEATURES, metadata={"sample_id": ids})
    table = (tmp_path / "metadata.tsv").read_text()
    (tmp_path / "metadata.tsv.original").write_text(table)
    (tmp_path / "metadata.tsv").write_text(table.replace("b\tunlabeled", "b\tcat").replace("d\tunlabeled", "d\tdog"))
    (tmp_path / "labels.sqlite").write_bytes(b"precious")
    again = write_run(tmp_path, {"im": FEATURES["im"][:3]}, metadata={"sample_id": ["e", "b", "x"]})
    assert (again.labels_kept, again.labels_orphaned) == (1, 1)
    assert {row["sample_id"]: row["label"] for row in read_metadata(tmp_path)} == {
        "e": "unlabeled",
        "b": "cat",
        "x": "unlabeled",
    }
    assert not (tmp_path / "pix.bytes").exists()
    assert len(list(tmp_path.glob("events.*"))) == 1
    assert (tmp_path / "labels.sqlite").read_bytes() == b"precious"
    assert (tmp_path / "metadata.tsv.original").read_text() == table
    back = write_run(tmp_path, FEATURES, metadata={"sample_id": ids, "label": ["new"] * 5})
    assert (back.labels_kept, back.labels_orphaned) == (2, 0)
    assert [row["label"] for row in read_metadata(tmp_path)] == ["new", "cat", "new", "dog", "new"]
    assert not (tmp_path / "orphaned_labels.tsv").exists()


def test_labels_that_cannot_be_read_are_not_overwritten(tmp_path):
    write_run(tmp_path, FEATURES)
    (tmp_path / "metadata.tsv").write_bytes(b"sample_id\tlabel\nbroken line\n")
    with pytest.raises(ExportError, match=r"line 2: 1 cells under 2 .* Its labels would be lost"):
        write_run(tmp_path, FEATURES)
    assert (tmp_path / "metadata.tsv").read_bytes() == b"sample_id\tlabel\nbroken line\n"


def test_a_foreign_run_is_not_touched_but_other_files_do_not_matter(tmp_path):
    (tmp_path / "events.out.tfevents.1.host").touch()
    (tmp_path / "notes.txt").write_text("mine")
    write_run(tmp_path, FEATURES)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "events.out.tfevents.1.host").exists()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "projector_config.pbtxt").write_text("embeddings {}")
    with pytest.raises(ExportError, match=r"already holds projector_config.pbtxt, which tb-tsne did not write"):
        write_run(foreign, FEATURES)
    assert [path.name for path in foreign.iterdir()] == ["projector_config.pbtxt"]


def test_a_report_cannot_make_an_export_remove_other_files(tmp_path):
    run = tmp_path / "run"
    write_run(run, FEATURES)
    victims = [tmp_path / "outside.bytes", run / "labels.sqlite", run / "metadata.tsv.original"]
    for victim in victims:
        victim.write_text("precious")
    report = json.loads((run / "export_report.json").read_text())
    report["files"] += ["../outside.bytes", "labels.sqlite", "metadata.tsv.original", 7]
    (run / "export_report.json").write_text(json.dumps(report))
    write_run(run, FEATURES)
    assert all(victim.read_text() == "precious" for victim in victims)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_target_that_cannot_be_written_is_one_sentence(tmp_path, place):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError, match=r"is a file|cannot be written"):
        write_run(tmp_path / place, FEATURES)
    assert (tmp_path / "file").read_text() == "x"


def test_two_exports_into_one_run_do_not_meet(tmp_path):
    from exporters.run_files import RunFolder

    with RunFolder(tmp_path / "run", []), pytest.raises(ExportError, match="Another export is writing"):
        write_run(tmp_path / "run", FEATURES)
    assert not (tmp_path / "run").exists()


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    from exporters import run_files

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_files, "_sync", full)
    with pytest.raises(ExportError, match="No space left on device"):
        write_run(tmp_path / "logs" / "run", FEATURES)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
import numpy as np
from exporters import run_files, write_run
steps = int(sys.argv[2])
def step(function):
    def wrapped(*arguments, **settings):
        global steps
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **settings)
    return wrapped
for name in ("replace", "fsync"):
    setattr(os, name, step(getattr(os, name)))
run_files.Path.unlink = step(run_files.Path.unlink)
write_run(sys.argv[1], {"im": np.ones((3, 2))}, metadata={"sample_id": ["a", "b", "new"]})
"""


def test_a_killed_export_leaves_the_old_run_the_new_one_or_none_and_every_label(tmp_path, stock):
    run = tmp_path / "run"
    outcomes = set()
    for steps in range(60):
        write_run(run, FEATURES, metadata={"sample_id": list("abcde"), "label": ["A", "B", "C", "D", "E"]})
        done = subprocess.run([sys.executable, "-c", KILLED, str(run), str(steps)], check=False, timeout=60)
        if (run / "projector_config.pbtxt").exists():
            shapes = stock(tmp_path).tensors("run")
            assert shapes in ({"im": (5, 3), "pix": (5, 5)}, {"im": (3, 2)})
            assert len(read_metadata(run)) == shapes["im"][0]
            for name in shapes:
                assert stock(tmp_path).tensor("run", name).shape == shapes[name]
            outcomes.add(shapes["im"])
        else:
            outcomes.add(None)
        write_run(run, FEATURES, metadata={"sample_id": list("abcde")})
        assert [row["label"] for row in read_metadata(run)] == ["A", "B", "C", "D", "E"]
        assert not (run / ".exporting").exists()
        if done.returncode == 0:
            break
    assert done.returncode == 0
    assert outcomes == {(5, 3), None, (3, 2)}


def test_the_sprite_sheet_stays_within_8192_pixels():
    assert [grid_side(count) for count in (1, 2, 4, 5, 9, 10, 1369)] == [1, 2, 2, 3, 3, 4, 37]
    for count in (1, 3000, 16384, 16385, 100_000, 1_000_000):
        side = fitting_tile_side(count)
        assert 1 <= side <= 64
        assert side * grid_side(count) <= 8192
    with pytest.raises(ExportError, match="do not fit"):
        fitting_tile_side(8193**2)


def test_a_large_sheet_of_photographs_is_a_jpeg_whose_tiles_do_not_bleed(tmp_path, stock):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (64, 64, 3), dtype=np.uint8) for _ in range(1100)]
    pictures[5] = np.full((64, 64, 3), RED, np.uint8)
    write_run(tmp_path / "run", {"im": np.arange(1100.0)[:, None]}, images=pictures)
    assert stock(tmp_path).sprite("run", "im")[0] == "image/jpeg"
    assert np.abs(read_tiles(tmp_path / "run", 1100)[5].astype(int) - RED).max() <= 6


def test_a_memory_map_is_written_in_parts(tmp_path):
    rows = np.random.default_rng(0).normal(size=(5000, 3)).astype(np.float32)
    rows.tofile(tmp_path / "big.f4")
    write_run(tmp_path / "run", {"im": np.memmap(tmp_path / "big.f4", np.float32, shape=(5000, 3))})
    np.testing.assert_array_equal(read_tensor(tmp_path / "run", "im", 5000), rows)


def test_usage_errors_are_told_apart(tmp_path):
    with pytest.raises(ExportUsageError):
        write_run(tmp_path / "r", {"im": np.ones((2, 2))}, images="one.png")
