"""What a theme decides about the page."""

from __future__ import annotations

import colorsys

import msgspec

from tests.e2e.looks.measure import measure
from tests.e2e.page import LabelProjector

Color = tuple[int, int, int]


class Theme(msgspec.Struct, frozen=True):
    """The page's colours, measured."""

    grounds: list[float]
    """How light the picture, the panels and the bar are: 0 (black) to 1."""
    ink: float
    """How light its text is."""
    accent: tuple[float, float, float]
    in_accent: list[str]
    """The elements that have the accent's colour, by name."""
    classes: dict[str, Color]

    @property
    def accent_hue(self) -> float:
        """Degrees."""
        return 360 * colorsys.rgb_to_hsv(*self.accent)[0]


def theme(projector: LabelProjector) -> Theme:
    """As the page is now."""
    return measure(projector, "seen", "colors", "theme", into=Theme)
