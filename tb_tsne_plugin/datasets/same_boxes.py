"""Which of a picture's annotations are which objects of a run: by their boxes, for numbers shift when a row goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import product

from tb_tsne_plugin.datasets.model import Drawn
from tb_tsne_plugin.runs.boxes import TURNS, Box, in_pixels, turned

TOLERANCE = 0.1
"""Edges so near to each other, in pixels, are the same: a program that writes a file anew may write fewer digits."""


def same_objects(
    ours: Sequence[tuple[str, Box | None]],
    theirs: Sequence[tuple[str, Drawn]],
    picture_size: tuple[int, int] | None,
) -> dict[int, int]:
    """Which annotation each object is, by their places; objects of which that cannot be said for sure are not in it.

    Args:
      ours: The run's objects of a picture: number and box of each, in the order of the annotations they were made of.
      theirs: The annotations of that picture: number and box of each, in their order.
      picture_size: Width and height of the upright picture, where the run tells them.
    """
    known = [_same(ours, boxes) for boxes in _placed(theirs, picture_size)]
    best = max(known, key=len, default={})
    # Where a picture may have been turned in several ways that find as many boxes, none of them is sure.
    return best if all(each == best for each in known if len(each) == len(best)) else {}


def _placed(theirs: Sequence[tuple[str, Drawn]], size: tuple[int, int] | None) -> list[list[tuple[str, Box | None]]]:
    """The annotations in pixels of the upright picture, in each way in which they may be meant: see docs/objects.md."""
    told = next((drawn.picture_size for _, drawn in theirs), None)
    ways: list[Callable[[Box], Box]] = []
    if size is not None and any(drawn.in_shares for _, drawn in theirs):
        ways = [lambda box: in_pixels(box, size)]
    elif told is None or size is None or told == size:
        ways = [lambda box: box]
    elif told == size[::-1]:
        ways = [lambda box, turn=turn: turned(box, told, turn) for turn in TURNS]  # type: ignore[misc]
    return [[(number, None if drawn.box is None else way(drawn.box)) for number, drawn in theirs] for way in ways]


def _same(ours: Sequence[tuple[str, Box | None]], theirs: Sequence[tuple[str, Box | None]]) -> dict[int, int]:
    places = {number: place for place, (number, _) in enumerate(theirs)}
    by_number = [places.get(number) for number, _ in ours]
    if all(
        box is not None and place is not None and theirs[place][1] == box
        for place, (_, box) in zip(by_number, ours, strict=True)
    ):  # Nothing was changed: of several equal boxes the number tells which is meant.
        return {mine: place for mine, place in enumerate(by_number) if place is not None}
    left = [{place: box for place, (_, box) in enumerate(each) if box is not None} for each in (ours, theirs)]
    found = _paired(left[0], left[1], lambda box: box)
    met = set(left[0].values()) & set(left[1].values())
    left = [{place: box for place, box in each.items() if box not in met} for each in left]
    # Edges within the tolerance lie in one cell of twice its width in at least one of two grids.
    for shifts in product((0.0, 0.5), repeat=4):
        new = _paired(left[0], left[1], lambda box, by=shifts: _cell(box, by))  # type: ignore[misc]
        for mine, other in new.items():
            del left[0][mine], left[1][other]
        found |= new
    return found


def _paired(ours: Mapping[int, Box], theirs: Mapping[int, Box], key: Callable[[Box], Hashable]) -> dict[int, int]:
    """Objects and annotations of equal keys, in order; not where some are gone, or several boxes have a key."""
    groups: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, boxes in enumerate((ours, theirs)):
        for place, box in boxes.items():
            groups[key(box)][side].append(place)
    found: dict[int, int] = {}
    for mine, others in groups.values():
        if len(mine) == len(others) and len({ours[place] for place in mine}) == 1 == len({theirs[p] for p in others}):
            found |= dict(zip(mine, others, strict=True))
    return found


def _cell(box: Box, shifts: Sequence[float]) -> tuple[float, ...]:
    edges = (box.x, box.y, box.x + box.width, box.y + box.height)
    return tuple((edge / (2 * TOLERANCE) + by) // 1 for edge, by in zip(edges, shifts, strict=True))
