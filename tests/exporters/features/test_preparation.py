"""How pictures become a network's input, by the words that come with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters.features.backbones.preparation import normalization_of, square_of, words_of_timm
from exporters.images.renditions import Square

TIMM: dict[str, Any] = {
    "input_size": [3, 224, 224],
    "interpolation": "bicubic",
    "crop_pct": 0.95,
    "crop_mode": "center",
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
}


@pytest.mark.parametrize(
    ("told", "square"),
    [
        ({}, Square(224, 235, Image.Resampling.BICUBIC, is_rounded=True)),
        ({"crop_pct": 1.0}, Square(224, 224, Image.Resampling.BICUBIC, is_rounded=True)),
        ({"crop_pct": None}, Square(224, 256, Image.Resampling.BICUBIC, is_rounded=True)),
        ({"crop_mode": "squash"}, Square(224, 235, Image.Resampling.BICUBIC, is_pressed=True, is_rounded=True)),
        ({"interpolation": "lanczos"}, Square(224, 235, Image.Resampling.LANCZOS, is_rounded=True)),
    ],
)
def test_timms_words_mean_what_timm_does(told: dict[str, Any], square: Square) -> None:
    words = words_of_timm({**TIMM, **told})
    assert square_of(words, None) == square
    found = normalization_of(words)
    assert found is not None
    white = found.of(np.full((1, 1, 1, 3), 255, np.uint8))[0, 0, 0]
    np.testing.assert_allclose(white, (1 - np.array(TIMM["mean"])) / TIMM["std"], rtol=1e-6)


@pytest.mark.parametrize("told", [{"crop_mode": "border"}, {"input_size": [1, 28, 28]}, {"input_size": [3, 32, 64]}])
def test_what_timm_does_otherwise_is_not_said(told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="timm prepares"):
        words_of_timm({**TIMM, **told})


def test_a_half_pixel_is_rounded_as_torchvision_does() -> None:
    """Of 7 pixels, 4 are cut out from the second or the third on: torchvision takes the even number before them."""
    steps = Image.fromarray(np.repeat(np.arange(7, dtype=np.uint8)[None, :, None], 7, axis=0).repeat(3, axis=2))
    assert list(Square(4, 7).of(steps)[0, :, 0]) == [1, 2, 3, 4]
    assert list(Square(4, 7, is_rounded=True).of(steps)[0, :, 0]) == [2, 3, 4, 5]
