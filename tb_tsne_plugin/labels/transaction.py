"""One edit in the making: the rules of every kind of edit, inside a transaction that holds the write lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Literal, TypeAlias

from sqlalchemy import Connection

from tb_tsne_plugin.labels import sql
from tb_tsne_plugin.labels.errors import Conflict, InvalidEdit, NothingToUndo
from tb_tsne_plugin.labels.model import (
    SET_ASIDE,
    UNMARKED,
    Change,
    ClassAction,
    Edit,
    EditKind,
    LabelChange,
    Mark,
    MergeClass,
    NewClass,
    Operation,
    PageSelection,
    Person,
    Selection,
    State,
    StoredKind,
    Theirs,
)
from tb_tsne_plugin.labels.rules import Before, Giving, check_new_classes, import_change
from tb_tsne_plugin.labels.sql import ColumnState, StoredEdit
from tb_tsne_plugin.labels.turning import Now, listed, said_of_stayed, turned

Turn: TypeAlias = Literal["undo", "redo"]
_MOST_ASKED = sql.IDS_AT_ONCE
"""Edits of which a message about a conflict names the authors."""


@dataclass(frozen=True)
class Entry:
    """What the history tells of an edit.

    Attributes:
      kind: What was done.
      summary: The same in words.
      class_id: The class given, if one is.
      target: The revision that an undo, redo or restore is about.
      selection: How the samples were selected.
    """

    kind: StoredKind
    summary: str
    class_id: int | None = None
    target: int | None = None
    selection: Selection | None = None


@dataclass(frozen=True)
class Transaction:
    """One edit in the making.

    Attributes:
      connection: Holds the write lock.
      column: The label column as it stands.
      operation: Name, base and author of the edit.
    """

    connection: Connection
    column: ColumnState
    operation: Operation

    def repeated(self) -> Edit | None:
        """The edit itself, where it was stored before under the same `op_id`.

        Raises:
          InvalidEdit: If that was another edit.
        """
        stored = sql.find_op(self.connection, self.column.id, self.operation.op_id)
        if stored is None:
            return None
        if None not in (stored.content, self.operation.content) and stored.content != self.operation.content:
            raise InvalidEdit("Another change has this op_id; give every change one of its own.")
        after = sql.read_change(self.connection, self.column.id, stored.revision).after
        person, kind = self.operation.person, stored.kind
        found = edit_of(
            self.connection, self.column, person, kind, after, target=stored.target, class_id=stored.class_id
        )
        return replace(found, revision=stored.revision, repeated=True)

    def must_have_been_seen(self) -> None:
        """Refuses an edit based on a revision that is not there: its author saw other labels than these."""
        if self.operation.base_revision > self.column.revision:
            raise Conflict(
                f"The labels are at revision {self.column.revision}, and this change was made on revision "
                f"{self.operation.base_revision}: an earlier state was put back; look at it and try again.",
                self.column.revision,
                {},
            )

    def apply(
        self,
        to: int | NewClass | None,
        sample_ids: Sequence[str],
        state: State,
        only_unlabeled: bool,
        selection: Selection | None,
    ) -> Edit:
        """Gives samples a class, a new one or none, and a state."""
        added, class_id, name = self._class_to_give(to)
        giving = Giving(class_id, state, only_unlabeled)
        known = sql.read_marks_of(self.connection, self.column.id, sample_ids)
        late = {key: found for key, found in known.items() if found[1] > self.operation.base_revision}
        if late:
            marks = {key: mark for key, (mark, _) in late.items()}
            raise self._conflict(f"{_images(len(late))} changed", {revision for _, revision in late.values()}, marks)
        before = {sample_id: known[sample_id][0] if sample_id in known else UNMARKED for sample_id in sample_ids}
        after = {mark: giving.after(mark) for mark in set(before.values())}
        changes = [LabelChange(key, mark, after[mark]) for key, mark in before.items() if after[mark] != mark]
        change = Change(tuple(changes), added.classes)
        # A page drawn at random tells something though it changes nothing.
        is_look = isinstance(selection, PageSelection) and selection.order == "random"
        if change.is_empty and not is_look:  # nothing to keep, nothing to undo
            return edit_of(self.connection, self.column, self.operation.person, "apply", {}, class_id=class_id)
        summary = f"{_images(len(changes))} {giving.words(name)}"
        return self._append(change, Entry("apply", summary, class_id, selection=selection))

    def change_classes(self, action: ClassAction) -> Edit:
        """Carries out a class action."""
        done = self._before().after(action)
        for class_id in {change.class_id for change in done.change.classes if change.before is not None}:
            self._class_name(class_id)
        if isinstance(action, MergeClass):
            self._class_name(action.into)
        if done.change.is_empty:
            return edit_of(self.connection, self.column, self.operation.person, done.kind, {}, class_id=done.about.id)
        return self._append(done.change, Entry(done.kind, done.summary, done.about.id))

    def undo(self, revision: int | None = None) -> Edit:
        """Takes back an edit: the author's own last one that stands, or the one of a revision."""
        if revision is None:
            self._must_know_own()
            revision = sql.newest_standing(self.connection, self.column.id, self.operation.person)
        target = self._to_turn("undo", revision)
        change = sql.read_change(self.connection, self.column.id, target.revision).inverse()
        if sql.stood_otherwise(self.connection, self.column.id, target.revision):
            earlier = sql.standing_marks(self.connection, self.column.id, target.revision, after=False)
            beneath = {sample_id: mark for sample_id, (mark, _) in earlier.items()}
            labels = (item._replace(after=beneath.get(item.sample_id, UNMARKED)) for item in change.labels)
            change = replace(change, labels=tuple(labels))
        return self._turn("undo", target, change)

    def redo(self, revision: int | None = None) -> Edit:
        """Makes an edit again: what the author undid last, or the one of a revision."""
        if revision is None:
            self._must_know_own()
            revision = sql.newest_undone(self.connection, self.column.id, self.operation.person)
        target = self._to_turn("redo", revision)
        return self._turn("redo", target, sql.read_change(self.connection, self.column.id, target.revision))

    def _to_turn(self, kind: Turn, revision: int | None) -> StoredEdit:
        """The edit to undo or redo, which must stand or not as that needs it."""
        if revision is None:
            raise NothingToUndo(kind)
        if not 1 <= revision <= self.column.revision:
            raise InvalidEdit(f"There is no revision {revision:,}; the newest is {self.column.revision:,}.")
        found = sql.read_edit(self.connection, self.column.id, revision)
        if found.kind in ("undo", "redo") or found.op_id == sql.FIRST_IMPORT:
            raise InvalidEdit(f"Revision {revision:,} is none that can be undone or redone by itself.")
        if sql.is_undone(self.connection, self.column.id, revision) == (kind == "undo"):
            raise NothingToUndo(kind)
        return found

    def _turn(self, kind: Turn, target: StoredEdit, asked: Change) -> Edit:
        """Stores that an edit stands no more, or again: of its samples and classes changes what can.

        Args:
          kind: Which of them.
          target: The edit.
          asked: What would change if nobody had edited since.
        """
        marks = {item.sample_id: item.before for item in asked.labels}
        since: dict[str, int] = {}
        if sql.has_other_since(self.connection, self.column.id, target.revision):
            known = sql.read_marks_of(self.connection, self.column.id, list(marks))
            marks = {sample_id: known.get(sample_id, (UNMARKED, 0))[0] for sample_id in marks}
            later = sql.standing_marks(self.connection, self.column.id, target.revision, after=True)
            since = {sample_id: revision for sample_id, (_, revision) in later.items()}
        now = Now(
            marks=marks,
            since=since,
            classes={info.id: info for info in sql.read_classes(self.connection, self.column.id)},
            members=lambda class_id: sql.marks_of_class(self.connection, self.column.id, class_id),
        )
        done = turned(asked, now)
        stayed = self._theirs(done.stayed)
        why = said_of_stayed(stayed, len(asked.labels))
        summary = f"{kind[:2]}done: {target.summary}" + (f" ({why})" if why else "")
        edit = self._append(done.change, Entry(kind, summary, target.class_id, target.revision))
        return replace(edit, stayed=stayed)

    def _theirs(self, stayed: Counter[int]) -> tuple[Theirs, ...]:
        """How many samples stay, by who keeps them; those of whom most do first."""
        authors = sql.read_authors(self.connection, self.column.id, [revision for revision in stayed if revision])
        by_author: Counter[str] = Counter()
        for revision, count in stayed.items():
            by_author[authors.get(revision, "")] += count
        return tuple(Theirs(author, count) for author, count in by_author.most_common())

    def restore(self, revision: int) -> Edit:
        """Makes everything as it was at a revision, as a new edit."""
        self._must_be_current()
        if revision > self.column.revision:
            raise InvalidEdit(f"There is no revision {revision:,} yet; the newest is {self.column.revision:,}.")
        change = sql.change_since(self.connection, self.column.id, revision).inverse()
        if change.is_empty:
            return edit_of(self.connection, self.column, self.operation.person, "restore", {}, target=revision)
        return self._append(change, Entry("restore", f"restored to revision {revision}", target=revision))

    def import_labels(
        self,
        names: Mapping[str, str | None],
        states: Mapping[str, State],
        only_unlabeled: bool,
        many_classes: bool,
        source: str,
    ) -> Edit:
        """Brings in labels by class name, and states."""
        self._must_be_current()
        change = self.planned_import(names, states, only_unlabeled)
        if not many_classes:
            check_new_classes(change)
        if change.is_empty:
            return edit_of(self.connection, self.column, self.operation.person, "import", {})
        return self._append(change, Entry("import", f"{_imported(change)} in {source}"))

    def import_first(self, labels: Mapping[str, str], states: Mapping[str, State]) -> None:
        """The labels that a run came with: where everything starts, so that undo never goes behind them."""
        change = import_change(labels, states)
        if change.labels:
            self._append(change, Entry("import", f"{_imported(change)} in the metadata"))

    def planned_import(
        self, names: Mapping[str, str | None], states: Mapping[str, State], only_unlabeled: bool
    ) -> Change:
        """What an import would change."""
        known = sql.read_marks_of(self.connection, self.column.id, list({**names, **states}))
        return import_change(
            names,
            states,
            classes=sql.read_classes(self.connection, self.column.id),
            next_class_id=self.column.next_class_id,
            current={sample_id: mark for sample_id, (mark, _) in known.items()},
            only_unlabeled=only_unlabeled,
        )

    def _append(self, change: Change, entry: Entry) -> Edit:
        """Appends an edit.

        Args:
          change: What it changes.
          entry: What the history tells of it.

        Returns:
          The edit.
        """
        newest_class = max((item.class_id for item in change.classes), default=0)
        next_class_id = max(self.column.next_class_id, newest_class + 1)
        after = self.column._replace(revision=self.column.revision + 1, next_class_id=next_class_id)
        stored = StoredEdit(
            revision=after.revision,
            op_id=self.operation.op_id,
            kind=entry.kind,
            target=entry.target,
            author=self.operation.author,
            time=datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
            class_id=entry.class_id,
            count=len(change.labels),
            summary=entry.summary,
            selection=entry.selection,
            content=self.operation.content,
            client=self.operation.client,
        )
        sql.append(self.connection, after, stored, change)
        person, kind = self.operation.person, entry.kind
        # What is no turn itself can be undone, and ends redoing.
        turns = None if kind in ("undo", "redo") else (stored.op_id != sql.FIRST_IMPORT, False)
        target, class_id = entry.target, entry.class_id
        return edit_of(
            self.connection, after, person, kind, change.after, target=target, class_id=class_id, turns=turns
        )

    def _class_to_give(self, to: int | NewClass | None) -> tuple[Change, int | None, str | None]:
        """What has to be added first, the class's id and its name; None clears."""
        if isinstance(to, NewClass):
            added = self._before().added(to.name, to.color)
            return added.change, added.about.id, added.about.name
        return Change(), to, None if to is None else self._class_name(to)

    def _before(self) -> Before:
        return Before(
            sql.read_classes(self.connection, self.column.id),
            self.column.next_class_id,
            lambda class_id: sql.marks_of_class(self.connection, self.column.id, class_id),
        )

    def _must_know_own(self) -> None:
        """Refuses what is about the author's last edit, where that is one which its author has not seen."""
        if sql.newest_of(self.connection, self.column.id, self.operation.person) > self.operation.base_revision:
            raise self._conflict("The labels changed", ())

    def _must_be_current(self) -> None:
        base, now = self.operation.base_revision, self.column.revision
        if now != base:
            raise self._conflict("The labels changed", range(max(base + 1, now - _MOST_ASKED), now + 1))

    def _class_name(self, class_id: int) -> str:
        """The name of a class that must be as its author saw it."""
        found = sql.read_class(self.connection, self.column.id, class_id)
        if found is None:
            if class_id < self.column.next_class_id:
                raise self._conflict("The class was deleted", ())
            raise InvalidEdit(f"There is no class with the id {class_id!r}.")
        name, revision = found
        if revision > self.operation.base_revision:
            raise self._conflict(f"The class {name} changed", {revision})
        return name

    def _conflict(self, what: str, by: Collection[int], changes: Mapping[str, Mark] | None = None) -> Conflict:
        """What to raise where something changed since, and by which edits, as far as that is known."""
        made = sql.read_authors(self.connection, self.column.id, sorted(by)[-_MOST_ASKED:])
        others = sorted(set(made.values()) - {self.operation.author, ""})
        where = f"elsewhere, by {listed(others)}," if others else "elsewhere"
        since = f"since revision {self.operation.base_revision}"
        message = f"{what} {where} {since}; look at the new state and try again."
        return Conflict(message, self.column.revision, {} if changes is None else changes)


def edit_of(
    connection: Connection,
    column: ColumnState,
    person: Person | None,
    kind: EditKind,
    changes: dict[str, Mark],
    *,
    target: int | None = None,
    class_id: int | None = None,
    turns: tuple[bool, bool] | None = None,
) -> Edit:
    """An edit result: what changed, and the column as it stands for a person, or for anybody.

    `turns` says whether there is something to undo, and to redo, where that is known.
    """
    present = sql.read_classes(connection, column.id)
    undo, redo = turns or sql.what_turns(connection, column.id, person)
    return Edit(column.revision, False, kind, target, class_id, changes, present, undo, redo)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"


def _imported(change: Change) -> str:
    """What an import does, in words: how many images it labels, sets aside and clears."""
    labeled = sum(item.after.label is not None for item in change.labels)
    aside = sum(item.after.state in SET_ASIDE for item in change.labels)
    counts = {"labelled": labeled, "set aside": aside, "cleared": len(change.labels) - labeled - aside}
    done = [f"{_images(count)} {what}" for what, count in counts.items() if count]
    return " and ".join(done) or "classes added"
