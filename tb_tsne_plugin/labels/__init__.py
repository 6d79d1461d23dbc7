"""The labels people give: a durable store with its history, and the ways in and out of it."""

from __future__ import annotations

from tb_tsne_plugin.labels.database import Database
from tb_tsne_plugin.labels.edits import ClassInfo, Edit, HistoryEntry, Snapshot
from tb_tsne_plugin.labels.errors import Conflict, InvalidEdit, LabelError, LabelsBusy, LabelsNotStored, NothingToUndo
from tb_tsne_plugin.labels.reading import read_labels
from tb_tsne_plugin.labels.store import LabelStore
from tb_tsne_plugin.labels.transaction import NewClass, Operation, local_author

__all__ = [
    "ClassInfo",
    "Conflict",
    "Database",
    "Edit",
    "HistoryEntry",
    "InvalidEdit",
    "LabelError",
    "LabelStore",
    "LabelsBusy",
    "LabelsNotStored",
    "NewClass",
    "NothingToUndo",
    "Operation",
    "Snapshot",
    "local_author",
    "read_labels",
]
