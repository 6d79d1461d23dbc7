"""Labels as tables: the download, the run's own metadata file, tables to import."""

from __future__ import annotations

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
