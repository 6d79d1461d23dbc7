"""Writes one run that both the stock Projector and ours open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy.typing as npt

from exporters.errors import ExportError
from exporters.events import event_file_name, write_event_file
from exporters.images import LeftOut
from exporters.labels import earlier_tables, keep_labels
from exporters.metadata import LABEL, SAMPLE_ID, UNLABELED, Columns, format_table
from exporters.pixels import Bytes
from exporters.run_files import CONFIG, METADATA, ORPHANS, RunFolder
from exporters.sprites import SpriteSheet, make_sheet
from exporters.tensors import TensorFile, check_tensor_name


@dataclass(frozen=True)
class RunSummary:
    """What was written.

    Attributes:
        run_dir: The run's folder.
        tensors: (rows, width) of each features' tensor, by name.
        left_out: Images that are in no output, and why.
        labels_kept: Labels carried over from the run that stood there before.
        labels_orphaned: Labels of that run whose image is not in this one; they wait in orphaned_labels.tsv.
        notes: Sentences that the user should read.
    """

    run_dir: Path
    tensors: Mapping[str, tuple[int, int]]
    left_out: Sequence[LeftOut] = ()
    labels_kept: int = 0
    labels_orphaned: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def images(self) -> int:
        """How many samples the run has."""
        return next(iter(self.tensors.values()))[0]


class RunWriter:
    """A run in the making, as a context; rows come in batches, and `finish` makes it appear.

    One `append` gives the rows of all outputs, so that row i is the same sample everywhere.
    """

    def __init__(self, run_dir: Path, tensors: Sequence[str]):
        if not tensors:
            raise ExportError("There are no features to write.")
        for name in tensors:
            check_tensor_name(name)
        sprites = ["sprite.png", "sprite.jpg"]
        self._folder = RunFolder(run_dir, [*(_tensor_file(name) for name in tensors), *sprites])
        self._names = list(tensors)
        self._tensors: dict[str, TensorFile] = {}
        self._tiles: list[Bytes] = []
        self._stack = ExitStack()

    def __enter__(self) -> RunWriter:
        with self._stack:
            self._stack.enter_context(self._folder)
            for name in self._names:
                file = TensorFile(name, self._folder.stage(_tensor_file(name)))
                self._tensors[name] = self._stack.enter_context(file)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, at)

    def append(self, features: Mapping[str, npt.ArrayLike], tiles: Sequence[Bytes] = ()) -> None:
        """Adds samples.

        Args:
            features: (n, D) rows for every tensor.
            tiles: Their n tiles, or none for a run without sprites.
        """
        for name, file in self._tensors.items():
            file.append(features[name])
        self._tiles += tiles

    def finish(
        self,
        columns: Columns,
        settings: Mapping[str, object],
        left_out: Sequence[LeftOut] = (),
        notes: Sequence[str] = (),
    ) -> RunSummary:
        """Completes the run and puts it in place.

        Labels of a run that stood there before are kept: by sample id, from its metadata.tsv and orphaned_labels.tsv,
        above those in `columns`. The label store (labels.sqlite) and the copy metadata.tsv.original are not touched.

        Args:
            columns: Metadata with `sample_id` and `label`, one clean cell a sample.
            settings: What the event file and the report tell about the export.
            left_out: Images that are in no output.
            notes: Sentences for the report and the summary.

        Returns:
            What was written.

        Raises:
            ExportError: If a column, a tensor or the sprites do not have the same number of rows, or a value is not
                finite.
        """
        self._check_rows(columns)
        for file in self._tensors.values():
            file.finish()
        kept, orphans = keep_labels(columns, earlier_tables(self._folder.folder, [METADATA, ORPHANS]))
        if orphans[SAMPLE_ID]:
            self._folder.stage(ORPHANS).write_text(format_table(orphans), encoding="utf-8", newline="\n")
        self._folder.stage(METADATA).write_text(format_table(columns), encoding="utf-8", newline="\n")
        sheet = make_sheet(self._tiles) if self._tiles else None
        if sheet is not None:
            self._folder.stage(f"sprite{sheet.suffix}").write_bytes(sheet.content)
        shapes = {name: file.shape for name, file in self._tensors.items()}
        summary = RunSummary(self._folder.folder, shapes, list(left_out), kept, len(orphans[SAMPLE_ID]), list(notes))
        labelled = sum(label != UNLABELED for label in columns[LABEL])
        table = {"images": summary.images, "labelled": labelled, "left out": len(left_out), **settings}
        write_event_file(self._folder.stage(event_file_name()), table)
        self._folder.stage(CONFIG).write_text(_config(shapes, sheet), encoding="utf-8")
        self._folder.publish(_report(summary, settings))
        return summary

    def _check_rows(self, columns: Columns) -> None:
        count = len(columns[SAMPLE_ID])
        if count == 0:
            raise ExportError("There are no samples to write.")
        found = {name: file.shape[0] for name, file in self._tensors.items()}
        found |= {f"the column {name}": len(cells) for name, cells in columns.items()}
        found |= {"the sprite sheet": len(self._tiles)} if self._tiles else {}
        for what, rows in found.items():
            if rows != count:
                raise ExportError(f"{what} has {rows:,} rows, but there are {count:,} samples.")


def _tensor_file(name: str) -> str:
    return f"{name}.bytes"


def _config(shapes: Mapping[str, tuple[int, int]], sheet: SpriteSheet | None) -> str:
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    config = ProjectorConfig()
    for name, shape in shapes.items():
        embedding = config.embeddings.add(tensor_name=name, tensor_path=_tensor_file(name), metadata_path=METADATA)
        embedding.tensor_shape.extend(shape)
        if sheet is not None:
            embedding.sprite.image_path = f"sprite{sheet.suffix}"
            embedding.sprite.single_image_dim.extend([sheet.tile_side, sheet.tile_side])
    return str(text_format.MessageToString(config))


def _report(summary: RunSummary, settings: Mapping[str, object]) -> dict[str, Any]:
    return {
        "images": summary.images,
        "tensors": {name: list(shape) for name, shape in summary.tensors.items()},
        "settings": dict(settings),
        "left_out": [{"file": file.name, "reason": file.reason} for file in summary.left_out],
        "labels_kept": summary.labels_kept,
        "labels_orphaned": summary.labels_orphaned,
        "notes": summary.notes,
    }
