from __future__ import annotations

import numpy as np
from PIL import Image

from exporters.images.renditions import PADDING, PIX_SIDE, RenditionSpec, make_renditions, tile_of
from tests.exporters.drawn import BLUE, RED, halves


def test_a_tile_keeps_the_aspect_ratio_by_padding() -> None:
    tile = tile_of(halves(), 64)
    assert tile.shape == (64, 64, 3)
    assert (tile[:, :16] == PADDING).all()
    assert (tile[:, 48:] == PADDING).all()
    assert (np.abs(tile[:28, 16:48].astype(int) - RED) <= 2).all()
    assert (np.abs(tile[36:, 16:48].astype(int) - BLUE) <= 2).all()


def test_tiny_pictures_are_enlarged_without_blur() -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[::2] = 255
    assert set(np.unique(tile_of(Image.fromarray(pixels), 32))) == {0, 255}


def test_raw_pixels_are_area_averages() -> None:
    checkered = np.zeros((64, 64, 3), np.uint8)
    checkered[::2, ::2] = 255
    checkered[1::2, 1::2] = 255
    made = make_renditions(Image.fromarray(checkered), RenditionSpec(pixels=True))
    assert made.pixels is not None
    assert made.pixels.shape == (PIX_SIDE, PIX_SIDE, 3)
    assert set(np.unique(made.pixels)) <= {127, 128}
