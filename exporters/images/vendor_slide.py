"""Slides in the formats of scanners' makers, which OpenSlide reads; needs the extra [slides]."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

from PIL import Image

from exporters.images.decode import UnreadableImageError, to_rgb
from exporters.images.mosaic import Rectangle, reduced_to

# Its slides have a folder of the same name beside them, all others are in one file.
_MIRAX = ".mrxs"
_INDEX = "Slidedat.ini"
_MAX_INDEX_BYTES = 4 * 2**20
# Lines of a MIRAX index that name files, with their values.
_NAMES = re.compile(rb"^\s*(?:FILE_\d+|INDEXFILE)\s*=\s*(.*?)\s*$", re.MULTILINE)


class VendorSlide:
    """A slide, read through OpenSlide.

    Args:
        path: The file.

    Raises:
        UnreadableImageError: If OpenSlide is missing or does not read it.
    """

    def __init__(self, path: Path):
        try:
            import openslide
        except (ImportError, OSError):  # The second where the library itself is missing.
            raise UnreadableImageError("needs OpenSlide: pip install 'tb-tsne[slides]'") from None
        if path.suffix.lower() == _MIRAX:
            _check_parts(path)
        self._openslide: Any = openslide
        self._path = path
        self._lock = threading.Lock()
        self._open: Any = None
        self.size = self._ask(lambda slide: slide.dimensions)

    def region(self, rectangle: Rectangle) -> Image.Image:
        """A part of it, as RGB; what was not scanned is white."""
        return self._region(0, 1.0, rectangle)

    def reduced(self, side: int, lenient: bool = False) -> Image.Image:
        """All of it with a longest side of at least so many pixels, from the smallest copy that is large enough."""
        sizes = self._ask(lambda slide: slide.level_dimensions)
        level = max((place for place, size in enumerate(sizes) if max(size) >= side), default=0)
        scale = self.size[0] / sizes[level][0]
        return reduced_to(sizes[level], side, lambda part: self._region(level, scale, part), lenient)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _region(self, level: int, scale: float, rectangle: Rectangle) -> Image.Image:
        """A part of a copy, in that copy's pixels."""
        left, top, right, bottom = rectangle
        corner = round(left * scale), round(top * scale)
        return to_rgb(self._ask(lambda slide: slide.read_region(corner, level, (right - left, bottom - top))))

    def _ask(self, question: Any) -> Any:
        """What OpenSlide answers. A slide that had an error answers nothing more: it is opened again for the next."""
        with self._lock:
            try:
                if self._open is None:
                    self._open = self._openslide.OpenSlide(self._path)
                return question(self._open)
            except self._openslide.OpenSlideUnsupportedFormatError:
                raise UnreadableImageError("no slide in a format that OpenSlide reads") from None
            except (self._openslide.OpenSlideError, ValueError) as error:
                self._open = None
                raise UnreadableImageError("damaged (OpenSlide cannot decode it)") from error


def _check_parts(path: Path) -> None:
    """Refuses a MIRAX slide whose index or links lead out of its own folder."""
    folder = path.with_suffix("")
    try:
        with (folder / _INDEX).open("rb") as file:
            index = file.read(_MAX_INDEX_BYTES)
        links = [entry.name for entry in folder.iterdir() if entry.is_symlink()]
    except OSError:
        raise UnreadableImageError(f"the folder {folder.name} with its parts is missing beside it") from None
    if folder.is_symlink() or links or any(b"/" in name or b"\\" in name for name in _NAMES.findall(index)):
        raise UnreadableImageError("it leads to files outside of its folder")
