"""Looks through log dirs: folders by name, and what links in them lead to, each folder once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from tb_tsne_plugin.runs.logdirs import LogDirs

MAX_DEPTH = 8
"""Folders below a log dir, in names: those behind a link count from the link's place."""
MAX_LINKED = 10_000
"""Links that are followed, and folders that are entered by them, in one look: a link may lead anywhere."""


class _Place(NamedTuple):
    """A folder on the way.

    Attributes:
      name: Its path below the log dir; "" for that itself.
      path: By which it is entered.
      real: The same without links.
      depth: How far below the log dir.
    """

    name: str
    path: str
    real: str
    depth: int


def walk(logdirs: LogDirs, file: str) -> Iterator[tuple[str, str]]:
    """Every folder in which there is a file of a name.

    Folders that are really there come first, in the order of their names; then those that links lead to, so that a link
    never takes a folder its own name. No folder is entered twice: a link to the log dir, to a folder above it, or to
    itself has an end. Hidden ones are passed over, and so is what cannot be entered.

    Args:
      logdirs: The log dirs.
      file: The file's name.

    Yields:
      The folder's path below the log dir ("." for that itself), after the log dir's own name, and the folder.
    """
    entered: set[str] = set()
    links: deque[_Place] = deque()
    for name, folder in logdirs.folders:
        start = _Place(name, os.fspath(folder), os.path.realpath(folder), 0)
        yield from _walk_real(start, file, entered, links)
    looks = 0
    while links and looks < MAX_LINKED:
        link = links.popleft()
        real = os.path.realpath(link.path)
        before = len(entered)
        start = link._replace(path=real, real=real)
        yield from _walk_real(start, file, entered, links, before + MAX_LINKED - looks)
        looks += 1 + len(entered) - before


def _walk_real(
    start: _Place, file: str, entered: set[str], links: deque[_Place], most: int | None = None
) -> Iterator[tuple[str, str]]:
    """The folders in one, itself first, until so many are entered; links to folders are put off."""
    waiting = [start]
    while waiting and (most is None or len(entered) < most):
        place = waiting.pop()
        if place.real in entered:
            continue
        try:
            with os.scandir(place.path) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:  # no folder, or none that may be read
            continue
        entered.add(place.real)
        inner: list[_Place] = []
        for entry in found:
            if not _is_folder(entry):
                if entry.name == file:
                    yield place.name or ".", place.path
            elif place.depth < MAX_DEPTH and not entry.name.startswith("."):
                (links if entry.is_symlink() else inner).append(_below(place, entry.name))
        waiting.extend(reversed(inner))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is one, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _below(place: _Place, name: str) -> _Place:
    path, real = os.path.join(place.path, name), os.path.join(place.real, name)
    return _Place(f"{place.name}/{name}" if place.name else name, path, real, place.depth + 1)
