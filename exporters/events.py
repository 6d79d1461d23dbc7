"""An event file: without one the stock Projector lists no sub-folder. It shows the settings in the Text tab."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from exporters.run_files import EVENT_SUFFIX


def event_file_name() -> str:
    """A new name that TensorBoard takes for an event file and a later export for one of its own."""
    return f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}{EVENT_SUFFIX}"


def write_event_file(path: Path, settings: Mapping[str, object]) -> None:
    """Writes an event file with one text summary, `export`: a table of the settings.

    It goes through TensorBoard's record writer to an ordinary file: TensorBoard's `EventFileWriter` would import all of
    TensorFlow where that is installed.
    """
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.text.summary_v2 import text_pb
    from tensorboard.summary.writer.record_writer import RecordWriter

    lines = ["| setting | value |", "| --- | --- |"]
    lines += [f"| {name} | {str(value).replace('|', '/')} |" for name, value in settings.items()]
    text = "\n".join(lines).encode("utf-8", "backslashreplace").decode()
    now = time.time()
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=now, file_version="brain.Event:2").SerializeToString())
        writer.write(Event(wall_time=now, step=0, summary=text_pb("export", text)).SerializeToString())
