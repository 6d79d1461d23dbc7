"""The directories of TIFF files of any size, read with bounds, and files that hold one segment of such a picture."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.images.decode import UnreadableImageError

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
STRIP_OFFSETS, ORIENTATION, CHANNELS, ROWS_PER_STRIP, STRIP_BYTES, PLANAR = 273, 274, 277, 278, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES, SUB_DIRECTORIES = 322, 323, 324, 325, 330
# What else tells how the bytes of a segment become pixels: fill order, fax options, predictor, palette, inks, further
# channels, kinds of values, JPEG's tables, YCbCr, GDAL's nodata. All other tags are not even read.
_HOW = (266, 292, 293, 317, 320, 332, 338, 339, 347, 529, 530, 531, 532, 42113)
_OF_SEGMENTS = (SUBFILE, BITS, COMPRESSION, PHOTOMETRIC, CHANNELS, PLANAR, *_HOW)
_READ = {
    *(WIDTH, HEIGHT, STRIP_OFFSETS, ORIENTATION, ROWS_PER_STRIP, STRIP_BYTES, SUB_DIRECTORIES, *_OF_SEGMENTS),
    *(TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES),
}

MAX_DIRECTORIES = 100
"""Looked at in a file, those below others too."""
MAX_SEGMENTS = 2**22
_MAX_ENTRIES = 4096
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_NUMBERS = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
_LONG = 4

Numbers = npt.NDArray[np.uint64]


class Value(NamedTuple):
    """What a tag holds: its type's number, how many values, and their bytes as they lie in the file."""

    kind: int
    many: int
    data: bytes


@dataclass(frozen=True)
class Directory:
    """What a file tells of one of its pictures.

    Attributes:
        order: Of the bytes of numbers: `<` or `>`.
        values: By tag; only of those that matter here.
    """

    order: str
    values: dict[int, Value]

    def numbers(self, tag: int) -> Numbers:
        """The whole numbers that a tag holds; none where it is missing or holds others."""
        value = self.values.get(tag)
        if value is None or value.kind not in _NUMBERS:
            return np.empty(0, np.uint64)
        return np.frombuffer(value.data, self.order + _NUMBERS[value.kind]).astype(np.uint64)

    def number(self, tag: int, default: int = 0) -> int:
        """The first of them."""
        found = self.numbers(tag)
        return int(found[0]) if found.size else default


def read_directories(file: BinaryIO) -> Iterator[Directory]:
    """The directories of a TIFF or BigTIFF in any byte order, each followed by those below it, each once.

    Raises:
        UnreadableImageError: If one is damaged or claims more than pictures need; those before it were handed on.
    """
    form, first = _read_header(file)
    waiting, seen = [(first, True)], set[int]()
    while waiting and len(seen) < MAX_DIRECTORIES:
        place, is_in_chain = waiting.pop()
        if place == 0 or place in seen:
            continue
        seen.add(place)
        directory, following = _read_directory(file, form, place)
        if is_in_chain:
            waiting.append((following, True))
            below = directory.numbers(SUB_DIRECTORIES)[:MAX_DIRECTORIES]
            waiting += [(int(each), False) for each in below[::-1]]
        yield directory


def single_segment(directory: Directory, width: int, height: int, planes: Sequence[bytes]) -> bytes:
    """A TIFF whose whole picture is one segment of another's.

    Args:
        directory: The other's.
        width: The segment's, in pixels.
        height: The same.
        planes: Its bytes as they are packed there; where each channel is a plane of its own, those of each.
    """
    is_tiled = TILE_WIDTH in directory.values
    offsets, body = [], bytearray(8)
    for plane in planes:
        offsets.append(len(body))
        body += plane + bytes(len(plane) % 2)
    values = {tag: directory.values[tag] for tag in _OF_SEGMENTS if tag in directory.values and tag != SUBFILE}
    placed = {WIDTH: [width], HEIGHT: [height]}
    sizes = [len(plane) for plane in planes]
    if is_tiled:
        placed |= {TILE_WIDTH: [width], TILE_HEIGHT: [height], TILE_OFFSETS: offsets, TILE_BYTES: sizes}
    else:
        placed |= {ROWS_PER_STRIP: [height], STRIP_OFFSETS: offsets, STRIP_BYTES: sizes}
    for tag, numbers in placed.items():
        values[tag] = Value(_LONG, len(numbers), struct.pack(f"{directory.order}{len(numbers)}I", *numbers))
    entries = b""
    for tag, value in sorted(values.items()):
        data = value.data
        if len(data) > 4:
            place = struct.pack(directory.order + "I", len(body))
            body += data + bytes(len(data) % 2)
            data = place
        entries += struct.pack(directory.order + "HHI", tag, value.kind, value.many) + data.ljust(4, b"\0")
    mark = b"II" if directory.order == "<" else b"MM"
    body[:8] = mark + struct.pack(directory.order + "HI", 42, len(body))
    return bytes(body) + struct.pack(directory.order + "H", len(values)) + entries + bytes(4)


class _Form(NamedTuple):
    """How numbers of directories lie in a file: of TIFF in 4 bytes, of BigTIFF in 8."""

    order: str
    entries: str
    offset: str


def _read_header(file: BinaryIO) -> tuple[_Form, int]:
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 16:
        raise UnreadableImageError("cut short" if order else "no TIFF")
    (version,) = struct.unpack_from(order + "H", head, 2)
    if version == 43:
        return _Form(order, "Q", "Q"), int(struct.unpack_from(order + "Q", head, 8)[0])
    return _Form(order, "H", "I"), int(struct.unpack_from(order + "I", head, 4)[0])


def _read_directory(file: BinaryIO, form: _Form, place: int) -> tuple[Directory, int]:
    """A directory, and where the next one is."""
    end = file.seek(0, os.SEEK_END)
    begin = place + struct.calcsize("=" + form.entries)
    (count,) = struct.unpack(form.order + form.entries, _bytes_at(file, place, begin - place, end))
    if count > _MAX_ENTRIES:
        raise UnreadableImageError("damaged (a directory in it has too many entries)")
    wide = struct.calcsize("=" + form.offset)
    size = 4 + 2 * wide
    table = _bytes_at(file, begin, count * size + wide, end)
    values: dict[int, Value] = {}
    for number in range(count):
        tag, kind, many = struct.unpack_from(f"{form.order}HH{form.offset}", table, number * size)
        if tag not in _READ or kind not in _BYTES:
            continue
        length = many * _BYTES[kind]
        if many > MAX_SEGMENTS:
            raise UnreadableImageError(f"damaged, or in more than {MAX_SEGMENTS:,} pieces")
        data = table[number * size + 4 + wide : (number + 1) * size][:length]
        if length > wide:
            (where,) = struct.unpack(form.order + form.offset, data)
            data = _bytes_at(file, where, length, end)
        values[tag] = Value(kind, many, data)
    (following,) = struct.unpack_from(form.order + form.offset, table, count * size)
    return Directory(form.order, values), int(following)


def _bytes_at(file: BinaryIO, place: int, length: int, end: int) -> bytes:
    if place + length > end:
        raise UnreadableImageError("cut short, or its directory is damaged")
    file.seek(place)
    return file.read(length)
