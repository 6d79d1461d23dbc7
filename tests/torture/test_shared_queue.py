"""The shared queue in small; `python -m tests.torture.shared_queue` takes half an hour."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.labels.postgres_server import PostgresServer
from tests.missing import missing
from tests.torture.shared_queue import torture

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


def test_nobody_does_what_somebody_else_does(tmp_path: Path, killed_postgres: PostgresServer) -> None:
    told = torture(tmp_path, killed_postgres, seconds=24)
    assert told["doubled"] == told["lost"] == []
    assert told["labeled"] > 200
    assert all(told["by"])
    assert told["statuses"][0] > 0  # servers were away, and asked for all the same
