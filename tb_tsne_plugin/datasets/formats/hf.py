"""Hugging Face's `imagefolder`: images, and a table beside them that says what each is."""

from __future__ import annotations

from tb_tsne_plugin.datasets.csv_text import csv_rows, csv_text
from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Written
from tb_tsne_plugin.datasets.tables import PROBABILITY, SUGGESTION
from tb_tsne_plugin.labels.tables import TableLabels

METADATA_NAME = "metadata.csv"


def written(dataset: Dataset) -> Written:
    """The pictures of the samples with a label, or a suggestion that is to leave, and a table in each part."""
    # What is suggested belongs to none of the parts.
    leaving = dataset.labeled if dataset.shares else dataset.labeled_or_suggested
    header = ["file_name", "label", "sample_id", *((SUGGESTION, PROBABILITY) if dataset.suggests else ())]
    files: list[File] = []
    for part in dataset.shares or ("",):
        rows: list[list[str]] = []
        for sample in (each for each in leaving if each.split == part):
            suggested = sample.suggestion
            more = [suggested.label, f"{suggested.probability:.4f}"] if suggested else ["", ""]
            name = dataset.picture_name(sample)
            rows.append([name, sample.label or "", sample.sample_id, *(more if dataset.suggests else ())])
            files.append(File(f"{part}/{name}" if part else name, sample))
        files.append(File(f"{part}/{METADATA_NAME}" if part else METADATA_NAME, csv_text(header, rows)))
    return Written(files, len(leaving))


def read(files: GivenFiles, about: About) -> TableLabels:
    """What the tables say."""
    given: list[Given] = []
    tables = [name for name in files.names(METADATA_NAME) if name.rpartition("/")[2] == METADATA_NAME]
    if not tables:
        raise DatasetError(f"{files.name} holds no {METADATA_NAME}.")
    for name in tables:
        rows = csv_rows(files.read(name), name, "file_name", "label")
        given += [Given(row["label"], row.get("sample_id", ""), row["file_name"]) for row in rows]
    return match(Read(given, files="names"), about)
