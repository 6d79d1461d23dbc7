"""A table of paths, and perhaps of labels, in CSV or TSV."""

from __future__ import annotations

import csv
from pathlib import Path

from exporters.errors import ExportError
from exporters.images.inside import Inside
from exporters.images.listing import Listing, list_files
from tb_tsne_plugin.runs.format import FILE, LABEL, TRUE_LABEL

PATH_COLUMNS = (FILE, "path", "filename", "image")
LABEL_COLUMNS = (LABEL, "class", TRUE_LABEL)
SUFFIXES = (".tsv", ".csv", ".txt")


def list_table(table: Path, outside: bool = False) -> Listing:
    """Lists the images that a table names, relative to its folder.

    Args:
        table: The table.
        outside: Whether its rows may lead out of its folder; otherwise such images are skipped.

    Raises:
        ExportError: If it is no such table, or gives one image two labels.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            is_csv = table.suffix.lower() == ".csv"
            rows = list(csv.DictReader(file) if is_csv else csv.DictReader(file, dialect="excel-tab"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExportError(f"{table} cannot be read as a table: {error}.") from error
    names = list(rows[0]) if rows else []
    path_column = next((name for name in PATH_COLUMNS if name in names), None)
    if path_column is None:
        raise ExportError(f"{table} needs a header with a column {', '.join(PATH_COLUMNS[:-1])} or {PATH_COLUMNS[-1]}.")
    label_column = next((name for name in LABEL_COLUMNS if name in names), None)
    classes: dict[str, str] = {}
    files: dict[str, Path] = {}
    for number, row in enumerate(rows, 2):
        name = Path(row[path_column] or "").as_posix()
        label = (row.get(label_column) or "") if label_column else ""
        if classes.get(name, label) != label:
            raise ExportError(f"{table}, line {number}: {name} already has another label.")
        files[name] = table.parent / name
        classes |= {name: label} if label else {}
    return list_files(files.items(), classes=classes, inside=Inside(table.parent, outside))
