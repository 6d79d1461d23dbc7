"""TensorBoard's side of one running t-SNE: the worker process, its state, its newest frame."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.live.advice import Advice, Doubts, advice_of
from tb_tsne_plugin.live.frames import FrameBuffer, decoded
from tb_tsne_plugin.tsne.parameters import UNLABELED, Parameters

STALL_SECONDS = 15.0
_Found = TypeVar("_Found")


class SessionError(Exception):
    """A command that a session cannot take; the message is a sentence."""


@dataclass(frozen=True)
class Source:
    """What a session embeds.

    Attributes:
      features: An open file of (N, D) little-endian float32, which the worker inherits; or the array.
      shape: (N, D).
      sample_ids: N ids, in the order of the rows.
      version: Changes with any of these.
    """

    features: BinaryIO | NDArray[np.float32]
    shape: tuple[int, int]
    sample_ids: Sequence[str]
    version: str = ""


class Session:
    """One worker process and what it last said. No method waits for the worker, except `wait_for_frame`."""

    def __init__(
        self,
        source: Source,
        parameters: Parameters,
        *,
        speed_limit: float | None = None,
        first_frame: int = 0,
        column: str = "label",
        checkpoint: Path | None = None,
    ) -> None:
        """Starts the worker.

        Args:
          source: What to embed.
          parameters: Of the t-SNE.
          speed_limit: Epochs a second at most; None for as fast as it goes.
          first_frame: Frames are numbered from the next one on.
          column: The label column that it follows.
          checkpoint: A file where the worker keeps its state, and from which it goes on.

        Raises:
          OSError: If its files cannot be written.
        """
        self.parameters = parameters
        self.speed_limit = speed_limit
        self.column = column
        self.version = source.version
        self.n_samples = source.shape[0]
        self.labels_lock = threading.Lock()
        """Held while labels are read from the store and sent on, so that they arrive in order."""
        self.revision = -1
        """The label revision sent to the worker; -1 before the first."""
        self._rows = {sample_id: row for row, sample_id in enumerate(source.sample_ids)}
        self._changed = threading.Condition()
        self._state: dict[str, Any] = {"status": "starting", "message": None, "epoch": 0, "epochs_per_second": 0.0}
        self._state |= {"cost": None, "cost_curve": [], "revision": 0, "notes": [], "restartable": False}
        self._advice: Advice | None = None
        self._doubts: Doubts | None = None
        self._no_advice: str | None = None
        self._heard = time.monotonic()
        self._first_frame = first_frame
        self._latest = 0
        self._scratch = Path(tempfile.mkdtemp(prefix="tb-tsne-"))
        self._buffer = FrameBuffer(self._scratch / "frames", self.n_samples)
        self._outbox: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._process = self._launch(source, checkpoint)
        for target in (self._read_events, self._write_commands):
            threading.Thread(target=target, name=f"tsne-{target.__name__}", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether the worker runs."""
        return self._process.poll() is None

    @property
    def is_stalled(self) -> bool:
        """Whether the worker runs but has not been heard of for long: it says every second that it is alive."""
        return self.is_alive and time.monotonic() - self._heard > STALL_SECONDS

    @property
    def last_frame(self) -> int:
        """The number of the newest frame."""
        return self._latest or self._first_frame

    def state(self) -> dict[str, Any]:
        """What the page shows (docs/http_api.md, `session/state`)."""
        parameters = {**asdict(self.parameters), "speed_limit": self.speed_limit}
        with self._changed:
            state = {**self._state, "column": self.column, "version": self.version, "parameters": parameters}
        if self.is_stalled:
            message = f"The t-SNE worker has not answered for {STALL_SECONDS:g} seconds. Labels are safe."
            state |= {"status": "failed", "message": message, "epochs_per_second": 0.0, "restartable": True}
        return state

    def positions(self) -> NDArray[np.float32] | None:
        """(N, d) positions of the newest frame; None before the first."""
        with self._changed:
            encoded = self._buffer.read(self._latest) if self._latest else None
        return None if encoded is None else decoded(encoded).columns.T

    def follow(self, column: str) -> None:
        """Lets the t-SNE follow another label column, from the next labels on."""
        with self.labels_lock:
            if column != self.column:
                self.column, self.revision = column, -1

    def outdate(self) -> None:
        """Ends the worker because its features are no longer the run's."""
        with self._changed:
            message = "The run was exported again since the t-SNE was started."
            self._state |= {"status": "failed", "message": message, "restartable": True}
        self.close()

    def send(self, command: str, **arguments: Any) -> None:
        """Gives the worker a command, without waiting for it.

        Args:
          command: Its name.
          **arguments: What it needs.

        Raises:
          SessionError: If the worker has ended.
        """
        if not self.is_alive:
            raise SessionError("The t-SNE worker has ended; start it again.")
        self._outbox.put({"command": command, **arguments})

    def send_labels(self, revision: int, changes: dict[str, int | None]) -> None:
        """Tells the worker labels; call with `labels_lock` held.

        Args:
          revision: The revision after the changes.
          changes: Class id by sample id, None where unlabelled; other tensors' samples are passed over. Before the
            first, and where the revision goes back (another store), they are all labels there are.
        """
        known = [(self._rows[key], label) for key, label in changes.items() if key in self._rows]
        rows = [row for row, _ in known]
        labels = [UNLABELED if label is None else label for _, label in known]
        reset = not 0 <= self.revision <= revision
        self.send("labels", column=self.column, revision=revision, rows=rows, labels=labels, reset=reset)
        self.revision = revision

    def change_parameters(self, parameters: Parameters, speed_limit: float | None) -> None:
        """Gives the worker new parameters.

        Args:
          parameters: All of them.
          speed_limit: Epochs a second at most, or None.
        """
        self.send("parameters", parameters=asdict(parameters), speed_limit=speed_limit)
        self.parameters, self.speed_limit = parameters, speed_limit

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

    def wait_for_advice(self, after: int, seconds: float) -> Advice | None:
        """The newest advice if its number is not `after`, else the next one; the worker goes on advising for a while.

        Args:
          after: The number of the advice that the caller has; 0 for none.
          seconds: How long to wait.

        Returns:
          The advice, or None if none came.

        Raises:
          SessionError: If the worker has ended, or cannot advise.
        """
        self.send("advise", doubts=False)
        return self._wait_for(
            lambda: self._advice if self._advice is not None and self._advice.number != after else None, seconds
        )

    def wait_for_doubts(self, seconds: float) -> Doubts | None:
        """The labels to verify, looked for afresh.

        Args:
          seconds: How long to wait.

        Returns:
          The doubts, or None if none came.

        Raises:
          SessionError: If the worker has ended, or cannot advise.
        """
        before = self._doubts
        self.send("advise", doubts=True)
        return self._wait_for(lambda: self._doubts if self._doubts is not before else None, seconds)

    def _wait_for(self, found: Callable[[], _Found | None], seconds: float) -> _Found | None:
        """What `found` finds once the worker has told it; None if it does not, or ends."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                value = found()
                if value is None and self._no_advice is not None:
                    message, self._no_advice = self._no_advice, None
                    raise SessionError(message)
                remaining = deadline - time.monotonic()
                if value is not None or remaining <= 0 or self._state["status"] == "failed":
                    return value
                self._changed.wait(remaining)

    def close(self) -> None:
        """Ends the worker and removes its files."""
        self._outbox.put(None)
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _launch(self, source: Source, checkpoint: Path | None) -> subprocess.Popen[str]:
        features = source.features
        if isinstance(features, np.ndarray):
            file: BinaryIO = open(self._scratch / "features", "w+b")  # noqa: SIM115 (the worker inherits it)
            np.ascontiguousarray(features, dtype="<f4").tofile(file)
            file.flush()
        else:
            file = features
        specification = {
            "features": f"/dev/fd/{file.fileno()}",
            "shape": list(source.shape),
            "frames": str(self._scratch / "frames"),
            "scratch": str(self._scratch),
            "checkpoint": None if checkpoint is None else str(checkpoint),
            "version": source.version,
            "column": self.column,
            "parameters": asdict(self.parameters),
            "speed_limit": self.speed_limit,
            "first_frame": self._first_frame,
        }
        # The package may be importable only through this process's own path (a checkout, a zip, a notebook).
        path = os.pathsep.join(part or os.getcwd() for part in sys.path)
        with file, open(self._scratch / "log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tb_tsne_plugin.live.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                # `-m` puts the working directory on the path; this one holds no modules to be taken for others.
                cwd=self._scratch,
                pass_fds=[file.fileno()],
                env={**os.environ, "PYTHONPATH": path},
            )
        assert process.stdin is not None
        process.stdin.write(json.dumps(specification) + "\n")
        process.stdin.flush()
        return process

    def _write_commands(self) -> None:
        """Feeds the worker's stdin, in a thread of its own: a worker that hangs fills the pipe, and only this waits."""
        assert self._process.stdin is not None
        try:
            while (command := self._outbox.get()) is not None:
                self._process.stdin.write(json.dumps(command) + "\n")
                self._process.stdin.flush()
        except OSError:
            pass  # the worker has ended; `_read_events` says so

    def _read_events(self) -> None:
        """Takes in what the worker says, in a thread of its own, to its end."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            kind = event.pop("event")
            self._heard = time.monotonic()
            if kind == "alive":
                continue
            with self._changed:
                if kind == "frame":
                    self._latest = event["frame"]
                elif kind == "state":
                    self._state.update(event)
                elif kind == "advice":
                    self._advice = advice_of(event, self._scratch)
                elif kind == "doubts":
                    self._doubts = Doubts(**event)
                elif kind == "no_advice":
                    self._no_advice = event["message"]
                else:
                    self._state |= {"message": event["message"], "restartable": event["restartable"]}
                self._changed.notify_all()
        code = self._process.wait()
        with self._changed:
            self._state |= {"status": "failed", "epochs_per_second": 0.0}
            if self._state["message"] is None:
                message = f"The t-SNE worker ended unexpectedly (status {code}). Labels are safe."
                self._state |= {"message": message, "restartable": True}
            self._changed.notify_all()
