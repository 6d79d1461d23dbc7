"""The lab in small; `python -m tests.torture.lab` takes half an hour."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.labels.postgres_server import PostgresServer
from tests.missing import missing
from tests.torture.lab import lab

pytestmark = [pytest.mark.slow, pytest.mark.tensorboard, pytest.mark.postgresql]


@pytest.fixture
def killed_postgres() -> Iterator[PostgresServer]:
    """A server of its own: it is killed."""
    try:
        server = PostgresServer()
    except FileNotFoundError as error:
        missing(str(error))
    yield server
    server.close()


def test_five_people_lose_and_double_nothing(tmp_path: Path, killed_postgres: PostgresServer) -> None:
    book = lab(tmp_path, killed_postgres, seconds=30)
    assert book.faults == []
    assert book.counts["kills"] == 3
    assert book.counts["takes"] > 20
    assert all(book.counts[what] > 0 for what in ("edits", "undos", "redos", "conflicts", "answers lost", "no answer"))
