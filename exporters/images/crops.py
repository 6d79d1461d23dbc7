"""Parts of pictures as images of their own: each picture is opened once for all that is cut out of it."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from sys import intern
from typing import NamedTuple

from PIL import Image

from exporters.images.decode import LARGE_PIXELS, UnreadableImageError
from exporters.images.deep import cropped, has_more_bits
from exporters.images.headers import PictureSize
from exporters.images.intensity import Intensity
from exporters.images.listing import ImageFile
from exporters.images.regions import Regions
from exporters.images.renditions import PADDING, Encoded, RenditionSpec, Whole, whole_rendition
from tb_tsne_plugin.runs.boxes import Box
from tb_tsne_plugin.runs.format import BOX, OBJECT, PICTURE_SIZE, clean_text

# Parts of one picture that a thread reads at once.
TOGETHER = 8
# What rounding leaves of whole pixels, as a share of one.
_ROUNDING = 1e-6


class Surroundings(NamedTuple):
    """What of a box's surroundings is cut out with it.

    Attributes:
        margin: A share of the box's width at its left and right, and of its height above and below.
        square: Whether the shorter side is made as long as the longer one.
    """

    margin: float = 0.0
    square: bool = False

    def around(self, box: Box) -> Box:
        """The box with its surroundings; it may reach past the picture."""
        width, height = box.width * (1 + 2 * self.margin), box.height * (1 + 2 * self.margin)
        if self.square:
            width = height = max(width, height)
        return Box(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height)


@dataclass(frozen=True)
class CropImage(ImageFile):
    """A part of a picture, as an image.

    Attributes:
        whole: The picture.
        extent: How large that is, as its header tells.
        number: Which of the picture's parts it is, from 0.
        box: Where the part lies.
        surroundings: What is cut out with it.
        key: What tells it from the other parts of the same picture, for as long as there are labels.
        object_id: What people call it, in its metadata.
        shared: The picture, decoded for several of its parts.
    """

    whole: ImageFile = field(kw_only=True)
    extent: PictureSize = field(kw_only=True)
    number: int = field(kw_only=True)
    box: Box = field(kw_only=True)
    surroundings: Surroundings = field(kw_only=True)
    key: str = field(kw_only=True)
    object_id: str = field(kw_only=True)
    shared: SharedPicture | None = field(default=None, kw_only=True, compare=False, repr=False)

    @property
    def base_name(self) -> str:
        """What tells it from the picture's other parts: its id is made of this, and of the picture's id."""
        return self.key

    @property
    def folder_class(self) -> str | None:
        """The class that it is given; that of its picture is another thing's."""
        return self.given_class

    @property
    def file_name(self) -> str:
        """The picture's name."""
        return self.whole.name

    @property
    def picture(self) -> ImageFile:
        """The picture."""
        return self.whole

    @property
    def order(self) -> tuple[str, int]:
        """By pictures, so that each is decoded once."""
        return self.whole.name, self.number

    @property
    def details(self) -> Mapping[str, str]:
        """Its id, its box as it was given, in pixels of the upright picture, and how many of these there are."""
        extent = (intern(str(self.extent.width)), intern(str(self.extent.height)))
        cells = (clean_text(self.object_id), *map(_shortest, self.box), *extent)
        return dict(zip((OBJECT, *BOX, *PICTURE_SIZE), cells, strict=True))

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """The picture's id, and the part."""
        shared = self.shared or SharedPicture(self.whole, 1)
        try:
            sample_id, picture = shared.opened()
            return sample_id.encode(), self._cut_out_of(picture), None
        finally:
            shared.let_go()

    def whole_rendition(self) -> Whole | None:
        """The picture to look at; None for all of its parts but the first that asks, after it was read."""
        return None if self.shared is None else self.shared.take_whole()

    def size(self) -> int:
        """How many bytes the picture's file has."""
        return self.whole.size()

    def content(self) -> bytes:
        """The bytes of the picture's file."""
        return self.whole.content()

    def has_more_bits(self) -> bool:
        """Whether the picture has more than 8 bits a value."""
        return self.whole.has_more_bits()

    def longest_side(self) -> int:
        """The longest side of what is cut out, in the picture's pixels."""
        return round(max(self.surroundings.around(self.box)[2:]))

    def _cut_out_of(self, picture: Regions) -> Image.Image:
        """The part of the picture, which is smaller than its header tells where it would be too large."""
        width, height = self.extent.width, self.extent.height
        has_width, has_height = picture.size
        if (has_width > has_height) is not (width > height) and has_width != has_height:
            raise UnreadableImageError(
                f"its header tells of {width:,} x {height:,} pixels, but it has {has_width:,} x {has_height:,}"
            )
        wide, high = has_width / width, has_height / height
        wanted = self.surroundings.around(self.box)
        left, right = _whole_pixels(wanted.x * wide, (wanted.x + wanted.width) * wide)
        top, bottom = _whole_pixels(wanted.y * high, (wanted.y + wanted.height) * high)
        inside = max(0, left), max(0, top), min(has_width, right), min(has_height, bottom)
        part = picture.region(inside)
        if not self.surroundings.square or inside == (left, top, right, bottom):
            return part
        if has_more_bits(part):
            return cropped(part, (left - inside[0], top - inside[1], right - inside[0], bottom - inside[1]))
        padded = Image.new(part.mode, (right - left, bottom - top), PADDING)
        padded.paste(part, (inside[0] - left, inside[1] - top))
        return padded


class SharedPicture:
    """A picture that is opened when the first of its parts is read, and forgotten after the last.

    Args:
        picture: The picture.
        parts: How many of its parts are going to be read.
        gate: Of a large picture: what lets one at a time be open, until it is forgotten. Parts are read in the order
            of their pictures, so that none waits for one that comes later.
        look: Makes of it what people look at, when it is opened; None where that is not wanted.
    """

    def __init__(
        self,
        picture: ImageFile,
        parts: int,
        gate: threading.Semaphore | None = None,
        look: Callable[[Regions], Encoded] | None = None,
    ):
        self._picture = picture
        self._left = parts
        self._gate = gate
        self._look = look
        self._whole: Whole | None = None
        self._is_inside = False
        self._lock = threading.Lock()
        self._opened: tuple[str, Regions] | None = None
        self._problem = ""

    def opened(self) -> tuple[str, Regions]:
        """Its sample id, and the picture.

        Raises:
            UnreadableImageError: If it cannot be read or decoded; that is tried once.
        """
        with self._lock:
            if self._opened is None and not self._problem:
                self._enter()
                try:
                    sample_id, picture = self._picture.for_parts()
                    if self._look is not None:
                        self._whole = Whole(self._picture.name, self._look(picture))
                    self._opened = sample_id, picture
                except UnreadableImageError as error:
                    self._problem = str(error)
                except OSError as error:
                    self._problem = f"cannot be read ({error.strerror})"
            if self._opened is None:
                raise UnreadableImageError(self._problem)
            return self._opened

    def take_whole(self) -> Whole | None:
        """What people look at, once."""
        with self._lock:
            whole, self._whole = self._whole, None
            return whole

    def let_go(self) -> None:
        """Says that one part of it was read."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                if self._opened is not None:
                    self._opened[1].close()
                self._opened = None
                self._leave()

    def _enter(self) -> None:
        if self._gate is not None and not self._is_inside:
            self._gate.acquire()
            self._is_inside = True

    def _leave(self) -> None:
        if self._gate is not None and self._is_inside:
            self._gate.release()
            self._is_inside = False


def together(images: Iterable[ImageFile], spec: RenditionSpec) -> Iterator[list[ImageFile]]:
    """Images in the lots in which they are read: parts of one picture together, which then share it; others alone."""
    gate = threading.Semaphore()
    side = spec.whole_side
    look = None if side is None else partial(_whole, side=side, intensity=spec.intensity)
    for picture, group in groupby(images, lambda image: image.picture):
        parts = list(group)
        if isinstance(parts[0], CropImage):
            is_large = parts[0].extent.width * parts[0].extent.height > LARGE_PIXELS
            shared = SharedPicture(picture, len(parts), gate if is_large else None, look)
            parts = [replace(part, shared=shared) if isinstance(part, CropImage) else part for part in parts]
        for start in range(0, len(parts), TOGETHER):
            yield parts[start : start + TOGETHER]


def _whole(picture: Regions, side: int, intensity: Intensity) -> Encoded:
    """A picture to look at; what of a slide cannot be decoded is white in it."""
    return whole_rendition(picture.reduced(side, lenient=True), side, intensity)


def _shortest(value: float) -> str:
    """A number in its shortest form: `12`, `12.5`; the same text for the same number."""
    return intern(str(int(value)) if value.is_integer() else repr(value))


def _whole_pixels(begin: float, end: float) -> tuple[int, int]:
    """All pixels that a span touches; at least one."""
    first = math.floor(begin + _ROUNDING)
    return first, max(first + 1, math.ceil(end - _ROUNDING))
