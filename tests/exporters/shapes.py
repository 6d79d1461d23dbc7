"""Shapes drawn at any angle: six arrangements of four or five squares, three of them mirror images of the others."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

CELLS = {"L": "X..X..XX.", "J": ".X..X.XX.", "S": ".XXXX....", "Z": "XX..XX...", "F": ".XXXX..X.", "7": "XX..XX.X."}
GROUND, INK = 110, 220


def draw_shape(name: str, side: int, rng: np.random.Generator) -> np.ndarray:
    """(side, side, 3) uint8: the shape, turned by any angle, with a little noise."""
    large = 4 * side
    unit = large / 5.2
    image = Image.new("L", (large, large), GROUND)
    pen = ImageDraw.Draw(image)
    for place, cell in enumerate(CELLS[name]):
        if cell == "X":
            row, column = divmod(place, 3)
            left, top = large / 2 + (column - 1.5) * unit, large / 2 + (row - 1.5) * unit
            pen.rectangle((left, top, left + unit, top + unit), fill=INK)
    turned = image.rotate(rng.uniform(0, 360), Image.Resampling.BICUBIC, fillcolor=GROUND)
    grey = np.asarray(turned.resize((side, side), Image.Resampling.BOX)) + rng.normal(0, 8, (side, side))
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def draw_shapes(count: int, side: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` pictures of each shape, and their names."""
    rng = np.random.default_rng(seed)
    names = np.repeat(sorted(CELLS), count)
    return np.stack([draw_shape(name, side, rng) for name in names]), names
