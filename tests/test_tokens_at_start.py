"""A TensorBoard with tokens: it tells its user the address, and shows the token to nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.builders import make_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.tensorboard
CHOSEN = "thought-up-by-somebody-0123456789"


@pytest.fixture
def started(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TensorBoard]:
    make_run(tmp_path / "logs" / "run")
    flags, environment = request.param
    server = TensorBoard(tmp_path / "logs", *flags, environment={"TMPDIR": str(tmp_path), **environment})
    yield server.start()
    server.stop()


def runs(server: TensorBoard, token: str) -> int:
    address = f"{server.address}/data/plugin/tsne/runs"
    return requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=60).status_code


@pytest.mark.parametrize("started", [(["--tsne_access_token", "auto"], {})], indirect=True, ids=["auto"])
def test_it_prints_the_address_with_a_token_that_it_made(started: TensorBoard) -> None:
    found = re.search(rf"http://localhost:{started.port}/#tsne&token=(\S+)", started.log())
    assert found, started.log()
    assert runs(started, found[1]) == 200
    assert started.get("runs").status_code == 401
    assert started.log().count(found[1]) == 1


@pytest.mark.parametrize("started", [([], {"TB_TSNE_ACCESS_TOKEN": CHOSEN})], indirect=True, ids=["environment"])
def test_a_token_of_the_environment_is_shown_to_nobody(started: TensorBoard, tmp_path: Path) -> None:
    assert runs(started, CHOSEN) == 200
    assert runs(started, "wrong" * 8) == 401
    told = requests.get(f"{started.address}/data/environment", timeout=60).text
    files = [path.read_text() for path in (tmp_path / ".tensorboard-info").glob("*.info")]
    assert files
    for text in (told, started.log(), *files):
        assert CHOSEN not in text
