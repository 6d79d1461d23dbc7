"""The contract of both halves: what one of them writes, the other reads as it was meant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.labels.rules import checked_name
from tb_tsne_plugin.runs.format import (
    FormatError,
    TableError,
    Tiles,
    clean_label,
    clean_text,
    format_table,
    format_tiles,
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
    header, found = parse_table(format_table(columns).encode("utf-8"), "metadata.tsv")
    assert header == ["sample_id", "label"]
    assert [tuple(row) for row in found] == cells


def test_blank_lines_are_rows_unless_they_are_to_be_skipped_and_count_either_way() -> None:
    raw = b"file\tlabel\r\na\tx\r\n\r\n \t\nb\ty\n\n"
    assert parse_table(raw, "labels.tsv", skip_blank_lines=True) == (["file", "label"], [["a", "x"], ["b", "y"]])
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
