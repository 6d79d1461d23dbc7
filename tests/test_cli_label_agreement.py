"""`tb-tsne labels agreement`: what it prints and writes, and what it says where there is nothing to compare."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.labels import LabelStore, NewClass, Operation
from tb_tsne_plugin.labels.database import STORE_NAME
from tests.builders import make_run, sample_id


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["labels", "agreement", *(str(argument) for argument in arguments)])


def lines(*arguments: object) -> list[list[str]]:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    header, *found = [line.split("\t") for line in done.stdout.splitlines()]
    assert header == ["of", "between", "measure", "images", "agreement", "kappa", "note"]
    return found


def give(store: LabelStore, author: str, name: str, *rows: int) -> None:
    """Labels some samples, whatever they have."""
    revision = store.revision()
    classes = {info.name: info.id for info in store.snapshot().classes}
    operation = Operation(f"operation-{store.column}-{revision}", revision, author)
    to = classes.get(name, NewClass(name))
    store.apply(operation, to, [sample_id(row) for row in rows], only_unlabeled=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four samples; Cleo labels them in one column, Ben one of them after her, and in a column of his own."""
    found = make_run(tmp_path / "run", [[0, 1], [1, 0], [2, 2], [3, 1]])
    store = LabelStore(found / STORE_NAME)
    store.create({})
    give(store, "cleo", "ant", 0, 1)
    give(store, "cleo", "=bee", 2, 3)
    give(store, "ben", "ant", 3)
    second = LabelStore(found / STORE_NAME, column="second")
    second.create({})
    give(second, "ben", "ant", 0, 1)
    give(second, "ben", "=bee", 2)
    return found


def test_columns_and_people_are_compared(folder: Path) -> None:
    assert lines(folder) == [
        ["columns", "label, second", "Cohen", "3", "1.0000", "1.0000", ""],
        ["columns", "all", "class =bee", "1", "1.0000", "-", ""],
        ["columns", "all", "class ant", "2", "1.0000", "-", ""],
        ["people in label", "cleo, ben", "Cohen", "1", "0.0000", "0.0000", ""],
        ["people in label", "all", "class =bee", "1", "0.0000", "-", ""],
        ["people in label", "all", "class ant", "1", "0.0000", "-", ""],
    ]
    assert {line[0] for line in lines(folder, "--column", "label")} == {"people in label"}


def test_three_are_compared_by_fleiss_and_what_is_undefined_is_told(folder: Path) -> None:
    third = LabelStore(folder / STORE_NAME, column="third")
    third.create({})
    give(third, "dora", "ant", 0, 3)
    found = lines(folder)
    assert ["columns", "label, second, third", "Fleiss", "1", "1.0000", "-", "undefined: all gave one class"] in found
    fourth = LabelStore(folder / STORE_NAME, column="fourth")
    fourth.create({})
    give(fourth, "dora", "ant", 3)
    found = lines(folder, "--column", "second", "--column", "fourth", "--column", "label")
    assert ["columns", "second, fourth", "Cohen", "0", "-", "-", "undefined: no image in common"] in found


def test_disagreements_are_a_table_to_settle(folder: Path, tmp_path: Path) -> None:
    give(LabelStore(folder / STORE_NAME, column="second"), "ben", "=bee", 3)
    out = tmp_path / "to settle.tsv"
    done = run(folder, "--disagreements", out)
    assert done.stderr == f"1 image to settle is in {out}.\n"
    header, *rows = [line.split("\t") for line in out.read_text().splitlines()]
    assert header == ["sample_id", "file", "label", "second", "cleo (in label)", "ben (in label)"]
    assert rows == [[sample_id(3), "class/3.png", "ant", "'=bee", "'=bee", "ant"]]
    refused = run(folder, "--disagreements", folder / "metadata.tsv")
    assert refused.exit_code == 1
    assert "metadata.tsv" in refused.stderr


def test_nothing_to_compare_is_told_in_a_sentence(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", [[0.0], [1.0]], ["ant", "bee"])
    done = run(folder)
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: No image in {folder} was labeled twice, in two label columns or by two people in one.\n"
    )
    assert "has no label column 'other'" in run(folder, "--column", "other").stderr
