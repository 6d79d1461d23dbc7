"""Why an edit was not made.

LabelError              nothing was stored
├── InvalidEdit         a value is out of range, or names what does not exist
├── Conflict            somebody else changed the same samples or classes meanwhile
├── ClassExists         another class has that name
├── NothingToUndo       there is nothing to undo, or to redo
├── LabelsBusy          another process holds the store; try again
└── LabelsNotStored     the store cannot be written (disk full, folder read-only) or read
    └── ColumnMissing   there is no such label column, or no longer
"""

from __future__ import annotations

from typing import Any


class LabelError(Exception):
    """An edit was not made, and nothing was stored. The message is a sentence for the user."""

    code = "invalid"
    exit_code = 1

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.details = details


class InvalidEdit(LabelError):
    """A value is out of range, or names what does not exist."""


class Conflict(LabelError):
    """Somebody else changed the same samples or classes since the revision the edit is based on."""

    code = "conflict"


class ClassExists(LabelError):
    """Another class has that name."""

    code = "class_exists"


class NothingToUndo(LabelError):
    """There is nothing to undo, or to redo."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"There is nothing to {kind}.")
        self.code = f"nothing_to_{kind}"


class LabelsBusy(LabelError):
    """Another process holds the store; trying again will do."""

    code = "labels_busy"


class LabelsNotStored(LabelError):
    """The store cannot be written or read at present."""

    code = "labels_not_stored"


class ColumnMissing(LabelsNotStored):
    """There is no such label column: it was not made yet, or its file is gone."""

    def __init__(self) -> None:
        super().__init__("The label store is gone; reload the page.")
