from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from exporters import ExportError, write_run
from tb_tsne_plugin.runs.folder import Folder
from tests.exporters.conftest import Stock
from tests.exporters.drawn import read_metadata

FEATURES = {"im": np.arange(15.0).reshape(5, 3) + 0.1, "pix": np.eye(5) + 0.3}


def test_a_foreign_run_is_not_touched_but_other_files_do_not_matter(tmp_path: Path) -> None:
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


def test_a_report_cannot_make_an_export_remove_other_files(tmp_path: Path) -> None:
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
def test_a_target_that_cannot_be_written_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError, match=r"is a file|cannot be written"):
        write_run(tmp_path / place, FEATURES)
    assert (tmp_path / "file").read_text() == "x"


def test_two_exports_into_one_run_do_not_meet(tmp_path: Path) -> None:
    from exporters.run.folder import RunFolder

    with RunFolder(tmp_path / "run", []), pytest.raises(ExportError, match="Another export is writing"):
        write_run(tmp_path / "run", FEATURES)
    assert not (tmp_path / "run").exists()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from exporters.run import folder

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "sync", full)
    with pytest.raises(ExportError, match="No space left on device"):
        write_run(tmp_path / "logs" / "run", FEATURES)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
import numpy as np
from pathlib import Path
from exporters import write_run
steps = int(sys.argv[2])
def step(function):
    def wrapped(*arguments, **settings):
        global steps
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **settings)
    return wrapped
for name in ("rename", "unlink", "fsync"):
    setattr(os, name, step(getattr(os, name)))
write_run(sys.argv[1], {"im": np.ones((3, 2))}, metadata={"sample_id": ["a", "b", "new"]})
"""


@pytest.mark.slow
def test_a_killed_export_leaves_the_old_run_the_new_one_or_none_and_every_label(tmp_path: Path, stock: Stock) -> None:
    run = tmp_path / "run"
    outcomes: set[tuple[int, ...] | None] = set()
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


# As the first exports wrote it; this one also has words that nobody knows any more.
EARLIER_REPORT = """{"made_by": "tb-tsne", "images": 3, "tensors": {"old": [3, 2]}, "settings": {"made by": "x"},
"left_out": [{"file": "b\\udcff.png", "reason": "empty file"}], "labels_kept": 1, "labels_orphaned": 2, "notes": ["n"],
"forgotten": 7, "files": ["export_report.json", "old.bytes", "tiles/0000.jpg", "projector_config.pbtxt"]}"""


def test_a_run_of_an_earlier_export_is_understood_and_replaced(tmp_path: Path) -> None:
    from exporters.run.report import read_summary

    (tmp_path / "tiles").mkdir()
    for name in ("old.bytes", "tiles/0000.jpg", "projector_config.pbtxt", "other.bytes"):
        (tmp_path / name).touch()
    (tmp_path / "export_report.json").write_text(EARLIER_REPORT)
    summary = read_summary(Folder(tmp_path))
    assert (summary.images, summary.labels_kept, summary.labels_orphaned, summary.notes) == (3, 1, 2, ["n"])
    assert summary.skipped == [("b\udcff.png", "empty file")]
    write_run(tmp_path, FEATURES)
    assert not (tmp_path / "old.bytes").exists()
    assert not (tmp_path / "tiles").exists()
    assert (tmp_path / "other.bytes").exists()  # None of an export's.


def test_a_report_tells_what_was_written_in_the_words_of_earlier_ones(tmp_path: Path) -> None:
    write_run(tmp_path / "run", FEATURES, settings={"made by": "me"})
    report = json.loads((tmp_path / "run" / "export_report.json").read_text())
    assert set(report) == set(json.loads(EARLIER_REPORT)) - {"forgotten"} | {
        "passed_over",
        "not_drawn",
        "found",
        "more_left_out",
    }
    assert report["tensors"] == {"im": [5, 3], "pix": [5, 5]}
    assert report["settings"] == {"made by": "me"}


def test_a_link_for_our_folders_is_refused_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "0000.jpg").write_text("precious")
    for name in (".exporting", "tiles"):
        run = tmp_path / name.strip(".")
        write_run(run, FEATURES)
        before = (run / "projector_config.pbtxt").read_text()
        (run / name).symlink_to(photos)
        with pytest.raises(ExportError, match=rf"cannot be written \({name} is a link, and links are not followed"):
            write_run(run, FEATURES)
        assert [(path.name, path.read_text()) for path in photos.iterdir()] == [("0000.jpg", "precious")]
        assert (run / "projector_config.pbtxt").read_text() == before


def test_labels_that_cannot_be_read_stop_an_export_before_it_begins(tmp_path: Path) -> None:
    write_run(tmp_path, FEATURES)
    (tmp_path / "metadata.tsv").unlink()
    os.mkfifo(tmp_path / "metadata.tsv")
    with pytest.raises(ExportError, match=r"metadata.tsv is no regular file"):
        write_run(tmp_path, FEATURES)
    (tmp_path / "metadata.tsv").unlink()
    (tmp_path / "metadata.tsv").touch()
    os.truncate(tmp_path / "metadata.tsv", 2**34)
    with pytest.raises(ExportError, match=r"over the limit of 256 MiB.* Its labels would be lost: repair it or move"):
        write_run(tmp_path, FEATURES)


@pytest.mark.parametrize("content", [b"", b"7", b"[" * 10**5, b"\xff", b'{"made_by": 1}', b"9" * 5000, b"null"])
def test_a_report_may_hold_anything(tmp_path: Path, content: bytes) -> None:
    from exporters.run.report import read_files, read_summary

    (tmp_path / "export_report.json").write_bytes(content)
    assert read_files(Folder(tmp_path)) is None
    with pytest.raises(ExportError, match="start over without --resume"):
        read_summary(Folder(tmp_path))
