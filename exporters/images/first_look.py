"""Looks at some of the pictures before all are read: between which values the deep ones are to be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from exporters.images.deep import Values, has_more_bits, kind_of
from exporters.images.formats import JPEG, SUFFIXES
from exporters.images.intensity import SET, Intensity, range_of, some_values
from exporters.images.listing import ImageFile
from exporters.images.read import map_ahead
from exporters.images.remote import RemoteImage

LOOKED_AT = 256
"""Pictures of more than 8 bits that are read to find what the set holds; at an address, also of files asked for."""


def find_intensity(choice: str, images: Sequence[ImageFile]) -> Intensity:
    """How pictures of more than 8 bits a value are to be shown.

    A set without any costs a look at the headers of files that could be some: none of a JPEG's.

    Args:
        choice: One of `intensity.CHOICES`.
        images: The pictures that are to be exported.

    Returns:
        The choice, with what was found where it depends on that.
    """
    if choice != SET:
        return Intensity(choice)
    candidates = [image for image in images if SUFFIXES.get(PurePosixPath(image.name).suffix.lower()) != JPEG]
    if any(isinstance(image, RemoteImage) for image in candidates):
        candidates = _evenly(candidates)
    deep = [image for image in candidates if image.has_more_bits()]
    values: defaultdict[str, list[Values]] = defaultdict(list)
    for seen in map_ahead(_values_of, _evenly(deep)):
        if seen is not None:
            values[seen[0]].append(seen[1])
    ranges = {kind: range_of(values[kind]) for kind in sorted(values)}
    return Intensity(SET, {kind: found for kind, found in ranges.items() if found is not None})


def _evenly(images: Sequence[ImageFile]) -> list[ImageFile]:
    places = np.unique(np.linspace(0, len(images) - 1, LOOKED_AT).astype(int)) if images else ()
    return [images[place] for place in places]


def _values_of(image: ImageFile) -> tuple[str, Values] | None:
    """Some of a picture's values, and their kind; None where it has no more than 8 bits."""
    try:
        picture = image.read()[1]
    except Exception:  # Whoever reads it next will say what is wrong.
        return None
    return (kind_of(picture), some_values(picture)) if has_more_bits(picture) else None
