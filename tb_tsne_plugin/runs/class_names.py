"""Labels as texts: which class a label stands for, however it is written, and in which order people look for classes.

This module imports the standard library and the file format only: `exporters` and the plugin clean labels alike.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from tb_tsne_plugin.runs.format import MAX_LABEL_LENGTH, UNLABELED, clean_text, has_unsafe_characters

_DIGEST_LENGTH = 8
_SHOWN = 60
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d*)?(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_LARGEST = 2**53
"""Up to here every whole number is a float64 of its own."""
_DIGITS = re.compile(r"(\d+)")
_MISSING = frozenset({"nan", "<na>", "nat", "#n/a"})
"""What programs write where a value is missing, and nobody calls a class."""
_DOUBTFUL = frozenset({"none", "null", "na", "n/a"})
"""What may be that, and may be a class: grades from None to Severe."""


def clean_label(text: str) -> str | None:
    """The class name that a label from elsewhere stands for; the same for every way in, and twice the same as once.

    Args:
      text: A label as a file, a folder's name or somebody's array has it.

    Returns:
      At most `MAX_LABEL_LENGTH` characters in Unicode's composed form (NFC), none of them unsafe; None where it says
      that there is no label. Different labels that are too long stay different: a part of a digest ends them.
    """
    label = unicodedata.normalize("NFC", clean_text(text))
    if len(label) > MAX_LABEL_LENGTH:
        digest = hashlib.blake2b(label.encode(), digest_size=_DIGEST_LENGTH // 2).hexdigest()
        label = f"{label[: MAX_LABEL_LENGTH - _DIGEST_LENGTH - 2].rstrip()}…~{digest}"
    return None if label.casefold() in ("", UNLABELED) else label


class CleanLabels(NamedTuple):
    """The labels of a whole column.

    Attributes:
      names: Class name of each, None where there is none.
      notes: Sentences on what was cut, joined, rewritten or taken as no label: once each, with the first example.
    """

    names: list[str | None]
    notes: list[str]


def clean_labels(texts: Sequence[str], known: Collection[str] = ()) -> CleanLabels:
    """The class names that the labels of a column stand for.

    Where all labels are whole numbers and some are written as fractions (`1.0`, `2.00e+00`), they lose the fraction:
    NumPy and pandas write numbers so, and 1 and 1.0 are one class. What programs write for a missing value (`nan`) is
    no label.

    Args:
      texts: Labels as a file or somebody's array has them.
      known: Class names that are there already: such a text is that class.
    """
    counts = Counter(texts)
    names = {text: text if text in known else clean_label(text) for text in counts}
    new = {text: name.casefold() for text, name in names.items() if name and text not in known}
    missing = [text for text, name in new.items() if name in _MISSING]
    doubtful = [text for text, name in new.items() if name in _DOUBTFUL]
    rest = [text for text in new if text not in missing and text not in doubtful]
    if rest and all(_NUMBER.fullmatch(text.strip()) for text in rest):  # among numbers there is no doubt
        missing, doubtful = [*missing, *doubtful], []
    whole = {} if doubtful else _whole_numbers(rest)
    names |= dict.fromkeys(missing) | whole
    notes = [*_missing_note(counts, missing), *_doubt_note(counts, doubtful), *_number_note(whole)]
    notes += [*_cut_note(names), *_replaced_note(names), *_joined_note(names, whole)]
    return CleanLabels([names[text] for text in texts], notes)


def clean_names(texts: Sequence[str], known: Collection[str] = ()) -> CleanLabels:
    """The class names of texts that are classes whatever they look like: `nan` and `1.0` are names too.

    Args:
      texts: Names as a file of annotations has them.
      known: Class names that are there already: such a text is that class.
    """
    names = {text: text if text in known else clean_label(text) for text in dict.fromkeys(texts)}
    notes = [*_cut_note(names), *_replaced_note(names), *_joined_note(names, ())]
    return CleanLabels([names[text] for text in texts], notes)


def in_order(names: Iterable[str]) -> list[str]:
    """Class names as people look for them: numbers by their size, `slide 2` before `slide 10`, the rest by letters."""
    listed = list(names)
    if all(_NUMBER.fullmatch(name) for name in listed):
        return sorted(listed, key=lambda name: (float(name), name))
    return sorted(listed, key=_by_parts)


def shown(text: str) -> str:
    """A text in a note: in quotes, its beginning where it is long."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}…")


def _by_parts(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """The parts of a name, its numbers by their value; then the name itself, so that no two are alike."""
    parts = [part for part in _DIGITS.split(name.casefold()) if part]
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts], name


def _whole_numbers(texts: Sequence[str]) -> dict[str, str]:
    """Each text as a whole number, if all are and some do not look it; else nothing."""
    bare = [text.strip() for text in texts]
    if all(text.lstrip("+-").isdecimal() for text in bare) or not all(map(_NUMBER.fullmatch, bare)):
        return {}
    values = [float(text) for text in bare]
    if not all(value.is_integer() and abs(value) < _LARGEST for value in values):
        return {}
    return {text: str(int(value)) for text, value in zip(texts, values, strict=True)}


def _missing_note(counts: Counter[str], missing: Sequence[str]) -> list[str]:
    if not missing:
        return []
    said = " or ".join(shown(text) for text in missing[:2])
    return [f"{_labels(sum(counts[text] for text in missing))} {said}, which is taken as no label."]


def _doubt_note(counts: Counter[str], doubtful: Sequence[str]) -> list[str]:
    return [
        f"{_labels(counts[text])} {shown(text)}, which is a class here; delete it if it means no label."
        for text in doubtful
    ]


def _number_note(whole: dict[str, str]) -> list[str]:
    if not whole:
        return []
    first, number = next((text, name) for text, name in whole.items() if text.strip() != name)
    return [f"The labels are whole numbers and are written so: {number} for {first.strip()}."]


def _cut_note(names: dict[str, str | None]) -> list[str]:
    cut = [text for text, name in names.items() if name and len(clean_text(text)) > MAX_LABEL_LENGTH >= len(name)]
    if not cut:
        return []
    which = "1 label has" if len(cut) == 1 else f"{len(cut):,} labels have"
    return [f"{which} more than {MAX_LABEL_LENGTH} characters and a shorter name here, the first {shown(cut[0])}."]


def _replaced_note(names: dict[str, str | None]) -> list[str]:
    found = [text for text, name in names.items() if name != text and has_unsafe_characters(text.strip())]
    which = "1 label holds" if len(found) == 1 else f"{len(found):,} labels hold"
    note = f"{which} characters that cannot be seen, each written as _, the first {{}}."
    return [note.format(shown(names[found[0]] or ""))] if found else []


def _joined_note(names: dict[str, str | None], whole: Collection[str]) -> list[str]:
    spellings: dict[str, int] = defaultdict(int)
    for text, name in names.items():
        if name is not None and text not in whole:
            spellings[name] += 1
    joined = [name for name, ways in spellings.items() if ways > 1]
    if not joined:
        return []
    more = f" and {len(joined) - 1:,} more" if len(joined) > 1 else ""
    return [f"Labels that are written in several ways but look alike are one class: {shown(joined[0])}{more}."]


def _labels(count: int) -> str:
    return "1 label says" if count == 1 else f"{count:,} labels say"
