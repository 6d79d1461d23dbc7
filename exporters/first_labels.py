"""Where an export's first labels come from: nowhere, class folders, annotations of objects, or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from exporters.errors import ExportError, ExportUsageError, some_of
from exporters.images.listing import ImageFile, Listing
from exporters.images.tables import LABEL_COLUMNS
from tb_tsne_plugin.runs.class_names import clean_labels
from tb_tsne_plugin.runs.format import (
    FILE,
    FILE_COLUMNS,
    LABEL,
    NAMING_COLUMNS,
    SAMPLE_ID,
    UNLABELED,
    TableError,
)
from tb_tsne_plugin.runs.given_names import match_names
from tb_tsne_plugin.runs.given_tables import read_given_table

NONE, FOLDERS, GIVEN = "none", "folders", "given"


@dataclass(frozen=True)
class LabelFile:
    """The labels of a table with a `label` column and a `sample_id` or `file` column (or both).

    Attributes:
        key: The column that names the images, `sample_id` where there is one.
        labels: Label by sample id or by relative path.
        notes: Sentences on what was guessed about the table, and what became of its labels.
    """

    path: Path
    key: str
    labels: Mapping[str, str]
    notes: Sequence[str] = ()

    @classmethod
    def read(cls, path: Path) -> LabelFile:
        """Reads the file.

        Raises:
            ExportError: If it is missing, has not these columns, or gives one image two labels.
        """
        if not path.is_file():
            raise ExportUsageError(f"--labels {path}: there is no such file (give none, folders, or a table).")
        try:
            table = read_given_table(path.read_bytes(), str(path), (*NAMING_COLUMNS, *LABEL_COLUMNS))
        except OSError as error:
            raise ExportError(f"{path} cannot be read: {error.strerror}.") from error
        except TableError as error:
            raise ExportError(str(error)) from None
        by_id, by_file, label = table.find((SAMPLE_ID,)), table.find(FILE_COLUMNS), table.find(LABEL_COLUMNS)
        naming = by_id or by_file
        if label is None or naming is None:
            raise ExportError(
                f"{path} needs a header with a column {LABEL} and a column {SAMPLE_ID} or {FILE}; it has "
                f"{some_of(list(table.columns))}."
            )
        cleaned = clean_labels(table.columns[label])
        labels: dict[str, str] = {}
        for line, name, found in zip(table.lines, table.columns[naming], cleaned.names, strict=True):
            given = found or UNLABELED
            if labels.setdefault(name, given) != given:
                raise ExportError(f"{path}, line {line}: {name} already has another label.")
        return cls(path, SAMPLE_ID if by_id else FILE, labels, [*table.notes, *cleaned.notes])

    def of(self, sample_ids: Sequence[str], files: Sequence[ImageFile]) -> FirstLabels:
        """The label of every sample, `unlabeled` where the file says nothing.

        Raises:
            ExportError: If the file names none of them.
        """
        names = sample_ids if self.key == SAMPLE_ID else [file.name for file in files]
        matched = match_names(self.labels, names)
        labels = {matched.names.get(name, name): label for name, label in self.labels.items()}
        present = set(names)
        unknown = [name for name in labels if name not in present]
        if len(unknown) == len(labels):
            example = next(iter(self.labels), "nothing")
            raise ExportError(f"{self.path} names none of the images: its {self.key} column begins with {example}.")
        notes = [*self.notes, *matched.notes]
        if unknown:
            notes.append(f"{self.path}: {len(unknown):,} rows name no exported image: {some_of(unknown)}.")
        return FirstLabels([labels.get(name, UNLABELED) for name in names], notes)


class FirstLabels(NamedTuple):
    """The `label` column of an export, and sentences on what became of it."""

    labels: list[str]
    notes: list[str]


def folder_labels(files: Sequence[ImageFile]) -> FirstLabels:
    """The class folder of every image; `unlabeled` for one that lies in none."""
    cleaned = clean_labels([file.folder_class or "" for file in files])
    return FirstLabels([name or UNLABELED for name in cleaned.names], cleaned.notes)


def check_classes(listing: Listing, option: str, source: str) -> None:
    """Refuses `option` where no image comes with a class.

    Raises:
        ExportError: In that case.
    """
    if any(file.folder_class for file in listing.images):
        return
    if listing.noun != "image":
        raise ExportError(f"{option} needs {listing.noun}s with classes, and none in {source} has one.")
    raise ExportError(f"{option} needs a sub-folder for each class, or a table with labels: {source} has neither.")
