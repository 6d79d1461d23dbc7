"""JPEG files that lack their end: webcams and broken downloads leave them so. Is the picture all there?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

_END = b"\xff\xd9"
# Whatever is decoded of these is no picture.
_NOISE = (b"", b"\x12\x34\x56\x78" * 64, b"\x9e\x37\x79\xb1" * 64)
_PADDING = bytes(64)
# Bits of the least block of 8 x 8 pixels, however it is packed.
_LEAST_BITS = 1


def can_hold(size: int, width: int, height: int) -> bool:
    """Whether so many bytes can hold a picture of these sides; what is missing would be grey, without an error."""
    return size * 8 >= width * height / 64 * _LEAST_BITS


def without_padding(content: bytes) -> bytes:
    """A file without the zeros of a download that never filled the room made for it: they would be decoded too."""
    return content.rstrip(b"\0") if content.endswith(_PADDING) else content


def completed(content: bytes, decode: Callable[[bytes], Image.Image]) -> bytes | None:
    """A file that was cut short with an end.

    Args:
        content: The file's bytes.
        decode: What decodes them.

    Returns:
        Its bytes; None where a part of the picture is missing: then it matters what follows.
    """
    begun = content.rstrip(_END[:1])
    shown = [np.asarray(decode(begun + noise + _END)) for noise in _NOISE]
    return begun + _END if all(np.array_equal(shown[0], other) for other in shown[1:]) else None
