"""Text is not cut off: it has room, or an ellipsis and a tooltip that says it whole."""

from __future__ import annotations

from tests.e2e.looks.snapshot import Element, Snapshot

ALLOWED = 1.0
"""Pixels: letters are set at fractions of one."""


def cut_off(snapshot: Snapshot) -> list[str]:
    """Texts that do not fit, and whose rest cannot be read anywhere."""
    found = []
    for element in snapshot:
        if not element.text:
            continue
        pixels = _beyond(element)
        if pixels <= ALLOWED:
            continue
        if not element.ellipsis:
            found.append(f"{element.name} is cut off by {pixels:.0f} px")
            continue
        if not _told(element):
            found.append(f"{element.name} ends in an ellipsis, {pixels:.0f} px early, and no tooltip says it whole")
        if element.start is not None and element.start.beyond(element.text_clip)[0] > ALLOWED:
            found.append(f"{element.name} has lost its beginning, not its end")
    return found


def spilled(snapshot: Snapshot) -> list[str]:
    """Texts that leave their button."""
    found = []
    for element in snapshot:
        control = snapshot.at(element.control)
        if control is None or not element.words or element.ellipsis:
            continue
        pixels, side = max(words.beyond(control.box) for words in element.words)
        if pixels > ALLOWED:
            found.append(f"{element.name} leaves {control.name} by {pixels:.0f} px at the {side}")
    return found


def wrapped(snapshot: Snapshot) -> list[str]:
    """Buttons, keys, titles and numbers that take more than one line."""
    return [
        f"{each.name} takes {each.rows} lines"
        for each in snapshot
        if each.rows > 1 and (each.interactive or "one line" in each.kinds or _in_button(snapshot, each))
    ]


def _in_button(snapshot: Snapshot, element: Element) -> bool:
    control = snapshot.at(element.control)
    return control is not None and "one line" in control.kinds


def _beyond(element: Element) -> float:
    return max(
        [
            element.overflow,
            *(words.beyond(element.text_clip)[0] for words in element.words),
        ]
    )


def _told(element: Element) -> bool:
    """Whether one tooltip holds every word of it."""
    words = set(element.text.split())
    return any(words <= set(tooltip.split()) for tooltip in element.tooltips)
