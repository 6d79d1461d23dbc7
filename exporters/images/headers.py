"""What the headers of image files tell, before anything is decoded."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile

from exporters.images.ancillary import without_ancillary
from exporters.images.decode import ImageLike, ignoring_metadata_warnings
from exporters.images.deep import has_16_bit_colors, is_gray_with_more_bits
from exporters.images.formats import DICOM, HEAD, PNG, TIFF, format_of, open_image

# Where a PNG has its size, and its bits and kind: grey, RGB, both with transparency.
_PNG_SIZE, _PNG_BITS = slice(16, 24), slice(24, 26)
_ORIENTATION, _TIFF_WIDTH, _TIFF_HEIGHT = 274, 256, 257
_TURNS, _SIDEWAYS = range(1, 9), range(5, 9)
_PNG_OF_16_BITS = (b"\x10\0", b"\x10\2", b"\x10\4", b"\x10\6")


def longest_side(image: ImageLike | bytes) -> int:
    """The longest side as the header tells, in pixels; 0 where it cannot be understood. Bytes are those of a file."""
    if isinstance(image, Image.Image):
        return max(image.size)
    if not isinstance(image, (str, os.PathLike, bytes)):
        return max(np.shape(image)[:2], default=0)
    try:
        with ignoring_metadata_warnings(), _opened(image) as file:
            head = file.read(HEAD)
            kind = format_of(head)
            if kind == PNG:
                return max(int(side) for side in struct.unpack(">II", head[_PNG_SIZE]))
            if kind == DICOM:
                from exporters.images import dicom

                dataset = dicom.read_dicom(file, header=True)
                return max(int(dataset.Columns), int(dataset.Rows))
            with _header(file, kind) as opened:
                return max(int(opened.width), int(opened.height))
    except Exception:  # Whoever decodes it will say what is wrong.
        return 0


class PictureSize(NamedTuple):
    """How large a picture is, in pixels.

    Attributes:
        width: As it is seen: turned upright by its EXIF orientation.
        height: The same.
        turn: Its EXIF orientation, 1 to 8: what turns the stored pixels upright.
    """

    width: int
    height: int
    turn: int = 1

    @property
    def stored(self) -> tuple[int, int]:
        """Width and height of the pixels as they are stored."""
        return (self.height, self.width) if self.turn in _SIDEWAYS else (self.width, self.height)


def picture_size(path: Path) -> PictureSize | None:
    """How large a picture file's picture is, as the header tells; None where it cannot be understood."""
    try:
        with ignoring_metadata_warnings(), path.open("rb") as file:
            kind = format_of(file.read(HEAD))
            if kind == DICOM:
                from exporters.images import dicom

                file.seek(0)
                dataset = dicom.read_dicom(file, header=True)
                return PictureSize(int(dataset.Columns), int(dataset.Rows))
            with _header(file, kind) as opened:
                return _upright(opened, kind)
    except Exception:  # Whoever decodes it will say what is wrong.
        return None


def _upright(opened: ImageFile, kind: str | None) -> PictureSize:
    width, height = opened.size
    # Of a PNG, whose tags may come behind the picture, only those before it: to look for others is to decode it.
    tags: Any = opened.info.get("exif") and opened.getexif() if kind == PNG else opened.getexif()
    turn = int((tags or {}).get(_ORIENTATION, 1))
    if turn not in _TURNS:
        return PictureSize(width, height)
    if kind == TIFF:  # Newer versions of Pillow tell the upright size of these.
        width, height = opened.tag_v2[_TIFF_WIDTH], opened.tag_v2[_TIFF_HEIGHT]  # type: ignore[attr-defined]
    return PictureSize(height, width, turn) if turn in _SIDEWAYS else PictureSize(width, height, turn)


def has_more_bits(image: str | os.PathLike[str] | bytes) -> bool:
    """Whether a file's header tells of a picture that `Intensity.shown` is for; its bytes, or where it is."""
    try:
        with _opened(image) as file:
            head = file.read(HEAD)
            kind = format_of(head)
            if kind == PNG:
                return head[_PNG_BITS] in _PNG_OF_16_BITS
            if kind == DICOM:
                from exporters.images import dicom

                return dicom.has_more_bits(dicom.read_dicom(file, header=True))
            if kind != TIFF:
                return False
            with _header(file, kind) as opened:
                return is_gray_with_more_bits(opened) or has_16_bit_colors(opened)
    except Exception:  # Whoever decodes it will say what is wrong.
        return False


def _header(file: BinaryIO, kind: str | None) -> ImageFile:
    """The picture of which nothing is decoded yet, also where something beside it is damaged."""
    file.seek(0)
    try:
        return open_image(file)
    except Exception:
        if kind != TIFF:
            raise
        file.seek(0)
        slim = without_ancillary(file.read())
        if slim is None:
            raise
        return open_image(io.BytesIO(slim))


def _opened(image: str | os.PathLike[str] | bytes) -> BinaryIO:
    return io.BytesIO(image) if isinstance(image, bytes) else Path(image).open("rb")
