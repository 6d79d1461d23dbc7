"""Writes one run that both the stock Projector and ours open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.images.outcomes import Sample, Skipped
from exporters.images.renditions import RenditionSpec, Square, stack
from exporters.run.archive import join_shards, write_shard
from exporters.run.earlier_labels import earlier_tables, keep_labels, with_earlier_ids
from exporters.run.events import Scalar, event_file_name, write_event_file
from exporters.run.folder import ORPHANS, SPRITES, RunFolder
from exporters.run.journal import NO_ROWS, Entry, Journal, Row, TensorState, shard_name, whole_shard_name
from exporters.run.metadata import Columns, clean_cell
from exporters.run.picture_file import PictureFile
from exporters.run.report import RunSummary, format_report, listed, read_summary
from exporters.run.sprites import SpriteSheet, make_sheet
from exporters.run.standing import StandingRun
from exporters.run.tensors import TensorFile, check_tensor_name
from exporters.run.tiles import PAGE, tile_layout, write_page
from exporters.run.unfinished import damaged, read_whole
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import (
    ARCHIVE_NAME,
    CONFIG_NAME,
    FILE,
    LABEL,
    LEFT_OUT_NAME,
    METADATA_NAME,
    SAMPLE_ID,
    TILES_NAME,
    UNLABELED,
    WHOLES_NAME,
    counted,
    format_tiles,
    table_lines,
    tile_page_name,
)

NO_PICTURES = RenditionSpec()
# Scratch files: the sprite sheet's tiles, and the networks' inputs.
TILES, PICTURES = "tiles", "pictures"


class RunWriter:
    """A run in the making, as a context; rows come in chunks of `PAGE`, and `finish` makes it appear.

    One `append` gives the rows of all outputs, so that row i is the same sample everywhere.

    Args:
        run_dir: The run's folder.
        tensors: Names of the features, in the order in which people will see them.
        spec: What there is of every picture: the sizes of tiles, and the squares to keep for `pictures`.
        plan: See `RunFolder`.
        resume: See `RunFolder`.
        standing: The run that the rows join, which `join` puts in place with them; None for a run of their own.

    Attributes:
        spec: See above.
        journal: What is written already, also before an interruption.
        summary: The finished run, if an interrupted export had come as far as putting its files into place.
    """

    def __init__(
        self,
        run_dir: Path,
        tensors: Sequence[str],
        spec: RenditionSpec = NO_PICTURES,
        plan: Mapping[str, object] | None = None,
        resume: bool = False,
        standing: StandingRun | None = None,
    ):
        if not tensors:
            raise ExportError("There are no features to write.")
        for name in tensors:
            check_tensor_name(name)
        others = [*SPRITES, TILES_NAME, ARCHIVE_NAME, *([] if spec.whole_side is None else [WHOLES_NAME])]
        self._folder = RunFolder(run_dir, [*(_tensor_file(name) for name in tensors), *others], plan, resume)
        self._names = list(tensors)
        self.spec = spec
        self._tensors: dict[str, TensorFile] = {}
        self._files: dict[str, PictureFile] = {}
        self._shards: list[str] = []
        self._wholes: set[str] = set()
        self._whole_shards: list[str] = []
        self._pages = 0
        self._standing = standing
        self._stack = ExitStack()
        self.summary: RunSummary | None = None

    def __enter__(self) -> RunWriter:
        with self._stack:
            self._stack.enter_context(self._folder)
            if self._folder.is_publishing:
                self._folder.put_in_place()
                self.summary = read_summary(self._folder.run)
            else:
                self._open()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, at)

    def _open(self) -> None:
        self.journal = Journal(self.scratch, self.first_chunk)
        known: dict[str, TensorState] = {}
        for number, entry in enumerate(self.journal.entries):
            if (entry.pages, len(entry.shards)) != self._pictures_with(entry.rows):
                raise damaged("its journal has not the pictures of its samples")
            known |= entry.tensors
            self._shards += entry.shards
            if entry.wholes:
                self._wholes.update(entry.wholes)
                self._whole_shards.append(whole_shard_name(number))
            self._pages += entry.pages
        for name in self._names:
            unfinished = self._stack.enter_context(self._open_tensor(name))
            file = TensorFile(name, unfinished, known.get(name, NO_ROWS))
            self._tensors[name] = self._stack.enter_context(file)
        for number in range(self._pages):
            with self._folder.stage_again(self._page_name(number)) as page:
                if not page.read(1):
                    raise damaged("a page of tiles is missing")
        if any(self.scratch.kind(name) != "file" for name in (*self._shards, *self._whole_shards)):
            raise damaged("pictures are missing")
        sides = {TILES: self.spec.tile_side} if self.spec.tile_side is not None else {}
        sides |= {_pictures_file(number): square.side for number, square in enumerate(self.spec.kept)}
        for name, side in sides.items():
            raw = self._stack.enter_context(self.scratch.update(f"{name}.raw"))
            self._files[name] = PictureFile(raw, name, side, len(self.journal.rows))

    def _pictures_with(self, rows: Sequence[Row]) -> tuple[int, int]:
        """How many pages of tiles and shards of pictures come with some rows."""
        return int(bool(rows and self.spec.page_side)), int(bool(rows and self.spec.full_side))

    @property
    def first_chunk(self) -> int:
        """How many rows `append` takes at first: as many as there is room for on the last page of a run that stands."""
        return PAGE if self._standing is None else PAGE - self._standing.rows % PAGE

    def _page_name(self, number: int) -> str:
        return tile_page_name(number + (0 if self._standing is None else self._standing.rows // PAGE))

    def _open_tensor(self, name: str) -> BinaryIO:
        if self._standing is None:
            return self._folder.stage_again(_tensor_file(name))
        return self.scratch.update(f"{name}.newcomers")

    @property
    def scratch(self) -> Folder:
        """Where to keep something of the caller's until the export ends."""
        return self._folder.scratch

    def pictures(self, square: Square) -> PictureFile:
        """A network's input of every row; it must be one of those that `spec` keeps."""
        return self._files[_pictures_file(list(self.spec.kept).index(square))]

    def is_complete(self, name: str) -> bool:
        """Whether the tensor was written by `add`, also before an interruption."""
        return any(name in entry.added for entry in self.journal.entries)

    def append(
        self, features: Mapping[str, npt.ArrayLike], samples: Sequence[Sample] = (), skipped: Sequence[Skipped] = ()
    ) -> None:
        """Adds `PAGE` rows, at first `first_chunk`; fewer only at the end. They are safe from a kill when this returns.

        Args:
            features: (n, D) rows of the tensors that are not given by `add` later.
            samples: The n images, or none for a run without pictures.
            skipped: Images between them that are in no output.
        """
        pages = [sample.renditions.page for sample in samples if sample.renditions.page is not None]
        if pages:
            standing = self._standing.last_page() if self._standing is not None and not self._pages else []
            with self._folder.stage(self._page_name(self._pages)) as page:
                write_page(page, [*standing, *pages])
            self._pages += 1
        fulls = [sample.renditions.full for sample in samples if sample.renditions.full is not None]
        shards: list[str] = []
        if fulls:
            shards = [shard_name(len(self.journal.entries))]
            with self._folder.fresh(shards[0]) as shard:
                write_shard(shard, fulls)
            self._shards += shards
        wholes = self._new_wholes(samples)
        if samples and TILES in self._files:
            self._files[TILES].append(stack([sample.renditions.tile for sample in samples]))
        for square in self.spec.kept if samples else ():
            self.pictures(square).append(stack([sample.renditions.squares[square] for sample in samples]))
        for name, rows in features.items():
            self._tensors[name].append(rows)
        self.journal.write(
            Entry(
                rows=[Row(sample.name, sample.sample_id, sample.earlier_id) for sample in samples],
                skipped=list(skipped),
                pages=1 if pages else 0,
                shards=shards,
                wholes=wholes,
                tensors=self._flushed(features),
                more_bits=sum(sample.has_more_bits for sample in samples),
                more_pages=[sample.name for sample in samples if sample.has_more_pages],
            )
        )

    def _new_wholes(self, samples: Sequence[Sample]) -> list[str]:
        """Writes the whole pictures that come with some samples and are not there yet; their names.

        A picture whose samples are read at two times, or by two machines, comes twice.
        """
        new = {sample.whole.name: sample.whole.picture for sample in samples if sample.whole is not None}
        new = {name: picture for name, picture in new.items() if name not in self._wholes}
        if new:
            self._whole_shards.append(whole_shard_name(len(self.journal.entries)))
            with self._folder.fresh(self._whole_shards[-1]) as shard:
                write_shard(shard, list(new.values()))
            self._wholes.update(new)
        return list(new)

    def add(self, name: str, batches: Iterable[npt.ArrayLike]) -> None:
        """Writes a whole tensor, in batches of rows."""
        for batch in batches:
            self._tensors[name].append(batch)
        self.journal.write(Entry(added=[name], tensors=self._flushed([name])))

    def _flushed(self, names: Iterable[str]) -> dict[str, TensorState]:
        return {name: self._tensors[name].flush() for name in names}

    def sample_ids(self) -> list[str]:
        """The id of every row: the one that the run that stood there before has for it, if an earlier version made it.

        Raises:
            ExportError: If the metadata of that run cannot be read.
        """
        rows = self.journal.rows
        if not any(row.earlier_id for row in rows):
            return [row.sample_id for row in rows]
        tables = earlier_tables(self._folder.run, [METADATA_NAME, ORPHANS])
        known = {name for table in tables for name in table.get(SAMPLE_ID, [])}
        return [row.earlier_id if row.earlier_id in known else row.sample_id for row in rows]

    def finish(
        self,
        columns: Columns,
        settings: Mapping[str, object],
        skipped: Sequence[Skipped] = (),
        notes: Sequence[str] = (),
        scalars: Sequence[Scalar] = (),
        passed_over: Mapping[str, int] | None = None,
        not_drawn: int = 0,
        noun: str = "image",
        files: Mapping[str, str] | None = None,
    ) -> RunSummary:
        """Completes the run and puts it in place.

        Labels of a run that stood there before are kept, with their states: by sample id, from its metadata.tsv and
        orphaned_labels.tsv, above those in `columns`. The label store (labels.sqlite) and the copy
        metadata.tsv.original are not touched.

        Args:
            columns: Metadata with `sample_id` and `label`, one clean cell a sample.
            settings: What the event file and the report tell about the export.
            skipped: Images that are in no output.
            notes: Sentences for the report and the summary.
            scalars: How the training of the stages went, for TensorBoard.
            passed_over: How many files beside the images were no images, by kind.
            not_drawn: How many images the sample left where they are.
            noun: What a sample is called.
            files: What the column `file` calls the files that samples are, or are parts of, by their names.

        Returns:
            What was written.

        Raises:
            ExportError: If a column, a tensor or the sprites do not have the same number of rows, or a value is not
                finite.
        """
        self._check_rows(columns)
        for file in self._tensors.values():
            file.finish()
        earlier = earlier_tables(self._folder.run, [METADATA_NAME, ORPHANS])
        columns = {**columns, SAMPLE_ID: with_earlier_ids(columns[SAMPLE_ID], earlier)}
        labels, kept, orphans = keep_labels(columns, earlier)
        if orphans[SAMPLE_ID]:
            self._write_table(ORPHANS, orphans)
        self._write_table(METADATA_NAME, {**columns, **labels})
        sheet = self._finish_pictures(columns[SAMPLE_ID], files or {})
        shapes = {name: file.shape for name, file in self._tensors.items()}
        summary = RunSummary(
            self._folder.run.path,
            shapes,
            list(skipped),
            kept,
            len(orphans[SAMPLE_ID]),
            [*notes, *_kept_instead(columns[LABEL], labels[LABEL], noun)],
            dict(passed_over or {}),
            not_drawn,
            noun,
        )
        if len(skipped) > len(listed(skipped)):
            self._write_table(LEFT_OUT_NAME, _cells_of(skipped))
        labeled = sum(label != UNLABELED for label in labels[LABEL])
        table = {"images": summary.images, "labeled": labeled, "left out": len(skipped), **settings}
        write_event_file(self._folder.stage(event_file_name()), table, scalars)
        self._folder.stage_whole(CONFIG_NAME, _config(shapes, sheet).encode())
        self._folder.publish(lambda files: format_report(summary, settings, files))
        return summary

    def join(
        self,
        columns: Columns,
        settings: Mapping[str, object],
        skipped: Sequence[Skipped] = (),
        notes: Sequence[str] = (),
        passed_over: Mapping[str, int] | None = None,
        not_drawn: int = 0,
    ) -> RunSummary:
        """Puts the run that stood in place again, with the rows behind its own.

        Its rows, its labels and whatever else stands in its metadata stay as they are.

        Args:
            columns: Metadata of the newcomers; a column that the run does not have is left out.
            settings: Of the run, with what there is to tell of the newcomers.
            skipped: Images that are in no output.
            notes: Sentences for the report.
            passed_over: How many files beside the images were no images, by kind.
            not_drawn: How many images the sample left where they are.

        Returns:
            The whole run.

        Raises:
            ExportError: If a column or a tensor does not have as many rows as there are newcomers, a value is not
                finite, or the run changed meanwhile.
        """
        standing = self._standing
        if standing is None:
            raise ValueError("there is no run to join")
        self._check_rows(columns)
        rows = standing.rows + len(columns[SAMPLE_ID])
        before = read_summary(standing.folder)
        shapes: dict[str, tuple[int, int]] = {}
        for name, file in self._tensors.items():
            shapes[name] = (rows, before.tensors[name][1])
            if file.shape[1] != shapes[name][1]:
                raise ExportError(
                    f"{name}: newcomers have {file.shape[1]:,} values, but the run's images have {shapes[name][1]:,}."
                )
            file.flush()
            file.check_values()
            with self._folder.stage(_tensor_file(name)) as whole:
                standing.join_tensor(whole, name, self.scratch.open(f"{name}.newcomers"))
        with self._folder.stage(METADATA_NAME) as table:
            standing.join_table(table, columns)
        if standing.page_side is not None:
            self._folder.stage_whole(TILES_NAME, format_tiles(tile_layout(standing.page_side, rows)).encode())
        if self._shards:
            with self._folder.fresh_to_read(ARCHIVE_NAME) as archive:
                standing.join_archive(archive, map(self.scratch.open, self._shards), columns[SAMPLE_ID])
        newcomers = self._files[TILES].read()
        tiles = np.empty((rows, *newcomers.shape[1:]), np.uint8)
        for number, tile in enumerate(standing.tiles(newcomers.shape[1])):
            tiles[number] = tile
        tiles[standing.rows :] = newcomers
        sheet = make_sheet(tiles)
        sprite = f"sprite{sheet.suffix}"
        self._folder.stage_whole(sprite, sheet.content)
        kinds = Counter(before.passed_over)
        kinds.update(passed_over or {})
        summary = replace(
            before,
            tensors=shapes,
            skipped=[*before.skipped, *skipped],
            notes=[*before.notes, *notes],
            passed_over=dict(kinds),
            not_drawn=before.not_drawn + not_drawn,
        )
        self._join_skipped(summary, skipped)
        self._folder.stage_whole(CONFIG_NAME, standing.config(rows, sprite, sheet.tile_side).encode())
        kept = [name for name in self._folder.earlier or [] if name not in SPRITES]
        self._folder.publish(lambda files: format_report(summary, settings, files), kept)
        return summary

    def _join_skipped(self, summary: RunSummary, skipped: Sequence[Skipped]) -> None:
        """Adds to the table of what was left out, or begins it where the report has no room for all."""
        run = self._folder.run
        if run.kind(LEFT_OUT_NAME) is not None and skipped:
            with self._folder.stage(LEFT_OUT_NAME) as file:
                file.write(read_whole(run, LEFT_OUT_NAME))
                lines = table_lines(_cells_of(skipped))
                next(lines)
                file.writelines(line.encode() for line in lines)
        elif len(summary.skipped) > len(listed(summary.skipped)):
            self._write_table(LEFT_OUT_NAME, _cells_of(summary.skipped))

    def _write_table(self, name: str, columns: Columns) -> None:
        with self._folder.stage(name) as file:
            file.writelines(line.encode() for line in table_lines(columns))

    def _finish_pictures(self, sample_ids: Sequence[str], files: Mapping[str, str]) -> SpriteSheet | None:
        if self.spec.page_side is not None and self._pages:
            layout = tile_layout(self.spec.page_side, len(sample_ids))
            self._folder.stage_whole(TILES_NAME, format_tiles(layout).encode())
        if self._shards:
            with self._folder.stage(ARCHIVE_NAME) as archive:
                join_shards(archive, map(self.scratch.open, self._shards), sample_ids)
        if self._whole_shards:
            names = self.journal.wholes
            if not files.keys() >= set(names):
                raise damaged("there are whole pictures of no sample")
            with self._folder.stage(WHOLES_NAME) as archive:
                join_shards(archive, map(self.scratch.open, self._whole_shards), [files[name] for name in names])
        if TILES not in self._files:
            return None
        sheet = make_sheet(self._files[TILES].read())
        self._folder.stage_whole(f"sprite{sheet.suffix}", sheet.content)
        return sheet

    def _check_rows(self, columns: Columns) -> None:
        count = len(columns[SAMPLE_ID])
        if count == 0:
            raise ExportError("There are no samples to write.")
        found = {name: file.shape[0] for name, file in self._tensors.items()}
        found |= {f"the column {name}": len(cells) for name, cells in columns.items()}
        found |= {"the sprite sheet": self._files[TILES].rows} if TILES in self._files else {}
        for what, rows in found.items():
            if rows != count:
                raise ExportError(f"{what} has {rows:,} rows, but there are {count:,} samples.")


def _cells_of(skipped: Sequence[Skipped]) -> Columns:
    names, reasons = zip(*skipped, strict=True)
    return {FILE: [clean_cell(name) for name in names], "reason": [clean_cell(reason) for reason in reasons]}


def _kept_instead(given: Sequence[str], kept: Sequence[str], noun: str) -> list[str]:
    """A sentence where labels of the run that stood there before are kept in place of those given now."""
    count = sum(new not in (UNLABELED, old) for new, old in zip(given, kept, strict=True))
    if not count:
        return []
    which = f"{counted(count, noun)} {'keeps its label' if count == 1 else 'keep their labels'}"
    return [f"{which} of the earlier run in place of the one given now; write into a new folder to begin anew."]


def _pictures_file(number: int) -> str:
    return f"{PICTURES}{number}"


def _tensor_file(name: str) -> str:
    return f"{name}.bytes"


def _config(shapes: Mapping[str, tuple[int, int]], sheet: SpriteSheet | None) -> str:
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    config = ProjectorConfig()
    for name, shape in shapes.items():
        embedding = config.embeddings.add(tensor_name=name, tensor_path=_tensor_file(name), metadata_path=METADATA_NAME)
        embedding.tensor_shape.extend(shape)
        if sheet is not None:
            embedding.sprite.image_path = f"sprite{sheet.suffix}"
            embedding.sprite.single_image_dim.extend([sheet.tile_side, sheet.tile_side])
    return str(text_format.MessageToString(config))
