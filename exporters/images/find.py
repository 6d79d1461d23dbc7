"""Finds the image files below a folder."""

from __future__ import annotations

import os
from pathlib import Path

from exporters.errors import ExportError
from exporters.images.inside import Inside
from exporters.images.listing import SUFFIXES, Listing, list_files


def find_images(folder: Path, outside: bool = False) -> Listing:
    """Lists the JPEG, PNG and WebP files below `folder`, by their suffix, without opening them.

    Hidden files and folders are passed over; links are followed, each folder once.

    Args:
        folder: A flat folder, or one of class sub-folders (nested ones belong to the first level's class).
        outside: Whether to follow links that lead out of it too; otherwise what they lead to is skipped.

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
    inside = Inside(folder, outside)
    for path in _walk(folder, inside):
        if path.suffix.lower() in SUFFIXES or not inside.holds(path):
            paths.append((path.relative_to(folder).as_posix(), path))
        else:
            others += 1
    if not paths:
        raise ExportError(f"{folder} holds no JPEG, PNG or WebP image ({others:,} other files).")
    return list_files(paths, others, inside=inside)


def _walk(folder: Path, inside: Inside) -> list[Path]:
    """All files, and the links to folders that are not to be entered."""
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    for root, folders, files in os.walk(folder, followlinks=True, onerror=_refuse):
        status = os.stat(root)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        shown = sorted(name for name in folders if not name.startswith("."))
        folders[:] = [name for name in shown if inside.holds(Path(root, name))]
        found.extend(Path(root, name) for name in shown if name not in folders)
        found.extend(Path(root, name) for name in files if not name.startswith("."))
    return found


def _refuse(error: OSError) -> None:
    raise ExportError(f"The folder {error.filename} cannot be read: {error.strerror}.")
