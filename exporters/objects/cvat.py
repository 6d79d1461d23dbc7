"""CVAT's format for images, version 1.1: one XML file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from exporters.errors import ExportError
from exporters.objects.annotation import Annotation, GivenPicture, Told, turned_box
from exporters.objects.files import read_file
from exporters.objects.safe_xml import BadXmlError, elements
from tb_tsne_plugin.runs.boxes import Box, Odd, box_around, box_of_corners, number_of, size_of

_CORNERS = ("xtl", "ytl", "xbr", "ybr")
_OTHERS = {"points", "polyline", "mask", "ellipse", "cuboid", "skeleton"}


def read_cvat(path: Path, told: Told) -> Iterator[Annotation]:
    """Reads boxes, and polygons by the box around them; a box that is turned by the box around it.

    An object goes by its number among the shapes of its picture, from 0.
    """
    images = 0
    try:
        for image in elements(read_file(path), "image"):
            images += 1
            yield from _objects(image, told)
    except BadXmlError as error:
        raise ExportError(f"The annotations {path}: {error}.") from error
    if not images:
        raise ExportError(f"{path} is no export of CVAT for images (it has no image).")


def _objects(image: Element, told: Told) -> Iterator[Annotation]:
    picture = GivenPicture((image.get("name", ""),), size_of(image.get("width"), image.get("height")))
    shapes = [shape for shape in image if shape.tag in {"box", "polygon", *_OTHERS}]
    for number, shape in enumerate(shapes):
        if shape.tag in _OTHERS:
            told.passed_over[f"of the kind {shape.tag}"] += 1
            continue
        yield Annotation(picture, str(number), _box(shape), shape.get("label", ""))


def _box(shape: Element) -> Box | Odd:
    if shape.tag == "polygon":
        return box_around([*shape.get("points", "").replace(";", ",").split(",")])
    box = box_of_corners([shape.get(corner) for corner in _CORNERS])
    degrees = shape.get("rotation", "0")
    if isinstance(box, Odd) or number_of(degrees) == 0:
        return box
    return turned_box(box, degrees, (box.x + box.width / 2, box.y + box.height / 2))
