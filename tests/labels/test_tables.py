"""Labels as tables: the download, the run's own metadata file, tables to import."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest

from tb_tsne_plugin.labels import InvalidEdit, LabelsNotStored
from tb_tsne_plugin.labels.tables import labeled_table, save_labels
from tb_tsne_plugin.runs import find_run
from tb_tsne_plugin.runs.metadata import Metadata
from tests.builders import make_run


def test_table_keeps_every_column_and_fills_every_cell() -> None:
    metadata = Metadata({"sample_id": ["a", "b"], "label": ["old", "old"], "note": ["x", "y"]}, ["a", "b"], [])
    assert labeled_table(metadata, {"label": {"b": "cat"}}) == "sample_id\tlabel\tnote\na\tunlabeled\tx\nb\tcat\ty\n"


def test_table_of_a_headerless_file_gets_a_second_column() -> None:
    metadata = Metadata({"label": ["cat", "dog"]}, ["row-0", "row-1"], [])
    assert labeled_table(metadata, {"label": {"row-0": "cat"}}) == "sample_id\tlabel\nrow-0\tcat\nrow-1\tunlabeled\n"


def test_saving_replaces_the_file_and_keeps_the_original_once(tmp_path: Path) -> None:
    make_run(tmp_path)
    original = (tmp_path / "metadata.tsv").read_bytes()
    for label in ("ant", "bee"):
        metadata = find_run(tmp_path, ".").tensor("im").metadata
        assert save_labels(tmp_path / "metadata.tsv", metadata, {"label": {"s0001": label}}) == "metadata.tsv"
        assert find_run(tmp_path, ".").tensor("im").metadata.labels_in() == {"s0001": label}
    assert (tmp_path / "metadata.tsv.original").read_bytes() == original


def test_saving_without_a_metadata_file_says_what_else_to_do() -> None:
    with pytest.raises(InvalidEdit, match="download the TSV instead"):
        save_labels(None, Metadata({}, [], []), {})


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(tmp_path)
    before = (tmp_path / "metadata.tsv").read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LabelsNotStored, match="No space left on device"):
        save_labels(
            tmp_path / "metadata.tsv", find_run(tmp_path, ".").tensor("im").metadata, {"label": {"s0001": "ant"}}
        )
    assert (tmp_path / "metadata.tsv").read_bytes() == before


STARTS = ["=1+1", "+1", "-1", "@SUM(1)", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201"]
BEFORE = ["", " ", "\u00a0", '"', '""', '"x"', "\t", "\r", "x\r", "x\r\n", "\x0b", "\x00", "x\x85", "x\u2028"]
BEFORE += ["x,", "x;", "x, ", "x|", 'x,"', 'x";', '\r"', " \r "]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", BEFORE)
def test_a_spreadsheet_finds_no_formula_whatever_it_takes_for_the_end_of_a_cell(before: str, start: str) -> None:
    cell = before + start
    metadata = Metadata({"file": ["a", "b"], cell: [cell, "x"]}, ["a", "b"], [])
    table = labeled_table(metadata, {"label": {"a": cell, "b": "ant"}}, spreadsheet=True)
    assert table.count("\n") == 3
    formulas = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    for ends_of_cells in ("\t", ",", ";", "|"):
        for row in csv.reader(io.StringIO(table, newline=""), delimiter=ends_of_cells):
            for found in row:
                for line in found.replace("\t", "\n").splitlines():
                    assert not line.strip().startswith(formulas), (ends_of_cells, found)


@pytest.mark.parametrize("cell", ["ant", "a-b", "1 + 1 = 2", "x@y.org", "don't", 'say "x"', "a, b", "a;b", "猿"])
def test_a_spreadsheet_gets_plain_text_as_it_is(cell: str) -> None:
    table = labeled_table(Metadata({"file": ["a"]}, ["a"], []), {"label": {"a": cell}}, spreadsheet=True)
    assert table.splitlines()[1] == f"a\ta\t{cell}"
