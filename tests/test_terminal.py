"""What is logged about files of anybody moves no terminal's cursor and fills no clipboard."""

from __future__ import annotations

import ast
import logging
from pathlib import Path
from typing import Any

import pytest

import tb_tsne_plugin
from tests.builders import make_run
from tests.test_cli_output import EVIL
from tests.web.conftest import Api


def test_a_run_of_any_name_and_what_it_raises_are_logged_harmlessly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read(*_: Any) -> Any:
        raise ValueError(f"odd: {EVIL}")

    monkeypatch.setattr("tb_tsne_plugin.runs.run.read_metadata", read)
    make_run(tmp_path / f"run{EVIL}")
    api = Api(tmp_path)
    assert "cannot be read" in api.get("runs").text
    assert api.get("samples", run=f"run{EVIL}", tensor="im").status_code == 500
    api.close()
    assert len(caplog.records) == 2
    for record in caplog.records:
        logged = logging.Formatter().format(record)
        assert "Traceback" in logged
        assert r"odd: \x1b]52;c;" in logged
        assert all(character.isprintable() or character == "\n" for character in logged)


def test_every_logger_is_made_so() -> None:
    package = Path(tb_tsne_plugin.__file__).parent
    made = 0
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                made += called == "logger_named"
                assert not called.startswith("logging.") or path.name == "terminal.py", f"{path.name}:{node.lineno}"
    assert made >= 3
