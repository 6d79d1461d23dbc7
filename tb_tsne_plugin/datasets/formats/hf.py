"""Hugging Face's `imagefolder`: images, and a table beside them that says what each is.

The table is `metadata.csv`, which any program reads. `datasets` has pandas read it, which takes `1.0` for a number and
`NA` for a missing value; of such classes the table is `metadata.jsonl`, where a text is a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from tb_tsne_plugin.datasets.csv_text import csv_rows, csv_text
from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Written
from tb_tsne_plugin.datasets.tables import PROBABILITY, SUGGESTION
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.class_names import shown

CSV_NAME, JSON_NAME = "metadata.csv", "metadata.jsonl"
FILE, LABEL, SAMPLE = "file_name", "label", "sample_id"
_VALUES = frozenset(
    {"true", "false", "none", "null", "na", "n/a", "<na>", "#na", "#n/a", "#n/a n/a", "1.#ind", "1.#qnan"}
)
"""What pandas takes for a truth value or a missing one, in small letters and without a sign."""


def written(dataset: Dataset) -> Written:
    """The pictures of the samples with a label, or a suggestion that is to leave, and a table in each part."""
    # What is suggested belongs to none of the parts.
    leaving = dataset.labeled if dataset.shares else dataset.labeled_or_suggested
    suggested = {sample.suggestion.label for sample in leaving if sample.suggestion}
    misread = sorted(filter(_is_misread, {sample.label for sample in leaving if sample.label} | suggested))
    table, name = (_json_text, JSON_NAME) if misread else (csv_text, CSV_NAME)
    header = [FILE, LABEL, SAMPLE, *((SUGGESTION, PROBABILITY) if dataset.suggests else ())]
    files: list[File] = []
    for part in dataset.shares or ("",):
        above = f"{part}/" if part else ""
        rows: list[list[str]] = []
        for sample in (each for each in leaving if each.split == part):
            picture, more = dataset.picture_name(sample), ["", ""]
            if sample.suggestion:
                more = [sample.suggestion.label, f"{sample.suggestion.probability:.4f}"]
            rows.append([picture, sample.label or "", sample.sample_id, *(more if dataset.suggests else ())])
            files.append(File(above + picture, sample))
        files.append(File(above + name, table(header, rows)))
    notes = []
    if misread:
        notes.append(
            f"Classes are in {JSON_NAME}: of {CSV_NAME}, Hugging Face's datasets would take {shown(misread[0])} for "
            "another value."
        )
    return Written(files, len(leaving), notes)


def read(files: GivenFiles, about: About) -> TableLabels:
    """What the tables say."""
    given: list[Given] = []
    tables = [name for kind in (CSV_NAME, JSON_NAME) for name in files.names(kind) if name.rpartition("/")[2] == kind]
    if not tables:
        raise DatasetError(f"{files.name} holds no {CSV_NAME}.")
    for name in tables:
        rows = csv_rows(files.read(name), name, FILE, LABEL) if name.endswith(".csv") else _json_rows(files, name)
        given += [Given(row[LABEL], row.get(SAMPLE, ""), row[FILE]) for row in rows]
    return match(Read(given, files="names"), about)


def _is_misread(text: str) -> bool:
    """Whether pandas may take a text for something else: for a number, a truth value or a missing one."""
    try:
        float(text)
    except ValueError:
        return text.casefold().lstrip("-") in _VALUES
    return True


def _json_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A JSON object in each line; what is empty is null, and a probability a number."""
    lines: list[str] = []
    for row in rows:
        cells: dict[str, object] = dict(zip(header, (cell or None for cell in row), strict=True))
        if PROBABILITY in header and (probability := row[header.index(PROBABILITY)]):
            cells[PROBABILITY] = float(probability)
        lines.append(json.dumps(cells, ensure_ascii=False) + "\n")
    return "".join(lines).encode("utf-8")


def _json_rows(files: GivenFiles, name: str) -> list[dict[str, str]]:
    try:
        values = [json.loads(line) for line in files.read(name).decode("utf-8-sig").split("\n") if line.strip()]
        return [{key: "" if row[key] is None else str(row[key]) for key in (FILE, LABEL, *row)} for row in values]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DatasetError(f"{name} holds no objects with {FILE} and {LABEL}, one a line.") from None
