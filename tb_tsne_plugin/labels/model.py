"""What the label store takes and gives: plain data, without rules and without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, TypeAlias, get_args

from msgspec import Meta, Struct

from tb_tsne_plugin.labels.readers import LabelColumn

MAX_CLASS_ID = 2**31 - 1
MAX_COUNT = 2**31 - 1
MAX_ID_LENGTH = 512
"""Characters of a sample's or a run's name that every database takes."""

ClassId: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_CLASS_ID)]
ClassName: TypeAlias = Annotated[
    str, Meta(description="1 to 128 characters, none of them a tab, line break or control character; not 'unlabeled'")
]
Color: TypeAlias = Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$", extra={"must": "be written #RRGGBB"})]
Position: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_COUNT)]

State: TypeAlias = Literal["unlabeled", "labeled", "seen", "verified", "unsure", "ignored"]
"""What became of a sample: nobody decided anything; it was given a class, with a group or unseen; a person saw this
very image when it was; somebody looked a second time; it was set aside; it takes part in nothing."""
STATES: tuple[State, ...] = get_args(State)
"""In this order states are numbers, in arrays and in the store."""
COUNTED: tuple[State, ...] = ("labeled", "seen", "verified")
"""The states of a label, each more than the one before it. In every other one a class, if it is known, counts for
nothing."""
SET_ASIDE: tuple[State, ...] = ("unsure", "ignored")
"""The states of what has no label by a decision."""


class Mark(NamedTuple):
    """What one sample has.

    Attributes:
      class_id: Its class; None where it is unlabeled. What was set aside keeps the class that it had, if any.
      state: What became of it.
    """

    class_id: int | None = None
    state: State = "unlabeled"

    @property
    def label(self) -> int | None:
        """The class, where it counts."""
        return self.class_id if self.state in COUNTED else None

    @property
    def number(self) -> int:
        """The state as a number."""
        return STATES.index(self.state)


UNMARKED = Mark()


@dataclass(frozen=True)
class ClassInfo:
    """A class of labels.

    Attributes:
      id: Its number, never used again for another class.
      name: What people call it.
      color: `#RRGGBB`.
      position: Its place in the list.
    """

    id: int
    name: str
    color: str
    position: int


class Person(NamedTuple):
    """Whose edits are one's own. A name is not a right: it tells people apart, and nothing is allowed by it.

    Attributes:
      author: The name in the history.
      client: What tells people of one name apart: a page's tag, the same in all windows of a browser; empty where
        nothing is known of it.
    """

    author: str
    client: str = ""

    def made(self, author: str, client: str) -> bool:
        """Whether an edit is this person's own: of the name, and of no other browser as far as that is known."""
        return self.author == author and (not client or not self.client or self.client == client)


class Operation(NamedTuple):
    """What every edit carries.

    Attributes:
      op_id: Its name; the same name twice acts once.
      base_revision: The revision that its author had seen.
      author: Who.
      store: The identity of the store that its author had seen; None where that cannot be another one.
      content: A digest of what was asked for, to tell a repetition from another edit of the same name; None where that
        cannot be.
      client: See `Person`.
    """

    op_id: str
    base_revision: int
    author: str
    store: str | None = None
    content: str | None = None
    client: str = ""

    @property
    def person(self) -> Person:
        """Who makes the edit."""
        return Person(self.author, self.client)


class NewClass(Struct, frozen=True):
    """A class to be added by the edit that first uses it.

    Attributes:
      name: Its name.
      color: `#RRGGBB`; None for the next free one.
    """

    name: ClassName
    color: Color | None = None


class AddClass(Struct, frozen=True, tag_field="action", tag="add"):
    """Adds a class; without a colour it gets the next free one."""

    name: ClassName
    color: Color | None = None


class RenameClass(Struct, frozen=True, tag_field="action", tag="rename"):
    """Gives a class another name."""

    class_id: ClassId
    name: ClassName


class RecolorClass(Struct, frozen=True, tag_field="action", tag="recolor"):
    """Gives a class another colour."""

    class_id: ClassId
    color: Color


class MoveClass(Struct, frozen=True, tag_field="action", tag="move"):
    """Puts a class at another place of the list, counted from 0."""

    class_id: ClassId
    position: Position


class MergeClass(Struct, frozen=True, tag_field="action", tag="merge"):
    """Gives a class's samples another class, and deletes it."""

    class_id: ClassId
    into: ClassId


class DeleteClass(Struct, frozen=True, tag_field="action", tag="delete"):
    """Deletes a class; its samples become unlabeled, and those that were set aside stay so."""

    class_id: ClassId


ClassAction: TypeAlias = AddClass | RenameClass | RecolorClass | MoveClass | MergeClass | DeleteClass
"""A change of the classes."""

Words: TypeAlias = Annotated[str, Meta(max_length=2_000)]
PageOf: TypeAlias = Literal[
    "suggestion", "labeled", "verified", "unsure", "ignored", "selection", "search", "cluster", "group"
]
PageOrder: TypeAlias = Literal["surest", "doubtful", "random", "near"]


class NeighborsSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="neighbors"):
    """A sample and its nearest neighbours.

    Attributes:
      focus: The sample.
      k: How many neighbours.
      dropped: How many were taken out of the selection by hand; so in every kind of selection.
    """

    focus: Words | None = None
    k: Count | None = None
    dropped: Count | None = None


class BoxSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="box"):
    """What lay in a rectangle."""

    dropped: Count | None = None


class LassoSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="lasso"):
    """What lay in a drawn outline."""

    dropped: Count | None = None


class SearchSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="search"):
    """What a search found."""

    query: Words | None = None
    dropped: Count | None = None


class LabelSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="label"):
    """All samples of a class, or all that have none."""

    query: Words | None = None
    dropped: Count | None = None


class ClusterSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="cluster"):
    """One or several clusters of the whole set."""

    dropped: Count | None = None


class SuggestionSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="suggestion"):
    """What the guidance suggested, or what is left of a set after a look at some of it: accepted unseen."""

    dropped: Count | None = None


class SingleSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="single"):
    """Samples that were picked one by one.

    Attributes:
      k: How many besides the first.
      dropped: As in `NeighborsSelection`.
    """

    k: Count | None = None
    dropped: Count | None = None


class PageSelection(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="page"):
    """A page of images that a person looked through, and what was not named on it by itself.

    Attributes:
      of: What was looked through.
      order: What came first. A page of images drawn at random is a look: what it found holds for all of `population`.
      shown: How many images it showed.
      changed: How many of them were given something else.
      population: From how many they were drawn; None where they were not drawn at random.
    """

    of: PageOf
    order: PageOrder
    shown: Count
    changed: Count
    population: Count | None = None


Selection: TypeAlias = (
    NeighborsSelection
    | BoxSelection
    | LassoSelection
    | SearchSelection
    | LabelSelection
    | ClusterSelection
    | SuggestionSelection
    | SingleSelection
    | PageSelection
)
"""How the samples of an edit were selected, kept in the history."""

StoredKind: TypeAlias = Literal[
    "apply", "undo", "redo", "restore", "import", "add", "rename", "recolor", "move", "merge", "delete"
]
"""Every kind of edit in a history: labels given, a step back or forth, an import, a class action."""
EditKind: TypeAlias = Literal[StoredKind, "changes"]
"""The kinds of edit results: `changes` is several edits taken together, and never stored."""


class LabelChange(NamedTuple):
    """One sample's mark before and after an edit."""

    sample_id: str
    before: Mark
    after: Mark


class ClassChange(NamedTuple):
    """One class before and after an edit; None where it does not exist."""

    class_id: int
    before: ClassInfo | None
    after: ClassInfo | None


@dataclass(frozen=True)
class Change:
    """All that an edit changes."""

    labels: tuple[LabelChange, ...] = ()
    classes: tuple[ClassChange, ...] = ()

    @property
    def after(self) -> dict[str, Mark]:
        """Mark after the change by sample id."""
        return {change.sample_id: change.after for change in self.labels}

    def inverse(self) -> Change:
        """What takes this change back."""
        return Change(
            tuple(LabelChange(change.sample_id, change.after, change.before) for change in self.labels),
            tuple(ClassChange(change.class_id, change.after, change.before) for change in self.classes),
        )

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return not self.labels and not self.classes


@dataclass(frozen=True)
class Theirs:
    """How many samples of somebody an edit is about.

    Attributes:
      author: Whose; empty where it is nobody's.
      count: How many.
    """

    author: str
    count: int


@dataclass(frozen=True)
class Edit:
    """An edit as it was stored: what every write answers with.

    Attributes:
      revision: Its number.
      repeated: Whether it had been stored before, under the same `op_id`.
      kind: What was done.
      target: The revision that an undo, redo or restore is about.
      class_id: The class that it gave, added or changed, if one.
      changes: Mark after the edit by sample id.
      classes: All classes after the edit, in order.
      can_undo: Whether there is something to undo, for whoever asks.
      can_redo: Whether there is something to redo, for whoever asks.
      store: The identity of the store; empty where there is none.
      stayed: Of an undo or redo, the samples that stay as they are, by who changed them since.
    """

    revision: int
    repeated: bool
    kind: EditKind
    target: int | None
    class_id: int | None
    changes: dict[str, Mark]
    classes: list[ClassInfo]
    can_undo: bool
    can_redo: bool
    store: str = ""
    stayed: tuple[Theirs, ...] = ()


class Giver(NamedTuple):
    """Who gave the label that a sample has, or set it aside.

    Attributes:
      author: Who; empty where nobody knows, as of labels that the run came with.
      time: When: ISO 8601, UTC; empty likewise.
    """

    author: str = ""
    time: str = ""


NOBODY = Giver()


class Head(NamedTuple):
    """What tells the labels of a run from those at another time; where there is no store, as here.

    Attributes:
      store: As of `Snapshot`.
      revision: The number of edits so far.
      columns: As of `Snapshot`.
    """

    store: str = ""
    revision: int = 0
    columns: Sequence[LabelColumn] = ()


@dataclass(frozen=True)
class Snapshot:
    """The labels at one revision.

    Attributes:
      revision: The number of edits so far.
      marks: Mark by sample id; unlabeled samples are left out.
      classes: All classes, in order.
      can_undo: Whether there is something to undo.
      can_redo: Whether there is something to redo.
      store: What tells the store from all others, as pages are told it; empty where there is none, or none yet.
      columns: The run's label columns that are there for the reader, oldest first; none where there is no store.
      givers: Who gave each sample what it has, by sample id; None where that was not asked for.
    """

    revision: int
    marks: dict[str, Mark]
    classes: list[ClassInfo]
    can_undo: bool
    can_redo: bool
    store: str = field(default="", compare=False)
    columns: Sequence[LabelColumn] = field(default=(), compare=False)
    givers: dict[str, Giver] | None = field(default=None, compare=False)

    @cached_property
    def labels(self) -> dict[str, int]:
        """Class id by sample id, of those that have a label."""
        # One look-up a sample: a property of each of 100,000 marks takes three times as long.
        labels = {mark: mark.label for mark in set(self.marks.values())}
        found = ((sample_id, labels[mark]) for sample_id, mark in self.marks.items())
        return {sample_id: label for sample_id, label in found if label is not None}

    def states(self) -> dict[str, State]:
        """State by sample id; unlabeled samples are left out."""
        return {sample_id: mark.state for sample_id, mark in self.marks.items()}

    def names(self) -> dict[str, str]:
        """Class name by sample id, of those that have a label."""
        by_id = {info.id: info.name for info in self.classes}
        return {sample_id: by_id[class_id] for sample_id, class_id in self.labels.items()}


@dataclass(frozen=True)
class HistoryEntry:
    """One line of the history.

    Attributes:
      revision: Its number.
      kind: What was done.
      time: ISO 8601, UTC.
      author: Who.
      summary: What, in words.
      class_id: The class given, if one was.
      count: Samples changed.
      target: The revision that an undo, redo or restore is about.
      undone: Whether it has been undone, and not redone.
      selection: How the samples were selected; None where that is not known, or was written by a version of this
        package that knew kinds of selection that this one does not.
      actions: What it cost; 0 where it gave or cleared no labels by hand.
      labels: How many labels it gave by hand; 0 where it cleared some, set samples aside, or looked at labels again.
      own: Whether whoever asks made it.
      yours: How many samples it changed that whoever asks, and nobody since, had decided about.
    """

    revision: int
    kind: StoredKind
    time: str
    author: str
    summary: str
    class_id: int | None
    count: int
    target: int | None
    undone: bool
    selection: Selection | None
    actions: int
    labels: int
    own: bool
    yours: int


@dataclass(frozen=True)
class Look:
    """A page of samples drawn at random: what it found tells of all that they were drawn from.

    Attributes:
      revision: Of the edit that stored the page.
      class_id: The class that it gave to what was right; None where it gave none.
      population: How many they were drawn from.
      shown: How many there were.
      changed: How many of them were wrong.
    """

    revision: int
    class_id: int | None
    population: int
    shown: int
    changed: int
