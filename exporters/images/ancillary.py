"""Leaves out of a file what is no part of the picture, where that keeps it from being read."""

from __future__ import annotations

import struct
import zlib

from exporters.images.formats import PNG, TIFF, format_of

# Beside the critical chunks: transparency, and which way is up.
_PNG_KEPT = {b"tRNS", b"eXIf"}
# Size, kind of values, where they lie, which way is up: all that pixels depend on.
_TIFF_KEPT = {
    *(254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325, 338),
    *(339, 347, 512, 513, 514, 515, 519, 520, 521, 529, 530, 531, 532),
}
_SUBFILE = 254
MOST_PARTS = 100_000
"""Chunks of a file that are looked at."""


def without_ancillary(content: bytes) -> bytes | None:
    """A PNG or TIFF file without texts, colour profiles and other ancillary data.

    Args:
        content: The file's bytes.

    Returns:
        The bytes of the picture alone; None where there is nothing to leave out, or it is of another format.
    """
    name = format_of(content[:12])
    try:
        if name == PNG:
            return _png(content)
        return _tiff(content) if name == TIFF else None
    except struct.error:  # Cut short: what is missing may be of the picture.
        return None


def _png(content: bytes) -> bytes | None:
    kept = [content[:8]]
    at = 8
    for _ in range(MOST_PARTS):
        if at >= len(content):
            break
        size, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + size
        is_critical = not kind[0] & 0x20
        if is_critical or (kind in _PNG_KEPT and _is_whole(content[at + 4 : end])):
            kept.append(content[at:end])
        at = end
        if kind == b"IEND":
            break
    else:
        return None
    slim = b"".join(kept)
    return slim if len(slim) < len(content) else None


def _is_whole(chunk: bytes) -> bool:
    """Whether a chunk, from its kind to its sum, has the sum that it tells."""
    return chunk[-4:] == struct.pack(">I", zlib.crc32(chunk[:-4]))


def _tiff(content: bytes) -> bytes | None:
    """The same file with fewer entries in its first directory; what they spoke of stays where it is."""
    order = "<" if content[:2] == b"II" else ">"
    if content[2:4] not in (b"*\0", b"\0*"):
        return None
    (at,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, at)
    entries = [content[at + 2 + 12 * number : at + 14 + 12 * number] for number in range(count)]
    (further,) = struct.unpack_from(f"{order}I", content, at + 2 + 12 * count)
    if further and any(struct.unpack_from(f"{order}HHI", entry)[0] == _SUBFILE for entry in entries):
        return None  # What comes first may be a smaller copy of what comes later.
    kept = [entry for entry in entries if struct.unpack_from(f"{order}H", entry)[0] in _TIFF_KEPT]
    if len(kept) == len(entries):
        return None
    slim = bytearray(content)
    directory = struct.pack(f"{order}H", len(kept)) + b"".join(kept) + bytes(4)  # no further page
    slim[at : at + len(directory)] = directory
    return bytes(slim)
