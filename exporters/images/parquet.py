"""Parquet files with an image in each row: its bytes, or its path. Millions of them, of which none is held."""

from __future__ import annotations

import hashlib
import threading
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, overload

import numpy as np

from exporters.errors import ExportError
from exporters.images.decode import UnreadableImageError
from exporters.images.find import runs_below, walk
from exporters.images.headers import has_more_bits, longest_side
from exporters.images.inside import OUTSIDE, Inside
from exporters.images.listing import MAX_FILE_BYTES, ImageFile, Listing, size_problem
from exporters.images.read import map_ahead
from exporters.images.sample import Picked
from exporters.images.storage import Storage
from exporters.images.tables import LABEL_COLUMNS
from tb_tsne_plugin.runs.format import FILE_COLUMNS

SUFFIX = ".parquet"
PICTURE_COLUMNS = ("image", "img", "picture", "bytes", "content")
"""What people call the column of the pictures' bytes."""
SHARD_KEY = b"tb-tsne"
"""In the metadata of a Parquet file: it is a shard of features or of labels, and holds no images."""
# Columns of row groups in memory at once: bytes, names and classes of two; and threads that would read the same one.
_HELD = 6
_reading = threading.Lock()


class Columns(NamedTuple):
    """Which columns say what; of a struct its field, as `image.bytes`. Empty where there is none.

    Attributes:
        picture: The bytes.
        name: The path: the image's name, and where it lies if it has no bytes here.
        label: The class.
    """

    picture: str = ""
    name: str = ""
    label: str = ""


class Group(NamedTuple):
    """Rows of a file that are read together.

    Attributes:
        table: The file's name.
        number: Which of its row groups.
        first: The number of the first row in the file.
        rows: How many rows.
    """

    table: str
    number: int
    first: int
    rows: int


@dataclass(frozen=True)
class RowImage(ImageFile):
    """An image in a row.

    Attributes:
        storage: Where the file is.
        group: Its row group.
        row: Its place in that.
        column: The column of its bytes, if there is one.
        link: Its path relative to the file's folder, if there is one.
    """

    storage: Storage = field(kw_only=True)
    group: Group = field(kw_only=True)
    row: int = field(kw_only=True)
    column: str = field(kw_only=True)
    link: str = field(kw_only=True)

    @property
    def base_name(self) -> str:
        """All of its name, which is another one than that of each other row."""
        return self.name

    @property
    def order(self) -> tuple[str, int]:
        """By files and rows, so that each is read once."""
        return self.group.table, self.group.first + self.row

    def size(self) -> int:
        """Nothing that is known before it is read."""
        return 0

    def content(self) -> bytes:
        """Its bytes."""
        content = _values(self.storage, self.group, self.column)[self.row].as_py() if self.column else None
        if content is None:
            content = self._linked()
        problem = size_problem(len(content))
        if problem is not None:
            raise UnreadableImageError(problem)
        return bytes(content)

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, at once."""
        yield self.content()

    def has_more_bits(self) -> bool:
        """Whether its header tells of a picture with more than 8 bits a value."""
        try:
            return has_more_bits(self.content())
        except (UnreadableImageError, OSError):  # whoever decodes it says what is wrong
            return False

    def longest_side(self) -> int:
        """The longest side as the header tells, in pixels; 0 where it cannot be had."""
        try:
            return longest_side(self.content())
        except (UnreadableImageError, OSError):  # whoever decodes it says what is wrong
            return 0

    def _linked(self) -> bytes:
        """What lies at its path, which may come from anybody: nothing outside of the file's folder."""
        if not self.link:
            raise UnreadableImageError("its row has neither bytes nor a path")
        link = PurePosixPath(self.link)
        if link.is_absolute() or ".." in link.parts or "://" in self.link or "\0" in self.link:
            raise UnreadableImageError(OUTSIDE.partition(" (")[0])
        return self.storage.read(str(PurePosixPath(self.group.table).parent / link), MAX_FILE_BYTES)


class RowImages(Sequence[ImageFile]):
    """The images of some rows, made when they are asked for. A slice holds what it needs only, to be sent away.

    Args:
        storage: Where the files are.
        columns: What their columns are.
        groups: Consecutive row groups.
        named: Whether images are called as the column of names says; otherwise by file and row.
        begin: The first row of these that is meant.
        count: How many rows; None for all.
    """

    def __init__(
        self,
        storage: Storage,
        columns: Columns,
        groups: Sequence[Group],
        named: bool,
        begin: int = 0,
        count: int | None = None,
    ):
        self._storage = storage
        self._columns = columns
        self._groups = groups
        self._named = named
        self._begin = begin
        self._starts = array("q", accumulate((group.rows for group in groups), initial=0))
        self._count = self._starts[-1] - begin if count is None else count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> ImageFile: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[ImageFile]: ...

    def __getitem__(self, place: int | slice) -> ImageFile | Sequence[ImageFile]:
        if isinstance(place, slice):
            places = range(self._count)[place]
            return self._cut(places) if places.step == 1 else Picked(self, places)
        if not -self._count <= place < self._count:
            raise IndexError(place)
        row = self._begin + place % self._count
        number = bisect_right(self._starts, row) - 1
        group, row = self._groups[number], row - self._starts[number]
        link, label = (_text(self._storage, group, column, row) for column in self._columns[1:])
        name = link if self._named and link else f"{group.table}#{group.first + row}"
        return RowImage(
            Path(name),
            name,
            given_class=label or None,
            storage=self._storage,
            group=group,
            row=row,
            column=self._columns.picture,
            link=link,
        )

    def _cut(self, places: range) -> RowImages:
        begin, end = self._begin + places.start, self._begin + places.stop
        first = bisect_right(self._starts, begin) - 1
        last = max(first, bisect_right(self._starts, end - 1))
        groups = self._groups[first:last]
        return RowImages(self._storage, self._columns, groups, self._named, begin - self._starts[first], len(places))


def is_table(name: str) -> bool:
    """Whether a file's name tells of Parquet."""
    return name.lower().endswith(SUFFIX)


def tables_below(folder: Path, outside: bool) -> dict[str, str]:
    """The Parquet files below a folder, or that one file: what changes with each, by name."""
    inside = Inside(folder, outside)
    found = [(folder.name, folder)] if folder.is_file() else walk(folder, inside, runs_below(folder))
    tables = {}
    for name, path in found:
        if is_table(name) and path.is_file() and inside.holds(path):
            status = path.stat()
            tables[name] = repr((status.st_size, status.st_mtime_ns))
    return tables


def list_parquet(storage: Storage, tables: Mapping[str, str]) -> Listing:
    """Lists the images in Parquet files, of which only what describes them and the names are read.

    Args:
        storage: Where they are.
        tables: What changes with each file, by its name.

    Raises:
        ExportError: If one is no such file, or they have other columns.
    """
    names = sorted(tables)
    columns = _columns_of(storage, names[0])
    groups: list[Group] = []
    for found in map_ahead(lambda name: _groups_of(storage, name, columns), names):
        groups += found
    if not groups:
        raise ExportError(f"{storage} has no rows in its {SUFFIX} files.")
    named = bool(columns.name) and _are_distinct(storage, groups, columns.name)
    notes = (
        []
        if named or not columns.name
        else [f"Names in the column {columns.name} repeat: images are called by their file and row."]
    )
    told = repr((columns, named, sorted(tables.items()), len(groups)))
    fingerprint = hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()
    return Listing(RowImages(storage, columns, groups, named), [], {}, fingerprint, notes)


def _columns_of(storage: Storage, name: str) -> Columns:
    """What the columns of the first file are."""
    schema = _opened(storage, name).schema_arrow
    import pyarrow as pa

    if SHARD_KEY in (schema.metadata or {}):
        raise ExportError(f"{storage.at(name)} is a shard of features or labels, and holds no images.")
    types = dict(zip(schema.names, schema.types, strict=True))
    structs = [name for name, kind in types.items() if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0]
    binary = [name for name, kind in types.items() if pa.types.is_binary(kind) or pa.types.is_large_binary(kind)]
    texts = [name for name, kind in types.items() if pa.types.is_string(kind) or pa.types.is_large_string(kind)]
    label = next((each for each in LABEL_COLUMNS if each in types), "")
    named = next((each for each in FILE_COLUMNS if each in texts), "")
    if structs:
        has_path = types[structs[0]].get_field_index("path") >= 0
        return Columns(f"{structs[0]}.bytes", named or (f"{structs[0]}.path" if has_path else ""), label)
    picture = next((each for each in PICTURE_COLUMNS if each in binary), binary[0] if len(binary) == 1 else "")
    if not picture and not named:
        raise ExportError(
            f"{storage.at(name)} needs a column of bytes, as image, or one of paths: {', '.join(FILE_COLUMNS[:-1])} or "
            f"{FILE_COLUMNS[-1]}; it has {', '.join(types) or 'none'}."
        )
    return Columns(picture, named, label)


def _groups_of(storage: Storage, name: str, columns: Columns) -> list[Group]:
    opened = _opened(storage, name)
    there = set(opened.schema_arrow.names)
    if missing := [each for each in columns if each and each.partition(".")[0] not in there]:
        raise ExportError(f"{storage.at(name)} has no column {missing[0]}, as the others have: move it elsewhere.")
    groups, first = [], 0
    for number in range(opened.num_row_groups):
        count = opened.metadata.row_group(number).num_rows
        groups += [Group(name, number, first, count)] if count else []
        first += count
    return groups


def _opened(storage: Storage, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(storage.open(name))
    except pa.ArrowException as error:
        raise ExportError(f"{storage.at(name)} is no Parquet file ({_first_line(error)}).") from error
    except OSError as error:
        raise ExportError(f"{storage.at(name)} cannot be read ({error.strerror or _first_line(error)}).") from error


def _are_distinct(storage: Storage, groups: Sequence[Group], column: str) -> bool:
    """Whether no name is there twice, by hashes of eight bytes."""
    hashes = np.empty(sum(group.rows for group in groups), np.int64)
    place = 0
    for group in groups:
        for name in _values(storage, group, column).to_pylist():
            hashes[place] = place if name is None else hash(name)
            place += 1
    hashes.sort()
    return not bool((hashes[1:] == hashes[:-1]).any())


def _text(storage: Storage, group: Group, column: str, row: int) -> str:
    value = _values(storage, group, column)[row].as_py() if column else None
    return "" if value is None else str(value)


def _values(storage: Storage, group: Group, column: str) -> Any:
    """A column of a row group, kept for those who ask next.

    Raises:
        ExportError: If it cannot be read: that tells nothing of the images.
    """
    with _reading:
        return _read(storage, group, column)


@lru_cache(maxsize=_HELD)
def _read(storage: Storage, group: Group, column: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    opened = _opened(storage, group.table)
    try:
        # Not by several threads: while one that it starts still runs, the command would end by SIGABRT.
        found = opened.read_row_group(group.number, columns=[column], use_threads=False).column(0)
    except (pa.ArrowException, OSError) as error:
        raise ExportError(f"{storage.at(group.table)} cannot be read ({_first_line(error)}).") from error
    field = column.partition(".")[2]
    whole = found.combine_chunks()
    return pc.struct_field(whole, field) if field else whole


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
