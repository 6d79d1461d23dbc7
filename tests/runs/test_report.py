"""What a run's export_report.json tells whoever looks at the run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters import write_run
from tb_tsne_plugin.runs.format import MADE_BY, REPORT_NAME
from tb_tsne_plugin.runs.report import (
    MAX_NOTE_LENGTH,
    MAX_NOTES,
    MAX_REPORT_BYTES,
    export_notes,
)

SKIPPED = [{"file": "b.png", "reason": "cannot be decoded"}, {"file": "c.png", "reason": "not a regular file"}]


def notes_of(folder: Path, **report: Any) -> list[str]:
    (folder / REPORT_NAME).write_text(json.dumps({"made_by": MADE_BY, **report}))
    return export_notes(folder)


def test_the_report_that_an_export_writes_is_read(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(picture)
    run = tmp_path / "run"
    write_run(run, {"x": np.zeros((2, 3), np.float32)}, images=[picture, picture], metadata={"sample_id": ["a", "b"]})
    assert export_notes(run) == []
    report = json.loads((run / REPORT_NAME).read_text())
    report["left_out"], report["notes"] = SKIPPED[:1], ["The images were scaled."]
    (run / REPORT_NAME).write_text(json.dumps(report))
    assert export_notes(run) == ["1 image was left out: b.png: cannot be decoded.", "The images were scaled."]


def test_what_was_left_out_is_counted_and_the_first_is_named(tmp_path: Path) -> None:
    (found,) = notes_of(tmp_path, left_out=SKIPPED)
    assert found == "2 images were left out, the first: b.png: cannot be decoded."
    passed = {".txt": 10, ".pdf": 2, "without a suffix": 1, ".doc": 1, ".none": 0}
    (found,) = notes_of(tmp_path, passed_over=passed)
    assert found == "14 files of other kinds were passed over: 10 .txt, 2 .pdf, 1 without a suffix and others."
    assert notes_of(tmp_path, passed_over={".txt": 1}) == ["1 file of another kind was passed over: 1 .txt."]


def test_what_a_later_version_adds_is_passed_over(tmp_path: Path) -> None:
    assert notes_of(tmp_path, notes=["A note."], later={"left_out": [1, "x"]}, files=3) == ["A note."]


def test_notes_are_few_short_lines_without_absolute_paths(tmp_path: Path) -> None:
    found = notes_of(tmp_path, left_out=SKIPPED, notes=["ab\n" * 1_000, *("note" for _ in range(1_000))])
    assert len(found) == MAX_NOTES
    assert max(len(note) for note in found) == MAX_NOTE_LENGTH + 1
    assert "\n" not in found[1]
    (short,) = notes_of(tmp_path, notes=["'/home/me/photos/a.png' and /srv/b.tif have 1/2 of it; see a/b/c."])
    assert short == "'a.png' and b.tif have 1/2 of it; see a/b/c."


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff",
        b"[]",
        b"{}",
        b'{"notes": ["not ours"]}',
        b'{"made_by": "tb-tsne", "notes": "one"}',
        b'{"made_by": "tb-tsne", "notes": ["\\ud800"]}',
        b'{"made_by": "tb-tsne", "notes": [1]}',
        b'{"made_by": "tb-tsne", "left_out": {"a": 1}}',
        b'{"made_by": "tb-tsne", "notes": ["cut sho',
        b"[" * 100_000,
        b'{"made_by": "tb-tsne", "notes": ["a"], "x": "' + b" " * MAX_REPORT_BYTES + b'"}',
    ],
    ids=lambda content: content[:40].decode("latin-1"),
)
def test_what_is_no_report_of_ours_tells_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / REPORT_NAME).write_bytes(content)
    assert export_notes(tmp_path) == []


def test_names_that_are_no_text_can_be_told(tmp_path: Path) -> None:
    report = {"made_by": MADE_BY, "left_out": [{"file": "\udcff.png", "reason": "broken"}]}
    (tmp_path / REPORT_NAME).write_bytes(json.dumps(report, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    (found,) = export_notes(tmp_path)
    assert found.encode().endswith(b".png: broken.")


def test_only_a_regular_file_of_the_runs_own_is_read(tmp_path: Path) -> None:
    assert export_notes(tmp_path) == []
    assert export_notes(tmp_path / "nowhere") == []
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert notes_of(elsewhere, notes=["Not this run's."])
    (tmp_path / REPORT_NAME).symlink_to(elsewhere / REPORT_NAME)
    assert export_notes(tmp_path) == []
    (tmp_path / REPORT_NAME).unlink()
    os.mkfifo(tmp_path / REPORT_NAME)
    assert export_notes(tmp_path) == []
