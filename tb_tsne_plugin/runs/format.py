"""What a run's files are called and what is in them: the contract between `exporters` and the plugin.

Both halves take these from here: file and column names, what a clean label is, the one table, how tiles and archived
images lie in their files. This module imports the standard library only.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import chain, count

CONFIG_NAME = "projector_config.pbtxt"
METADATA_NAME = "metadata.tsv"
TILES_NAME = "tiles.json"
TILES_FOLDER = "tiles"
ARCHIVE_NAME = "images.zip"
WHOLES_NAME = "pictures.zip"
"""The whole pictures that samples are parts of, each once, under what the column `file` calls it."""
REPORT_NAME = "export_report.json"
LEFT_OUT_NAME = "left_out.tsv"
"""All that an export left out, with the reasons, where that is more than its report lists."""
MADE_BY = "tb-tsne"
"""Who a report says made the run."""
SOURCE, OBJECTS = "source", "objects"
"""Settings of a report: where the images were, and, of a run of objects, `FORMAT:PATH` of their annotations."""
ENCODERS = "encoders"
"""The setting of a report that says how each tensor's features can be computed again, picture by picture."""
CLASSIFIER_NAME, CLASSIFIER_MODEL_NAME = "classifier.json", "classifier.onnx"
"""The two files of a classifier, in a folder of its own."""
CLASSIFIER_FORMAT = 1
CLASSIFIER_INPUT, CLASSIFIER_OUTPUT = "features", "probabilities"
"""What its model takes, (M, D), and what it gives, (M, C)."""

SAMPLE_ID, FILE, LABEL, TRUE_LABEL = "sample_id", "file", "label", "true_label"
OBJECT, BOX = "object", ("x", "y", "width", "height")
PICTURE_SIZE = ("picture_width", "picture_height")
"""Columns of samples that are parts of pictures: the part's id, where it is in the picture, in pixels from the upper
left, and how large the whole picture is."""
ID_COLUMNS = (SAMPLE_ID, "id", FILE, "filename", "path")
"""Columns of a run that may name the samples, the best first."""
FILE_COLUMNS = (
    FILE,
    "filename",
    "path",
    "file_path",
    "image",
    "image_path",
    "image_name",
    "img",
    "photo",
    "uri",
    "url",
)
"""What people call the column of images in their tables, in one of the ways to write it."""
NAMING_COLUMNS = tuple(dict.fromkeys((*ID_COLUMNS, *FILE_COLUMNS)))
"""Columns of a table that may name the samples, the best first."""
UNLABELED = "unlabeled"
"""In a label column: no label. The stock Projector's label editor cannot take an empty cell."""
STATE = "state"
"""The column beside `label`: what became of each sample."""
STATES = (UNLABELED, "labeled", "seen", "verified", "unsure", "ignored")
"""All that it can say (docs/glossary.md)."""
SET_ASIDE = ("unsure", "ignored")
"""What it says of a sample that has no label by a decision."""
MAX_LABEL_LENGTH = 128
MAX_TILE_SIDE = 512
MAX_COLUMNS = 1_000
"""Of a table: far more than anybody looks at; each is sent to the page as a list of its own."""
MAX_CELLS = 1 << 25
"""Of a table: a million rows of 33 columns."""
MAX_LINE_BYTES = 1 << 20
ARCHIVE_SUFFIXES = (".jpg", ".png", ".webp")
"""Kinds of images in the archive, in the order in which they are looked for."""

_PIECE_BYTES = 1 << 16
# Of how many cells it shows whether most of a column's are different.
_TELLING = 1 << 12

_UNSAFE = re.compile(
    "[\0-\x1f\x7f-\x9f"  # control characters: tab and line breaks among them
    "\u2028\u2029\ud800-\udfff"  # line and paragraph separators, lone surrogates (of undecodable file names)
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction controls: text must read as it is written
    "\ufeff\ufffe\uffff]"  # byte order marks
)


_OWN_NAMES = {CONFIG_NAME, TILES_NAME, TILES_FOLDER, ARCHIVE_NAME, WHOLES_NAME, REPORT_NAME, LEFT_OUT_NAME}
_OWN_STARTS = (".", "labels.sqlite", "events.out.")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names that Windows keeps for itself
MAX_NAME_BYTES = 255


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


def is_own_name(name: str) -> bool:
    """Whether a path inside a run's folder is, at any step, that of a file of ours, or hidden.

    Nothing else may be written there: a folder in a run's folder may be another run's.
    """
    return any(part in _OWN_NAMES or part.startswith(_OWN_STARTS) for part in name.casefold().split("/"))


def file_name(text: str, suffix: str = "") -> str:
    """A name for a file out of any text, the text itself where that will do; different texts get different names.

    Args:
      text: What the file is about: features, a run.
      suffix: What the name shall end with.

    Returns:
      At most 255 bytes of letters, digits and `-_. +=,@`, that lead to no other folder, are not hidden, and are no name
      that a run, Windows or we use. Where something had to be changed, the name has a `~` and a part of a digest.
    """
    plain = "".join(character if character.isalnum() or character in "-_. +=,@" else "_" for character in text)
    plain = plain.lstrip(". ")
    room = MAX_NAME_BYTES - len(suffix.encode())
    name = plain + suffix
    if plain == text and plain.rstrip(". ") and len(plain.encode()) <= room and not _is_reserved(name):
        return name
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    start = plain.encode()[: room - len(digest) - 2].decode("utf-8", "ignore").strip(". ")
    name = f"{start or '_'}~{digest}{suffix}"
    return f"_{name}" if _is_reserved(name) else name


def unused_name(name: str, taken: Container[str], form: str = "{}~{}") -> str:
    """A name, with a number from 2 on behind it where it is taken: `a~2`.

    Args:
      name: The name.
      taken: Names that it must not be.
      form: How the name and the number are put together.
    """
    numbered = (form.format(name, number) for number in count(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def counted(number: int, what: str) -> str:
    """How many there are of something, in words: `1 row`, `2,000 rows`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def parse_table(
    raw: bytes, name: str, *, skip_blank_lines: bool = False, rows: int | None = None, short: list[int] | None = None
) -> dict[str, list[str]]:
    """Splits a tab-separated table into its columns; one column alone has no header (TensorBoard's rule).

    It takes a small multiple of the file's size in memory: lines are counted before any is split, are split some at a
    time, and cells of a column that are equal are one object.

    Args:
      raw: The file's bytes: UTF-8, or UTF-16 with a byte order mark.
      name: The file's name, for messages.
      skip_blank_lines: Pass over lines of nothing but blanks, as a person may leave them; they are counted all the
        same. Without it such a line is a row, so that row i stays sample i.
      rows: How many rows there must be, if that is known. Of one column, blank lines at the end are rows then as far
        as rows are missing.
      short: Takes the numbers of lines with fewer values than columns, where they are to be filled up with empty cells.

    Returns:
      Values by column name, all lists of the same length; the name is `label` where there is no header.

    Raises:
      TableError: If it is not text, a row has another number of values, a column name occurs twice, there are too many
        columns or cells, or another number of rows.
    """
    whole = as_utf8(raw, name)
    body = whole.rstrip(b"\r\n")
    pieces = _pieces(body, name, skip_blank_lines=skip_blank_lines)
    numbers, lines = next(pieces, ((), []))
    has_header = bool(lines) and "\t" in lines[0]
    names = _checked_header(lines[0].split("\t"), name) if has_header else [LABEL]
    found = body.count(b"\n") + bool(body) - has_header
    blank = 0
    if rows is not None and not has_header:
        blank = max(0, min(rows - found, whole.count(b"\n", len(body)) - bool(body)))
    _check_size(name, found + blank, len(names), rows)
    columns = [_Cells() for _ in names]
    rest = (numbers[1:], lines[1:]) if has_header else (numbers, lines)
    for numbered, piece in chain([rest], pieces):
        split = [line.split("\t") if has_header else [line] for line in piece]
        for number, row in zip(numbered, split, strict=True):
            if short is not None and len(row) < len(names):
                short.append(number)
                row.extend([""] * (len(names) - len(row)))
            if len(row) != len(names):
                raise TableError(f"{name}, line {number}: {len(row)} values, but there are {len(names)} columns.")
        for column, cells in zip(columns, zip(*split, strict=True), strict=False):
            column.extend(cells)
    columns[0].extend([""] * blank)
    return {column: cells.values for column, cells in zip(names, columns, strict=True)}


def format_table(columns: Mapping[str, Sequence[str]]) -> str:
    """The text of a tab-separated table: the names, then the rows. Cells must be clean already."""
    return "".join(table_lines(columns))


def table_lines(columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The lines of that text, one after the other."""
    yield "\t".join(columns) + "\n"
    for row in zip(*columns.values(), strict=True):
        yield "\t".join(row) + "\n"


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
    """What a sample's image is called in the archive, where it is stored plain; `suffix` is of `ARCHIVE_SUFFIXES`.

    In the archive of whole pictures the cell of the column `file` stands in the sample id's place.
    """
    return f"{sample_id}{suffix}"


class _Cells:
    """A column as it grows. Equal cells are one object, unless most of them turn out to be different."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self._known: dict[str, str] | None = {}

    def extend(self, cells: Sequence[str]) -> None:
        if self._known is None:
            self.values.extend(cells)
            return
        self.values.extend([self._known.setdefault(cell, cell) for cell in cells])
        if _TELLING < len(self.values) < 2 * len(self._known):
            self._known = None


def as_utf8(raw: bytes, name: str) -> bytes:
    """The text in UTF-8, without a byte order mark; not yet known to be text if it claims to be UTF-8 already."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return raw.decode("utf-16").encode("utf-8")
        except UnicodeError:
            raise TableError(f"{name} is not UTF-8 text.") from None
    return raw.removeprefix(codecs.BOM_UTF8)


def _pieces(body: bytes, name: str, *, skip_blank_lines: bool) -> Iterator[tuple[Sequence[int], list[str]]]:
    """The lines of a text with their numbers, some of them at a time. Only line feeds end a line."""
    begin, number = 0, 1
    while begin < len(body):
        end = body.find(b"\n", begin + _PIECE_BYTES)
        end = len(body) if end < 0 else end
        if end - begin > _PIECE_BYTES + MAX_LINE_BYTES:
            raise TableError(f"{name} has a line of more than {MAX_LINE_BYTES >> 20} MiB.")
        try:
            text = body[begin:end].decode("utf-8")
        except UnicodeDecodeError:
            raise TableError(f"{name} is not UTF-8 text.") from None
        # str.splitlines would also split at characters that a value may hold.
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        numbers: Sequence[int] = range(number, number + len(lines))
        begin, number = end + 1, number + len(lines)
        if skip_blank_lines:
            numbers = [at for at, line in zip(numbers, lines, strict=True) if line.strip()]
            lines = [line for line in lines if line.strip()]
        if lines:
            yield numbers, lines


def _check_size(name: str, rows: int, columns: int, wanted: int | None) -> None:
    if wanted not in (None, rows):
        raise TableError(f"{name} has {rows:,} rows, but there are {wanted:,} samples.")
    if rows * columns > MAX_CELLS:
        raise TableError(f"{name} has {rows:,} rows of {columns:,} cells; at most {MAX_CELLS:,} cells can be read.")


def _checked_header(header: list[str], name: str) -> list[str]:
    if len(header) > MAX_COLUMNS:
        raise TableError(f"{name} has {len(header):,} columns; at most {MAX_COLUMNS:,} can be read, so leave some out.")
    seen: set[str] = set()
    for column in header:
        if column in seen:
            raise TableError(f"{name} has the column {column!r} more than once.")
        seen.add(column)
    return header


def _is_reserved(name: str) -> bool:
    return is_own_name(name) or name.endswith((".", " ")) or _DEVICES.fullmatch(name) is not None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
