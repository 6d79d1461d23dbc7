"""From the label store through metadata.tsv into the next export: no class is renamed on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exporters import write_run
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.labels import LabelError, LabelStore, NewClass
from tests.exporters.drawn import read_metadata
from tests.labels.conftest import operation

SAMPLES = [f"s{number}" for number in range(8)]
NAMES = st.text(st.characters(exclude_categories=[]), min_size=1, max_size=140)
ODD = [
    "-",
    "_",
    "=1+1",
    '"quoted"',
    "'",
    "NaN",
    "None",
    "a  b",
    "\u00a0x",
    "é",
    "e\u0301",
    "\u200b",
    "🐝",
    "x" * 128,
    "0",
]
BYTE_ORDER_MARKS = ["\ufeffcat", "cat\ufeff", "c\ufeffat", "\ufeff", "c\ufffeat", "c\uffffat", "\ufeffunlabeled"]


@contextmanager
def exported_run() -> Iterator[tuple[Path, LabelStore]]:
    """A run as it is before anybody labeled it, and its empty label store."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        export(run)
        store = LabelStore(run / "labels.sqlite")
        store.create({})
        yield run, store


def export(run: Path) -> None:
    write_run(run, {"x": np.eye(len(SAMPLES))}, metadata={"sample_id": SAMPLES})


def assert_names_stay(run: Path, store: LabelStore) -> None:
    """Saved to the log dir and exported again, and once more, the labels are what the store says."""
    names = store.snapshot().names()
    done = CliRunner().invoke(cli, ["labels", "save", str(run)])
    assert done.exit_code == 0, done.output
    for _ in range(2):
        export(run)
        labels = {row["sample_id"]: row["label"] for row in read_metadata(run) if row["label"] != "unlabeled"}
        assert labels == names


@settings(max_examples=25, deadline=None)
@example(ODD[:8])
@example(ODD[8:])
@example(BYTE_ORDER_MARKS)
@given(st.lists(NAMES, min_size=1, max_size=len(SAMPLES)))
def test_a_class_that_the_store_takes_keeps_its_name(names: list[str]) -> None:
    with exported_run() as (run, store):
        for sample_id, name in zip(SAMPLES, names, strict=False):
            try:
                store.apply(operation(store), NewClass(name), [sample_id])
            except LabelError:
                continue  # No class has such a name.
        assert_names_stay(run, store)


@pytest.mark.parametrize("name", BYTE_ORDER_MARKS)
def test_a_class_that_is_imported_keeps_the_name_it_gets(name: str) -> None:
    with exported_run() as (run, store):
        store.import_labels(operation(store), {SAMPLES[0]: name}, source="a table")
        assert_names_stay(run, store)
