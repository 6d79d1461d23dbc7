"""Files that hold several pictures: pages of a TIFF, frames of a DICOM file, pictures of a HEIC, animations."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from PIL import Image
from PIL.ImageFile import ImageFile as Opened

from exporters.images.decode import decode, one_at_a_time
from exporters.images.formats import AVIF, DICOM, GIF, HEAD, HEIF, PNG, TIFF, WEBP, format_of, open_image
from exporters.images.listing import LARGE_FILE_BYTES, ImageFile, Listing
from exporters.images.renditions import Encoded
from exporters.images.tiff import is_real_page

MOST_PAGES = 10_000
"""Of one file; what comes after them is not looked at."""

_WITH_PAGES = {TIFF, HEIF, DICOM}
_WEBP_ANIMATION = 2


@dataclass(frozen=True)
class PageImage(ImageFile):
    """A further page of a file that holds several; its number is part of its name, as in `stack.tif#2`.

    Attributes:
        file: The file.
        page: Where the page is in it, from 0.
    """

    file: ImageFile = field(kw_only=True)
    page: int = field(kw_only=True)

    def content(self) -> bytes:
        """The bytes of the whole file."""
        return self.file.content()

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """The bytes of the whole file, and the page."""
        with one_at_a_time(self.size() > LARGE_FILE_BYTES):
            content = self.content()
            return content, *decode(content, self.page)

    def size(self) -> int:
        """How many bytes the file has."""
        return self.file.size()

    def longest_side(self) -> int:
        """The longest side of the file's first page."""
        return self.file.longest_side()

    def has_more_bits(self) -> bool:
        """Whether the file's first page has more than 8 bits a value."""
        return self.file.has_more_bits()


def holds_more(content: bytes) -> bool:
    """Whether a file holds more pictures than its first: further pages, or an animation."""
    kind = format_of(content[:HEAD])
    try:
        if kind in _WITH_PAGES:
            return len(_first_pages(content, 2)) > 1
        if kind == PNG:
            return b"acTL" in content[: content.find(b"IDAT")]
        if kind == WEBP:
            return content[12:16] == b"VP8X" and bool(content[20] & _WEBP_ANIMATION)
        if kind == AVIF:
            return b"avis" in content[:HEAD]
        if kind == GIF:
            with open_image(io.BytesIO(content)) as image:
                return bool(getattr(image, "is_animated", False))
    except Exception:  # What is damaged behind the first picture is no matter.
        return False
    return False


def with_pages(listing: Listing) -> Listing:
    """The listing with every page of its files as an image of its own.

    The first page keeps the file's name, and with it its sample id.
    """
    images = list(listing.images)
    notes = list(listing.notes)
    for image in listing.images:
        pages = _pages_of(image)
        if len(pages) == MOST_PAGES:
            notes.append(f"{image.name} has more than {MOST_PAGES:,} pages: the first {MOST_PAGES:,} are taken.")
        for number, page in enumerate(pages[1:], 2):
            name = f"{image.name}#{number}"
            images.append(PageImage(image.path, name, image.is_twin, image.folder_class, file=image, page=page))
    return replace(listing, images=sorted(images, key=lambda image: image.name), notes=tuple(notes))


def _pages_of(image: ImageFile) -> Sequence[int]:
    """Where a file's pages are; at least one."""
    try:
        content = image.content()
        if format_of(content[:HEAD]) in _WITH_PAGES:
            return _first_pages(content, MOST_PAGES)
    except Exception:  # Whoever decodes it will say what is wrong.
        return [0]
    return [0]


def _first_pages(content: bytes, most: int) -> list[int]:
    if format_of(content[:HEAD]) == DICOM:
        from exporters.images import dicom

        return list(range(min(most, dicom.frames_in(dicom.read_dicom(io.BytesIO(content), header=True)))))
    pages: list[int] = []
    with open_image(io.BytesIO(content)) as image:
        for page in _real_pages(image):
            pages.append(page)
            if len(pages) == most:
                break
    return pages or [0]


def _real_pages(image: Opened) -> Iterator[int]:
    """Places of pages that are no smaller copies of others and no masks."""
    for page in range(2**31):
        try:
            image.seek(page)
        except EOFError:
            return
        if is_real_page(image):
            yield page
