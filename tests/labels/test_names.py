"""Every way in: whatever a label is called elsewhere, its class has a name that every table and export keeps."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tb_tsne_plugin.labels import InvalidEdit, LabelStore, NewClass
from tb_tsne_plugin.labels.errors import ClassExists
from tb_tsne_plugin.labels.model import AddClass, ClassAction, RenameClass
from tb_tsne_plugin.labels.tables import labeled_table, read_table
from tb_tsne_plugin.runs.class_names import clean_label
from tb_tsne_plugin.runs.format import clean_text
from tb_tsne_plugin.runs.metadata import Metadata
from tests.labels.conftest import operation

MEMORY = Path("/dev/shm")
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=140)


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)
def test_every_way_in_ends_in_a_clean_name(came: str, table: str, named: str, added: str, renamed: str) -> None:
    folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    try:
        store = LabelStore(folder / "labels.sqlite")
        store.create({"a": came})
        metadata = Metadata({"sample_id": ["a", "b"], "file": ["a.png", "b.png"]}, ["a", "b"], [])
        for text in (table, clean_text(table)):
            with suppress(InvalidEdit):
                rows = f"sample_id\tlabel\nb\t{text}\n".encode("utf-8", "surrogatepass")
                names = read_table(rows, metadata).names
                store.import_labels(operation(store), names, only_unlabeled=False, source="a table")
        # A script may hand names over without a table.
        store.import_labels(operation(store), {"b": table}, only_unlabeled=False, source="a script")
        with suppress(InvalidEdit, ClassExists):
            store.apply(operation(store), NewClass(named), ["c"])
        actions: list[ClassAction] = [AddClass(added), RenameClass(1, renamed)]
        for action in actions:
            with suppress(InvalidEdit, ClassExists):
                store.change_classes(operation(store), action)
        snapshot = store.snapshot()
        names_now = [info.name for info in snapshot.classes]
        assert [clean_label(name) for name in names_now] == names_now
        assert len(set(names_now)) == len(names_now)
        # Saved to the log dir or downloaded for a spreadsheet, and read again, every sample has the same label.
        current = snapshot.names()
        for spreadsheet in (False, True):
            saved = labeled_table(metadata, {"label": snapshot}, spreadsheet=spreadsheet)
            kept = read_table(saved.encode(), metadata, current=current).names
            assert kept == {key: current.get(key) for key in metadata.sample_ids}
    finally:
        shutil.rmtree(folder)
