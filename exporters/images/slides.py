"""Pictures of any size that are read part by part: slides, plates, aerial pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from exporters.images import deep
from exporters.images.decode import UnreadableImageError
from exporters.images.formats import HEAD, TIFF, format_of
from exporters.images.identity import file_sample_id
from exporters.images.listing import ImageFile, is_of_scanner
from exporters.images.regions import Regions
from exporters.images.renditions import Encoded
from exporters.images.tiff_slide import TiffSlide
from exporters.images.vendor_slide import VendorSlide

MAX_SLIDE_PIXELS = 200_000_000_000
"""As many as the largest slides have, and what can be looked through in an hour."""
MAX_SIDE = 10_000_000
# Of a slide's values, those of a picture of about this side are looked at.
_SAMPLED_SIDE = 1024


@dataclass(frozen=True)
class SlideFile(ImageFile):
    """A file with a picture of any size, of which only parts are decoded."""

    def look(self) -> tuple[int, int]:
        """Its width and height.

        Raises:
            UnreadableImageError: If it cannot be read, or is larger than any slide.
            OSError: If the file cannot be read.
        """
        slide = open_slide(self.path)
        slide.close()
        width, height = slide.size
        if width * height > MAX_SLIDE_PIXELS or max(width, height) > MAX_SIDE:
            raise UnreadableImageError(
                f"{width:,} x {height:,} pixels, over the limit of {MAX_SLIDE_PIXELS // 10**9} gigapixels"
            )
        return width, height

    def for_parts(self) -> tuple[str, Regions]:
        """Its sample id, and the picture, of which nothing is decoded yet."""
        status = self.path.stat()
        return _sample_id(self, status.st_size, status.st_mtime_ns), open_slide(self.path)

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """Nothing that identifies it, and the picture reduced: to look at its values."""
        slide = open_slide(self.path)
        try:
            return b"", slide.reduced(_SAMPLED_SIDE, lenient=True), None
        finally:
            slide.close()

    def has_more_bits(self) -> bool:
        """Whether it has more than 8 bits a value."""
        try:
            slide = open_slide(self.path)
        except (UnreadableImageError, OSError):  # Whoever reads it next will say what is wrong.
            return False
        try:
            return deep.has_more_bits(slide.region((0, 0, 1, 1)))
        except UnreadableImageError:
            return False
        finally:
            slide.close()


def as_slide(image: ImageFile) -> SlideFile:
    """An image's file as one of which only parts are decoded."""
    return SlideFile(image.path, image.name, image.is_twin, image.given_class)


def open_slide(path: Path) -> Regions:
    """Opens a picture of any size.

    Raises:
        UnreadableImageError: If it is in no format of which parts can be decoded, or damaged.
        OSError: If it cannot be read.
    """
    if is_of_scanner(path.name):
        return VendorSlide(path)
    if kind_of_file(path) != TIFF:
        raise UnreadableImageError("in a format of which no part can be decoded: save it as a tiled TIFF")
    return TiffSlide(path)


def kind_of_file(path: Path) -> str | None:
    """A file's format, by its first bytes."""
    with path.open("rb") as file:
        return format_of(file.read(HEAD))


@lru_cache(maxsize=64)
def _sample_id(image: SlideFile, size: int, changed: int) -> str:
    """The id, worked out once for a file as it is: a worker of a cluster gets the tiles of a slide in many lots."""
    return file_sample_id(image, image.pieces())
