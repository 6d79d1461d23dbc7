"""The process that runs one t-SNE: `python -m tb_tsne_plugin.live.worker`.

It reads JSON lines from its stdin (the first says what to embed, the others are commands), writes frames into a mapped
file and JSON lines about itself to its stdout, and ends when its stdin does, whatever it is doing: that is how it never
outlives TensorBoard.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

FRAME_SECONDS = 1 / 60
STATE_SECONDS = 0.25
CHECKPOINT_SECONDS = 3.0
ALIVE_SECONDS = 1.0
NICENESS = 10

_emitting = threading.Lock()


def main() -> None:
    """Reads the first line, then runs until stdin ends."""
    # The protocol has the real stdout to itself; a library that prints would break it.
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    specification = json.loads(sys.stdin.readline())
    commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    scratch = Path(specification["scratch"])
    threading.Thread(target=_read_commands, args=(commands, scratch), daemon=True).start()
    threading.Thread(target=_say_alive, args=(events,), daemon=True).start()
    try:
        # Imported here, so that the thread above already watches stdin while numba loads.
        from tb_tsne_plugin.live.stepper import Stepper

        run(Stepper(specification, lambda event: _emit(events, event)), commands)
    except ValueError as error:  # input that the engine refuses, in a sentence
        _emit(events, {"event": "failed", "message": str(error), "restartable": False})
        raise
    except Exception as error:
        message = f"The t-SNE failed ({type(error).__name__}: {error})."
        _emit(events, {"event": "failed", "message": message, "restartable": True})
        raise


def run(stepper: Any, commands: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Steps while there is something to do, and obeys commands between two epochs."""
    stepper.begin()
    next_frame = next_state = 0.0
    next_checkpoint = time.monotonic() + CHECKPOINT_SECONDS
    while True:
        idle = stepper.is_idle
        if idle:
            stepper.emit_frame()
            stepper.emit_state()
            stepper.show_advisor()
            stepper.save_checkpoint()
        with contextlib.suppress(queue.Empty):
            while True:
                stepper.obey(commands.get(block=idle))
                idle = False
        if stepper.is_idle:
            continue
        stepper.step()
        now = time.monotonic()
        if now >= next_frame:
            stepper.emit_frame()
            next_frame = now + FRAME_SECONDS
        if now >= next_state:
            stepper.emit_state()
            stepper.show_advisor()
            next_state = now + STATE_SECONDS
        if now >= next_checkpoint:
            stepper.save_checkpoint()
            next_checkpoint = now + CHECKPOINT_SECONDS


def _read_commands(commands: queue.SimpleQueue[dict[str, Any]], scratch: Path) -> None:
    for line in sys.stdin:
        commands.put(json.loads(line))
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)  # not sys.exit: a kernel may be running, and nobody is left to wait for it


def _say_alive(events: TextIO) -> None:
    while True:
        time.sleep(ALIVE_SECONDS)
        _emit(events, {"event": "alive"})


def _emit(events: TextIO, event: dict[str, Any]) -> None:
    try:
        with _emitting:
            events.write(json.dumps(event) + "\n")
            events.flush()
    except BrokenPipeError:
        time.sleep(1.0)  # stdin has ended too: whoever reads it clears up, and ends us
        os._exit(0)


if __name__ == "__main__":
    main()
