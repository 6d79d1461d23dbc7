"""Larger pictures of a run: pages of tiles, and an archive with one image a sample. Both are optional."""

from __future__ import annotations

import os
import struct
import zipfile
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained, read_contained
from tb_tsne_plugin.runs.format import (
    ARCHIVE_NAME,
    ARCHIVE_SUFFIXES,
    TILES_NAME,
    FormatError,
    Tiles,
    archived_image_name,
    parse_tiles,
    tile_page_name,
)

MAX_TILES_BYTES = 1 << 16
MAX_IMAGE_BYTES = 1 << 25
_LOCAL_HEADER = struct.Struct("<4s22xHH")


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
        try:
            return parse_tiles(read_contained(self._folder, TILES_NAME, MAX_TILES_BYTES))
        except FormatError as error:
            raise RunError(str(error)) from None

    def open_tile_page(self, page: int) -> BinaryIO:
        """A page's file, open for reading.

        Raises:
          RunError: If it is missing.
        """
        return open_contained(self._folder, tile_page_name(page))

    def image(self, sample_id: str) -> bytes | None:
        """The file of one sample's image; None where there is none.

        Raises:
          RunError: If the archive cannot be read.
        """
        names = (archived_image_name(sample_id, suffix) for suffix in ARCHIVE_SUFFIXES)
        entry = next((found for name in names if (found := self._entries.get(name))), None)
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
