"""Runs the measuring scripts beside this in the page."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from tests.e2e.page import LabelProjector

SCRIPTS = Path(__file__).parent / "js"
T = TypeVar("T")


def measure(projector: LabelProjector, *scripts: str, into: type[T], given: object = None) -> T:
    """What `measure` of the last of some scripts answers, once nothing moves; the others hold what it uses."""
    sources = "\n".join((SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in ("still", *scripts))
    return msgspec.convert(projector.frame.evaluate(f"(given) => {{ {sources}\nreturn measure(given); }}", given), into)
