"""The formats that are read: told by a file's first bytes, opened by that format's own reader, and by no other."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from importlib import import_module
from typing import BinaryIO, cast

from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from exporters.images import tiff

JPEG, PNG, WEBP, BMP, GIF, TIFF = "JPEG", "PNG", "WebP", "BMP", "GIF", "TIFF"
AVIF, HEIF, DICOM = "AVIF", "HEIC", "DICOM"

SUFFIXES = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), JPEG),
    **dict.fromkeys((".png", ".apng"), PNG),
    ".webp": WEBP,
    **dict.fromkeys((".bmp", ".dib"), BMP),
    ".gif": GIF,
    **dict.fromkeys((".tif", ".tiff"), TIFF),
    ".avif": AVIF,
    **dict.fromkeys((".heic", ".heif", ".hif"), HEIF),
    **dict.fromkeys((".dcm", ".dicom"), DICOM),
}
"""What a file calls itself; what it is, its first bytes say."""

SCANNERS = (".svs", ".ndpi", ".scn", ".mrxs", ".bif", ".svslide", ".czi")
"""Of slides, in formats of the scanners' makers: read through OpenSlide, and only part by part."""

HEAD = 132
"""First bytes that tell every format."""

# The function that opens a file, by format: `Image.open` would try others too, and has one limit for a whole process.
_READERS = {
    JPEG: ("PIL.JpegImagePlugin", "jpeg_factory"),
    PNG: ("PIL.PngImagePlugin", "PngImageFile"),
    WEBP: ("PIL.WebPImagePlugin", "WebPImageFile"),
    BMP: ("PIL.BmpImagePlugin", "BmpImageFile"),
    GIF: ("PIL.GifImagePlugin", "GifImageFile"),
    TIFF: ("PIL.TiffImagePlugin", "TiffImageFile"),
    AVIF: ("PIL.AvifImagePlugin", "AvifImageFile"),
    HEIF: ("pillow_heif.as_plugin", "HeifImageFile"),
}
_NEEDS = {
    AVIF: "Pillow 11.3 or newer: pip install --upgrade pillow",
    HEIF: "pillow-heif: pip install 'tb-tsne[heif]'",
}
_MAGIC = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (b"BM", BMP),
)
_PACKED = {".gz", ".bz2", ".xz", ".zst"}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}


class NoReaderError(ValueError):
    """A file that nothing here reads; its text says why, and what would."""


def suffix_of(name: str) -> str:
    """A file's suffix in small letters; of a packed file with what is packed, as `.nii.gz`; empty for none."""
    stem, suffix = os.path.splitext(name.lower())
    return os.path.splitext(stem)[1] + suffix if suffix in _PACKED else suffix


def is_stand_in(name: str, head: bytes) -> bool:
    """Whether a file is a GIF under the name of another format.

    Sites that people collect pictures from answer so for a picture that is gone, and whoever collects them gives every
    answer the name of a photo.
    """
    return format_of(head) == GIF and SUFFIXES.get(suffix_of(name), GIF) != GIF


def format_of(head: bytes) -> str | None:
    """The format of a file with these first bytes; None if it is none of those that are read."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _brand(head)
    return DICOM if head[128:132] == b"DICM" or _is_bare_dicom(head) else None


def _is_bare_dicom(head: bytes) -> bool:
    """Whether a file begins as the data set of a DICOM file without its preamble: two elements of a first group."""
    if len(head) < HEAD or head[:2] not in (b"\2\0", b"\x08\0") or head[3]:
        return False
    is_explicit = head[4:6].isalpha() and head[4:6].isupper()
    (size,) = struct.unpack_from("<H", head, 6) if is_explicit else struct.unpack_from("<I", head, 4)
    following = head[8 + size : 12 + size]
    return size % 2 == 0 and len(following) == 4 and following[:2] == head[:2] and following[3] == 0


def _brand(head: bytes) -> str | None:
    """Of a file in boxes: which codec its main brand, or one that it is compatible with, stands for."""
    (size,) = struct.unpack(">I", head[:4])
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))]
    if {b"avif", b"avis"} & set(brands):
        return AVIF
    return HEIF if _HEIF_BRANDS & set(brands) else None


def open_image(file: BinaryIO, page: int = 0) -> ImageFile:
    """Reads the header of a picture in any format but DICOM.

    Args:
        file: The file, at its beginning.
        page: Which of several pictures in it, from 0; where a TIFF begins with smaller copies, 0 is what they copy.

    Returns:
        The picture, of which nothing is decoded yet.

    Raises:
        NoReaderError: If it is in no format that is read, or what reads it is not installed.
        SyntaxError: If it is damaged; readers raise other errors as well.
    """
    name = format_of(file.read(HEAD))
    file.seek(0)
    if name is None:
        raise NoReaderError("not a picture in a format that is read")
    module, reader = _READERS[name]
    try:
        # `import` lets one thread at a time load a module; pillow_heif comes only with the first of its files.
        plugin = import_module(module)
    except ImportError:
        plugin = None
    if plugin is None or not getattr(plugin, "SUPPORTED", True):
        raise NoReaderError(f"{name} needs {_NEEDS.get(name, 'a Pillow that was built with it')}")
    if name == TIFF:
        return _open_tiff(file, page)
    opened = cast(ImageFile, getattr(plugin, reader)(file))
    if page:
        opened.seek(page)
    return opened


def _open_tiff(file: BinaryIO, page: int) -> ImageFile:
    """A page of a TIFF; for the first, that which is no smaller copy of another."""
    problem = None
    try:
        opened = TiffImageFile(file)
        opened.seek(page or tiff.first_real_page(opened))
        problem = tiff.mend(opened)
    except (SyntaxError, KeyError) as error:
        with suppress(Exception):  # What is damaged has its own error.
            problem = tiff.unread_kind(file, page, error)
        if problem is None:
            raise
    if problem is not None:
        raise NoReaderError(problem)
    return opened
