"""Kinds of elements that the checks must know, each by a CSS selector."""

from __future__ import annotations

from typing import Literal

Kind = Literal["picture", "floating", "sticky", "swatch", "class", "class menu", "one line"]

KINDS: dict[Kind, str] = {
    "picture": 'canvas[data-testid="view"]',
    # Opened over the page.
    "floating": ".menu, .options, .hover-card, .toasts, .tip",
    # Kept in sight over a list that scrolls below it.
    "sticky": ".class-row.none",
    "swatch": ".swatch-button",
    "class": ".class-main",
    "class menu": ".class-row > .icon-button",
    "one line": (
        "button, a.quiet, kbd, summary, time, output, h1, h2, figcaption > *, .name, .count, .tally, .saved, .aside > *"
    ),
}

LAYERS: tuple[Kind, ...] = ("floating", "sticky")
"""What may lie over the rest of the page: it is compared with itself only."""
