"""The worker process and its pipes, seen from TensorBoard: started, told commands, listened to, killed."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO

import msgspec

from tb_tsne_plugin.live.protocol import Command, End, Event, Failed, Specification, decode_event, encode
from tb_tsne_plugin.terminal import logger_named

LAST_WORDS_BYTES = 4096
NOT_UNDERSTOOD = "The t-SNE worker said something that is not understood. Labels are safe."

logger = logger_named(__name__)


class WorkerProcess:
    """One worker. No method waits for what it does: a thread of its own serves each of its three pipes."""

    def __init__(
        self,
        specification: Specification,
        files: Sequence[BinaryIO],
        on_event: Callable[[Event], None],
        on_end: Callable[[int], None],
    ) -> None:
        """Starts it.

        Args:
          specification: Its first line.
          files: The open files that the specification names, for the worker to inherit.
          on_event: Called with every event, one after the other, in the thread that reads them.
          on_end: Called last in that thread, with the worker's exit status.

        Raises:
          OSError: If it cannot be started.
        """
        self._on_event = on_event
        self._on_end = on_end
        self._heard = time.monotonic()
        self._outbox: queue.SimpleQueue[Specification | Command | None] = queue.SimpleQueue()
        self._outbox.put(specification)
        commands_out, commands_in = os.pipe()
        events_out, events_in = os.pipe()
        complaints_out, complaints_in = os.pipe()
        try:
            self._process = _launch(files, stdin=commands_out, stdout=events_in, stderr=complaints_in)
        except BaseException:
            for ours in (commands_in, events_out, complaints_out):
                os.close(ours)
            raise
        finally:
            for its in (commands_out, events_in, complaints_in):
                os.close(its)
        self._commands: BinaryIO = os.fdopen(commands_in, "wb")
        self._events: BinaryIO = os.fdopen(events_out, "rb")
        self._complaints: BinaryIO = os.fdopen(complaints_out, "rb", buffering=0)
        self._last_words = b""
        for target in (self._write_commands, self._read_events, self._read_complaints):
            threading.Thread(target=target, name=f"tsne{target.__name__}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    @property
    def seconds_silent(self) -> float:
        """How long it has said nothing; it says every second that it is alive."""
        return time.monotonic() - self._heard

    def send(self, command: Command) -> None:
        """Gives it a command, which it carries out when it comes to it."""
        self._outbox.put(command)

    def end(self, seconds: float) -> None:
        """Lets it carry out its commands, keep where it stands, and end; kills it where it does not in time."""
        self.send(End())
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """Ends it, whatever it is doing."""
        self._outbox.put(None)
        self._process.kill()
        self._process.wait()

    def _write_commands(self) -> None:
        """Feeds its stdin: a worker that hangs fills the pipe, and only this thread waits."""
        try:
            with self._commands:
                while (message := self._outbox.get()) is not None:
                    self._commands.write(encode(message))
                    self._commands.flush()
        except OSError:
            pass  # it has ended; `_read_events` says so

    def _read_events(self) -> None:
        """Hands on what it says, to its end."""
        with self._events:
            for line in self._events:
                self._heard = time.monotonic()
                try:
                    event = decode_event(line)
                except msgspec.DecodeError:
                    # Whatever else it says cannot be relied on either; a half line comes from one that was killed.
                    if line.endswith(b"\n"):
                        self._on_event(Failed(message=NOT_UNDERSTOOD, restartable=True))
                    self._process.kill()
                    break
                self._on_event(event)
        self._on_end(self._process.wait())

    def _read_complaints(self) -> None:
        """Reads its stderr, which must not fill up, and keeps the last of it for whoever looks for the reason."""
        with self._complaints:
            while said := self._complaints.read(LAST_WORDS_BYTES):
                self._last_words = (self._last_words + said)[-LAST_WORDS_BYTES:]
        status = self._process.wait()
        if status > 0 and self._last_words:
            words = self._last_words.decode(errors="replace").strip()
            logger.warning("The t-SNE worker ended with status %d; its last words: %s", status, words)


def _launch(files: Sequence[BinaryIO], stdin: int, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    # The package may be importable only through this process's own path (a checkout, a zip, a notebook).
    path = os.pathsep.join(part or os.getcwd() for part in sys.path)
    return subprocess.Popen(
        [sys.executable, "-m", "tb_tsne_plugin.live.worker"],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        # `-m` puts the working directory on the path; this one is nobody's to put modules into.
        cwd=os.sep,
        pass_fds=[file.fileno() for file in files],
        env={**os.environ, "PYTHONPATH": path},
    )
