"""Finds image files in a folder: what is there, which class folder it lies in, what was passed over."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from exporters.errors import ExportError

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"})
MAX_FILE_BYTES = 256 * 2**20


@dataclass(frozen=True)
class ImageFile:
    """One file that calls itself an image.

    Attributes:
        path: Where to read it.
        name: Its path below the exported folder, with `/` between folders.
        is_twin: Whether an earlier file (by `name`) has the same base name and the same bytes.
    """

    path: Path
    name: str
    is_twin: bool = False

    @property
    def base_name(self) -> str:
        """The file's own name, without folders."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def folder_class(self) -> str | None:
        """The first folder of `name`, which is its class; None for a file that lies in no folder."""
        first, slash, _ = self.name.partition("/")
        return first if slash else None


@dataclass(frozen=True)
class LeftOut:
    """A file that calls itself an image but is in no output, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What a folder holds: images in the order of their names, refused files, and how many files of other kinds."""

    images: list[ImageFile]
    left_out: list[LeftOut]
    others: int


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
    images: list[ImageFile] = []
    left_out: list[LeftOut] = []
    others = 0
    sizes: dict[str, int] = {}
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() not in SUFFIXES:
            others += 1
            continue
        size, problem = _look_at(path)
        if problem is None:
            images.append(ImageFile(path, name))
            sizes[name] = size
        else:
            left_out.append(LeftOut(name, problem))
    if not images and not left_out:
        raise ExportError(f"{folder} holds no JPEG, PNG or WebP image ({others:,} other files).")
    images.sort(key=lambda image: image.name)
    left_out.sort(key=lambda file: file.name)
    return Listing(_mark_twins(images, sizes), left_out, others)


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


def _look_at(path: Path) -> tuple[int, str | None]:
    """The file's size in bytes, and why it cannot be an image, if so."""
    try:
        status = path.stat()
    except OSError as error:
        return 0, f"cannot be read ({error.strerror})"
    if not stat.S_ISREG(status.st_mode):
        return 0, "not a regular file"
    if status.st_size == 0:
        return 0, "empty file"
    if status.st_size > MAX_FILE_BYTES:
        return 0, f"{status.st_size / 2**20:,.0f} MiB, over the limit of {MAX_FILE_BYTES // 2**20} MiB"
    return status.st_size, None


def _mark_twins(images: list[ImageFile], sizes: dict[str, int]) -> list[ImageFile]:
    """Marks later copies over the *whole* folder, so that a sample of it gives the same ids as all of it."""
    groups: dict[tuple[str, int], list[ImageFile]] = defaultdict(list)
    for image in images:
        groups[image.base_name, sizes[image.name]].append(image)
    twins: set[str] = set()
    for group in groups.values():
        seen: set[bytes] = set()
        for image in group if len(group) > 1 else []:
            digest = _digest(image.path)
            if digest in seen:
                twins.add(image.name)
            seen.add(digest)
    return [replace(image, is_twin=True) if image.name in twins else image for image in images]


def _digest(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b""
