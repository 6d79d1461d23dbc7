"""The process that runs one t-SNE: `python -m tb_tsne_plugin.live.worker`.

It reads its stdin (docs: `live/protocol.py`), writes frames into a mapped file and events to its stdout, and ends when
its stdin does, whatever it is doing: that is how it never outlives TensorBoard.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
from typing import BinaryIO

import msgspec

from tb_tsne_plugin.live.protocol import Alive, Command, Event, Failed, decode_command, decode_specification, encode

ALIVE_SECONDS = 1.0
NICENESS = 10
NOT_UNDERSTOOD = "The t-SNE worker was told something that it does not understand. Labels are safe."


class _Events:
    """The worker's stdout, for all its threads."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._writing = threading.Lock()

    def emit(self, event: Event) -> None:
        """Sends an event."""
        try:
            with self._writing:
                self._stream.write(encode(event))
                self._stream.flush()
        except BrokenPipeError:
            os._exit(0)  # nobody is left to hear it


def main() -> None:
    """Reads the first line, then runs until it is told to end, or stdin ends."""
    # The protocol has the real stdout to itself; a library that prints would break it.
    events = _Events(os.fdopen(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    try:
        _run(sys.stdin.buffer, events)
        os._exit(0)  # other threads may be computing, and nobody is left to wait for them
    except msgspec.DecodeError:
        events.emit(Failed(message=NOT_UNDERSTOOD, restartable=False))
        raise
    except ValueError as error:  # input that the engine refuses, in a sentence
        events.emit(Failed(message=str(error), restartable=False))
        raise
    except FloatingPointError as error:  # as well, but another try begins elsewhere
        events.emit(Failed(message=str(error), restartable=True))
        raise
    except Exception as error:
        message = f"The t-SNE failed ({type(error).__name__}: {error})."
        events.emit(Failed(message=message, restartable=True))
        raise


def _run(stdin: BinaryIO, events: _Events) -> None:
    specification = decode_specification(stdin.readline())
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    threading.Thread(target=_read_commands, args=(stdin, commands, events), daemon=True).start()
    threading.Thread(target=_say_alive, args=(events,), daemon=True).start()
    # Imported here, so that the thread above already watches stdin while numba loads.
    from tb_tsne_plugin.live.runner import prepare_runner

    prepare_runner(specification, events.emit).run(commands)


def _read_commands(stdin: BinaryIO, commands: queue.SimpleQueue[Command], events: _Events) -> None:
    """Puts commands into the queue, and ends the process with stdin.

    Not by sys.exit: a kernel may be running, and nobody is left to wait for it.
    """
    for line in stdin:
        try:
            commands.put(decode_command(line))
        except msgspec.DecodeError:
            if not line.endswith(b"\n"):
                break  # TensorBoard was killed while it wrote
            events.emit(Failed(message=NOT_UNDERSTOOD, restartable=True))
            os._exit(1)
    os._exit(0)


def _say_alive(events: _Events) -> None:
    while True:
        time.sleep(ALIVE_SECONDS)
        events.emit(Alive())


if __name__ == "__main__":
    main()
