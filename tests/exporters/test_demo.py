"""The demo's run in a log dir that was there before."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from exporters import ExportError
from exporters.demo import write_demo


def test_a_link_for_the_demos_run_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "digits").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="digits is a link, and links are not followed here: choose another --logdir"):
        write_demo(tmp_path / "logs")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_a_report_says_makes_no_demo_of_another_folder(tmp_path: Path) -> None:
    run = tmp_path / "digits"
    run.mkdir()
    (run / "projector_config.pbtxt").write_text("")
    report = {"made_by": "tb-tsne", "files": ["projector_config.pbtxt", "../../etc/passwd", "a\0b", "\ud800"]}
    (run / "export_report.json").write_text(json.dumps(report))
    assert write_demo(tmp_path) == (run, True)
    assert write_demo(tmp_path) == (run, False)


def test_a_log_dir_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="file cannot be read"):
        write_demo(tmp_path / "file")
    os.mkfifo(tmp_path / "digits")
    with pytest.raises(ExportError, match="digits is a file"):
        write_demo(tmp_path)
