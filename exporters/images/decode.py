"""Turns image files and anybody's image objects into upright 8-bit RGB pictures."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from exporters.images.renditions import Encoded

ImageLike: TypeAlias = "str | os.PathLike[str] | Image.Image | npt.NDArray[Any]"

MAX_PIXELS = 32_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
# Larger JPEGs are decoded at a fraction of their size (libjpeg does that while decoding), never below this side. It is
# a constant so that one stage's numbers do not depend on which other stages were asked for.
DRAFT_SIDE = 1024
BACKGROUND = (255, 255, 255)
# A file that is kept as it is carries its own metadata along; a larger one is encoded anew.
MAX_PLAIN_BYTES = 2**20


class UnreadableImageError(ValueError):
    """An image that cannot be shown; its text is the reason, to be read after the file's name."""


@contextmanager
def our_pixel_limit() -> Iterator[None]:
    """Keeps Pillow from warning about large images while it lasts: ours is the stricter limit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def decode(content: bytes) -> tuple[Image.Image, Encoded | None]:
    """Decodes the bytes of a JPEG, PNG or WebP file completely.

    Args:
        content: The file's bytes; what they hold decides, not the file's suffix.

    Returns:
        The first frame, turned upright by its EXIF orientation, as 8-bit RGB: 16-bit values are divided by 256,
        transparency is laid over white. With it the file itself, where a browser would show it the same way.

    Raises:
        UnreadableImageError: If it is of another kind, cut short, corrupt, or larger than 32 megapixels.
    """
    if not content:
        raise UnreadableImageError("empty file")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_size(image.width, image.height)
            image.draft(None, (DRAFT_SIDE, DRAFT_SIDE))
            image.load()
            return to_rgb(_upright(image)), _plain_file(image, content)
    except UnreadableImageError:
        raise
    except Image.DecompressionBombError:
        raise UnreadableImageError(f"over the limit of {MAX_PIXELS // 10**6} megapixels") from None
    except UnidentifiedImageError:
        raise UnreadableImageError("not a JPEG, PNG or WebP image") from None
    except MemoryError:
        raise UnreadableImageError("not enough memory to decode it") from None
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged data.
        reason = "cut short" if "truncated" in str(error) else "damaged"
        raise UnreadableImageError(f"{reason} ({type(error).__name__}: {str(error)[:80]})") from error


def _plain_file(image: Image.Image, content: bytes) -> Encoded | None:
    """The file as it is if it is a still, upright picture in RGB or grey of which nothing is hidden or converted."""
    suffix = {"JPEG": ".jpg", "PNG": ".png"}.get(image.format or "")
    is_plain = image.mode in ("RGB", "L") and not image.has_transparency_data and not getattr(image, "is_animated", 0)
    if suffix is None or not is_plain or len(content) > MAX_PLAIN_BYTES or image.getexif():
        return None
    return Encoded(suffix, content)


def to_rgb(image: Image.Image) -> Image.Image:
    """The picture as 8-bit RGB, whatever mode it is in."""
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.int64) >> 8  # Pillow itself would clip 16-bit values at 255.
        image = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (*BACKGROUND, 255))
        image = Image.alpha_composite(ground, layer)
    return image.convert("RGB")


def as_picture(image: ImageLike) -> Image.Image:
    """Anybody's image as an 8-bit RGB picture.

    Args:
        image: A path, a Pillow image, or an array of uint8: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).

    Returns:
        The picture.

    Raises:
        UnreadableImageError: If it is none of these, or broken.
    """
    if isinstance(image, (str, os.PathLike)):
        try:
            return decode(Path(image).read_bytes())[0]
        except OSError as error:
            raise UnreadableImageError(f"cannot be read ({error.strerror})") from error
    if isinstance(image, Image.Image):
        _check_size(image.width, image.height)
        return to_rgb(_upright(image.copy()))
    return _picture_of(np.asarray(image))


def longest_side(image: ImageLike | bytes) -> int:
    """The longest side as the header tells, in pixels; 0 where it cannot be understood. Bytes are those of a file."""
    if isinstance(image, Image.Image):
        return max(image.size)
    if not isinstance(image, (str, os.PathLike, bytes)):
        return max(np.shape(image)[:2], default=0)
    try:
        file = io.BytesIO(image) if isinstance(image, bytes) else image
        with our_pixel_limit(), Image.open(file, formats=FORMATS) as opened:
            return max(int(opened.width), int(opened.height))
    except Exception:  # Whoever decodes it will say what is wrong.
        return 0


def name_of(image: ImageLike, row: int) -> str:
    """How to call an image in an error: its path, or its row."""
    return os.fspath(image) if isinstance(image, (str, os.PathLike)) else f"image {row}"


def _picture_of(pixels: npt.NDArray[Any]) -> Image.Image:
    if pixels.dtype != np.uint8:
        raise UnreadableImageError(f"values of type {pixels.dtype}: give uint8 from 0 to 255")
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))) or 0 in pixels.shape:
        raise UnreadableImageError(f"an array of shape {pixels.shape}: give (height, width, 3)")
    _check_size(pixels.shape[1], pixels.shape[0])
    return to_rgb(Image.fromarray(np.ascontiguousarray(pixels)))


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        megapixels = width * height / 1e6
        raise UnreadableImageError(f"{megapixels:,.1f} megapixels, over the limit of {MAX_PIXELS // 10**6}")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # A damaged EXIF block is no reason to leave a good picture out.
        return image
