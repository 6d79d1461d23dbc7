"""A table of paths, and perhaps of labels."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from exporters.errors import ExportError
from exporters.images.inside import Inside
from exporters.images.listing import Listing, list_files
from exporters.images.outcomes import Skipped
from tb_tsne_plugin.runs.format import FILE_COLUMNS, LABEL, TRUE_LABEL, TableError
from tb_tsne_plugin.runs.given_tables import read_given_table

LABEL_COLUMNS = (LABEL, "class", "category", TRUE_LABEL)
_ADDRESS = re.compile(r"file:(//(localhost)?)?/", re.IGNORECASE)
SUFFIXES = (".tsv", ".csv", ".txt")


def list_table(table: Path, outside: bool = False, slides: bool = False) -> Listing:
    """Lists the images that a table names, relative to its folder.

    Args:
        table: The table: tabs, commas or semicolons between cells, with a header.
        outside: Whether its rows may lead out of its folder; otherwise such images are skipped.
        slides: Whether slides are images too.

    Raises:
        ExportError: If it is no such table, or gives one image two labels.
    """
    try:
        given = read_given_table(table.read_bytes(), str(table), (*FILE_COLUMNS, *LABEL_COLUMNS))
    except OSError as error:
        raise ExportError(f"{table} cannot be read: {error.strerror}.") from error
    except TableError as error:
        raise ExportError(str(error)) from None
    path_column, label_column = given.find(FILE_COLUMNS), given.find(LABEL_COLUMNS)
    if path_column is None:
        raise ExportError(
            f"{table} needs a header with a column of paths: {', '.join(FILE_COLUMNS[:-1])} or {FILE_COLUMNS[-1]}."
        )
    paths = given.columns[path_column]
    labels = given.columns[label_column] if label_column else [""] * len(paths)
    folders = _Folders(table.parent)
    classes: dict[str, str] = {}
    files: dict[str, Path] = {}
    unnamed: list[Skipped] = []
    for line, path, label in zip(given.lines, paths, labels, strict=True):
        if not path.strip():
            unnamed.append(Skipped(f"{table.name}, line {line}", "has no path"))
            continue
        name = folders.name_of(path)
        if classes.get(name, label) != label:
            raise ExportError(f"{table}, line {line}: {name} already has another label.")
        files[name] = table.parent / name
        classes |= {name: label} if label else {}
    if unnamed and not files:
        raise ExportError(f"{table} has no path in any row.")
    listing = list_files(files.items(), classes=classes, inside=Inside(table.parent, outside), slides=slides)
    skipped = [*unnamed, *listing.skipped]
    return replace(listing, skipped=skipped, notes=[*given.notes, *folders.notes(table)])


class _Folders:
    """Paths in a table, some of them written on Windows.

    Args:
        folder: What they are relative to.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._turned: list[str] = []

    def name_of(self, path: str) -> str:
        """A path with forward slashes: backslashes are folders where no file has them in its name.

        An address of this machine (`file:///x/a%20b.png`) is the path that it stands for.
        """
        if begin := _ADDRESS.match(path):
            path = "/" + unquote(path[begin.end() :], errors="surrogateescape")
        if "\\" in path and not self._is_there(path) and self._is_there(turned := path.replace("\\", "/")):
            self._turned.append(path)
            path = turned
        return Path(path).as_posix()

    def notes(self, table: Path) -> list[str]:
        """What was guessed."""
        if not self._turned:
            return []
        count = "1 path" if len(self._turned) == 1 else f"{len(self._turned):,} paths"
        return [f"{table} has {count} with backslashes, which are taken for folders: {self._turned[0]}."]

    def _is_there(self, name: str) -> bool:
        try:
            return (self._folder / name).is_file()
        except (OSError, ValueError):
            return False
