"""The one door: from a backbone's name to a backbone that is ready and was tried."""

from __future__ import annotations

import importlib
from functools import cached_property

import msgspec
import numpy as np

from exporters.errors import ExportError
from exporters.features.backbones import packages
from exporters.features.backbones.backbone import Backbone, Description, FeatureRows
from exporters.features.backbones.choice import NetworkChoice
from exporters.features.backbones.names import KERAS, SCHEMES, parse
from exporters.images.renditions import Bytes, Square


def open_backbone(name: str, choice: NetworkChoice) -> Backbone:
    """The backbone of a name.

    Args:
        name: `SCHEME:NAME`, or a name of `keras.applications`.
        choice: Options for it; its `backbone` is not looked at.

    Raises:
        ExportUsageError: If there is none of that name.
        ExportError: If its library or its weights are missing, or it does not turn pictures into finite rows.
    """
    scheme, rest = parse(name)
    if scheme not in SCHEMES:
        return Tried(name, packages.open_backbone(scheme, rest, choice))
    # Each scheme has a module of its own, so that none needs another's library.
    module = importlib.import_module(f"exporters.features.backbones.{scheme}_scheme")
    backbone: Backbone = module.open_backbone(rest, choice)
    return backbone if scheme == KERAS else Tried(name, backbone)


class Tried:
    """A backbone from anywhere, held to what a backbone is: tried on two pictures at once, and watched ever after.

    Args:
        name: What to call it in messages.
        backbone: The backbone.

    Raises:
        ExportError: If it does not give one finite row for each of two pictures.
    """

    def __init__(self, name: str, backbone: Backbone):
        self._name = name
        self._backbone = backbone
        self._width: int | None = None
        side = backbone.square.side
        # Grey steps: a picture of one colour would hide much, such as a division by its contrast; and two of them, as
        # one row for all would pass for one row for each.
        steps = np.linspace(0, 255, side).astype(np.uint8)
        try:
            pictures = np.empty((2, side, side, 3), np.uint8)
            pictures[0], pictures[1] = steps[:, None], steps[::-1, None]
            self._width = self.features(pictures).shape[1]
        except MemoryError as error:
            raise ExportError(
                f"--backbone {name} needs more memory than there is for pictures of {side:,} pixels: give a smaller "
                "--image-size."
            ) from error

    @property
    def square(self) -> Square:
        """How a picture becomes its input."""
        return self._backbone.square

    @cached_property
    def description(self) -> Description:
        """What there is to tell of it."""
        return msgspec.structs.replace(self._backbone.description, width=self._width or 0)

    def features(self, pictures: Bytes) -> FeatureRows:
        """The features of pictures, once they are found to be finite rows.

        Raises:
            ExportError: If they are not.
        """
        rows = self._backbone.features(pictures)
        if rows.ndim != 2 or len(rows) != len(pictures) or rows.shape[1] == 0:
            raise ExportError(
                f"--backbone {self._name} must return one row of numbers a picture, and for {len(pictures):,} "
                f"of them returned an array of shape {rows.shape}."
            )
        if self._width not in (None, rows.shape[1]):
            raise ExportError(f"--backbone {self._name} returns rows of {rows.shape[1]} values after {self._width}.")
        if not np.isfinite(rows).all():
            raise ExportError(f"--backbone {self._name} returns NaN or infinite values.")
        return rows
