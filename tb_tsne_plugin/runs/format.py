"""What a run's files are called and what is in them: the contract between `exporters` and the plugin.

Both halves take these from here: file and column names, what a clean label is, the one table, how tiles and archived
images lie in their files. This module imports the standard library only.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

CONFIG_NAME = "projector_config.pbtxt"
METADATA_NAME = "metadata.tsv"
TILES_NAME = "tiles.json"
TILES_FOLDER = "tiles"
ARCHIVE_NAME = "images.zip"

SAMPLE_ID, FILE, LABEL, TRUE_LABEL = "sample_id", "file", "label", "true_label"
ID_COLUMNS = (SAMPLE_ID, "id", FILE, "filename", "path")
"""Columns that may name the samples, the best first."""
UNLABELED = "unlabeled"
"""In a label column: no label. The stock Projector's label editor cannot take an empty cell."""
MAX_LABEL_LENGTH = 128
MAX_TILE_SIDE = 512
ARCHIVE_SUFFIXES = (".jpg", ".png", ".webp")
"""Kinds of images in the archive, in the order in which they are looked for."""

_UNSAFE = re.compile(
    "[\0-\x1f\x7f-\x9f"  # control characters: tab and line breaks among them
    "\u2028\u2029\ud800-\udfff"  # line and paragraph separators, lone surrogates (of undecodable file names)
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction controls: text must read as it is written
    "\ufeff\ufffe\uffff]"  # byte order marks
)


class FormatError(ValueError):
    """A file is not in its format. The message is a sentence that begins with the file's name."""


class TableError(FormatError):
    """A table cannot be read."""


def has_unsafe_characters(text: str) -> bool:
    """Whether a text holds a character that a table, or a reader's eye, cannot tell."""
    return _UNSAFE.search(text) is not None


def clean_text(text: str) -> str:
    """A text as a cell: every unsafe character becomes `_`, and blanks at the ends go."""
    return _UNSAFE.sub("_", text).strip()


def clean_label(text: str) -> str | None:
    """The class name that a label from elsewhere stands for; the same for every way in, and twice the same as once.

    Args:
      text: A label as a file, a folder's name or somebody's array has it.

    Returns:
      At most `MAX_LABEL_LENGTH` characters, none of them unsafe; None where it says that there is no label.
    """
    label = clean_text(text)[:MAX_LABEL_LENGTH].rstrip()
    return None if label.casefold() in ("", UNLABELED) else label


def parse_table(raw: bytes, name: str, *, skip_blank_lines: bool = False) -> tuple[list[str], list[list[str]]]:
    """Splits a tab-separated table into its header and rows; one column has no header (TensorBoard's rule).

    Args:
      raw: The file's bytes: UTF-8, or UTF-16 with a byte order mark.
      name: The file's name, for messages.
      skip_blank_lines: Pass over lines of nothing but blanks, as a person may leave them; they are counted all the
        same. Without it such a line is a row, so that row i stays sample i.

    Returns:
      Column names, and rows of as many values.

    Raises:
      TableError: If it is not text, a row has another number of values, or a column name occurs twice.
    """
    encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise TableError(f"{name} is not UTF-8 text.") from None
    # Only \n and \r\n end a line: str.splitlines would also split at characters that a value may hold.
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip() or not skip_blank_lines]
    if not numbered or "\t" not in numbered[0][1]:
        return [LABEL], [[line] for _, line in numbered]
    header, *rows = (line.split("\t") for _, line in numbered)
    for (number, _), row in zip(numbered[1:], rows, strict=True):
        if len(row) != len(header):
            raise TableError(f"{name}, line {number}: {len(row)} values, but there are {len(header)} columns.")
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        raise TableError(f"{name} has the column {repeated[0]!r} more than once.")
    return header, rows


def format_table(columns: Mapping[str, Sequence[str]]) -> str:
    """The text of a tab-separated table: the names, then the rows. Cells must be clean already."""
    rows = [tuple(columns), *zip(*columns.values(), strict=True)]
    return "\n".join("\t".join(row) for row in rows) + "\n"


@dataclass(frozen=True)
class Tiles:
    """Pages of square tiles in row order: tile i stands on page i div (columns * rows). What `tiles.json` says.

    Attributes:
      tile_size: Side of a tile, in pixels.
      columns: Tiles a row.
      rows: Rows a page.
      pages: Number of pages.
      count: Number of tiles.
    """

    tile_size: int
    columns: int
    rows: int
    pages: int
    count: int


def parse_tiles(raw: bytes) -> Tiles:
    """Reads the content of `tiles.json`.

    Raises:
      FormatError: If it is no such description.
    """
    names = [field.name for field in fields(Tiles)]
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or not all(_is_count(value.get(name)) for name in names):
        raise FormatError(f"{TILES_NAME} must hold whole numbers {', '.join(names)}.")
    tiles = Tiles(**{name: value[name] for name in names})
    if tiles.tile_size > MAX_TILE_SIDE or tiles.columns * tiles.rows * tiles.pages < tiles.count:
        raise FormatError(f"{TILES_NAME}: {tiles.pages:,} pages have no room for {tiles.count:,} tiles.")
    return tiles


def format_tiles(tiles: Tiles) -> str:
    """The text of `tiles.json`."""
    return json.dumps(asdict(tiles)) + "\n"


def tile_page_name(page: int) -> str:
    """The file of a page of tiles, from 0, inside the run's folder."""
    return f"{TILES_FOLDER}/{page:04d}.jpg"


def archived_image_name(sample_id: str, suffix: str) -> str:
    """What a sample's image is called in the archive, where it is stored plain; `suffix` is of `ARCHIVE_SUFFIXES`."""
    return f"{sample_id}{suffix}"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
