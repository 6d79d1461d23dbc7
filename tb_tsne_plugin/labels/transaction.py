"""One edit in the making: the rules of every kind of edit, inside a transaction that holds the write lock."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tb_tsne_plugin.labels import tables
from tb_tsne_plugin.labels.class_actions import ACTIONS, Before
from tb_tsne_plugin.labels.edits import Change, Edit, LabelChange
from tb_tsne_plugin.labels.errors import Conflict, InvalidEdit, NothingToUndo
from tb_tsne_plugin.labels.imports import import_change
from tb_tsne_plugin.labels.tables import Head


class Operation(NamedTuple):
    """What every edit carries.

    Attributes:
      op_id: Its name; the same name twice acts once.
      base_revision: The revision that its author had seen.
      author: Who.
    """

    op_id: str
    base_revision: int
    author: str


def local_author() -> str:
    """Who edits on this machine: its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"


class NewClass(NamedTuple):
    """A class to be added by the edit that first uses it.

    Attributes:
      name: Its name.
      color: #RRGGBB; None for the next free one.
    """

    name: object
    color: object = None


@dataclass(frozen=True)
class Transaction:
    """One edit in the making.

    Attributes:
      connection: Holds the write lock.
      head: The label column as it stands.
      operation: Name, base and author of the edit.
    """

    connection: Connection
    head: Head
    operation: Operation

    def repeated(self) -> Edit | None:
        """The edit itself, where it was stored before under the same `op_id`."""
        stored = tables.find_op(self.connection, self.head.id, self.operation.op_id)
        if stored is None:
            return None
        after = tables.read_change(self.connection, self.head.id, stored.revision).after
        found = edit_of(self.connection, self.head, stored.kind, after, target=stored.target, class_id=stored.class_id)
        return replace(found, revision=stored.revision, repeated=True)

    def apply(
        self,
        to: int | NewClass | None,
        sample_ids: Sequence[str],
        only_unlabeled: bool,
        selection: dict[str, Any] | None,
    ) -> Edit:
        """Gives samples a class, a new one or none."""
        added = Change()
        class_id: int | None
        if isinstance(to, NewClass):
            done = ACTIONS["add"](self._before(), to._asdict())
            added, class_id = done.change, done.class_id
            name: str | None = next(info.after.name for info in added.classes if info.after is not None)
        else:
            class_id, name = to, self._class_name(to)
        known = tables.read_labels_of(self.connection, self.head.id, sample_ids)
        late = {key: now for key, (now, revision) in known.items() if revision > self.operation.base_revision}
        if late:
            raise self._conflict(f"{_images(len(late))} changed", late)
        changes = []
        for sample_id in dict.fromkeys(sample_ids):
            before = known.get(sample_id, (None, 0))[0]
            if before != class_id and not (only_unlabeled and before is not None):
                changes.append(LabelChange(sample_id, before, class_id))
        if not changes and not added.classes:  # nothing to keep, nothing to undo
            return edit_of(self.connection, self.head, "apply", {}, class_id=class_id)
        summary = f"{_images(len(changes))} " + ("cleared" if name is None else f"labelled {name}")
        entry = {"kind": "apply", "summary": summary, "class_id": class_id, "selection": selection}
        return self.store(Change(tuple(changes), added.classes), entry)

    def change_classes(self, action: str, arguments: dict[str, Any]) -> Edit:
        """Carries out a class action."""
        done = ACTIONS[action](self._before(), arguments)
        for class_id in {change.class_id for change in done.change.classes if change.before is not None}:
            self._class_name(class_id)
        if action == "merge":
            self._class_name(done.class_id)
        if not done.change.classes:
            return edit_of(self.connection, self.head, action, {}, class_id=done.class_id)
        return self.store(done.change, {"kind": action, "summary": done.summary, "class_id": done.class_id})

    def undo_or_redo(self, kind: str) -> Edit:
        """Takes the last edit back, or makes the one undone last again."""
        self._must_be_current()
        target = self.head.undo_top if kind == "undo" else self.head.redo_top
        if target is None:
            raise NothingToUndo(kind)
        change = tables.read_change(self.connection, self.head.id, target)
        about = tables.read_edit(self.connection, self.head.id, target)
        entry = {
            "kind": kind,
            "target": target,
            "summary": f"{'undone' if kind == 'undo' else 'redone'}: {about.summary}",
            "class_id": about.class_id,
        }
        if kind == "undo":
            return self.store(change.inverse(), entry, undo_top=self._before_edit(target, "undo_top"), redo_top=target)
        undone_at = tables.last_undo_of(self.connection, self.head.id, target)
        return self.store(change, entry, undo_top=target, redo_top=self._before_edit(undone_at, "redo_top"))

    def restore(self, revision: int) -> Edit:
        """Makes everything as it was at a revision, as a new edit."""
        self._must_be_current()
        if revision > self.head.revision:
            raise InvalidEdit(f"There is no revision {revision:,} yet; the newest is {self.head.revision:,}.")
        change = tables.change_since(self.connection, self.head.id, revision).inverse()
        if not change.labels and not change.classes:
            return edit_of(self.connection, self.head, "restore", {}, target=revision)
        entry = {"kind": "restore", "target": revision, "summary": f"restored to revision {revision}", "class_id": None}
        return self.store(change, entry)

    def import_labels(self, names: Mapping[str, str | None], only_unlabeled: bool, source: str) -> Edit:
        """Brings in labels by class name."""
        self._must_be_current()
        change = self.planned_import(names, only_unlabeled)
        if not change.labels and not change.classes:
            return edit_of(self.connection, self.head, "import", {})
        entry = {"kind": "import", "summary": f"{_images(len(change.labels))} labelled in {source}", "class_id": None}
        return self.store(change, entry)

    def import_first(self, labels: Mapping[str, str]) -> None:
        """The labels that a run came with: where everything starts, so that undo never goes behind them."""
        change = import_change(labels)
        if change.labels:
            summary = f"{_images(len(change.labels))} labelled in the metadata"
            self.store(change, {"kind": "import", "summary": summary, "class_id": None}, undo_top=None)

    def planned_import(self, names: Mapping[str, str | None], only_unlabeled: bool) -> Change:
        """What an import would change."""
        known = tables.read_labels_of(self.connection, self.head.id, list(names))
        return import_change(
            names,
            classes=tables.read_classes(self.connection, self.head.id),
            next_class_id=self.head.next_class_id,
            current={sample_id: class_id for sample_id, (class_id, _) in known.items()},
            only_unlabeled=only_unlabeled,
        )

    def store(self, change: Change, entry: dict[str, Any], **tops: int | None) -> Edit:
        """Appends the edit.

        Args:
          change: What it changes.
          entry: Its kind, summary, class_id, and target and selection where it has them.
          **tops: `undo_top` and `redo_top` after it; by default the edit itself can be undone, and nothing redone.

        Returns:
          The edit.
        """
        revision = self.head.revision + 1
        newest = max((item.class_id for item in change.classes), default=0)
        after = Head(
            self.head.id,
            revision,
            tops.get("undo_top", revision),
            tops.get("redo_top"),
            max(self.head.next_class_id, newest + 1),
        )
        selection = entry.get("selection")
        columns = {
            "target": None,
            **entry,
            "selection": None if selection is None else json.dumps(selection),
            "op_id": self.operation.op_id,
            "author": self.operation.author,
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        tables.append(self.connection, after, change, columns)
        kind, target, class_id = columns["kind"], columns["target"], columns["class_id"]
        return edit_of(self.connection, after, kind, change.after, target=target, class_id=class_id)

    def _before_edit(self, revision: int, column: str) -> int | None:
        """`undo_top` or `redo_top` as it was before an edit."""
        if revision == 1:
            return None
        top: int | None = getattr(tables.read_edit(self.connection, self.head.id, revision - 1), column)
        return top

    def _before(self) -> Before:
        return Before(
            tables.read_classes(self.connection, self.head.id),
            self.head.next_class_id,
            lambda class_id: tables.samples_of_class(self.connection, self.head.id, class_id),
        )

    def _must_be_current(self) -> None:
        if self.head.revision != self.operation.base_revision:
            raise self._conflict("The labels changed")

    def _class_name(self, class_id: int | None) -> str | None:
        """The name of a class that must be as its author saw it."""
        if class_id is None:
            return None
        found = tables.read_class(self.connection, self.head.id, class_id)
        if found is None:
            if class_id < self.head.next_class_id:
                raise self._conflict("The class was deleted")
            raise InvalidEdit(f"There is no class with the id {class_id!r}.")
        name, revision = found
        if revision > self.operation.base_revision:
            raise self._conflict(f"The class {name} changed")
        return name

    def _conflict(self, what: str, changes: Mapping[str, int | None] | None = None) -> Conflict:
        changed = [] if changes is None else [list(item) for item in changes.items()]
        return Conflict(
            f"{what} elsewhere since revision {self.operation.base_revision}; look at the new state and try again.",
            {"revision": self.head.revision, "changes": changed},
        )


def edit_of(
    connection: Connection,
    head: Head,
    kind: str,
    changes: dict[str, int | None],
    *,
    target: int | None = None,
    class_id: int | None = None,
) -> Edit:
    """An edit result: what changed, and the column as it stands."""
    present = tables.read_classes(connection, head.id)
    undo, redo = head.undo_top is not None, head.redo_top is not None
    return Edit(head.revision, False, kind, target, class_id, changes, present, undo, redo)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"
