"""How large an image is, from the few bytes that say so; what is too large is decoded nowhere."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained

MAX_PIXELS = 1 << 26
"""8,192 x 8,192, the largest sheet that the stock Projector shows: 256 MiB when it is decoded."""
MAX_SIDE = 1 << 15

_MAX_SEGMENTS = 1_024
# Start of frame, in all its kinds; C4, C8 and CC are something else.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def open_image(folder: Path, relative: str) -> tuple[BinaryIO, tuple[int, int]]:
    """Opens an image of a run that a page may decode.

    Args:
      folder: The run's folder.
      relative: Its name.

    Returns:
      The file, open for reading, and its width and height in pixels.

    Raises:
      RunError: If it cannot be opened, is neither PNG, JPEG nor WebP, or has too many pixels.
    """
    file = open_contained(folder, relative)
    try:
        size = checked_size(file, relative)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, size


def checked_size(file: BinaryIO, name: str) -> tuple[int, int]:
    """Width and height of an image that a page may decode.

    Raises:
      RunError: If it is neither PNG, JPEG nor WebP, or has too many pixels.
    """
    size = image_size(file)
    if size is None:
        raise RunError(f"{name} is not an image that can be read.")
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise RunError(
            f"{name} has {width:,} x {height:,} pixels; images of at most {MAX_PIXELS >> 20} megapixels "
            f"(8,192 x 8,192) and {MAX_SIDE:,} a side are shown."
        )
    return size


def image_size(file: BinaryIO) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG or WebP file; None if it is none of them."""
    start = file.read(32)
    if start.startswith(b"\x89PNG\r\n\x1a\n") and start[12:16] == b"IHDR" and len(start) >= 24:
        found: tuple[int, int] | None = struct.unpack(">II", start[16:24])
    elif start.startswith(b"\xff\xd8\xff"):
        file.seek(2)
        found = _jpeg_size(file)
    elif start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        found = _webp_size(start)
    else:
        found = None
    return found if found and min(found) > 0 else None


def _jpeg_size(file: BinaryIO) -> tuple[int, int] | None:
    """Looks for the frame header, from segment to segment."""
    for _ in range(_MAX_SEGMENTS):
        marker = file.read(2)
        if marker == b"\xff\xff":  # filling
            file.seek(-1, os.SEEK_CUR)
            continue
        length = file.read(2)
        if len(length) < 2 or marker[0] != 0xFF:
            return None
        (size,) = struct.unpack(">H", length)
        if marker[1] in _JPEG_FRAMES:
            frame = file.read(5)
            if len(frame) < 5:
                return None
            height, width = struct.unpack(">xHH", frame)
            return width, height
        file.seek(size - 2, os.SEEK_CUR)
    return None


def _webp_size(start: bytes) -> tuple[int, int] | None:
    kind = start[12:16]
    if len(start) < 30:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(start[24:27], "little"), 1 + int.from_bytes(start[27:30], "little")
    if kind == b"VP8 " and start[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", start[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and start[20] == 0x2F:
        bits = int.from_bytes(start[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None
