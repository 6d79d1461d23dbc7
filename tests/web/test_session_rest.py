"""Sessions that nobody looks at go and come back as they were; none waits for another's files; all are forecast."""

from __future__ import annotations

import os
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_tsne_plugin.live import Session, sessions
from tests.builders import make_run, sample_id
from tests.web.conftest import Api
from tests.web.test_routes import RUN, error, frame, wait_until
from tests.web.test_session_restart import settled

pytestmark = pytest.mark.slow

UNSEEN, LONG_UNASKED = 100.0, 400.0
"""Seconds since a session was asked last: nobody looks at it; and so long that it goes where it rests."""


@pytest.fixture
def three_runs(tmp_path: Path) -> Iterator[Api]:
    """The plugin on a log dir with runs `a`, `b` and `c`."""
    for name in "abc":
        make_run(tmp_path / "logs" / name)
    found = Api(tmp_path / "logs")
    yield found
    found.close()


def session_of(api: Api, run: str = "run") -> Session:
    session = api.workspace.sessions._sessions[(run, "im")]  # which does not count as asked for
    assert isinstance(session, Session)
    return session


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def started(api: Api, run: str, n_epochs: int = 20) -> Session:
    """The session of a run, at rest or running according to how many epochs it is to make."""
    assert api.post("session/start", run=run, tensor="im", parameters={"n_epochs": n_epochs}).status_code == 200
    session = session_of(api, run)
    wait_for(lambda: session.state().status == ("settled" if n_epochs < 1_000 else "running"))
    return session


def unasked(seconds: float, *sessions: Session) -> None:
    """Has sessions not been asked for so long, the first of them the longest."""
    for place, session in enumerate(sessions):
        session.asked_at = time.monotonic() - seconds + place


def kept(api: Api) -> set[str]:
    return {run for run in "abc" if api.workspace.sessions.of_run(run)}


def test_one_that_rests_unasked_goes_and_comes_back_as_it_was(api: Api) -> None:
    before = settled(api, perplexity=5.0)
    (number, _, _), _ = frame(api)
    worker = session_of(api)._process
    unasked(LONG_UNASKED, session_of(api))
    api.workspace.sessions.let_go()
    assert error(api.get("session/state", **RUN)) == (404, "no_session")
    assert error(api.get("session/frame", **RUN)) == (404, "no_session")
    wait_for(lambda: worker.exit_status == 0)
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    state = api.post("session/start", **RUN).get_json()
    assert state["parameters"]["perplexity"] == 5.0
    assert frame(api)[0][0] > number, "a page that holds the last frame is given the next"
    assert wait_until(api, status="settled", revision=1)["epoch"] == 620, "what was labelled meanwhile is news to it"
    assert not np.array_equal(frame(api)[1], before)


def test_one_that_is_looked_at_or_runs_or_was_just_seen_stays(three_runs: Api) -> None:
    looked_at, running, seen = started(three_runs, "a"), started(three_runs, "b", 1_000_000), started(three_runs, "c")
    unasked(LONG_UNASKED, looked_at, running)
    unasked(UNSEEN, seen)
    assert three_runs.get("session/state", run="a", tensor="im").status_code == 200
    three_runs.workspace.sessions.let_go()
    assert kept(three_runs) == {"a", "b", "c"}
    unasked(LONG_UNASKED, looked_at, running, seen)
    three_runs.workspace.sessions.let_go()
    assert kept(three_runs) == {"b"}


def test_of_many_that_nobody_looks_at_the_last_ones_stay_and_who_runs_goes_last(
    three_runs: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, first, second = started(three_runs, "a", 1_000_000), started(three_runs, "b"), started(three_runs, "c")
    unasked(UNSEEN, running, first, second)
    for most, left in [(3, {"a", "b", "c"}), (2, {"a", "c"}), (1, {"a"}), (0, set())]:
        monkeypatch.setattr(sessions, "MAX_UNSEEN", most)
        three_runs.workspace.sessions.let_go()
        assert kept(three_runs) == left
    wait_for(lambda: running._process.exit_status == 0)
    epoch = running.state().epoch
    state = three_runs.post("session/start", run="a", tensor="im").get_json()
    assert state["parameters"]["n_epochs"] == 1_000_000
    wait_for(lambda: session_of(three_runs, "a").state().epoch >= epoch > 0)


def test_looking_through_runs_leaves_no_more_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MAX_UNSEEN", 1)
    monkeypatch.setattr(sessions, "LOOKED_AT_SECONDS", 0.0)
    for number in range(7):
        make_run(tmp_path / f"run{number}")
    api = Api(tmp_path)
    workers, descriptors = [], []
    for number in range(7):
        run = {"run": f"run{number}", "tensor": "im"}
        assert api.post("session/start", **run).status_code == 200
        wait_for(partial(has_frame, api, run["run"]))
        workers.append(session_of(api, run["run"])._process)
        wait_for(lambda: sum(worker.exit_status is None for worker in workers) <= 2)
        wait_for(lambda: not any(thread.name == "tsne_ending" for thread in threading.enumerate()))
        descriptors.append(len(os.listdir("/dev/fd")))
    api.close()
    assert descriptors[6] <= descriptors[2] + 2, "those of workers that have gone stay open"


def test_what_nobody_looks_at_goes_where_memory_is_wanted(three_runs: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = started(three_runs, "a"), started(three_runs, "b")
    unasked(UNSEEN, first)

    def available() -> int:
        return (100 if first._process.exit_status is None else 400) << 20

    monkeypatch.setattr("tb_tsne_plugin.workspace.starting.available_bytes", available)
    assert three_runs.post("session/start", run="c", tensor="im").status_code == 200
    assert kept(three_runs) == {"b", "c"}
    assert second.is_alive
    unasked(0, second, session_of(three_runs, "c"))
    monkeypatch.setattr("tb_tsne_plugin.workspace.starting.available_bytes", lambda: 100 << 20)
    assert error(three_runs.post("session/start", run="a", tensor="im")) == (503, "too_little_memory")


@pytest.mark.parametrize("changes", [{"perplexity": 6.0}, {"metric": "cosine"}])
def test_parameters_that_take_memory_are_forecast_too(
    api: Api, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    settled(api, perplexity=5.0)
    monkeypatch.setattr("tb_tsne_plugin.workspace.starting.available_bytes", lambda: 1000)
    for free in ({"n_components": 2}, {"theta": 0.5}, {"method": "exact"}, {"n_epochs": 130}):
        assert api.post("session/parameters", **RUN, parameters=free).status_code == 200
    assert api.post("session/restart", **RUN).status_code == 200
    answer = api.post("session/parameters", **RUN, parameters=changes)
    assert error(answer) == (503, "too_little_memory")
    assert api.get("session/state", **RUN).get_json()["parameters"]["perplexity"] == 5.0
    assert api.post("session/parameters", **RUN, parameters=changes, force=True).status_code == 200
    assert wait_until(api, status="settled", epoch=130)["parameters"].items() >= changes.items()


def fifo(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)


def fifo_for_the_folder(path: Path) -> None:
    os.mkfifo(path.parent)


def ten_gigabytes_of_nothing(path: Path) -> None:
    path.parent.mkdir()
    with open(path, "wb") as file:
        file.truncate(10 << 30)


def a_million_members(path: Path) -> None:
    path.parent.mkdir()
    entry = b"PK\x01\x02" + bytes(42)
    size = len(entry) * 1_000_000
    end = b"PK\x05\x06" + bytes(8) + size.to_bytes(4, "little") + bytes(6)
    path.write_bytes(entry * 1_000_000 + end)


def a_bomb(path: Path) -> None:
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("about", "positions", "velocity", "gains", "labels"):
            archive.writestr(f"{name}.npy", bytes(100 << 20))


@pytest.mark.parametrize("make", [fifo, fifo_for_the_folder, ten_gigabytes_of_nothing, a_million_members, a_bomb])
def test_what_is_in_place_of_a_checkpoint_holds_nobody_up(three_runs: Api, make: Callable[[Path], None]) -> None:
    make(checkpoint_of(three_runs, "a"))
    with ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        answers = list(pool.map(lambda run: three_runs.post("session/start", run=run, tensor="im"), "ab"))
        assert time.monotonic() - began < 2
    assert [answer.status_code for answer in answers] == [200, 200]
    wait_for(lambda: session_of(three_runs, "a").state().status == "running")


def test_a_start_waits_for_no_other_and_two_of_the_same_start_one(three_runs: Api) -> None:
    with ThreadPoolExecutor(4) as pool:
        with three_runs.workspace.sessions.starting("a", "im"):  # as long as its files are read
            waiting = [pool.submit(three_runs.post, "session/start", run="a", tensor="im") for _ in range(3)]
            assert three_runs.post("session/start", run="b", tensor="im").status_code == 200
            assert not any(each.done() for each in waiting)
        workers = set()
        for each in waiting:
            assert each.result(timeout=30).status_code == 200
            workers.add(session_of(three_runs, "a")._process.pid)
    assert len(workers) == 1


def has_frame(api: Api, run: str) -> bool:
    return api.get("session/frame", run=run, tensor="im", wait=25).status_code == 200


def checkpoint_of(api: Api, run: str) -> Path:
    found = api.workspace.run(run)
    place = api.workspace.checkpoint(found, found.tensor("im"))
    return place.folder.path / place.name
