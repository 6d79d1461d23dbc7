"""How far an export has come: lines of JSON beside its unfinished files, so that it can go on after a kill."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple, TypeAlias

import msgspec

from exporters.errors import ExportError
from exporters.images.outcomes import Skipped
from exporters.run.tiles import PAGE
from exporters.run.unfinished import damaged, parse, read_whole
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import clean_text
from tb_tsne_plugin.runs.sample_ids import ID_DIGITS

PLAN, JOURNAL = "plan.json", "journal.jsonl"
MAX_PLAN_BYTES = 2**16
# Wider than any features; with as many bytes as there must be for the rows it bounds what is read.
MAX_WIDTH = 2**20
_ID = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}")

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Width: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_WIDTH)]


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A sample that is written: its image's name, its id, and the id that an earlier version would have given it.

    There are as many as samples, and all are kept until the end: this form takes the least memory.
    """

    name: str
    sample_id: str
    earlier_id: str = ""


class TensorState(NamedTuple):
    """How far a tensor's file has come.

    Attributes:
        shape: (rows so far, width); the width is 0 before the first rows.
        bad_rows: The rows with values that cannot be written, counted from 0.
    """

    shape: tuple[Count, Width] = (0, 0)
    bad_rows: Sequence[Count] = ()


NO_ROWS = TensorState()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the files from now on.

    Attributes:
        rows: Samples that were added.
        skipped: Images between them that are in no output.
        pages: Pages of larger tiles that were added.
        shards: Files of pictures that were added, in the export's scratch folder.
        wholes: Names of whole pictures that were added, in a file of their own there.
        tensors: How far each tensor has come that got rows.
        added: Tensors that are complete.
        more_bits: How many of the samples hold more than the 8 bits a value that are shown.
        more_pages: Images whose files hold further pictures.
    """

    rows: list[Row] = []
    skipped: list[Skipped] = msgspec.field(default=[], name="left_out")
    pages: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0
    shards: list[str] = []
    wholes: list[str] = []
    tensors: dict[str, TensorState] = {}
    added: list[str] = []
    more_bits: Count = 0
    more_pages: list[str] = []


class Journal:
    """The journal of one export.

    An entry counts once its line is complete; what follows the last complete line was never said.

    Args:
        folder: The export's scratch folder.
        first: How many samples the first page takes.

    Attributes:
        entries: All entries so far, oldest first.

    Raises:
        ExportError: If the folder holds a journal that no export wrote.
    """

    def __init__(self, folder: Folder, first: int = PAGE):
        self._folder = folder
        content = read_whole(folder, JOURNAL) if folder.kind(JOURNAL) is not None else b""
        whole = content[: content.rfind(b"\n") + 1]
        try:
            self.entries = [parse(line, Entry) for line in whole.splitlines()]
        except ValueError as error:
            raise damaged(f"{JOURNAL}: {error}") from error
        _check(self.entries, first)
        if len(whole) < len(content):
            with folder.update(JOURNAL) as file:
                file.truncate(len(whole))

    @property
    def rows(self) -> list[Row]:
        """The samples so far, in the order of the rows."""
        return [row for entry in self.entries for row in entry.rows]

    @property
    def wholes(self) -> list[str]:
        """The names of the whole pictures so far, in order."""
        return [name for entry in self.entries for name in entry.wholes]

    @property
    def skipped(self) -> list[Skipped]:
        """The images so far that are in no output, in the order in which they were read."""
        return [image for entry in self.entries for image in entry.skipped]

    def write(self, entry: Entry) -> None:
        """Adds an entry; what it speaks of must be in its files already."""
        with self._folder.update(JOURNAL) as file:
            file.seek(0, 2)
            file.write(json.dumps(msgspec.to_builtins(entry)).encode() + b"\n")
        self.entries.append(entry)


def shard_name(number: int) -> str:
    """The file of the pictures that came with the entry of a number, from 0."""
    return f"images{number}.zip"


def whole_shard_name(number: int) -> str:
    """The file of the whole pictures that came with the entry of a number, from 0."""
    return f"pictures{number}.zip"


def _check(entries: Sequence[Entry], first: int) -> None:
    """Refuses what a writer cannot have said: what it has written tells which files it touches, and what is in them."""
    with_rows = [entry for entry in entries if entry.rows]
    rows = [row for entry in with_rows for row in entry.rows]
    if len({row.name for row in rows}) < len(rows) or not all(
        _ID.fullmatch(row.sample_id) and _ID.fullmatch(row.earlier_id or row.sample_id) for row in rows
    ):
        raise damaged(f"{JOURNAL}: its samples")
    sizes, wanted = [len(entry.rows) for entry in with_rows], [first] + [PAGE] * len(with_rows)
    if sizes[:-1] != wanted[: len(sizes[:-1])] or any(size > wanted[len(sizes) - 1] for size in sizes[-1:]):
        raise damaged(f"{JOURNAL}: its pages")
    wholes = [name for entry in entries for name in entry.wholes]
    if len(set(wholes)) < len(wholes) or any(len(entry.wholes) > len(entry.rows) for entry in entries):
        raise damaged(f"{JOURNAL}: its whole pictures")
    count = 0
    for number, entry in enumerate(entries):
        count += len(entry.rows)
        if any(name != shard_name(number) for name in entry.shards) or len(entry.shards) > 1:
            raise damaged(f"{JOURNAL}: its files")
        if any(state.shape[0] != count for state in entry.tensors.values()):
            raise damaged(f"{JOURNAL}: its features")


def check_plan(folder: Folder, plan: Mapping[str, object]) -> bool:
    """Whether an unfinished export of the same plan lies in the folder.

    Raises:
        ExportError: If it has another plan; the message names the first difference.
    """
    earlier = read_plan(folder)
    if earlier is None:
        return False
    now = json.loads(json.dumps(plan))
    for name in [*now, *earlier]:
        if earlier.get(name) != now.get(name):
            was, is_now = earlier.get(name), now.get(name)
            what = "the images" if name == "images" else f"{_short(name)} ({_short(was)}, now {is_now})"
            raise ExportError(
                f"The interrupted export in {folder.path.parent} cannot go on because {what} changed: "
                "repeat it as it was, or start over without --resume."
            )
    return True


def read_plan(folder: Folder) -> dict[str, object] | None:
    """The plan of the unfinished export in a folder; None where there is none."""
    try:
        with folder.open(PLAN) as file:
            return parse(file.read(MAX_PLAN_BYTES), dict[str, object])
    except (OSError, ValueError):
        return None


def write_plan(folder: Folder, plan: Mapping[str, object]) -> None:
    """Notes down what the export is to be, before it begins."""
    folder.replace(PLAN, json.dumps(plan).encode(), durable=False)


def _short(value: object) -> str:
    return clean_text(str(value))[:80]
