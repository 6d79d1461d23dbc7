"""What is there stands in the window, and in the panel that it belongs to; and what must be there is."""

from __future__ import annotations

from collections.abc import Iterable

from tests.e2e.looks.snapshot import Box, Element, Snapshot

ALLOWED = 1.0
"""Pixels: boxes are laid out at fractions of one."""


def missing(snapshot: Snapshot, wanted: Iterable[str]) -> list[str]:
    """Which of the elements wanted, by their test ids, cannot be seen whole without scrolling."""
    found = []
    for test_id in wanted:
        shown = [each for each in snapshot if each.test_id == test_id]
        if not shown:
            found.append(f"[{test_id}] is not there")
            continue
        pixels, side = min(each.box.beyond(each.clip_now) for each in shown)
        if pixels > ALLOWED:
            found.append(f"{shown[0].name} is not whole in sight: {pixels:.0f} px are beyond at the {side}")
    return found


def outside(snapshot: Snapshot) -> list[str]:
    """Named and interactive elements that leave what can be seen, or their panel, and that no scrolling brings back."""
    found = []
    for element in snapshot:
        if element.test_id is None and not element.interactive:
            continue
        pixels, side = element.box.beyond(element.clip)
        if pixels > ALLOWED:
            found.append(f"{element.name} is cut off: {pixels:.0f} px are out of sight at the {side}")
        place = snapshot.at(element.place)
        if place is None or snapshot.layer(element) != snapshot.layer(place):
            continue
        pixels, side = element.box.beyond(_room(snapshot, element, place))
        if pixels > ALLOWED:
            found.append(f"{element.name} leaves {place.name} by {pixels:.0f} px at the {side}")
    return found


def _room(snapshot: Snapshot, element: Element, place: Element) -> Box:
    """A panel's box; as long as it likes where the element scrolls in it."""
    scroller = snapshot.at(element.scroller)
    if scroller is None or not snapshot.lies_in(scroller, place):
        return place.box
    return Box(place.box.left, element.box.top, place.box.right, element.box.bottom)
