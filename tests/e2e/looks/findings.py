"""All that the checks find in the page as it stands."""

from __future__ import annotations

from collections.abc import Iterable

from tests.e2e.looks.overlaps import covered, overlaps
from tests.e2e.looks.placement import missing, outside
from tests.e2e.looks.snapshot import take
from tests.e2e.looks.text import cut_off, spilled, wrapped
from tests.e2e.page import LabelProjector


def out_of_place(projector: LabelProjector, wanted: Iterable[str] = ()) -> list[str]:
    """What a person would call broken: things cut off, or over one another; and which of those wanted are not there."""
    snapshot = take(projector)
    return [
        *missing(snapshot, wanted),
        *outside(snapshot),
        *overlaps(snapshot),
        *covered(snapshot),
        *cut_off(snapshot),
        *spilled(snapshot),
        *wrapped(snapshot),
    ]
