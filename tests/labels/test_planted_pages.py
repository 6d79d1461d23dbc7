"""Stores with our tables and pages that no SQLite would write: refused when first met, before they cost anything."""

from __future__ import annotations

import os
import sqlite3
import struct
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tb_tsne_plugin.labels import LabelsNotStored, LabelStore
from tests.labels.conftest import file_of, operation, with_classes
from tests.labels.hostile import EDITS, READS, change

DAMAGED = "The label store is damaged; restore labels.sqlite from a backup"
PAGE = 4096
LEAF, INNER = 10, 2
"""Kinds of pages of an index."""


def root_of(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    assert isinstance(root, int)
    return root


def write(path: Path, pages: bytes | bytearray) -> None:
    """Writes a store whose header says how many pages there are."""
    path.write_bytes(pages[:28] + struct.pack(">I", len(pages) // PAGE) + pages[32:])


def page(kind: int, cells: list[bytes], right: int = 0) -> bytes:
    """A page of an index."""
    head = 12 if kind == INNER else 8
    made, end, places = bytearray(PAGE), PAGE, []
    for cell in cells:
        end -= len(cell)
        made[end : end + len(cell)] = cell
        places.append(end)
    struct.pack_into(">BHHHB", made, 0, kind, 0, len(cells), end, 0)
    if kind == INNER:
        struct.pack_into(">I", made, 8, right)
    struct.pack_into(f">{len(places)}H", made, head, *places)
    return bytes(made)


def a_free_page_that_is_in_use(path: Path) -> None:
    """The next edit that needs a page writes over the labels."""
    pages, trunk = path.read_bytes(), path.stat().st_size // PAGE + 1
    pages += struct.pack(">III", 0, 1, root_of(path, "labels")).ljust(PAGE, b"\0")
    write(path, pages[:32] + struct.pack(">II", trunk, 2) + pages[40:])


def an_index_of_the_same_pages_again_and_again(path: Path) -> None:
    """Some hundred million rows in a few pages."""
    index_of_one_row(path, levels=3)


def an_index_that_names_one_row_again_and_again(path: Path) -> None:
    """Each page is used once; what they name, a long value, is sorted five hundred times."""
    index_of_one_row(path, levels=0)


def index_of_one_row(path: Path, levels: int) -> None:
    change(path, f"UPDATE classes SET name = '{'x' * 190_000}'", "DELETE FROM classes WHERE id = 2")
    root, pages = root_of(path, "sqlite_autoindex_classes_1"), bytearray(path.read_bytes())
    row = bytes([4, 9, 9, 9])  # column 1, class 1, row 1
    cell = bytes([len(row)]) + row
    made = page(LEAF, [cell] * 500)
    for _ in range(levels):
        pages += made
        below = len(pages) // PAGE
        made = page(INNER, [struct.pack(">I", below) + cell] * 300, below)
    pages[(root - 1) * PAGE : root * PAGE] = made
    write(path, pages)


def more_bytes_than_pages(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(PAGE))


def half_a_page_more(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x" * 100)


def free_pages_that_are_not_on_the_disk(path: Path) -> None:
    """A copy of it would be a thousand times as large."""
    pages, room = path.read_bytes(), PAGE // 4 - 2
    first = len(pages) // PAGE + 1
    trunks = 100
    for number in range(trunks):
        following = first + number + 1 if number < trunks - 1 else 0
        free = range(first + trunks + number * room, first + trunks + (number + 1) * room)
        pages += struct.pack(f">II{room}I", following, room, *free)
    total = first - 1 + trunks + trunks * room
    counts = struct.pack(">I", total) + struct.pack(">II", first, trunks + trunks * room)
    path.write_bytes(pages[:28] + counts + pages[40:])
    os.truncate(path, total * PAGE)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)  # SQLite has nothing against it


@pytest.mark.parametrize(
    "plant",
    [
        a_free_page_that_is_in_use,
        an_index_of_the_same_pages_again_and_again,
        an_index_that_names_one_row_again_and_again,
        more_bytes_than_pages,
        half_a_page_more,
        free_pages_that_are_not_on_the_disk,
    ],
)
def test_planted_pages_are_refused_before_they_are_used(plant: Callable[[Path], None], tmp_path: Path) -> None:
    store = with_classes(LabelStore(tmp_path / "labels.sqlite"))
    store.apply(operation(store), 1, ["a", "b"])
    path = file_of(store)
    plant(path)
    before = path.stat()
    for name, use in [*READS.items(), *EDITS.items()]:
        began = time.monotonic()
        with pytest.raises(LabelsNotStored, match=DAMAGED):
            use(LabelStore(path))
        assert time.monotonic() - began < 2, name
    assert [found.name for found in tmp_path.iterdir()] == ["labels.sqlite"]
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)


def test_a_store_is_looked_through_once_while_it_stays_the_same_file(
    sqlite_store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, looks = file_of(sqlite_store), []
    met = LabelStore(path)
    whole = type(met.database._file)._check_whole  # type: ignore[union-attr]

    def look(file: object, connection: sqlite3.Connection) -> None:
        looks.append(file)
        whole(file, connection)  # type: ignore[arg-type]

    monkeypatch.setattr("tb_tsne_plugin.labels.store_file.StoreFile._check_whole", look)
    for _ in range(3):
        met.apply(operation(met), 1, [f"s{met.revision()}"])
    assert len(looks) == 1
    again = path.with_name("again")
    again.write_bytes(path.read_bytes())
    again.replace(path)
    met.revision()
    assert len(looks) == 2
