"""One edit in the making: the rules of every kind of edit, inside a transaction that holds the write lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

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
    Selection,
    State,
    StoredKind,
)
from tb_tsne_plugin.labels.rules import Before, Giving, check_new_classes, import_change
from tb_tsne_plugin.labels.sql import ColumnState, StoredEdit


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
        found = edit_of(
            self.connection, self.column, stored.kind, after, target=stored.target, class_id=stored.class_id
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
        late = {key: now for key, (now, revision) in known.items() if revision > self.operation.base_revision}
        if late:
            raise self._conflict(f"{_images(len(late))} changed", late)
        before = {sample_id: known[sample_id][0] if sample_id in known else UNMARKED for sample_id in sample_ids}
        after = {mark: giving.after(mark) for mark in set(before.values())}
        changes = [LabelChange(key, mark, after[mark]) for key, mark in before.items() if after[mark] != mark]
        change = Change(tuple(changes), added.classes)
        # A page drawn at random tells something though it changes nothing.
        is_look = isinstance(selection, PageSelection) and selection.order == "random"
        if change.is_empty and not is_look:  # nothing to keep, nothing to undo
            return edit_of(self.connection, self.column, "apply", {}, class_id=class_id)
        summary = f"{_images(len(changes))} {giving.words(name)}"
        return self._store(change, Entry("apply", summary, class_id, selection=selection))

    def change_classes(self, action: ClassAction) -> Edit:
        """Carries out a class action."""
        done = self._before().after(action)
        for class_id in {change.class_id for change in done.change.classes if change.before is not None}:
            self._class_name(class_id)
        if isinstance(action, MergeClass):
            self._class_name(action.into)
        if done.change.is_empty:
            return edit_of(self.connection, self.column, done.kind, {}, class_id=done.about.id)
        return self._store(done.change, Entry(done.kind, done.summary, done.about.id))

    def undo(self) -> Edit:
        """Takes back the last edit that is not undone."""
        self._must_be_current()
        target = self.column.undo_top
        if target is None:
            raise NothingToUndo("undo")
        undone = sql.read_edit(self.connection, self.column.id, target)
        undo_top, _ = self._tops_before(target)
        change = sql.read_change(self.connection, self.column.id, target).inverse()
        entry = Entry("undo", f"undone: {undone.summary}", undone.class_id, target)
        return self._append(change, entry, undo_top=undo_top, redo_top=target)

    def redo(self) -> Edit:
        """Makes the edit that was undone last again."""
        self._must_be_current()
        target = self.column.redo_top
        if target is None:
            raise NothingToUndo("redo")
        redone = sql.read_edit(self.connection, self.column.id, target)
        _, redo_top = self._tops_before(sql.last_undo_of(self.connection, self.column.id, target))
        change = sql.read_change(self.connection, self.column.id, target)
        entry = Entry("redo", f"redone: {redone.summary}", redone.class_id, target)
        return self._append(change, entry, undo_top=target, redo_top=redo_top)

    def restore(self, revision: int) -> Edit:
        """Makes everything as it was at a revision, as a new edit."""
        self._must_be_current()
        if revision > self.column.revision:
            raise InvalidEdit(f"There is no revision {revision:,} yet; the newest is {self.column.revision:,}.")
        change = sql.change_since(self.connection, self.column.id, revision).inverse()
        if change.is_empty:
            return edit_of(self.connection, self.column, "restore", {}, target=revision)
        return self._store(change, Entry("restore", f"restored to revision {revision}", target=revision))

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
            return edit_of(self.connection, self.column, "import", {})
        return self._store(change, Entry("import", f"{_imported(change)} in {source}"))

    def import_first(self, labels: Mapping[str, str], states: Mapping[str, State]) -> None:
        """The labels that a run came with: where everything starts, so that undo never goes behind them."""
        change = import_change(labels, states)
        if change.labels:
            entry = Entry("import", f"{_imported(change)} in the metadata")
            self._append(change, entry, undo_top=None, redo_top=None)

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

    def _store(self, change: Change, entry: Entry) -> Edit:
        """Appends an edit that can be undone; nothing can be redone after it."""
        return self._append(change, entry, undo_top=self.column.revision + 1, redo_top=None)

    def _append(self, change: Change, entry: Entry, *, undo_top: int | None, redo_top: int | None) -> Edit:
        """Appends an edit.

        Args:
          change: What it changes.
          entry: What the history tells of it.
          undo_top: What can be undone after it.
          redo_top: What can be redone after it.

        Returns:
          The edit.
        """
        newest_class = max((item.class_id for item in change.classes), default=0)
        next_class_id = max(self.column.next_class_id, newest_class + 1)
        after = self.column._replace(
            revision=self.column.revision + 1, undo_top=undo_top, redo_top=redo_top, next_class_id=next_class_id
        )
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
            undo_top=undo_top,
            redo_top=redo_top,
            content=self.operation.content,
        )
        sql.append(self.connection, after, stored, change)
        return edit_of(self.connection, after, entry.kind, change.after, target=entry.target, class_id=entry.class_id)

    def _class_to_give(self, to: int | NewClass | None) -> tuple[Change, int | None, str | None]:
        """What has to be added first, the class's id and its name; None clears."""
        if isinstance(to, NewClass):
            added = self._before().added(to.name, to.color)
            return added.change, added.about.id, added.about.name
        return Change(), to, None if to is None else self._class_name(to)

    def _tops_before(self, revision: int) -> tuple[int | None, int | None]:
        """What could be undone and redone just before an edit."""
        if revision == 1:
            return None, None
        earlier = sql.read_edit(self.connection, self.column.id, revision - 1)
        return earlier.undo_top, earlier.redo_top

    def _before(self) -> Before:
        return Before(
            sql.read_classes(self.connection, self.column.id),
            self.column.next_class_id,
            lambda class_id: sql.marks_of_class(self.connection, self.column.id, class_id),
        )

    def _must_be_current(self) -> None:
        if self.column.revision != self.operation.base_revision:
            raise self._conflict("The labels changed")

    def _class_name(self, class_id: int) -> str:
        """The name of a class that must be as its author saw it."""
        found = sql.read_class(self.connection, self.column.id, class_id)
        if found is None:
            if class_id < self.column.next_class_id:
                raise self._conflict("The class was deleted")
            raise InvalidEdit(f"There is no class with the id {class_id!r}.")
        name, revision = found
        if revision > self.operation.base_revision:
            raise self._conflict(f"The class {name} changed")
        return name

    def _conflict(self, what: str, changes: Mapping[str, Mark] | None = None) -> Conflict:
        message = (
            f"{what} elsewhere since revision {self.operation.base_revision}; look at the new state and try again."
        )
        return Conflict(message, self.column.revision, {} if changes is None else changes)


def edit_of(
    connection: Connection,
    column: ColumnState,
    kind: EditKind,
    changes: dict[str, Mark],
    *,
    target: int | None = None,
    class_id: int | None = None,
) -> Edit:
    """An edit result: what changed, and the column as it stands."""
    present = sql.read_classes(connection, column.id)
    undo, redo = column.undo_top is not None, column.redo_top is not None
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
