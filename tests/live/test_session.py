"""A session's worker: a process of its own that can die without taking anything along, and never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tb_tsne_plugin.live import Session, SessionError, Source
from tb_tsne_plugin.tsne import Parameters
from tests.builders import blobs, sample_id

N = 60


@pytest.fixture
def session() -> Iterator[Session]:
    found = Session(Source(blobs(N)[0], (N, 8), [sample_id(row) for row in range(N)]), Parameters(n_epochs=200))
    yield found
    found.close()


def wait_for(session: Session, **wanted: Any) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = session.state()
        if all(state[name] == value for name, value in wanted.items()):
            return state
        time.sleep(0.01)
    raise AssertionError(f"{wanted} did not come; the last state was {state}")


def gone_within(process_id: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = Path(f"/proc/{process_id}/stat")
        if not _is_running(process_id) or (state.exists() and state.read_text().split(")")[1].split()[0] == "Z"):
            return True
        time.sleep(0.02)
    return False


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_frames_come_while_it_runs_and_the_last_one_when_it_has_settled(session: Session) -> None:
    first = session.wait_for_frame(0, 60)
    assert first is not None
    wait_for(session, status="settled", epoch=200)
    last = session.wait_for_frame(0, 5)
    assert last is not None
    assert int.from_bytes(last[4:8], "little") == 200


def test_commands_never_wait_for_a_worker_that_hangs(session: Session) -> None:
    wait_for(session, status="settled")
    os.kill(session._process.pid, signal.SIGSTOP)
    began = time.monotonic()
    with session.labels_lock:
        for revision in range(200):  # far more than a pipe holds
            session.send_labels(revision, {sample_id(row): revision % 2 for row in range(N)})
    assert time.monotonic() - began < 1.0
    os.kill(session._process.pid, signal.SIGCONT)
    wait_for(session, revision=199)


def test_a_killed_worker_is_noticed_and_said(session: Session) -> None:
    wait_for(session, status="settled")
    os.kill(session._process.pid, signal.SIGKILL)
    state = wait_for(session, status="failed")
    assert state["message"] == "The t-SNE worker ended unexpectedly (status -9). Labels are safe."
    assert not session.is_alive
    with pytest.raises(SessionError, match="start it again"):
        session.send("pause")
    assert session.wait_for_frame(session.last_frame, 5) is None


def test_samples_of_other_features_are_passed_over(session: Session) -> None:
    wait_for(session, status="settled")
    with session.labels_lock:
        session.send_labels(5, {"elsewhere": 1, sample_id(0): 1})
    wait_for(session, revision=5, status="settled")
    assert session.is_alive


def test_a_speed_limit_holds(session: Session) -> None:
    wait_for(session, status="settled")
    session.change_parameters(Parameters(n_epochs=10_000), 50.0)
    begun = wait_for(session, status="running")["epoch"]
    time.sleep(1.5)
    assert 30 <= session.state()["epoch"] - begun <= 120


def test_closing_ends_the_worker_and_leaves_no_files(session: Session) -> None:
    process, scratch = session._process.pid, session._scratch
    wait_for(session, status="settled")
    session.close()
    assert gone_within(process, 2)
    assert not scratch.exists()


@pytest.mark.parametrize("ending", ["kill -9", "exit"])
@pytest.mark.parametrize("n_epochs", [1, 1_000_000], ids=["settled", "running"])
def test_the_worker_ends_with_us_whatever_it_is_doing(n_epochs: int, ending: str) -> None:
    code = (
        "import os, signal, sys, time; sys.path.insert(0, os.getcwd());"
        "from tb_tsne_plugin.live import Session, Source; from tb_tsne_plugin.tsne import Parameters;"
        "from tests.builders import blobs;"
        "source = Source(blobs(900, 8)[0], (900, 8), [str(i) for i in range(900)]);"
        f"session = Session(source, Parameters(n_epochs={n_epochs}));"
        "assert session.wait_for_frame(0, 60) is not None;"
        "print(session._process.pid, session._scratch, flush=True);"
        + ("time.sleep(60)" if ending == "kill -9" else "sys.exit(0)")
    )
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker, scratch = parent.stdout.readline().split()
    if ending == "kill -9":
        parent.kill()
    parent.wait(timeout=10)
    assert gone_within(int(worker), 2)
    assert not Path(scratch).exists()
