"""A million objects in arrays, each an image when it is asked for."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import overload

from exporters.images.crops import CropImage, Surroundings
from exporters.images.listing import ImageFile
from exporters.objects.pictures import Found
from exporters.objects.texts import Texts
from tb_tsne_plugin.runs.boxes import Box
from tb_tsne_plugin.runs.format import unused_name

MAX_OBJECTS = 2**22
"""As many as a run can have samples."""


class Objects(Sequence[ImageFile]):
    """Objects as images, those of a picture one after the other.

    Args:
        surroundings: What is cut out with each.
        classes: The classes' names, by number.

    Attributes:
        pictures: How many pictures they are in.
    """

    def __init__(self, surroundings: Surroundings, classes: Sequence[str]):
        self._surroundings = surroundings
        self._classes = classes
        self._found: list[Found] = []
        self._picture_of, self._class_of, self._has_id, self._boxes = array("i"), array("i"), array("b"), array("d")
        self._firsts: list[int] = []
        self._ids = Texts()
        self._repeats: dict[int, int] = {}
        self._renamed: dict[int, str] = {}
        self._names_here: set[str] = set()
        self._keys_here: Counter[str] = Counter()

    def add(self, picture: Found, box: Box, object_id: str, has_id: bool, class_of: int) -> None:
        """Adds an object; all of a picture come one after the other."""
        place = len(self._ids)
        if not self._found or self._found[-1].image.name != picture.image.name:
            self._found.append(picture)
            self._firsts.append(place)
            self._names_here.clear()
            self._keys_here.clear()
        self._picture_of.append(len(self._found) - 1)
        self._class_of.append(class_of)
        self._has_id.append(has_id)
        self._boxes.extend(box)
        self._ids.append(object_id)
        # The last `#` of an image's name is where its object's begins.
        name = unused_name(object_id.replace("#", "%23"), self._names_here)
        if name != object_id:
            self._renamed[place] = name
        self._names_here.add(name)
        key = self._key(place)
        if self._keys_here[key]:
            self._repeats[place] = self._keys_here[key]
        self._keys_here[key] += 1

    @property
    def pictures(self) -> int:
        """How many pictures they are in."""
        return len(self._found)

    def fingerprint(self) -> str:
        """Changes with every object's picture, id, box and class, and with their order."""
        digest = hashlib.sha256()
        for values in (self._picture_of, self._class_of, self._boxes):
            digest.update(values.tobytes())
        for text in (*(found.image.name for found in self._found), *self._classes, *self._ids):
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int) -> ImageFile: ...

    @overload
    def __getitem__(self, place: slice) -> list[ImageFile]: ...

    def __getitem__(self, place: int | slice) -> ImageFile | list[ImageFile]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        object_id, box = self._ids[place], self._box(place)
        picture, extent = self._found[self._picture_of[place]]
        return CropImage(
            picture.path,
            f"{picture.name}#{self._renamed.get(place, object_id)}",
            given_class=self._classes[self._class_of[place]] or None,
            whole=picture,
            extent=extent,
            number=place - self._firsts[self._picture_of[place]],
            box=box,
            surroundings=self._surroundings,
            key=" ".join([self._key(place), *([str(self._repeats[place])] if place in self._repeats else ())]),
            object_id=object_id,
        )

    def _box(self, place: int) -> Box:
        return Box(*self._boxes[4 * place : 4 * place + 4])

    def _key(self, place: int) -> str:
        """What an object is known by: its id, or without one its box; numbers change when a row before it goes."""
        return object_key(self._ids[place], bool(self._has_id[place]), self._box(place))


def object_key(object_id: str, has_id: bool, box: Box) -> str:
    """What tells an object from the others of its picture: an id that stays, else its box to two places."""
    return f"object {object_id}" if has_id else "box {:.2f},{:.2f},{:.2f},{:.2f}".format(*box)
