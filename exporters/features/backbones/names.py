"""`SCHEME:NAME`: how a backbone is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import NamedTuple

from exporters.errors import ExportUsageError
from exporters.features.backbones import known
from exporters.features.backbones.packages import package_names

KERAS, KERASHUB, HF, ONNX, PYTHON = "keras", "kerashub", "hf", "onnx", "python"
SCHEMES = {
    KERAS: "keras:NAME[:ALPHA]",
    KERASHUB: "kerashub:PRESET or kerashub:FOLDER",
    HF: "hf:ORG/NAME or hf:FOLDER",
    ONNX: "onnx:FILE",
    PYTHON: "python:MODULE:CALLABLE or python:FILE.py:CALLABLE",
}
"""Our schemes, and how a backbone of each is written."""
# What people write for them.
_OTHER_WORDS = {
    "timm": f"{HF}:timm/",
    "huggingface": f"{HF}:",
    "transformers": f"{HF}:",
    "keras_hub": f"{KERASHUB}:",
    "keras.applications": f"{KERAS}:",
}


class Named(NamedTuple):
    """A backbone's name, taken apart.

    Attributes:
        scheme: One of ours, or an installed package's.
        name: What follows it; empty where a package's scheme stands alone.
    """

    scheme: str
    name: str


def parse(choice: str) -> Named:
    """Takes a backbone's name apart.

    What stands before the first colon is a scheme only if it is one of ours or an installed package's; every other name
    is one of `keras.applications`.

    Raises:
        ExportUsageError: If nothing follows a scheme that needs a name, or one without a scheme is plainly another's.
    """
    scheme, _, name = choice.partition(":")
    if scheme in SCHEMES:
        if not name.strip():
            raise ExportUsageError(f"--backbone {choice} names nothing: write {SCHEMES[scheme]}.")
        return Named(scheme, name)
    if scheme in package_names():
        return Named(scheme, name)
    if meant := _meant(choice):
        raise ExportUsageError(f"There is no backbone {choice!r}: write {meant}.")
    return Named(KERAS, choice)


def _meant(choice: str) -> str | None:
    """How what is no name of `keras.applications` is written, where that is plain to see."""
    scheme, colon, name = choice.partition(":")
    if colon and name:
        likely = _OTHER_WORDS.get(scheme.lower()) or next(
            (f"{each}:" for each in get_close_matches(scheme.lower(), [*SCHEMES, *package_names()], 1, 0.8)), None
        )
        return None if likely is None else f"{likely}{name}"
    if choice.lower().endswith(".onnx"):
        return f"{ONNX}:{choice}"
    if choice.lower().endswith(".py"):
        return SCHEMES[PYTHON]
    if "/" in choice or "\\" in choice:
        return f"{HF}:{choice}"
    same = [known_id for known_id in known.HF if _plain(known_id.rpartition("/")[2]) == _plain(choice)]
    return f"{HF}:{same[0]}" if same else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def short_names(choices: Sequence[str]) -> list[str]:
    """A short name for each of several backbones, all different, that can be part of a tensor's name.

    It is the last part of the name, as `dinov2-small` of `hf:facebook/dinov2-small`, `model` of `onnx:my/model.onnx`
    and `embed` of `python:encoders:embed`; those that are alike are numbered.
    """
    names: list[str] = []
    for choice in choices:
        scheme, name = parse(choice)
        last = PurePosixPath(name.rstrip("/") or scheme).name
        last = last.rpartition(":")[2] if scheme == PYTHON else last.removesuffix(".onnx")
        short = re.sub(r"[^A-Za-z0-9_.-]+", "-", last).strip("-._")[:40].lower() or scheme
        same = 2
        numbered = short
        while numbered in names:
            numbered, same = f"{short}-{same}", same + 1
        names.append(numbered)
    return names
