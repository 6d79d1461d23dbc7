"""What one decoded picture gives: the network's input, raw pixels, its tiles, and the picture to look at."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.images.deep import has_more_bits, reduced
from exporters.images.intensity import Intensity

# `pix` and `pre` work at CIFAR-10's size, the paper's one set of small images: 32 x 32 RGB, 3072 values.
PIX_SIDE = 32
# Pictures up to this side are pixel art (digits, icons): enlarged in whole blocks rather than blurred.
CRISP_SIDE = 16
PADDING = (128, 128, 128)
# Pictures up to this side are kept without loss; larger ones as JPEG.
LOSSLESS_SIDE = 64
# A picture longer than so many times its shorter side is cut before it is scaled, not after.
LONGEST = 8
# Of JPEGs: a sample's own picture is looked at closely, a whole picture to see where things lie.
_QUALITY, _WHOLE_QUALITY = 90, 85

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Square:
    """How a picture becomes the square that a network takes.

    Attributes:
        side: Of the square, in pixels.
        short_side: None presses the whole picture into the square; otherwise the picture is scaled until its shorter
            side is so long, and the square is cut out of its middle.
        resample: Pillow's filter; both are antialiased.
        is_pressed: Whether the picture is pressed into a square of `short_side` before it is cut.
        is_rounded: Whether half a pixel at the edge of what is cut is rounded to the even one, as torchvision does, not
            down.
    """

    side: int
    short_side: int | None = None
    resample: int = Image.Resampling.BILINEAR
    is_pressed: bool = False
    is_rounded: bool = False

    def of(self, picture: Image.Image) -> Bytes:
        """The square of an RGB picture: (side, side, 3) uint8."""
        filter_ = Image.Resampling(self.resample)
        if self.short_side is None:
            return np.asarray(picture.resize((self.side, self.side), filter_))
        if self.is_pressed:
            picture = picture.resize((self.short_side, self.short_side), filter_)
        short, long = sorted(picture.size)
        if long > LONGEST * short:  # Nearly all of it would be cut off once it were scaled.
            width, height = (min(length, LONGEST * short) for length in picture.size)
            left, top = (picture.width - width) // 2, (picture.height - height) // 2
            picture, long = picture.crop((left, top, left + width, top + height)), LONGEST * short
        other = int(self.short_side * long / short)  # rounded as transformers and torchvision do
        wide = picture.width > picture.height
        scaled = picture.resize((other, self.short_side) if wide else (self.short_side, other), filter_)
        over = (scaled.width - self.side, scaled.height - self.side)
        left, top = (round(each / 2) if self.is_rounded else each // 2 for each in over)
        return np.asarray(scaled.crop((left, top, left + self.side, top + self.side)))


@dataclass(frozen=True)
class RenditionSpec:
    """What to make of every picture; nothing, if nothing is said.

    Attributes:
        pixels: Whether a stage needs the 32 x 32 picture.
        squares: The inputs of the networks that run.
        kept: Those of them that are needed again once all pictures are there.
        tile_side: The side of a tile in the sprite sheet in pixels, or None where no sheet is made.
        page_side: The side of a tile on the larger pages in pixels, or None where none are made.
        full_side: The longest side of the picture to look at in pixels, or None where none is kept.
        whole_side: The longest side of the whole pictures that samples are parts of, or None where none is kept.
        intensity: How pictures of more than 8 bits a value are shown.
    """

    pixels: bool = False
    squares: Sequence[Square] = ()
    kept: Sequence[Square] = ()
    tile_side: int | None = None
    page_side: int | None = None
    full_side: int | None = None
    whole_side: int | None = None
    intensity: Intensity = field(default_factory=Intensity)


@dataclass(frozen=True)
class Encoded:
    """An image file's bytes, and the suffix that goes with them: `.jpg` or `.png`."""

    suffix: str
    content: bytes


class Whole(NamedTuple):
    """A whole picture that samples are parts of, to look at.

    Attributes:
        name: The name of its file.
        picture: The picture, perhaps reduced.
    """

    name: str
    picture: Encoded


@dataclass(frozen=True)
class Renditions:
    """What was made of one picture; arrays are uint8 RGB of shape (side, side, 3), None where none was asked for."""

    pixels: Bytes | None = None
    squares: Mapping[Square, Bytes] = field(default_factory=dict)
    tile: Bytes | None = None
    page: Bytes | None = None
    full: Encoded | None = None


def make_renditions(picture: Image.Image, spec: RenditionSpec, original: Encoded | None = None) -> Renditions:
    """Makes what is asked for of a picture.

    `pixels` is the whole picture area-averaged to a square of 32 pixels, without regard to its aspect ratio; `tile` and
    `page` keep the aspect ratio by padding.

    Args:
        picture: RGB, or one channel of more than 8 bits.
        spec: What to make.
        original: The file that the picture came from, where a browser would show it as `picture` is.
    """
    if has_more_bits(picture):
        picture, original = spec.intensity.shown(picture), None
    page = tile_of(picture, spec.page_side) if spec.page_side else None
    # Tiles of the sheet come from the larger ones where there are any: a large picture is reduced only once.
    ground = picture if page is None else Image.fromarray(page)
    return Renditions(
        pixels=np.asarray(picture.resize((PIX_SIDE, PIX_SIDE), Image.Resampling.BOX)) if spec.pixels else None,
        squares={square: square.of(picture) for square in spec.squares},
        tile=tile_of(ground, spec.tile_side) if spec.tile_side else None,
        page=page,
        full=_full(picture, spec.full_side, original) if spec.full_side else None,
    )


def whole_rendition(picture: Image.Image, side: int, intensity: Intensity) -> Encoded:
    """A whole picture that samples are parts of, reduced to a longest side of at most `side` pixels.

    However large it is, hardly more memory is taken than it has itself.
    """
    if has_more_bits(picture):
        factor = max(picture.size) // side
        picture = intensity.shown(reduced(picture, factor) if factor > 1 else picture)
    if max(picture.size) > side:
        scale = side / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _encoded(picture, _WHOLE_QUALITY)


def stack(pictures: Sequence[Bytes | None]) -> Bytes:
    """The pictures, none of which is missing, as one array."""
    return np.stack([picture for picture in pictures if picture is not None])


def tile_of(picture: Image.Image, side: int) -> Bytes:
    """The picture as large as fits into a square of `side` pixels, centred, its aspect ratio kept by padding.

    Returns:
        (side, side, 3) uint8.
    """
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    crisp = scale > 1 and max(picture.size) <= CRISP_SIDE
    fitted = picture.resize(size, Image.Resampling.NEAREST if crisp else Image.Resampling.LANCZOS, reducing_gap=3.0)
    tile = Image.new("RGB", (side, side), PADDING)
    tile.paste(fitted, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(tile)


def _full(picture: Image.Image, side: int, original: Encoded | None) -> Encoded:
    if max(picture.size) <= side and original is not None:
        return original
    picture = picture.copy()
    picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _encoded(picture, _QUALITY)


def _encoded(picture: Image.Image, quality: int) -> Encoded:
    file = io.BytesIO()
    if max(picture.size) <= LOSSLESS_SIDE:
        picture.save(file, "PNG")
        return Encoded(".png", file.getvalue())
    picture.save(file, "JPEG", quality=quality)
    return Encoded(".jpg", file.getvalue())
