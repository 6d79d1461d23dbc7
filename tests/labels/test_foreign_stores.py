"""Stores that others made or changed: exactly our tables, values of our kinds, a bounded time; else a sentence."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tb_tsne_plugin.labels import LabelError, LabelsNotStored, LabelStore
from tb_tsne_plugin.labels.model import HistoryEntry, NeighborsSelection
from tb_tsne_plugin.labels.sql import SCHEMA_VERSION
from tests.labels.conftest import file_of, operation, with_classes
from tests.labels.hostile import EDITS, READS, change

DAMAGED = "The label store is damaged; restore labels.sqlite from a backup"
CHANGED = "labels.sqlite was changed by another program"


PATIENCE = 60
"""Seconds in which anything is read or refused: what never ends takes longer, a busy machine does not."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with some of everything, not to be changed."""
    path = tmp_path_factory.mktemp("made") / "labels.sqlite"
    store = with_classes(LabelStore(path))
    for number in range(12):
        ids = [f"s{sample}" for sample in range(number, number + 20)]
        store.apply(operation(store), 1 + number % 2, ids, only_unlabeled=False, selection=NeighborsSelection("s1", 9))
    store.undo(operation(store))
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(made, tmp_path / "labels.sqlite"))


def ask_everything(path: Path, seconds: float = PATIENCE) -> list[str]:
    """Reads and edits a store in every way; what was refused."""
    refused = []
    before = path.read_bytes()
    for name, use in [*READS.items(), *EDITS.items()]:
        began = time.monotonic()
        try:
            answer = use(LabelStore(path))
            msgspec.json.encode(answer)
        except LabelError as error:
            refused.append(f"{name}: {error}")
        assert time.monotonic() - began < seconds, name
        if name in READS:
            assert path.read_bytes() == before, name
    return refused


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER lost AFTER INSERT ON labels BEGIN DELETE FROM labels; END",
        "CREATE TRIGGER lost BEFORE UPDATE ON label_columns BEGIN SELECT RAISE(IGNORE); END",
        "CREATE VIEW more AS WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n) SELECT * FROM n",
        "CREATE INDEX again ON labels (class_id)",
        "CREATE TABLE more (a)",
        "CREATE VIRTUAL TABLE more USING fts5(a)",
        "ALTER TABLE labels ADD COLUMN more INTEGER AS (length(hex(zeroblob(1000000)))) VIRTUAL",
        "ALTER TABLE edits ADD COLUMN more INTEGER CHECK (more > 0)",
        "DROP INDEX edits_by_target",
        "ANALYZE",
    ],
)
def test_a_store_that_holds_more_or_less_than_ours_is_not_used(statement: str, path: Path) -> None:
    change(path, statement)
    before = path.read_bytes()
    refused = ask_everything(path)
    assert len(refused) == len(READS) + len(EDITS)
    assert all(CHANGED in sentence for sentence in refused)
    assert path.read_bytes() == before


def test_a_table_that_is_a_view_is_not_read(path: Path) -> None:
    change(
        path,
        "ALTER TABLE labels RENAME TO kept",
        "CREATE VIEW labels AS WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n) "
        "SELECT 1 AS column_id, 's' || i AS sample_id, 1 AS class_id, 1 AS revision FROM n",
    )
    with pytest.raises(LabelsNotStored, match=CHANGED):
        LabelStore(path).snapshot()


def test_what_is_added_while_the_store_is_in_use_is_seen(sqlite_store: LabelStore) -> None:
    assert sqlite_store.revision() == 2
    change(file_of(sqlite_store), "CREATE TRIGGER lost AFTER INSERT ON labels BEGIN DELETE FROM labels; END")
    with pytest.raises(LabelsNotStored, match=CHANGED):
        sqlite_store.apply(operation(sqlite_store, base=2), 1, ["a"])


def test_a_newer_version_with_other_tables_says_so(path: Path) -> None:
    change(
        path, "CREATE TABLE newer (a)", f"UPDATE about SET value = {SCHEMA_VERSION + 1} WHERE key = 'schema_version'"
    )
    with pytest.raises(LabelsNotStored, match="made by a newer version"):
        LabelStore(path).snapshot()


def test_statements_may_be_written_otherwise(path: Path) -> None:
    """A dump made with other tools, read back."""
    again = path.with_name("again.sqlite")
    with closing(sqlite3.connect(path)) as connection, closing(sqlite3.connect(again)) as other:
        for line in connection.iterdump():
            other.execute(line.replace("revision INTEGER", '"revision"\n  INTEGER') if "CREATE" in line else line)
        other.commit()
    assert LabelStore(again).snapshot() == LabelStore(path).snapshot()


OF_LABELS = [
    "UPDATE labels SET class_id = 'cat' WHERE sample_id = 's3'",
    "UPDATE labels SET class_id = 99 WHERE sample_id = 's3'",
    "UPDATE labels SET class_id = -1 WHERE sample_id = 's3'",
    "UPDATE labels SET class_id = 1.5 WHERE sample_id = 's3'",
    "UPDATE labels SET class_id = x'00' WHERE sample_id = 's3'",
    "UPDATE labels SET class_id = 9223372036854775807 WHERE sample_id = 's3'",
    "UPDATE labels SET sample_id = x'ff' WHERE sample_id = 's3'",
    "UPDATE labels SET sample_id = CAST(x'ff' AS TEXT) WHERE sample_id = 's3'",
    "UPDATE labels SET sample_id = hex(zeroblob(1000)) WHERE sample_id = 's3'",
    "UPDATE labels SET sample_id = hex(zeroblob(5000000)) WHERE sample_id = 's3'",
    "UPDATE labels SET state = 6 WHERE sample_id = 's3'",
    "UPDATE labels SET state = -1 WHERE sample_id = 's3'",
    "UPDATE labels SET state = 1.5 WHERE sample_id = 's3'",
    "UPDATE labels SET state = 'seen' WHERE sample_id = 's3'",
    "UPDATE labels SET state = x'01' WHERE sample_id = 's3'",
    "UPDATE labels SET state = 0 WHERE sample_id = 's3'",
    "UPDATE labels SET class_id = NULL, state = 3 WHERE sample_id = 's3'",
    "UPDATE labels SET class_id = 99, state = 4 WHERE sample_id = 's3'",
    "UPDATE label_changes SET state_after = 99",
    "UPDATE labels SET revision = 'r'",
    "UPDATE labels SET revision = 1e300",
    "DELETE FROM classes",
    "UPDATE about SET value = x'32'",
    "UPDATE about SET value = 'three'",
    "UPDATE about SET value = '²'",
    "DELETE FROM about",
    "UPDATE classes SET name = x'00'",
    "UPDATE classes SET name = ''",
    "UPDATE classes SET name = 'a' || char(10)",
    "UPDATE classes SET name = hex(zeroblob(100))",
    "UPDATE classes SET color = 'red'",
    "UPDATE classes SET color = 7",
    "UPDATE classes SET position = 'first'",
    "UPDATE classes SET position = -3",
    "UPDATE classes SET revision = 'r'",
    "UPDATE classes SET id = 10 - id",
    "UPDATE label_columns SET revision = 'r'",
    "UPDATE label_columns SET revision = -1",
    "UPDATE label_columns SET revision = 1e999",
    "UPDATE label_columns SET next_class_id = 0",
    "UPDATE label_columns SET name = x'00'",
    "INSERT INTO label_columns (run, name, revision, next_class_id) VALUES ('', 'a' || char(9), 0, 1)",
    "UPDATE label_changes SET after = 'x'",
    "UPDATE label_changes SET sample_id = CAST(revision AS TEXT) || hex(zeroblob(600)) WHERE sample_id = 's3'",
]
"""What stands in the way of the labels."""

OF_THE_PAST = [
    "UPDATE class_changes SET after = 'no JSON'",
    "UPDATE class_changes SET after = '{\"id\": 1}'",
    "UPDATE class_changes SET after = x'00'",
    "UPDATE class_changes SET after = replace(hex(zeroblob(50000)), '00', '[')",
    "UPDATE edits SET client = x'00', touched = '[[[['",
    'UPDATE edits SET touched = \'[["ann", "", -1e999]]\'',
    "UPDATE edits SET target = 'x', class_id = 'y', count = 'z'",
    "UPDATE edits SET revision = 'r' || revision",
    "UPDATE edits SET kind = 'none', author = x'00', time = 3, summary = NULL || 1 WHERE 0",
    "UPDATE edits SET target = revision",
    "UPDATE edits SET target = 400, kind = 'undo'",
    "UPDATE label_changes SET before = 'x'",
    "UPDATE label_changes SET state_before = 'x'",
    "UPDATE label_changes SET before = NULL",
    "DELETE FROM edits",
    "DELETE FROM label_columns",
]
"""What only undo, redo and the history meet."""


@pytest.mark.parametrize("statement", OF_LABELS)
def test_values_of_other_kinds_are_no_answer_and_no_failure(statement: str, path: Path) -> None:
    change(path, statement)
    assert any(DAMAGED in sentence for sentence in ask_everything(path))


@pytest.mark.parametrize("statement", OF_THE_PAST)
def test_a_spoiled_past_leaves_the_labels_to_be_read(statement: str, path: Path) -> None:
    labels = LabelStore(path).snapshot().labels
    change(path, statement)
    assert LabelStore(path).snapshot().labels in (labels, {})
    ask_everything(path)


def test_the_sentence_is_that_it_is_damaged(path: Path) -> None:
    change(path, "UPDATE labels SET class_id = 'cat' WHERE sample_id = 's3'")
    with pytest.raises(LabelsNotStored, match=DAMAGED):
        LabelStore(path).snapshot()


JUNK = [
    '{"kind": "neighbors", "k": 1e999}',
    '{"kind": "neighbors", "k": -5, "focus": 3}',
    '{"kind": ' * 20_000,
    "[" * 30_000,
    '{"kind": "lasso", "x": ' + "[" * 20_000 + "]" * 20_000 + "}",
    "NaN",
    '{"kind": "search", "query": "\\ud800"}',
    "",
    7,
    1.5,
    b"\xff\x00",
]


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
@pytest.mark.parametrize("column", ["selection", "kind", "time", "author", "summary", "count", "class_id", "target"])
def test_an_entry_that_cannot_be_understood_hides_no_other(column: str, junk: object, path: Path) -> None:
    honest = LabelStore(path).history(500)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE edits SET {column} = ? WHERE revision = 5", (junk,))
        connection.commit()
    found = LabelStore(path).history(500)
    text = msgspec.json.encode(found)
    assert json.loads(text)
    msgspec.json.decode(text, type=list[HistoryEntry])
    assert [entry.revision for entry in found] == [entry.revision for entry in honest]
    assert [entry for entry in found if entry.revision != 5] == [entry for entry in honest if entry.revision != 5]


def test_pages_that_lead_back_to_themselves_take_a_bounded_time(tmp_path: Path) -> None:
    """A tree whose inner pages name one page over and over has more rows than anybody can count."""
    store = with_classes(LabelStore(tmp_path / "labels.sqlite"))
    path = file_of(store)
    store.apply(operation(store), 1, [f"{number:0500d}" for number in range(3_000)])
    pages = bytearray(path.read_bytes())
    for start in range(0, len(pages), 4096):
        if pages[start] in (2, 5):  # an inner page of an index or a table
            cells = int.from_bytes(pages[start + 3 : start + 5], "big")
            for place in range(cells):
                cell = start + int.from_bytes(pages[start + 12 + 2 * place :][:2], "big")
                pages[cell : cell + 4] = (start // 4096 + 1).to_bytes(4, "big") if place % 2 else pages[cell : cell + 4]
    path.write_bytes(pages)
    assert any(DAMAGED in sentence for sentence in ask_everything(path))


def test_a_tree_of_rows_without_end_is_given_up(tmp_path: Path) -> None:
    store = with_classes(LabelStore(tmp_path / "labels.sqlite"))
    path = file_of(store)
    store.apply(operation(store), 1, [f"{number:0500d}" for number in range(800)])
    change(path, "UPDATE labels SET class_id = NULL, state = 0", "DELETE FROM label_changes", "VACUUM")
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'labels'").fetchone()
    pages = bytearray(path.read_bytes())
    depth = deepen(pages, root)
    path.write_bytes(pages)
    assert depth > 6
    os.truncate(path, 10**11)  # a size that it only says to have gives it no more time
    for met, sentence in [(store, "takes too long"), (LabelStore(path), DAMAGED)]:
        began = time.thread_time()
        with pytest.raises(LabelsNotStored, match=sentence):
            met.snapshot()
        assert time.thread_time() - began < 5


def deepen(pages: bytearray, root: int) -> int:
    """Makes each level of a tree one inner page, whose children are all the same page of the level below."""
    wholes = (bytes(pages[start : start + 4096]) for start in range(0, len(pages), 4096))
    page = max((page for page in wholes if page[0] == 2), key=lambda page: int.from_bytes(page[3:5], "big"))
    levels = 12
    first = len(pages) // 4096 + 1
    leaf = int.from_bytes(page[8:12], "big")
    cells = int.from_bytes(page[3:5], "big")
    for level in range(levels):
        number = root if level == 0 else first + level - 1
        child = leaf if level == levels - 1 else first + level
        made = bytearray(page)
        made[8:12] = child.to_bytes(4, "big")
        for place in range(cells):
            cell = int.from_bytes(made[12 + 2 * place : 14 + 2 * place], "big")
            made[cell : cell + 4] = child.to_bytes(4, "big")
        if level == 0:
            pages[(number - 1) * 4096 : number * 4096] = made
        else:
            pages += made
    pages[28:32] = (len(pages) // 4096).to_bytes(4, "big")
    return levels


def mutants(whole: bytes, count: int) -> Iterator[bytes]:
    """Stores that a bad disk, or a bad person, made of one."""
    random = np.random.default_rng(7)
    for number in range(count):
        changed = bytearray(whole)
        page = int(random.integers(len(whole) // 4096)) * 4096
        match number % 5:
            case 0:  # single bits, anywhere
                for place in random.integers(0, len(whole), int(random.integers(1, 30))):
                    changed[place] ^= 1 << int(random.integers(8))
            case 1:  # the header of a page: its kind, its cells, its children
                for place in random.integers(page, page + 40, 3):
                    changed[place] = int(random.integers(256))
            case 2:  # cut off
                del changed[int(random.integers(1, len(whole))) :]
            case 3:  # one page in place of another
                other = int(random.integers(len(whole) // 4096)) * 4096
                changed[page : page + 4096] = whole[other : other + 4096]
            case _:  # nonsense in a page
                changed[page + 8 : page + 4096] = random.bytes(4088)
        yield bytes(changed)


@pytest.mark.parametrize("part", range(4))
def test_a_corrupt_store_is_read_or_refused_and_never_changed(part: int, made: Path, tmp_path: Path) -> None:
    whole = made.read_bytes()
    path = tmp_path / "labels.sqlite"
    refusals = 0
    for mutant in list(mutants(whole, 400))[part::4]:
        path.write_bytes(mutant)
        for name, read in READS.items():
            began = time.monotonic()
            try:
                msgspec.json.encode(read(LabelStore(path)))
            except LabelError:
                refusals += 1
            assert time.monotonic() - began < PATIENCE, name
        assert path.read_bytes() == mutant
        assert [found.name for found in tmp_path.iterdir()] == ["labels.sqlite"]
        with suppress(LabelError):
            EDITS["apply"](LabelStore(path))
        for left in tmp_path.iterdir():
            left.unlink()
    assert refusals > 200


def test_values_larger_than_ours_are_not_taken_into_memory(path: Path) -> None:
    if sys.version_info < (3, 11):
        pytest.skip("sqlite3 has no limits before Python 3.11")
    change(path, "UPDATE edits SET summary = hex(zeroblob(20000000)) WHERE revision = 5")
    with pytest.raises(LabelsNotStored, match=DAMAGED):
        LabelStore(path).history(500)
