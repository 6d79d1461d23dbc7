"""Every text and icon stands out from what lies behind it, as WCAG 2.2 AA asks (1.4.3 and 1.4.11)."""

from __future__ import annotations

from typing import Literal

import msgspec

from tests.e2e.looks.measure import measure
from tests.e2e.page import LabelProjector

LEAST = {"text": 4.5, "large": 3.0, "icon": 3.0}
LEAST_DISABLED = 2.0
"""WCAG asks nothing of what cannot be used; one must be able to read it all the same."""


class Ink(msgspec.Struct, frozen=True):
    """A text or icon, and how it stands out: from 1 (not at all) to 21 (black on white)."""

    name: str
    kind: Literal["text", "large", "icon"]
    disabled: bool
    contrast: float


def faint(projector: LabelProjector) -> list[str]:
    """What does not stand out enough, of all that is shown now."""
    found = []
    for ink in measure(projector, "seen", "colors", "inks", into=list[Ink]):
        least = LEAST_DISABLED if ink.disabled else LEAST[ink.kind]
        if ink.contrast < least - 0.01:
            found.append(f"{ink.name}: its contrast is {ink.contrast:.2f}, and must be {least}")
    return found
