"""What a person can see of the page at a moment, measured in the browser."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tests.e2e.looks.kinds import KINDS, LAYERS, Kind
from tests.e2e.looks.measure import measure
from tests.e2e.page import LabelProjector


class Box(msgspec.Struct, frozen=True):
    """A rectangle in our page's window, in CSS pixels from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Not above 0 if there is nothing of it."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Not above 0 if there is nothing of it."""
        return self.bottom - self.top

    def within(self, other: Box) -> Box:
        """The part of it that lies in another."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def overlap(self, other: Box) -> float:
        """By how many pixels two lie over one another: the lesser of width and height; 0 where they do not."""
        shared = self.within(other)
        return max(0.0, min(shared.width, shared.height))

    def beyond(self, other: Box) -> tuple[float, str]:
        """By how many pixels it leaves another, and at which side; 0 or less where it lies within."""
        return max(
            (other.left - self.left, "left"),
            (other.top - self.top, "top"),
            (self.right - other.right, "right"),
            (self.bottom - other.bottom, "bottom"),
        )


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """An element that can be seen. Others are named by their place in the snapshot."""

    name: str
    """For people: tag, class, test id and words."""
    test_id: str | None
    kinds: frozenset[Kind]
    parent: int | None
    control: int | None
    """The nearest interactive element, from itself upwards."""
    place: int | None
    """The nearest panel, bar, menu or dialog above it."""
    scroller: int | None
    """The nearest above it that scrolls up and down."""
    interactive: bool
    box: Box
    clip: Box
    """What is left of the window for it, however things are scrolled."""
    clip_now: Box
    """The same, as they are scrolled now."""
    text: str
    """Its own, without its children's; of a field, what stands in it."""
    words: tuple[Box, ...]
    """Where its own text stands, as high as letters are."""
    rows: int
    """How many lines its text takes."""
    start: Box | None
    """The first letter."""
    text_clip: Box
    """What is left of the window for its text."""
    ellipsis: bool
    """Whether an ellipsis stands for what is cut off at the side."""
    tooltips: tuple[str, ...]
    overflow: float
    """By how many pixels its content is wider than itself."""
    covered_by: int | None
    """What lies over its middle, if it is interactive and something does."""

    @property
    def seen(self) -> Box:
        """The part of it that can be seen without scrolling."""
        return self.box.within(self.clip_now)

    @property
    def in_sight(self) -> bool:
        """Whether any of it can be seen without scrolling."""
        return self.seen.width > 1 and self.seen.height > 1


class Snapshot:
    """All elements that are shown, in the order of the document."""

    def __init__(self, elements: list[Element]) -> None:
        self.elements = elements

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements)

    def at(self, index: int | None) -> Element | None:
        """The element with this number, if any."""
        return None if index is None else self.elements[index]

    def up(self, element: Element) -> Iterator[Element]:
        """It, and all that it lies in from the inside out."""
        at: Element | None = element
        while at is not None:
            yield at
            at = self.at(at.parent)

    def lies_in(self, inner: Element, outer: Element) -> bool:
        """Whether one is the other, or lies in it, in the document."""
        return any(each is outer for each in self.up(inner))

    def layer(self, element: Element) -> Kind | None:
        """What lifts it over the page, if anything does."""
        return next((layer for each in self.up(element) for layer in LAYERS if layer in each.kinds), None)


def take(projector: LabelProjector) -> Snapshot:
    """Measures the page as it stands."""
    return Snapshot(measure(projector, "seen", "clips", "words", "elements", into=list[Element], given=KINDS))
