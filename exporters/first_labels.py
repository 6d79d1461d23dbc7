"""Where an export's first labels come from: nowhere, class folders, or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporters.errors import ExportError, ExportUsageError, some_of
from exporters.images.listing import ImageFile
from exporters.run.metadata import label_cell, read_table
from tb_tsne_plugin.runs.format import FILE, LABEL, SAMPLE_ID, UNLABELED

NONE, FOLDERS = "none", "folders"


@dataclass(frozen=True)
class LabelFile:
    """The labels of a TSV file with a `label` column and a `sample_id` or `file` column (or both).

    Attributes:
        key: The column that names the images, `sample_id` where there is one.
        labels: Label by sample id or by relative path.
    """

    path: Path
    key: str
    labels: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> LabelFile:
        """Reads the file.

        Raises:
            ExportError: If it is missing, has not these columns, or gives one image two labels.
        """
        if not path.is_file():
            raise ExportUsageError(f"--labels {path}: there is no such file (give none, folders, or a .tsv file).")
        try:
            columns = read_table(path.read_bytes(), str(path))
        except OSError as error:
            raise ExportError(f"{path} cannot be read: {error.strerror}.") from error
        key = SAMPLE_ID if SAMPLE_ID in columns else FILE
        if LABEL not in columns or key not in columns:
            raise ExportError(f"{path} needs a column {LABEL} and a column {SAMPLE_ID} or {FILE} (tabs between them).")
        labels: dict[str, str] = {}
        for line, (name, value) in enumerate(zip(columns[key], columns[LABEL], strict=True), 2):
            label = label_cell(value)
            if labels.setdefault(name, label) != label:
                raise ExportError(f"{path}, line {line}: {name} already has another label.")
        return cls(path, key, labels)

    def of(self, sample_ids: Sequence[str], files: Sequence[ImageFile]) -> list[str]:
        """The label of every sample, `unlabeled` where the file says nothing.

        Raises:
            ExportError: If the file names none of them.
        """
        names = sample_ids if self.key == SAMPLE_ID else [file.name for file in files]
        if not any(name in self.labels for name in names):
            example = next(iter(self.labels), "nothing")
            raise ExportError(f"{self.path} names none of the images: its {self.key} column begins with {example}.")
        return [self.labels.get(name, UNLABELED) for name in names]


def folder_labels(files: Sequence[ImageFile]) -> list[str]:
    """The class folder of every image; `unlabeled` for one that lies in none."""
    return [label_cell(file.folder_class) for file in files]


def check_folders(files: Sequence[ImageFile], option: str, source: str) -> None:
    """Refuses `option` where no image lies in a class folder.

    Raises:
        ExportError: In that case.
    """
    if not any(file.folder_class for file in files):
        raise ExportError(f"{option} needs a sub-folder for each class, or a table with labels: {source} has neither.")


def describe_unknown(file: LabelFile, sample_ids: Sequence[str], files: Sequence[ImageFile]) -> str | None:
    """A sentence on the file's rows that name no exported image, or None."""
    present = set(sample_ids) if file.key == SAMPLE_ID else {image.name for image in files}
    unknown = [name for name in file.labels if name not in present]
    return f"{file.path}: {len(unknown):,} rows name no exported image: {some_of(unknown)}." if unknown else None
