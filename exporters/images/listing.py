"""What there is to export: images by name, which class each comes with, what was passed over."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from exporters.errors import ExportError
from exporters.images.decode import UnreadableImageError, decode, one_at_a_time
from exporters.images.formats import HEAD, SCANNERS, SUFFIXES, TIFF, format_of, is_stand_in, suffix_of
from exporters.images.headers import has_more_bits, longest_side
from exporters.images.identity import file_sample_id
from exporters.images.inside import OUTSIDE, Inside
from exporters.images.outcomes import Skipped
from exporters.images.regions import DecodedPicture, Regions
from exporters.images.renditions import Encoded, Whole
from tb_tsne_plugin.runs.format import clean_text

NO_SUFFIX = "without a suffix"
"""Files that do not say what they are, among the kinds of files."""
MAX_FILE_BYTES = 2**30
LARGE_FILE_BYTES = 64 * 2**20
"""Larger ones are read and decoded one at a time."""
_PIECE = 2**20


@dataclass(frozen=True)
class ImageFile:
    """One file that calls itself an image.

    Attributes:
        path: Where to read it.
        name: Its path below the exported folder, with `/` between folders.
        is_twin: Whether an earlier file (by `name`) has the same base name and the same bytes.
        given_class: Its class where a table names it; otherwise its folder does.
    """

    path: Path
    name: str
    is_twin: bool = False
    given_class: str | None = None

    @property
    def base_name(self) -> str:
        """The file's own name, without folders; part of its identity."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def file_name(self) -> str:
        """The name of the file that it is, or a part of."""
        return self.name

    @property
    def picture(self) -> ImageFile:
        """What is decoded to have it: itself, or the picture that it is a part of."""
        return self

    @property
    def order(self) -> tuple[str, int]:
        """What images are sorted by."""
        return self.name, 0

    @property
    def details(self) -> Mapping[str, str]:
        """Further columns of its metadata, the same for all images of a listing."""
        return {}

    @property
    def folder_class(self) -> str | None:
        """The class that it comes with: given, or the first folder of `name`; None where there is neither."""
        first, slash, _ = self.name.partition("/")
        return self.given_class or (first if slash else None)

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """What identifies it, the decoded picture, and the file itself where it can be shown as it is.

        Raises:
            UnreadableImageError: If it cannot be decoded.
            OSError: If it cannot be read.
        """
        with one_at_a_time(self.size() > LARGE_FILE_BYTES):
            content = self._content_of_picture()
            return content, *decode(content)

    def read_full_size(self) -> tuple[bytes, Image.Image]:
        """What identifies it, and the picture as large as it is, for parts of it; a JPEG of up to 128 megapixels.

        Raises:
            UnreadableImageError: If it cannot be decoded.
            OSError: If it cannot be read.
        """
        with one_at_a_time(self.size() > LARGE_FILE_BYTES):
            content = self._content_of_picture()
            return content, decode(content, full_size=True)[0]

    def for_parts(self) -> tuple[str, Regions]:
        """Its sample id, and the picture as large as it is, for parts of it.

        Raises:
            UnreadableImageError: If it cannot be decoded.
            OSError: If it cannot be read.
        """
        content, picture = self.read_full_size()
        return file_sample_id(self, content), DecodedPicture(picture)

    def whole_rendition(self) -> Whole | None:
        """The picture that it is a part of, to look at; None where it is no part, or another one has it already."""
        return None

    def _content_of_picture(self) -> bytes:
        content = self.content()
        if is_stand_in(self.name, content[:HEAD]):
            raise UnreadableImageError(
                f"a GIF called {suffix_of(self.name)}, as sites send for a picture that is gone; call it .gif to "
                "have it"
            )
        return content

    def size(self) -> int:
        """How many bytes it has.

        Raises:
            OSError: If it cannot be found.
        """
        return self.path.stat().st_size

    def content(self) -> bytes:
        """Its bytes.

        Raises:
            OSError: If it cannot be read.
        """
        return self.path.read_bytes()

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, some at a time.

        Raises:
            OSError: If it cannot be read.
        """
        with self.path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def has_more_bits(self) -> bool:
        """Whether its header tells of a picture with more than 8 bits a value."""
        return has_more_bits(self.path)

    def longest_side(self) -> int:
        """The longest side as the header tells, in pixels; 0 where it cannot be understood."""
        return longest_side(self.path)

    def digest(self) -> bytes:
        """SHA-256 of what identifies it; empty where it cannot be read."""
        digest = hashlib.sha256()
        try:
            for piece in self.pieces():
                digest.update(piece)
        except OSError:
            return b""
        return digest.digest()


@dataclass(frozen=True)
class Listing:
    """What a source holds.

    Attributes:
        images: The images, in the order of their names; objects in the order of their pictures' names.
        skipped: Files that call themselves images and cannot be any.
        passed_over: How many files of other kinds there are, by kind: `.txt`, or `NO_SUFFIX`. Hidden files are none.
        fingerprint: Changes when an image is added, removed, renamed or written again.
        notes: Sentences that the user should read.
        noun: What one of the images is called.
    """

    images: Sequence[ImageFile]
    skipped: list[Skipped]
    passed_over: Mapping[str, int]
    fingerprint: str
    notes: Sequence[str] = ()
    noun: str = "image"


def list_files(
    paths: Iterable[tuple[str, Path]],
    classes: Mapping[str, str] | None = None,
    inside: Inside | None = None,
    every: bool = True,
    slides: bool = False,
) -> Listing:
    """The listing of the named files, which are looked at but not opened.

    Args:
        paths: Name and path of each.
        classes: Class by name, where a table gives it.
        inside: What may be looked at; None for everything.
        every: Whether each is meant to be an image. Otherwise those that do not call themselves one are passed over;
            of those that call themselves nothing, the first bytes decide.
        slides: Whether slides are images too: formats of scanners' makers, and files of any size in one of which parts
            can be decoded.

    Raises:
        ExportError: If there is none.
    """
    images: list[ImageFile] = []
    skipped: list[Skipped] = []
    passed_over: Counter[str] = Counter()
    sizes: dict[str, int] = {}
    times: dict[str, int] = {}
    for name, path in sorted(paths):
        is_slide = slides and may_be_slide(name)
        kind = None if is_slide else kind_of_other(name)
        if not every and kind not in (None, NO_SUFFIX) and (inside is None or inside.holds(path)):
            passed_over[str(kind)] += 1
            continue
        status = _status_of(name, path, inside, is_slide)
        if not every and kind == NO_SUFFIX and not _is_image(path, status):
            passed_over[NO_SUFFIX] += 1
        elif isinstance(status, Skipped):
            skipped.append(status)
        else:
            images.append(ImageFile(path, name, given_class=(classes or {}).get(name)))
            sizes[name], times[name] = status.st_size, status.st_mtime_ns
    if every and not images and not skipped:
        raise ExportError("There are no images.")
    fingerprint = hashlib.sha256(repr([*sizes.items(), *times.values()]).encode("utf-8", "surrogateescape"))
    return Listing(mark_twins(images, sizes), skipped, passed_over, fingerprint.hexdigest())


def is_of_scanner(name: str) -> bool:
    """Whether a file's name tells of a format of scanners' makers."""
    return suffix_of(name) in SCANNERS


def may_be_slide(name: str) -> bool:
    """Whether a file's name tells of a format of which parts can be decoded."""
    return is_of_scanner(name) or SUFFIXES.get(suffix_of(name)) == TIFF


def kind_of_other(name: str) -> str | None:
    """What kind of file a name tells of; None for an image's.

    Numbers are no suffix: DICOM files are called `IM000001`, or `1.2.840.10008.5`.
    """
    suffix = suffix_of(name)
    if not suffix[1:].strip("0123456789"):
        return NO_SUFFIX
    return None if suffix in SUFFIXES else suffix


def describe_kinds(kinds: Mapping[str, int], most: int = 10) -> str:
    """Kinds of files in words, the frequent ones first: `30 .txt, 4 without a suffix`."""
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{count:,} {clean_text(kind)}" for kind, count in ordered[:most]]
    rest = sum(count for _, count in ordered[most:])
    return ", ".join([*shown, f"{rest:,} of other kinds"] if rest else shown)


def _is_image(path: Path, status: os.stat_result | Skipped) -> bool:
    """Whether the first bytes of a file say that it is an image."""
    if isinstance(status, Skipped):
        return status.reason == OUTSIDE
    try:
        with path.open("rb") as file:
            return format_of(file.read(HEAD)) is not None
    except OSError:
        return False


def _status_of(name: str, path: Path, inside: Inside | None, any_size: bool) -> os.stat_result | Skipped:
    """The file's status, unless that alone says that it is no image."""
    try:
        if inside is not None and not inside.holds(path):
            return Skipped(name, OUTSIDE)
        status = path.stat()
    except OSError as error:
        return Skipped(name, f"cannot be read ({error.strerror})")
    except ValueError:
        return Skipped(name, "cannot be read (no file has such a name)")
    if not stat.S_ISREG(status.st_mode):
        return Skipped(name, "not a regular file")
    problem = None if any_size and status.st_size else size_problem(status.st_size)
    return status if problem is None else Skipped(name, problem)


def size_problem(size: int) -> str | None:
    """Why a file of so many bytes cannot be an image, if so."""
    if size == 0:
        return "empty file"
    if size > MAX_FILE_BYTES:
        return f"{size / 2**20:,.0f} MiB, over the limit of {MAX_FILE_BYTES // 2**20} MiB"
    return None


def mark_twins(images: list[ImageFile], sizes: Mapping[str, int]) -> list[ImageFile]:
    """Marks later copies over the *whole* listing, so that a sample of it gives the same ids as all of it."""
    groups: dict[tuple[str, int], list[ImageFile]] = defaultdict(list)
    for image in images:
        groups[unicodedata.normalize("NFC", image.base_name), sizes[image.name]].append(image)
    twins: set[str] = set()
    for group in groups.values():
        seen: set[bytes] = set()
        for image in group if len(group) > 1 else []:
            digest = image.digest()
            if digest in seen:
                twins.add(image.name)
            seen.add(digest)
    return [replace(image, is_twin=True) if image.name in twins else image for image in images]
