"""What a column of the metadata holds: names of groups, numbers, times, states of labels, or other text."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.runs.format import LABEL, STATES

Kind = Literal["groups", "number", "time", "states", "text"]
Measure = Literal["number", "time"]

MOST_GROUPS = 48
"""A column that names groups can colour the picture; one that names every sample by itself cannot."""
_FEWEST = 12
"""Fewer different values are told apart more easily as groups."""
_MOST_CODES = 48
"""Whole numbers round 0 without a gap, and no more than so many, name groups: clusters, folds, months."""
_TELLING = 256
_NO_VALUE = {"", "nan", "none", "null", "na", "n/a", "<na>", "nat", "inf", "infinity", "unlabeled"}
"""What files write where there is no value; infinite ones stand on no scale."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))? ?(?:Z|([+-])(\d\d):(\d\d))?)?", re.ASCII
)
_STATES = re.compile(r"(?:(.+)_)?state(?:~\d+)?", re.ASCII | re.DOTALL)
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


def kinds_of(columns: Mapping[str, Sequence[str]], sample_ids: Sequence[str]) -> dict[str, Kind]:
    """What each column holds.

    Args:
      columns: Cells by column name, all N long.
      sample_ids: N names.
    """
    return {name: _kind(name, cells, columns, sample_ids) for name, cells in columns.items()}


def measured(words: Sequence[str], kind: Measure) -> NDArray[np.float64]:
    """The numbers that cells hold, or their times in milliseconds since 1970; NaN where they have none.

    Args:
      words: M cells.
      kind: How they are read.

    Returns:
      (M,) values. A time without a zone is taken for UTC, so that it is the same for everybody.
    """
    read = _number if kind == "number" else _time
    return np.fromiter((read(word) for word in words), np.float64, len(words))


def _kind(name: str, cells: Sequence[str], columns: Collection[str], sample_ids: Sequence[str]) -> Kind:
    if _are_plain(cells[:_TELLING]):
        return "text"
    counts = Counter(cells)
    if _is_beside_labels(name, columns) and counts.keys() <= {"", *STATES}:
        return "states"  # copies that were saved beside labels, and are out of date
    measures: tuple[Measure, ...] = ("number", "time")
    for measure in measures:
        if _fits(measure, counts) and not (measure == "number" and list(cells) == list(sample_ids)):
            return measure
    return "groups" if 1 < len(counts) <= min(MOST_GROUPS, len(cells) / 2) else "text"


def _are_plain(first: Sequence[str]) -> bool:
    """Whether the first cells of a column say already that it holds text: then the others are not counted."""
    return len(set(first)) > MOST_GROUPS and not any(_may_be(measure, first) for measure in ("number", "time"))


def _may_be(measure: str, cells: Iterable[str]) -> bool:
    read = _number if measure == "number" else _time
    return all(not math.isnan(read(cell)) or not _has_value(cell) for cell in cells)


def _is_beside_labels(name: str, columns: Collection[str]) -> bool:
    found = _STATES.fullmatch(name)
    return found is not None and (found[1] or LABEL) in columns


def _fits(measure: Measure, counts: Mapping[str, int]) -> bool:
    """Whether what a column holds is measured so, and is no name: of a group, or of the samples."""
    if not _may_be(measure, counts):
        return False
    read = _number if measure == "number" else _time
    by_word = {word: read(word) for word in counts}
    values = {value for value in by_word.values() if not math.isnan(value)}
    count = sum(times for word, times in counts.items() if not math.isnan(by_word[word]))
    if len(values) < _FEWEST:
        return False
    if measure == "time" or not all(map(float.is_integer, values)):
        return True
    span = max(values) - min(values)
    are_codes = span < len(values) <= _MOST_CODES and abs(min(values)) <= 1
    may_number = span + 1 == count == len(values)
    return not are_codes and not may_number


def _has_value(cell: str) -> bool:
    """Whether a cell holds anything but a word for nothing."""
    word = cell.strip()
    return (word[1:] if word[:1] in ("+", "-") else word).lower() not in _NO_VALUE


def _number(cell: str) -> float:
    word = cell.strip()
    value = float(word) if _NUMBER.fullmatch(word) else math.nan
    return value if math.isfinite(value) else math.nan


def _time(cell: str) -> float:
    """A day or a time as ISO 8601 writes it."""
    found = _TIME.fullmatch(cell.strip())
    if found is None:
        return math.nan
    day, hours, minutes, seconds, sign, *zone = found.groups()
    try:
        days = date.fromisoformat(day).toordinal() - _EPOCH
    except ValueError:
        return math.nan
    hour, minute, second = int(hours or 0), int(minutes or 0), float(seconds or 0)
    if hour > 23 or minute > 59 or second >= 60:
        return math.nan
    east = 0 if sign is None else int(f"{sign}1") * (60 * int(zone[0]) + int(zone[1]))
    return days * _DAY_MS + round(1000 * (3600 * hour + 60 * (minute - east) + second))
