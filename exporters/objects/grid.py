"""Large pictures cut into squares of one size, each a sample: slides, aerial pictures, plates."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from exporters.errors import ExportError, ExportUsageError
from exporters.images.crops import Surroundings
from exporters.images.decode import MAX_PIXELS, UnreadableImageError
from exporters.images.formats import JPEG, TIFF
from exporters.images.headers import PictureSize
from exporters.images.listing import MAX_FILE_BYTES, ImageFile, Listing, is_of_scanner
from exporters.images.outcomes import Skipped
from exporters.images.read import map_ahead
from exporters.images.slides import as_slide, kind_of_file
from exporters.objects.blank import blank_parts, side_to_look_at
from exporters.objects.objects import MAX_OBJECTS, Objects
from exporters.objects.pictures import Found, look_at
from tb_tsne_plugin.runs.boxes import Box, Odd

MIN_SIDE = 8
BLANK = "blank (--skip-blank)"
_CHOICE = re.compile(r"(\d{1,6})(?::(\d{1,6}))?", re.ASCII)


class Grid(NamedTuple):
    """Squares of one size.

    Attributes:
        side: Of each, in pixels.
        overlap: How many pixels neighbours have in common.
    """

    side: int
    overlap: int = 0

    def boxes(self, extent: PictureSize) -> Iterator[Box]:
        """Squares that cover a picture, row by row; the last of a row ends where the picture does.

        A picture that is smaller than a square in one direction is not filled up there.
        """
        for y in self._starts(extent.height):
            for x in self._starts(extent.width):
                yield Box(x, y, min(self.side, extent.width), min(self.side, extent.height))

    def count(self, extent: PictureSize) -> int:
        """How many squares there are in a picture."""
        return len(self._starts(extent.width)) * len(self._starts(extent.height))

    def _starts(self, length: int) -> list[int]:
        last = max(0, length - self.side)
        return [*range(0, last, self.side - self.overlap), last]


def parse_grid(text: str) -> Grid:
    """The grid that `512` or `512:64` means.

    Raises:
        ExportUsageError: If it means none.
    """
    found = _CHOICE.fullmatch(text)
    grid = Grid(int(found[1]), int(found[2] or 0)) if found else Grid(0)
    if grid.side < MIN_SIDE or 2 * grid.overlap > grid.side:
        raise ExportUsageError(
            f"--tiles {text}: write the side of a tile, from {MIN_SIDE} pixels on, and perhaps a colon and how many "
            "pixels of it tiles have in common, up to half."
        )
    return grid


def list_grid(grid: Grid, listing: Listing, skip_blank: bool = False) -> Listing:
    """Cuts the pictures of a listing into squares, each an image of its picture's class.

    Args:
        grid: The squares.
        listing: The pictures; slides among them are read part by part.
        skip_blank: Whether squares that show nothing are passed over.

    Raises:
        ExportError: If they are no files, or there would be too many squares.
    """
    if any(type(image) is not ImageFile for image in listing.images):
        raise ExportError("--tiles cuts pictures that are files: give a folder of them, a pattern or a table.")
    classes = {name: place for place, name in enumerate(sorted({image.folder_class or "" for image in listing.images}))}
    squares = Objects(Surroundings(), list(classes))
    skipped, passed_over = list(listing.skipped), Counter(listing.passed_over)
    for image, found in zip(listing.images, map_ahead(_look_at, listing.images), strict=True):
        if isinstance(found, Odd):
            skipped.append(Skipped(image.name, found.reason))
            continue
        if len(squares) + grid.count(found.extent) > MAX_OBJECTS:
            raise ExportError(f"There are more than {MAX_OBJECTS:,} tiles: make them larger with --tiles.")
        boxes = list(grid.boxes(found.extent))
        blank = _blank(found, boxes, grid.side) if skip_blank else [False] * len(boxes)
        passed_over[BLANK] += sum(blank)
        for number, box in enumerate(boxes):
            if not blank[number]:
                squares.add(found, box, str(number), False, classes[image.folder_class or ""])
    if not squares and not skipped:
        raise ExportError(f"All {passed_over[BLANK]:,} tiles are blank: leave out --skip-blank.")
    fingerprint = hashlib.sha256(f"{listing.fingerprint} {squares.fingerprint()}".encode()).hexdigest()
    return replace(
        listing, images=squares, skipped=skipped, passed_over=+passed_over, fingerprint=fingerprint, noun="tile"
    )


def _look_at(image: ImageFile) -> Found | Odd:
    """A picture that tiles are cut out of, and how large it is; what is wrong with it, if that cannot be told."""
    try:
        if is_of_scanner(image.name) or image.size() > MAX_FILE_BYTES:
            return _slide(image)
        found, kind = look_at(image), kind_of_file(image.path)
        if isinstance(found, Odd):
            return _slide_or(found, image) if kind == TIFF else found
        pixels = found.extent.width * found.extent.height
        if pixels <= MAX_PIXELS or kind == JPEG:
            return found
        if kind != TIFF:
            return Odd(
                f"{pixels / 1e6:,.1f} megapixels, over the limit of {MAX_PIXELS // 10**6}: save it as a tiled TIFF"
            )
        return _slide(image)
    except UnreadableImageError as error:
        return Odd(str(error))
    except OSError as error:
        return Odd(f"cannot be read ({error.strerror})")


def _slide(image: ImageFile) -> Found:
    slide = as_slide(image)
    return Found(slide, PictureSize(*slide.look()))


def _slide_or(problem: Odd, image: ImageFile) -> Found | Odd:
    """A TIFF that is not read whole, as a BigTIFF of the other byte order; what is wrong, if no part can be either."""
    try:
        return _slide(image)
    except UnreadableImageError:
        return problem


def _blank(found: Found, boxes: list[Box], side: int) -> list[bool]:
    """Which parts of a picture show nothing; none where it cannot be decoded, as whoever reads them will say."""
    extent = found.extent.width, found.extent.height
    needed = side_to_look_at(extent, side)
    try:
        picture = found.image.for_parts()[1]
        try:
            return blank_parts(picture.reduced(needed), extent, boxes, needed)
        finally:
            picture.close()
    except (UnreadableImageError, OSError):
        return [False] * len(boxes)
