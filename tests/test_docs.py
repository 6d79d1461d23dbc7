"""Documents say what is there: every route, flag, command and option, and nothing that is not."""

from __future__ import annotations

import argparse
import importlib
import re
from pathlib import Path
from typing import get_args

import click
import pytest

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.loader import Loader
from tb_tsne_plugin.web.messages import ErrorCode
from tb_tsne_plugin.web.routes import ROUTES

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
API = (ROOT / "docs" / "http_api.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "demo_logs" / "README.md"])


def test_every_route_has_its_heading_with_its_method() -> None:
    expected = {f"{route.method} {re.sub(r'<(.*)>', r'*', route.path[1:])}" for route in ROUTES}
    assert set(re.findall(r"^### ((?:GET|POST) \S+)$", API, flags=re.MULTILINE)) == expected


def test_every_error_code_is_in_the_table() -> None:
    table = API.split("| status | codes |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) == set(get_args(ErrorCode))


def test_every_flag_is_in_the_guide() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    Loader().define_flags(parser)
    flags = [option for action in parser._actions for option in action.option_strings]
    assert len(flags) == 8
    for flag in flags:
        assert f"`{flag}" in GUIDE, flag


def commands(group: click.Group = cli, above: str = "") -> dict[str, click.Command]:
    """Every command by the words that call it."""
    found = {}
    for name, command in group.commands.items():
        below = commands(command, f"{above}{name} ") if isinstance(command, click.Group) else {above + name: command}
        found.update(below)
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_is_in_the_guide(name: str) -> None:
    assert f"### tb-tsne {name}\n" in GUIDE
    section = GUIDE.split(f"### tb-tsne {name}")[1].split("\n### ")[0].split("\n## ")[0]
    for parameter in commands()[name].params:
        if isinstance(parameter, click.Option) and parameter.name != "verbose":
            assert f"`{parameter.opts[0]}" in section, parameter.opts[0]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (document.parent / target).exists(), target


def test_every_picture_is_shown_somewhere() -> None:
    there = {each.name for each in (ROOT / "docs" / "images").iterdir()}
    texts = [document.read_text(encoding="utf-8") for document in DOCUMENTS]
    assert {name for text in texts for name in re.findall(r"\]\((?:docs/)?images/([^)#]+)", text)} == there


def test_functions_that_the_algorithm_page_names_exist() -> None:
    text = (ROOT / "docs" / "algorithm.md").read_text(encoding="utf-8")
    named = [found for found in re.findall(r"`(\w+)\.(\w+)(?:\.(\w+))?`", text) if found[0] != "tb_tsne_plugin"]
    assert len(named) >= 12
    for module, name, attribute in named:
        found = getattr(importlib.import_module(f"tb_tsne_plugin.tsne.{module}"), name)
        assert not attribute or hasattr(found, attribute), f"{module}.{name}.{attribute}"


def test_tests_that_the_guide_names_exist() -> None:
    table = GUIDE.split("## What the page does, and what shows it")[1]
    for file in re.findall(r"`(\w+/[\w/]+\.test\.tsx?)`", table):
        assert (ROOT / "projector_frontend" / "test" / file).exists(), file
    browser_tests = "\n".join(path.read_text() for path in (ROOT / "tests" / "e2e").glob("test_*.py"))
    named = [name for names in re.findall(r"e2e ((?:`\w+…?`(?:, )?)+)", table) for name in re.findall(r"`(\w+)", names)]
    assert len(named) >= 25
    for name in named:
        assert f"def test_{name}" in browser_tests, name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_exist(document: Path) -> None:
    for file in re.findall(
        r"`((?:docs|tests|benchmarks|tb_tsne_plugin|exporters|projector_frontend)/[\w/.]*)`", document.read_text()
    ):
        assert (ROOT / file).exists(), file
