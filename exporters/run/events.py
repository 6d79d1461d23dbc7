"""An event file: without one the stock Projector lists no sub-folder. It shows settings and scalars."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

EVENT_PREFIX, EVENT_SUFFIX = "events.out.tfevents.", ".tb-tsne"


class Scalar(NamedTuple):
    """One point of a curve: which, at which step, its value, and when, in seconds since 1970."""

    tag: str
    step: int
    value: float
    wall_time: float


def event_file_name() -> str:
    """A new name that TensorBoard takes for an event file and a later export for one of its own."""
    return f"{EVENT_PREFIX}{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}{EVENT_SUFFIX}"


def write_event_file(file: BinaryIO, settings: Mapping[str, object], scalars: Sequence[Scalar]) -> None:
    """Writes an event file: a table of the settings as text; with scalars also these, and the hyper-parameters.

    It goes through TensorBoard's record writer to an ordinary file: TensorBoard's `EventFileWriter` would import all of
    TensorFlow where that is installed.
    """
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb
    from tensorboard.plugins.text.summary_v2 import text_pb

    lines = ["| setting | value |", "| --- | --- |"]
    lines += [f"| {name} | {str(value).replace('|', '/')} |" for name, value in settings.items()]
    text = "\n".join(lines).encode("utf-8", "backslashreplace").decode()
    with EventWriter(file) as writer:
        writer.write(text_pb("export", text), 0)
        if scalars:
            plain = {name: value for name, value in settings.items() if isinstance(value, (bool, int, float, str))}
            writer.write(hparams_pb(plain, trial_id="export"), 0)
        writer.write_scalars(scalars)


class EventWriter:
    """Writes summaries into an event file that TensorBoard can read while it grows; as a context it closes the file."""

    def __init__(self, file: BinaryIO):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._event = Event
        self._file = file
        self._records = RecordWriter(self._file)
        self._records.write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def write(self, summary: Any, step: int, wall_time: float | None = None) -> None:
        """Adds a summary."""
        at = time.time() if wall_time is None else wall_time
        self._records.write(self._event(wall_time=at, step=step, summary=summary).SerializeToString())
        self._file.flush()

    def write_scalars(self, scalars: Iterable[Scalar]) -> None:
        """Adds points of curves."""
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb

        for point in scalars:
            self.write(scalar_pb(point.tag, point.value), point.step, point.wall_time)
