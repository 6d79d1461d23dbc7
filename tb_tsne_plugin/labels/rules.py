"""The rules of labels and classes, without a database: names, colours, class actions, imports."""

from __future__ import annotations

import colorsys
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tb_tsne_plugin.labels.errors import ClassExists, InvalidEdit, ManyClasses
from tb_tsne_plugin.labels.model import (
    COUNTED,
    SET_ASIDE,
    UNMARKED,
    AddClass,
    Change,
    ClassAction,
    ClassChange,
    ClassInfo,
    DeleteClass,
    LabelChange,
    Mark,
    MergeClass,
    MoveClass,
    RecolorClass,
    RenameClass,
    Snapshot,
    State,
    StoredKind,
)
from tb_tsne_plugin.runs.class_names import clean_label, in_order
from tb_tsne_plugin.runs.format import MAX_LABEL_LENGTH, UNLABELED, has_unsafe_characters
from tb_tsne_plugin.runs.metadata import MOST_CLASSES

OKABE_ITO = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442", "#8C6BB1")
"""Eight colours that colour-blind people tell apart (Okabe and Ito, 2008; their black gives way to violet)."""

MOST_NEW_CLASSES = MOST_CLASSES
"""An import that would make more is done only where that is said to be meant: names and measurements are no classes."""

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_GOLDEN_ANGLE = 0.6180339887
_SHADES = range(48, 208)
"""Of red, green and blue, neither near black nor near white: the colours beyond the palette are mixed from these."""


def _hue(index: int) -> str:
    """Hues a golden angle apart, lighter and darker in turn."""
    red, green, blue = colorsys.hls_to_rgb((0.1 + index * _GOLDEN_ANGLE) % 1.0, 0.42 + 0.16 * (index % 2), 0.6)
    return f"#{round(red * 255):02X}{round(green * 255):02X}{round(blue * 255):02X}"


PALETTE = (*OKABE_ITO, *(_hue(index) for index in range(120)))
"""The colours of new classes, in the order in which they are given; the page is told the same ones."""


def checked_name(name: object) -> str:
    """A class name, stripped of outer blanks.

    Args:
      name: What was asked for.

    Returns:
      The name, in Unicode's composed form (NFC).

    Raises:
      InvalidEdit: If it is no text, empty, too long, the word for "no label", or holds a character that a TSV file or a
        reader's eye cannot tell (tab, newline, control, direction control, lone surrogate).
    """
    if not isinstance(name, str):
        raise InvalidEdit("A class name must be text.")
    # Checked before stripping: str.strip would silently take a trailing newline off.
    if has_unsafe_characters(name):
        raise InvalidEdit("A class name cannot hold tabs, line breaks or invisible control characters.")
    name = unicodedata.normalize("NFC", name.strip())
    if not 1 <= len(name) <= MAX_LABEL_LENGTH:
        raise InvalidEdit(f"A class name has 1 to {MAX_LABEL_LENGTH} characters.")
    if name.casefold() == UNLABELED:
        raise InvalidEdit(f"{UNLABELED!r} marks samples without a label; choose another name.")
    return name


def checked_color(color: object) -> str:
    """A colour as `#RRGGBB`.

    Args:
      color: What was asked for.

    Returns:
      The colour, in capitals.

    Raises:
      InvalidEdit: If it has another form.
    """
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        raise InvalidEdit("A colour is written #RRGGBB.")
    return color.upper()


def unused_colors(taken: Iterable[str]) -> Iterator[str]:
    """Colours that no class has yet, each of them once: the palette's, then as many as anybody can want.

    Args:
      taken: Colours in use, in capitals.

    Yields:
      `#RRGGBB`.
    """
    used = set(taken)
    yield from (color for color in PALETTE if color not in used)
    used.update(PALETTE)
    n_shades = len(_SHADES)
    n_mixed = n_shades**3
    stride = 2_531_407  # about a golden section of n_mixed and without a common divisor: visits every mixture once
    for place in range(n_mixed):
        mixture = place * stride % n_mixed
        shades = (mixture // n_shades**2, mixture // n_shades % n_shades, mixture % n_shades)
        color = "#" + "".join(f"{_SHADES[shade]:02X}" for shade in shades)
        if color not in used:
            yield color


def next_color(taken: Iterable[str]) -> str:
    """The first of `unused_colors`."""
    return next(unused_colors(taken))


@dataclass(frozen=True)
class Giving:
    """What a person gives to some samples.

    Attributes:
      class_id: The class; None clears, or where the samples are set aside keeps what they had.
      state: The state.
      only_unlabeled: Leave alone whatever is anything but unlabeled.
    """

    class_id: int | None
    state: State
    only_unlabeled: bool = True

    def __post_init__(self) -> None:
        """Refuses what no sample can be.

        Raises:
          InvalidEdit: In that case.
        """
        if self.state in SET_ASIDE and self.class_id is not None:
            raise InvalidEdit(f"What is set aside as {self.state} keeps its class: give none.")
        if self.class_id is None and self.state not in ("labeled", *SET_ASIDE):
            raise InvalidEdit(f"Without a class nothing can be {self.state}.")

    def after(self, before: Mark) -> Mark:
        """What a sample has after it: the class that it has already never makes its state less."""
        if self.only_unlabeled and before != UNMARKED:
            return before
        if self.state in SET_ASIDE:
            return Mark(before.class_id, self.state)
        if self.class_id is None:
            return UNMARKED
        if before.label == self.class_id:
            return Mark(self.class_id, max(before.state, self.state, key=COUNTED.index))
        return Mark(self.class_id, self.state)

    def words(self, name: str | None) -> str:
        """What was done, for the history; `name` is the class's."""
        if self.state in SET_ASIDE:
            return f"set aside as {self.state}"
        if name is None:
            return "cleared"
        return {"seen": "seen as", "verified": "verified as"}.get(self.state, "labelled") + f" {name}"


@dataclass(frozen=True)
class Outcome:
    """What a class action changes, and how the history tells it.

    Attributes:
      kind: Which action it was.
      change: What it changes.
      summary: The same in words.
      about: The class that it is about; of a merge, the one that is left.
    """

    kind: StoredKind
    change: Change
    summary: str
    about: ClassInfo


@dataclass(frozen=True)
class Before:
    """What a class action starts from.

    Attributes:
      classes: All classes, in order.
      next_id: An id for a new class.
      marks_of: Mark by sample id of all samples of a class.
    """

    classes: Sequence[ClassInfo]
    next_id: int
    marks_of: Callable[[int], dict[str, Mark]]

    def after(self, action: ClassAction) -> Outcome:
        """What an action changes.

        Raises:
          ClassExists, InvalidEdit: If it cannot be done.
        """
        match action:
            case AddClass():
                return self.added(action.name, action.color)
            case RenameClass():
                return self._renamed(action)
            case RecolorClass():
                return self._recolored(action)
            case MoveClass():
                return self._moved(action)
            case MergeClass():
                return self._merged(action)
            case DeleteClass():
                return self._deleted(action)

    def added(self, name: object, color: object) -> Outcome:
        """What adding a class changes; without a colour it gets the next free one."""
        checked = self._free_name(name)
        chosen = next_color(info.color for info in self.classes) if color is None else checked_color(color)
        position = max((info.position for info in self.classes), default=-1) + 1
        new = ClassInfo(self.next_id, checked, chosen, position)
        return Outcome("add", Change(classes=(ClassChange(new.id, None, new),)), f"class {checked} added", new)

    def _renamed(self, action: RenameClass) -> Outcome:
        old = self._known(action.class_id)
        new = replace(old, name=self._free_name(action.name, own=old.id))
        return _changed(old, new, "rename", f"class {old.name} renamed {new.name}")

    def _recolored(self, action: RecolorClass) -> Outcome:
        old = self._known(action.class_id)
        return _changed(old, replace(old, color=checked_color(action.color)), "recolor", f"class {old.name} recoloured")

    def _moved(self, action: MoveClass) -> Outcome:
        moved = self._known(action.class_id)
        last = len(self.classes) - 1
        if not _is_whole(action.position) or not 0 <= action.position <= last:
            raise InvalidEdit(f"A position is a whole number from 0 to {last}.")
        order = [info for info in self.classes if info.id != moved.id]
        order.insert(action.position, moved)
        placed = [(info, replace(info, position=place)) for place, info in enumerate(order)]
        changes = tuple(ClassChange(old.id, old, new) for old, new in placed if old != new)
        return Outcome("move", Change(classes=changes), f"class {moved.name} moved", moved)

    def _merged(self, action: MergeClass) -> Outcome:
        old, into = self._known(action.class_id), self._known(action.into)
        if old.id == into.id:
            raise InvalidEdit("A class cannot be merged into itself.")
        return self._gone(old, into, "merge", f"class {old.name} merged into {into.name}")

    def _deleted(self, action: DeleteClass) -> Outcome:
        old = self._known(action.class_id)
        return self._gone(old, None, "delete", f"class {old.name} deleted")

    def _gone(self, old: ClassInfo, heir: ClassInfo | None, kind: StoredKind, summary: str) -> Outcome:
        """A class that is no more; its samples get the heir, or none. What was set aside stays so."""

        def inherited(before: Mark) -> Mark:
            if heir is not None:
                return before._replace(class_id=heir.id)
            return before._replace(class_id=None) if before.state in SET_ASIDE else UNMARKED

        marks = self.marks_of(old.id)
        after = {mark: inherited(mark) for mark in set(marks.values())}
        relabeled = tuple(LabelChange(sample_id, mark, after[mark]) for sample_id, mark in marks.items())
        return Outcome(kind, Change(relabeled, (ClassChange(old.id, old, None),)), summary, heir or old)

    def _known(self, class_id: int) -> ClassInfo:
        for info in self.classes:
            if info.id == class_id and _is_whole(class_id):
                return info
        raise InvalidEdit(f"There is no class with the id {class_id!r}.")

    def _free_name(self, name: object, own: int | None = None) -> str:
        """A name that no other class has."""
        checked = checked_name(name)
        if any(info.name == checked and info.id != own for info in self.classes):
            raise ClassExists(f"There is a class named {checked!r} already.")
        return checked


def import_change(
    names: Mapping[str, str | None],
    states: Mapping[str, State] | None = None,
    *,
    classes: Sequence[ClassInfo] = (),
    next_class_id: int = 1,
    current: Mapping[str, Mark] | None = None,
    only_unlabeled: bool = True,
) -> Change:
    """What brings labels in.

    Args:
      names: Class name by sample id; None where there is no label, and shall be none.
      states: State by sample id, of those whose state is said.
      classes: The classes there are: names that none of them has become new ones, in natural order.
      next_class_id: An id for the first new class.
      current: Mark now by sample id; a sample that is missing has none.
      only_unlabeled: Leave alone whatever is anything but unlabeled.

    Returns:
      The change.
    """
    current, states = current or {}, states or {}
    clean = {name: None if name is None else clean_label(name) for name in {*names.values(), None}}
    wanted = [
        (sample_id, before, clean[names.get(sample_id)])
        for sample_id in {**names, **states}
        if sample_id in names or states[sample_id] in SET_ASIDE
        if (before := current.get(sample_id, UNMARKED)) == UNMARKED or not only_unlabeled
    ]
    ids = {info.name: info.id for info in classes}
    # Classes of an earlier version may be in another Unicode form; they are the same ones.
    ids = {clean_label(name) or name: class_id for name, class_id in ids.items()} | ids
    new_names = in_order({name for _, _, name in wanted if name is not None} - set(ids))
    colors = unused_colors(info.color for info in classes)
    position = max((info.position for info in classes), default=-1) + 1
    added = [
        ClassInfo(next_class_id + place, name, next(colors), position + place) for place, name in enumerate(new_names)
    ]
    ids.update((info.name, info.id) for info in added)
    changes = (
        LabelChange(sample_id, before, _imported(before, None if name is None else ids[name], states.get(sample_id)))
        for sample_id, before, name in wanted
    )
    return Change(
        tuple(change for change in changes if change.before != change.after),
        tuple(ClassChange(info.id, None, info) for info in added),
    )


def _imported(before: Mark, class_id: int | None, state: State | None) -> Mark:
    """What a sample has after an import.

    Args:
      before: What it had.
      class_id: The class that was given for it; None where none was.
      state: The state that was; None where nothing was said of it.
    """
    if state in SET_ASIDE:
        return Mark(before.class_id if class_id is None else class_id, state)
    if class_id is None:
        # Without a word on its state, what was set aside has no label, as it should be.
        return before if state is None and before.state in SET_ASIDE else UNMARKED
    # A name beside `unlabeled`: somebody filled it in, and left the state as it was.
    return Giving(class_id, state if state in COUNTED else "labeled", only_unlabeled=False).after(before)


def new_class_names(change: Change) -> list[str]:
    """The names of the classes that a change makes, in their order."""
    return [item.after.name for item in change.classes if item.before is None and item.after is not None]


def check_new_classes(change: Change) -> None:
    """Refuses to make very many classes at once.

    Raises:
      ManyClasses: If there are more than `MOST_NEW_CLASSES` new ones.
    """
    names = new_class_names(change)
    if len(names) > MOST_NEW_CLASSES:
        raise ManyClasses(names)


def initial_snapshot(names: Mapping[str, str], states: Mapping[str, State] | None = None) -> Snapshot:
    """The labels that a run came with, as its store will have them; for where there is none and none can be made.

    Args:
      names: Class name by sample id.
      states: State by sample id, of those whose state is said.

    Returns:
      Labels and classes, at revision 0.
    """
    change = import_change(names, states)
    infos = [item.after for item in change.classes if item.after is not None]
    return Snapshot(0, change.after, infos, can_undo=False, can_redo=False)


def _changed(old: ClassInfo, new: ClassInfo, kind: StoredKind, summary: str) -> Outcome:
    return Outcome(kind, Change(classes=(ClassChange(old.id, old, new),)), summary, new)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
