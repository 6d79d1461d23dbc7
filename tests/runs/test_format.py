"""The contract of both halves: what one of them writes, the other reads as it was meant."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.labels.rules import checked_name
from tb_tsne_plugin.runs.class_names import clean_label
from tb_tsne_plugin.runs.format import (
    FormatError,
    TableError,
    Tiles,
    clean_text,
    file_name,
    format_table,
    format_tiles,
    has_unsafe_characters,
    is_own_name,
    parse_table,
    parse_tiles,
)

TEXTS = st.text(st.characters(exclude_categories=[]), max_size=140)


@given(TEXTS)
def test_a_class_name_that_the_store_takes_is_a_clean_label_already(name: str) -> None:
    """Saved to the log dir and exported again, a class keeps its name."""
    try:
        taken = checked_name(name)
    except InvalidEdit:
        return
    assert clean_label(taken) == taken


@given(TEXTS)
def test_what_a_label_from_elsewhere_becomes_is_a_name_that_the_store_takes(label: str) -> None:
    cleaned = clean_label(label)
    assert cleaned is None or checked_name(cleaned) == cleaned


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_a_table_of_clean_cells_is_read_as_it_was_written(rows: list[tuple[str, str]]) -> None:
    cells = [(clean_text(first) or "-", clean_text(second) or "-") for first, second in rows]
    columns = {"sample_id": [first for first, _ in cells], "label": [second for _, second in cells]}
    assert parse_table(format_table(columns).encode("utf-8"), "metadata.tsv") == columns


def test_blank_lines_are_rows_unless_they_are_to_be_skipped_and_count_either_way() -> None:
    raw = b"file\tlabel\r\na\tx\r\n\r\n \t\nb\ty\n\n"
    assert parse_table(raw, "labels.tsv", skip_blank_lines=True) == {
        "file": ["a", "b"],
        "label": ["x", "y"],
    }
    with pytest.raises(TableError, match=r"labels\.tsv, line 3: 1 values"):
        parse_table(raw, "labels.tsv")
    with pytest.raises(TableError, match=r"labels\.tsv, line 4: 1 values"):
        parse_table(b"file\tlabel\n\na\tx\nb\n", "labels.tsv", skip_blank_lines=True)


@given(st.integers(1, 512), st.integers(1, 16), st.integers(1, 16), st.integers(1, 10_000))
def test_tiles_are_read_as_they_were_written(side: int, columns: int, rows: int, count: int) -> None:
    tiles = Tiles(side, columns, rows, -(-count // (columns * rows)), count)
    assert parse_tiles(format_tiles(tiles).encode()) == tiles
    with pytest.raises(FormatError, match=r"tiles\.json: .* have no room"):
        parse_tiles(format_tiles(replace(tiles, count=columns * rows * tiles.pages + 1)).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"tile_size": 8}', format_tiles(Tiles(8, 1, 1, 1, 0)).encode()])
def test_what_is_no_description_of_tiles_is_one_sentence(raw: bytes) -> None:
    with pytest.raises(FormatError, match=r"^tiles\.json must hold whole numbers tile_size, .*\.$"):
        parse_tiles(raw)


@pytest.mark.parametrize(
    ("raw", "rows", "times"),
    [
        (b"a\tb\n" + b"\t\n" * 400_000, 50_000, 4),  # the wrong number of rows: nothing is split
        (b"\n" * 1_000_000, 50_000, 4),
        (b"a\tb\tc\n" + b"1\t2\t3\n" * 200_000, 200_000, 10),
        (b"".join(b"word-%d\n" % number for number in range(50_000)), 50_000, 20),
        (b"".join(b"word-%d\n" % number for number in range(49_999)) + "\U0001f600".encode(), 50_000, 20),
    ],
    ids=["empty cells", "blank lines", "equal cells", "words", "one wide character"],
)
def test_a_table_takes_a_small_multiple_of_its_size(raw: bytes, rows: int, times: int) -> None:
    tracemalloc.start()
    try:
        with suppress(TableError):
            parse_table(raw, "metadata.tsv", rows=rows)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < times * len(raw)


def test_equal_cells_are_one_object() -> None:
    cells = parse_table(b"a\tb\n" + b"".join(b"%d\tcat\n" % row for row in range(20_000)), "metadata.tsv")["b"]
    assert len({id(cell) for cell in cells}) == 1


def test_lines_are_numbered_over_the_pieces_that_are_split_at_once() -> None:
    lines = [b"a\tb", *(b"%d\tcat" % row for row in range(30_000))]
    lines[25_000] = b"short"
    with pytest.raises(TableError, match=r"line 25001: 1 values"):
        parse_table(b"\n".join(lines), "metadata.tsv")
    lines.insert(3, b" ")
    with pytest.raises(TableError, match=r"line 25002: 1 values"):
        parse_table(b"\n".join(lines), "metadata.tsv", skip_blank_lines=True)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"\t".join(b"%d" % column for column in range(100_000)) + b"\n", "has 100,000 columns; at most 1,000"),
        (b"\t".join(b"%d" % column for column in range(1_000)) + b"\n" * 40_000 + b"x", "40,000 rows of 1,000 cells"),
        (b"a\tb\n1\t" + b"2" * (3 << 20) + b"\n", "a line of more than 1 MiB"),
    ],
)
def test_a_table_has_a_largest_size(raw: bytes, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        parse_table(raw, "metadata.tsv")


NAMES = st.text(st.characters(exclude_categories=[]) | st.sampled_from("./\\~ :abCON\0\n_"), max_size=300)
PLAIN = ("im", "MNIST.v2", "a b", "layer-1", "größe", "日本語", "k=1,+5@x")
RESERVED = ("projector_config.pbtxt", "labels.sqlite", "labels.sqlite-journal", "LABELS.SQLITE", "tiles", "tiles.json")
BAD = (
    "",
    ".",
    "..",
    "../../escape",
    "/etc/passwd",
    ".tsne",
    "a/b",
    "a\\b",
    "con",
    "NUL.txt",
    "a.",
    "a ",
    " a",
    "~",
    "-\0",
)


def check_name(text: str, suffix: str) -> str:
    name = file_name(text, suffix)
    assert 0 < len(name.encode("utf-8")) <= 255
    assert name.endswith(suffix)
    assert not set(name) & set("/\\:\0\"'<>|?*\n\r")
    assert not has_unsafe_characters(name)
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert not is_own_name(name)
    return name


@settings(max_examples=10_000, deadline=None)
@given(NAMES, st.sampled_from(["", ".positions.tsv", ".bookmarks.json"]))
def test_any_text_makes_a_name_of_a_file_here(text: str, suffix: str) -> None:
    check_name(text, suffix)


def test_different_texts_make_different_names() -> None:
    random = np.random.default_rng(0)
    pieces = ["a", "b", "/", ".", "_", "~", " ", "\\", "x" * 250, "é", "\ud800", *PLAIN, *RESERVED, *BAD]
    texts = {"".join(random.choice(pieces, random.integers(1, 6))) for _ in range(10_000)}
    texts |= {file_name(text) for text in texts}  # a name that was made is a text too
    for suffix in ("", ".positions.tsv"):
        assert len({check_name(text, suffix) for text in texts}) == len(texts)


def test_a_text_that_is_a_name_stays_as_it_is() -> None:
    for text in PLAIN:
        assert file_name(text, ".tsv") == f"{text}.tsv"
    for text in (*RESERVED, *BAD):
        assert file_name(text) != text
