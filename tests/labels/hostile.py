"""Folders as somebody who means harm would send them."""

from __future__ import annotations

import itertools
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from tb_tsne_plugin.labels import LabelError, LabelStore, Operation
from tb_tsne_plugin.labels.model import AddClass, DeleteClass, MergeClass

_numbers = itertools.count()
MAGIC = bytes.fromhex("d9d505f920a163d7")

READS: dict[str, Callable[[LabelStore], object]] = {
    "exists": lambda store: store.exists,
    "columns": LabelStore.columns,
    "snapshot": LabelStore.snapshot,
    "revision": LabelStore.revision,
    "label revisions": LabelStore.label_revisions,
    "all changes": lambda store: store.changes_since(0),
    "changes": lambda store: store.changes_since(1),
    "history": lambda store: store.history(500),
    "looks": LabelStore.looks,
    "effort": LabelStore.effort,
    "an import's plan": lambda store: store.planned_import({"s1": "ant", "s2": "new"}, only_unlabeled=False),
}
"""Every way to read a store."""


def _operation(store: LabelStore) -> Operation:
    with suppress(LabelError):
        return Operation(f"hostile-operation-{next(_numbers)}", store.revision(), "ann")
    return Operation(f"hostile-operation-{next(_numbers)}", 1, "ann")


EDITS: dict[str, Callable[[LabelStore], object]] = {
    "create": lambda store: store.create({"s1": "ant"}),
    "apply": lambda store: store.apply(_operation(store), 1, ["s1", "s7"], only_unlabeled=False),
    "set aside": lambda store: store.apply(_operation(store), None, ["s2", "s8"], state="unsure", only_unlabeled=False),
    "undo": lambda store: store.undo(_operation(store)),
    "redo": lambda store: store.redo(_operation(store)),
    "restore": lambda store: store.restore(_operation(store), 1),
    "add": lambda store: store.change_classes(_operation(store), AddClass("wasp")),
    "merge": lambda store: store.change_classes(_operation(store), MergeClass(1, 2)),
    "delete": lambda store: store.change_classes(_operation(store), DeleteClass(1)),
    "import": lambda store: store.import_labels(_operation(store), {"s3": "new"}, source="a table"),
}
"""Every way to change one."""


def journal(named: Path, pages: int, page_size: int = 4096) -> bytes:
    """A rollback journal without a page to play back, that names a super-journal."""
    header = MAGIC + struct.pack(">IIIII", 0, 1, pages, 512, page_size)
    name = str(named).encode()
    tail = struct.pack(">I", 1 << 18) + name + struct.pack(">II", len(name), sum(name)) + MAGIC
    return header.ljust(512, b"\0") + tail


def plant_journal(store: Path, named: Path) -> None:
    """Puts such a journal beside a store."""
    pages = store.stat().st_size // 4096
    store.with_name(f"{store.name}-journal").write_bytes(journal(named, pages))


def other_program(path: Path, *statements: str) -> Path:
    """A database that is not ours."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements or ("CREATE TABLE places (url TEXT)", "INSERT INTO places VALUES ('here')"):
            connection.execute(statement)
    return path


def change(path: Path, *statements: str) -> None:
    """Changes a store as no version of ours would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def everything(folder: Path) -> dict[str, bytes | str | None]:
    """All that is in a folder: contents of files, targets of links."""
    found: dict[str, bytes | str | None] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = str(path.readlink())
        else:
            found[name] = path.read_bytes() if path.is_file() else None
    return found
