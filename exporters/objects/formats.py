"""Which annotation files can be named, and by what."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from exporters.errors import ExportUsageError
from exporters.objects.annotation import ReadAnnotations
from exporters.objects.coco import read_coco
from exporters.objects.cvat import read_cvat
from exporters.objects.label_studio import read_label_studio
from exporters.objects.table import read_table
from exporters.objects.voc import read_voc
from exporters.objects.yolo import read_yolo


class Format(NamedTuple):
    """How annotations are written.

    Attributes:
        read: Reads them.
        in_shares: Whether boxes are in shares of their picture's width and height, not in pixels.
    """

    read: ReadAnnotations
    in_shares: bool = False


FORMATS = {
    "coco": Format(read_coco),
    "yolo": Format(read_yolo, in_shares=True),
    "voc": Format(read_voc),
    "csv": Format(read_table),
    "labelstudio": Format(read_label_studio, in_shares=True),
    "cvat": Format(read_cvat),
}


def parse_source(text: str) -> tuple[str, Path]:
    """The format and the place that `coco:annotations.json` names.

    Raises:
        ExportUsageError: If it names none.
    """
    scheme, colon, place = text.partition(":")
    if scheme not in FORMATS or not colon or not place:
        *first, last = FORMATS
        raise ExportUsageError(f"--objects {text}: write {', '.join(first)} or {last}, a colon, and a file or folder.")
    return scheme, Path(place).expanduser()
