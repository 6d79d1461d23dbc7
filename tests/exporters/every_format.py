"""Pictures of one colour in every format that an export reads, made from nothing."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, features

from tests.missing import missing

Color = tuple[int, int, int]


def encoded(image: Image.Image, kind: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def plain(fill: Color, size: tuple[int, int] = (24, 18)) -> Image.Image:
    return Image.new("RGB", size, fill)


def heic(*images: Image.Image) -> bytes:
    try:
        import pillow_heif
    except ImportError:
        missing("needs the extra [heif]")
    pictures: Any = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]
    for image in images:
        pictures.add_from_pillow(image)
    file = io.BytesIO()
    pictures.save(file, quality=-1)
    return file.getvalue()


def avif(image: Image.Image) -> bytes:
    if not features.check("avif"):
        pytest.skip("needs Pillow 11.3 or newer")
    return encoded(image, "AVIF", quality=95)


def dicom(values: npt.NDArray[Any], **elements: Any) -> bytes:
    """A DICOM file of (H, W) or (frames, H, W) whole numbers, or (H, W, 3) uint8."""
    try:
        from pydicom.dataset import Dataset, FileMetaDataset
        from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage
    except ImportError:
        missing("needs the extra [dicom]")
    is_color = values.ndim == 3 and values.shape[2] == 3
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = UID("1.2.3")
    data.SOPClassUID = SecondaryCaptureImageStorage
    height, width = values.shape[:2] if is_color else values.shape[-2:]
    data.Rows, data.Columns = height, width
    data.SamplesPerPixel, data.PhotometricInterpretation = (3, "RGB") if is_color else (1, "MONOCHROME2")
    if is_color:
        data.PlanarConfiguration = 0
    if values.ndim == 3 and not is_color:
        data.NumberOfFrames = len(values)
    bits = values.dtype.itemsize * 8
    data.BitsAllocated, data.BitsStored, data.HighBit = bits, bits, bits - 1
    data.PixelRepresentation = int(values.dtype.kind == "i")
    data.PixelData = values.tobytes() + b"\0" * (values.nbytes % 2)
    for name, value in elements.items():
        setattr(data, name, value)
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


FORMATS: Mapping[str, Callable[[Color], bytes]] = {
    "jpg": lambda fill: encoded(plain(fill), "JPEG", quality=95),
    "mpo": lambda fill: encoded(plain(fill), "MPO", quality=95, save_all=True, append_images=[plain((0, 0, 0))]),
    "png": lambda fill: encoded(plain(fill), "PNG"),
    "webp": lambda fill: encoded(plain(fill), "WEBP", quality=95),
    "bmp": lambda fill: encoded(plain(fill), "BMP"),
    "gif": lambda fill: encoded(plain(fill), "GIF"),
    "tif": lambda fill: encoded(plain(fill), "TIFF"),
    "tiff": lambda fill: encoded(plain(fill), "TIFF", compression="tiff_lzw"),
    "avif": lambda fill: avif(plain(fill)),
    "heic": lambda fill: heic(plain(fill)),
    "dcm": lambda fill: dicom(np.full((18, 24, 3), fill, np.uint8)),
}
"""By suffix: a file that shows one colour."""
