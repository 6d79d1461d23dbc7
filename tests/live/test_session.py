"""A session's worker: a process of its own that can die without taking anything along, and never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from tb_tsne_plugin.live import Session, SessionError, SessionParameters, SessionState, Source
from tb_tsne_plugin.live.checkpoint import CheckpointFile, read_header
from tb_tsne_plugin.live.protocol import Pause, SetLabels
from tb_tsne_plugin.runs.folder import Folder
from tests.builders import blobs, sample_id

pytestmark = pytest.mark.slow

N = 60


@pytest.fixture
def session() -> Iterator[Session]:
    found = Session(Source(blobs(N)[0], (N, 8), [sample_id(row) for row in range(N)]), SessionParameters(n_epochs=200))
    yield found
    found.close()


def wait_for(session: Session, **wanted: Any) -> SessionState:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = session.state()
        if all(getattr(state, name) == value for name, value in wanted.items()):
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
    for revision in range(200):  # far more than a pipe holds
        session.send_labels(revision, {sample_id(row): Mark(revision % 2) for row in range(N)})
    assert time.monotonic() - began < 1.0
    os.kill(session._process.pid, signal.SIGCONT)
    wait_for(session, revision=199)


def test_a_killed_worker_is_noticed_and_said(session: Session) -> None:
    wait_for(session, status="settled")
    os.kill(session._process.pid, signal.SIGKILL)
    state = wait_for(session, status="failed")
    assert state.message == "The t-SNE worker ended unexpectedly (status -9). Labels are safe."
    assert not session.is_alive
    with pytest.raises(SessionError, match="start it again"):
        session.send(Pause())
    assert session.wait_for_frame(session.last_frame, 5) is None


def test_samples_of_other_features_are_passed_over(session: Session) -> None:
    wait_for(session, status="settled")
    session.send_labels(5, {"elsewhere": Mark(1), sample_id(0): Mark(1)})
    wait_for(session, revision=5, status="settled")
    assert session.is_alive


def test_a_speed_limit_holds(session: Session) -> None:
    wait_for(session, status="settled")
    session.change_parameters(SessionParameters(n_epochs=10_000, speed_limit=50.0))
    begun = wait_for(session, status="running").epoch
    time.sleep(1.5)
    assert 30 <= session.state().epoch - begun <= 120


def test_closing_ends_the_worker(session: Session) -> None:
    process = session._process.pid
    wait_for(session, status="settled")
    session.close()
    assert gone_within(process, 2)


def test_one_that_runs_keeps_where_it_stands_before_it_ends(tmp_path: Path) -> None:
    place = CheckpointFile(Folder(tmp_path), "kept.npz")
    parameters = SessionParameters(n_epochs=1_000_000)
    session = Session(Source(blobs(N)[0], (N, 8), [], "1"), parameters, checkpoint=place)
    wait_for(session, status="running")
    before = session.state().epoch
    session.end()
    assert session._process.exit_status == 0
    kept = read_header(place)
    assert kept is not None
    assert kept.epoch >= max(before, session.state().epoch)
    assert session.state().message == "Nobody looked at the t-SNE any more. It goes on from where it stood."


def test_one_that_hangs_or_prepares_is_ended_all_the_same(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_tsne_plugin.live.session.END_SECONDS", 0.5)
    wait_for(session, status="settled")
    os.kill(session._process.pid, signal.SIGSTOP)
    session.end()
    assert session._process.exit_status == -signal.SIGKILL
    preparing = Session(Source(blobs(N)[0], (N, 8), []), SessionParameters())
    began = time.monotonic()
    preparing.end()
    assert time.monotonic() - began < 0.5
    assert not preparing.is_alive


@pytest.mark.parametrize("ending", ["kill -9", "kill -9 of both", "exit"])
@pytest.mark.parametrize("n_epochs", [1, 1_000_000], ids=["settled", "running"])
def test_the_worker_ends_with_us_whatever_it_is_doing(n_epochs: int, ending: str, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time; sys.path.insert(0, os.getcwd());"
        "from tb_tsne_plugin.live import Session, SessionParameters, Source;"
        "from tests.builders import blobs;"
        "source = Source(blobs(900, 8)[0], (900, 8), [str(i) for i in range(900)]);"
        f"session = Session(source, SessionParameters(n_epochs={n_epochs}));"
        "assert session.wait_for_frame(0, 60) is not None;"
        "print(session._process.pid, flush=True);" + ("time.sleep(60)" if ending != "exit" else "sys.exit(0)")
    )
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", code]
    parent = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    if ending != "exit":
        parent.kill()
    if ending == "kill -9 of both":
        os.kill(worker, signal.SIGKILL)
    parent.wait(timeout=10)
    assert gone_within(worker, 2)
    assert list(tmp_path.iterdir()) == []


class Mark(NamedTuple):
    label: int | None
    number: int = 1


class Edit(NamedTuple):
    revision: int
    changes: dict[str, Mark]


class Labels:
    """Stands in for the label store: what a session asks it, and what the session then tells its worker."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session = session
        self.asked: list[tuple[str, int]] = []
        self.told: list[SetLabels] = []
        monkeypatch.setattr(session, "send", self.told.append)

    def sync(self, edit: Edit, made: tuple[str, Edit] | None = None) -> None:
        def changes_since(column: str, revision: int) -> Edit:
            self.asked.append((column, revision))
            return edit

        self.session.sync_labels(changes_since, made)


def test_labels_are_read_since_the_revision_told_last(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Labels(session, monkeypatch)
    labels.sync(Edit(4, {sample_id(2): Mark(7, 3), "elsewhere": Mark(8)}))
    labels.sync(Edit(4, {}))
    labels.sync(Edit(6, {sample_id(2): Mark(None, 5)}))
    assert labels.asked == [("label", -1), ("label", 4), ("label", 4)]
    assert labels.told == [
        SetLabels(column="label", revision=4, rows=(2,), labels=(7,), states=(3,), reset=True),
        SetLabels(column="label", revision=6, rows=(2,), labels=(-1,), states=(5,), reset=False),
    ]


def test_an_edit_just_made_is_read_again_only_where_it_is_not_the_next(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels, nothing = Labels(session, monkeypatch), Edit(9, {})
    labels.sync(Edit(4, {}))
    labels.asked.clear()
    labels.sync(nothing, ("label", Edit(5, {sample_id(1): Mark(7)})))
    assert labels.asked == []
    assert labels.told[-1] == SetLabels(column="label", revision=5, rows=(1,), labels=(7,), states=(1,), reset=False)
    for made in [
        ("label", Edit(6, {})),
        ("eyes", Edit(6, {sample_id(1): Mark(7)})),
        ("label", Edit(7, {sample_id(1): Mark(7)})),
    ]:
        labels.asked.clear()
        labels.sync(Edit(5, {}), made)
        assert labels.asked == [("label", 5)]


def test_another_column_or_store_is_told_from_its_beginning(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Labels(session, monkeypatch)
    labels.sync(Edit(4, {}))
    session.follow("label")
    labels.sync(Edit(4, {}))
    assert len(labels.told) == 1
    session.follow("eyes")
    labels.sync(Edit(0, {}))
    labels.sync(Edit(2, {}))
    labels.sync(Edit(1, {}))
    assert labels.asked[2:] == [("eyes", -1), ("eyes", 0), ("eyes", 2)]
    assert [(told.column, told.revision, told.reset) for told in labels.told[1:]] == [
        ("eyes", 0, True),
        ("eyes", 2, False),
        ("eyes", 1, True),
    ]


def test_with_all_labels_a_worker_hears_which_were_given_together(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[SetLabels] = []
    monkeypatch.setattr(session, "send", told.append)
    everything = Edit(4, {sample_id(1): Mark(7), "elsewhere": Mark(7), sample_id(2): Mark(8), sample_id(3): Mark(8)})
    given_in = {"label": {sample_id(1): 2, "elsewhere": 2, sample_id(2): 3}}
    session.sync_labels(lambda _column, _revision: everything, given_in=given_in.__getitem__)
    session.sync_labels(lambda _column, _revision: Edit(5, {sample_id(4): Mark(7)}), given_in=given_in.__getitem__)
    assert [(each.rows, each.batches) for each in told] == [((1, 2, 3), (2, 3, -1)), ((4,), ())]


def test_a_worker_hears_what_is_ignored_before_it_prepares() -> None:
    source = Source(blobs(N)[0], (N, 8), [sample_id(row) for row in range(N)])
    ignored = [sample_id(3), "elsewhere", sample_id(7)]
    session = Session(source, SessionParameters(n_epochs=5), ignored=ignored)
    try:
        wait_for(session, status="settled")
        positions = session.positions()
        assert positions is not None
        aside = np.flatnonzero(positions[0] == positions[0].min())
        assert aside.tolist() == [3, 7]
    finally:
        session.close()


def test_a_worker_that_has_ended_is_told_nothing(session: Session) -> None:
    wait_for(session, status="settled")
    session._process.kill()
    wait_for(session, status="failed")
    session.sync_labels(lambda _column, _revision: Edit(4, {sample_id(1): Mark(7)}))


def test_the_state_is_what_the_page_is_promised(session: Session) -> None:
    promised = {"status", "message", "restartable", "epoch", "epochs_per_second", "cost", "revision", "cost_curve"}
    promised |= {"column", "version", "parameters", "notes", "last_change", "others"}
    early = session.state()
    assert set(msgspec.to_builtins(early)) == promised
    assert early.parameters == session.parameters
    state = wait_for(session, status="settled")
    assert (state.epoch, state.restartable, state.message) == (200, False, None)
    assert state.cost == state.cost_curve[-1][1]
    assert msgspec.json.decode(msgspec.json.encode(state), type=SessionState) == state


def test_guidance_and_label_issues_are_waited_for(session: Session) -> None:
    wait_for(session, status="settled")
    group = blobs(N)[1]
    session.send_labels(1, {sample_id(row): Mark(int(group[row])) for row in range(0, N, 2)})
    session.send_labels(2, {sample_id(0): Mark(2)})
    found = session.wait_for_guidance(0, 60)
    while found is not None and found.revision < 2:
        found = session.wait_for_guidance(found.number, 60)
    assert found is not None
    assert found.labels[1:].tolist() == group[1:].tolist()
    assert found.candidates
    assert all(candidate.focus % 2 == 1 for candidate in found.candidates)
    issues = session.wait_for_label_issues(60)
    assert issues is not None
    assert (issues.column, issues.revision) == ("label", 2)
    assert (issues.label_issues[0].row, issues.label_issues[0].label, issues.label_issues[0].expected) == (0, 2, 0)


def test_a_session_that_cannot_start_leaves_no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(OSError, match="no-python"):
        Session(Source(blobs(N)[0], (N, 8), []), SessionParameters())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are text there")
def test_a_checkpoint_may_have_a_name_that_is_no_text(tmp_path: Path) -> None:
    kept = Path(os.fsdecode(bytes(tmp_path) + b"/\xff/\xfe.npz"))
    place = CheckpointFile(Folder(kept.parent), kept.name)
    source = Source(blobs(N)[0], (N, 8), [])
    session = Session(source, SessionParameters(n_epochs=5), checkpoint=place)
    try:
        wait_for(session, status="settled")
        deadline = time.monotonic() + 10
        while not kept.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert kept.exists()
    finally:
        session.close()
