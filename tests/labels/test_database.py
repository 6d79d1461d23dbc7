"""The connections: what is asked of a database so that a stored label is on the disk."""

from __future__ import annotations

import pytest

from tb_tsne_plugin.labels import Database, LabelStore


@pytest.mark.parametrize(
    ("pragma", "value"),
    # fullfsync: on macOS an ordinary fsync ends in the drive's cache. Elsewhere SQLite keeps the flag and no more.
    [("journal_mode", "delete"), ("synchronous", 3), ("fullfsync", 1), ("checkpoint_fullfsync", 1)],
)
def test_every_connection_to_a_file_brings_what_it_writes_onto_the_disk(
    sqlite_store: LabelStore, pragma: str, value: str | int
) -> None:
    for transaction in (sqlite_store.database.write, sqlite_store.database.read):
        for _ in range(2):
            with transaction() as connection:
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_every_connection_to_a_server_waits_for_its_disk(database: Database) -> None:
    if database.path is not None:
        pytest.skip("this one is a file")
    LabelStore(database).create({})
    with database.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "5s"
