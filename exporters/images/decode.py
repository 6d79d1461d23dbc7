"""Turns image files and anybody's image objects into upright pictures: 8-bit RGB, or one channel of more bits."""

from __future__ import annotations

import io
import math
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile

from exporters.images import deep, jpeg, tiff
from exporters.images.ancillary import without_ancillary
from exporters.images.deep import has_16_bit_colors, has_more_bits, is_gray_with_more_bits
from exporters.images.formats import DICOM, HEAD, JPEG, NoReaderError, format_of, open_image
from exporters.images.intensity import BACKGROUND, Intensity
from exporters.images.renditions import Encoded

ImageLike: TypeAlias = "str | os.PathLike[str] | Image.Image | npt.NDArray[Any]"

MAX_PIXELS = 128_000_000
"""Of a picture as it is decoded: JPEGs are reduced meanwhile, so that there is no limit to what they hold."""
MAX_PROGRESSIVE_PIXELS = 256_000_000
"""Of a JPEG that comes in several passes: all of it is in memory until the last."""
LARGE_PIXELS = 32_000_000
"""Larger ones are decoded one at a time, and averaged down below this size at once."""
# Larger JPEGs are decoded at a fraction of their size (libjpeg does that while decoding), never below this side. It is
# a constant so that one stage's numbers do not depend on which other stages were asked for.
DRAFT_SIDE = 1024
_CHANNELS = (1, 3, 4)
# A file that is kept as it is carries its own metadata along; a larger one is encoded anew.
MAX_PLAIN_BYTES = 2**20

# What decoders say of files that end too early.
_MISSING_PART = "cut short"
_CUT_SHORT = ("truncated", "less than expected", "requires a buffer")
# Of a kind of file that a decoder knows, but not in this form: as a BMP with masks of its own.
_OF_ANOTHER_KIND = ("unsupported", "not supported", "not yet supported")

_turn = threading.RLock()


class UnreadableImageError(ValueError):
    """An image that cannot be shown; its text is the reason, to be read after the file's name."""


@contextmanager
def ignoring_metadata_warnings() -> Iterator[None]:
    """Keeps Pillow and pydicom from warning, while it lasts, of metadata that nobody needs."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"(PIL|pydicom|pillow_heif)\.")
        yield


def decode(content: bytes, page: int = 0, full_size: bool = False) -> tuple[Image.Image, Encoded | None]:
    """Decodes the bytes of a picture file completely.

    What is no part of the picture (texts, profiles, other tags) never keeps it from being read.

    Args:
        content: The file's bytes; what they hold decides, not the file's suffix.
        page: Which of several pictures in one file, from 0.
        full_size: Whether it is wanted as large as it is, for parts of it; otherwise it is reduced to what is needed.

    Returns:
        The picture, turned upright by its EXIF orientation: 8-bit RGB, transparency laid over white; for
        `Intensity.shown` also one channel of more than 8 bits, or RGB with its `LOWER` bytes. Above 32 megapixels it
        is averaged down by a whole number, unless it is wanted at its full size. With it the file itself, where a
        browser would show it the same way.

    Raises:
        UnreadableImageError: If it is in no format that is read, cut short, corrupt, or larger than 128 megapixels.
    """
    if not content:
        raise UnreadableImageError("empty file")
    if format_of(content[:HEAD]) == JPEG:
        content = jpeg.without_padding(content)
    try:
        return _decoded(content, page, full_size)
    except UnreadableImageError:
        raise
    except Image.DecompressionBombError:
        raise UnreadableImageError(f"over the limit of {MAX_PIXELS // 10**6} megapixels") from None
    except MemoryError:
        raise UnreadableImageError("not enough memory to decode it") from None
    except Exception as error:  # Decoders raise nearly anything on damaged data.
        mended = _mended(content, error, full_size) if page == 0 else None
        if mended is not None:
            with suppress(Exception):
                return _decoded(mended, page, full_size)
        raise UnreadableImageError(_reason(error)) from error


def _mended(content: bytes, error: Exception, full_size: bool) -> bytes | None:
    """A file that could not be decoded, without what is no part of its picture, or with the end that it lacks."""
    if format_of(content[:HEAD]) != JPEG:
        return without_ancillary(content)
    if _reason(error) != _MISSING_PART:
        return None
    with suppress(Exception):
        return jpeg.completed(content, lambda whole: _decoded(whole, 0, full_size)[0])
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, NoReaderError):
        return str(error)
    said = str(error).lower()
    if any(words in said for words in _OF_ANOTHER_KIND):
        return "damaged, or of a kind that is not read: save it in another way, as PNG"
    return _MISSING_PART if any(words in said for words in _CUT_SHORT) else "damaged (it cannot be decoded)"


def _decoded(content: bytes, page: int, full_size: bool) -> tuple[Image.Image, Encoded | None]:
    kind = format_of(content[:HEAD])
    if kind == DICOM:
        return _of_dicom(content, page, full_size), None
    with open_image(io.BytesIO(content), page) as image, one_at_a_time(image.width * image.height > LARGE_PIXELS):
        if kind == JPEG:
            _draft(image, len(content), full_size)
        _check_size(image.width, image.height, ": --tiles cuts it into parts" if image.format == "TIFF" else "")
        if has_16_bit_colors(image):
            with open_image(io.BytesIO(content), page) as again:
                return _not_too_large(deep.joined(image, again, _turn_upright), full_size), None
        image.load()
        original = _plain_file(image, content)
        return _plain(_without_empty_alpha(image), full_size), original


def _of_dicom(content: bytes, frame: int, full_size: bool) -> Image.Image:
    from exporters.images import dicom

    dataset = dicom.read_dicom(io.BytesIO(content))
    _check_size(int(dataset.Columns), int(dataset.Rows))
    with one_at_a_time(int(dataset.Columns) * int(dataset.Rows) > LARGE_PIXELS):
        return _plain(dicom.picture_of(dataset, frame), full_size)


def one_at_a_time(is_large: bool) -> AbstractContextManager[Any]:
    """Lets only one thread read and decode what is large."""
    return _turn if is_large else nullcontext()


def _draft(image: Image.Image, size: int, full_size: bool) -> None:
    """Has a JPEG, a file of so many bytes, decoded at the size that is needed, or in full as far as memory allows."""
    if not jpeg.can_hold(size, image.width, image.height):
        raise UnreadableImageError(_MISSING_PART)
    pixels = image.width * image.height
    if pixels > MAX_PROGRESSIVE_PIXELS and image.info.get("progressive"):
        raise UnreadableImageError(
            f"a progressive JPEG of {pixels / 1e6:,.0f} megapixels, over the limit of {MAX_PROGRESSIVE_PIXELS // 10**6}"
        )
    least = 2 ** math.ceil(math.log2(max(1.0, math.sqrt(pixels / (MAX_PIXELS if full_size else LARGE_PIXELS)))))
    needed = max(image.size) if full_size else DRAFT_SIDE
    image.draft(None, (min(needed, image.width // least), min(needed, image.height // least)))


def _without_empty_alpha(image: ImageFile) -> Image.Image:
    """A BMP without its alpha where all of it is 0: programs that know none leave it so, as Windows' clipboard does."""
    if image.format == "BMP" and image.mode == "RGBA" and image.getchannel("A").getextrema() == (0, 0):
        return image.convert("RGB")
    return image


def _plain(image: Image.Image, full_size: bool) -> Image.Image:
    """What was decoded, upright, not too large, in RGB or one channel of more bits."""
    _turn_upright(image)
    image = tiff.as_meant(image) if image.format == "TIFF" else image
    return _not_too_large(deep.gray(image) if is_gray_with_more_bits(image) else image, full_size)


def _not_too_large(image: Image.Image, full_size: bool) -> Image.Image:
    factor = 1 if full_size else math.ceil(math.sqrt(image.width * image.height / LARGE_PIXELS))
    if has_more_bits(image):
        return deep.reduced(image, factor) if factor > 1 else image
    return to_rgb(_blendable(image).reduce(factor) if factor > 1 else image)


def _blendable(image: Image.Image) -> Image.Image:
    """The picture in a mode in which neighbouring pixels can be averaged."""
    if image.mode in ("1", "P", "PA") or (image.has_transparency_data and image.mode not in ("LA", "RGBA")):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _plain_file(image: Image.Image, content: bytes) -> Encoded | None:
    """The file as it is if it is a still, upright picture in RGB or grey of which nothing is hidden or converted."""
    suffix = {"JPEG": ".jpg", "PNG": ".png"}.get(image.format or "")
    is_plain = image.mode in ("RGB", "L") and not image.has_transparency_data and not getattr(image, "is_animated", 0)
    if suffix is None or not is_plain or len(content) > MAX_PLAIN_BYTES or _has_exif(image):
        return None
    return Encoded(suffix, content)


def _has_exif(image: Image.Image) -> bool:
    try:
        return bool(image.getexif())
    except Exception:  # Of damaged metadata a browser may think otherwise than we do.
        return True


def to_rgb(image: Image.Image) -> Image.Image:
    """The picture as 8-bit RGB, whatever mode it is in; of one channel with more bits, their whole range."""
    if has_more_bits(image):
        return Intensity().shown(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (*BACKGROUND, 255))
        image = Image.alpha_composite(ground, layer)
    return image.convert("RGB")


def as_picture(image: ImageLike) -> Image.Image:
    """Anybody's image as an 8-bit RGB picture.

    Args:
        image: A path, a Pillow image, or an array of uint8: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4); or with the
            channels first, as PyTorch has them, where no other reading is possible.

    Returns:
        The picture.

    Raises:
        UnreadableImageError: If it is none of these, or broken.
    """
    if isinstance(image, (str, os.PathLike)):
        try:
            return to_rgb(decode(Path(image).read_bytes())[0])
        except OSError as error:
            raise UnreadableImageError(f"cannot be read ({error.strerror})") from error
    if isinstance(image, Image.Image):
        _check_size(image.width, image.height)
        picture = image.copy()
        _turn_upright(picture)
        return to_rgb(picture)
    return _picture_of(np.asarray(image))


def name_of(image: ImageLike, row: int) -> str:
    """How to call an image in an error: its path, or its row."""
    return os.fspath(image) if isinstance(image, (str, os.PathLike)) else f"image {row}"


def _picture_of(pixels: npt.NDArray[Any]) -> Image.Image:
    if pixels.dtype == object:
        raise UnreadableImageError(f"no image but {str(pixels)[:20]!r}: give a path, a picture or an array")
    if pixels.dtype != np.uint8:
        raise UnreadableImageError(f"values of type {pixels.dtype}: give uint8 from 0 to 255")
    if pixels.ndim == 3 and pixels.shape[2] not in _CHANNELS and pixels.shape[0] in _CHANNELS:
        pixels = np.moveaxis(pixels, 0, 2)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in _CHANNELS[1:])) or 0 in pixels.shape:
        raise UnreadableImageError(f"an array of shape {pixels.shape}: give (height, width, 3)")
    _check_size(pixels.shape[1], pixels.shape[0])
    return to_rgb(Image.fromarray(np.ascontiguousarray(pixels)))


def _check_size(width: int, height: int, way_out: str = "") -> None:
    if width * height > MAX_PIXELS:
        megapixels = width * height / 1e6
        raise UnreadableImageError(f"{megapixels:,.1f} megapixels, over the limit of {MAX_PIXELS // 10**6}{way_out}")


def _turn_upright(image: Image.Image) -> None:
    with suppress(Exception):  # A damaged EXIF block is no reason to leave a good picture out.
        ImageOps.exif_transpose(image, in_place=True)
