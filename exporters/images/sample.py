"""Class-stratified samples that do not depend on the order of a directory."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import overload

from exporters.images.listing import ImageFile


def allocate(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """Shares `total` places among classes in proportion to their counts, by largest remainders.

    Args:
        counts: Members of each class, not negative.
        total: Places to share; everybody gets one where there are enough.

    Returns:
        Places of each class: never more than its members, in sum `min(total, sum(counts))`. Equal remainders are
        served in the order of the class names.
    """
    members = sum(counts.values())
    if total >= members:
        return dict(counts)
    places = {name: count * total // members for name, count in counts.items()}
    by_remainder = sorted(counts, key=lambda name: (-(counts[name] * total % members), name))
    for name in by_remainder[: total - sum(places.values())]:
        places[name] += 1
    return places


class Picked(Sequence[ImageFile]):
    """Some images of a listing, each made when it is asked for: a listing of objects has them as arrays.

    Args:
        images: The listing's images.
        places: Which of them, in order.
    """

    def __init__(self, images: Sequence[ImageFile], places: Sequence[int]):
        self._images = images
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> ImageFile: ...

    @overload
    def __getitem__(self, place: slice) -> Picked: ...

    def __getitem__(self, place: int | slice) -> ImageFile | Picked:
        if isinstance(place, slice):
            return Picked(self._images, self._places[place])
        return self._images[self._places[place]]


class StratifiedSample:
    """At most so many images of each class, and who stands in for one that turns out to be broken.

    In each class images are drawn in the order of SHA-256 over the seed and the relative path: the sample is the same
    whatever order the directory is in, and a file more or less changes it by that file only.

    Attributes:
        chosen: The images drawn, in order.
    """

    def __init__(self, images: Sequence[ImageFile], max_samples: int | None, seed: int = 0):
        self._images = images
        self._reserve: dict[str, list[int]] = {}
        self.chosen = images
        if max_samples is None or max_samples >= len(images):
            return
        classes: dict[str, list[int]] = defaultdict(list)
        for place, image in enumerate(images):
            classes[image.folder_class or ""].append(place)
        places = allocate({name: len(members) for name, members in classes.items()}, max_samples)
        chosen: list[int] = []
        for name, members in classes.items():
            drawn = sorted(members, key=lambda place: _draw(images[place], seed))
            chosen += drawn[: places[name]]
            self._reserve[name] = drawn[places[name] :]
        self.chosen = Picked(images, sorted(chosen, key=lambda place: images[place].order))

    def stand_ins(self, broken: Sequence[ImageFile]) -> list[ImageFile]:
        """For each of some broken images the next of its class, as long as there is one."""
        found: list[ImageFile] = []
        for image in broken:
            reserve = self._reserve.get(image.folder_class or "")
            if reserve:
                found.append(self._images[reserve.pop(0)])
        return found


def _draw(image: ImageFile, seed: int) -> bytes:
    return hashlib.sha256(str(seed).encode() + b"\0" + os.fsencode(image.name)).digest()
