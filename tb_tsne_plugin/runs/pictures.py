"""Larger pictures of a run: pages of tiles, and an archive with one image a sample. Both are optional."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained

TILES_NAME = "tiles.json"
TILE_FIELDS = ("tile_size", "columns", "rows", "pages", "count")
MAX_TILES_BYTES = 1 << 16
MAX_TILE_SIDE = 512
ARCHIVE_NAME = "images.zip"
SUFFIXES = (".jpg", ".png", ".webp")
MAX_IMAGE_BYTES = 1 << 25
_LOCAL_HEADER = struct.Struct("<4s22xHH")


@dataclass(frozen=True)
class Tiles:
    """Pages of square tiles in row order: tile i stands on page i div (columns * rows).

    Attributes:
      tile_size: Side of a tile, in pixels.
      columns: Tiles a row.
      rows: Rows a page.
      pages: Number of pages.
      count: Number of tiles.
    """

    tile_size: int
    columns: int
    rows: int
    pages: int
    count: int


class _Entry(NamedTuple):
    offset: int
    size: int


class Pictures:
    """The larger pictures in a run's folder."""

    def __init__(self, folder: Path) -> None:
        """Names the run's folder; nothing is read yet."""
        self._folder = folder

    @cached_property
    def tiles(self) -> Tiles | None:
        """How the tiles are laid out; None where there are none.

        Raises:
          RunError: If `tiles.json` is no such description.
        """
        if not os.path.lexists(self._folder / TILES_NAME):
            return None
        with open_contained(self._folder, TILES_NAME) as file:
            raw = file.read(MAX_TILES_BYTES + 1)
        try:
            value = json.loads(raw) if len(raw) <= MAX_TILES_BYTES else None
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict) or not all(_is_count(value.get(name)) for name in TILE_FIELDS):
            raise RunError(f"{TILES_NAME} must hold whole numbers {', '.join(TILE_FIELDS)}.")
        tiles = Tiles(**{name: value[name] for name in TILE_FIELDS})
        if tiles.tile_size > MAX_TILE_SIDE or tiles.columns * tiles.rows * tiles.pages < tiles.count:
            raise RunError(f"{TILES_NAME}: {tiles.pages:,} pages have no room for {tiles.count:,} tiles.")
        return tiles

    def open_tile_page(self, page: int) -> BinaryIO:
        """A page's file, open for reading.

        Raises:
          RunError: If it is missing.
        """
        return open_contained(self._folder, f"tiles/{page:04d}.jpg")

    def image(self, sample_id: str) -> bytes | None:
        """The file of one sample's image; None where there is none.

        Raises:
          RunError: If the archive cannot be read.
        """
        entry = next((found for suffix in SUFFIXES if (found := self._entries.get(sample_id + suffix))), None)
        if entry is None:
            return None
        with open_contained(self._folder, ARCHIVE_NAME) as file:
            file.seek(entry.offset)
            header = file.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size:
                raise RunError(f"{ARCHIVE_NAME} is damaged.")
            signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
            file.seek(name_length + extra_length, os.SEEK_CUR)
            content = file.read(entry.size)
        if signature != b"PK\x03\x04" or len(content) != entry.size:
            raise RunError(f"{ARCHIVE_NAME} is damaged.")
        return content

    @cached_property
    def _entries(self) -> dict[str, _Entry]:
        """Where each image of the archive lies; only the ones that are stored plain and of a bounded size."""
        if not os.path.lexists(self._folder / ARCHIVE_NAME):
            return {}
        try:
            with open_contained(self._folder, ARCHIVE_NAME) as file, zipfile.ZipFile(file) as archive:
                return {
                    info.filename: _Entry(info.header_offset, info.file_size)
                    for info in archive.infolist()
                    if info.compress_type == zipfile.ZIP_STORED and info.file_size <= MAX_IMAGE_BYTES
                }
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise RunError(f"{ARCHIVE_NAME} is no archive that can be read ({error}).") from None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
