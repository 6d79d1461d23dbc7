"""PNG and TIFF files of kinds that Pillow does not write, byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[Any]

GRAY, RGB, GRAY_ALPHA, RGBA = 0, 2, 4, 6
_SHORT, _LONG, _TEXT = 3, 4, 2


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG's chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(values: Values, color_type: int, *ancillary: bytes) -> bytes:
    """A PNG of 16 bits, each row filtered by the pixel to the left."""
    height, width = values.shape[:2]
    rows = values.astype(">u2").reshape(height, -1).view(np.uint8)
    step = 2 * values.size // (height * width)
    left = np.pad(rows[:, :-step], ((0, 0), (step, 0)))
    lines = np.hstack([np.ones((height, 1), np.uint8), rows - left])
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(lines.tobytes()))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(ancillary) + data + chunk(b"IEND", b"")


def tiff(
    *pages: Values,
    order: str = "<",
    in_planes: bool = False,
    packed: bool = False,
    tags: Mapping[int, Any] | None = None,
) -> bytes:
    """A TIFF of (H, W) or (H, W, channels) values of any type, in one strip or one for each plane.

    Args:
        pages: Values of each page.
        order: `<` or `>`.
        in_planes: Whether each channel is a plane of its own.
        packed: Whether it is deflated.
        tags: Further tags, or others: a number, several in a tuple, or a text; a list has one for each page.
    """
    out = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))
    link = 4
    for number, values in enumerate(pages):
        channels = 1 if values.ndim == 2 else values.shape[2]
        swapped = values.astype(values.dtype.newbyteorder("<" if order == "<" else ">"))
        planes = np.moveaxis(swapped, 2, 0) if in_planes else [swapped]
        strips = [np.ascontiguousarray(plane).tobytes() for plane in planes]
        strips = [zlib.compress(strip) if packed else strip for strip in strips]
        offsets = []
        for strip in strips:
            offsets.append(len(out))
            out += strip + bytes(len(strip) % 2)
        entries: dict[int, Any] = {
            **{256: values.shape[1], 257: values.shape[0], 258: [values.dtype.itemsize * 8] * channels},
            **{259: 8 if packed else 1, 262: 2 if channels >= 3 else 1, 273: offsets, 277: channels},
            **{278: values.shape[0], 279: [len(strip) for strip in strips], 284: 2 if in_planes else 1},
            339: [{"u": 1, "i": 2, "f": 3}[values.dtype.kind]] * channels,
            **{tag: value[number] if isinstance(value, list) else value for tag, value in (tags or {}).items()},
        }
        directory = b"".join(_entry(out, order, tag, value) for tag, value in sorted(entries.items()))
        struct.pack_into(f"{order}I", out, link, len(out))
        out += struct.pack(f"{order}H", len(entries)) + directory
        link = len(out)
        out += bytes(4)
    return bytes(out)


def _entry(out: bytearray, order: str, tag: int, value: int | str | Sequence[int]) -> bytes:
    """An entry of a directory, and what does not fit into it at the end of the file."""
    if isinstance(value, str):
        kind, count, data = _TEXT, len(value) + 1, value.encode() + b"\0"
    else:
        numbers = [value] if isinstance(value, int) else list(value)
        kind = _LONG if tag in (273, 279) else _SHORT
        count, data = len(numbers), struct.pack(f"{order}{len(numbers)}{'I' if kind == _LONG else 'H'}", *numbers)
    if len(data) > 4:
        place = len(out)
        out += data + bytes(len(data) % 2)
        data = struct.pack(f"{order}I", place)
    return struct.pack(f"{order}HHI", tag, kind, count) + data.ljust(4, b"\0")
