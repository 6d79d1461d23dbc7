"""The labels people give: a durable store with its history, and the ways in and out of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tb_tsne_plugin.labels.database import Database
from tb_tsne_plugin.labels.effort import Effort
from tb_tsne_plugin.labels.errors import Conflict, InvalidEdit, LabelError, LabelsBusy, LabelsNotStored, NothingToUndo
from tb_tsne_plugin.labels.model import ClassInfo, Edit, HistoryEntry, Look, Mark, NewClass, Operation, Snapshot, State
from tb_tsne_plugin.labels.store import LabelStore, local_author
from tb_tsne_plugin.runs.errors import RunError

if TYPE_CHECKING:
    from tb_tsne_plugin.workspace import LabelsPlaceUnknown, UnknownColumn, read_labels

__all__ = [
    "ClassInfo",
    "Conflict",
    "Database",
    "Edit",
    "Effort",
    "HistoryEntry",
    "InvalidEdit",
    "LabelError",
    "LabelStore",
    "LabelsBusy",
    "LabelsNotStored",
    "LabelsPlaceUnknown",
    "Look",
    "Mark",
    "NewClass",
    "NothingToUndo",
    "Operation",
    "RunError",
    "Snapshot",
    "State",
    "UnknownColumn",
    "local_author",
    "read_labels",
]


_ABOVE = ("LabelsPlaceUnknown", "UnknownColumn", "read_labels")
"""`read_labels`, and what it raises, know where labels live; that is above this layer."""


def __getattr__(name: str) -> Any:
    if name not in _ABOVE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("tb_tsne_plugin.workspace"), name)
