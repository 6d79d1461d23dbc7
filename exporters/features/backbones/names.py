"""`SCHEME:NAME`: how a backbone is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from exporters.errors import ExportUsageError
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
        ExportUsageError: If nothing follows a scheme that needs a name.
    """
    scheme, _, name = choice.partition(":")
    if scheme in SCHEMES:
        if not name.strip():
            raise ExportUsageError(f"--backbone {choice} names nothing: write {SCHEMES[scheme]}.")
        return Named(scheme, name)
    if scheme in package_names():
        return Named(scheme, name)
    return Named(KERAS, choice)


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
