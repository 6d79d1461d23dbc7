"""TIFF pictures of any size, tile by tile or strip by strip; each is decoded as a small TIFF would be."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from exporters.images.decode import LARGE_PIXELS, MAX_PIXELS, UnreadableImageError, decode
from exporters.images.deep import cropped
from exporters.images.mosaic import Rectangle, put_together, reduced_to
from exporters.images.tiff_directory import (
    BITS,
    CHANNELS,
    COMPRESSION,
    HEIGHT,
    MAX_SEGMENTS,
    ORIENTATION,
    PHOTOMETRIC,
    PLANAR,
    ROWS_PER_STRIP,
    STRIP_BYTES,
    STRIP_OFFSETS,
    SUBFILE,
    TILE_BYTES,
    TILE_HEIGHT,
    TILE_OFFSETS,
    TILE_WIDTH,
    WIDTH,
    Directory,
    read_directories,
    single_segment,
)

_COPY_OR_MASK, _SEPARATE, _UNPACKED, _YCBCR, _UPRIGHT = 5, 2, 1, 6, (0, 1)
# JPEG as TIFF 6.0 had it: its segments do not stand alone.
_OLD_JPEG = 6
# What an unpacked strip is read in, in pixels.
_PIECE = 2**20
# What packing adds at most to what does not get smaller.
_SLACK = 2**16


class TiffSlide:
    """A picture in a tiled or striped TIFF, with its smaller copies.

    What is decoded of it at once is a row of tiles, at most as much as of a picture that is decoded whole.

    Args:
        path: The file.

    Raises:
        UnreadableImageError: If there is no picture in it, or of a kind that is not read.
        OSError: If it cannot be read.
    """

    def __init__(self, path: Path):
        self._file = path.open("rb")
        self._lock = threading.Lock()
        try:
            self._levels = _levels_of(self._file)
            self._levels[0].check()
        except BaseException:
            self._file.close()
            raise
        self.size = self._levels[0].size

    def region(self, rectangle: Rectangle) -> Image.Image:
        """A part of it, as `decode` makes pictures."""
        with self._lock:
            return self._levels[0].region(rectangle)

    def reduced(self, side: int, lenient: bool = False) -> Image.Image:
        """All of it with a longest side of at least so many pixels, from the smallest copy that is large enough."""
        large_enough = [level for level in self._levels if max(level.size) >= side]
        level = min(large_enough, key=lambda each: max(each.size), default=self._levels[0])
        with self._lock:
            return reduced_to(level.size, side, level.region, lenient)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.close()
            self._levels = []


class _Level:
    """One of the sizes in which the picture is there.

    Args:
        file: The file.
        directory: What it tells of this picture.

    Raises:
        UnreadableImageError: If that cannot be.
    """

    def __init__(self, file: BinaryIO, directory: Directory):
        self._file = file
        self._directory = directory
        width, height = self.size = directory.number(WIDTH), directory.number(HEIGHT)
        if not width or not height:
            raise UnreadableImageError(f"its header tells of {width:,} x {height:,} pixels")
        self._is_tiled = TILE_WIDTH in directory.values
        offsets, sizes = (TILE_OFFSETS, TILE_BYTES) if self._is_tiled else (STRIP_OFFSETS, STRIP_BYTES)
        self._offsets, self._sizes = directory.numbers(offsets), directory.numbers(sizes)
        self._planes = directory.number(CHANNELS, 1) if directory.number(PLANAR, 1) == _SEPARATE else 1
        if self._is_tiled:
            self._segment = directory.number(TILE_WIDTH), directory.number(TILE_HEIGHT)
        else:
            self._segment = width, min(height, directory.number(ROWS_PER_STRIP, height))
        self._row_bytes = self._rows_unpacked()
        self._check_segments()
        self._cached: OrderedDict[tuple[int, int], Image.Image | None] = OrderedDict()
        self._held = 0

    def check(self) -> None:
        """Decodes a segment or two.

        Raises:
            UnreadableImageError: If none can be decoded; it tells why.
        """
        problem = None
        across, down = self._grid
        for place in dict.fromkeys(((0, 0), (across // 2, down // 2), (across - 1, down - 1))):
            try:
                self._decoded(*place)
                return
            except UnreadableImageError as error:
                problem = problem or error
        raise problem or UnreadableImageError("damaged")

    def region(self, rectangle: Rectangle) -> Image.Image:
        """A part of it."""
        left, top, right, bottom = rectangle
        wide, high = self._segment
        # Whoever reads rows of tiles needs no segment twice, if all that a row touches is kept.
        most = min(MAX_PIXELS, self.size[0] * (bottom - top + 2 * high))

        def parts() -> Iterator[tuple[Image.Image, tuple[int, int]]]:
            for row in range(top // high, -(-bottom // high)):
                for column in range(left // wide, -(-right // wide)):
                    segment = self._kept(column, row, most)
                    if segment is None:
                        continue
                    x, y = column * wide, row * high
                    begin, end = (max(left, x), max(top, y)), (min(right, x + wide), min(bottom, y + high))
                    inside = cropped(segment, (begin[0] - x, begin[1] - y, end[0] - x, end[1] - y))
                    yield inside, (begin[0] - left, begin[1] - top)

        return put_together((right - left, bottom - top), parts())

    @property
    def kind(self) -> tuple[int, int]:
        """How many channels it has, of how many bits."""
        return self._directory.number(CHANNELS, 1), int(self._directory.numbers(BITS).max(initial=1))

    @property
    def _grid(self) -> tuple[int, int]:
        """How many segments there are in a row, and rows of them."""
        return -(-self.size[0] // self._segment[0]), -(-self.size[1] // self._segment[1])

    def _kept(self, column: int, row: int, most: int) -> Image.Image | None:
        """A segment, decoded or kept; None where the file leaves it out."""
        if (column, row) in self._cached:
            self._cached.move_to_end((column, row))
            return self._cached[column, row]
        segment = self._decoded(column, row)
        self._cached[column, row] = segment
        self._held += segment.width * segment.height if segment is not None else 0
        while self._held > most and len(self._cached) > 1:
            oldest = self._cached.popitem(last=False)[1]
            self._held -= oldest.width * oldest.height if oldest is not None else 0
        return segment

    def _decoded(self, column: int, row: int) -> Image.Image | None:
        planes = [self._bytes_of(row, column, plane) for plane in range(self._planes)]
        if any(plane is None for plane in planes):
            return None
        width, height = self._segment
        height = height if self._is_tiled else min(height, self.size[1] - row * height)
        packed = single_segment(self._directory, width, height, [plane for plane in planes if plane is not None])
        return decode(packed, full_size=True)[0]

    def _bytes_of(self, row: int, column: int, plane: int) -> bytes | None:
        """What the file holds of a segment."""
        across, down = self._grid
        if self._row_bytes:
            rows = min(self._segment[1], self.size[1] - row * self._segment[1])
            place = int(self._offsets[0]) + row * self._segment[1] * self._row_bytes
            size = rows * self._row_bytes
        else:
            number = plane * across * down + row * across + column
            place, size = int(self._offsets[number]), int(self._sizes[number])
        if not place or not size:
            return None
        if size > self._most_bytes:
            raise UnreadableImageError("damaged (a piece of it claims to be larger than it can be)")
        self._file.seek(place)
        data = self._file.read(size)
        if len(data) < size:
            raise UnreadableImageError("cut short")
        return data

    @property
    def _bits(self) -> int:
        """Of a pixel, in all channels."""
        each, channels = self._directory.numbers(BITS), self._directory.number(CHANNELS, 1)
        return int(each.sum()) if each.size == channels else int(each.max(initial=1)) * channels

    @property
    def _most_bytes(self) -> int:
        return 2 * (self._segment[0] * self._segment[1] * self._bits // 8) + _SLACK

    def _rows_unpacked(self) -> int:
        """Of a picture in one unpacked strip, the bytes of a row; it is read in pieces. 0 for all others."""
        tags = self._directory
        if self._is_tiled or self._offsets.size != 1 or self._planes > 1 or self._segment[1] < self.size[1]:
            return 0
        if tags.number(COMPRESSION, 1) != _UNPACKED or tags.number(PHOTOMETRIC) == _YCBCR:
            return 0
        self._segment = self.size[0], min(self.size[1], max(1, _PIECE // self.size[0]))
        return -(-self.size[0] * self._bits // 8)

    def _check_segments(self) -> None:
        wide, high = self._segment
        if not wide or not high:
            raise UnreadableImageError("damaged (its pieces have no size)")
        if wide * high > LARGE_PIXELS:
            raise UnreadableImageError(
                f"in pieces of {wide * high / 1e6:,.0f} megapixels, over the limit of {LARGE_PIXELS // 10**6}: save it "
                "as a tiled TIFF"
            )
        across, down = self._grid
        pieces = across * down * self._planes
        if pieces > MAX_SEGMENTS:
            raise UnreadableImageError(f"in {pieces:,} pieces, over the limit of {MAX_SEGMENTS:,}")
        told = pieces if not self._row_bytes else 1
        if self._offsets.size < told or (self._sizes.size < told and not self._row_bytes):
            raise UnreadableImageError("damaged (it does not tell where all of its pieces are)")
        if self._directory.number(COMPRESSION, 1) == _OLD_JPEG:
            raise UnreadableImageError("a TIFF packed in a way that is not read (old JPEG): save it packed otherwise")
        if self._directory.number(ORIENTATION, 1) not in _UPRIGHT:
            raise UnreadableImageError("turned by its orientation tag, which large TIFFs may not be: save it upright")


def _levels_of(file: BinaryIO) -> list[_Level]:
    """The first picture that is no copy of another, and all copies of it, wherever they are."""
    found: list[Directory] = []
    try:
        found += read_directories(file)
    except UnreadableImageError:
        if not found:
            raise
    pictures = [each for each in found if not each.number(SUBFILE) & _COPY_OR_MASK]
    first = _Level(file, pictures[0] if pictures else found[0]) if found else None
    if first is None:
        raise UnreadableImageError("there is no picture in it")
    return [first, *_copies_of(first, file, found)]


def _copies_of(whole: _Level, file: BinaryIO, found: list[Directory]) -> Iterator[_Level]:
    """Pictures of the same kind and proportions, and smaller: some programs mark copies as such, others do not."""
    width, height = whole.size
    for directory in found:
        wide, high = directory.number(WIDTH), directory.number(HEIGHT)
        if not 0 < wide < width or not 0 < high < height or abs(width * high - height * wide) > width + height:
            continue
        try:
            copy = _Level(file, directory)
            if copy.kind == whole.kind:
                copy.check()
                yield copy
        except UnreadableImageError:
            continue
