"""Tables as people have them: from Excel, pandas, a labelling tool, the stock Projector, or from us.

Which encoding, separator and quotes a table has is told from what it holds, never from its name. `metadata.tsv` is not
read here but by `format.parse_table`: there row i is sample i, whatever the lines look like.

This module imports the standard library and the file format only: `exporters` and the plugin read the same tables.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from tb_tsne_plugin.runs.class_names import shown
from tb_tsne_plugin.runs.format import MAX_CELLS, MAX_COLUMNS, MAX_LINE_BYTES, TableError, counted

SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
_LOOKED_AT = 20
"""Lines from which the separator is told where the header does not tell."""
_NEEDS_QUOTES = re.compile('["\t\n,;|]')
_NO_TABLES = (
    (b"PK\x03\x04", "an Excel workbook or another archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"[", "JSON"),
    (b"{", "JSON"),
)
"""How files begin that people take for tables, and what they are."""
_EXCEL_SEPARATOR = re.compile(r'"?sep ?= ?(\S|\t)[,;\t]*"?', re.IGNORECASE)


class GivenTable(NamedTuple):
    """A table's columns.

    Attributes:
      columns: Values by column name, in the table's order, all of the same length. The name is empty where there is
        one column and no header.
      lines: The number of the line where each row begins, from 1.
      notes: Sentences on what was guessed or filled in, each with the first example.
    """

    columns: dict[str, list[str]]
    lines: list[int]
    notes: list[str]

    def find(self, names: Sequence[str]) -> str | None:
        """The first column that has one of some names, else one that differs from it in capitals, blanks, `_` and `-`.

        Returns:
          The column; None where there is none.
        """
        exact = next((name for name in names if name in self.columns), None)
        if exact is not None:
            return exact
        folded = {folded_name(column): column for column in reversed(self.columns)}
        return next((folded[folded_name(name)] for name in names if folded_name(name) in folded), None)


def folded_name(column: str) -> str:
    """What a column's name has in common with other ways to write it: `Image Path` is `image_path`."""
    return re.sub(r"[\s_-]+", "", column).casefold()


def read_given_table(raw: bytes, name: str, wanted: Collection[str], rows: int | None = None) -> GivenTable:
    """Reads a table with a header, or one column alone, which may come without.

    Args:
      raw: The file's bytes.
      name: What to call it in messages.
      wanted: Names of columns that the caller looks for: the separator is what finds them in the header.
      rows: How many rows a column alone would have, if that is known: so many lines are such a column without a
        header.

    Returns:
      The table. Of a column alone, line i is row i, so a blank line is an empty cell; otherwise lines of nothing but
      blanks are passed over, and cells that are missing at the end of a row are empty.

    Raises:
      TableError: If it is no text, has no rows, a row has more values than there are columns, a column's name occurs
        twice, or it is too large.
    """
    _check_lines(raw, name)
    text, notes = _decoded(raw, name)
    told = _EXCEL_SEPARATOR.fullmatch(text[: text.find("\n") + 1].strip("\n "))
    separator = told[1] if told else _separator_of(text, {folded_name(each) for each in wanted}, rows)
    if separator is None:
        return _alone(text, rows, notes, name)
    records = _records(text, separator, name)
    if told:
        next(records, None)
    header = next(records, None)
    if header is None:
        raise TableError(f"{name} is empty.")
    columns = _named(header[1], name)
    if len(header[1]) == 1:
        return _alone(text, rows, notes, name, columns[0])
    numbered = list(records)
    lines, cells = [line for line, _ in numbered], [row for _, row in numbered]
    if len(columns) * len(cells) > MAX_CELLS:
        raise TableError(
            f"{name} has {len(cells):,} rows of {len(columns):,} cells; at most {MAX_CELLS:,} cells can be read."
        )
    short = [line for line, row in zip(lines, cells, strict=True) if len(row) < len(columns)]
    for line, row in zip(lines, cells, strict=True):
        if any(cell.strip() for cell in row[len(columns) :]):
            raise TableError(
                f"{name}, line {line}: {len(row):,} values, but there are {len(columns):,} columns (with "
                f"{SEPARATORS.get(separator, separator)} between them); put quotes around a value that holds one."
            )
        row[len(columns) :] = [""] * (len(columns) - len(row))
    if short:
        notes.append(
            f"{name} has {counted(len(short), 'row')} with fewer values than columns, the first in line "
            f"{short[0]:,}: the missing ones are taken as empty."
        )
    by_column = list(zip(*cells, strict=True)) if cells else [()] * len(columns)
    return GivenTable({key: list(values) for key, values in zip(columns, by_column, strict=True)}, lines, notes)


def _check_lines(raw: bytes, name: str) -> None:
    """Refuses what has a line that no table has, before it takes a multiple of its size."""
    begin = 0
    while len(raw) - begin > MAX_LINE_BYTES:
        ends = (raw.rfind(end, begin, begin + MAX_LINE_BYTES + 1) for end in (b"\n", b"\r"))
        last = max(ends)
        if last < 0:
            raise TableError(f"{name} has a line of more than {MAX_LINE_BYTES >> 20} MiB.")
        begin = last + 1


def _decoded(raw: bytes, name: str) -> tuple[str, list[str]]:
    """The text, with line feeds between lines; and what was guessed about it."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return _lines_of(_strictly(raw, encoding, name).lstrip("\ufeff")), []
    if what := next((words for start, words in _NO_TABLES if raw.startswith(start)), None):
        raise TableError(f"{name} is {what}; save it as CSV (UTF-8).")
    # Without a mark half of a text in UTF-16 is still NUL bytes, where it is of Western letters and of separators.
    head = raw[:2000]
    zeros = head[::2].count(0), head[1::2].count(0)
    if sum(zeros) > len(head) // 4 and min(zeros) <= max(zeros) // 8:
        return _lines_of(_strictly(raw, "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be", name)), []
    try:
        text = raw.decode("utf-8")
        notes: list[str] = []
    except UnicodeDecodeError:
        text, notes = _line_by_line(raw, name)
    if text.count("\0") > len(text) // 8:
        raise TableError(f"{name} is not text.")
    return _lines_of(text.lstrip("\ufeff")), notes


def _line_by_line(raw: bytes, name: str) -> tuple[str, list[str]]:
    """Text of which some lines are not UTF-8: these are read as older programs save them in the West."""
    lines: list[str] = []
    guessed: list[str] = []
    for line in raw.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", "replace"))
            guessed.append(lines[-1].strip())
    which = "1 line that is" if len(guessed) == 1 else f"{len(guessed):,} lines that are"
    note = f"{name} has {which} not UTF-8 and read as Windows-1252, the first {shown(guessed[0])}; "
    return "\n".join(lines), [f"{note}if letters are wrong, save it as UTF-8."]


def _strictly(raw: bytes, encoding: str, name: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeError:
        raise TableError(f"{name} begins as {encoding.upper()} text, but cannot be read as such.") from None


def _lines_of(text: str) -> str:
    # Old Excel for Mac ends lines with carriage returns only.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _separator_of(text: str, wanted: Collection[str], rows: int | None) -> str | None:
    """What stands between the cells; None for a column alone without a header."""
    lines = [line for line in text.split("\n", 200)[:200] if line.strip()][:_LOOKED_AT]
    if not lines:
        return "\t"
    headers = {mark: _cells(lines[0], mark) for mark in SEPARATORS}
    found = {mark: sum(folded_name(cell) in wanted for cell in header) for mark, header in headers.items()}
    best = max(found, key=lambda mark: (found[mark], len(headers[mark])))
    if found[best]:
        return best
    even = [mark for mark in SEPARATORS if {len(_cells(line, mark)) for line in lines} == {len(headers[mark])}]
    widest = max(even or SEPARATORS, key=lambda mark: len(headers[mark]))
    least, most = text.rstrip("\n").count("\n") + 1, text.count("\n") + (not text.endswith("\n"))
    is_alone = rows is not None and least <= rows <= most and not (even and len(headers[widest]) > 1)
    return None if is_alone else widest


def _cells(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark, skipinitialspace=mark != "\t"), [])
    except csv.Error:  # a cell so long that the whole cannot be read either
        return [line]


def _records(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that is not blank, with the line's number."""
    if separator == "\t" and not _has_quoted_cells(text):
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield number, line.split("\t")
        return
    _check_quotes(text, separator, name)
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=separator != "\t")
    begin = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"{name}, line {begin}: {error}.") from None


def _check_quotes(text: str, separator: str, name: str) -> None:
    """Refuses a quote that nothing closes: all that follows would be one cell."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=separator != "\t", strict=True)
    begin = 1
    try:
        for _ in reader:
            begin = reader.line_num + 1
    except csv.Error as error:
        if "end of data" in str(error):
            raise TableError(f"{name}, line {begin}: a quote is opened and never closed.") from None


def _has_quoted_cells(text: str) -> bool:
    """Whether quotes of a tab-separated text are Excel's, around cells that need them, and no part of the cells."""
    if not re.search('(?:^|\t|\n)"', text):
        return False
    raw = csv.reader(io.StringIO(text), delimiter="\t", strict=True)
    rows = [line.split("\t") for line in text.split("\n") if line.strip()]
    is_even = len(set(map(len, rows))) == 1
    plain = {cell for row in rows for cell in row}
    try:
        quoted = list(raw)
    except csv.Error:
        return False
    if is_even and len({len(row) for row in quoted if row}) > 1:  # only without quotes all rows have the same cells
        return False
    read = [cell for row in quoted for cell in row if cell not in plain]
    # Two lines of as many cells as the others are not one cell because each has a quote.
    return any(map(_NEEDS_QUOTES.search, read)) and not (is_even and any("\n" in cell for cell in read))


def _named(header: Sequence[str], name: str) -> list[str]:
    """The columns' names; those without one (of pandas' index, of empty columns at the end) get one."""
    names = [cell.strip() for cell in header]
    while len(names) > 1 and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise TableError(f"{name} has {len(names):,} columns; at most {MAX_COLUMNS:,} can be read, so leave some out.")
    names = [cell or f"column {place}" for place, cell in enumerate(names, 1)]
    repeated = next((cell for place, cell in enumerate(names) if cell in names[:place]), None)
    if repeated is not None:
        raise TableError(f"{name} has the column {repeated!r} more than once.")
    return names


def _alone(text: str, rows: int | None, notes: list[str], name: str, header: str = "") -> GivenTable:
    """One column: line i is row i. Blank lines at the end are rows as far as rows are missing."""
    cells = text.split("\n")
    first = 1
    if header:
        first += next(place for place, line in enumerate(cells) if line.strip()) + 1
    cells = cells[first - 1 :]
    blank = len(cells) - len(text.rstrip("\n").split("\n")[first - 1 :])
    wanted = max(0, (rows or 0) - (len(cells) - blank))
    cells = cells[: len(cells) - blank + min(wanted, max(0, blank - 1))]
    if len(cells) > MAX_CELLS:
        raise TableError(f"{name} has {len(cells):,} rows; at most {MAX_CELLS:,} can be read.")
    plain = [_cells(cell, "\t")[0] if cell.startswith('"') else cell.strip() for cell in cells]
    return GivenTable({header: plain}, list(range(first, first + len(cells))), notes)
