"""The ways out: TSV, the run's own metadata file, `read_labels`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_tsne_plugin.labels import InvalidEdit, LabelsNotStored, LabelStore, read_labels
from tb_tsne_plugin.labels.tsv import labeled_table, save_labels
from tb_tsne_plugin.runs import RunError, find_run
from tb_tsne_plugin.runs.metadata import Metadata
from tests.builders import blobs, make_run
from tests.labels.conftest import operation


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


def test_read_labels_gives_the_store_over_the_metadata(tmp_path: Path) -> None:
    make_run(tmp_path, labels=["cat", *["unlabeled"] * 59])
    assert read_labels(tmp_path).label.tolist()[:2] == ["cat", "unlabeled"]
    store = LabelStore(tmp_path / "labels.sqlite")
    store.create({"s0000": "cat"})
    store.apply(operation(store), 1, ["s0005"])
    frame = read_labels(tmp_path)
    assert frame.index.name == "sample_id"
    assert frame.loc["s0005", "label"] == "cat"
    assert frame.loc["s0000", "file"] == "class/0.png"
    assert (frame.label != "unlabeled").sum() == 2


def test_labels_stay_with_their_images_when_a_run_is_exported_again(tmp_path: Path) -> None:
    features, _ = blobs()
    make_run(tmp_path, features)
    store = LabelStore(tmp_path / "labels.sqlite")
    store.create({})
    store.change_classes(operation(store), "add", {"name": "ant"})
    store.apply(operation(store), 1, ["s0003", "s0050"])
    make_run(tmp_path, features[:20])
    lines = (tmp_path / "metadata.tsv").read_text().splitlines()
    (tmp_path / "metadata.tsv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    frame = read_labels(tmp_path)
    assert frame.index[frame.label == "ant"].tolist() == ["s0003"]
    assert store.snapshot().labels == {"s0003": 1, "s0050": 1}


def test_read_labels_gives_every_label_column(tmp_path: Path) -> None:
    make_run(tmp_path, labels=["cat", *["unlabeled"] * 59])
    store = LabelStore(tmp_path / "labels.sqlite")
    store.create({"s0000": "cat"})
    eyes = LabelStore(tmp_path / "labels.sqlite", column="eyes")
    eyes.create({"s0001": "blue"})
    frame = read_labels(tmp_path)
    assert frame.label.tolist()[:2] == ["cat", "unlabeled"]
    assert frame.eyes.tolist()[:2] == ["unlabeled", "blue"]


def test_read_labels_of_no_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="There is no folder"):
        read_labels(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"projector_config.pbtxt is missing"):
        read_labels(tmp_path)
