"""What is public is what docs/public.md lists: nothing is exported by accident, and nothing goes away unseen."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import get_origin

import pytest

from tb_tsne_plugin import __version__

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "public.md").read_text()
PYTHON = DOCUMENT.split("\n## Python\n")[1].split("\n## ")[0]
LISTED = {
    section.split("\n")[0]: re.findall(r"`(\w+)`", section.partition("\n")[2]) for section in PYTHON.split("\n### ")[1:]
}
PACKAGES = ("tb_tsne_plugin", "tb_tsne_plugin.labels", "tb_tsne_plugin.tsne", "tb_tsne_plugin.evaluation", "exporters")


def test_every_public_package_is_listed() -> None:
    assert tuple(LISTED) == PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_exports_what_is_listed(package: str) -> None:
    assert importlib.import_module(package).__all__ == LISTED[package]


@pytest.mark.parametrize(("package", "name"), [(package, name) for package in LISTED for name in LISTED[package]])
def test_a_listed_name_can_be_imported_and_is_described(package: str, name: str) -> None:
    found = getattr(importlib.import_module(package), name)
    is_class = inspect.isclass(found) and get_origin(found) is None  # and no type such as Callable[..., int]
    if is_class or inspect.isfunction(found):
        assert found.__module__.startswith(package.partition(".")[0])
        assert found.__doc__


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_nothing_of_ours_that_it_does_not_export(package: str) -> None:
    tree = ast.parse((ROOT / package.replace(".", "/") / "__init__.py").read_text())
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in ("tb_tsne_plugin", "exporters"):
            names |= {alias.asname or alias.name for alias in node.names}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    public = {name for name in names if not name.startswith("_")}
    assert public <= set(LISTED[package])


@pytest.mark.parametrize("package", PACKAGES)
def test_names_are_sorted_constants_first_then_classes_then_functions(package: str) -> None:
    def order(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

    assert LISTED[package] == sorted(set(LISTED[package]), key=order)


def test_the_version_is_said_in_one_place_and_the_citation_agrees() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert 'dynamic = ["version"]' in pyproject
    assert not re.search(r"^version = \"", pyproject, flags=re.MULTILINE)
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert '"version"' not in (ROOT / "projector_frontend" / "package.json").read_text()
