"""A label store to edit."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.store import Operation

_numbers = itertools.count()


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    """An empty store with the classes ant (1) and bee (2): revision 2."""
    found = LabelStore(tmp_path / "labels.sqlite")
    found.create({})
    for name in ("ant", "bee"):
        found.change_classes(operation(found), "add", {"name": name})
    return found


def operation(store: LabelStore, base: int | None = None, op_id: str | None = None) -> Operation:
    """A new operation, based on the current revision unless told otherwise."""
    return Operation(op_id or f"operation-{next(_numbers)}", store.revision() if base is None else base, "ann")
