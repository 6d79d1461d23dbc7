"""How far an export has come: lines of JSON beside its unfinished files, so that it can go on after a kill."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from exporters.errors import ExportError
from exporters.images.outcomes import Skipped

PLAN, JOURNAL = "plan.json", "journal.jsonl"


class Row(NamedTuple):
    """A sample that is written: its image's name, and its id."""

    name: str
    sample_id: str


class TensorState(NamedTuple):
    """How far a tensor's file has come.

    Attributes:
        shape: (rows so far, width); the width is 0 before the first rows.
        bad_rows: The rows with values that cannot be written, counted from 0.
    """

    shape: tuple[int, int] = (0, 0)
    bad_rows: Sequence[int] = ()


NO_ROWS = TensorState()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the files from now on.

    Attributes:
        rows: Samples that were added.
        skipped: Images between them that are in no output.
        pages: Pages of larger tiles that were added.
        shards: Files of pictures that were added, in the export's scratch folder.
        tensors: How far each tensor has come that got rows.
        added: Tensors that are complete.
    """

    rows: list[Row] = []
    skipped: list[Skipped] = msgspec.field(default=[], name="left_out")
    pages: int = 0
    shards: list[str] = []
    tensors: dict[str, TensorState] = {}
    added: list[str] = []


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
        content = self._path.read_bytes() if self._path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        # Through `json`, which alone keeps the lone surrogates of file names that are no text.
        self.entries = [msgspec.convert(json.loads(line), Entry) for line in whole.splitlines()]
        if len(whole) < len(content):
            with self._path.open("r+b") as file:
                file.truncate(len(whole))

    @property
    def rows(self) -> list[Row]:
        """The samples so far, in the order of the rows."""
        return [row for entry in self.entries for row in entry.rows]

    @property
    def skipped(self) -> list[Skipped]:
        """The images so far that are in no output, in the order in which they were read."""
        return [image for entry in self.entries for image in entry.skipped]

    def write(self, entry: Entry) -> None:
        """Adds an entry; what it speaks of must be in its files already."""
        with self._path.open("ab") as file:
            file.write(json.dumps(msgspec.to_builtins(entry)).encode() + b"\n")
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
