"""The Pythons on this machine that the project supports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

PYPROJECT = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text()
SUPPORTED = [(3, int(minor)) for minor in re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', PYPROJECT)]
PLACES = (
    *os.environ.get("PATH", "").split(os.pathsep),
    "/usr/bin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    *map(str, Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/*/bin")),
)
ASK = "import ensurepip, sys, venv; print(*sys.version_info[:2])"
"""Fails where a Python cannot make environments (Debian's without python3-venv)."""


@cache
def interpreters() -> dict[tuple[int, int], Path]:
    """One Python of each version that is supported, oldest first."""
    programs = [path for place in PLACES for path in Path(place).glob("python3*")]
    found: dict[tuple[int, int], Path] = {}
    asked: set[Path] = set()
    for program in [Path(sys.executable), *sorted(programs)]:
        real = program.resolve()
        if re.fullmatch(r"python(3(\.\d+)?)?", program.name) and real not in asked:
            asked.add(real)
            version = _version(program)
            if version in SUPPORTED:
                found.setdefault(version, program)
    return dict(sorted(found.items()))


def _version(program: Path) -> tuple[int, int] | None:
    try:
        answer = subprocess.run([program, "-c", ASK], capture_output=True, text=True, check=True, timeout=30)
        major, minor = map(int, answer.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return major, minor
