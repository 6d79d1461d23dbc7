"""A log dir as one place, which the HTTP handlers, every command and `read_labels` ask.

It knows the runs, where the labels and checkpoints of each live, the sessions, and what an edit sets in motion.
"""

from tb_tsne_plugin.workspace.errors import (
    FeaturesChanged,
    LabelsPlaceUnknown,
    NoSession,
    SessionNotStarted,
    TooLittleMemory,
    UnknownColumn,
    WorkspaceError,
)
from tb_tsne_plugin.workspace.label_stores import LabelStores
from tb_tsne_plugin.workspace.opening import open_workspace
from tb_tsne_plugin.workspace.reading import read_labels
from tb_tsne_plugin.workspace.workspace import Workspace

__all__ = [
    "FeaturesChanged",
    "LabelStores",
    "LabelsPlaceUnknown",
    "NoSession",
    "SessionNotStarted",
    "TooLittleMemory",
    "UnknownColumn",
    "Workspace",
    "WorkspaceError",
    "open_workspace",
    "read_labels",
]
