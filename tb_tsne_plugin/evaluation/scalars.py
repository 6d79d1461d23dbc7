"""The curves as TensorBoard scalars, one TensorBoard run for each curve: means over the folds."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd

FILE_NAME = "events.out.tfevents.0000000000.evaluation.tb-tsne"


def write_scalars(folder: Path, tag: str, steps: list[int], values: list[float]) -> None:
    """Writes one curve, instead of an earlier one.

    Args:
      folder: The TensorBoard run's.
      tag: What the values are.
      steps: Ascending.
      values: As many.
    """
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb
    from tensorboard.summary.writer.record_writer import RecordWriter

    folder.mkdir(parents=True, exist_ok=True)
    now = time.time()
    with (folder / FILE_NAME).open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=now, file_version="brain.Event:2").SerializeToString())
        for step, value in zip(steps, values, strict=True):
            writer.write(Event(wall_time=now, step=step, summary=scalar_pb(tag, value)).SerializeToString())


def write_curves(out: Path, table: pd.DataFrame, by: str, x: str, y: str) -> None:
    """Writes the mean of `y` over folds at every `x` that all folds have come to, for each run, features and `by`."""
    from tb_tsne_plugin.evaluation.plots import aligned

    for (run, features, name), part in table.groupby(["run", "features", by], sort=False):
        places, values = aligned(part, x, y, 10 if x == "actions" else 1)
        folder = out / run / features / str(name).replace(":", " ")
        write_scalars(folder, f"{y} by {x}", places.tolist(), values.mean(axis=0).tolist())
