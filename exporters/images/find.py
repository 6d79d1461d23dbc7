"""Finds the image files below a folder."""

from __future__ import annotations

import os
from collections import defaultdict, deque
from dataclasses import replace
from pathlib import Path

from exporters.errors import ExportError
from exporters.images.inside import Inside
from exporters.images.listing import Listing, describe_kinds, list_files
from exporters.images.own_runs import MAX_BYTES, Runs
from exporters.images.patterns import EVERYTHING, Pattern, State
from tb_tsne_plugin.runs.folder import Folder


def find_images(folder: Path, outside: bool = False) -> Listing:
    """The images below a folder, as `look_for_images` lists them.

    Raises:
        ExportError: If the folder is missing, unreadable, or holds no image.
    """
    return some_images(folder, look_for_images(folder, outside))


def look_for_images(folder: Path, outside: bool = False, slides: bool = False) -> Listing:
    """Lists the image files below `folder`, by their suffix, without opening them (those without one are looked at).

    Hidden files and folders are passed over, and so are the files of runs; links are followed, each folder once.

    Args:
        folder: A flat folder, or one of class sub-folders (nested ones belong to the first level's class).
        outside: Whether to follow links that lead out of it too; otherwise what they lead to is skipped.
        slides: Whether slides are images too.

    Returns:
        The listing, sorted by name, so that it does not depend on the order of the directory; it may be empty.

    Raises:
        ExportError: If the folder is missing or unreadable.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise ExportError(f"The folder of images {folder} {what}.")
    inside = Inside(folder, outside)
    runs = runs_below(folder)
    listing = list_files(walk(folder, inside, runs), inside=inside, every=False, slides=slides)
    return replace(listing, notes=runs.notes)


def some_images(source: object, listing: Listing) -> Listing:
    """A listing that is not empty.

    Raises:
        ExportError: If it is; it names the source, and what there is.
    """
    if listing.images or listing.skipped:
        return listing
    others = f" ({describe_kinds(listing.passed_over)})" if listing.passed_over else ""
    raise ExportError(f"{source} holds no image in a format that is read{others}.")


def runs_below(folder: Path) -> Runs:
    """The runs below a folder of images."""

    def read(below: str, name: str) -> bytes | None:
        try:
            with Folder(folder / below).open(name) as file:
                content = file.read(MAX_BYTES + 1)
        except OSError:
            return None
        return content if len(content) <= MAX_BYTES else None

    return Runs(read)


def walk(folder: Path, inside: Inside, runs: Runs, pattern: Pattern = EVERYTHING) -> list[tuple[str, Path]]:
    """The files that a pattern means, and the links to folders that are not to be entered, with their names.

    Links to folders are followed after all folders, so that a file goes by the name of where it lies. None is entered
    twice, unless the pattern may mean other files in it the second time.

    Args:
        folder: Where to begin.
        inside: What may be entered.
        runs: The runs below it; none of their files is meant.
        pattern: What is meant.

    Raises:
        ExportError: If a folder cannot be read.
    """
    found: list[tuple[str, Path]] = []
    entered: defaultdict[tuple[int, int], list[State]] = defaultdict(list)
    folders, links = deque([("", folder, pattern.start)]), deque[tuple[str, Path, State]]()
    while folders or links:
        prefix, here, state = (folders or links).popleft()
        try:
            status = os.stat(here)
            before = entered[status.st_dev, status.st_ino]
            if state in before:
                continue
            entries = list(os.scandir(here))
        except OSError as error:
            raise ExportError(f"The folder {here} cannot be read: {error.strerror}.") from error
        for entry in sorted(entries, key=lambda entry: entry.name):
            name, path, after = prefix + entry.name, here / entry.name, pattern.after(state, entry.name)
            is_folder = _is_folder(entry)
            if is_folder and inside.holds(path):
                if pattern.goes_on(after):
                    (links if entry.is_symlink() else folders).append((f"{name}/", path, after))
                continue
            is_meant = pattern.goes_on if is_folder else pattern.is_whole
            was_meant = any(is_meant(pattern.after(earlier, entry.name)) for earlier in before)
            if is_meant(after) and not was_meant and not runs.holds(name):
                found.append((name, path))
        before.append(state)
    return found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere
        return False
