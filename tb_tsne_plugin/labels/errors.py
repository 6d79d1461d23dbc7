"""Why an edit was not made.

LabelError              nothing was stored
├── InvalidEdit         a value is out of range, or names what does not exist
├── Conflict            somebody else changed the same samples or classes meanwhile
├── ClassExists         another class has that name
├── ManyClasses         an import would make very many classes, which nobody said is meant
├── OtherStore          the edit was made on the labels of another store
│   └── OtherRunsLabels the labels under this run's name are those of another log dir's run
├── NothingToUndo       there is nothing to undo, or to redo
├── LabelsBusy          another process holds the store; try again
└── LabelsNotStored     the store cannot be written (disk full, folder read-only) or read
    ├── ColumnMissing   there is no such label column, or no longer
    │   └── StoreMissing  there is no store at all
    └── SchemaChanged   another version of this package changed the store's tables meanwhile
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from tb_tsne_plugin.labels.model import Mark

LabelErrorCode: TypeAlias = Literal[
    "invalid",
    "conflict",
    "class_exists",
    "many_classes",
    "nothing_to_undo",
    "nothing_to_redo",
    "other_store",
    "labels_busy",
    "labels_not_stored",
]


_EXAMPLES = 3
_EXAMPLE_LENGTH = 40


class LabelError(Exception):
    """An edit was not made, and nothing was stored. The message is a sentence for the user.

    Attributes:
      code: A word for programs.
    """

    code: LabelErrorCode = "invalid"
    exit_code = 1


class InvalidEdit(LabelError):
    """A value is out of range, or names what does not exist."""


class Conflict(LabelError):
    """Somebody else changed the same samples or classes since the revision the edit is based on.

    Attributes:
      revision: The column's revision now.
      changes: Mark now, by sample id, of the samples that changed.
    """

    code = "conflict"

    def __init__(self, message: str, revision: int, changes: Mapping[str, Mark]) -> None:
        super().__init__(message)
        self.revision = revision
        self.changes = changes


class ClassExists(LabelError):
    """Another class has that name."""

    code = "class_exists"


class ManyClasses(LabelError):
    """An import would make very many classes at once; it is done where that is said to be meant.

    Attributes:
      names: Of the classes, in their order.
    """

    code = "many_classes"

    def __init__(self, names: Sequence[str]) -> None:
        examples = ", ".join(repr(_beginning(name)) for name in names[:_EXAMPLES])
        super().__init__(
            f"This would make {len(names):,} new classes, such as {examples}: if these are classes, and not names or "
            "measurements, say so with many_classes (in the command --many-classes)."
        )
        self.names = names


class OtherStore(LabelError):
    """The edit was made on the labels of another store than the one that is here now."""

    code = "other_store"

    def __init__(self) -> None:
        super().__init__("These are not the labels that this change was made on; load them and try again.")


class OtherRunsLabels(OtherStore):
    """The labels under the run's name are those of another log dir's run.

    Attributes:
      places: Where the folders of the runs are whose labels they are.
    """

    def __init__(self, places: Sequence[str]) -> None:
        LabelError.__init__(
            self,
            "Another log dir's run of this name keeps its labels here: give each log dir a folder or a database of its "
            "own for its labels.",
        )
        self.places = places


class NothingToUndo(LabelError):
    """There is nothing to undo, or to redo."""

    def __init__(self, kind: Literal["undo", "redo"]) -> None:
        super().__init__(f"There is nothing to {kind}.")
        self.code = "nothing_to_undo" if kind == "undo" else "nothing_to_redo"


class LabelsBusy(LabelError):
    """Another process holds the store; trying again will do."""

    code = "labels_busy"


class LabelsNotStored(LabelError):
    """The store cannot be written or read at present."""

    code = "labels_not_stored"


class ColumnMissing(LabelsNotStored):
    """There is no such label column: it was not made yet, or its file is gone."""

    def __init__(self) -> None:
        super().__init__("The run has no label store yet, or no longer; load its labels again.")


class StoreMissing(ColumnMissing):
    """There is no store at all: neither a file nor tables."""


class SchemaChanged(LabelsNotStored):
    """Another version of this package changed the store's tables while this one had it in use."""

    def __init__(self) -> None:
        super().__init__("Another version of tb-tsne changed the label store; restart TensorBoard with the newer one.")


def _beginning(name: str) -> str:
    return name if len(name) <= _EXAMPLE_LENGTH else f"{name[:_EXAMPLE_LENGTH]}…"
