"""Images that are arrays or Pillow images: given from Python, in an .npz file, or by a tf.data.Dataset."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.errors import ExportError, some_of
from exporters.images.decode import ImageLike, UnreadableImageError, as_picture, decode
from exporters.images.headers import longest_side
from exporters.images.listing import ImageFile, Listing, mark_twins
from exporters.images.renditions import Encoded


@dataclass(frozen=True)
class ArrayImage(ImageFile):
    """An image that is an array or a Pillow image; its content is its name, unless it was given one.

    Attributes:
        pixels: The image; bytes are those of an image file.
        given_name: Its own name, part of its identity; empty where it has none.
    """

    pixels: ImageLike | bytes = field(default=b"", repr=False, compare=False)
    given_name: str = ""

    @property
    def base_name(self) -> str:
        """Its given name."""
        return self.given_name

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """Its size and values, and the picture."""
        picture = decode(self.pixels)[0] if isinstance(self.pixels, bytes) else as_picture(self.pixels)
        return str(picture.size).encode() + picture.tobytes(), picture, None

    def longest_side(self) -> int:
        """The longest side in pixels."""
        return longest_side(self.pixels)

    def has_more_bits(self) -> bool:
        """No: it is read as 8-bit RGB."""
        return False

    def digest(self) -> bytes:
        """SHA-256 of its size and values."""
        try:
            return hashlib.sha256(self.read()[0]).digest()
        except UnreadableImageError:
            return b""


def from_arrays(
    images: Iterable[ImageLike | bytes], labels: Sequence[str] | None = None, names: Sequence[str] | None = None
) -> Listing:
    """Lists images that are arrays or Pillow images.

    Args:
        images: (N, H, W), (N, H, W, 3) or (N, H, W, 4) uint8, or any mixture of arrays and pictures.
        labels: N classes, or None.
        names: N names, or None: then an image is its content, whatever order it comes in.

    Returns:
        The listing, in the given order.

    Raises:
        ExportError: If the counts differ or there is no image.
    """
    images = list(images)
    if not images:
        raise ExportError("There are no images.")
    for what, values in (("labels", labels), ("names", names)):
        if values is not None and len(values) != len(images):
            raise ExportError(f"There are {len(values):,} {what} for {len(images):,} images.")
    digits = len(str(len(images) - 1))
    given = names or [""] * len(images)
    listed: list[ImageFile] = []
    for number, image in enumerate(images):
        name = given[number] or f"{number:0{digits}d}"
        given_class = labels[number] if labels else None
        listed.append(ArrayImage(Path(name), name, False, given_class, image, given[number]))
    repeated = [name for name, times in Counter(given).items() if name and times > 1]
    if repeated:
        raise ExportError(f"Several images have the same name: {some_of(sorted(repeated))}.")
    listed.sort(key=lambda image: image.name)
    marked = mark_twins(listed, {image.name: 0 for image in listed})
    fingerprint = hashlib.sha256(b"".join(image.digest() for image in marked)).hexdigest()
    return Listing(marked, [], {}, fingerprint)


def list_npz(path: Path) -> Listing:
    """Lists the images of an .npz file, and their labels if it has any.

    Raises:
        ExportError: If it cannot be read, has no images, or would take over half of the machine's memory.
    """
    try:
        _check_size(path)
        with np.load(path, allow_pickle=False) as arrays:
            key = next((name for name in ("images", "x", "x_train", "arr_0") if name in arrays), None)
            label_key = next((name for name in ("labels", "y", "y_train", "arr_1") if name in arrays), None)
            images = arrays[key] if key else None
            labels = arrays[label_key].reshape(-1) if label_key else None
    except ExportError:
        raise
    except Exception as error:  # zipfile and numpy raise nearly anything on damaged data.
        raise ExportError(f"{path} cannot be read as arrays: {error}.") from error
    if images is None:
        raise ExportError(f"{path} needs an array called images: (N, height, width, 3) uint8.")
    return from_arrays(images, None if labels is None else [str(label) for label in labels])


def _check_size(path: Path) -> None:
    """Refuses arrays larger than fits: a small file may unpack to any size."""
    with zipfile.ZipFile(path) as arrays:
        size = max((entry.file_size for entry in arrays.infolist()), default=0)
    if size > os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2:
        raise ExportError(f"{path} unpacks to {size / 2**30:,.1f} GiB, over half of this machine's memory.")


def list_dataset(dataset: Any) -> Listing:
    """Reads a tf.data.Dataset once; pictures are held as PNG, so that photographs take a fraction of their memory.

    Args:
        dataset: What has `as_numpy_iterator`, of images or of (image, label).

    Raises:
        ExportError: If images are no bytes, or there is none.
    """
    images: list[bytes] = []
    labels: list[str] = []
    for element in dataset.as_numpy_iterator():
        image, *label = element if isinstance(element, tuple) else (element,)
        images.append(_packed(np.asarray(image)))
        labels += [_text(value) for value in label[:1]]
    return from_arrays(images, labels or None)


def _packed(image: npt.NDArray[Any]) -> bytes:
    if image.dtype != np.uint8:
        raise ExportError(f"The dataset gives images of type {image.dtype}: give uint8 from 0 to 255.")
    file = io.BytesIO()
    Image.fromarray(image.squeeze(-1) if image.ndim == 3 and image.shape[-1] == 1 else image).save(file, "PNG")
    return file.getvalue()


def _text(label: object) -> str:
    return label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label)
