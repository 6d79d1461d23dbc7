"""Nothing that can be clicked or read lies over something else that can."""

from __future__ import annotations

from itertools import combinations

from tests.e2e.looks.kinds import Kind
from tests.e2e.looks.snapshot import Box, Element, Snapshot

ALLOWED = 1.0
"""Pixels: boxes are laid out at fractions of one."""
MEANT: tuple[tuple[Kind, Kind, str], ...] = (
    ("swatch", "class", "a class's colour is a button of its own, in the room that the class's button keeps for it"),
    ("class menu", "class", "comes with the pointer, in the room that the count then makes for it"),
)
"""Which control may lie over which, and why."""


def overlaps(snapshot: Snapshot) -> list[str]:
    """Controls and texts that lie over one another.

    The picture is the ground of the stage; what is lifted over the page (a menu) is compared with itself only.
    """
    shown = [each for each in snapshot if each.in_sight and "picture" not in each.kinds]
    controls = [each for each in shown if each.interactive]
    texts = [each for each in shown if each.words]
    return [
        *(
            f"{one.name} and {other.name} overlap by {pixels:.0f} px"
            for one, other in combinations(controls, 2)
            if (pixels := one.seen.overlap(other.seen)) > ALLOWED
            and _beside(snapshot, one, other)
            and not _meant(one, other)
        ),
        *(
            f"{control.name} lies {pixels:.0f} px over the text of {text.name}"
            for text in texts
            for control in controls
            if (pixels := _most_overlap(_words(text), [control.seen])) > ALLOWED and _beside(snapshot, text, control)
        ),
        *(
            f"the texts of {one.name} and {other.name} overlap by {pixels:.0f} px"
            for one, other in combinations(texts, 2)
            if (pixels := _most_overlap(_words(one), _words(other))) > ALLOWED and _same_layer(snapshot, one, other)
        ),
    ]


def covered(snapshot: Snapshot) -> list[str]:
    """Controls that a click at their middle would not reach."""
    found = []
    for element in snapshot:
        above = snapshot.at(element.covered_by)
        if above is not None and "picture" not in element.kinds and _same_layer(snapshot, element, above):
            found.append(f"{element.name} is covered by {above.name}")
    return found


def _words(text: Element) -> list[Box]:
    return [box.within(text.text_clip).within(text.clip_now) for box in text.words]


def _most_overlap(some: list[Box], others: list[Box]) -> float:
    return max(one.overlap(other) for one in some for other in others)


def _beside(snapshot: Snapshot, one: Element, other: Element) -> bool:
    """Whether none of two lies in the other in the document, so that neither may lie over the other in the picture."""
    nested = snapshot.lies_in(one, other) or snapshot.lies_in(other, one)
    return not nested and _same_layer(snapshot, one, other)


def _same_layer(snapshot: Snapshot, one: Element, other: Element) -> bool:
    return snapshot.layer(one) == snapshot.layer(other)


def _meant(one: Element, other: Element) -> bool:
    return any(
        (over in one.kinds and under in other.kinds) or (over in other.kinds and under in one.kinds)
        for over, under, _ in MEANT
    )
