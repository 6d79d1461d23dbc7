"""How pictures of more than 8 bits a value are shown: between which values, from black to white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from exporters.errors import ExportUsageError
from exporters.images.deep import ALPHA, FLOATS, Values, kind_of, values_of

SET, FULL, EACH = "set", "full", "each"
CHOICES = (SET, FULL, EACH)

# Of all values, so many percent are darker than black and brighter than white: hot pixels do not set the scale.
PERCENTILES = (0.1, 99.9)
# Values of a picture that are looked at, about.
LOOKED_AT = 4096
# Rows of a picture are mapped in blocks of about so many values.
BLOCK = 1 << 20
BACKGROUND = (255, 255, 255)
"""What shows through."""
WHOLE = (0.0, 65536.0)
WHOLE_OF_FLOATS = (0.0, 1.0)


@dataclass(frozen=True)
class Intensity:
    """A choice, and for `set` what was found.

    Attributes:
        choice: `set` (between what the exported pictures hold, the same for all), `full` (the whole range of 16 bits,
            of floats 0 to 1), or `each` (every picture between what it holds itself).
        found: The values that `set` shows as black and as white, by `kind_of` them; without those of which no picture
            told, or all are one: they are shown as `each`, and those of one value as `full`.
    """

    choice: str = FULL
    found: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def shown(self, picture: Image.Image) -> Image.Image:
        """A picture with more than 8 bits a value as 8-bit RGB."""
        values = values_of(picture)
        kind = kind_of(picture)
        found = self.found.get(kind) if self.choice == SET else None
        if found is None and self.choice != FULL:
            found = range_of([some_values(picture)])
        low, high = found or (WHOLE_OF_FLOATS if kind == FLOATS else WHOLE)
        shown = Image.fromarray(_mapped(values, low, high)).convert("RGB")
        if ALPHA in picture.info:
            shown.paste(BACKGROUND, mask=ImageChops.invert(picture.info[ALPHA]))
        return shown


def check_choice(choice: str) -> None:
    """Refuses what is no choice.

    Raises:
        ExportUsageError: If it is none.
    """
    if choice not in CHOICES:
        raise ExportUsageError(f"--intensity must be {', '.join(CHOICES[:-1])} or {CHOICES[-1]}.")


def some_values(picture: Image.Image) -> Values:
    """About `LOOKED_AT` finite values of a picture, evenly drawn; none of what is transparent."""
    values = values_of(picture)
    if ALPHA in picture.info:
        values = values[np.asarray(picture.info[ALPHA]) > 0]
    values = values.reshape(-1)
    drawn = values[:: max(1, values.size // LOOKED_AT)].astype(np.float64)
    return drawn[np.isfinite(drawn)]


def range_of(values: Sequence[Values]) -> tuple[float, float] | None:
    """The values between which pictures are shown.

    Args:
        values: Some of each picture.

    Returns:
        The percentiles 0.1 and 99.9 of all; the least and the greatest where hardly any differ; None where none do.
    """
    found = np.concatenate(values)
    if not found.size:
        return None
    low, high = (float(value) for value in np.percentile(found, PERCENTILES))
    if high == low:
        low, high = float(found.min()), float(found.max())
    return (low, high) if high > low else None


def _mapped(values: Values, low: float, high: float) -> npt.NDArray[np.uint8]:
    """uint8: `low` becomes 0, `high` and above 255. For 0 and 65,536 it is a division by 256, rounded down."""
    mapped = np.empty(values.shape, np.uint8)
    rows = max(1, BLOCK // max(1, values[0].size))
    for start in range(0, len(values), rows):
        block = values[start : start + rows].astype(np.float64)
        scaled = np.nan_to_num((block - low) * (256.0 / (high - low)), nan=0.0, posinf=255.0, neginf=0.0)
        mapped[start : start + rows] = np.clip(scaled, 0, 255)
    return mapped
