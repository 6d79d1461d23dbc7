"""Which files below a folder a pattern means."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeAlias

from exporters.images.own_runs import is_hidden

ANY_FOLDERS = "**"
State: TypeAlias = "frozenset[int]"
"""How far a path has come in a pattern: the parts that may be the next."""


class Pattern:
    """The parts of a pattern between slashes, matched one name after another on the way down.

    So a folder in which nothing can match need not be entered. Hidden names match only what names them: `.c*` means
    `.cache`, `*` does not.

    Args:
        parts: The parts; `**` stands for any number of folders, also none, and at the end for all files.
    """

    def __init__(self, parts: Sequence[str]):
        self._parts = parts
        self.start = self._state([0])

    def after(self, state: State, name: str) -> State:
        """The state behind a name."""
        matched = [place for place in state if place < len(self._parts) and _matches(self._parts[place], name)]
        return self._state(place if self._parts[place] == ANY_FOLDERS else place + 1 for place in matched)

    def is_whole(self, state: State) -> bool:
        """Whether what came to this state matches."""
        return len(self._parts) in state

    def goes_on(self, state: State) -> bool:
        """Whether something below what came to this state may match."""
        return any(place < len(self._parts) for place in state)

    def _state(self, places: Iterable[int]) -> State:
        reached = set(places)
        for place, part in enumerate(self._parts):
            if place in reached and part == ANY_FOLDERS:
                reached.add(place + 1)
        return frozenset(reached)


EVERYTHING = Pattern([ANY_FOLDERS])


def split(pattern: str) -> tuple[Path, Pattern]:
    """The folder that a pattern names, and what it means below; a folder that is called so is no pattern."""
    parts = Path(pattern).parts
    first = 0
    while first < len(parts) - 1 and (not glob.has_magic(parts[first]) or Path(*parts[: first + 1]).is_dir()):
        first += 1
    return Path(*parts[:first]), Pattern(parts[first:])


def _matches(part: str, name: str) -> bool:
    if part == name:
        return True
    if is_hidden(name) and not (name.startswith(".") and part.startswith(".")):
        return False
    return fnmatch(name, part)
