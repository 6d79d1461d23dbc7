"""Larger pictures of a run: pages of tiles, an archive with one image a sample, and one with whole pictures.

All are optional.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO

from tb_tsne_plugin.runs.archive import ArchiveError, Index, holds, read_entry, read_index
from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained, read_contained
from tb_tsne_plugin.runs.format import (
    ARCHIVE_NAME,
    ARCHIVE_SUFFIXES,
    TILES_NAME,
    WHOLES_NAME,
    FormatError,
    Tiles,
    archived_image_name,
    parse_tiles,
    tile_page_name,
)
from tb_tsne_plugin.runs.image_size import checked_size, open_image
from tb_tsne_plugin.runs.memory import Memory, once

MAX_TILES_BYTES = 1 << 16


class Pictures:
    """The larger pictures in a run's folder."""

    def __init__(self, folder: Path, memory: Memory) -> None:
        """Names the run's folder, and where to keep what was read; nothing is read yet."""
        self._folder = folder
        self._memory = memory

    @once
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
          RunError: If it is missing, no image, or too large to be shown.
        """
        return open_image(self._folder, tile_page_name(page))[0]

    def image(self, sample_id: str) -> bytes | None:
        """The file of one sample's image; None where there is none.

        Raises:
          RunError: If the archive cannot be read, or it is no image or too large to be shown.
        """
        return self._entry(ARCHIVE_NAME, sample_id, f"The image of {sample_id!r}")

    def whole(self, file: str) -> bytes | None:
        """A whole picture that samples are parts of; None where there is none.

        Args:
          file: What the metadata call it; it names an entry of the archive, and opens nothing.

        Raises:
          RunError: If the archive cannot be read, or it is no image or too large to be shown.
        """
        return self._entry(WHOLES_NAME, file, "The whole picture")

    def _entry(self, archive: str, name: str, words: str) -> bytes | None:
        index = self._index(archive)
        if index is None:
            return None
        with open_contained(self._folder, archive) as file:
            try:
                names = (archived_image_name(name, suffix) for suffix in ARCHIVE_SUFFIXES)
                contents = (read_entry(file, index, each) for each in names)
                content = next((found for found in contents if found is not None), None)
            except ArchiveError as error:
                raise RunError(f"{archive} is damaged: {error}.") from None
        if content is not None:
            checked_size(io.BytesIO(content), words)
        return content

    def suffix(self, sample_id: str) -> str | None:
        """What the name of one sample's image ends with, without reading it; None where there is no image.

        Raises:
          RunError: If the archive cannot be read.
        """
        index = self._index(ARCHIVE_NAME)
        if index is None:
            return None
        return next((each for each in ARCHIVE_SUFFIXES if holds(index, archived_image_name(sample_id, each))), None)

    def _index(self, archive: str) -> Index | None:
        """Where each image of an archive lies; None where there is no archive."""
        if not os.path.lexists(self._folder / archive):
            return None
        found = self._memory.get(archive, lambda: self._read_index(archive), lambda read: getattr(read, "nbytes", 0))
        if isinstance(found, ArchiveError):
            raise RunError(f"{archive} is no archive that can be read: {found}.")
        return found

    def _read_index(self, archive: str) -> Index | ArchiveError:
        """The list of entries, or what is wrong with it: that is kept as well, as it may take as long to find out."""
        with open_contained(self._folder, archive) as file:
            try:
                return read_index(file)
            except ArchiveError as error:
                return error.with_traceback(None)
