"""What Pillow leaves to its callers in TIFF files: planes of 16 bits, signed and inverted values, smaller copies."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin
from PIL.ImageFile import ImageFile

from exporters.images.deep import LONG_NUMBERS, whole_numbers, without_missing
from exporters.images.raw_modes import with_raw_modes

_SUBFILE, _BITS, _COMPRESSION, _PHOTOMETRIC, _CHANNELS = 254, 258, 259, 262, 277
_PLANAR, _SAMPLE_FORMAT = 284, 339
# What GDAL writes where there is no value.
_NODATA = 42113
_COPY, _MASK = 1, 4
_BIG_ENDIAN_BIG = b"MM\0+"
_WHITE_IS_ZERO, _SEPARATE, _SIGNED = 0, 2, 2
_FORMATS = {1: "whole numbers", 2: "signed numbers", 3: "floats", 5: "complex numbers", 6: "complex numbers"}
# What Pillow says of a kind of values that it does not know.
_UNKNOWN_KIND = ("unknown pixel mode", "unknown data organization", "samples per pixel")
# Smaller copies lie before the picture in some files: as many pages are looked at for it.
_LOOKED_AT = 100


def is_real_page(opened: ImageFile) -> bool:
    """Whether the page at which a file is opened is no smaller copy of another, and no mask."""
    return not int(_tags(opened).get(_SUBFILE, 0)) & (_COPY | _MASK)


def first_real_page(opened: ImageFile) -> int:
    """Where a file's first page is that is no copy and no mask, from 0; 0 where there is none."""
    with suppress(Exception):  # The end, or damaged pages.
        for page in range(_LOOKED_AT):
            opened.seek(page)
            if is_real_page(opened):
                return page
    return 0


def mend(opened: ImageFile) -> str | None:
    """Has a page, of which nothing is decoded yet, decoded as it is meant.

    Returns:
        Why it is not read, to be read after the file's name; None where it is.
    """
    tags = _tags(opened)
    if opened.mode == "F" and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        return "floats of which 0 is white: save it with 0 as black"
    if tags.get(_PLANAR) == _SEPARATE and 16 in _several(tags.get(_BITS)):
        return _mend_planes(opened, ";16L" if tags.prefix == b"II" else ";16B")
    return None


def as_meant(image: Image.Image) -> Image.Image:
    """A decoded page with the values that its tags tell of."""
    tags = _tags(image)
    is_signed = _SIGNED in _several(tags.get(_SAMPLE_FORMAT))
    if image.mode == "L" and is_signed:
        return Image.fromarray(np.asarray(image) ^ np.uint8(128))  # the least is black, the greatest white
    if image.mode == "I;16" and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:  # Pillow turns round what has 8 bits.
        return Image.fromarray(~np.asarray(image))
    if image.mode == "I" and 32 in _several(tags.get(_BITS)):
        values = np.asarray(image)
        image = whole_numbers(values if is_signed else values.view(np.uint32), LONG_NUMBERS)
    if not image.mode.startswith("I") and image.mode != "F":
        return image
    try:
        return without_missing(image, float(tags[_NODATA]) if _NODATA in tags else None)
    except (TypeError, ValueError):  # No number.
        return without_missing(image)


def unread_kind(file: BinaryIO, page: int, error: Exception) -> str | None:
    """What kind of TIFF a page is that Pillow does not open, and what to do; None if that is not why.

    Args:
        file: The file.
        page: Which page, from 0.
        error: What Pillow said of it.
    """
    file.seek(0)
    head = file.read(8)
    if head[:4] == _BIG_ENDIAN_BIG:
        return "a BigTIFF that begins with MM, which is not read: save it as a TIFF or a BigTIFF that begins with II"
    tags: Any = TiffImagePlugin.ImageFileDirectory_v2(head + file.read(8) if head[2] == 43 else head)
    for _ in range(page + 1):
        file.seek(tags.next)
        tags.load(file)
    compression = tags.get(_COMPRESSION, 1)
    if compression not in TiffImagePlugin.COMPRESSION_INFO:
        return f"a TIFF packed in a way that is not read ({compression}): save it unpacked"
    if not any(words in str(error) for words in _UNKNOWN_KIND):
        return None
    bits, sample = max(_several(tags.get(_BITS, 1))), max(_several(tags.get(_SAMPLE_FORMAT, 1)))
    channels = tags.get(_CHANNELS, 1)
    white = " of which 0 is white" if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else ""
    return (
        f"a TIFF with {channels} channel{'s' if channels != 1 else ''} of {bits}-bit "
        f"{_FORMATS.get(sample, 'values')}{white}, which is not read: convert it to grey or RGB of 8 or 16 bits"
    )


def _mend_planes(opened: ImageFile, order: str) -> str | None:
    """Pillow takes each plane's values of 16 bits for twice as many of 8, and packed ones by their upper halves."""
    parts: list[Any] = opened.tile
    if opened.mode not in ("RGB", "RGBA") or any(part[0] != "raw" for part in parts):
        return "16-bit colours in separate, packed planes: save it with its colours side by side (contiguous)"
    opened.tile = with_raw_modes(parts, lambda plane: plane + order)
    return None


def _tags(image: Image.Image) -> Any:
    return getattr(image, "tag_v2", {})


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
