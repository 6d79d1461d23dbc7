"""What must be true of a history that several people made: compared with what each sent and was told.

The history is read by another program than the one that wrote it, and replayed from nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import psycopg

from tb_tsne_plugin.labels.model import STATES

Mark: TypeAlias = "tuple[int | None, int]"
UNMARKED: Mark = (None, 0)
TURNS = ("undo", "redo")


class Sent(NamedTuple):
    """An edit that somebody asked for: who, its name, the route, what they had seen, and what it was."""

    person: str
    op_id: str
    route: str
    base: int
    body: dict[str, Any]


class Told(NamedTuple):
    """What its sender was told: no revision where it was refused."""

    revision: int | None
    target: int | None
    changes: tuple[tuple[str, int | None, str], ...]
    repeated: bool
    stayed: tuple[tuple[str, int], ...]


class Taken(NamedTuple):
    """What somebody was given.

    Attributes:
      person: Who.
      op_id: Its name.
      sample_ids: What was given.
      seen: The revision that the choices were made at.
      known: The newest revision that anybody had been told of before it was asked for.
    """

    person: str
    op_id: str
    sample_ids: tuple[str, ...]
    seen: int
    known: int


class Hold(NamedTuple):
    """What somebody had, from when they knew of it for as long as they could rely on it."""

    person: str
    since: float
    until: float
    sample_ids: frozenset[str]


class StoredEdit(NamedTuple):
    """An edit as it is stored, with what it changed: before and after by sample, and by class."""

    revision: int
    op_id: str
    kind: str
    target: int | None
    author: str
    changes: dict[str, tuple[Mark, Mark]]
    classes: dict[int, tuple[str | None, str | None]]


class History(NamedTuple):
    """All edits in their order, and the labels and the ids of classes as they stand."""

    edits: list[StoredEdit]
    labels: dict[str, Mark]
    classes: set[int]


def read_history(database: str) -> History:
    """Reads a database that holds one label column."""
    with psycopg.connect(database) as connection:
        changes: dict[int, dict[str, tuple[Mark, Mark]]] = {}
        query = "SELECT revision, sample_id, before, state_before, after, state_after FROM label_changes"
        for revision, key, before, state_before, after, state_after in connection.execute(query):
            changes.setdefault(revision, {})[key] = (before, state_before), (after, state_after)
        classes: dict[int, dict[int, tuple[str | None, str | None]]] = {}
        for revision, class_id, *turn in connection.execute(
            "SELECT revision, class_id, before, after FROM class_changes"
        ):
            classes.setdefault(revision, {})[class_id] = turn[0], turn[1]
        rows = connection.execute(
            "SELECT revision, op_id, kind, target, author FROM edits ORDER BY revision"
        ).fetchall()
        edits = [
            StoredEdit(revision, op_id, kind, target, author, changes.get(revision, {}), classes.get(revision, {}))
            for revision, op_id, kind, target, author in rows
        ]
        labels = {
            row[0]: (row[1], row[2]) for row in connection.execute("SELECT sample_id, class_id, state FROM labels")
        }
        present = {row[0] for row in connection.execute("SELECT id FROM classes")}
    return History(edits, labels, present)


def faults_of(
    history: History,
    sent: Mapping[str, Sent],
    told: Mapping[str, Told],
    taken: Sequence[Taken],
    holds: Sequence[Hold],
    shown: Sequence[dict[str, Any]],
) -> list[str]:
    """Whatever is not as it must be, a sentence for each.

    Args:
      history: What is stored.
      sent: Every edit that was asked for, by its name.
      told: What was answered, by the same name.
      taken: Everything that was given out.
      holds: Who had what when.
      shown: The labels as each server tells them at the end.
    """
    return [
        *acknowledged_once(history, sent, told),
        *overwritten(history, sent),
        *wrongly_at_the_end(history, shown),
        *others_turned(history, told),
        *taken_though_done(history, taken),
        *held_twice(holds),
    ]


def acknowledged_once(history: History, sent: Mapping[str, Sent], told: Mapping[str, Told]) -> Iterator[str]:
    """What was told to be stored is, once and as it was told, and nothing else."""
    if [edit.revision for edit in history.edits] != list(range(1, len(history.edits) + 1)):
        yield "a revision is missing or doubled"
    stored = {edit.op_id: edit for edit in history.edits}
    if len(stored) != len(history.edits):
        yield f"{len(history.edits) - len(stored)} edits are stored twice"
    for op_id, asked in sent.items():
        edit, answer = stored.get(op_id), told.get(op_id)
        if edit is not None and edit.author != asked.person:
            yield f"revision {edit.revision} is {asked.person}'s, and stored as {edit.author}'s"
        if answer is None:
            yield f"{asked} was never answered"
        elif answer.revision is None:
            if edit is not None:
                yield f"{asked} was refused, and is stored as revision {edit.revision}"
        elif edit is None:
            if answer.changes or asked.route in ("labels/undo", "labels/redo"):
                yield f"{asked} was acknowledged as revision {answer.revision}, and is lost"
        elif edit.revision != answer.revision:
            yield f"{asked} was acknowledged as revision {answer.revision}, and is {edit.revision}"
        elif {key: (class_id, STATES.index(state)) for key, class_id, state in answer.changes} != {
            key: after for key, (_, after) in edit.changes.items()
        }:
            yield f"revision {edit.revision} changed something else than {asked.person} was told"


def overwritten(history: History, sent: Mapping[str, Sent]) -> Iterator[str]:
    """Every edit starts from what the one before it left, and from what its author had seen."""
    labels: dict[str, Mark] = {}
    changed_at: dict[str | int, int] = {}
    classes: dict[int, str | None] = {}
    for edit in history.edits:
        asked = sent.get(edit.op_id)
        if asked is not None and edit.kind == "restore" and asked.base != edit.revision - 1:
            yield f"revision {edit.revision} went back from {asked.base}, and not from the newest"
        for key, (before, after) in edit.changes.items():
            if labels.get(key, UNMARKED) != before:
                yield f"revision {edit.revision} changed {key} from {before}, and it was {labels.get(key, UNMARKED)}"
            if asked is not None and edit.kind == "apply" and changed_at.get(key, 0) > asked.base:
                yield (
                    f"revision {edit.revision}, by {edit.author} on {asked.base}, changed {key} over revision "
                    f"{changed_at[key]}, which they had not seen"
                )
            labels[key] = after
            changed_at[key] = edit.revision
        for class_id in () if asked is None else filter(None, (asked.body.get("class_id"), asked.body.get("into"))):
            if asked is not None and changed_at.get(class_id, 0) > asked.base:
                yield f"revision {edit.revision}, on {asked.base}, is about class {class_id}, which changed since"
        for class_id, (before_it, after_it) in edit.classes.items():
            if classes.get(class_id) != before_it:
                yield f"revision {edit.revision} changed class {class_id} from {before_it}, and it was otherwise"
            classes[class_id] = after_it
            changed_at[class_id] = edit.revision


def wrongly_at_the_end(history: History, shown: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The labels are what the history gives, in the database and at every server."""
    labels: dict[str, Mark] = {}
    classes: dict[int, str | None] = {}
    for edit in history.edits:
        labels.update({key: after for key, (_, after) in edit.changes.items()})
        classes.update({class_id: after for class_id, (_, after) in edit.classes.items()})
    wrong = sorted(key for key in {*labels, *history.labels} if labels.get(key) != history.labels.get(key))
    if wrong:
        yield f"{len(wrong)} labels are not what the history gives, as {wrong[:5]}"
    if {class_id for class_id, after in classes.items() if after is not None} != history.classes:
        yield "the classes are not what the history gives"
    states = [labels.get(f"s{row:04d}", UNMARKED)[1] for row in range(len(shown[0]["states"]))]
    for number, answer in enumerate(shown):
        if answer["revision"] != len(history.edits) or answer["states"] != states:
            yield f"server {number} shows other labels than are stored"


def others_turned(history: History, told: Mapping[str, Told]) -> Iterator[str]:
    """Undo takes back one's own newest edit that stands, redo what one undid last; neither what others gave since."""
    edits = {edit.revision: edit for edit in history.edits}
    standing: dict[int, StoredEdit] = {}
    undone: dict[str, list[int]] = {}
    for edit in history.edits:
        what = f"revision {edit.revision}, {edit.author}'s {edit.kind},"
        if edit.kind not in TURNS:
            standing[edit.revision] = edit
            undone[edit.author] = []
            continue
        own = undone.setdefault(edit.author, [])
        if edit.kind == "undo":
            expected = max((each.revision for each in standing.values() if each.author == edit.author), default=None)
        else:
            expected = own[-1] if own else None
        if edit.target is None or edit.target != expected:
            yield f"{what} is of {edit.target}, and their last is {expected}"
        if edit.target is None:
            continue
        since = {key for each in standing.values() if each.revision > edit.target for key in each.changes}
        touched = since & edit.changes.keys()
        if touched:
            yield f"{what} took back what was given since: {sorted(touched)[:5]}"
        answer = told.get(edit.op_id)
        kept = len(since & edits[edit.target].changes.keys())
        if answer is not None and answer.revision is not None and not answer.repeated:
            said = sum(count for author, count in answer.stayed if author)
            if said != kept:
                yield f"{what} left {kept} as they are, and told of {said}"
        if edit.kind == "undo":
            standing.pop(edit.target, None)
            own.append(edit.target)
        else:
            standing[edit.target] = edits[edit.target]
            if edit.target in own:
                own.remove(edit.target)


def taken_though_done(history: History, taken: Sequence[Taken]) -> Iterator[str]:
    """Nothing is given out that somebody changed before it was asked for, and whoever asked had not seen."""
    changed: dict[str, list[int]] = {}
    for edit in history.edits:
        for key in edit.changes:
            changed.setdefault(key, []).append(edit.revision)
    for piece in taken:
        late = [key for key in piece.sample_ids if any(piece.seen < at <= piece.known for at in changed.get(key, ()))]
        if late:
            yield (
                f"{piece.person} was given {piece.op_id} as of revision {piece.seen} when {piece.known} was known, and "
                f"{len(late)} of it were changed meanwhile: {late[:5]}"
            )


def held_twice(holds: Sequence[Hold]) -> Iterator[str]:
    """Nothing is held by two at a time."""
    by_sample: dict[str, list[Hold]] = {}
    for hold in sorted(holds, key=lambda each: each.since):
        for key in hold.sample_ids:
            by_sample.setdefault(key, []).append(hold)
    for key, found in by_sample.items():
        for first, then in itertools.pairwise(found):
            if first.person != then.person and then.since < first.until:
                yield (
                    f"{key} was held by {first.person} from {first.since:.3f} to {first.until:.3f}, and by "
                    f"{then.person} from {then.since:.3f}"
                )
