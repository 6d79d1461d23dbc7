"""The running t-SNE: handles commands between two epochs, and has a publisher say how it stands."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.looks import Look
from tb_tsne_plugin.live.advice import View
from tb_tsne_plugin.live.advisor import Advisor
from tb_tsne_plugin.live.checkpoint import (
    Checkpoint,
    CheckpointFile,
    CheckpointHeader,
    read_checkpoint,
    remove_unfinished,
)
from tb_tsne_plugin.live.cost_curve import EVERY, CostCurve
from tb_tsne_plugin.live.frames import FrameBuffer
from tb_tsne_plugin.live.pace import SpeedLimit
from tb_tsne_plugin.live.parameters import SessionParameters
from tb_tsne_plugin.live.preparation import (
    Prepared,
    Stage,
    mapped_features,
    prepare,
)
from tb_tsne_plugin.live.protocol import (
    ChangeParameters,
    Command,
    End,
    Event,
    FindClusters,
    FindGuidance,
    FindLabelIssues,
    FindStanding,
    Pause,
    Perturb,
    Restart,
    Resume,
    SetLabels,
    Specification,
    Status,
    Step,
    unhandled,
)
from tb_tsne_plugin.live.publisher import Moment, Publisher
from tb_tsne_plugin.live.received_labels import ReceivedLabels
from tb_tsne_plugin.live.thread_choice import ThreadChoice
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.tsne.finite_rows import FiniteRows
from tb_tsne_plugin.tsne.kernel import available_threads, use_threads
from tb_tsne_plugin.tsne.parameters import same_affinities, same_start

FRAME_SECONDS = 1 / 60
PROGRESS_SECONDS = 0.25
CHECKPOINT_SECONDS = 3.0
WAKE_EPOCHS = 500
"""Epochs that a change of labels or parameters is worth, once the embedding has settled."""
MIN_TO_GO_ON = 2
"""Samples that an embedding needs to have got anywhere: newcomers to fewer begin with them, at epoch 0."""
FLOWN_APART = "The points have flown too far apart to be computed with. Labels are safe."


class EmbeddingRunner:
    """One prepared embedding, driven by commands. It knows the protocol, but not how messages travel."""

    def __init__(
        self,
        features: NDArray[np.float32],
        prepared: Prepared,
        parameters: SessionParameters,
        labels: ReceivedLabels,
        publisher: Publisher,
        advisor: Advisor,
        version: str,
    ) -> None:
        """Starts at epoch 0.

        Args:
          features: (N, D) of all samples.
          prepared: What to run.
          parameters: Of the t-SNE and its pace.
          labels: The labels known so far.
          publisher: Says how the t-SNE stands.
          advisor: Works out guidance.
          version: Of the features.
        """
        self._features = features
        self._prepared = prepared
        self._parameters = parameters
        self._labels = labels
        self._publisher = publisher
        self._advisor = advisor
        self._version = version
        self._advised: tuple[Moment, NDArray[np.int32]] | None = None
        self._threads = ThreadChoice(sorted({1, available_threads()}), use_threads)
        self._speed_limit = SpeedLimit()
        self._paused = False
        self._has_ended = False
        self._steps_left: int | None = None
        self._jumps = 0
        self._run_until = parameters.n_epochs
        self._curve = CostCurve()
        self._pass_on_labels(labels.labeled)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do until a command comes."""
        return self._paused or self.epoch >= self._run_until

    @property
    def epoch(self) -> int:
        """Gradient steps made so far."""
        return self._prepared.embedding.epoch

    def go_on_from(self, checkpoint: Checkpoint, stood: FiniteRows) -> None:
        """Goes on from where an embedding of the same features and parameters stood.

        Args:
          checkpoint: How it stood.
          stood: The samples that were embedded; others that are embedded now are newcomers.
        """
        header = checkpoint.header
        self._run_until, self._paused = header.run_until, header.paused
        self._curve = CostCurve(header.cost_curve)
        momentum_state = checkpoint.positions, checkpoint.velocity, checkpoint.gains
        self._go_on(stood, header.epoch, header.gentle_until, *momentum_state)

    def embed_newcomers(self) -> None:
        """Embeds what is no longer ignored; all others stay where they are, and go on."""
        stood, embedding = self._prepared.rows, self._prepared.embedding
        rows = _joined_by_newcomers(stood, self._labels)
        if rows.count == stood.count:
            return
        self.save_checkpoint()  # it takes a while, and may be ended meanwhile
        self._prepare(rows)
        self._go_on(stood, embedding.epoch, embedding.gentle_until, *embedding.momentum_state())

    def run(self, commands: queue.SimpleQueue[Command]) -> None:
        """Makes epochs while there is something to do, and handles commands between two of them, until told to end."""
        next_frame = next_progress = 0.0
        next_checkpoint = time.monotonic() + CHECKPOINT_SECONDS
        while True:
            idle = self.is_idle
            if idle:
                self.publish_frame()
                self.save_checkpoint()  # before it is told how it stands: with a note where it cannot be kept
                self.publish_progress()
            with suppress(queue.Empty):
                while not self._has_ended:
                    self.handle(commands.get(block=idle))
                    idle = False
            if self._has_ended:
                return
            self.embed_newcomers()
            if self.is_idle:
                continue
            self.step()
            now = time.monotonic()
            if now >= next_frame:
                self.publish_frame()
                next_frame = now + FRAME_SECONDS
            if now >= next_progress:
                self.publish_progress()
                next_progress = now + PROGRESS_SECONDS
            if now >= next_checkpoint:
                self.save_checkpoint()
                next_checkpoint = now + CHECKPOINT_SECONDS

    def step(self) -> None:
        """Makes one epoch, no sooner than the speed limit allows."""
        embedding = self._prepared.embedding
        self._speed_limit.wait(self._parameters.speed_limit)
        self._threads.run(embedding.step)
        if embedding.epoch % EVERY == 0:
            self._curve.add(embedding.epoch, embedding.cost)
        if self._steps_left is not None:
            self._steps_left -= 1
            if self._steps_left == 0:
                self._steps_left, self._paused = None, True

    def handle(self, command: Command) -> None:  # noqa: PLR0912 (one case a command)
        """Carries out one command."""
        match command:
            case SetLabels():
                changed = self._labels.take(command)
                if len(changed):
                    self._pass_on_labels(changed)
                    self._wake()
            case Pause():
                self._paused, self._steps_left = True, None
            case Resume():
                self._paused, self._steps_left = False, None
                self._wake()
            case Step(epochs=epochs):
                self._paused, self._steps_left = False, epochs
                self._run_until = max(self._run_until, self.epoch + epochs)
            case Restart():
                self._paused, self._steps_left = False, None
                self._begin()
            case Perturb(scale=scale):
                self._prepared.embedding.perturb(scale)
                self._jumps += 1
                if not self._paused:
                    self._wake()
            case ChangeParameters(parameters=parameters):
                self._change_parameters(parameters)
            case FindGuidance():
                self._show_advisor()
                self._advisor.find_guidance()
            case FindLabelIssues():
                self._show_advisor()
                self._advisor.find_label_issues()
            case FindClusters(resolution=resolution):
                self._show_advisor()
                self._advisor.find_clusters(resolution)
            case FindStanding(n_accepted=n_accepted, looks=looks, n_strays=n_strays):
                self._show_advisor()
                self._advisor.find_standing(n_accepted, [Look(*look) for look in looks], n_strays)
            case End():
                self.save_checkpoint()
                self._has_ended = True
            case _:
                unhandled(command)

    def publish_frame(self) -> None:
        """Shows the positions.

        Raises:
          FloatingPointError: If they cannot be shown, and never will be again.
        """
        positions = self._prepared.embedding.positions
        if not np.isfinite(positions.sum(dtype=np.float64)):
            raise FloatingPointError(FLOWN_APART)
        self._publisher.frame(self._moment, positions)

    def publish_progress(self) -> None:
        """Tells everybody how far it is."""
        self._tell("paused" if self._paused else "settled" if self.is_idle else "running")
        self._show_advisor()

    def save_checkpoint(self) -> None:
        """Keeps where it stands."""
        header = CheckpointHeader(
            version=self._version,
            column=self._labels.column,
            revision=self._labels.revision,
            parameters=self._parameters,
            epoch=self.epoch,
            run_until=self._run_until,
            gentle_until=self._prepared.embedding.gentle_until,
            paused=self._paused,
            cost_curve=self._curve.points,
        )
        self._publisher.checkpoint(header, self._moment, self._prepared.embedding, self._labels.values)

    @property
    def _moment(self) -> Moment:
        return Moment(self.epoch, self._labels.column, self._labels.revision, self._jumps)

    def _begin(self) -> None:
        """Starts at epoch 0 again, with the same affinities where the same samples take part."""
        rows = self._rows_that_take_part()
        if rows is self._prepared.rows:
            self._prepared.begin(self._parameters)
        else:
            self._prepare(rows)
        self._is_at_0()

    def _rows_that_take_part(self) -> FiniteRows:
        """What is embedded by a t-SNE that begins now; the very rows of the running one where they are the same."""
        now = self._prepared.rows
        rows = now.without(self._labels.is_ignored)
        return now if np.array_equal(rows.is_embedded, now.is_embedded) else rows

    def _prepare(self, rows: FiniteRows) -> None:
        """Has an embedding of some rows, at epoch 0, take the place of the running one."""
        before = self._prepared
        features = before.features if rows is before.rows else rows.of(self._features)
        prepared = prepare(rows, features, self._parameters, self._tell)
        self._advisor.replace(features, prepared.affinities.P)
        self._publisher.rows = rows
        self._prepared = prepared

    def _go_on(self, stood: FiniteRows, epoch: int, gentle_until: int, *momentum_state: NDArray[np.float32]) -> None:
        """Goes on from where some of the samples stood (`Prepared.go_on`), with their labels at full strength.

        A picture that had got to its end stays as people know it: newcomers find their places by small steps.
        """
        has_newcomers = stood.count < self._prepared.rows.count
        if has_newcomers and stood.count < MIN_TO_GO_ON:
            self._is_at_0()
            return
        self._pass_on_labels(self._labels.labeled)
        self._prepared.go_on(stood, epoch, *momentum_state)
        if has_newcomers:
            self._jumps += 1
            self._wake()
            if epoch >= self._parameters.n_epochs:
                gentle_until = epoch + WAKE_EPOCHS
        self._prepared.embedding.gentle_until = gentle_until

    def _is_at_0(self) -> None:
        """Takes note that the embedding is at epoch 0, by whatever way."""
        self._jumps += 1
        self._run_until = self._parameters.n_epochs
        self._curve = CostCurve()
        self._pass_on_labels(self._labels.labeled)

    def _wake(self) -> None:
        """Gives a settled embedding some epochs to answer a change."""
        self._run_until = max(self._run_until, self.epoch + WAKE_EPOCHS)

    def _pass_on_labels(self, rows: NDArray[np.int64]) -> None:
        """Tells the embedding the labels of rows, those that are embedded."""
        places, embedded = self._prepared.rows.places(rows)
        self._prepared.embedding.set_labels(places, self._labels.values[rows[embedded]])

    def _change_parameters(self, parameters: SessionParameters) -> None:
        before, self._parameters = self._parameters, parameters
        if not same_affinities(before, parameters):
            self._prepare(self._rows_that_take_part())
            self._is_at_0()
        elif not same_start(before, parameters):
            self._begin()
        elif replace(parameters, speed_limit=before.speed_limit) != before:
            self._prepared.embedding.parameters = parameters
            self._prepared.embedding.gentle_until = 0
            self._run_until = max(self._run_until, parameters.n_epochs)
            self._wake()

    def _tell(self, status: Status) -> None:
        self._publisher.progress(status, self._moment, self._curve.points, self._prepared.affinities.note)

    def _show_advisor(self) -> None:
        """Lets the advisor know how things stand, where they changed since the last time."""
        moment, labels = self._moment, self._labels
        # A checkpoint knows neither states nor batches: they come later, at the revision that it has already.
        if self._advised is None or moment != self._advised[0] or labels.values is not self._advised[1]:
            self._advised = (moment, labels.values)
            embedded, Y = self._prepared.rows.embedded, self._prepared.embedding.positions.copy()
            given = (labels.values, labels.states, labels.batches)
            self._advisor.show(View(moment.epoch, labels.column, labels.revision, embedded, Y, *given))


def prepare_runner(specification: Specification, emit: Callable[[Event], None]) -> EmbeddingRunner:
    """Prepares the embedding that a specification tells of; goes on from its checkpoint where that fits.

    Args:
      specification: What to embed.
      emit: Sends an event, from any thread.

    Raises:
      ValueError: If the engine refuses it.
      OSError: If its files cannot be mapped.
    """
    everything = mapped_features(Path(specification.features), specification.shape)
    n_samples, parameters = len(everything), specification.parameters
    finite = FiniteRows(everything)
    labels = ReceivedLabels(n_samples, specification.column, specification.ignored)
    kept, place = specification.checkpoint, None
    if kept is not None:
        place = CheckpointFile(Folder(os.fsdecode(kept.folder)), os.fsdecode(kept.name))
        remove_unfinished(place)
    with open(specification.frames, "r+b") as file:
        frames = FrameBuffer(file, n_samples)
    version, stood_at = specification.version, specification.grown_from or (specification.version, n_samples)
    checkpoint = None if place is None else read_checkpoint(place, stood_at[0], finite.is_finite[: stood_at[1]])
    if checkpoint is not None and not same_start(checkpoint.header.parameters, parameters):
        checkpoint = None
    checkpoint = None if checkpoint is None else checkpoint.grown_to(n_samples)
    stood = finite.without(np.ones(n_samples, dtype=bool) if checkpoint is None else ~checkpoint.embedded)
    publisher = Publisher(emit, frames, stood, first_frame=specification.first_frame, checkpoint=place)
    if checkpoint is not None:
        # At once: affinities can take a while.
        publisher.frame(Moment(checkpoint.header.epoch, labels.column, labels.revision, 0), checkpoint.positions)
        if checkpoint.header.column == labels.column:
            labels.restore(checkpoint.labels, checkpoint.header.revision)

    def tell(stage: Stage) -> None:
        publisher.progress(stage, Moment(0, labels.column, labels.revision, 0))

    publisher.rows = rows = _joined_by_newcomers(stood, labels)
    prepared = prepare(rows, rows.of(everything), parameters, tell)
    advisor = Advisor(emit, prepared.features, prepared.affinities.P)
    runner = EmbeddingRunner(everything, prepared, parameters, labels, publisher, advisor, version)
    if checkpoint is not None:
        runner.go_on_from(checkpoint, stood)
    return runner


def _joined_by_newcomers(stood: FiniteRows, labels: ReceivedLabels) -> FiniteRows:
    """The rows that stood, and all that are not ignored: what was ignored meanwhile keeps its place."""
    return stood.without(labels.is_ignored & ~stood.is_embedded)
