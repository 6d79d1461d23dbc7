"""The examples of documents do what they show: files are written, commands and Python are run, in their order."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from tb_tsne_plugin.cli import cli

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    kind: str
    title: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "least"), [("formats.md", 10), ("objects.md", 3)])
def test_examples_do_what_they_show(page: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    tried = 0
    for block in blocks(page):
        if block.title:
            Path(block.title).parent.mkdir(exist_ok=True)
            Path(block.title).write_text(block.text, encoding="utf-8")
        elif block.kind == "pycon":
            tried += _run_python(block.text, names, page)
        else:
            assert block.kind == "console", block
            tried += _run_commands(block.text)
    assert tried >= least


def _run_python(text: str, names: dict[str, object], page: str) -> int:
    example = doctest.DocTestParser().get_doctest(text, names, page, str(DOCS / page), 0)
    said: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=said.append, clear_globs=False)
    names.update(example.globs)
    assert result.failed == 0, "".join(said)
    return result.attempted


def _run_commands(text: str) -> int:
    """Runs the line of a command and compares all that it prints; `…` stands for anything."""
    first, *expected = text.splitlines()
    program, *arguments = shlex.split(first.removeprefix("$ "))
    assert program == "tb-tsne"
    done = CliRunner().invoke(cli, arguments)
    lines = done.output.splitlines()
    assert len(lines) == len(expected), done.output
    for line, shown in zip(lines, expected, strict=True):
        assert re.fullmatch(re.escape(shown).replace("…", ".*"), line), done.output
    return 1
