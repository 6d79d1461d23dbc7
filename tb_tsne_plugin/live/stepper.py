"""What the worker does between two commands: prepares, steps, paces itself, and tells about it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.live.advisor import Advisor, View
from tb_tsne_plugin.live.checkpoint import Checkpoint, load
from tb_tsne_plugin.live.finite import Kept
from tb_tsne_plugin.live.frames import Frame, FrameBuffer
from tb_tsne_plugin.live.threads import ThreadChoice
from tb_tsne_plugin.tsne.affinities import Affinities, compute_affinities
from tb_tsne_plugin.tsne.embedding import Embedding
from tb_tsne_plugin.tsne.kernel import available_threads, use_threads
from tb_tsne_plugin.tsne.parameters import UNLABELED, Parameters
from tb_tsne_plugin.tsne.start import initial_positions

COST_EPOCHS = 50
CURVE_POINTS = 400
WAKE_EPOCHS = 500
"""Epochs that a change of labels or parameters is worth, once the embedding has settled."""

NOT_KEPT = (
    "Where the t-SNE stands cannot be kept (the folder of the labels cannot be written): it starts anew each time."
)

NEEDS_AFFINITIES = ("perplexity", "metric")
NEEDS_START = (*NEEDS_AFFINITIES, "n_components", "random_state")


class Stepper:
    """One embedding, driven by commands. It knows the parts of the protocol, but not how they travel."""

    def __init__(self, specification: dict[str, Any], emit: Callable[[dict[str, Any]], None]) -> None:
        """Takes what to embed.

        Args:
          specification: `features` (a file of float32 values), `shape`, `frames` and `checkpoint` (files), `scratch` (a
            folder), `version` of the features, label `column`, `parameters`, `speed_limit` and `first_frame`.
          emit: Sends an event.
        """
        self._emit = emit
        self._features = _mapped(specification["features"], tuple(specification["shape"]))
        self._frames = FrameBuffer(Path(specification["frames"]), len(self._features))
        self._parameters = Parameters(**specification["parameters"])
        self._speed_limit: float | None = specification["speed_limit"]
        self._frame = int(specification["first_frame"])
        self._labels = np.full(len(self._features), UNLABELED, dtype=np.int32)
        self._batches = np.full(len(self._features), -1, dtype=np.int32)  # the revision that gave each label
        self._scratch = Path(specification["scratch"])
        self._advisor: Advisor | None = None
        self._advised: tuple[Any, ...] | None = None
        self._revision = 0
        self._checkpoint = None if specification["checkpoint"] is None else Path(specification["checkpoint"])
        self._about = {"version": specification["version"], "column": specification["column"]}
        self._saved: tuple[Any, ...] | None = None
        self._kept: Kept | None = None
        self._affinities: Affinities | None = None
        self._embedding: Embedding | None = None
        self._threads = ThreadChoice(sorted({1, available_threads()}), use_threads)
        self._paused = False
        self._steps_left: int | None = None
        self._run_until = self._parameters.n_epochs
        self._curve: list[tuple[int, float]] = []
        self._pace: deque[tuple[float, int]] = deque(maxlen=8)
        self._due = 0.0
        self._shown: tuple[int, int] | None = None
        self._cannot_save = False

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do until a command comes."""
        return self._paused or self._epoch >= self._run_until

    def begin(self) -> None:
        """Goes on from the checkpoint where there is one that fits, else starts at epoch 0."""
        self._kept = Kept(self._features)
        self._advisor = Advisor(self._emit, self._scratch, self._kept.embedded, len(self._features))
        path, version, n = self._checkpoint, self._about["version"], len(self._features)
        found = None if path is None else load(path, version, n, self._kept.count)
        if found is None or any(
            found.about["parameters"][name] != getattr(self._parameters, name) for name in NEEDS_START
        ):
            self.prepare()
            return
        self._show(found.positions, found.about["epoch"])  # affinities can take a while
        if found.about["column"] == self._about["column"]:
            self._labels, self._revision = found.labels.copy(), found.about["revision"]
        self.prepare()
        assert self._embedding is not None
        self._embedding.resume(found.about["epoch"], found.positions, found.velocity, found.gains)
        self._run_until, self._paused = found.about["run_until"], found.about["paused"]
        self._curve = [(epoch, cost) for epoch, cost in found.about["curve"]]

    def prepare(self) -> None:
        """Computes affinities and first positions where they are missing; starts at epoch 0."""
        assert self._kept is not None
        features = self._kept.of(self._features)
        if self._affinities is None:
            self._state("compiling")
            warm_up(replace(self._parameters, method=self._parameters.method_for(len(features))))
            self._state("preparing")
            self._affinities = compute_affinities(features, self._parameters.perplexity, self._parameters.metric)
            assert self._advisor is not None
            self._advisor.start(features, self._affinities.P)
            self._advised = None
        p = self._parameters
        start = initial_positions(features, p.n_components, p.random_state)
        self._embedding = Embedding(self._affinities, start, p)
        self._set_labels(np.flatnonzero(self._labels != UNLABELED))
        self._run_until = p.n_epochs
        self._curve.clear()
        self._pace.clear()

    def step(self) -> None:
        """Makes one epoch, no sooner than the speed limit allows."""
        assert self._embedding is not None
        if self._speed_limit is not None:
            time.sleep(max(0.0, min(self._due - time.monotonic(), 0.25)))
            self._due = max(self._due, time.monotonic() - 0.25) + 1.0 / self._speed_limit
        self._threads.run(self._embedding.step)
        if self._embedding.epoch % COST_EPOCHS == 0:
            self._curve.append((self._embedding.epoch, round(self._embedding.cost, 5)))
            if len(self._curve) > CURVE_POINTS:
                self._curve = self._curve[::2]
        if self._steps_left is not None:
            self._steps_left -= 1
            if self._steps_left == 0:
                self._steps_left, self._paused = None, True

    def obey(self, command: dict[str, Any]) -> None:
        """Carries out one command."""
        getattr(self, f"_on_{command['command']}")(command)

    def emit_frame(self) -> None:
        """Writes the positions as a new frame and announces it, unless it would be the one shown already."""
        assert self._embedding is not None
        shown = (self._embedding.epoch, self._revision)
        if shown == self._shown:
            return
        self._show(self._embedding.columns, self._embedding.epoch)

    def save_checkpoint(self) -> None:
        """Writes where the t-SNE stands, where anything changed since the last time."""
        assert self._embedding is not None
        now = (self._embedding.epoch, self._revision, self._paused, self._run_until, self._shown, self._parameters)
        if self._checkpoint is None or now == self._saved:
            return
        self._saved = now
        about = {
            **self._about,
            "revision": self._revision,
            "parameters": asdict(self._parameters),
            "speed_limit": self._speed_limit,
            "epoch": self._embedding.epoch,
            "run_until": self._run_until,
            "paused": self._paused,
            "curve": self._curve,
        }
        try:
            Checkpoint(about, *self._embedding.momentum_state(), self._labels).save(self._checkpoint)
        except OSError:
            self._checkpoint = None  # a read-only folder, a full disk: the t-SNE runs all the same
            self._cannot_save = True

    def show_advisor(self) -> None:
        """Lets the advisor know how things stand, where they changed since the last time."""
        assert self._embedding is not None
        assert self._advisor is not None
        epoch, column = self._embedding.epoch, self._about["column"]
        now = (epoch, column, self._revision, self._shown)
        if now != self._advised:
            self._advised = now
            Y = self._embedding.columns.copy()
            self._advisor.show(View(epoch, column, self._revision, Y, self._labels, self._batches))

    def emit_state(self) -> None:
        """Tells how far it is."""
        self._pace.append((time.monotonic(), self._epoch))
        self._state("paused" if self._paused else "settled" if self.is_idle else "running")

    @property
    def _epoch(self) -> int:
        return self._embedding.epoch if self._embedding is not None else 0

    def _state(self, status: str) -> None:
        speed = 0.0
        if status == "running" and len(self._pace) > 1:
            (then, first), (now, last) = self._pace[0], self._pace[-1]
            speed = (last - first) / max(now - then, 1e-9)
        if status != "running":
            self._pace.clear()
        notes = [self._kept.note if self._kept is not None else None]
        notes.append(self._affinities.note if self._affinities is not None else None)
        notes.append(NOT_KEPT if self._cannot_save else None)
        self._emit(
            {
                "event": "state",
                "status": status,
                "epoch": self._epoch,
                "epochs_per_second": round(speed, 1),
                "cost": self._curve[-1][1] if self._curve else None,
                "cost_curve": self._curve,
                "revision": self._revision,
                "notes": [note for note in notes if note],
            }
        )

    def _wake(self) -> None:
        """Gives a settled embedding some epochs to answer a change."""
        self._run_until = max(self._run_until, self._epoch + WAKE_EPOCHS)

    def _show(self, columns: NDArray[np.float32], epoch: int) -> None:
        """Writes positions as a new frame and announces it."""
        assert self._kept is not None
        self._shown = (epoch, self._revision)
        self._frame += 1
        self._frames.write(Frame(self._frame, epoch, self._revision, self._kept.spread(columns)))
        self._emit({"event": "frame", "frame": self._frame, "epoch": epoch, "revision": self._revision})

    def _set_labels(self, rows: NDArray[np.int64]) -> None:
        assert self._embedding is not None
        assert self._kept is not None
        places, embedded = self._kept.places(rows)
        self._embedding.set_labels(places, self._labels[rows[embedded]])

    def _on_labels(self, command: dict[str, Any]) -> None:
        before = self._labels
        after = np.full_like(before, UNLABELED) if command["reset"] else before.copy()
        after[np.asarray(command["rows"], dtype=np.int64)] = command["labels"]
        self._labels, self._revision, self._about["column"] = after, command["revision"], command["column"]
        changed = np.flatnonzero(before != after)  # what the checkpoint had already is no news
        if len(changed):
            batches = self._batches.copy()  # the advisor may be looking at the old ones
            batches[changed] = self._revision
            self._batches = batches
            self._set_labels(changed)
            self._wake()

    def _on_advise(self, command: dict[str, Any]) -> None:
        assert self._advisor is not None
        self.show_advisor()
        self._advisor.want(command["doubts"])

    def _on_pause(self, _command: dict[str, Any]) -> None:
        self._paused, self._steps_left = True, None

    def _on_resume(self, _command: dict[str, Any]) -> None:
        self._paused, self._steps_left = False, None
        self._wake()

    def _on_step(self, command: dict[str, Any]) -> None:
        self._paused, self._steps_left = False, command["epochs"]
        self._run_until = max(self._run_until, self._epoch + command["epochs"])

    def _on_restart(self, _command: dict[str, Any]) -> None:
        self._paused, self._steps_left, self._shown = False, None, None
        self.prepare()

    def _on_perturb(self, command: dict[str, Any]) -> None:
        assert self._embedding is not None
        self._embedding.perturb(command["scale"])
        self._shown = None
        if not self._paused:
            self._wake()

    def _on_parameters(self, command: dict[str, Any]) -> None:
        assert self._embedding is not None
        before = self._parameters
        self._parameters = Parameters(**command["parameters"])
        self._speed_limit = command["speed_limit"]
        changed = {name for name in command["parameters"] if getattr(before, name) != getattr(self._parameters, name)}
        if changed & set(NEEDS_AFFINITIES):
            self._affinities = None
        if changed & set(NEEDS_START):
            self._shown = None
            self.prepare()
        elif changed:
            self._embedding.parameters = self._parameters
            self._run_until = max(self._run_until, self._parameters.n_epochs)
            self._wake()


def _mapped(path: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    """(N, D) features from a file of little-endian float32, read as they are looked at."""
    if 0 in shape:
        return np.zeros(shape, dtype=np.float32)
    return np.memmap(path, dtype="<f4", mode="r", shape=shape)


def warm_up(parameters: Parameters) -> None:
    """Compiles every kernel that these parameters take, or loads it from the cache on disk, on a few points."""
    random = np.random.default_rng(0)
    features = random.standard_normal((16, 4), dtype=np.float32)
    start = initial_positions(features, parameters.n_components)
    supervised = replace(parameters, labeling_start=0, label_importance=0.1, repulsion_emphasis=0.1)
    embedding = Embedding(compute_affinities(features, 3.0), start, supervised)
    embedding.step()
    embedding.set_labels(np.arange(4), np.array([0, 0, 1, 1]))
    embedding.step()
    assert np.isfinite(embedding.cost)
