"""Which samples of a run the annotations of pictures are about: by picture and id, or by picture and box."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from tb_tsne_plugin.datasets.model import Annotation, RunObject
from tb_tsne_plugin.datasets.same_boxes import same_objects
from tb_tsne_plugin.runs.format import counted
from tb_tsne_plugin.runs.given_names import match_names

_LAYOUT = ("images", "jpegimages", "labels", "annotations")
"""Folders that are there for the sake of the layout: `labels/train/1.txt` is about `images/train/1.jpg`."""


class Found(NamedTuple):
    """What annotations are about.

    Attributes:
      ids: The sample of each; None where it is none of the run's.
      notes: Sentences on what was guessed.
    """

    ids: list[str | None]
    notes: list[str]


class AnnotatedSamples:
    """The samples of a run that are objects in pictures."""

    def __init__(self, objects: Iterable[RunObject]) -> None:
        """Takes them, in the run's order; those without an annotation are passed over."""
        self._of_file: dict[str, list[RunObject]] = defaultdict(list)
        for each in objects:
            if each.object:
                self._of_file[each.file].append(each)

    def find(self, annotations: Sequence[Annotation]) -> Found:
        """The samples that annotations are about.

        An annotation with an id is the object of that id, whatever box it has by now. Others are the object of their
        box: a number is only where it stood when the run was exported.

        Args:
          annotations: All annotations of the pictures that they are about.
        """
        of_picture = self._files({each.picture for each in annotations if each.picture}, str)
        of_file = self._files({each.file for each in annotations if each.file}, annotated_name)
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, each in enumerate(annotations):
            if own := of_picture.get(each.picture) or of_file.get(each.file):
                groups[own, each.file].append(place)
        ids: list[str | None] = [None] * len(annotations)
        by_number = 0
        for (own, _), places in groups.items():
            found = self._in_picture(self._of_file[own], {place: annotations[place] for place in places})
            for place, sample_id in found.ids.items():
                ids[place] = sample_id
            by_number += found.by_number
        notes = []
        if by_number:
            notes = [
                f"{counted(by_number, 'object')} found by the number of the row alone, for the run does not tell how "
                "large its pictures are: if rows came, went or moved since, export the run again first."
            ]
        return Found(ids, notes)

    def _files(self, given: Iterable[str], form: Callable[[str], str]) -> dict[str, str]:
        """The run's file of each picture that is one of the run's.

        Args:
          given: The pictures' files, as annotations name them, or files of annotations.
          form: What both names have in common.
        """
        known: dict[str, list[str]] = defaultdict(list)
        for file in self._of_file:
            known[form(file)].append(file)
        # Two pictures of one name but for the suffix share a file of annotations, and neither is meant.
        own = {name: files[0] for name, files in known.items() if len(files) == 1}
        names = {picture: form(picture) for picture in given}
        matched = match_names(names.values(), list(own)).names
        found = {picture: own.get(matched.get(name, name)) for picture, name in names.items()}
        return {picture: file for picture, file in found.items() if file is not None}

    def _in_picture(self, objects: Sequence[RunObject], annotations: Mapping[int, Annotation]) -> _InPicture:
        by_key = {each.object: each.sample_id for each in objects}
        drawn = {place: each.drawn for place, each in annotations.items() if each.drawn is not None}
        size = objects[0].picture_size
        by_number = size is None and any(each.in_shares for each in drawn.values())
        named = annotations if by_number else annotations.keys() - drawn.keys()
        found = {place: by_key[key] for place in named if (key := annotations[place].object) in by_key}
        if drawn and not by_number:
            met = set(found.values())
            left = [each for each in objects if each.sample_id not in met]
            places = list(drawn)
            same = same_objects(
                [(each.object, each.box) for each in left],
                [(annotations[place].object, each) for place, each in drawn.items()],
                size,
            )
            found |= {places[theirs]: left[mine].sample_id for mine, theirs in same.items()}
        return _InPicture(found, len(found) if by_number else 0)


def annotated_name(name: str) -> str:
    """What the file of a picture's annotations and the picture's own have in common: neither suffix nor layout."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "/".join([*(part for part in path.parts[:-1] if part.casefold() not in _LAYOUT), path.stem])


class _InPicture(NamedTuple):
    """The samples of annotations by their places, and how many of these were found by their numbers alone."""

    ids: dict[int, str]
    by_number: int
