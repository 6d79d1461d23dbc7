"""Several features in one run: of the same samples, or of other things with metadata of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_tsne_plugin.runs import Run, UnknownTensor, find_run
from tb_tsne_plugin.runs.run import distinct_names


def write(folder: Path, *embeddings: tuple[str, str, str]) -> Run:
    """A run of features, each with its name, path and metadata; the files are there already."""
    config = ""
    for name, path, metadata in embeddings:
        named = f'tensor_name: "{name}" ' if name else ""
        described = f'metadata_path: "{metadata}"' if metadata else ""
        config += f'embeddings {{ {named}tensor_path: "{path}" {described} }}\n'
    (folder / "projector_config.pbtxt").write_text(config)
    return find_run(folder, ".")


def table(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def test_row_3_of_one_table_is_not_row_3_of_another(tmp_path: Path) -> None:
    table(tmp_path, "fruit.tsv", "1\t2\n" * 3)
    table(tmp_path, "cars.tsv", "1\t2\n" * 4)
    table(tmp_path, "fruit_labels.tsv", "apple\npear\nfig\n")
    table(tmp_path, "cars_labels.tsv", "van\nbus\nvan\nbus\n")
    run = write(tmp_path, ("fruit", "fruit.tsv", "fruit_labels.tsv"), ("cars", "cars.tsv", "cars_labels.tsv"))
    fruit, cars = run.tensors
    assert fruit.metadata.sample_ids == ["row-0", "row-1", "row-2"]
    assert cars.metadata.sample_ids == [f"cars_labels.tsv:row-{row}" for row in range(4)]
    assert list(run.labels("label").values()) == ["apple", "pear", "fig", "van", "bus", "van", "bus"]
    assert len(run.sample_ids) == 7


def test_numbers_in_a_column_of_ids_are_rows_too(tmp_path: Path) -> None:
    for name, label in (("fruit", "apple"), ("cars", "van")):
        table(tmp_path, f"{name}.tsv", "1\t2\n" * 2)
        table(tmp_path, f"{name}_labels.tsv", f"id\tlabel\n0\t{label}\n1\t{label}\n")
    run = write(tmp_path, ("fruit", "fruit.tsv", "fruit_labels.tsv"), ("cars", "cars.tsv", "cars_labels.tsv"))
    assert [tensor.metadata.sample_ids[0] for tensor in run.tensors] == ["0", "cars_labels.tsv:0"]


def test_the_same_table_for_every_step_is_about_the_same_samples(tmp_path: Path) -> None:
    """As tensorboardX writes it: a folder a step, with a copy of the labels."""
    for step in ("00000", "00001"):
        table(tmp_path, f"{step}/tensors.tsv", "1\t2\n" * 2)
        table(tmp_path, f"{step}/metadata.tsv", "cat\ndog\n")
    run = write(
        tmp_path, *((f"default:{step}", f"{step}/tensors.tsv", f"{step}/metadata.tsv") for step in ("00000", "00001"))
    )
    assert [tensor.metadata.sample_ids for tensor in run.tensors] == [["row-0", "row-1"]] * 2


def test_files_and_sample_ids_name_the_same_samples_in_every_table(tmp_path: Path) -> None:
    for name in ("im", "pix"):
        table(tmp_path, f"{name}.tsv", "1\t2\n" * 2)
        table(tmp_path, f"{name}_meta.tsv", f"file\tlabel\tkind\n1.png\tcat\t{name}\n2.png\tdog\t{name}\n")
    run = write(tmp_path, ("im", "im.tsv", "im_meta.tsv"), ("pix", "pix.tsv", "pix_meta.tsv"))
    assert run.sample_ids == {"1.png", "2.png"}


def test_a_long_name_of_a_table_leaves_room_for_the_row(tmp_path: Path) -> None:
    long = "/".join(["x" * 100] * 4) + ".tsv"
    table(tmp_path, "a.tsv", "1\t2\n")
    table(tmp_path, "a_labels.tsv", "cat\n")
    (tmp_path / long).parent.mkdir(parents=True)
    (tmp_path / long).write_text("dog\n")
    run = write(tmp_path, ("a", "a.tsv", "a_labels.tsv"), ("b", "a.tsv", long))
    assert len(run.tensors[1].metadata.sample_ids[0]) < 64


def test_features_without_a_name_or_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for step in ("1", "2"):
        table(tmp_path, f"{step}/tensors.tsv", f"{step}\t2\n")
    run = write(tmp_path, ("", "1/tensors.tsv", ""), ("", "2/tensors.tsv", ""))
    assert [tensor.name for tensor in run.tensors] == ["tensors.tsv", "tensors.tsv~2"]
    assert run.tensor("tensors.tsv~2").features()[0, 0] == 2


def test_of_two_labels_for_one_sample_the_first_counts_and_that_is_said(tmp_path: Path) -> None:
    table(tmp_path, "a.tsv", "1\t2\n" * 2)
    table(tmp_path, "m.tsv", "sample_id\tlabel\ns0\tcat\ns1\tdog\n")
    table(tmp_path, "n.tsv", "sample_id\tlabel\ns1\tdog\ns0\tdog\n")
    run = write(tmp_path, ("x", "a.tsv", "m.tsv"), ("y", "a.tsv", "n.tsv"))
    assert run.labels("label") == {"s0": "cat", "s1": "dog"}
    assert run.label_conflicts == [
        "1 sample has different labels in the metadata of different features; those of the first count."
    ]


def test_names_stay_different_whatever_they_are() -> None:
    assert distinct_names(["a", "a", "a~2", "a", "b"]) == ["a", "a~3", "a~2", "a~4", "b"]


def test_what_cannot_be_opened_keeps_nothing_else_from_being_opened(tmp_path: Path) -> None:
    table(tmp_path, "a.tsv", "1\t2\n")
    run = write(tmp_path, ("gone", "gone.tsv", ""), ("a", "a.tsv", ""))
    assert [tensor.name for tensor in run.tensors] == ["a"]
    assert run.problems == {"gone": "gone.tsv is missing."}
    with pytest.raises(UnknownTensor):
        run.tensor("b")
