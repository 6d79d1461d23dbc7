"""All objects of an annotation file as it gives them: a million of them in arrays."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from exporters.errors import ExportError, some_of
from exporters.objects.annotation import Annotation, GivenPicture, Told
from exporters.objects.objects import MAX_OBJECTS
from exporters.objects.texts import Texts
from tb_tsne_plugin.runs.boxes import Box, Odd
from tb_tsne_plugin.runs.class_names import clean_label

MAX_TOLD = 10
_BY_PLACE = "@"
"""What numbers of objects begin with in a run where others have ids."""
OTHER_CLASSES = "of other classes (--classes)"


class GivenObjects:
    """Objects by their row: which one of them it is in the order in which they were added.

    Args:
        wanted: The classes to take; none for all.

    Attributes:
        pictures: The pictures that objects are in.
        picture_of: The place of each object's picture among them.
        class_of: The place of each object's class among `classes`.
        has_id: Whether each object's id is one that stays.
        ids: Each object's id.
        told_ids: What a run calls some of the objects whose id may be a number there, by row; one of a picture.
    """

    def __init__(self, wanted: Sequence[str]):
        self._wanted = {clean_label(name) for name in wanted}
        self._odd: dict[int, Odd] = {}
        self._boxes = array("d")
        self._places: dict[GivenPicture, int] = {}
        self._class_places: dict[str, int] = {}
        self.picture_of, self.class_of, self.has_id = array("i"), array("i"), array("b")
        self.ids = Texts()
        self.told_ids: dict[int, str] = {}
        self.pictures: list[GivenPicture] = []

    @property
    def classes(self) -> list[str]:
        """The classes' names."""
        return list(self._class_places)

    def add(self, annotation: Annotation, told: Told) -> None:
        """Adds an object, if it is of a class that is wanted."""
        class_of = self._class_places.setdefault(annotation.label, len(self._class_places))
        if self._wanted and clean_label(annotation.label) not in self._wanted:
            told.passed_over[OTHER_CLASSES] += 1
            return
        has_id = annotation.has_id and not (annotation.sample_id and annotation.object_id.startswith(_BY_PLACE))
        row = len(self.ids)
        if row == MAX_OBJECTS:
            raise ExportError(f"There are more than {MAX_OBJECTS:,} objects: take some classes with --classes.")
        if isinstance(annotation.box, Odd):
            self._odd[row] = annotation.box
            self._boxes.extend((0, 0, 0, 0))
        else:
            self._boxes.extend(annotation.box)
        picture_of = self._places.setdefault(annotation.picture, len(self.pictures))
        if picture_of == len(self.pictures):
            self.pictures.append(annotation.picture)
            if annotation.sample_id and has_id and len(self.told_ids) < MAX_TOLD:
                self.told_ids[row] = annotation.sample_id
        self.picture_of.append(picture_of)
        self.class_of.append(class_of)
        self.has_id.append(has_id)
        self.ids.append(annotation.object_id)

    def forget_ids(self) -> None:
        """Takes all ids for numbers, which do not stay."""
        self.has_id = array("b", bytes(len(self.has_id)))

    def check_classes(self, path: Path) -> None:
        """Refuses classes that no object has.

        Raises:
            ExportError: If there is one.
        """
        there = {clean_label(name) for name in self._class_places}
        unknown = sorted(str(name) for name in self._wanted - there)
        if unknown:
            raise ExportError(f"{path} has no class {unknown[0]}: it has {some_of(sorted(filter(None, there)), 10)}.")

    def box(self, row: int) -> Box | Odd:
        """An object's box as it is given."""
        return self._odd.get(row) or Box(*self._boxes[4 * row : 4 * row + 4])

    def in_order_of(self, picture_names: Sequence[str]) -> list[int]:
        """The rows by the names of their pictures, and within a picture as they were added.

        Args:
            picture_names: What each of `pictures` is called here.
        """
        ranks = {name: rank for rank, name in enumerate(sorted(set(picture_names)))}
        by_picture = np.array([ranks[name] for name in picture_names], np.int64)
        rows: list[int] = np.argsort(by_picture[np.asarray(self.picture_of, np.int64)], kind="stable").tolist()
        return rows
