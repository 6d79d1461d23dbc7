"""The label store in SQL: the schema, and every statement but those about leases (`lease_rows`).

Rows go in, plain values come out. One database holds any number of label columns, of one run or of many.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, cast, get_args

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Index,
    Integer,
    MetaData,
    ScalarSelect,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.sql import ClauseElement

from tb_tsne_plugin.labels import values
from tb_tsne_plugin.labels.effort import Labeling
from tb_tsne_plugin.labels.errors import SchemaChanged
from tb_tsne_plugin.labels.model import (
    COUNTED,
    MAX_ID_LENGTH,
    NOBODY,
    SET_ASIDE,
    STATES,
    UNMARKED,
    Change,
    ClassChange,
    ClassInfo,
    Giver,
    LabelChange,
    Look,
    Mark,
    PageSelection,
    Person,
    Selection,
    StoredKind,
)
from tb_tsne_plugin.labels.readers import LabelColumn

SCHEMA_VERSION = 6
"""Of the tables below; `migrations` brings earlier ones here."""
VERSION_KEY = "schema_version"

schema = MetaData()


def _column_id() -> Column[int]:
    return Column("column_id", Integer, primary_key=True, autoincrement=False)


about = Table("about", schema, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))
"""What the store says of itself: the schema's version."""

label_runs = Table(
    "label_runs",
    schema,
    Column("run", String(MAX_ID_LENGTH), primary_key=True),
    Column("identity", String(32), nullable=False),
)
"""Every run with labels here, and what tells its labels from all others: random, made with them, never changed."""

label_places = Table(
    "label_places",
    schema,
    Column("run", String(MAX_ID_LENGTH), nullable=False),
    Column("place", Text, nullable=False),
    Column("samples", Integer, nullable=False),
    Index("label_places_by_run", "run"),
)
"""Where the folder of such a run is, as seen from the machines that edited its labels; and how many samples it has. Not
for labels in the run's own folder."""

label_columns = Table(
    "label_columns",
    schema,
    Column("id", Integer, primary_key=True),
    Column("run", String(MAX_ID_LENGTH), nullable=False),
    Column("name", String(128), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("next_class_id", Integer, nullable=False),
    Column("owner", String(128)),
    Column("blind", Integer),
    UniqueConstraint("run", "name"),
)
"""Every label column and where its history stands. Writers lock its row, so that edits follow one another. One that is
blind is for its owner, and those who may manage."""

edits = Table(
    "edits",
    schema,
    _column_id(),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("op_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("target", Integer),
    Column("author", String(128), nullable=False),
    Column("time", String(32), nullable=False),
    Column("class_id", Integer),
    Column("count", Integer, nullable=False),
    Column("summary", Text, nullable=False),
    Column("selection", Text),
    Column("content", String(32)),
    Column("client", String(64), nullable=False),
    Column("touched", Text),
    UniqueConstraint("column_id", "op_id"),
    Index("edits_by_target", "column_id", "target"),
    Index("edits_by_author", "column_id", "author", "revision"),
)
"""The history: appended to, never changed. `content` is a digest of what was asked for, `client` tells people of one
name apart, and `touched` says of whom else an edit changed what, and how many."""

label_changes = Table(
    "label_changes",
    schema,
    _column_id(),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("sample_id", String(MAX_ID_LENGTH), primary_key=True),
    Column("before", Integer),
    Column("after", Integer),
    Column("state_before", Integer, nullable=False),
    Column("state_after", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""What happened to each sample: its class and the number of its state before and after an edit."""

class_changes = Table(
    "class_changes",
    schema,
    _column_id(),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("class_id", Integer, primary_key=True, autoincrement=False),
    Column("before", Text),
    Column("after", Text),
)

labels = Table(
    "labels",
    schema,
    _column_id(),
    Column("sample_id", String(MAX_ID_LENGTH), primary_key=True),
    Column("class_id", Integer),
    Column("revision", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The fold of `label_changes`, kept in the same transaction. A cleared sample stays, unlabeled: its revision tells a
late edit that somebody was here."""

classes = Table(
    "classes",
    schema,
    _column_id(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(128), nullable=False),
    Column("color", String(7), nullable=False),
    Column("position", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
)
"""The fold of `class_changes`."""

leases = Table(
    "leases",
    schema,
    _column_id(),
    Column("client", String(64), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("author", String(128), nullable=False),
    Column("op_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("class_id", Integer),
    Column("count", Integer, nullable=False),
    Column("sample_ids", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""What each tab is at, for a while: the samples of a group or a page are given to nobody else meanwhile."""

MAX_TEXT_LENGTH = 4_096
"""Of a text in the history; the longest says that one class was merged into another."""
MAX_SELECTION_LENGTH = 65_536
MOST_TOUCHED = 50
"""People that one edit says it touched."""
IDS_AT_ONCE = 500
"""Ids in one statement: databases take some tens of thousands of parameters at most, SQLite before 3.32 only 999."""

# What every edit asks for, built once: building a statement takes three times as long as carrying it out.
_VERSION = select(about.c.value).where(about.c.key == VERSION_KEY).scalar_subquery().label("schema_version")
_IDENTITY = (
    select(label_runs.c.identity).where(label_runs.c.run == bindparam("of_run")).scalar_subquery().label("identity")
)
_KNOWS_PLACE = (
    exists()
    .where(label_places.c.run == bindparam("of_run"), label_places.c.place == bindparam("place"))
    .label("knows_place")
)
_STATE = select(label_columns, _VERSION, _IDENTITY, _KNOWS_PLACE).where(
    label_columns.c.run == bindparam("of_run"), label_columns.c.name == bindparam("named")
)
_LOCKED_STATE = _STATE.with_for_update()
_RUN = select(label_runs.c.identity, _KNOWS_PLACE).where(label_runs.c.run == bindparam("of_run"))
_OP = select(edits).where(edits.c.column_id == bindparam("of_column"), edits.c.op_id == bindparam("op_id"))
_CLASSES = (
    select(classes).where(classes.c.column_id == bindparam("of_column")).order_by(classes.c.position, classes.c.id)
)
_CLASS = select(classes.c.name, classes.c.revision).where(
    classes.c.column_id == bindparam("of_column"), classes.c.id == bindparam("class_id")
)
_LOG = insert(edits)
_MOVE_ON = update(label_columns).where(label_columns.c.id == bindparam("of_column"))
_JUST_LOGGED = (label_changes.c.column_id == bindparam("of_column"), label_changes.c.revision == bindparam("at"))
_FORGET_OUTDATED = delete(labels).where(
    labels.c.column_id == bindparam("of_column"),
    labels.c.sample_id.in_(select(label_changes.c.sample_id).where(*_JUST_LOGGED)),
)
_FOLD = insert(labels).from_select(
    [labels.c.column_id, labels.c.sample_id, labels.c.class_id, labels.c.revision, labels.c.state],
    select(
        label_changes.c.column_id,
        label_changes.c.sample_id,
        label_changes.c.after,
        label_changes.c.revision,
        label_changes.c.state_after,
    ).where(*_JUST_LOGGED),
)
_TOUCHED = (
    select(edits.c.author, edits.c.client, func.count())
    .select_from(label_changes)
    .join(labels, (labels.c.column_id == label_changes.c.column_id) & (labels.c.sample_id == label_changes.c.sample_id))
    .join(edits, (edits.c.column_id == labels.c.column_id) & (edits.c.revision == labels.c.revision))
    .where(*_JUST_LOGGED, label_changes.c.state_before != STATES.index("unlabeled"))
    .group_by(edits.c.author, edits.c.client)
    .order_by(func.count().desc(), edits.c.author, edits.c.client)
)
_COUNTED = [STATES.index(state) for state in COUNTED]
_IS_MARKED = labels.c.state != STATES.index("unlabeled")
_NUMBER_OF = {state: number for number, state in enumerate(STATES)}

_FORGET_CLASS = delete(classes).where(
    classes.c.column_id == bindparam("of_column"), classes.c.id == bindparam("class_id")
)

_class_decoder = msgspec.json.Decoder(ClassInfo)
_touched_decoder = msgspec.json.Decoder(list[tuple[str, str, int]])
_selection_decoder: msgspec.json.Decoder[Selection] = msgspec.json.Decoder(Selection)


class ColumnState(NamedTuple):
    """Where a label column stands.

    Attributes:
      id: Its number in the database.
      revision: The newest edit's number; 0 before the first.
      next_class_id: An id that no class ever had.
      run: What tells the run's labels from all others; None where nothing does.
      column: Its name, and who can read it.
    """

    id: int
    revision: int
    next_class_id: int
    run: RunState | None
    column: LabelColumn


class RunState(NamedTuple):
    """What tells a run's labels from all others.

    Attributes:
      identity: Random, made with them.
      knows_place: Whether they are known to be those of the run at a place.
    """

    identity: str
    knows_place: bool


class KnownPlace(NamedTuple):
    """A place of a run's folder.

    Attributes:
      place: Where it is.
      samples: How many samples the run had when it came.
    """

    place: str
    samples: int


class Maker(NamedTuple):
    """Who made an edit.

    Attributes:
      kind: What was done.
      giver: Who, and when; nobody where it brought in what the run came with.
    """

    kind: str
    giver: Giver


@dataclass(frozen=True)
class StoredEdit:
    """A row of `edits`.

    Attributes:
      revision: Its number.
      op_id: The operation's name.
      kind: What was done.
      target: The revision that an undo, redo or restore is about.
      author: Who.
      time: ISO 8601, UTC.
      class_id: The class given, if one was.
      count: Samples changed.
      summary: What was done, in words.
      selection: How the samples were selected, if that is known and understood.
      content: A digest of what was asked for, if that is known.
      client: Tells people of one name apart.
      touched: Who else had decided about the samples that it changed, and of how many.
    """

    revision: int
    op_id: str
    kind: StoredKind
    target: int | None
    author: str
    time: str
    class_id: int | None
    count: int
    summary: str
    selection: Selection | None
    content: str | None
    client: str
    touched: tuple[tuple[Person, int], ...] = ()


def read_run(connection: Connection, run: str, place: str) -> RunState | None:
    """What tells a run's labels from all others; None where it has none.

    Args:
      connection: A transaction.
      run: The run.
      place: Where its folder is.
    """
    row = connection.execute(_RUN, {"of_run": run, "place": place}).first()
    return None if row is None else RunState(values.identity(row.identity), bool(row.knows_place))


def add_run(connection: Connection, run: str, identity: str) -> None:
    """Gives a run's labels their identity."""
    connection.execute(insert(label_runs).values(run=run, identity=identity))


def read_places(connection: Connection, run: str) -> list[KnownPlace]:
    """Where the folders are of runs that these are the labels of."""
    rows = connection.execute(select(label_places).where(label_places.c.run == run).order_by(label_places.c.place))
    return [KnownPlace(_text(row.place), values.whole(row.samples)) for row in rows]


def add_place(connection: Connection, run: str, place: KnownPlace, *, alone: bool) -> None:
    """Adds a place of a run; `alone` forgets all others."""
    if alone:
        connection.execute(delete(label_places).where(label_places.c.run == run))
    connection.execute(insert(label_places).values(run=run, place=place.place, samples=place.samples))


def lock_columns(connection: Connection, run: str) -> None:
    """Makes every other writer of a run's labels wait for this transaction's end."""
    connection.execute(
        select(label_columns.c.id).where(label_columns.c.run == run).order_by(label_columns.c.id).with_for_update()
    )


def labeled_samples(connection: Connection, run: str) -> set[str]:
    """The samples of a run that are anything but unlabeled in any column."""
    query = select(labels.c.sample_id).where(
        _IS_MARKED,
        labels.c.column_id.in_(select(label_columns.c.id).where(label_columns.c.run == run)),
    )
    return set(connection.execute(query).scalars())


def read_state(
    connection: Connection, run: str, name: str, place: str = "", *, lock: bool = False
) -> ColumnState | None:
    """Where a column stands; None where there is no such column.

    Args:
      connection: A transaction.
      run: The run it belongs to.
      name: Its name.
      place: Where the run's folder is.
      lock: Make other writers of this column wait for this transaction's end (SQLite locks the whole file anyway).

    Raises:
      SchemaChanged: If the tables are no longer of our version.
    """
    asked = {"of_run": run, "named": name, "place": place}
    row = connection.execute(_LOCKED_STATE if lock else _STATE, asked).first()
    return None if row is None else _column_state(row)


def add_column(connection: Connection, run: str, name: str, owner: str = "") -> ColumnState:
    """Adds an empty column; a blind one where it is somebody's own."""
    own = {"owner": owner or None, "blind": 1 if owner else 0}
    connection.execute(insert(label_columns).values(run=run, name=name, revision=0, next_class_id=1, **own))
    return _column_state(connection.execute(_STATE, {"of_run": run, "named": name, "place": ""}).one())


def open_column(connection: Connection, column_id: int) -> None:
    """Lets everybody read a column, for good."""
    connection.execute(update(label_columns).where(label_columns.c.id == column_id).values(blind=0))


def read_columns(connection: Connection, run: str) -> list[LabelColumn]:
    """A run's columns, oldest first."""
    query = select(label_columns).where(label_columns.c.run == run).order_by(label_columns.c.id)
    return [_label_column(row) for row in connection.execute(query)]


def find_op(connection: Connection, column_id: int, op_id: str) -> StoredEdit | None:
    """The edit that was stored under an `op_id`, or None."""
    row = connection.execute(_OP, {"of_column": column_id, "op_id": op_id}).first()
    return None if row is None else _stored_edit(row)


def read_edit(connection: Connection, column_id: int, revision: int) -> StoredEdit:
    """The edit of a revision."""
    query = select(edits).where(edits.c.column_id == column_id, edits.c.revision == revision)
    row = connection.execute(query).first()
    if row is None:
        raise values.damaged()
    return _stored_edit(row)


def read_edits(
    connection: Connection, column_id: int, limit: int, before: int | None = None, author: str | None = None
) -> list[StoredEdit]:
    """The newest edits, newest first; with `before`, only those before that revision; with `author`, only theirs.

    Of what we cannot have written there is as much as can be understood: one such entry does not hide all others.
    """
    query = select(edits).where(edits.c.column_id == column_id).order_by(edits.c.revision.desc()).limit(limit)
    if before is not None:
        query = query.where(edits.c.revision < before)
    if author is not None:
        query = query.where(edits.c.author == author)
    return [_stored_edit(row) for row in connection.execute(query) if values.is_whole(row.revision)]


def newest_standing(connection: Connection, column_id: int, person: Person | None) -> int | None:
    """The newest edit of a person, or of anybody, that can be undone and is not; None where there is none."""
    row = connection.execute(_newest_standing(person), {"of_column": column_id, **_named(person)}).first()
    return None if row is None else _whole_or_none(row.revision)  # a spoiled past leaves the labels to be read


def newest_undone(connection: Connection, column_id: int, person: Person | None) -> int | None:
    """What a person, or anybody, undid last and nobody did again; None where there is none, or a new edit since."""
    row = connection.execute(_newest_undone(person), {"of_column": column_id, **_named(person)}).first()
    return None if row is None else _whole_or_none(row.target)


def what_turns(connection: Connection, column_id: int, person: Person | None) -> tuple[bool, bool]:
    """Whether there is something that a person, or anybody, could undo, and redo."""
    standing, undone = newest_standing(connection, column_id, person), newest_undone(connection, column_id, person)
    return standing is not None, undone is not None


def newest_of(connection: Connection, column_id: int, person: Person) -> int:
    """The newest entry of a person, undoing and redoing too; 0 before the first."""
    query = select(func.max(edits.c.revision)).where(edits.c.column_id == column_id, *_by(edits, person))
    found = connection.execute(query, _named(person)).scalar_one()
    return 0 if found is None else values.whole(found)


def is_undone(connection: Connection, column_id: int, revision: int) -> bool:
    """Whether an edit is undone now."""
    return revision in undone_among(connection, column_id, [revision])


def stood_otherwise(connection: Connection, column_id: int, revision: int) -> bool:
    """Whether something before an edit was undone or done again since, and is not as it was when the edit was made."""
    query = (
        select(edits.c.target, edits.c.kind, edits.c.revision)
        .where(edits.c.column_id == column_id, edits.c.target < revision, edits.c.kind.in_(TURNS))
        .order_by(edits.c.revision)
    )
    rows = connection.execute(query).all()
    then = {row.target: row.kind for row in rows if row.revision < revision}
    now = {row.target: row.kind for row in rows}
    return any(kind != then.get(target, "redo") for target, kind in now.items())


def has_other_since(connection: Connection, column_id: int, revision: int) -> bool:
    """Whether anything came after an edit but undoing it and doing it again."""
    query = select(edits.c.revision).where(
        edits.c.column_id == column_id,
        edits.c.revision > revision,
        or_(edits.c.kind.not_in(TURNS), edits.c.target.is_(None), edits.c.target != revision),
    )
    return connection.execute(query.limit(1)).first() is not None


def standing_marks(
    connection: Connection, column_id: int, revision: int, *, after: bool
) -> dict[str, tuple[Mark, int]]:
    """What other edits that stand gave the samples of an edit last, and which those edits are.

    Args:
      connection: A transaction.
      column_id: The column.
      revision: The edit.
      after: Of those after it, instead of those before it.
    """
    others = label_changes.c.revision > revision if after else label_changes.c.revision < revision
    own = select(label_changes.c.sample_id).where(
        label_changes.c.column_id == column_id, label_changes.c.revision == revision
    )
    query = (
        select(label_changes.c.sample_id, label_changes.c.after, label_changes.c.state_after, label_changes.c.revision)
        .join(edits, (edits.c.column_id == label_changes.c.column_id) & (edits.c.revision == label_changes.c.revision))
        .where(label_changes.c.column_id == column_id, others, label_changes.c.sample_id.in_(own))
        .where(edits.c.kind.not_in(TURNS))
        .order_by(label_changes.c.revision)
    )
    undone = undone_among(connection, column_id)
    found: dict[str, tuple[Mark, int]] = {}
    known = values.Marks()
    for sample_ids, class_ids, states, revisions in _columns_of(connection, query):
        values.check_wholes(revisions, least=1)
        marks = values.marks(class_ids, states, known)
        rows = zip(sample_ids, marks, revisions, strict=True)
        found.update((sample_id, (mark, at)) for sample_id, mark, at in rows if at not in undone)
    values.check_samples(found)
    return found


def read_authors(connection: Connection, column_id: int, revisions: Collection[int]) -> dict[int, str]:
    """Who made edits, by revision."""
    query = select(edits.c.revision, edits.c.author).where(
        edits.c.column_id == column_id, edits.c.revision.in_(list(revisions))
    )
    return {values.whole(row.revision): _text(row.author) for row in connection.execute(query)} if revisions else {}


TURNS = ("undo", "redo")
"""The kinds of edits that have no place of their own: they say whether another one stands."""
FIRST_IMPORT = "import-metadata"
"""The op_id of the edit that brought in what a run came with; where everything starts, so that undo goes not behind."""


def _by(table: FromClause, person: Person | None) -> list[ColumnElement[bool]]:
    """The condition that an edit is a person's own (`Person.made`); none where there is no person."""
    if person is None:
        return []
    is_of_name = table.c.author == bindparam("author")
    return [is_of_name, table.c.client.in_(("", bindparam("client")))] if person.client else [is_of_name]


def _named(person: Person | None) -> dict[str, str]:
    if person is None:
        return {}
    return {"author": person.author, "client": person.client} if person.client else {"author": person.author}


def _last_turn(target: ColumnElement[Any], column: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Whether an edit was undone or done again last; null where neither ever was."""
    turn = edits.alias()
    return (
        select(turn.c.kind)
        .where(turn.c.column_id == column, turn.c.target == target, turn.c.kind.in_(TURNS))
        .order_by(turn.c.revision.desc())
        .limit(1)
        .scalar_subquery()
    )


@lru_cache(maxsize=3)
def _statement_of_standing(has_person: bool, has_client: bool) -> Select[Any]:
    person = Person("", "x" if has_client else "") if has_person else None
    return (
        select(edits.c.revision)
        .where(edits.c.column_id == bindparam("of_column"), edits.c.kind.not_in(TURNS), *_by(edits, person))
        .where(edits.c.op_id != FIRST_IMPORT)
        .where(func.coalesce(_last_turn(edits.c.revision, edits.c.column_id), "redo") != "undo")
        .order_by(edits.c.revision.desc())
        .limit(1)
    )


@lru_cache(maxsize=3)
def _statement_of_undone(has_person: bool, has_client: bool) -> Select[Any]:
    person = Person("", "x" if has_client else "") if has_person else None
    made = edits.alias()
    newest_edit = (
        select(func.coalesce(func.max(made.c.revision), 0))
        .where(made.c.column_id == bindparam("of_column"), made.c.kind.not_in(TURNS), *_by(made, person))
        .scalar_subquery()
    )
    return (
        select(edits.c.target)
        .where(edits.c.column_id == bindparam("of_column"), edits.c.kind == "undo", *_by(edits, person))
        .where(edits.c.revision > newest_edit, _last_turn(edits.c.target, edits.c.column_id) == "undo")
        .order_by(edits.c.revision.desc())
        .limit(1)
    )


def _newest_standing(person: Person | None) -> Select[Any]:
    return _statement_of_standing(person is not None, bool(person and person.client))


def _newest_undone(person: Person | None) -> Select[Any]:
    return _statement_of_undone(person is not None, bool(person and person.client))


def read_labelings(connection: Connection, column_id: int, before: int | None = None) -> Iterator[Labeling]:
    """Each edit that labeled by hand and is not undone, oldest first; with `before`, only until that revision."""
    undone = undone_among(connection, column_id)
    query = (
        select(edits.c.revision, edits.c.class_id, edits.c.count, edits.c.selection)
        .where(edits.c.column_id == column_id, edits.c.kind == "apply")
        .order_by(edits.c.revision)
    )
    if before is not None:
        query = query.where(edits.c.revision < before)
    return (_labeling(row) for row in connection.execute(query) if row.revision not in undone)


def read_looks(connection: Connection, column_id: int) -> list[Look]:
    """The pages drawn at random that are stored and in force, oldest first; without what no page can have found."""
    return [
        Look(row.revision, _whole_or_none(row.class_id), page.population, page.shown, page.changed)
        for row, page in _pages(connection, column_id)
        if page.order == "random" and page.population is not None and page.shown <= page.population
    ]


def count_strays(connection: Connection, column_id: int) -> int:
    """How many images on pages that are stored and in force were given something else than the rest of the page."""
    return sum(page.changed for _, page in _pages(connection, column_id))


def _pages(connection: Connection, column_id: int) -> Iterator[tuple[Any, PageSelection]]:
    """The edits that stored pages and are in force, oldest first; without what no page can have found."""
    query = (
        select(edits.c.revision, edits.c.class_id, edits.c.selection)
        .where(edits.c.column_id == column_id, edits.c.kind == "apply", edits.c.selection.contains('"page"'))
        .order_by(edits.c.revision)
    )
    undone = undone_among(connection, column_id)
    restored = [
        (each.target, each.revision)
        for each in connection.execute(
            select(edits.c.target, edits.c.revision).where(edits.c.column_id == column_id, edits.c.kind == "restore")
        )
        if each.revision not in undone and values.is_whole(each.target) and values.is_whole(each.revision)
    ]
    for row in connection.execute(query):
        page = _understood(row.selection)
        if row.revision in undone or not values.is_whole(row.revision) or not isinstance(page, PageSelection):
            continue
        if 0 <= page.changed <= page.shown and not any(to < row.revision < at for to, at in restored):
            yield row, page


_SUGGESTED = '"kind": "suggestion"'
"""What a selection that was accepted as suggested holds, as `_encoded` writes it."""


def count_accepted(connection: Connection, column_id: int) -> int:
    """How many labels were accepted as suggested, of samples that nobody has seen since."""
    made, redone = edits.alias(), edits.alias()
    query = (
        select(func.count())
        .select_from(labels)
        .join(made, (made.c.column_id == labels.c.column_id) & (made.c.revision == labels.c.revision))
        # What was done again is as it was at first.
        .outerjoin(
            redone,
            (redone.c.column_id == made.c.column_id) & (redone.c.revision == made.c.target) & (made.c.kind == "redo"),
        )
        .where(
            labels.c.column_id == column_id,
            labels.c.state == STATES.index("labeled"),
            func.coalesce(redone.c.selection, made.c.selection).contains(_SUGGESTED),
        )
    )
    return int(connection.execute(query).scalar_one())


def undone_among(connection: Connection, column_id: int, revisions: Sequence[int] | None = None) -> set[int]:
    """Those of some edits, or of all, that are undone now, and not redone."""
    query = (
        select(edits.c.target, edits.c.kind)
        .where(edits.c.column_id == column_id, edits.c.kind.in_(("undo", "redo")))
        .order_by(edits.c.revision)
    )
    if revisions is not None:
        query = query.where(edits.c.target.in_(revisions))
    last = {row.target: row.kind for row in connection.execute(query)}
    return {target for target, kind in last.items() if kind == "undo"}


def read_classes(connection: Connection, column_id: int) -> list[ClassInfo]:
    """All classes, in order."""
    rows = connection.execute(_CLASSES, {"of_column": column_id})
    return [values.class_info(ClassInfo(row.id, row.name, row.color, row.position)) for row in rows]


def read_class(connection: Connection, column_id: int, class_id: int) -> tuple[str, int] | None:
    """A class's name and the revision that last changed it; None where there is no such class."""
    row = connection.execute(_CLASS, {"of_column": column_id, "class_id": class_id}).first()
    return None if row is None else (values.name(row.name), values.whole(row.revision))


def read_marks_of(connection: Connection, column_id: int, sample_ids: Sequence[str]) -> dict[str, tuple[Mark, int]]:
    """Mark and revision of those of the samples that ever had another mark than none."""
    statement, arranged = _select_labels(connection.dialect)
    rows: list[Any] = []
    for begin in range(0, len(sample_ids), IDS_AT_ONCE):
        batch = sample_ids[begin : begin + IDS_AT_ONCE]
        padded = [*batch, *[batch[-1]] * (IDS_AT_ONCE - len(batch))]
        # All rows at once: fetched one by one they take four times as long.
        rows += connection.exec_driver_sql(statement, arranged((column_id, *padded))).all()
    if not rows:
        return {}
    ids, class_ids, states, revisions = zip(*rows, strict=True)
    values.check_wholes(revisions, least=1)
    marks = values.marks(class_ids, states, values.Marks())
    return dict(zip(ids, zip(marks, revisions, strict=True), strict=True))


def read_all_marks(connection: Connection, column_id: int) -> dict[str, Mark]:
    """Mark by sample id, of all samples that are anything but unlabeled."""
    query = select(labels.c.sample_id, labels.c.class_id, labels.c.state).where(
        labels.c.column_id == column_id, _IS_MARKED
    )
    return _marks_by_sample(connection, query, once=True)


def read_label_revisions(connection: Connection, column_id: int) -> dict[str, int]:
    """The edit that gave each labeled sample its label; what only changed its state is none."""
    newest = select(labels.c.sample_id, labels.c.revision).where(
        labels.c.column_id == column_id, labels.c.state.in_(_COUNTED)
    )
    found = _revisions_by_sample(connection, newest)
    of_column = label_changes.c.column_id == column_id
    keeps = (
        (label_changes.c.before == label_changes.c.after)
        & label_changes.c.state_before.in_(_COUNTED)
        & label_changes.c.state_after.in_(_COUNTED)
    )
    # Only of those that were looked at again: to go through the whole past takes five times as long.
    looked_at_again = select(label_changes.c.sample_id).where(of_column, keeps)
    gave = (
        select(label_changes.c.sample_id, func.max(label_changes.c.revision))
        .where(of_column, label_changes.c.sample_id.in_(looked_at_again))
        .where(label_changes.c.state_after.in_(_COUNTED), or_(label_changes.c.before.is_(None), not_(keeps)))
        .group_by(label_changes.c.sample_id)
    )
    earlier = _revisions_by_sample(connection, gave)
    return {sample_id: earlier.get(sample_id, revision) for sample_id, revision in found.items()}


def read_aside_revisions(connection: Connection, column_id: int) -> dict[str, int]:
    """The edit that changed each sample last that is set aside."""
    aside = [STATES.index(state) for state in SET_ASIDE]
    query = select(labels.c.sample_id, labels.c.revision).where(
        labels.c.column_id == column_id, labels.c.state.in_(aside)
    )
    return _revisions_by_sample(connection, query)


def read_makers(connection: Connection, column_id: int) -> dict[int, Maker]:
    """Who made each edit, by revision."""
    query = select(edits.c.revision, edits.c.kind, edits.c.op_id, edits.c.author, edits.c.time).where(
        edits.c.column_id == column_id
    )
    found: dict[int, Maker] = {}
    for revisions, *others in _columns_of(connection, query):
        for revision, kind, op_id, author, time in zip(revisions, *others, strict=True):
            nobody = op_id == FIRST_IMPORT
            giver = NOBODY if nobody else Giver(_text(author), _text(time))
            found[values.whole(revision)] = Maker(_text(kind), giver)
    return found


def read_merges(connection: Connection, column_id: int) -> list[tuple[int, int, int]]:
    """The merges of classes, oldest first: the edit, the class that is gone, and the one that its samples got."""
    query = (
        select(edits.c.revision, class_changes.c.class_id, edits.c.class_id.label("into"))
        .join(
            class_changes,
            (class_changes.c.column_id == edits.c.column_id) & (class_changes.c.revision == edits.c.revision),
        )
        .where(edits.c.column_id == column_id, edits.c.kind == "merge", class_changes.c.after.is_(None))
        .order_by(edits.c.revision)
    )
    rows = connection.execute(query)
    return [(values.whole(row.revision), values.whole(row.class_id, 1), values.whole(row.into, 1)) for row in rows]


def read_past(connection: Connection, column_id: int) -> Iterator[tuple[str, Mark, Mark, int]]:
    """All that ever happened to samples, oldest first: sample, mark before and after, and the edit."""
    query = (
        select(
            label_changes.c.sample_id,
            label_changes.c.before,
            label_changes.c.state_before,
            label_changes.c.after,
            label_changes.c.state_after,
            label_changes.c.revision,
        )
        .where(label_changes.c.column_id == column_id)
        .order_by(label_changes.c.revision)
    )
    known = values.Marks()
    for sample_ids, before, state_before, after, state_after, revisions in _columns_of(connection, query):
        values.check_samples(sample_ids)
        values.check_wholes(revisions, least=1)
        marks = values.marks(before, state_before, known), values.marks(after, state_after, known)
        yield from zip(sample_ids, *marks, revisions, strict=True)


def _revisions_by_sample(connection: Connection, query: Select[Any]) -> dict[str, int]:
    """A revision by sample, each of which a query finds once."""
    found: dict[str, int] = {}
    count = 0
    for sample_ids, revisions in _columns_of(connection, query):
        values.check_wholes(revisions, least=1)
        found.update(zip(sample_ids, revisions, strict=True))
        count += len(sample_ids)
        if len(found) != count:
            raise values.damaged()
    values.check_samples(found)
    return found


def marks_of_class(connection: Connection, column_id: int, class_id: int) -> dict[str, Mark]:
    """Mark by sample id, of all samples of a class: those that were set aside with it too."""
    query = select(labels.c.sample_id, labels.c.class_id, labels.c.state).where(
        labels.c.column_id == column_id, labels.c.class_id == class_id
    )
    return _marks_by_sample(connection, query, once=True)


def marks_changed_since(connection: Connection, column_id: int, revision: int) -> dict[str, Mark]:
    """Mark now of every sample that changed after a revision."""
    if revision < 1:  # all that ever changed: the fold has it, without the way there
        everything = select(labels.c.sample_id, labels.c.class_id, labels.c.state).where(
            labels.c.column_id == column_id
        )
        return _marks_by_sample(connection, everything, once=True)
    query = (
        select(label_changes.c.sample_id, label_changes.c.after, label_changes.c.state_after)
        .where(label_changes.c.column_id == column_id, label_changes.c.revision > revision)
        .order_by(label_changes.c.revision)
    )
    return _marks_by_sample(connection, query)


def read_change(connection: Connection, column_id: int, revision: int) -> Change:
    """What an edit changed."""
    of_labels = select(label_changes).where(
        label_changes.c.column_id == column_id, label_changes.c.revision == revision
    )
    of_classes = select(class_changes).where(
        class_changes.c.column_id == column_id, class_changes.c.revision == revision
    )
    return Change(
        tuple(_label_changes(connection, of_labels)),
        tuple(_class_change(row.class_id, row.before, row.after) for row in connection.execute(of_classes)),
    )


def change_since(connection: Connection, column_id: int, revision: int) -> Change:
    """What all edits after a revision changed, taken together."""
    of_labels = (
        select(label_changes)
        .where(label_changes.c.column_id == column_id, label_changes.c.revision > revision)
        .order_by(label_changes.c.revision)
    )
    of_classes = (
        select(class_changes)
        .where(class_changes.c.column_id == column_id, class_changes.c.revision > revision)
        .order_by(class_changes.c.revision)
    )
    samples: dict[str, tuple[Mark, Mark]] = {}
    for sample_id, before, after in _label_changes(connection, of_labels):
        samples[sample_id] = (samples.get(sample_id, (before,))[0], after)
    infos: dict[int, tuple[str | None, str | None]] = {}
    for row in connection.execute(of_classes):
        infos[row.class_id] = (infos.get(row.class_id, (row.before,))[0], row.after)
    together = [_class_change(key, before, after) for key, (before, after) in infos.items()]
    return Change(
        tuple(LabelChange(key, before, after) for key, (before, after) in samples.items() if before != after),
        tuple(change for change in together if change.before != change.after),
    )


def append(connection: Connection, column: ColumnState, edit: StoredEdit, change: Change) -> None:
    """Appends an edit to the history, and folds it into the current labels and classes.

    Args:
      connection: A transaction that holds the write lock.
      column: The column as it stands after the edit.
      edit: The edit.
      change: What it changes.
    """
    _log_labels(connection, column, change.labels)
    decided = any(item.before != UNMARKED for item in change.labels)
    touched = _touched(connection, column, Person(edit.author, edit.client)) if decided else None
    row = {**vars(edit), "column_id": column.id, "selection": _encoded(edit.selection), "touched": touched}
    connection.execute(_LOG, row)
    _fold_labels(connection, column, change.labels)
    _append_classes(connection, column, change.classes)
    stands = {"revision": column.revision, "next_class_id": column.next_class_id}
    connection.execute(_MOVE_ON, {"of_column": column.id, **stands})


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts many rows at the driver's own speed.

    SQLAlchemy works out every row's parameters anew, which takes longer than the database does. Here it compiles a
    statement once for each dialect, and the driver gets plain rows.

    Args:
      connection: A transaction.
      table: The SQL table.
      columns: Names of the columns that the rows have.
      rows: Values, in the order of the columns.
    """
    if rows:
        statement, arranged = _insert(connection.dialect, table, tuple(columns))
        connection.exec_driver_sql(statement, [arranged(row) for row in rows])


def _log_labels(connection: Connection, column: ColumnState, changes: Sequence[LabelChange]) -> None:
    at, number_of = (column.id, column.revision), _NUMBER_OF
    logged = [
        (*at, sample_id, class_before, class_after, number_of[state_before], number_of[state_after])
        for sample_id, (class_before, state_before), (class_after, state_after) in changes
    ]
    insert_rows(connection, label_changes, _LOGGED, logged)


def _fold_labels(connection: Connection, column: ColumnState, changes: Sequence[LabelChange]) -> None:
    """Folded by the database, from what was just logged: nothing is sent twice, and the two cannot differ."""
    if changes:
        for statement in (_FORGET_OUTDATED, _FOLD):
            connection.execute(statement, {"of_column": column.id, "at": column.revision})


def _touched(connection: Connection, column: ColumnState, person: Person) -> str | None:
    """Of whom else what was just logged changes something, and of how many samples, those of most first; as JSON."""
    rows = connection.execute(_TOUCHED, {"of_column": column.id, "at": column.revision}).all()
    found = [(_text(author), _text(client), count) for author, client, count in rows]
    others = [each for each in found if not person.made(*each[:2])]
    return json.dumps(others[:MOST_TOUCHED]) if others else None


def _append_classes(connection: Connection, column: ColumnState, changes: Sequence[ClassChange]) -> None:
    at = (column.id, column.revision)
    logged = [(*at, item.class_id, _encoded(item.before), _encoded(item.after)) for item in changes]
    insert_rows(connection, class_changes, ("column_id", "revision", "class_id", "before", "after"), logged)
    outdated = [{"of_column": column.id, "class_id": item.class_id} for item in changes if item.before is not None]
    if outdated:
        connection.execute(_FORGET_CLASS, outdated)
    infos = [item.after for item in changes if item.after is not None]
    current = [(*at, info.id, info.name, info.color, info.position) for info in infos]
    insert_rows(connection, classes, ("column_id", "revision", "id", "name", "color", "position"), current)


_LOGGED = tuple(column.name for column in label_changes.c)
_Arranged = Callable[[tuple[Any, ...]], Any]


@lru_cache
def _insert(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, _Arranged]:
    return _compiled(dialect, insert(table).values({name: bindparam(f"p_{name}") for name in columns}), columns)


@lru_cache
def _select_labels(dialect: Dialect) -> tuple[str, _Arranged]:
    names = tuple(str(number) for number in range(IDS_AT_ONCE))
    query = select(labels.c.sample_id, labels.c.class_id, labels.c.state, labels.c.revision).where(
        labels.c.column_id == bindparam("p_column"), labels.c.sample_id.in_([bindparam(f"p_{name}") for name in names])
    )
    return _compiled(dialect, query, ("column", *names))


def _compiled(dialect: Dialect, statement: ClauseElement, names: Sequence[str]) -> tuple[str, _Arranged]:
    """A statement as the driver wants it, and what puts values, in the order of the names, where it wants them."""
    compiled = dialect.statement_compiler(dialect, statement)
    if not compiled.positional:
        keys = [f"p_{name}" for name in names]
        return str(compiled), lambda values: dict(zip(keys, values, strict=True))
    places = [[f"p_{name}" for name in names].index(key) for key in compiled.positiontup or ()]
    if places == list(range(len(names))):
        return str(compiled), lambda values: values
    return str(compiled), lambda values: tuple(values[place] for place in places)


def _marks_by_sample(connection: Connection, query: Select[Any], *, once: bool = False) -> dict[str, Mark]:
    """A mark by sample; of a sample's several rows the last counts.

    Args:
      connection: A transaction.
      query: Of samples, class ids and states.
      once: Whether every sample has one row only: the pages of a planted store can lead back to themselves.
    """
    found: dict[str, Mark] = {}
    known = values.Marks()
    count = 0
    for sample_ids, class_ids, states in _columns_of(connection, query):
        found.update(zip(sample_ids, values.marks(class_ids, states, known), strict=True))
        count += len(sample_ids)
        if once and len(found) != count:
            raise values.damaged()
    values.check_samples(found)
    return found


def _columns_of(connection: Connection, query: Select[Any]) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """The columns of what a query finds, many rows at a time.

    They are checked all at once: one by one takes three times as long, and SQLAlchemy's rows half as long again.
    """
    with connection.execute(query) as result:
        while rows := result.cursor.fetchmany(1_000):
            yield tuple(zip(*rows, strict=True))


def _label_changes(connection: Connection, query: Select[Any]) -> Iterator[LabelChange]:
    known = values.Marks()
    for _, _, sample_ids, before, after, state_before, state_after in _columns_of(connection, query):
        values.check_samples(sample_ids)
        marks_before = values.marks(before, state_before, known)
        yield from map(LabelChange, sample_ids, marks_before, values.marks(after, state_after, known))


def _column_state(row: Any) -> ColumnState:
    if row.schema_version != str(SCHEMA_VERSION):
        raise SchemaChanged
    run = None if row.identity is None else RunState(values.identity(row.identity), bool(row.knows_place))
    return ColumnState(
        values.whole(row.id),
        values.whole(row.revision),
        values.whole(row.next_class_id, 1),
        run,
        _label_column(row),
    )


def _label_column(row: Any) -> LabelColumn:
    owner = row.owner if isinstance(row.owner, str) else ""
    return LabelColumn(values.name(row.name), owner, bool(row.blind))


def _stored_edit(row: Any) -> StoredEdit:
    """An edit out of the history: of each value what it must be, or what says least."""
    return StoredEdit(
        values.whole(row.revision),
        _text(row.op_id),
        cast("StoredKind", row.kind if row.kind in get_args(StoredKind) else "apply"),
        _whole_or_none(row.target),
        _text(row.author),
        _text(row.time),
        _whole_or_none(row.class_id),
        _whole_or_none(row.count) or 0,
        _text(row.summary),
        _understood(row.selection),
        _text(row.content) or None,
        _text(row.client),
        _who_was_touched(row.touched),
    )


def _labeling(row: Any) -> Labeling:
    return Labeling(_understood(row.selection), _whole_or_none(row.count) or 0, _whole_or_none(row.class_id))


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_TEXT_LENGTH else ""


def _whole_or_none(value: object) -> int | None:
    return cast("int", value) if values.is_whole(value) else None


def _who_was_touched(text: object) -> tuple[tuple[Person, int], ...]:
    if not isinstance(text, str) or len(text) > MAX_SELECTION_LENGTH:
        return ()
    try:
        return tuple((Person(author, client), count) for author, client, count in _touched_decoder.decode(text))
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return ()


def _understood(text: object) -> Selection | None:
    """A selection out of the history; None for one that another version of this package, or nobody, wrote its way."""
    if not isinstance(text, str) or len(text) > MAX_SELECTION_LENGTH:
        return None
    try:
        return _selection_decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return None


def _class_change(class_id: object, before: object, after: object) -> ClassChange:
    return ClassChange(values.whole(class_id, 1), _decoded(before), _decoded(after))


def _decoded(text: object) -> ClassInfo | None:
    if text is None:
        return None
    try:
        return values.class_info(_class_decoder.decode(cast("str", text)))
    except (msgspec.MsgspecError, RecursionError, TypeError, UnicodeEncodeError):
        raise values.damaged() from None


def _encoded(value: ClassInfo | Selection | None) -> str | None:
    """JSON in ASCII, which every database keeps whatever its encoding."""
    return None if value is None else json.dumps(msgspec.to_builtins(value))
