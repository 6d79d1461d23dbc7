"""The curves as TensorBoard scalars, one TensorBoard run for each curve: means over the folds."""

from __future__ import annotations

import io
import re
import time

import pandas as pd

from tb_tsne_plugin.runs.folder import Folder

SCALARS, FILE_NAME = "scalars", "events.out.tfevents.0000000000.evaluation.tb-tsne"


def event_file(tag: str, steps: list[int], values: list[float]) -> bytes:
    """One curve as an event file.

    Args:
      tag: What the values are.
      steps: Ascending.
      values: As many.
    """
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb
    from tensorboard.summary.writer.record_writer import RecordWriter

    now = time.time()
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=now, file_version="brain.Event:2").SerializeToString())
    for step, value in zip(steps, values, strict=True):
        writer.write(Event(wall_time=now, step=step, summary=scalar_pb(tag, value)).SerializeToString())
    return file.getvalue()


def write_curves(out: Folder, table: pd.DataFrame, by: str, x: str, y: str) -> None:
    """Writes the mean of `y` over folds at every `x` that all folds have come to, for each run, features and `by`.

    Each is a TensorBoard run of its own below `scalars`, written instead of an earlier one.
    """
    from tb_tsne_plugin.evaluation.plots import aligned

    for (run, features, name), found in table.groupby(["run", "features", by], sort=False):
        places, values = aligned(found, x, y, 10 if x == "actions" else 1)
        folder = SCALARS
        out.make_folder(folder)
        for part in (run, features, name):
            folder = f"{folder}/{_folder_name(str(part))}"
            out.make_folder(folder)
        curve = event_file(f"{y} by {x}", places.tolist(), values.mean(axis=0).tolist())
        out.replace(f"{folder}/{FILE_NAME}", curve)


def _folder_name(text: str) -> str:
    """A run, features or a method as one folder's name: features may be called anything."""
    name = re.sub(r"[/\\\0-\x1f]", "_", text.replace(":", " "))[:60]
    return name if name.strip(".") else f"_{name}"
