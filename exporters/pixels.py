"""The arrays that one decoded picture gives: the network's input, raw pixels, and its tile in the sprite sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

# `pix` and `pre` work at CIFAR-10's size, the paper's one set of small images: 32 x 32 RGB, 3072 values.
PIX_SIDE = 32
# Pictures up to this side are pixel art (digits, icons): enlarged in whole blocks rather than blurred.
CRISP_SIDE = 16
PADDING = (128, 128, 128)

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Wanted:
    """Which arrays to make of every picture.

    Attributes:
        pixels: Whether a stage needs the 32 x 32 picture.
        network_side: The network's input size in pixels, or None where no network runs.
        tile_side: The side of a tile in the sprite sheet in pixels, or None where no sheet is made.
    """

    pixels: bool
    network_side: int | None
    tile_side: int | None


@dataclass(frozen=True)
class Views:
    """The arrays of one picture, all uint8 RGB of shape (side, side, 3); None where not wanted."""

    pixels: Bytes | None
    network: Bytes | None
    tile: Bytes | None


def views_of(picture: Image.Image, wanted: Wanted) -> Views:
    """Makes the wanted arrays of an RGB picture.

    `pixels` is the whole picture area-averaged to a square of 32 pixels, `network` the whole picture resized
    (bilinear, antialiased) to the network's square input as in the paper, both without regard to its aspect ratio;
    `tile` keeps the aspect ratio by padding.
    """
    return Views(
        pixels=np.asarray(picture.resize((PIX_SIDE, PIX_SIDE), Image.Resampling.BOX)) if wanted.pixels else None,
        network=_square(picture, wanted.network_side) if wanted.network_side else None,
        tile=tile_of(picture, wanted.tile_side) if wanted.tile_side else None,
    )


def _square(picture: Image.Image, side: int) -> Bytes:
    return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))


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
