"""How pictures become a network's input, in the words of `preprocessor_config.json`, which many models come with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.errors import ExportError
from exporters.images.renditions import Bytes, Square

_RESCALE = 1 / 255
NAMED: dict[str, dict[str, Any]] = {
    "imagenet": {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]},
    "symmetric": {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]},
    "unit": {"do_rescale": True},
    "none": {"do_rescale": False},
}
"""What the choices of `--normalization` mean."""
# A word of ours: what is cut out of the middle begins where torchvision's CenterCrop, which timm uses, begins.
_ROUNDED = "is_crop_rounded"
# Where it says nothing else, timm cuts out so much of the shorter side.
_TIMMS_CROP = 0.875
# ConvNeXt's: pictures are cut below this size, and pressed into the square from it on.
_WHOLE_FROM = 384


@dataclass(frozen=True)
class Normalization:
    """Values from 0 to 255, times `scale`, plus `offset`, for red, green and blue.

    Attributes:
        scale: By channel.
        offset: By channel.
    """

    scale: tuple[float, float, float]
    offset: tuple[float, float, float]

    def of(self, pictures: Bytes) -> npt.NDArray[np.float32]:
        """The values that a network takes: float32 of the same shape, (n, side, side, 3)."""
        count, height, width, channels = pictures.shape
        rows = pictures.reshape(count, height, width * channels)  # numpy is ten times as fast along a long axis
        values = np.multiply(rows, np.tile(np.array(self.scale, np.float32), width), dtype=np.float32)
        values += np.tile(np.array(self.offset, np.float32), width)
        return values.reshape(pictures.shape)

    def __str__(self) -> str:
        low = ", ".join(f"{offset:.4g}" for offset in self.offset)
        high = ", ".join(f"{255 * scale + offset:.4g}" for scale, offset in zip(self.scale, self.offset, strict=True))
        return f"0 to 255 as ({low}) to ({high})"


def normalization_of(told: Mapping[str, Any]) -> Normalization | None:
    """The normalization that is told, or None where nothing is said of it.

    Raises:
        ExportError: If what is said is no normalization.
    """
    if not {"do_rescale", "rescale_factor", "do_normalize", "image_mean"} & set(told):
        return None
    is_rescaled, is_normalized = told.get("do_rescale", True), told.get("do_normalize", "image_mean" in told)
    if not (isinstance(is_rescaled, bool) and isinstance(is_normalized, bool)):
        raise ExportError("do_rescale and do_normalize must be true or false.")
    rescale = told.get("rescale_factor", _RESCALE) if is_rescaled else 1.0
    if not (isinstance(rescale, (int, float)) and 0 < rescale < np.inf):
        raise ExportError("rescale_factor must be a number above 0.")
    try:
        mean, std = np.zeros(3), np.ones(3)
        if is_normalized:
            mean = np.broadcast_to(np.asarray(told["image_mean"], np.float64), 3)
            std = np.broadcast_to(np.asarray(told.get("image_std", 1.0), np.float64), 3)
        if not (np.isfinite([*mean, *std]).all() and (std > 0).all()):
            raise ValueError("image_std")
    except (KeyError, TypeError, ValueError) as error:
        raise ExportError(f"image_mean and image_std must be three numbers each ({error}).") from error
    again = std if told.get("include_top") else np.ones(3)  # EfficientNet's are divided once more.
    red, green, blue = (rescale / std / again).tolist()
    low_red, low_green, low_blue = (-mean / std / again).tolist()
    return Normalization((red, green, blue), (low_red, low_green, low_blue))


def square_of(told: Mapping[str, Any], side: int | None) -> Square | None:
    """How a picture becomes the network's input, as it is told, or None where no size is known.

    Args:
        told: Words of `preprocessor_config.json`.
        side: The side that is wanted in place of the one that is told.

    Raises:
        ExportError: If what is told is no size.
    """
    try:
        own, short = _own_sides(told)
        if own is None and side is None:
            return None
        if short is not None and side is not None and own is not None:
            short = round(short * side / own)
        resample = Image.Resampling(told.get("resample", Image.Resampling.BILINEAR))
        is_pressed = short is not None and "shortest_edge" not in _sides(told.get("size"))
        square = Square(side or own or 0, short, int(resample), is_pressed, bool(told.get(_ROUNDED)))
        if square.side < 1 or (short is not None and short < 1):
            raise ValueError("size")
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ExportError(
            f"size, crop_size, crop_pct and resample must be numbers as transformers has them ({error})."
        ) from error
    return square


def _own_sides(told: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The side of the square, and that of the shorter side before it is cut out; None where nothing is told or cut."""
    size, crop = _sides(told.get("size")), _sides(told.get("crop_size"))
    shortest = size.get("shortest_edge")
    if shortest is None:
        whole, cut = size.get("height"), crop.get("height") if told.get("do_center_crop") else None
        return (whole, None) if cut is None or cut == whole else (cut, whole)
    if told.get("crop_pct"):
        return shortest, int(shortest / told["crop_pct"]) if shortest < _WHOLE_FROM else None
    return crop.get("height", shortest) if told.get("do_center_crop") else shortest, shortest


def describe(square: Square) -> str:
    """How a picture becomes a network's input, in words."""
    filter_ = Image.Resampling(square.resample).name.lower()
    if square.short_side is None:
        return f"whole picture, {filter_}"
    scaled = "whole picture pressed" if square.is_pressed else "shorter side"
    return f"{scaled} to {square.short_side}, {filter_}, and the middle"


def _sides(size: Any) -> dict[str, int]:
    """A size in any of its spellings, by name."""
    if isinstance(size, int):
        return {"height": size, "width": size}
    if isinstance(size, (list, tuple)) and len(size) == 2:
        return {"height": int(size[0]), "width": int(size[1])}
    if size is None:
        return {}
    if not isinstance(size, Mapping):
        raise ValueError(f"size is {size!r}")
    sides = {name: int(value) for name, value in size.items() if isinstance(value, int)}
    if sides.get("width", sides.get("height")) != sides.get("height"):
        raise ValueError(f"{sides['height']} x {sides['width']} is no square")
    return sides


def words_of_timm(told: Mapping[str, Any]) -> dict[str, Any]:
    """What timm says of a model's pictures, in the words of `preprocessor_config.json`.

    Args:
        told: Its `pretrained_cfg`.

    Raises:
        ValueError: If it asks for what cannot be said so.
    """
    channels, side, width = told["input_size"]
    if channels != 3 or side != width or told.get("crop_mode", "center") not in ("center", "squash"):
        raise ValueError(f"timm prepares {told['input_size']} by crop_mode {told.get('crop_mode')}")
    whole = math.floor(side / (told.get("crop_pct") or _TIMMS_CROP))
    return {
        "size": {"height": whole, "width": whole} if told.get("crop_mode") == "squash" else {"shortest_edge": whole},
        "do_center_crop": True,
        "crop_size": {"height": side, "width": side},
        _ROUNDED: True,
        "resample": Image.Resampling[told.get("interpolation", "bilinear").upper()],
        "image_mean": told["mean"],
        "image_std": told["std"],
    }
