"""Tiled TIFFs drawn by the tests, of any size: the same packed pieces may stand in many places."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image

Values = npt.NDArray[Any]
Fill = Callable[[int, int], tuple[int, int, int]]

TILE = 256
_JPEG = 7


def gradient(width: int, height: int) -> Values:
    """An RGB picture in which every place looks different."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) // 16 % 2 * 255], 2).astype(np.uint8)


def draw_tiff(path: Path, values: Values, **settings: Any) -> Path:
    """A TIFF of these values, as tifffile writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, values, **settings)
    return path


def draw_slide(
    path: Path, size: tuple[int, int], fill: Fill, tile: int = TILE, copies: tuple[int, ...] = (), **settings: Any
) -> Path:
    """A tiled BigTIFF whose tiles are of one colour each.

    Args:
        path: Where.
        size: Its width and height.
        fill: The colour of the tile in a column and row.
        tile: The side of a tile.
        copies: How many times smaller each of its copies is; they are white.
        settings: More that tifffile is told of the first page.
    """
    packed: dict[tuple[int, int, int], bytes] = {}

    def tiles(width: int, height: int, color: Fill) -> Iterator[bytes]:
        for row in range(-(-height // tile)):
            for column in range(-(-width // tile)):
                here = color(column, row)
                if here not in packed:
                    packed[here] = zlib.compress(np.full((tile, tile, 3), here, np.uint8).tobytes(), 1)
                yield packed[here]

    path.parent.mkdir(parents=True, exist_ok=True)
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for factor in (1, *copies):
            width, height = size[0] // factor, size[1] // factor
            color: Fill = fill if factor == 1 else lambda *_: (255, 255, 255)
            writer.write(
                tiles(width, height, color),
                shape=(height, width, 3),
                dtype=np.uint8,
                tile=(tile, tile),
                photometric="rgb",
                compression="zlib",
                **(settings if factor == 1 else {}),
            )
    return path


def draw_jpeg_slide(path: Path, values: Values, factors: tuple[int, ...], in_sub: bool, **settings: Any) -> Path:
    """A BigTIFF of tiles packed as JPEG, with smaller copies in directories below the first, or as further pages.

    Args:
        path: Where.
        values: RGB.
        factors: How many times smaller each copy is.
        in_sub: Whether copies are below the first.
        settings: More that tifffile is told of the first page.
    """

    def tiles(picture: Values) -> Iterator[bytes]:
        for y in range(0, picture.shape[0], TILE):
            for x in range(0, picture.shape[1], TILE):
                whole = np.full((TILE, TILE, 3), 255, np.uint8)
                part = picture[y : y + TILE, x : x + TILE]
                whole[: part.shape[0], : part.shape[1]] = part
                file = io.BytesIO()
                Image.fromarray(whole).save(file, "JPEG", quality=95, subsampling=0)
                yield file.getvalue()

    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for number, factor in enumerate((1, *factors)):
            smaller = values[::factor, ::factor]
            here = {"subifds": len(factors)} if in_sub and not number else {"subfiletype": 1} if number else {}
            writer.write(
                tiles(smaller),
                shape=smaller.shape,
                dtype=np.uint8,
                tile=(TILE, TILE),
                photometric="ycbcr",
                compression="zlib",
                **here,
                **({} if number else settings),
            )
    # What was handed over is packed already: the tag says how.
    with tifffile.TiffFile(path, mode="r+") as file:
        for page in file.pages:
            for each in (page, *(page.pages or ())):
                each.tags["Compression"].overwrite(_JPEG)
    return path
