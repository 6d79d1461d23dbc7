"""What Pillow leaves to its callers in TIFF files: 16 bits in planes."""

from __future__ import annotations

from typing import Any

from PIL.ImageFile import ImageFile

from exporters.images.raw_modes import with_raw_modes

_PLANAR, _SEPARATE = 284, 2
_BITS = 258


def mend(opened: ImageFile) -> str | None:
    """Has a page, of which nothing is decoded yet, decoded as it is meant.

    Returns:
        Why it is not read, to be read after the file's name; None where it is.
    """
    tags: Any = getattr(opened, "tag_v2", {})
    if tags.get(_PLANAR) == _SEPARATE and 16 in _several(tags.get(_BITS)):
        return _mend_planes(opened, ";16L" if tags.prefix == b"II" else ";16B")
    return None


def _mend_planes(opened: ImageFile, order: str) -> str | None:
    """Pillow takes each plane's values of 16 bits for twice as many of 8, and packed ones by their upper halves."""
    parts: list[Any] = opened.tile
    if opened.mode not in ("RGB", "RGBA") or any(part[0] != "raw" for part in parts):
        return "16-bit colours in separate, packed planes: save it with its colours side by side (contiguous)"
    opened.tile = with_raw_modes(parts, lambda plane: plane + order)
    return None


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
