"""TensorBoard's side of one running t-SNE: its worker, what it last said, and the labels it has been told."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import BinaryIO, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.live.checkpoint import CheckpointFile
from tb_tsne_plugin.live.company import Company, Onlooker
from tb_tsne_plugin.live.frames import FrameBuffer, decoded
from tb_tsne_plugin.live.parameters import SessionParameters
from tb_tsne_plugin.live.process import WorkerProcess
from tb_tsne_plugin.live.protocol import (
    MOST_RESOLUTIONS,
    Alive,
    ChangeParameters,
    CheckpointPath,
    ClustersFound,
    Command,
    Event,
    Failed,
    FindClusters,
    FindGuidance,
    FindLabelIssues,
    FindStanding,
    FrameWritten,
    GuidanceFound,
    LabelIssuesFound,
    NoGuidance,
    Progress,
    SetLabels,
    Specification,
    StandingFound,
    unhandled,
)
from tb_tsne_plugin.live.session_guidance import SessionGuidance, guidance_of
from tb_tsne_plugin.live.source import Source
from tb_tsne_plugin.live.state import SessionState
from tb_tsne_plugin.terminal import logger_named
from tb_tsne_plugin.tsne.parameters import UNLABELED

STALL_SECONDS = 15.0
END_SECONDS = 10.0
AT_REST = "Nobody looked at the t-SNE any more. It goes on from where it stood."
OUTDATED = "The run was exported again since the t-SNE was started."
_Found = TypeVar("_Found")

logger = logger_named(__name__)


class SessionError(Exception):
    """A command that a session cannot take; the message is a sentence."""


class Mark(Protocol):
    """What a sample has: a mark of the label store is one."""

    @property
    def label(self) -> int | None:
        """The id of its class; None where it has no label."""

    @property
    def number(self) -> int:
        """Its state (`guidance.states`)."""


class LabelChanges(Protocol):
    """What changed in a label column: an edit of the label store is one."""

    @property
    def revision(self) -> int:
        """The revision after the changes."""

    @property
    def changes(self) -> Mapping[str, Mark]:
        """What each sample that changed has now, by its id."""


class Session:
    """One worker and what it last said. No method waits for the worker, except `end` and those named `wait_for_…`."""

    def __init__(
        self,
        source: Source,
        parameters: SessionParameters,
        *,
        first_frame: int = 0,
        column: str = "label",
        checkpoint: CheckpointFile | None = None,
        grown_from: tuple[str, int] | None = None,
        ignored: Iterable[str] = (),
    ) -> None:
        """Starts the worker.

        Args:
          source: What to embed.
          parameters: Of the t-SNE and its pace.
          first_frame: Frames are numbered from the next one on.
          column: The label column that it follows.
          checkpoint: Where the worker keeps its state, and from which it goes on.
          grown_from: The version that it is of, and how many samples there were, where the run has grown since.
          ignored: The ids of the samples that are ignored in that column; other tensors' samples are passed over.

        Raises:
          OSError: If its files cannot be written, or the process not started.
        """
        self.parameters = parameters
        self.column = column
        self.version = source.version
        self.n_samples = source.shape[0]
        self.company = Company()
        self._rows = {sample_id: row for row, sample_id in enumerate(source.sample_ids)}
        self._labels_lock = threading.RLock()  # held while labels are read and sent on, so that they arrive in order
        self._revision = -1  # the label revision sent to the worker; -1 before the first
        self._changed = threading.Condition()
        self._progress = Progress()
        self._failure: Failed | None = None
        self._has_ended = False
        self._guidance: SessionGuidance | None = None
        self._label_issues: LabelIssuesFound | None = None
        self._clusters: dict[float, ClustersFound] = {}  # by resolution, the newest last
        self._standing: StandingFound | None = None
        self._no_guidance: str | None = None
        self._first_frame = first_frame
        self.asked_at = time.monotonic()
        """When anybody asked for it last."""
        self._n_waiting = 0
        self._latest = 0
        # A file without a name: nothing is left of it when both sides have ended, however they did.
        with tempfile.TemporaryFile() as frames:
            self._buffer = FrameBuffer(frames, self.n_samples)
            try:
                self._process = self._start(source, frames, checkpoint, grown_from, ignored)
            except BaseException:
                self._buffer.close()
                raise

    @property
    def is_alive(self) -> bool:
        """Whether the worker runs."""
        return self._process.exit_status is None

    @property
    def is_stalled(self) -> bool:
        """Whether the worker runs but has not been heard of for long."""
        return self.is_alive and self._process.seconds_silent > STALL_SECONDS

    @property
    def is_resting(self) -> bool:
        """Whether nothing is lost, nor computed less, when it ends now."""
        return self.state().status in ("paused", "settled", "failed")

    @property
    def seconds_unasked(self) -> float:
        """How long nobody has asked for it, nor waited for it to say something."""
        return 0.0 if self._n_waiting else time.monotonic() - self.asked_at

    @property
    def last_frame(self) -> int:
        """The number of the newest frame."""
        return self._latest or self._first_frame

    def state(self, asker: Onlooker | None = None) -> SessionState:
        """What the page shows, to whoever asks."""
        with self._changed:
            progress, failure, has_failed = self._progress, self._failure, self._has_ended
        if self.is_stalled:
            message = f"The t-SNE worker has not answered for {STALL_SECONDS:g} seconds. Labels are safe."
            failure, has_failed = Failed(message=message, restartable=True), True
        return SessionState(
            status="failed" if has_failed else progress.status,
            message=None if failure is None else failure.message,
            restartable=failure is not None and failure.restartable,
            epoch=progress.epoch,
            epochs_per_second=0.0 if has_failed else progress.epochs_per_second,
            cost=progress.cost,
            cost_curve=progress.cost_curve,
            revision=progress.revision,
            column=self.column,
            version=self.version,
            parameters=self.parameters,
            notes=progress.notes,
            others=() if asker is None else self.company.others(asker),
            last_change=None if asker is None else self.company.last_change(asker),
        )

    def positions(self) -> NDArray[np.float32] | None:
        """(d, N) positions of the newest frame; None before the first."""
        with self._changed:
            encoded = self._buffer.read(self._latest) if self._latest else None
        return None if encoded is None else decoded(encoded).positions

    def send(self, command: Command) -> None:
        """Gives the worker a command, without waiting for it.

        Args:
          command: What to do.

        Raises:
          SessionError: If the worker has ended.
        """
        if not self.is_alive:
            raise SessionError("The t-SNE worker has ended; start it again.")
        self._process.send(command)

    def change_parameters(self, parameters: SessionParameters) -> None:
        """Gives the worker new parameters.

        Raises:
          SessionError: If the worker has ended.
        """
        self.send(ChangeParameters(parameters))
        self.parameters = parameters

    def follow(self, column: str) -> None:
        """Lets the t-SNE follow another label column, from the next labels on."""
        with self._labels_lock:
            if column != self.column:
                self.column, self._revision = column, -1

    def sync_labels(
        self,
        changes_since: Callable[[str, int], LabelChanges],
        made: tuple[str, LabelChanges] | None = None,
        given_in: Callable[[str], Mapping[str, int]] | None = None,
    ) -> None:
        """Tells the worker all labels it has not heard of, whoever gave them.

        Args:
          changes_since: What changed in a label column since a revision.
          made: A label column and an edit of it just made: what it changed need not be read again. One that changed no
            label tells nothing of its revision, which may be somebody else's edit.
          given_in: In which revision each label of a column was given, by sample id; asked where the worker is to hear
            of all labels at once. None where nobody knows.
        """
        with self._labels_lock:
            expected = (self.column, self._revision + 1)
            if made is not None and made[1].changes and expected == (made[0], made[1].revision):
                edit = made[1]
            else:
                edit = changes_since(self.column, self._revision)
            if edit.revision != self._revision and self.is_alive:
                begins = given_in is not None and not 0 <= self._revision <= edit.revision
                batches = given_in(self.column) if begins and given_in is not None else None
                try:
                    self.send_labels(edit.revision, edit.changes, batches)
                except SessionError:
                    logger.info("The worker ended before it heard of revision %d.", edit.revision)

    def send_labels(self, revision: int, changes: Mapping[str, Mark], batches: Mapping[str, int] | None = None) -> None:
        """Tells the worker labels.

        Args:
          revision: The revision after the changes.
          changes: What each sample has, by its id; other tensors' samples are passed over. Before the first, and where
            the revision goes back (another store), they are all labels there are.
          batches: The revision that gave each label, by sample id; None where it is this one.

        Raises:
          SessionError: If the worker has ended.
        """
        known = [(self._rows[key], mark) for key, mark in changes.items() if key in self._rows]
        given = () if batches is None else tuple(batches.get(key, -1) for key in changes if key in self._rows)
        with self._labels_lock:
            self.send(
                SetLabels(
                    column=self.column,
                    revision=revision,
                    rows=tuple(row for row, _ in known),
                    labels=tuple(UNLABELED if (label := mark.label) is None else label for _, mark in known),
                    states=tuple(mark.number for _, mark in known),
                    batches=given,
                    reset=not 0 <= self._revision <= revision,
                )
            )
            self._revision = revision

    def wait_for_frame(self, after: int, seconds: float) -> bytes | None:
        """The newest frame if its number is not `after`, else the next one.

        Args:
          after: The number of the frame that the caller has.
          seconds: How long to wait.

        Returns:
          The encoded frame, or None if none came (or the worker ended).
        """
        return self._wait_for(
            lambda: self._buffer.read(self._latest) if self._latest not in (0, after) else None, seconds
        )

    def wait_for_guidance(self, after: int, seconds: float, *, ask: bool = True) -> SessionGuidance | None:
        """The newest guidance if its number is not `after`, else the next; the worker keeps it coming for a while.

        Args:
          after: The number of the guidance that the caller has; 0 for none.
          seconds: How long to wait.
          ask: Whether to have the worker look for it; else what others asked for is all there is.

        Returns:
          The guidance, or None if none came.

        Raises:
          SessionError: If the worker has ended, or finds none.
        """
        if ask:
            self.send(FindGuidance())
        return self._wait_for(
            lambda: self._guidance if self._guidance is not None and self._guidance.number != after else None, seconds
        )

    def wait_for_label_issues(self, seconds: float, *, ask: bool = True) -> LabelIssuesFound | None:
        """The labels to verify, looked for afresh.

        Args:
          seconds: How long to wait.
          ask: Whether to have the worker look for them; else the newest that others asked for are taken.

        Returns:
          The label issues, or None if they did not come.

        Raises:
          SessionError: If the worker has ended, or finds none.
        """
        before = self._label_issues if ask else None
        if ask:
            self.send(FindLabelIssues())
        return self._wait_for(lambda: self._label_issues if self._label_issues is not before else None, seconds)

    def wait_for_clusters(self, resolution: float, seconds: float, *, ask: bool = True) -> ClustersFound | None:
        """The clusters of all samples, found afresh.

        Args:
          resolution: Above 0: the larger, the more clusters.
          seconds: How long to wait.
          ask: Whether to have the worker look for them; else the newest that others asked for are taken.

        Returns:
          The clusters, or None if they did not come.

        Raises:
          SessionError: If the worker has ended, or finds none.
        """
        if not ask:
            return self._wait_for(lambda: next(reversed(self._clusters.values()), None), seconds)
        # Somebody else may ask for others at the same time.
        before = self._clusters.get(resolution)
        self.send(FindClusters(resolution))
        return self._wait_for(
            lambda: found if (found := self._clusters.get(resolution)) is not before else None, seconds
        )

    def wait_for_standing(
        self,
        n_accepted: int,
        looks: Sequence[tuple[int, int, int]],
        n_strays: int,
        seconds: float,
        *,
        ask: bool = True,
    ) -> StandingFound | None:
        """Where the job stands, worked out afresh.

        Args:
          n_accepted: How many labels were accepted unseen, and are not seen since.
          looks: Of each look at a sample, how many there were, were shown, and were wrong.
          n_strays: How many images were given something else than the page that they were on.
          seconds: How long to wait.
          ask: Whether to have the worker find out; else the newest that others asked for is taken.

        Returns:
          The standing, or None if it did not come.

        Raises:
          SessionError: If the worker has ended, or cannot tell.
        """
        before = self._standing if ask else None
        if ask:
            self.send(FindStanding(n_accepted=n_accepted, looks=tuple(looks), n_strays=n_strays))
        return self._wait_for(lambda: self._standing if self._standing is not before else None, seconds)

    def outdate(self) -> None:
        """Ends the worker because its features are no longer the run's."""
        with self._changed:
            self._failure, self._has_ended = Failed(message=OUTDATED, restartable=True), True
        self.close()

    def end(self) -> None:
        """Has the worker keep where it stands and end; ends it where it does not in time.

        One that prepares has nothing to keep yet, and would not hear of it for long.
        """
        is_listening = self.state().status in ("running", "paused", "settled")
        self._process.end(END_SECONDS if is_listening else 0.0)
        self._let_go_of_frames()

    def close(self) -> None:
        """Ends the worker."""
        self._process.kill()
        self._let_go_of_frames()

    def _start(
        self,
        source: Source,
        frames: BinaryIO,
        checkpoint: CheckpointFile | None,
        grown_from: tuple[str, int] | None,
        ignored: Iterable[str],
    ) -> WorkerProcess:
        with source.open() as features:
            kept = None
            if checkpoint is not None:
                kept = CheckpointPath(os.fsencode(checkpoint.folder.path), os.fsencode(checkpoint.name))
            specification = Specification(
                features=f"/dev/fd/{features.fileno()}",
                shape=source.shape,
                version=source.version,
                frames=f"/dev/fd/{frames.fileno()}",
                first_frame=self._first_frame,
                checkpoint=kept,
                grown_from=grown_from,
                column=self.column,
                ignored=tuple(self._rows[key] for key in ignored if key in self._rows),
                parameters=self.parameters,
            )
            return WorkerProcess(specification, (features, frames), self._handle, self._end)

    def _let_go_of_frames(self) -> None:
        with self._changed:
            self._buffer.close()

    def _wait_for(self, found: Callable[[], _Found | None], seconds: float) -> _Found | None:
        """What `found` finds once the worker has told it; None if it does not, or ends."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._n_waiting += 1
            try:
                while True:
                    value = found()
                    if value is None and self._no_guidance is not None:
                        message, self._no_guidance = self._no_guidance, None
                        raise SessionError(message)
                    remaining = deadline - time.monotonic()
                    if value is not None or remaining <= 0 or self._has_ended:
                        return value
                    self._changed.wait(remaining)
            finally:
                self._n_waiting -= 1
                self.asked_at = time.monotonic()

    def _handle(self, event: Event) -> None:
        """Takes in what the worker said."""
        with self._changed:
            match event:
                case Alive():
                    return
                case FrameWritten():
                    self._latest = event.number
                case Progress():
                    self._progress = event
                case GuidanceFound():
                    self._guidance = guidance_of(event)
                case LabelIssuesFound():
                    self._label_issues = event
                case ClustersFound():
                    self._clusters.pop(event.resolution, None)
                    self._clusters[event.resolution] = event
                    if len(self._clusters) > MOST_RESOLUTIONS:
                        del self._clusters[next(iter(self._clusters))]
                case StandingFound():
                    self._standing = event
                case NoGuidance():
                    self._no_guidance = event.message
                case Failed():
                    self._failure = event
                case _:
                    unhandled(event)
            self._changed.notify_all()

    def _end(self, status: int) -> None:
        """Takes in that the worker has ended."""
        with self._changed:
            self._has_ended = True
            if self._failure is None and status == 0:
                self._failure = Failed(message=AT_REST, restartable=True)
            elif self._failure is None:
                message = f"The t-SNE worker ended unexpectedly (status {status}). Labels are safe."
                self._failure = Failed(message=message, restartable=True)
            self._changed.notify_all()
