"""Names of images in tables from elsewhere, matched with the names that a run or a folder has for them.

This module imports the standard library only: `exporters` and the plugin match names alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|/data/(upload|local-files)/")
_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")
"""What Label Studio puts before the name of an uploaded file."""


class Matched(NamedTuple):
    """What given names stand for.

    Attributes:
      names: The known name by the given one; those that are known as they are, and those that match nothing, are not
        in it.
      notes: Sentences on what was matched by a part of its name only, with the first example.
    """

    names: dict[str, str]
    notes: list[str]


def match_names(given: Iterable[str], known: Sequence[str]) -> Matched:
    """Finds which of some known names each given one means.

    The same name in another spelling is the same: in the other Unicode form, with backslashes, with blanks around it,
    or with `./` before it. After that a name matches one whose path ends like its own, then what an address or Label
    Studio's upload made of it. What could mean two, or is meant by two, matches nothing.

    Args:
      given: Names from elsewhere.
      known: Our own, all different.
    """
    ours = set(known)
    missing = [name for name in dict.fromkeys(given) if name not in ours]
    names = _unique(missing, lambda name: [_plain(name)], known, lambda name: [_plain(name)])
    notes: list[str] = []
    for ways, mine, words in (
        (_ends_below, _whole, "by the end of their paths"),
        (_whole, _ends_below, "by the end of their paths"),
        (_of_address, _ends, "by the file's name in their addresses"),
    ):
        left = [name for name in missing if name not in names]
        if not left:
            break
        found = _unique(left, ways, known, mine)
        if found:
            first, means = next(iter(found.items()))
            count = "1 name was" if len(found) == 1 else f"{len(found):,} names were"
            notes.append(f"{count} matched {words}: {first} is taken for {means}.")
            names |= found
    return Matched(names, notes)


def _unique(
    given: Sequence[str],
    ways: Callable[[str], Iterable[str]],
    known: Sequence[str],
    mine: Callable[[str], Iterable[str]],
) -> dict[str, str]:
    """Pairs that have a form in common, where neither could belong to another pair."""
    wanted = {way for name in given for way in ways(name)}
    by_form: dict[str, set[str]] = defaultdict(set)
    for name in known:
        for form in mine(name):
            if form in wanted:
                by_form[form].add(name)
    pairs: dict[str, str] = {}
    for name in given:
        # The longest form that is known at all decides.
        means = next((by_form[way] for way in ways(name) if way in by_form), set())
        if len(means) == 1:
            pairs[name] = next(iter(means))
    times: dict[str, int] = defaultdict(int)
    for meant in pairs.values():
        times[meant] += 1
    return {name: meant for name, meant in pairs.items() if times[meant] == 1}


def _plain(name: str) -> str:
    """The one spelling of a path."""
    parts = unicodedata.normalize("NFC", name.strip()).replace("\\", "/").split("/")
    return "/".join(part for place, part in enumerate(parts) if part != "." and (part or place == 0))


def _whole(name: str) -> Iterator[str]:
    yield _plain(name)


def _ends_below(name: str) -> Iterator[str]:
    """The ends of a path, the longest first."""
    parts = _plain(name).split("/")
    yield from ("/".join(parts[place:]) for place in range(1, len(parts)))


def _ends(name: str) -> Iterator[str]:
    """A path, and its ends."""
    yield from _whole(name)
    yield from _ends_below(name)


def _of_address(name: str) -> Iterator[str]:
    """The ends of the path that an address leads to, or of an uploaded file's, first without what the upload added."""
    path = name
    if _ADDRESS.match(name):
        address = urlsplit(name)
        path = next(iter(parse_qs(address.query).get("d", [])), unquote(address.path))
    folder, slash, last = _plain(path).rpartition("/")
    bare = _UPLOADED.sub("", last, count=1)
    if path != name or bare != last:
        yield from _ends(folder + slash + bare)
        yield from _ends(folder + slash + last)
