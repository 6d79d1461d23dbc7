"""Writes one run that both the stock Projector and ours open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.events import event_file_name, write_event_file
from exporters.images import LeftOut
from exporters.journal import Journal
from exporters.labels import earlier_tables, keep_labels
from exporters.metadata import LABEL, SAMPLE_ID, UNLABELED, Columns, format_table
from exporters.pages import (
    IMAGES,
    TILES_JSON,
    describe_pages,
    join_shards,
    page_name,
    write_page,
    write_shard,
)
from exporters.pixels import Views, Wanted
from exporters.records import PictureFile
from exporters.run_files import CONFIG, METADATA, ORPHANS, RunFolder, read_report
from exporters.sprites import SpriteSheet, make_sheet
from exporters.tensors import TensorFile, check_tensor_name
from exporters.training import History

NO_PICTURES = Wanted(False, None, None)


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
    """A run in the making, as a context; rows come in chunks of `PAGE`, and `finish` makes it appear.

    One `append` gives the rows of all outputs, so that row i is the same sample everywhere.

    Args:
        run_dir: The run's folder.
        tensors: Names of the features, in the order in which people will see them.
        wanted: What there is of every picture: the sizes of tiles, and the network's input to keep for `pictures`.
        plan: See `RunFolder`.
        resume: See `RunFolder`.

    Attributes:
        journal: What earlier `commit`s said, and further entries of the caller's.
        summary: The finished run, if an interrupted export had come as far as putting its files into place.
    """

    def __init__(
        self,
        run_dir: Path,
        tensors: Sequence[str],
        wanted: Wanted = NO_PICTURES,
        plan: Mapping[str, object] | None = None,
        resume: bool = False,
    ):
        if not tensors:
            raise ExportError("There are no features to write.")
        for name in tensors:
            check_tensor_name(name)
        others = ["sprite.png", "sprite.jpg", TILES_JSON, IMAGES]
        self._folder = RunFolder(run_dir, [*(_tensor_file(name) for name in tensors), *others], plan, resume)
        self._names = list(tensors)
        self._wanted = wanted
        self._tensors: dict[str, TensorFile] = {}
        self._files: dict[str, PictureFile] = {}
        self._shards: list[Path] = []
        self._pages = 0
        self._stack = ExitStack()
        self.summary: RunSummary | None = None

    def __enter__(self) -> RunWriter:
        with self._stack:
            self._stack.enter_context(self._folder)
            if self._folder.is_publishing:
                self._folder.put_in_place()
                self.summary = _summary_of(self._folder.folder)
            else:
                self._open()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, at)

    def _open(self) -> None:
        self.journal = Journal(self._folder.scratch(""))
        known: dict[str, Any] = {}
        rows = 0
        for entry in self.journal.entries:
            known |= entry.get("tensors", {})
            rows += len(entry.get("rows", []))
            self._shards += [self._folder.scratch(name) for name in entry.get("shards", [])]
            self._pages += entry.get("pages", 0)
        for name in self._names:
            shape, bad_rows = known.get(name, ((0, 0), ()))
            file = TensorFile(name, self._folder.stage(_tensor_file(name)), tuple(shape), bad_rows)
            self._tensors[name] = self._stack.enter_context(file)
        for number in range(self._pages):
            self._folder.stage(page_name(number))
        for name, side in (("tiles", self._wanted.tile_side), ("pictures", self._wanted.network_side)):
            if side is not None:
                self._files[name] = PictureFile(self._folder.scratch(f"{name}.raw"), side, rows)

    def scratch(self, name: str) -> Path:
        """Where to keep something of the caller's until the export ends."""
        return self._folder.scratch(name)

    @property
    def pictures(self) -> PictureFile:
        """The network's input of every row; there where `wanted` names a network's size."""
        return self._files["pictures"]

    def is_complete(self, name: str) -> bool:
        """Whether the tensor was written by `add`, also before an interruption."""
        return any(name in entry.get("added", []) for entry in self.journal.entries)

    def append(
        self,
        features: Mapping[str, npt.ArrayLike],
        views: Sequence[Views] = (),
        rows: Sequence[object] = (),
        left_out: Sequence[object] = (),
    ) -> None:
        """Adds at most `PAGE` samples; fewer only at the end. They are safe from a kill when this returns.

        Args:
            features: (n, D) rows of the tensors that are not given by `add` later.
            views: Their n pictures, or none for a run without pictures.
            rows: What the journal shall say of each of them (JSON).
            left_out: What it shall say of images between them that are in no output (JSON).
        """
        number = len(self.journal.entries)
        entry: dict[str, Any] = {"rows": list(rows), "left_out": list(left_out)}
        pages = [view.page for view in views if view.page is not None]
        if pages:
            write_page(self._folder.stage(page_name(self._pages)), pages)
            self._pages += 1
            entry["pages"] = 1
        fulls = [view.full for view in views if view.full is not None]
        if fulls:
            shard = self.scratch(f"images{number}.zip")
            write_shard(shard, fulls)
            self._shards.append(shard)
            entry["shards"] = [shard.name]
        for name, pictures in (("tiles", [v.tile for v in views]), ("pictures", [v.network for v in views])):
            if name in self._files and views:
                self._files[name].append(np.stack([picture for picture in pictures if picture is not None]))
        for name, values in features.items():
            self._tensors[name].append(values)
        self._commit(entry, features)

    def add(self, name: str, batches: Iterable[npt.ArrayLike]) -> None:
        """Writes a whole tensor, in batches of rows."""
        for batch in batches:
            self._tensors[name].append(batch)
        self._commit({"added": [name]}, [name])

    def _commit(self, entry: dict[str, Any], names: Iterable[str]) -> None:
        for name in names:
            self._tensors[name].flush()
        tensors = {name: [self._tensors[name].shape, self._tensors[name].bad_rows] for name in names}
        self.journal.write({**entry, "tensors": tensors})

    def finish(
        self,
        columns: Columns,
        settings: Mapping[str, object],
        left_out: Sequence[LeftOut] = (),
        notes: Sequence[str] = (),
        training: Mapping[str, History] | None = None,
    ) -> RunSummary:
        """Completes the run and puts it in place.

        Labels of a run that stood there before are kept: by sample id, from its metadata.tsv and orphaned_labels.tsv,
        above those in `columns`. The label store (labels.sqlite) and the copy metadata.tsv.original are not touched.

        Args:
            columns: Metadata with `sample_id` and `label`, one clean cell a sample.
            settings: What the event file and the report tell about the export.
            left_out: Images that are in no output.
            notes: Sentences for the report and the summary.
            training: How the training of each stage went, for TensorBoard's scalars.

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
        sheet = self._finish_pictures(columns[SAMPLE_ID])
        shapes = {name: file.shape for name, file in self._tensors.items()}
        summary = RunSummary(self._folder.folder, shapes, list(left_out), kept, len(orphans[SAMPLE_ID]), list(notes))
        labelled = sum(label != UNLABELED for label in columns[LABEL])
        table = {"images": summary.images, "labelled": labelled, "left out": len(left_out), **settings}
        write_event_file(self._folder.stage(event_file_name()), table, training or {})
        self._folder.stage(CONFIG).write_text(_config(shapes, sheet), encoding="utf-8")
        self._folder.publish(_report(summary, settings))
        return summary

    def _finish_pictures(self, sample_ids: Sequence[str]) -> SpriteSheet | None:
        if self._wanted.page_side is not None and self._pages:
            layout = describe_pages(self._wanted.page_side, len(sample_ids))
            self._folder.stage(TILES_JSON).write_text(layout, encoding="utf-8")
        if self._shards:
            join_shards(self._folder.stage(IMAGES), self._shards, sample_ids)
        if "tiles" not in self._files:
            return None
        sheet = make_sheet(self._files["tiles"].read())
        self._folder.stage(f"sprite{sheet.suffix}").write_bytes(sheet.content)
        return sheet

    def _check_rows(self, columns: Columns) -> None:
        count = len(columns[SAMPLE_ID])
        if count == 0:
            raise ExportError("There are no samples to write.")
        found = {name: file.shape[0] for name, file in self._tensors.items()}
        found |= {f"the column {name}": len(cells) for name, cells in columns.items()}
        found |= {"the sprite sheet": self._files["tiles"].rows} if "tiles" in self._files else {}
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


def _summary_of(run_dir: Path) -> RunSummary:
    """The summary that a finished run's report tells of."""
    report = read_report(run_dir) or {}
    shapes = {name: (shape[0], shape[1]) for name, shape in report["tensors"].items()}
    left_out = [LeftOut(entry["file"], entry["reason"]) for entry in report["left_out"]]
    return RunSummary(
        run_dir, shapes, left_out, report["labels_kept"], report["labels_orphaned"], list(report["notes"])
    )
