"""A run that stands, as `tb-tsne add` finds it: its files are read here, and joined with those of newcomers."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from exporters.errors import ExportError
from exporters.images.renditions import Bytes
from exporters.run.archive import pictures_of
from exporters.run.metadata import NOTHING, Columns, read_table
from exporters.run.report import TILES, Report, read_report
from exporters.run.tiles import COLUMNS, PAGE
from exporters.run.unfinished import read_whole
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import (
    ARCHIVE_NAME,
    CONFIG_NAME,
    FILE,
    LABEL,
    METADATA_NAME,
    OBJECTS,
    SAMPLE_ID,
    TILES_NAME,
    UNLABELED,
    FormatError,
    archived_image_name,
    parse_tiles,
    table_lines,
    tile_page_name,
)

EXPORTED = "tb-tsne export"
"""Who the settings of a report say made the run."""


class StandingRun:
    """A run that `tb-tsne export` made of whole images.

    Args:
        path: The run's folder.

    Attributes:
        report: What its export told.
        ids: Its sample ids, in the order of the rows.
        files: What its column `file` says.
        rows: How many samples it has.

    Raises:
        ExportError: If it is another kind of run, or its files do not fit together.
    """

    def __init__(self, path: Path):
        self.folder = Folder(path)
        try:
            self.report: Report = read_report(self.folder)
            self._config = read_whole(self.folder, CONFIG_NAME).decode("utf-8", "replace")
        except (OSError, ExportError) as error:
            raise ExportError(f"{path} is no run that tb-tsne export made: only such a run can be added to.") from error
        settings = self.report.settings
        if settings.get("made by") != EXPORTED:
            raise ExportError(
                f"The features of {path} are somebody's own: write all samples again, newcomers too, with write_run. "
                "Labels are kept."
            )
        for setting, what in ((OBJECTS, "objects"), (TILES, "tiles")):
            if setting in settings:
                raise ExportError(
                    f"{path} is a run of {what}, which cannot be added to: export all {what} again. Labels are kept."
                )
        self.rows = self.report.images
        columns = self._columns(self.metadata())
        self.ids, self.files = columns[SAMPLE_ID], columns.get(FILE, [])
        self._check()

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self.folder.path

    @property
    def fingerprint(self) -> str:
        """Tells which samples and features it has."""
        told = repr((self.ids, sorted(self.report.tensors.items())))
        return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()

    @property
    def has_archive(self) -> bool:
        """Whether it keeps pictures to look at."""
        return self.folder.kind(ARCHIVE_NAME) is not None

    @cached_property
    def page_side(self) -> int | None:
        """The side of its larger tiles; None where it has none.

        Raises:
            ExportError: If they are not as an export writes them.
        """
        if self.folder.kind(TILES_NAME) is None:
            return None
        try:
            tiles = parse_tiles(read_whole(self.folder, TILES_NAME))
        except FormatError as error:
            raise ExportError(str(error)) from None
        if (tiles.columns * tiles.rows, tiles.count) != (PAGE, self.rows):
            raise self._other(TILES_NAME)
        return tiles.tile_size

    def metadata(self) -> bytes:
        """The bytes of its metadata as they are now: labels may have been saved there."""
        return read_whole(self.folder, METADATA_NAME)

    def last_page(self) -> list[Bytes]:
        """The larger tiles on the last page, if there is room for more."""
        count = self.rows % PAGE
        if self.page_side is None or not count:
            return []
        with self.folder.open(tile_page_name(self.rows // PAGE)) as file:
            return list(_cut(file, self.page_side, COLUMNS, count))

    def tiles(self, side: int) -> Iterator[Bytes]:
        """The tiles of its sprite sheet, of this side."""
        sprite = self._parsed().embeddings[0].sprite
        own = sprite.single_image_dim[0] if sprite.single_image_dim else 0
        with self.folder.open(sprite.image_path or "no sprite sheet") as file:
            for tile in _cut(file, own, None, self.rows):
                yield (
                    tile
                    if own == side
                    else np.asarray(Image.fromarray(tile).resize((side, side), Image.Resampling.BOX))
                )

    def join_table(self, file: BinaryIO, columns: Columns) -> None:
        """Writes the metadata with lines for newcomers; what stands stays to the byte."""
        content = self.metadata()
        known = self._columns(content)
        if known[SAMPLE_ID] != self.ids:
            raise self._other(METADATA_NAME)
        count = len(columns[SAMPLE_ID])
        cells = {
            name: columns.get(name) or [UNLABELED if UNLABELED in values else NOTHING] * count
            for name, values in known.items()
        }
        file.write(content if content.endswith(b"\n") else content + b"\n")
        lines = table_lines(cells)
        next(lines)
        file.writelines(line.encode() for line in lines)

    def join_tensor(self, file: BinaryIO, name: str, newcomers: BinaryIO) -> None:
        """Writes features with those of newcomers behind them."""
        with self.folder.open(f"{name}.bytes") as standing:
            shutil.copyfileobj(standing, file, 1 << 22)
        newcomers.seek(0)
        shutil.copyfileobj(newcomers, file, 1 << 22)

    def join_archive(self, file: BinaryIO, shards: Iterable[BinaryIO], ids: Sequence[str]) -> None:
        """Writes the pictures with those of newcomers behind them; `file` is open for reading too."""
        with self.folder.open(ARCHIVE_NAME) as standing:
            shutil.copyfileobj(standing, file, 1 << 22)
        file.seek(0)
        left = iter(ids)
        with zipfile.ZipFile(file, "a") as whole:
            for shard in shards:
                for picture in pictures_of(shard):
                    name = archived_image_name(next(left), picture.suffix)
                    whole.writestr(zipfile.ZipInfo(name), picture.content)

    def config(self, rows: int, sprite: str, tile_side: int) -> str:
        """The config for so many rows: what people changed in it stays, but for bookmarks of the samples before."""
        from google.protobuf import text_format

        config = self._parsed()
        for embedding in config.embeddings:
            embedding.tensor_shape[0] = rows
            embedding.ClearField("bookmarks_path")
            embedding.sprite.image_path = sprite
            del embedding.sprite.single_image_dim[:]
            embedding.sprite.single_image_dim.extend([tile_side, tile_side])
        return str(text_format.MessageToString(config))

    @property
    def has_bookmarks(self) -> bool:
        """Whether the config names positions for the stock Projector."""
        return any(embedding.bookmarks_path for embedding in self._parsed().embeddings)

    def _parsed(self) -> Any:
        from google.protobuf import text_format
        from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

        try:
            return text_format.Parse(self._config, ProjectorConfig())
        except text_format.ParseError as error:
            raise self._other(CONFIG_NAME) from error

    def _columns(self, content: bytes) -> Columns:
        columns = read_table(content, METADATA_NAME)
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            raise self._other(METADATA_NAME) from None
        if not {SAMPLE_ID, LABEL} <= columns.keys() or len(columns[SAMPLE_ID]) != self.rows:
            raise self._other(METADATA_NAME)
        return columns

    def _check(self) -> None:
        """Refuses a run of which another program changed more than metadata."""
        named = {embedding.tensor_name: embedding for embedding in self._parsed().embeddings}
        others = sorted(named.keys() ^ self.report.tensors.keys())
        if others:
            raise ExportError(
                f"{self.path} has features {others[0]}, which its export did not make: newcomers cannot have them. "
                "Export all images again into a new folder."
            )
        for name, embedding in named.items():
            shape = tuple(embedding.tensor_shape)
            with self.folder.open(f"{name}.bytes") as file:
                size = file.seek(0, io.SEEK_END)
            if shape != self.report.tensors[name] or shape[0] != self.rows or size != 4 * shape[0] * shape[1]:
                raise self._other(f"{name}.bytes")

    def _other(self, name: str) -> ExportError:
        return ExportError(
            f"{self.path / name} is not as tb-tsne export left it: export all images again. Labels are kept."
        )


def _cut(file: BinaryIO, side: int, columns: int | None, count: int) -> Iterator[Bytes]:
    """The first tiles of a sheet, (side, side, 3) uint8 each; None columns are as many as fit."""
    with Image.open(file, formats=("PNG", "JPEG")) as opened:
        sheet = opened.convert("RGB")
    columns = columns or sheet.width // max(side, 1)
    if not side or not columns or (sheet.height // side) * columns < count:
        raise ExportError("The sprite sheet has not a tile for each image: export all images again. Labels are kept.")
    for number in range(count):
        row, column = divmod(number, columns)
        box = (column * side, row * side, (column + 1) * side, (row + 1) * side)
        yield np.asarray(sheet.crop(box))
