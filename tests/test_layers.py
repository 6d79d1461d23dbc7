"""Who may import whom (docs/architecture.md): read from the sources, so that a new module cannot slip through."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = "tb_tsne_plugin"
# What a run's files are, the door to them, and how labels, tables and names of others are taken: all of the plugin that
# exporters share.
CONTRACT = tuple(
    f"{PLUGIN}.runs.{name}"
    for name in ("folder", "format", "boxes", "class_names", "given_names", "given_tables", "sample_ids")
)

DOOR = CONTRACT[0]

# What a layer may import of our own, besides itself.
ALLOWED = {
    "cli": {
        "access",
        "exporters",
        "workspace",
        "datasets",
        "labels",
        "runs",
        "tsne",
        "guidance",
        "evaluation",
        "classifier",
        "passwords",
        "terminal",
        "__init__",
    },
    "loader": {"access", "plugin", "passwords", "web"},
    "plugin": {"web", "runs"},
    "web": {"access", "workspace", "datasets", "live", "labels", "runs", "tsne", "terminal", "__init__"},
    "access": {"runs", "terminal"},
    "workspace": {"live", "labels", "runs", "terminal"},
    "live": {"guidance", "tsne", "terminal"},
    "datasets": {"labels", "runs"},
    "labels": {"runs"},
    "runs": set(),
    "guidance": {"tsne"},
    "classifier": {"guidance", "runs", "__init__"},
    "evaluation": {"guidance", "tsne"},
    "tsne": set(),
    "exporters": {
        "exporters.shards",
        "exporters.prediction",
        "exporters.features",
        "exporters.run",
        "exporters.objects",
        "exporters.images",
        "exporters.errors",
    },
    "exporters.shards": {"exporters.prediction", "exporters.images", "exporters.errors"},
    "exporters.prediction": {"exporters.features", "exporters.images", "exporters.errors"},
    "exporters.features": {"exporters.images", "exporters.errors"},
    "exporters.run": {"exporters.images", "exporters.errors"},
    "exporters.objects": {"exporters.images", "exporters.errors"},
    "exporters.images": {"exporters.errors"},
    "exporters.errors": set(),
    "passwords": set(),
    "terminal": set(),
    "__init__": set(),
}
# Those that have files besides, and no runs: they take the door only.
TAKES_THE_DOOR = {"evaluation", "live"}
# `read_labels` knows where labels live, and has its public name one floor below.
PUBLIC_NAME = ("tb_tsne_plugin.labels.__init__", "tb_tsne_plugin.workspace")
BACKBONES = "exporters.features.backbones"
KERAS = {"exporters.features.devices", BACKBONES, "exporters.features.exemplar"}
HEAVY = {
    "tensorflow": {*KERAS, f"{PLUGIN}.evaluation.classifier"},
    "keras": {*KERAS, f"{PLUGIN}.evaluation.classifier"},
    "keras_hub": {f"{BACKBONES}.kerashub_scheme"},
    "onnx": {f"{PLUGIN}.classifier.model"},
    "onnxruntime": {f"{BACKBONES}.onnx_scheme", "exporters.prediction.classifier"},
    "torch": {f"{BACKBONES}.hf_scheme"},
    "transformers": {f"{BACKBONES}.hf_scheme"},
    "numba": {f"{PLUGIN}.tsne", f"{PLUGIN}.guidance"},
}


def modules() -> Iterator[tuple[str, Path]]:
    for package in (PLUGIN, "exporters"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path


def imports_of(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
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
        room = ".".join(parts[:2])
        return room if room in ALLOWED else "exporters"
    return parts[1] if len(parts) > 1 and (ROOT / PLUGIN / parts[1]).exists() else _file_layer(parts)


def _file_layer(parts: list[str]) -> str:
    return parts[1] if len(parts) > 1 and (ROOT / PLUGIN / f"{parts[1]}.py").exists() else "__init__"


def may_import(module: str, imported: str) -> bool:
    """Whether a module of ours may import another."""
    if module.startswith("exporters") and imported.startswith(PLUGIN):
        return imported in CONTRACT or imported.startswith(tuple(f"{shared}." for shared in CONTRACT))
    own, layer = layer_of(module), layer_of(imported)
    if own in TAKES_THE_DOOR and imported.startswith(DOOR):
        return True
    return layer == own or layer in ALLOWED[own]


@pytest.mark.parametrize(("module", "path"), [pytest.param(*found, id=found[0]) for found in modules()])
def test_module_imports_only_layers_below_it(module: str, path: Path) -> None:
    for imported in imports_of(path):
        assert imported != "relative import", "imports name the whole path"
        if module == PUBLIC_NAME[0] and imported.startswith(PUBLIC_NAME[1]):
            continue
        if imported.split(".")[0] in (PLUGIN, "exporters"):
            assert may_import(module, imported), f"{module} imports {imported}"
        for heavy, homes in HEAVY.items():
            if imported.split(".")[0] == heavy:
                assert any(module == home or module.startswith(home + ".") for home in homes), f"{module}: {imported}"


def test_exporters_know_of_the_plugin_what_a_runs_files_are_and_nothing_else() -> None:
    allowed = {name for name, _ in modules() if name.startswith(PLUGIN) and may_import("exporters.run.writer", name)}
    assert allowed == set(CONTRACT)
    assert not may_import("exporters.run.writer", f"{PLUGIN}.runs")


def test_what_both_halves_share_needs_the_standard_library_only() -> None:
    for shared in CONTRACT:
        path = ROOT / Path(*shared.split(".")).with_suffix(".py")
        of_ours = {imported for imported in imports_of(path) if imported.startswith(PLUGIN)}
        assert all(imported.startswith(CONTRACT) for imported in of_ours)
        assert {imported.split(".")[0] for imported in imports_of(path)} <= {*sys.stdlib_module_names, PLUGIN}


def test_exporters_import_each_other_in_no_circle() -> None:
    known = {name.removesuffix(".__init__"): path for name, path in modules() if name.startswith("exporters")}
    graph = {name: known.keys() & set(imports_of(path)) - {name} for name, path in known.items()}
    assert any(graph.values())
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize(
    ("package", "loads"), [("exporters", {"exporters"}), (f"{PLUGIN}.cli", {PLUGIN, "click"})], ids=["exporters", "cli"]
)
def test_nothing_is_loaded_before_it_is_used(package: str, loads: set[str]) -> None:
    code = (
        f"import sys; before = set(sys.modules); import {package};"
        "print(*({name.split('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(found.stdout.split()) == loads


@pytest.mark.parametrize("file", ["tb_tsne_entry.py", f"{PLUGIN}/loader.py", f"{PLUGIN}/plugin.py"])
def test_what_tensorboard_loads_at_start_imports_nothing_that_could_be_missing(file: str) -> None:
    found = list(imports_of(ROOT / file, top_level_only=True))
    assert found
    for imported in found:
        top = imported.split(".")[0]
        assert top in sys.stdlib_module_names or imported.startswith(("tensorboard.plugins", f"{PLUGIN}.plugin")), (
            imported
        )


def test_entry_point_loads_no_heavy_library() -> None:
    code = (
        "import tb_tsne_entry, sys;"
        "heavy = {'numba', 'tensorflow', 'keras', 'sqlalchemy', 'pandas', 'scipy', 'sklearn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_serving_loads_neither_numba_nor_tensorflow() -> None:
    code = (
        f"import {PLUGIN}.web.from_flags, sys;print([m for m in ('numba', 'tensorflow', 'keras') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
