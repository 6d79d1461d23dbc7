"""Which file of a run a config means: people move runs, write configs on Windows, or name files from where they stood.

Only files inside the run's folder are ever meant, whatever the config says; `files` opens them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import contained_path

_DRIVE = re.compile(r"[A-Za-z]:")
MAX_STEPS = 64


class Meant(NamedTuple):
    """The name of a file, and a sentence on what was guessed about it, if anything was."""

    name: str
    note: str | None = None


def meant_by(folder: Path, said: str) -> Meant:
    """The file that a config means.

    Args:
      folder: The run's folder.
      said: What the config says; empty for nothing.

    Returns:
      What the config says, where there is such a file or no other can be meant. Otherwise the file of the run that it
      ends with, once backslashes are folders: an absolute path into this folder, or a path from elsewhere.
    """
    if not said or _is_there(folder, said):
        return Meant(said)
    turned = said.replace("\\", "/")
    if turned != said and _is_there(folder, turned):
        return Meant(turned)
    if ".." in turned.split("/"):  # another folder, and meant so
        return Meant(said)
    for name in _ends(turned):
        if _is_there(folder, name):
            note = f"The config names {said!r}, and {name} in the run's folder is taken for it."
            return Meant(name, None if _leads_to(folder, said, name) else note)
    return Meant(said)


def _is_there(folder: Path, name: str) -> bool:
    try:
        return contained_path(folder, name).is_file()
    except (OSError, ValueError, RunError):
        return False


def _leads_to(folder: Path, said: str, name: str) -> bool:
    """Whether an absolute path is just that file's."""
    try:
        return Path(said).resolve() == contained_path(folder, name)
    except (OSError, RuntimeError, ValueError, RunError):
        return False


def _ends(path: str) -> Iterator[str]:
    """The ends of a path, the longest first: of `/logs/run/metadata.tsv`, `logs/run/metadata.tsv` and so on."""
    parts = [part for part in _DRIVE.sub("", path, count=1).split("/") if part not in ("", ".", "..", "~")]
    for begin in range(max(0, len(parts) - MAX_STEPS), len(parts)):
        yield "/".join(parts[begin:])
