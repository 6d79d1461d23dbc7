"""The worker's inside, without a process: commands in, epochs made, events out."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pytest

from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.live import SessionParameters
from tb_tsne_plugin.live.frames import Frame, FrameBuffer, decoded
from tb_tsne_plugin.live.protocol import (
    ChangeParameters,
    CheckpointPath,
    Command,
    End,
    Event,
    FindGuidance,
    FindLabelIssues,
    FindStanding,
    FrameWritten,
    GuidanceFound,
    LabelIssuesFound,
    NoGuidance,
    Pause,
    Perturb,
    Progress,
    Restart,
    Resume,
    SetLabels,
    Specification,
    StandingFound,
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
    n_samples: int

    def said(self, kind: type[_Kind]) -> list[_Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    def shown(self) -> Frame:
        """The newest frame."""
        self.runner.publish_frame()
        with open(self.frames, "r+b") as file:
            encoded = FrameBuffer(file, self.n_samples).read(self.said(FrameWritten)[-1].number)
        assert encoded is not None
        return decoded(encoded)

    def state(self) -> Progress:
        self.runner.publish_progress()
        return self.said(Progress)[-1]

    def step(self, n: int) -> None:
        for _ in range(n):
            self.runner.step()

    def mark(self, rows: Iterable[int], state: SampleState, revision: int) -> None:
        """What a person does between two epochs: gives rows a state without a class."""
        rows = tuple(rows)
        n = len(rows)
        self.runner.handle(
            SetLabels(column="label", revision=revision, rows=rows, labels=(-1,) * n, states=(state,) * n, reset=False)
        )
        self.runner.embed_newcomers()

    @property
    def embedded(self) -> list[int]:
        """The rows that are embedded."""
        return [int(row) for row in self.runner._prepared.rows.embedded]

    @property
    def stages(self) -> int:
        """How often affinities were prepared."""
        return sum(event.status == "preparing" for event in self.said(Progress))

    def wait_for(self, kind: type[_Kind]) -> _Kind:
        deadline = time.monotonic() + 60
        while not (found := self.said(kind)):
            assert time.monotonic() < deadline, f"no {kind.__name__} came"
            time.sleep(0.01)
        return found[-1]


def started(
    folder: Path,
    features: npt.NDArray[np.float32] | None = None,
    column: str = "label",
    ignored: Iterable[int] = (),
    version: str = "1",
    grown_from: tuple[str, int] | None = None,
    **parameters: Any,
) -> Running:
    folder.mkdir(exist_ok=True)
    features = blobs(N)[0] if features is None else features
    features.astype("<f4").tofile(folder / "features")
    (folder / "frames").touch()
    events: list[Event] = []
    specification = Specification(
        features=str(folder / "features"),
        shape=features.shape,
        version=version,
        frames=str(folder / "frames"),
        first_frame=10,
        checkpoint=CheckpointPath(bytes(folder), b"kept.npz"),
        grown_from=grown_from,
        column=column,
        ignored=tuple(ignored),
        parameters=SessionParameters(**{"n_epochs": 300, **parameters}),
    )
    return Running(prepare_runner(specification, events.append), events, folder / "frames", len(features))


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


IGNORED = [4, 20, 21, 47]
OTHERS = [row for row in range(N) if row not in IGNORED]


@pytest.mark.parametrize(
    "begin",
    [Restart(), ChangeParameters(SessionParameters(perplexity=6.0))],
    ids=["restart", "other affinities"],
)
def test_what_is_ignored_is_left_out_when_it_begins_and_not_before(tmp_path: Path, begin: Command) -> None:
    running = started(tmp_path / "all", perplexity=5.0)
    running.runner.handle(labels(range(5, 12), 2))
    running.step(20)
    before = running.shown()
    running.mark(IGNORED, SampleState.IGNORED, 2)
    assert running.embedded == list(range(N)), "it keeps its place"
    assert np.array_equal(running.shown().positions, before.positions)
    running.runner.handle(ChangeParameters(SessionParameters(perplexity=5.0, theta=0.3)))
    assert (running.embedded, running.runner.epoch, running.stages) == (list(range(N)), 20, 1)
    running.runner.handle(ChangeParameters(SessionParameters(perplexity=5.0)))
    running.runner.handle(begin)
    perplexity = 6.0 if isinstance(begin, ChangeParameters) else 5.0
    without = started(tmp_path / "without", blobs(N)[0][OTHERS], perplexity=perplexity)
    without.runner.handle(labels(range(4, 11), 2))  # the same samples
    for both in (running, without):
        both.step(60)
    positions = running.shown().positions
    assert np.array_equal(positions[:, OTHERS], without.shown().positions)
    aside = positions[:, IGNORED]
    assert (aside == aside[:, :1]).all(), "they stand together, at the edge"
    assert np.linalg.norm(aside[:, 0]) > np.median(np.linalg.norm(positions[:, OTHERS], axis=0))
    assert (running.embedded, running.runner.epoch) == (OTHERS, 60)


def test_a_restart_prepares_affinities_only_for_other_samples(tmp_path: Path) -> None:
    running = started(tmp_path)
    running.runner.handle(Restart())
    assert running.stages == 1
    running.mark(IGNORED, SampleState.IGNORED, 1)
    running.mark([9], SampleState.UNSURE, 2)
    for stages in (2, 2):
        running.runner.handle(Restart())
        assert (running.embedded, running.stages) == (OTHERS, stages)
    running.runner.handle(ChangeParameters(SessionParameters(n_epochs=300, random_state=3)))
    assert (running.embedded, running.stages) == (OTHERS, 2)


def test_what_is_ignored_from_the_start_never_takes_part(tmp_path: Path) -> None:
    running = started(tmp_path / "all", ignored=IGNORED, perplexity=5.0)
    assert (running.embedded, running.stages) == (OTHERS, 1)
    without = started(tmp_path / "without", blobs(N)[0][OTHERS], perplexity=5.0)
    for both in (running, without):
        both.step(40)
    assert np.array_equal(running.shown().positions[:, OTHERS], without.shown().positions)
    running.runner.embed_newcomers()
    assert (running.embedded, running.stages) == (OTHERS, 1)


@pytest.mark.parametrize("paused", [False, True])
def test_what_is_ignored_no_more_comes_back_among_its_neighbors_and_the_others_stay(
    tmp_path: Path, paused: bool
) -> None:
    running = started(tmp_path, ignored=IGNORED, perplexity=5.0, n_epochs=1)
    running.runner.handle(labels(range(5, 12), 2))
    running.step(WAKE_EPOCHS)
    assert running.runner.is_idle
    if paused:
        running.runner.handle(Pause())
    before, (_, velocity, gains) = running.shown(), running.runner._prepared.embedding.momentum_state()
    running.mark(IGNORED[:3], SampleState.UNLABELED, 2)
    assert (running.embedded, running.stages) == ([row for row in range(N) if row != IGNORED[3]], 2)
    assert (tmp_path / "kept.npz").exists(), "where it stood is kept before it prepares: that may be ended"
    after = running.shown()
    assert (after.epoch, after.number) == (WAKE_EPOCHS, before.number + 1)
    assert np.array_equal(after.positions[:, OTHERS], before.positions[:, OTHERS])
    P = running.runner._prepared.affinities.P
    embedding, places = running.runner._prepared.embedding, running.embedded
    old = [place for place, row in enumerate(places) if row in OTHERS]
    for place, row in enumerate(places):
        if row in IGNORED:
            away = np.linalg.norm(before.positions[:, OTHERS] - after.positions[:, [row]], axis=0)
            assert P[place, old[int(away.argmin())]] > 0, "it stands with a neighbor"
    now = embedding.momentum_state()
    new = [places.index(row) for row in IGNORED[:3]]
    assert np.array_equal(now[1][:, old], velocity)
    assert np.array_equal(now[2][:, old], gains)
    assert (now[1][:, new] == 0).all()
    assert (now[2][:, new] == 1).all()
    assert embedding.labels.tolist() == [2 if 5 <= row < 12 else -1 for row in places]
    assert running.runner.is_idle == paused
    if not paused:
        running.step(WAKE_EPOCHS)
        assert running.runner.is_idle
    assert np.isfinite(running.shown().positions).all()


@pytest.mark.parametrize("paused", [False, True])
def test_a_run_that_has_grown_goes_on_with_newcomers_among_their_neighbors(tmp_path: Path, paused: bool) -> None:
    features, group = blobs(N)
    features[3] = np.nan
    first = started(tmp_path, features[:40], ignored=[6], perplexity=5.0, n_components=2)
    first.runner.handle(labels(range(5), 2))
    first.step(250)
    if paused:
        first.runner.handle(Pause())
    first.runner.save_checkpoint()
    before = first.shown().positions
    now: dict[str, Any] = {"version": "2", "grown_from": ("1", 40), "perplexity": 5.0, "n_components": 2}
    grown = started(tmp_path, features, ignored=[6, 45], **now)
    assert grown.embedded == [row for row in range(N) if row not in (3, 6, 45)]
    stood = [row for row in range(40) if row not in (3, 6)]
    after = grown.shown()
    assert after.epoch == 250
    assert np.array_equal(after.positions[:, stood], before[:, stood])
    for row in (row for row in range(40, N) if row != 45):
        away = np.linalg.norm(before[:, stood] - after.positions[:, [row]], axis=0)
        assert group[stood[int(away.argmin())]] == group[row]
    assert grown.runner._labels.values.tolist() == [2] * 5 + [-1] * (N - 5)
    assert grown.runner.is_idle == paused
    grown.runner.save_checkpoint()
    for changes, epoch in (({"grown_from": None}, 250), ({"grown_from": ("3", 40)}, 0), ({"grown_from": ("2", 41)}, 0)):
        assert started(tmp_path, features, **(now | changes)).runner.epoch == epoch


def test_a_picture_that_had_settled_takes_newcomers_in_gently(tmp_path: Path) -> None:
    features, _ = blobs(N)

    def grown_from(epoch: int, folder: Path) -> Running:
        first = started(folder, features[:50], perplexity=5.0)
        first.step(epoch)
        first.runner.save_checkpoint()
        return started(folder, features, version="2", grown_from=("1", 50), perplexity=5.0)

    def moved(running: Running, epochs: int) -> float:
        before = running.shown().positions.copy()
        running.step(epochs)
        return float(np.linalg.norm(running.shown().positions - before, axis=0)[:50].mean())

    settled = grown_from(300, tmp_path / "settled")
    settled.step(10)
    settled.runner.save_checkpoint()
    until = settled.runner._prepared.embedding.gentle_until
    assert until == 300 + WAKE_EPOCHS
    again = started(tmp_path / "settled", features, version="2", perplexity=5.0)
    assert again.runner._prepared.embedding.gentle_until == until, "a worker that takes its place knows it too"
    gentle = moved(again, 20)
    again.runner.handle(ChangeParameters(SessionParameters(n_epochs=300, perplexity=5.0, learning_rate=49.0)))
    assert moved(again, 20) > 2 * gentle, "what a person asks for is not held back"
    under_way = grown_from(299, tmp_path / "under way")
    assert under_way.runner._prepared.embedding.gentle_until == 0


def test_newcomers_of_a_new_kind_are_placed_too(tmp_path: Path) -> None:
    """None of their neighbors stood: a few are nearest to a sample that did, and the others are placed by these."""
    random = np.random.default_rng(0)
    old, new = (random.standard_normal((n, 8), dtype=np.float32) + np.float32(at) for n, at in ((40, 0), (40, 500)))
    new[0] = old[0]
    first = started(tmp_path, old, perplexity=4.0)
    first.step(250)
    first.runner.save_checkpoint()
    grown = started(tmp_path, np.concatenate([old, new]), version="2", grown_from=("1", 40), perplexity=4.0)
    grown.step(50)
    assert np.isfinite(grown.shown().positions).all()
    assert len(np.unique(grown.shown().positions, axis=1).T) == 80


def test_what_is_named_comes_back_with_its_label(tmp_path: Path) -> None:
    running = started(tmp_path, ignored=IGNORED)
    running.step(10)
    running.runner.handle(labels(range(20, 22), 1))
    running.runner.embed_newcomers()
    assert running.embedded == sorted({*OTHERS, 20, 21})
    named = np.flatnonzero(running.runner._prepared.embedding.labels == 1)
    assert [running.embedded[place] for place in named] == [20, 21]


def test_many_that_come_back_are_prepared_for_once(tmp_path: Path) -> None:
    """As the loop does it: what commands wait is heard before anything is done about it."""
    running = started(tmp_path, ignored=IGNORED, n_epochs=1)
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    for revision, row in enumerate(IGNORED, start=1):
        commands.put(labels(range(row, row + 1), -1, revision))
    commands.put(Step(3))

    def end() -> None:
        wait_until(lambda: running.runner.epoch == 3)
        commands.put(End())

    ending = threading.Thread(target=end)
    ending.start()
    running.runner.run(commands)
    ending.join()
    assert (running.embedded, running.stages, running.runner.epoch) == (list(range(N)), 2, 3)


def test_newcomers_at_the_same_place_part(tmp_path: Path) -> None:
    """All that was embedded are three: whatever comes is on one plane with them, and many at one place."""
    running = started(tmp_path, ignored=range(3, N), perplexity=5.0)
    running.step(60)
    running.mark(range(3, N), SampleState.UNLABELED, 1)
    assert len(np.unique(running.shown().positions, axis=1).T) == N, "many have one and the same neighbour there"
    running.step(300)
    positions = running.shown().positions
    assert len(np.unique(positions, axis=1).T) == N
    assert np.linalg.svd(positions - positions.mean(axis=1)[:, None])[1][2] > 1.0


@pytest.mark.parametrize("n_left", [0, 1, 2, 3])
def test_hardly_any_or_none_is_left_and_all_come_back(tmp_path: Path, n_left: int) -> None:
    running = started(tmp_path, n_epochs=50)
    running.step(30)
    running.mark(range(n_left, N), SampleState.IGNORED, 1)
    running.runner.handle(Restart())
    running.step(20)
    assert (running.embedded, running.shown().positions.shape) == (list(range(n_left)), (3, N))
    running.runner.handle(FindGuidance())
    assert (guidance_of(running.wait_for(GuidanceFound)).labels == -1).all()
    running.runner.save_checkpoint()
    again = started(tmp_path, ignored=range(n_left, N), n_epochs=50)
    assert (again.embedded, again.runner.epoch) == (list(range(n_left)), 20)
    for each in (running, again):
        each.mark(range(n_left, N), SampleState.UNLABELED, 2)
        assert each.embedded == list(range(N))
        assert each.runner.epoch == (0 if n_left < 2 else 20), "what never moved is nothing to go on from"
        each.step(50)
        assert np.isfinite(each.shown().positions).all()
        assert each.shown().positions.std() > 1e-3
    assert not [event for event in running.events if isinstance(event, NoGuidance)]


def test_a_checkpoint_goes_on_with_the_same_rows(tmp_path: Path) -> None:
    running = started(tmp_path, ignored=IGNORED[:2])
    running.step(30)
    running.mark([*IGNORED[2:], 9], SampleState.IGNORED, 1)  # keep their places
    running.runner.save_checkpoint()
    rows, before = running.embedded, running.shown()
    again = started(tmp_path, ignored=[*IGNORED, 9])
    assert isinstance(again.events[0], FrameWritten), "the positions are shown before affinities are computed"
    assert (again.embedded, again.runner.epoch) == (rows, 30)
    assert np.array_equal(again.shown().positions, before.positions)
    for both in (running, again):
        both.step(30)
    assert np.array_equal(again.shown().positions, running.shown().positions)
    running.runner.handle(Restart())
    assert running.embedded == [row for row in OTHERS if row != 9]


def test_what_is_ignored_no_more_when_a_checkpoint_is_gone_on_from_comes_back(tmp_path: Path) -> None:
    running = started(tmp_path, ignored=IGNORED, n_epochs=30)
    running.step(30)
    running.runner.save_checkpoint()
    before = running.shown()
    again = started(tmp_path, ignored=IGNORED[1:], n_epochs=30)
    assert (again.embedded, again.runner.epoch, again.stages) == (sorted([*OTHERS, IGNORED[0]]), 30, 1)
    after = again.shown()
    assert after.number > again.said(FrameWritten)[0].number, "it is shown, beside what was there at once"
    assert np.array_equal(after.positions[:, OTHERS], before.positions[:, OTHERS])
    assert not again.runner.is_idle
    # What only the first labels tell comes back when they come.
    again.mark(IGNORED[1:], SampleState.UNLABELED, 1)
    assert again.embedded == list(range(N))
    assert np.array_equal(again.shown().positions[:, OTHERS], before.positions[:, OTHERS])


def test_guidance_is_on_the_rows_that_are_embedded_now(tmp_path: Path) -> None:
    group = blobs(N)[1]
    running = started(tmp_path, perplexity=5.0)
    for number in np.unique(group):
        rows = [row for row in np.flatnonzero(group == number).tolist() if row not in IGNORED][:8]
        n = len(rows)
        given = {"rows": tuple(rows), "labels": (int(number),) * n, "states": (SampleState.SEEN,) * n}
        running.runner.handle(SetLabels(column="label", revision=int(number) + 1, reset=False, **given))
    running.step(50)
    running.runner.handle(FindGuidance())
    numbers = [running.wait_for(GuidanceFound).number]

    def suggested(epoch: int) -> npt.NDArray[np.int32]:
        """The classes suggested of what the t-SNE shows now, as soon as they are told."""
        running.runner.handle(FindGuidance())
        wait_until(lambda: running.said(GuidanceFound)[-1].epoch == epoch)
        found = running.said(GuidanceFound)[-1]
        assert found.number > numbers[-1]
        numbers.append(found.number)
        rows = {row for each in guidance_of(found).candidates for row in (each.focus, *each.rows)}
        assert rows <= set(running.embedded)
        return guidance_of(found).labels

    running.mark(IGNORED, SampleState.IGNORED, 10)
    running.runner.handle(Restart())
    running.step(40)
    found = suggested(40)
    assert (found[IGNORED] == -1).all()
    assert found[OTHERS].tolist() == group[OTHERS].tolist()
    running.runner.handle(FindStanding(n_accepted=0, looks=()))
    assert running.wait_for(StandingFound).aside == len(IGNORED), "what is ignored is told of all the same"
    running.mark(IGNORED[2:], SampleState.UNLABELED, 11)
    running.step(3)
    found = suggested(43)
    assert (found[IGNORED[:2]] == -1).all()
    assert found[IGNORED[2:]].tolist() == group[IGNORED[2:]].tolist()
    assert not running.said(NoGuidance)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
