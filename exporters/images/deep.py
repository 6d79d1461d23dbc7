"""Pictures of more than 8 bits a value: grey ones, and 16-bit colours, of which Pillow reads one half at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ImageFile import ImageFile

from exporters.images.raw_modes import with_raw_modes

Values = npt.NDArray[Any]

LOWER = "lower bytes"
"""Where an RGB picture, whose pixels are the upper bytes of its colours, carries the lower ones: in its `info`."""

ALPHA = "alpha"
"""Where a picture of more bits that is not opaque carries how opaque it is, as 8-bit grey: in its `info`."""

KIND = "kind of values"
"""Where a picture of more bits carries which of the kinds it holds, if its own type does not tell: in its `info`."""
WHOLE_NUMBERS, LONG_NUMBERS = "whole numbers", "32-bit whole numbers"
FLOATS, RESCALED = "floats", "rescaled DICOM values"
"""Kinds of values that cannot be compared: brightness of a camera, sums, shares or heights, Hounsfield units."""

# What programs write where there is no value, whether a file tells so or not: they are black in any case, and so much
# lower than what is measured that nothing else would be seen.
_MISSING = (-9999, -99999, -32768)
_BEYOND = 1e30
# Grey with transparency, of which Pillow reads the upper halves only.
_GRAY_WITH_ALPHA = "LA;16B"
# Pillow takes the first or the second byte of each colour, by the name of the order in which they lie.
_OTHER = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B" if sys.byteorder == "little" else ";16L"}


def has_more_bits(picture: Image.Image) -> bool:
    """Whether a picture holds more than 8 bits a value: in one channel, or with its `LOWER` bytes."""
    return is_gray_with_more_bits(picture) or LOWER in picture.info


def is_gray_with_more_bits(picture: Image.Image) -> bool:
    """Whether a picture has one channel of more than 8 bits: whole numbers, or floats."""
    return picture.mode.startswith("I") or picture.mode == "F"


def has_16_bit_colors(opened: ImageFile) -> bool:
    """Whether a file, of which nothing is decoded yet, has colours of 16 bits."""
    return opened.mode in ("RGB", "RGBA") and _raw_mode(opened).endswith(tuple(_OTHER))


def cropped(picture: Image.Image, rectangle: tuple[int, int, int, int]) -> Image.Image:
    """A part of a picture with what belongs to it; what lies outside of the picture is black."""
    part = picture.crop(rectangle)
    part.info |= {name: picture.info[name].crop(rectangle) for name in (LOWER, ALPHA) if name in picture.info}
    return part


def joined(upper: ImageFile, lower: ImageFile, turn_upright: Callable[[Image.Image], None]) -> Image.Image:
    """Decodes 16-bit colours.

    Args:
        upper: The file, of which nothing is decoded yet; it is closed.
        lower: The same, opened again; it is closed too.
        turn_upright: Turns what was decoded.

    Returns:
        RGB with its `LOWER` bytes, or one channel of 16 bits; with `ALPHA` where it is not opaque.
    """
    raw = _raw_mode(upper)
    is_associated = raw.startswith("RGBa")
    if raw == _GRAY_WITH_ALPHA:
        _choose(upper, lambda _: "RGBA")  # As many bits: both bytes of the grey, then both of its alpha.
        upper.load()
        turn_upright(upper)
        high, low, opacity, _ = upper.split()
        return _with_alpha(Image.fromarray(_sixteen_bits(high, low)), opacity)
    if is_associated:
        _choose(upper, lambda name: name.replace("RGBa", "RGBA"))
    _choose(lower, lambda name: _other_half(name.replace("RGBa", "RGBA")))
    for half in (upper, lower):
        half.load()
        turn_upright(half)
    values = _sixteen_bits(upper, lower)
    key = upper.info.get("transparency")
    alpha = upper.getchannel("A") if upper.mode == "RGBA" else None
    for half in (upper, lower):
        half.close()  # Large pictures make way for what was made of them.
    if alpha is not None:
        if is_associated:
            opaque = np.maximum(values[:, :, 3:], 1).astype(np.float32)
            values = np.minimum(np.rint(values * (65_535 / opaque)), 65_535).astype(np.uint16)
        return _with_alpha(_of_colors(values[:, :, :3]), alpha)
    return _with_alpha(_of_colors(values), _all_but(values, key) if isinstance(key, tuple) else None)


def kind_of(picture: Image.Image) -> str:
    """Which of the kinds of values a picture with more than 8 bits a value holds."""
    return str(picture.info.get(KIND) or (FLOATS if picture.mode == "F" else WHOLE_NUMBERS))


def without_missing(picture: Image.Image, told: float | None = None) -> Image.Image:
    """A picture of one channel with NaN wherever it has no value.

    Args:
        picture: The picture.
        told: What its file says it writes there.
    """
    values = np.asarray(picture)
    missing = np.isin(values, _MISSING) if values.dtype.kind != "u" else np.zeros(values.shape, bool)
    if values.dtype.kind == "f":
        missing |= np.abs(values) >= _BEYOND
    if told is not None:
        with np.errstate(over="ignore"):
            missing |= values == (np.float32(told) if values.dtype.kind == "f" else told)
    return with_nan(picture, missing) if missing.any() else picture


def whole_numbers(values: Values, kind: str) -> Image.Image:
    """A picture of whole numbers of one channel, also of those that are too great for Pillow's, of a kind."""
    most = np.iinfo(np.int32)
    if values.min(initial=0) >= most.min and values.max(initial=0) <= most.max:
        picture = Image.fromarray(values.astype(np.int32))
    else:
        picture = Image.fromarray(values.astype(np.float32))
    picture.info[KIND] = kind
    return picture


def with_nan(picture: Image.Image, missing: Values) -> Image.Image:
    """A picture of one channel with NaN, which is black and sets no range, wherever `missing` is true."""
    holed = Image.fromarray(np.where(missing, np.float32("nan"), np.asarray(picture)).astype(np.float32))
    holed.info = picture.info | {KIND: kind_of(picture)}
    return holed


def gray(image: Image.Image) -> Image.Image:
    """A decoded picture of one channel with more bits, with `ALPHA` where one of its values means transparency."""
    key = image.info.get("transparency")
    return _with_alpha(image.copy(), _all_but(np.asarray(image)[:, :, None], key) if isinstance(key, int) else None)


def reduced(picture: Image.Image, factor: int) -> Image.Image:
    """A picture of more bits, averaged down by a whole number."""
    if LOWER in picture.info:
        channels = (Image.fromarray(channel.astype(np.int32)) for channel in np.moveaxis(values_of(picture), 2, 0))
        smaller = _of_colors(np.stack([np.asarray(channel.reduce(factor)) for channel in channels], axis=2))
    else:
        smaller = (picture if picture.mode == "F" else picture.convert("I")).reduce(factor)
    return _with_alpha(smaller, picture.info[ALPHA].reduce(factor) if ALPHA in picture.info else None)


def values_of(picture: Image.Image) -> Values:
    """What a picture with more than 8 bits a value holds: (H, W), or (H, W, 3)."""
    if LOWER in picture.info:
        return _sixteen_bits(picture, picture.info[LOWER])
    return np.asarray(picture)


def _sixteen_bits(upper: Image.Image, lower: Image.Image) -> npt.NDArray[np.uint16]:
    values = np.asarray(upper).astype(np.uint16)
    values <<= 8  # In place, as all here: pictures may be large.
    values |= np.asarray(lower)
    return values


def _of_colors(values: Values) -> Image.Image:
    """A picture of 16-bit colours, (H, W, 3)."""
    picture = Image.fromarray((values >> 8).astype(np.uint8))
    picture.info[LOWER] = Image.fromarray((values & 255).astype(np.uint8))
    return picture


def _all_but(values: Values, key: int | tuple[int, ...]) -> Image.Image:
    """Opaque wherever the values, (H, W, channels), are not those that mean transparency."""
    return Image.fromarray((values != np.array(key)).any(axis=2).astype(np.uint8) * np.uint8(255))


def _with_alpha(picture: Image.Image, alpha: Image.Image | None) -> Image.Image:
    picture.info.pop(ALPHA, None)
    if alpha is not None and alpha.getextrema() != (255, 255):
        picture.info[ALPHA] = alpha
    return picture


def _raw_mode(opened: ImageFile) -> str:
    """How the bytes of a file, of which nothing is decoded yet, lie; empty where that is not told so."""
    for tile in opened.tile[:1]:
        raw = tile[3][0] if isinstance(tile[3], tuple) else tile[3]
        return raw if isinstance(raw, str) else ""
    return ""


def _choose(opened: ImageFile, choice: Callable[[str], str]) -> None:
    """Has the bytes of a file taken for something else."""
    opened.tile = with_raw_modes(opened.tile, choice)


def _other_half(raw: str) -> str:
    order = raw[raw.rindex(";") :]
    return raw.removesuffix(order) + _OTHER[order]
