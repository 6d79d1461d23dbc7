"""Pascal VOC's format: an XML file for each picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element

from exporters.images.outcomes import Skipped
from exporters.objects.annotation import Annotation, GivenPicture, Told
from exporters.objects.files import read_files
from exporters.objects.safe_xml import BadXmlError, elements
from tb_tsne_plugin.runs.boxes import box_of_corners, size_of

ANNOTATIONS, IMAGES = "Annotations", "JPEGImages"
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def read_voc(path: Path, told: Told) -> Iterator[Annotation]:
    """Reads the objects of all XML files below a folder: of `Annotations`, or of a whole VOCdevkit.

    Corners are taken as they stand: a box from 10 to 20 is 10 pixels wide, as annotation tools write it. An object goes
    by its number in the file, from 0; parts of objects are none.
    """
    for name, content in read_files(path, ".xml"):
        if isinstance(content, Skipped):
            told.skipped.append(content)
            continue
        try:
            found = list(elements(content, "annotation"))
        except BadXmlError as error:
            told.skipped.append(Skipped(name, str(error)))
            continue
        if len(found) != 1:
            told.skipped.append(Skipped(name, "no annotation of Pascal VOC"))
            continue
        yield from _objects(found[0], name)


def _objects(annotation: Element, name: str) -> Iterator[Annotation]:
    size = annotation.find("size")
    told_size = size_of(_text(size, "width"), _text(size, "height")) if size is not None else None
    picture = GivenPicture(_picture_names(name, _text(annotation, "filename")), told_size)
    for number, found in enumerate(annotation.findall("object")):
        box = found.find("bndbox")
        corners = [] if box is None else [_text(box, corner) or None for corner in _CORNERS]
        yield Annotation(picture, str(number), box_of_corners(corners), _text(found, "name"))


def _picture_names(name: str, filename: str) -> tuple[str, ...]:
    """What the picture of an XML file may be called: as it says, in the folder beside; or as the file itself."""
    path = PurePosixPath(name)
    parts = [IMAGES if part == ANNOTATIONS else part for part in path.parent.parts]
    stem = "/".join([*parts, path.stem])
    if not filename:
        return stem, path.stem
    return "/".join([*parts, filename]), filename, stem, path.stem


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()
