"""Whoever uses the keyboard sees where the focus is (WCAG 2.2 AA: 2.4.7, 2.4.11 and 1.4.11)."""

from __future__ import annotations

import msgspec

from tests.e2e.looks.measure import measure
from tests.e2e.page import LabelProjector

LEAST_CONTRAST = 3.0
LEAST_PIXELS = 1.0
SIDES = ("left", "top", "right", "bottom")


class Ring(msgspec.Struct, frozen=True):
    """The ring round a control that has the focus."""

    name: str
    focused: bool
    """Whether the control took the focus, and shows it as it does for a keyboard."""
    widths: tuple[float, float, float, float]
    """Pixels of it that can be seen at each side."""
    contrast: float
    covered_by: str | None


def lost(projector: LabelProjector) -> list[str]:
    """Controls that do not show that they have the focus, or that something covers then."""
    projector.press("Tab")  # from now on the focus is shown as it is for a keyboard
    found = []
    for ring in measure(projector, "seen", "clips", "colors", "rings", into=list[Ring]):
        hidden = [side for side, width in zip(SIDES, ring.widths, strict=True) if width < LEAST_PIXELS]
        if not ring.focused:
            found.append(f"{ring.name} does not take the focus")
        elif hidden:
            found.append(f"{ring.name}: its focus ring is cut off at the {', '.join(hidden)}")
        elif ring.contrast < LEAST_CONTRAST:
            found.append(f"{ring.name}: its focus ring has a contrast of {ring.contrast:.2f}")
        elif ring.covered_by:
            found.append(f"{ring.name} has the focus, and {ring.covered_by} lies over it")
    return found
