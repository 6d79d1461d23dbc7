"""Finds image files in a folder: what is there, which class folder it lies in, what was passed over."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from exporters.decode import ImageLike, decode
from exporters.errors import ExportError
from exporters.pixels import Encoded

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"})
MAX_FILE_BYTES = 256 * 2**20


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
    def own_class(self) -> str | None:
        """The class that it comes with: given, or the first folder of `name`; None where there is neither."""
        first, slash, _ = self.name.partition("/")
        return self.given_class or (first if slash else None)

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """What identifies it, the decoded picture, and the file itself where it can be shown as it is.

        Raises:
            UnreadableImageError: If it cannot be decoded.
            OSError: If it cannot be read.
        """
        content = self.path.read_bytes()
        return content, *decode(content)

    @property
    def source(self) -> ImageLike:
        """Where its picture comes from."""
        return self.path

    def digest(self) -> bytes:
        """SHA-256 of what identifies it; empty where it cannot be read."""
        try:
            return hashlib.sha256(self.path.read_bytes()).digest()
        except OSError:
            return b""


@dataclass(frozen=True)
class LeftOut:
    """A file that calls itself an image but is in no output, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What a folder holds: images in the order of their names, refused files, and how many files of other kinds.

    `fingerprint` changes when an image is added, removed, renamed or written again.
    """

    images: list[ImageFile]
    left_out: list[LeftOut]
    others: int
    fingerprint: str


def find_images(folder: Path) -> Listing:
    """Lists the JPEG, PNG and WebP files below `folder`, by their suffix, without opening them.

    Hidden files and folders are passed over; links are followed, each folder once.

    Args:
        folder: A flat folder, or one of class sub-folders (nested ones belong to the first level's class).

    Returns:
        The listing, sorted by name, so that it does not depend on the order of the directory.

    Raises:
        ExportError: If the folder is missing, unreadable, or holds no image.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise ExportError(f"The folder of images {folder} {what}.")
    paths: list[tuple[str, Path]] = []
    others = 0
    for path in _walk(folder):
        if path.suffix.lower() in SUFFIXES:
            paths.append((path.relative_to(folder).as_posix(), path))
        else:
            others += 1
    if not paths:
        raise ExportError(f"{folder} holds no JPEG, PNG or WebP image ({others:,} other files).")
    return list_files(paths, others)


def list_files(paths: Iterable[tuple[str, Path]], others: int = 0, classes: Mapping[str, str] | None = None) -> Listing:
    """The listing of the named files, which are looked at but not opened.

    Args:
        paths: Name and path of each.
        others: How many files of other kinds there were.
        classes: Class by name, where a table gives it.

    Raises:
        ExportError: If there is none.
    """
    images: list[ImageFile] = []
    left_out: list[LeftOut] = []
    sizes: dict[str, int] = {}
    times: dict[str, int] = {}
    for name, path in sorted(paths):
        status, problem = _look_at(path)
        if problem is None and status is not None:
            images.append(ImageFile(path, name, given_class=(classes or {}).get(name)))
            sizes[name], times[name] = status.st_size, status.st_mtime_ns
        else:
            left_out.append(LeftOut(name, problem or ""))
    if not images and not left_out:
        raise ExportError("There are no images.")
    fingerprint = hashlib.sha256(repr([*sizes.items(), *times.values()]).encode("utf-8", "surrogateescape"))
    return Listing(mark_twins(images, sizes), left_out, others, fingerprint.hexdigest())


def _walk(folder: Path) -> list[Path]:
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    for root, folders, files in os.walk(folder, followlinks=True, onerror=_refuse):
        status = os.stat(root)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(Path(root, name) for name in files if not name.startswith("."))
    return found


def _refuse(error: OSError) -> None:
    raise ExportError(f"The folder {error.filename} cannot be read: {error.strerror}.")


def _look_at(path: Path) -> tuple[os.stat_result | None, str | None]:
    """The file's status, and why it cannot be an image, if so."""
    try:
        status = path.stat()
    except OSError as error:
        return None, f"cannot be read ({error.strerror})"
    if not stat.S_ISREG(status.st_mode):
        return status, "not a regular file"
    return status, size_problem(status.st_size)


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
        groups[image.base_name, sizes[image.name]].append(image)
    twins: set[str] = set()
    for group in groups.values():
        seen: set[bytes] = set()
        for image in group if len(group) > 1 else []:
            digest = image.digest()
            if digest in seen:
                twins.add(image.name)
            seen.add(digest)
    return [replace(image, is_twin=True) if image.name in twins else image for image in images]
