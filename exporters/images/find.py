"""Finds the image files below a folder."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from exporters.errors import ExportError
from exporters.images.inside import Inside
from exporters.images.listing import Listing, describe_kinds, list_files
from exporters.images.own_runs import MARKS, Runs, is_hidden


def find_images(folder: Path, outside: bool = False, run_dir: Path | None = None) -> Listing:
    """Lists the image files below `folder`, by their suffix, without opening them (those without one are looked at).

    Hidden files and folders are passed over, and so are runs; links are followed, each folder once.

    Args:
        folder: A flat folder, or one of class sub-folders (nested ones belong to the first level's class).
        outside: Whether to follow links that lead out of it too; otherwise what they lead to is skipped.
        run_dir: The folder of a run that is about to be written.

    Returns:
        The listing, sorted by name, so that it does not depend on the order of the directory.

    Raises:
        ExportError: If the folder is missing, unreadable, or holds no image.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise ExportError(f"The folder of images {folder} {what}.")
    inside = Inside(folder, outside)
    runs = runs_below(folder, run_dir)
    listing = list_files(_walk(folder, inside, runs), inside=inside, every=False)
    if not listing.images and not listing.skipped:
        raise ExportError(f"{folder} holds no image in a format that is read{_others(listing)}.")
    return replace(listing, notes=runs.notes)


def runs_below(folder: Path, run_dir: Path | None) -> Runs:
    """The runs below a folder of images: those that are there, and the one that is about to be written."""
    ours = os.path.realpath(run_dir) if run_dir is not None else None

    def is_run(name: str) -> bool:
        path = folder / name
        is_marked = any(os.path.lexists(path / mark) for mark in MARKS)
        return is_marked or (bool(name) and ours == os.path.realpath(path))

    return Runs(is_run)


def _others(listing: Listing) -> str:
    return f" ({describe_kinds(listing.passed_over)})" if listing.passed_over else ""


def _walk(folder: Path, inside: Inside, runs: Runs) -> list[tuple[str, Path]]:
    """All files, and the links to folders that are not to be entered, with their names below the folder."""
    found: list[tuple[str, Path]] = []
    seen: set[tuple[int, int]] = set()
    for root, folders, files in os.walk(folder, followlinks=True, onerror=_refuse):
        status = os.stat(root)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        above = Path(root).relative_to(folder).as_posix()
        prefix = "" if above == "." else f"{above}/"
        shown = sorted(name for name in folders if not is_hidden(name))
        entered = [name for name in shown if inside.holds(Path(root, name))]
        found.extend((prefix + name, Path(root, name)) for name in shown if name not in entered)
        folders[:] = [name for name in entered if not runs.is_run(prefix + name)]
        names = [name for name in files if not is_hidden(name) and not runs.holds(prefix + name)]
        found.extend((prefix + name, Path(root, name)) for name in names)
    return found


def _refuse(error: OSError) -> None:
    raise ExportError(f"The folder {error.filename} cannot be read: {error.strerror}.")
