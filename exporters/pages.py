"""Larger pictures of a run: pages of tiles, and every sample's own picture in a zip file."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from exporters.decode import ImageLike, longest_side
from exporters.pixels import PADDING, Bytes, Encoded

TILES, TILES_JSON, IMAGES = "tiles", "tiles.json", "images.zip"
COLUMNS = PAGE_ROWS = 16
PAGE = COLUMNS * PAGE_ROWS
MAX_PAGE_SIDE = 128
PICTURE_SIDE = 512
# Images whose size is looked at to choose that of the larger tiles.
PEEKED = 64


def larger_tile_side(images: Sequence[ImageLike], sheet_side: int) -> int | None:
    """The side of a tile on the pages: at most 128 pixels, and no more than some of the images have.

    Args:
        images: All images; up to 64 of them, evenly drawn, are looked at.
        sheet_side: Side of a tile in the sprite sheet.

    Returns:
        Pixels; None where pages would show no more than the sheet does.
    """
    if not images:
        return None
    places = np.unique(np.linspace(0, len(images) - 1, PEEKED).astype(int))
    side = min(MAX_PAGE_SIDE, max(longest_side(images[place]) for place in places))
    return side if side > sheet_side else None


def page_name(number: int) -> str:
    """The file of the page of this number, from 0, inside the run's folder."""
    return f"{TILES}/{number:04d}.jpg"


def write_page(path: Path, tiles: Sequence[Bytes]) -> None:
    """Writes at most `PAGE` tiles, (side, side, 3) uint8 each, row by row, as one JPEG."""
    side = tiles[0].shape[0]
    sheet = np.full((PAGE_ROWS * side, COLUMNS * side, 3), PADDING, np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, COLUMNS)
        sheet[row * side : (row + 1) * side, column * side : (column + 1) * side] = tile
    Image.fromarray(sheet).save(path, "JPEG", quality=88)


def describe_pages(side: int, count: int) -> str:
    """The text of tiles.json: how `count` tiles lie on their pages."""
    pages = -(-count // PAGE)
    layout = {"tile_size": side, "columns": COLUMNS, "rows": PAGE_ROWS, "pages": pages, "count": count}
    return json.dumps(layout) + "\n"


def write_shard(path: Path, pictures: Sequence[Encoded]) -> None:
    """Writes encoded pictures of consecutive rows into a zip file of their own."""
    with zipfile.ZipFile(path, "w") as shard:
        for number, picture in enumerate(pictures):
            shard.writestr(zipfile.ZipInfo(f"{number}{picture.suffix}"), picture.content)


def join_shards(path: Path, shards: Sequence[Path], sample_ids: Sequence[str]) -> None:
    """Puts the shards' pictures, in their order, into one zip file under their sample ids."""
    names = iter(sample_ids)
    with zipfile.ZipFile(path, "w") as whole:
        for shard in shards:
            with zipfile.ZipFile(shard) as part:
                for entry in part.infolist():
                    suffix = Path(entry.filename).suffix
                    whole.writestr(zipfile.ZipInfo(f"{next(names)}{suffix}"), part.read(entry))
