"""A label store to edit, on every kind of database that it must work on."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tb_tsne_plugin.labels import Conflict, Database, Edit, LabelStore, Operation
from tb_tsne_plugin.labels.model import AddClass
from tests.labels.postgres_server import PostgresServer
from tests.missing import missing

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server."""
    try:
        server = PostgresServer()
    except FileNotFoundError as error:
        missing(str(error))
    yield server
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty label database."""
    if request.param == "sqlite":
        return Database(tmp_path / "labels.sqlite")
    return Database(request.getfixturevalue("postgres").new_database())


@pytest.fixture
def store(database: Database) -> LabelStore:
    """An empty store with the classes ant (1) and bee (2): revision 2."""
    return with_classes(LabelStore(database))


@pytest.fixture
def sqlite_store(tmp_path: Path) -> LabelStore:
    """The same, surely in a file."""
    return with_classes(LabelStore(tmp_path / "labels.sqlite"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        missing("only root can mount a small file system")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(tmp_path)], check=False)
    if done.returncode != 0:
        missing("this machine lets nobody mount")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def file_of(store: LabelStore) -> Path:
    """The SQLite file that a store is kept in."""
    assert store.database.path is not None
    return store.database.path


def with_classes(store: LabelStore) -> LabelStore:
    """Makes the store, with the classes ant (1) and bee (2)."""
    store.create({})
    for name in ("ant", "bee"):
        store.change_classes(operation(store), AddClass(name))
    return store


def operation(store: LabelStore, base: int | None = None, op_id: str | None = None) -> Operation:
    """A new operation, based on the current revision unless told otherwise."""
    return Operation(op_id or f"operation-{next(_numbers)}", store.revision() if base is None else base, "ann")


def labels_of(edit: Edit | Conflict) -> dict[str, int | None]:
    """Class id by sample id of what an edit, or somebody else meanwhile, changed; None where there is no label."""
    return {sample_id: mark.label for sample_id, mark in edit.changes.items()}
