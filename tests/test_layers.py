"""Who may import whom (docs/architecture.md): read from the sources, so that a new module cannot slip through."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = "tb_tsne_plugin"

# What a layer may import of our own, besides itself.
ALLOWED = {
    "cli": {"exporters", "plugin", "web", "live", "labels", "runs", "tsne", "guidance", "evaluation", "__init__"},
    "loader": {"plugin"},
    "plugin": {"web", "runs"},
    "web": {"live", "labels", "runs", "guidance", "tsne", "__init__"},
    "live": {"guidance", "tsne"},
    "labels": {"runs"},
    "runs": set(),
    "guidance": {"tsne"},
    "evaluation": {"guidance", "tsne"},
    "tsne": set(),
    "exporters": set(),
    "__init__": set(),
}
HEAVY = {
    "tensorflow": {"exporters.devices", "exporters.backbones", "exporters.exemplar", f"{PLUGIN}.evaluation.classifier"},
    "keras": {"exporters.devices", "exporters.backbones", "exporters.exemplar", f"{PLUGIN}.evaluation.classifier"},
    "numba": {f"{PLUGIN}.tsne", f"{PLUGIN}.guidance"},
}


def modules() -> Iterator[tuple[str, Path]]:
    for package in (PLUGIN, "exporters"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path


def imports_of(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    nodes = ast.iter_child_nodes(tree) if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "relative import"


def layer_of(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "exporters":
        return "exporters"
    return parts[1] if len(parts) > 1 and (ROOT / PLUGIN / parts[1]).exists() else _file_layer(parts)


def _file_layer(parts: list[str]) -> str:
    return parts[1] if len(parts) > 1 and (ROOT / PLUGIN / f"{parts[1]}.py").exists() else "__init__"


@pytest.mark.parametrize(("module", "path"), [pytest.param(*found, id=found[0]) for found in modules()])
def test_module_imports_only_layers_below_it(module: str, path: Path) -> None:
    own = layer_of(module)
    for imported in imports_of(path):
        assert imported != "relative import", "imports name the whole path"
        if imported.split(".")[0] in (PLUGIN, "exporters"):
            layer = layer_of(imported)
            assert layer == own or layer in ALLOWED[own], f"{module} ({own}) imports {imported} ({layer})"
        for heavy, homes in HEAVY.items():
            if imported.split(".")[0] == heavy:
                assert any(module == home or module.startswith(home + ".") for home in homes), f"{module}: {imported}"


@pytest.mark.parametrize("name", ["loader", "plugin"])
def test_what_tensorboard_loads_at_start_imports_nothing_that_could_be_missing(name: str) -> None:
    for imported in imports_of(ROOT / PLUGIN / f"{name}.py", top_level_only=True):
        top = imported.split(".")[0]
        assert top in sys.stdlib_module_names or imported.startswith(("tensorboard.plugins", f"{PLUGIN}.plugin")), (
            imported
        )


def test_entry_point_loads_no_heavy_library() -> None:
    code = (
        f"import {PLUGIN}.loader, sys;"
        "heavy = {'numba', 'tensorflow', 'keras', 'sqlalchemy', 'pandas', 'scipy', 'sklearn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_serving_loads_neither_numba_nor_tensorflow() -> None:
    code = (
        f"import {PLUGIN}.web.application, {PLUGIN}.web.labels, {PLUGIN}.web.runs, {PLUGIN}.web.session, sys;"
        "print([m for m in ('numba', 'tensorflow', 'keras') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
