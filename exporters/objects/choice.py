"""Which objects to export, and how they are cut out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from exporters.errors import ExportUsageError
from exporters.images.crops import Surroundings
from exporters.objects.formats import parse_source

MAX_MARGIN = 10.0


@dataclass(frozen=True)
class ObjectChoice:
    """The objects of pictures, each a sample.

    Attributes:
        source: Where they are said to be: `coco:FILE`, `yolo:PATH`, `voc:FOLDER`, `csv:FILE`, `labelstudio:FILE` or
            `cvat:FILE`.
        margin: How much of its surroundings is cut out with an object, as a share of its box on each side.
        square: Whether a square is cut out; what of it lies outside of the picture is grey.
        min_side: Objects whose shorter side has fewer pixels are passed over.
        classes: Only objects of these classes; none for all.
    """

    source: str
    margin: float = 0.1
    square: bool = False
    min_side: int = 8
    classes: Sequence[str] = ()

    def check(self) -> None:
        """Refuses what cannot be right.

        Raises:
            ExportUsageError: In one sentence.
        """
        parse_source(self.source)
        if not (math.isfinite(self.margin) and 0 <= self.margin <= MAX_MARGIN):
            raise ExportUsageError(f"--margin must be a share of the box from 0 to {MAX_MARGIN:g}, not {self.margin}.")
        if self.min_side < 0:
            raise ExportUsageError("--min-side must be a number of pixels from 0 on.")

    @property
    def described(self) -> str:
        """A word for the source; nothing of where it lies."""
        scheme, path = parse_source(self.source)
        return f"{scheme}:{path.name}"

    @property
    def surroundings(self) -> Surroundings:
        """What of a box's surroundings is cut out with it."""
        return Surroundings(self.margin, self.square)
