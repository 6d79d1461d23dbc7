"""How far an export has come: lines of JSON beside its unfinished files, so that it can go on after a kill."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exporters.errors import ExportError

PLAN, JOURNAL = "plan.json", "journal.jsonl"


class Journal:
    """The journal of one export.

    An entry counts once its line is complete; what follows the last complete line was never said.

    Args:
        folder: The export's staging folder.

    Attributes:
        entries: All entries so far, oldest first.
    """

    def __init__(self, folder: Path):
        self._path = folder / JOURNAL
        self.entries: list[dict[str, Any]] = []
        content = self._path.read_bytes() if self._path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self.entries.append(json.loads(line))
        if len(whole) < len(content):
            with self._path.open("r+b") as file:
                file.truncate(len(whole))

    def write(self, entry: dict[str, Any]) -> None:
        """Adds an entry; what it speaks of must be in its files already."""
        with self._path.open("ab") as file:
            file.write(json.dumps(entry).encode() + b"\n")
        self.entries.append(entry)


def check_plan(folder: Path, plan: Mapping[str, object]) -> bool:
    """Whether an unfinished export of the same plan lies in the folder.

    Raises:
        ExportError: If it has another plan; the message names the first difference.
    """
    try:
        earlier = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    now = json.loads(json.dumps(plan))
    for name in [*now, *earlier]:
        if earlier.get(name) != now.get(name):
            was, is_now = earlier.get(name), now.get(name)
            what = "the images" if name == "images" else f"{name} ({was}, now {is_now})"
            raise ExportError(
                f"The interrupted export in {folder.parent} cannot go on because {what} changed: "
                "repeat it as it was, or start over without --resume."
            )
    return True


def write_plan(folder: Path, plan: Mapping[str, object]) -> None:
    """Notes down what the export is to be, before it begins."""
    (folder / PLAN).write_text(json.dumps(plan), encoding="utf-8")
