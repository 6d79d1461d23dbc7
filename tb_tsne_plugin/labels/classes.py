"""Names and colours of classes."""

from __future__ import annotations

import colorsys
import re

from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.runs.metadata import UNLABELED_WORD

MAX_NAME_LENGTH = 128
OKABE_ITO = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442", "#8C6BB1")
"""Eight colours that colour-blind people tell apart (Okabe and Ito, 2008; their black gives way to violet)."""

_FORBIDDEN = re.compile(
    "[\0-\x1f\x7f-\x9f"  # control characters: tab and line breaks among them
    "\u2028\u2029\ud800-\udfff"  # line and paragraph separators, lone surrogates
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # direction controls: a name must read as it is written
)
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_GOLDEN_ANGLE = 0.6180339887


def checked_name(name: object) -> str:
    """A class name, stripped of outer blanks.

    Args:
      name: What was asked for.

    Returns:
      The name.

    Raises:
      InvalidEdit: If it is no text, empty, too long, the word for "no label", or holds a character that a TSV file or a
        reader's eye cannot tell (tab, newline, control, direction control, lone surrogate).
    """
    if not isinstance(name, str):
        raise InvalidEdit("A class name must be text.")
    # Checked before stripping: str.strip would silently take a trailing newline off.
    if _FORBIDDEN.search(name):
        raise InvalidEdit("A class name cannot hold tabs, line breaks or invisible control characters.")
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME_LENGTH:
        raise InvalidEdit(f"A class name has 1 to {MAX_NAME_LENGTH} characters.")
    if name.casefold() == UNLABELED_WORD:
        raise InvalidEdit(f"{UNLABELED_WORD!r} marks samples without a label; choose another name.")
    return name


def importable_name(name: str) -> str | None:
    """The class name that a label from elsewhere stands for: as it is, or without what a name cannot hold.

    Args:
      name: A label as a file has it.

    Returns:
      A class name; None where the label means, or comes to, nothing.
    """
    cleaned = _FORBIDDEN.sub("", name).strip()[:MAX_NAME_LENGTH].strip()
    return None if cleaned.casefold() in ("", UNLABELED_WORD) else cleaned


def checked_color(color: object) -> str:
    """A colour as #RRGGBB.

    Args:
      color: What was asked for.

    Returns:
      The colour, in capitals.

    Raises:
      InvalidEdit: If it has another form.
    """
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        raise InvalidEdit("A colour is written #RRGGBB.")
    return color.upper()


def next_color(taken: list[str]) -> str:
    """A colour that no class has yet: Okabe and Ito's first, then hues a golden angle apart.

    Args:
      taken: Colours in use.

    Returns:
      #RRGGBB.
    """
    for color in OKABE_ITO:
        if color not in taken:
            return color
    for index in range(len(taken) + 1):
        red, green, blue = colorsys.hls_to_rgb((0.1 + index * _GOLDEN_ANGLE) % 1.0, 0.42 + 0.16 * (index % 2), 0.6)
        color = f"#{round(red * 255):02X}{round(green * 255):02X}{round(blue * 255):02X}"
        if color not in taken:
            return color
    return OKABE_ITO[0]
