"""`read_labels`: labels for scripts and notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_tsne_plugin.labels import LabelStore, read_labels
from tb_tsne_plugin.labels.model import AddClass
from tb_tsne_plugin.labels.tables import save_labels, snapshots_of
from tb_tsne_plugin.runs import RunError, find_run
from tests.builders import blobs, make_run
from tests.labels.conftest import operation


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
    store.change_classes(operation(store), AddClass("ant"))
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


def test_read_labels_leaves_out_what_is_set_aside_and_tells_states_where_asked(tmp_path: Path) -> None:
    run = make_run(tmp_path, labels=["cat", "cat", "cat", *["unlabeled"] * 57])
    store = LabelStore(tmp_path / "labels.sqlite")
    store.create({"s0000": "cat", "s0001": "cat", "s0002": "cat"})
    store.apply(operation(store), 1, ["s0001"], state="verified", only_unlabeled=False)
    store.apply(operation(store), None, ["s0002", "s0003"], state="unsure", only_unlabeled=False)
    before = read_labels(run)
    assert before.columns.tolist() == ["file", "label"]
    assert before.label.tolist()[:5] == ["cat", "cat", "unlabeled", "unlabeled", "unlabeled"]
    told = read_labels(run, states=True)
    assert told.columns.tolist() == ["file", "label", "state"]
    assert told.state.tolist()[:5] == ["labeled", "verified", "unsure", "unsure", "unlabeled"]
    found = find_run(tmp_path, ".")
    save_labels(found, found.tensor("im"), snapshots_of(store, found))
    store.apply(operation(store), 1, ["s0004"], state="seen")
    assert read_labels(run).equals(before.assign(label=[*before.label[:4], "cat", *before.label[5:]]))
    assert read_labels(run, states=True).state.tolist()[:5] == ["labeled", "verified", "unsure", "unsure", "seen"]


def test_a_column_of_states_that_is_something_else_stays_what_it_is(tmp_path: Path) -> None:
    run = make_run(tmp_path, labels=["cat", *["unlabeled"] * 59])
    lines = (run / "metadata.tsv").read_text().splitlines()
    lines = [f"{line}\t{'Ohio' if row else 'state'}" for row, line in enumerate(lines)]
    (run / "metadata.tsv").write_text("\n".join(lines) + "\n")
    told = read_labels(run, states=True)
    assert told.columns.tolist() == ["file", "state", "label", "state~2"]
    assert set(told.state) == {"Ohio"}
    assert told["state~2"].tolist()[:2] == ["labeled", "unlabeled"]


def test_read_labels_of_no_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="There is no folder"):
        read_labels(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"projector_config.pbtxt is missing"):
        read_labels(tmp_path)


def test_labels_of_features_with_samples_of_their_own_are_asked_for_by_name(tmp_path: Path) -> None:
    config = ""
    for name, labels in (("fruit", "apple\npear\n"), ("cars", "van\nbus\nvan\n")):
        (tmp_path / f"{name}.tsv").write_text("1\t2\n" * labels.count("\n"))
        (tmp_path / f"{name}_labels.tsv").write_text(labels)
        config += (
            f'embeddings {{ tensor_name: "{name}" tensor_path: "{name}.tsv" metadata_path: "{name}_labels.tsv" }}\n'
        )
    (tmp_path / "projector_config.pbtxt").write_text(config)
    assert read_labels(tmp_path).label.tolist() == ["apple", "pear"]
    assert read_labels(tmp_path, tensor="cars").label.tolist() == ["van", "bus", "van"]
    with pytest.raises(RunError):
        read_labels(tmp_path, tensor="ships")
