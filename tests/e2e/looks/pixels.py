"""The colours that the picture has where its points stand."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.e2e.page import LabelProjector

REACH = 1
"""Pixels round a point's place that count as the point: its middle lies between two."""
TRIES = 40
"""Looks at a picture, half a second apart, before it counts as one that never rests."""
FLOATING = ".stage > :not(canvas) { visibility: hidden !important; }"


class Points(NamedTuple):
    """Points in the picture, and what is seen there."""

    rows: list[int]
    """Those that stand in the picture."""
    colors: NDArray[np.int64]
    """(points, pixels of each, 3) red, green and blue, 0 to 255."""
    background: NDArray[np.int64]
    """(3,) in the lower left corner of the picture."""

    def drawn(self) -> float:
        """The share of points where the picture is not as empty as in its corner."""
        return float((np.abs(self.colors - self.background).max(axis=(1, 2)) > 24).mean())

    def of_color(self, color: tuple[int, int, int]) -> NDArray[np.bool_]:
        """(points,) whether one of a point's pixels has a colour."""
        near: NDArray[np.bool_] = np.abs(self.colors - np.array(color)).max(axis=2).min(axis=1) < 12
        return near


def points(projector: LabelProjector) -> Points:
    """What is seen where the points stand, without what floats over the picture."""
    sheet = projector.frame.add_style_tag(content=FLOATING)
    projector.page.mouse.move(5, 5)
    box = projector.find("view").bounding_box()
    ours = projector.place()
    assert box is not None
    places, picture = at_rest(projector)
    sheet.evaluate("(element) => element.remove()")
    with Image.open(BytesIO(picture)) as image:
        pixels = np.asarray(image.convert("RGB"), dtype=int)
    rows, colors = [], []
    for row, place in enumerate(places):
        x, y = round(place["x"] + ours["x"] - box["x"]), round(place["y"] + ours["y"] - box["y"])
        if REACH <= x < pixels.shape[1] - REACH and REACH <= y < pixels.shape[0] - REACH:
            rows.append(row)
            colors.append(pixels[y - REACH : y + REACH + 1, x - REACH : x + REACH + 1].reshape(-1, 3))
    return Points(rows, np.array(colors), pixels[-3, 2])


def at_rest(projector: LabelProjector) -> tuple[list[dict[str, float]], bytes]:
    """Where the points are on the screen, and a picture of the view, once both stand still.

    How long the picture glides and fades is told in seconds, but a machine that is busy draws some of it later.
    """
    box = projector.find("view").bounding_box()
    seen = None
    for _ in range(TRIES):
        projector.page.wait_for_timeout(500)
        places = [projector.ask(f"screenPosition({row})") for row in range(len(projector.labels()))]
        now = (places, projector.page.screenshot(clip=box))
        if now == seen:
            return now
        seen = now
    raise AssertionError("the picture does not come to rest")
