"""The worker's inside, without a process: commands in, epochs made, events out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pytest

from tb_tsne_plugin.live import SessionParameters
from tb_tsne_plugin.live.frames import Frame, FrameBuffer, decoded
from tb_tsne_plugin.live.protocol import (
    ChangeParameters,
    CheckpointPath,
    Event,
    FindGuidance,
    FindLabelIssues,
    FrameWritten,
    GuidanceFound,
    LabelIssuesFound,
    Pause,
    Perturb,
    Progress,
    Restart,
    Resume,
    SetLabels,
    Specification,
    Step,
)
from tb_tsne_plugin.live.runner import WAKE_EPOCHS, EmbeddingRunner, prepare_runner
from tb_tsne_plugin.live.session_guidance import guidance_of
from tests.builders import blobs

N = 60
_Kind = TypeVar("_Kind")


class Running(NamedTuple):
    """A runner and what it said."""

    runner: EmbeddingRunner
    events: list[Event]
    frames: Path

    def said(self, kind: type[_Kind]) -> list[_Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    def shown(self) -> Frame:
        """The newest frame."""
        self.runner.publish_frame()
        with open(self.frames, "r+b") as file:
            encoded = FrameBuffer(file, N).read(self.said(FrameWritten)[-1].number)
        assert encoded is not None
        return decoded(encoded)

    def state(self) -> Progress:
        self.runner.publish_progress()
        return self.said(Progress)[-1]

    def step(self, n: int) -> None:
        for _ in range(n):
            self.runner.step()

    def wait_for(self, kind: type[_Kind]) -> _Kind:
        deadline = time.monotonic() + 60
        while not (found := self.said(kind)):
            assert time.monotonic() < deadline, f"no {kind.__name__} came"
            time.sleep(0.01)
        return found[-1]


def started(
    folder: Path, features: npt.NDArray[np.float32] | None = None, column: str = "label", **parameters: Any
) -> Running:
    folder.mkdir(exist_ok=True)
    features = blobs(N)[0] if features is None else features
    features.astype("<f4").tofile(folder / "features")
    (folder / "frames").touch()
    events: list[Event] = []
    specification = Specification(
        features=str(folder / "features"),
        shape=features.shape,
        version="1",
        frames=str(folder / "frames"),
        first_frame=10,
        checkpoint=CheckpointPath(bytes(folder), b"kept.npz"),
        column=column,
        parameters=SessionParameters(**{"n_epochs": 300, **parameters}),
    )
    return Running(prepare_runner(specification, events.append), events, folder / "frames")


def labels(rows: range, label: int, revision: int = 1, *, column: str = "label", reset: bool = False) -> SetLabels:
    n, state = len(rows), int(label >= 0)
    return SetLabels(
        column=column, revision=revision, rows=tuple(rows), labels=(label,) * n, states=(state,) * n, reset=reset
    )


def test_it_tells_what_it_prepares_and_then_runs(tmp_path: Path) -> None:
    running = started(tmp_path)
    assert [event.status for event in running.said(Progress)] == ["compiling", "preparing"]
    assert not running.runner.is_idle
    note = "Perplexity lowered from 20 to 19.7: it needs at least three times as many samples."
    assert running.state() == Progress(status="running", notes=(note,))
    running.step(300)
    assert running.runner.is_idle
    state = running.state()
    assert (state.status, state.epoch) == ("settled", 300)
    assert [epoch for epoch, _ in state.cost_curve] == [50, 100, 150, 200, 250, 300]
    assert state.cost == state.cost_curve[-1][1]


def test_a_frame_is_shown_once_and_numbered_on(tmp_path: Path) -> None:
    running = started(tmp_path)
    running.step(3)
    frame = running.shown()
    assert (frame.number, frame.epoch, frame.revision, frame.positions.shape) == (11, 3, 0, (3, N))
    assert running.shown().number == 11
    running.step(1)
    assert running.shown().number == 12


def test_labels_wake_a_settled_embedding_unless_they_are_no_news(tmp_path: Path) -> None:
    running = started(tmp_path, n_epochs=20)
    running.step(20)
    running.runner.handle(labels(range(5), 2, revision=7))
    assert not running.runner.is_idle
    assert running.shown().revision == 7
    running.step(WAKE_EPOCHS)
    assert running.runner.is_idle
    running.runner.handle(labels(range(5), 2, revision=8))
    assert running.runner.is_idle
    assert running.state().revision == 8
    running.runner.handle(labels(range(1), -1, revision=9))
    assert not running.runner.is_idle


def test_labels_reach_the_embedding_and_a_reset_clears_the_others(tmp_path: Path) -> None:
    running = started(tmp_path)
    running.runner.handle(labels(range(5), 2))
    running.runner.handle(labels(range(4, 6), 3, revision=0, column="eyes", reset=True))
    embedding = running.runner._prepared.embedding
    assert embedding.labels.tolist() == [-1] * 4 + [3, 3] + [-1] * (N - 6)


def test_steps_are_made_and_then_it_pauses(tmp_path: Path) -> None:
    running = started(tmp_path, n_epochs=10)
    running.step(10)
    running.runner.handle(Step(3))
    running.step(2)
    assert running.state().status == "running"
    running.step(1)
    assert running.state().status == "paused"
    assert running.runner.epoch == 13
    running.runner.handle(Resume())
    assert running.state().status == "running"
    running.runner.handle(Pause())
    assert running.state().status == "paused"


def test_a_restart_keeps_labels_and_parameters(tmp_path: Path) -> None:
    running = started(tmp_path)
    first = running.shown()
    running.runner.handle(labels(range(5), 2))
    running.step(100)
    running.runner.handle(Pause())
    running.runner.handle(Restart())
    state, again = running.state(), running.shown()
    assert (state.status, state.epoch, state.cost_curve) == ("running", 0, ())
    assert again.number > first.number
    assert np.array_equal(again.positions, first.positions)
    assert (running.runner._prepared.embedding.labels[:5] == 2).all()


@pytest.mark.parametrize("paused", [False, True])
def test_noise_is_shown_and_wakes_what_is_not_paused(tmp_path: Path, paused: bool) -> None:
    running = started(tmp_path, n_epochs=10)
    running.step(10)
    before = running.shown()
    if paused:
        running.runner.handle(Pause())
    running.runner.handle(Perturb(0.5))
    after = running.shown()
    assert after.number > before.number
    assert (after.positions != before.positions).any()
    assert running.runner.is_idle == paused


@pytest.mark.parametrize(
    ("change", "epoch", "stages"),
    [
        ({"perplexity": 5.0}, 0, 4),
        ({"metric": "cosine"}, 0, 4),
        ({"n_components": 2}, 0, 2),
        ({"random_state": 3}, 0, 2),
        ({"theta": 0.1}, 30, 2),
        ({"speed_limit": 1e6}, 30, 2),
    ],
)
def test_new_parameters_start_anew_only_where_they_must(
    tmp_path: Path, change: dict[str, Any], epoch: int, stages: int
) -> None:
    running = started(tmp_path, n_epochs=30)
    running.runner.handle(labels(range(5), 2))
    running.step(30)
    running.runner.handle(Pause())
    before = running.runner._prepared.affinities
    parameters = SessionParameters(n_epochs=30).updated(change)
    running.runner.handle(ChangeParameters(parameters))
    assert running.runner.epoch == epoch
    told = [event for event in running.said(Progress) if event.status in ("compiling", "preparing")]
    assert len(told) == stages
    assert (running.runner._prepared.affinities is before) == (stages == 2)
    assert len(running.shown().positions) == parameters.n_components
    embedding = running.runner._prepared.embedding
    assert embedding.parameters.theta == parameters.theta
    assert (embedding.labels[:5] == 2).all()


def test_a_speed_limit_alone_wakes_nothing_and_another_parameter_does(tmp_path: Path) -> None:
    running = started(tmp_path, n_epochs=10)
    running.step(10)
    running.runner.handle(ChangeParameters(SessionParameters(n_epochs=10, speed_limit=50.0)))
    assert running.runner.is_idle
    running.runner.handle(ChangeParameters(SessionParameters(n_epochs=10, theta=0.2)))
    assert not running.runner.is_idle


def test_a_speed_limit_paces_epochs(tmp_path: Path) -> None:
    running = started(tmp_path, speed_limit=50.0)
    began = time.monotonic()
    running.step(40)
    assert time.monotonic() - began > 40 / 50 - 0.3, (
        "at most a quarter of a second is made up for, and the first is due"
    )


def test_it_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    running = started(tmp_path)
    running.runner.handle(labels(range(5), 2, revision=4))
    running.step(60)
    running.runner.handle(Pause())
    running.runner.save_checkpoint()
    before = running.shown()
    again = started(tmp_path)
    assert again.said(FrameWritten)[0].number == 11, "the positions are shown before affinities are computed"
    assert isinstance(again.events[0], FrameWritten)
    assert (again.state().status, again.state().epoch, again.state().revision) == ("paused", 60, 4)
    assert again.state().cost_curve == running.state().cost_curve != ()
    assert np.array_equal(again.shown().positions, before.positions)
    for both in (running, again):
        both.runner.handle(Resume())
        both.step(40)
    assert np.array_equal(again.shown().positions, running.shown().positions)


def test_guidance_hears_the_states_that_its_checkpoint_did_not_keep(tmp_path: Path) -> None:
    running = started(tmp_path, n_epochs=20)
    given = labels(range(6), 0, revision=1), labels(range(N - 6, N), 1, revision=2)
    for command in given:
        running.runner.handle(command)
    running.step(20)
    running.runner.save_checkpoint()
    again = started(tmp_path, n_epochs=20)
    assert again.state().revision == 2
    again.runner.handle(FindGuidance())
    again.wait_for(GuidanceFound)
    aside = [20, 21]
    again.runner.handle(
        SetLabels(
            column="label",
            revision=2,
            rows=(*given[0].rows, *given[1].rows, *aside),
            labels=(0,) * 6 + (1,) * 6 + (-1, -1),
            states=(1,) * 12 + (4, 5),
            batches=(1,) * 6 + (2,) * 6 + (-1, -1),
            reset=True,
        )
    )
    again.state()
    deadline = time.monotonic() + 20
    while (guidance_of(again.said(GuidanceFound)[-1]).labels[aside] >= 0).any():
        assert time.monotonic() < deadline, "what is set aside has a suggestion still"
        time.sleep(0.01)
    again.runner.handle(FindLabelIssues())
    assert len(again.wait_for(LabelIssuesFound).groups) == 2


def test_labels_of_another_column_are_not_taken_from_a_checkpoint(tmp_path: Path) -> None:
    running = started(tmp_path)
    running.runner.handle(labels(range(5), 2, revision=4))
    running.step(20)
    running.runner.save_checkpoint()
    again = started(tmp_path, column="eyes")
    assert (again.state().epoch, again.state().revision) == (20, 0)
    assert (again.runner._prepared.embedding.labels == -1).all()


def test_a_checkpoint_of_another_start_is_passed_over(tmp_path: Path) -> None:
    running = started(tmp_path)
    running.step(20)
    running.runner.save_checkpoint()
    assert started(tmp_path, perplexity=5.0).runner.epoch == 0
    assert started(tmp_path, theta=0.1).runner.epoch == 20


def test_samples_that_are_not_finite_are_left_out_and_said(tmp_path: Path) -> None:
    features = blobs(N)[0]
    features[[3, 17], 2] = np.nan
    running = started(tmp_path, features)
    running.runner.handle(labels(range(6), 2))
    running.step(20)
    assert running.state().notes[0].startswith("2 samples have features that are not finite (rows 3, 17, ")
    assert running.runner._prepared.embedding.labels.tolist() == [2] * 5 + [-1] * (N - 7)
    aside = running.shown().positions[:, [3, 17]]
    assert np.array_equal(aside[:, 0], aside[:, 1])
    running.runner.handle(FindGuidance())
    guidance = guidance_of(running.wait_for(GuidanceFound))
    rows = {row for candidate in guidance.candidates for row in (candidate.focus, *candidate.rows)}
    assert rows
    assert not rows & {3, 17}
    assert (guidance.labels[[3, 17]] == -1).all()


def test_guidance_comes_when_it_is_wanted_and_rests_on_the_labels(tmp_path: Path) -> None:
    running = started(tmp_path)
    running.runner.handle(labels(range(0, N, 3), 0, revision=1))
    running.runner.handle(labels(range(1, N, 3), 1, revision=2))
    running.step(50)
    running.state()
    time.sleep(0.2)
    assert not running.said(GuidanceFound), "nobody has asked"
    running.runner.handle(FindLabelIssues())
    issues, found = running.wait_for(LabelIssuesFound), running.wait_for(GuidanceFound)
    assert (issues.column, issues.revision, len(issues.label_issues)) == ("label", 2, 40)
    assert (found.column, found.revision, found.epoch) == ("label", 2, 50)
    guidance = guidance_of(found)
    assert guidance.labels[:2].tolist() == [0, 1]
    assert guidance.candidates
    assert all(candidate.focus % 3 == 2 for candidate in guidance.candidates)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_points_that_have_flown_apart_end_it_with_a_reason(tmp_path: Path) -> None:
    running = started(tmp_path)
    for _ in range(45):
        running.runner.handle(Perturb(10.0))
    running.step(1)
    with pytest.raises(FloatingPointError, match="flown too far apart"):
        running.runner.publish_frame()
