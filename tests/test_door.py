"""Files in somebody's folder are reached through one door (`runs/folder.py`): no other call that opens or changes one.

Read from the sources. What remains is listed here, with the reason why it is no file of a run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_layers import ROOT, modules

DOOR = "tb_tsne_plugin.runs.folder"
CHANGING = {
    "os": {
        *("chmod", "chown", "link", "makedirs", "mkdir", "mkfifo", "mknod", "open", "remove", "removedirs", "rename"),
        *("renames", "replace", "rmdir", "symlink", "truncate", "unlink", "utime"),
    },
    "shutil": {"copy", "copy2", "copyfile", "copymode", "copystat", "copytree", "move", "rmtree", "unpack_archive"},
    "tempfile": {"NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile", "mkdtemp", "mkstemp"},
    "sqlite3": {"connect"},
    "zipfile": {"ZipFile"},
    "np": {"fromfile", "genfromtxt", "load", "loadtxt", "memmap", "save", "savetxt", "savez", "savez_compressed"},
    "Image": {"open"},
}
"""Functions that take a path, by the name of their module here."""
METHODS = {
    *("hardlink_to", "mkdir", "open", "read_bytes", "read_text", "rename", "rmdir", "savefig", "symlink_to", "tofile"),
    *("touch", "unlink", "write_bytes", "write_text"),
}
"""Methods of paths (and of what else has them); `replace` is text's as well, and is looked for with one argument."""

OPEN_FILE = "it is given a file that was opened through the door"
USERS_FILE = "a file or folder that the user names on the command line"
IMAGES = "the user's images"
MODEL = "a network that the user names, or what lies beside it"
OPTIONS = "`RunOptions.open`, which opens no file"
SQLITE = "SQLite opens files by name; they are looked at first, through the door"
NAMELESS = "a file of ours without a name, which the worker inherits"
ELSEWHERE: dict[str, dict[str, str]] = {
    "tb_tsne_plugin.cli.embed": {".open": OPTIONS},
    "tb_tsne_plugin.cli.evaluate": {".mkdir": USERS_FILE},
    "tb_tsne_plugin.cli.label_export": {".open": OPTIONS},
    "tb_tsne_plugin.cli.label_import": {".open": OPTIONS},
    "tb_tsne_plugin.cli.label_agreement": {".open": OPTIONS},
    "tb_tsne_plugin.cli.label_tables": {".open": OPTIONS},
    "tb_tsne_plugin.cli.labeled": {".open": OPTIONS},
    "tb_tsne_plugin.cli.output": {"os.open": "/dev/null"},
    "tb_tsne_plugin.datasets.given_files": {".open": USERS_FILE},
    "tb_tsne_plugin.datasets.zipped": {"zipfile.ZipFile": "into memory"},
    "tb_tsne_plugin.evaluation.plots": {".savefig": "into memory"},
    "tb_tsne_plugin.labels.earlier": {"sqlite3.connect": "in memory"},
    "tb_tsne_plugin.labels.migrations": {"sqlite3.connect": SQLITE},
    "tb_tsne_plugin.labels.store_file": {"sqlite3.connect": SQLITE},
    "tb_tsne_plugin.live.checkpoint": {"np.savez": "into memory", "zipfile.ZipFile": OPEN_FILE},
    "tb_tsne_plugin.live.memory": {".read_text": "what the system says about memory"},
    "tb_tsne_plugin.live.preparation": {"np.memmap": NAMELESS},
    "tb_tsne_plugin.live.runner": {"open": NAMELESS},
    "tb_tsne_plugin.live.session": {"tempfile.TemporaryFile": NAMELESS, ".open": "`Source.open`"},
    "tb_tsne_plugin.live.source": {"tempfile.TemporaryFile": NAMELESS, ".tofile": NAMELESS},
    "tb_tsne_plugin.runs.checkpoints": {"np.fromfile": OPEN_FILE},
    "tb_tsne_plugin.runs.run": {"np.fromfile": OPEN_FILE},
    "tb_tsne_plugin.runs.tensors": {"np.fromfile": OPEN_FILE, "np.loadtxt": OPEN_FILE},
    "exporters.arrays": {".read_bytes": IMAGES},
    "exporters.backbones": {".read_bytes": "what lies in Hugging Face's cache"},
    "exporters.features.backbones.hf_hub": {".read_text": MODEL},
    "exporters.features.backbones.onnx_scheme": {".open": MODEL, ".read_bytes": MODEL},
    "exporters.features.checkpoint": {
        **{"np.load": OPEN_FILE, "np.savez": OPEN_FILE, "zipfile.ZipFile": OPEN_FILE},
        "tempfile.TemporaryFile": "a file of ours without a name",
    },
    "exporters.features.turned": {"np.memmap": OPEN_FILE},
    "exporters.features.devices": {"os.open": "/dev/null"},
    "exporters.first_labels": {".read_bytes": USERS_FILE},
    "exporters.images.cifar": {".open": IMAGES},
    "exporters.images.decode": {".read_bytes": IMAGES},
    "exporters.images.headers": {".open": IMAGES},
    "exporters.images.in_memory": {"np.load": IMAGES, "zipfile.ZipFile": IMAGES},
    "exporters.images.listing": {".open": IMAGES, ".read_bytes": IMAGES},
    "exporters.images.remote": {".open": IMAGES},
    "exporters.images.parquet": {".open": "`Storage.open`, which goes through the door here"},
    "exporters.images.slides": {".open": IMAGES},
    "exporters.images.storage": {".open": "a file behind an address"},
    "exporters.images.tables": {".read_bytes": USERS_FILE},
    "exporters.images.tiff_slide": {".open": IMAGES},
    "exporters.images.vendor_slide": {".open": IMAGES},
    "exporters.objects.files": {".open": USERS_FILE},
    "exporters.prediction.features_file": {"np.load": USERS_FILE},
    "exporters.run.archive": {"zipfile.ZipFile": OPEN_FILE},
    "exporters.run.folder": {
        ".mkdir": "the folder that the user names for the run, and those above it",
        ".rmdir": "the same, where no run came about",
    },
    "exporters.run.picture_file": {"np.memmap": OPEN_FILE},
    "exporters.run.standing": {"zipfile.ZipFile": OPEN_FILE, "Image.open": OPEN_FILE},
    "exporters.shards.folder": {".open": "`Storage.open`, which goes through the door here"},
    "exporters.serve": {".open": "a URL"},
}
"""Calls that are not about files of a run, by module: what is called, and why it may be."""


FOLDERS = ("folder", "scratch", "run")
"""What a `Folder` is called where its methods are used."""


def calls(source: str) -> Iterator[tuple[int, str]]:
    """Every call that may open, make, rename or remove a file: its line, and what is called."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id="open"):
                yield node.lineno, "open"
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name in CHANGING.get(module, ()):
                yield node.lineno, f"{module}.{name}"
            case ast.Attribute(attr="replace") if len(node.args) == 1 and not node.keywords:
                yield node.lineno, ".replace"
            case ast.Attribute(attr=name) if name in METHODS and not _of_a_folder(node.func):
                yield node.lineno, f".{name}"


def _of_a_folder(function: ast.Attribute) -> bool:
    """Whether it is a method of a `Folder`: by what it is called, or made, here."""
    match function.value:
        case ast.Call(func=ast.Name(id="Folder")):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").endswith(FOLDERS)
    return False


@pytest.mark.parametrize(("module", "path"), [pytest.param(*found, id=found[0]) for found in modules()])
def test_files_are_reached_through_the_door(module: str, path: Path) -> None:
    if module == DOOR:
        return
    found = [(line, call) for line, call in calls(path.read_text("utf-8")) if call not in ELSEWHERE.get(module, {})]
    assert not found, f"{path.relative_to(ROOT)}: {found}"


def test_nothing_is_let_pass_that_is_not_there() -> None:
    there = {module: {call for _, call in calls(path.read_text("utf-8"))} for module, path in modules()}
    assert not {
        (module, call) for module, allowed in ELSEWHERE.items() for call in allowed if call not in there[module]
    }


@pytest.mark.parametrize(
    "line",
    [
        "open(path)",
        "path.open()",
        "(folder / 'x').open('wb')",
        "os.replace(a, b)",
        "path.replace(other)",
        "path.unlink(missing_ok=True)",
        "path.write_text('x')",
        "shutil.rmtree(folder)",
        "sqlite3.connect(path)",
        "np.savez(path, x=x)",
    ],
)
def test_a_call_past_the_door_is_found(line: str) -> None:
    assert [call for _, call in calls(line)]


@pytest.mark.parametrize(
    "line", ["Folder(path).open('x')", "self._folder.rename('a', 'b')", "'text'.replace('a', 'b')", "webbrowser.get()"]
)
def test_the_door_itself_and_texts_are_let_pass(line: str) -> None:
    assert not list(calls(line))
