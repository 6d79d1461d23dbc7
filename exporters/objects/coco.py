"""COCO's detection format: one JSON file of images, annotations and categories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from exporters.images.outcomes import Skipped
from exporters.objects.annotation import Annotation, GivenPicture, Told
from exporters.objects.safe_json import as_id, part, read_json
from tb_tsne_plugin.runs.boxes import Odd, box_of_coco, size_of
from tb_tsne_plugin.runs.format import counted

CROWD = "marked as a crowd"


class _File(msgspec.Struct):
    """Its parts are read one by one, so that one that is wrong spoils no other."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[msgspec.Raw] = []


class _Image(msgspec.Struct):
    id: Any
    file_name: str
    width: Any = None
    height: Any = None


class _Category(msgspec.Struct):
    id: Any
    name: str


class _Annotation(msgspec.Struct):
    id: Any = None
    image_id: Any = None
    category_id: Any = None
    bbox: Any = None
    segmentation: msgspec.Raw = msgspec.Raw(b"null")
    iscrowd: Any = 0


def read_coco(path: Path, told: Told) -> Iterator[Annotation]:
    """Reads the objects: a box, or without one the box around a polygon; crowds are none.

    An object goes by its annotation's id, or without one by `@` and its place among the annotations, from 0.
    """
    file = read_json(path, _File, "COCO file (images, annotations and categories)")
    pictures: dict[str, GivenPicture] = {}
    for number, raw in enumerate(file.images):
        image = part(raw, _Image)
        image_id = None if image is None else as_id(image.id)
        if image is None or image_id is None:
            told.skipped.append(Skipped(f"{path.name}, images[{number}]", "it has no id or no file_name"))
        else:
            pictures[image_id] = GivenPicture((image.file_name,), size_of(image.width, image.height))
    categories = [category for raw in file.categories if (category := part(raw, _Category))]
    names = {as_id(category.id): category.name for category in categories}
    without_class = 0
    for number, raw in enumerate(file.annotations):
        annotation = part(raw, _Annotation)
        if annotation is None:
            told.skipped.append(Skipped(f"{path.name}, annotations[{number}]", "it is no annotation"))
            continue
        if annotation.iscrowd in (1, True, "1"):
            told.passed_over[CROWD] += 1
            continue
        own_id, image_id = as_id(annotation.id), as_id(annotation.image_id)
        picture = pictures.get(image_id or "")
        category_id = as_id(annotation.category_id)
        without_class += category_id not in names
        yield Annotation(
            picture or GivenPicture((f"image {image_id or 'without an id'}",)),
            own_id or f"@{number}",
            box_of_coco(annotation.bbox, _outline(annotation)) if picture else Odd("the file tells of no such image"),
            names.get(category_id, ""),
            own_id is not None,
        )
    if without_class:
        told.notes.append(f"{counted(without_class, 'object')} of a category that {path.name} does not name.")


def _outline(annotation: _Annotation) -> list[Any] | None:
    """Its polygons, which are taken apart only where it has no box."""
    return None if annotation.bbox else part(annotation.segmentation, list[Any])
