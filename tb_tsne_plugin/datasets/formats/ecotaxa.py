"""EcoTaxa's table: tabs between cells, and below the header a line that says text (`[t]`) or number (`[f]`).

https://ecotaxa.obs-vlfr.fr: `object_annotation_status` is `validated` (somebody said so), `predicted`, `dubious` or
`discarded` (somebody said that it is no such thing). It refuses a table that has a status without a category, or a
category without a status. It takes a table for Latin-1 unless a byte order mark tells UTF-8, and cells may be quoted:
its own tables are, all of them.
"""

from __future__ import annotations

import codecs
from collections import Counter

from tb_tsne_plugin.datasets.csv_text import csv_rows, csv_text
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Sample, Written
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.format import counted

ID, PICTURE = "object_id", "img_file_name"
CATEGORY, STATUS, SCORE = "object_annotation_category", "object_annotation_status", "object_prediction_score"
BY = ("object_annotation_person_name", "object_annotation_date", "object_annotation_time")
BOX = ("object_bx", "object_by", "object_width", "object_height")
_TYPES = ("[t]", "[f]")
_NOT_GIVEN = {"predicted": "predicted only, by nobody", "discarded": "discarded, so of another class"}


def written(dataset: Dataset) -> Written:
    """A row for each sample: labels are validated, suggestions predicted, what is unsure is dubious."""
    leaving = [sample for sample in dataset.samples if sample.state != "ignored"]
    header = [ID, PICTURE, CATEGORY, STATUS]
    types = ["[t]"] * len(header)
    has_boxes = any(sample.box for sample in leaving)
    if has_boxes:
        header, types = [*header, *BOX], [*types, *["[f]"] * len(BOX)]
    if dataset.suggests:
        header, types = [*header, SCORE], [*types, "[f]"]
    if dataset.giver_columns:
        header, types = [*header, *BY], [*types, *["[t]"] * len(BY)]
    rows = [types]
    for sample in leaving:
        row = [sample.sample_id, sample.file, *_annotation(sample)]
        row += sample.box or [""] * len(BOX) if has_boxes else []
        if dataset.suggests:
            row.append(f"{sample.suggestion.probability:.4f}" if sample.suggestion else "")
        if dataset.giver_columns:
            row += _by(sample)
        rows.append(row)
    text = csv_text(header, rows, between="\t")
    return Written([File("", text if text.isascii() else codecs.BOM_UTF8 + text)], len(leaving))


def read(files: GivenFiles, about: About) -> TableLabels:
    """What is validated or dubious; what is only predicted, or discarded, is nobody's label."""
    given: list[Given] = []
    passed_over: Counter[str] = Counter()
    for row in csv_rows(files.read(), files.name, ID, CATEGORY, between="\t", otherwise="latin-1"):
        named, category = (row[ID], row.get(PICTURE, "")), row[CATEGORY] or None
        status = row.get(STATUS, "").strip().lower()
        if row[ID] in _TYPES:
            continue
        if status in _NOT_GIVEN:
            passed_over[status] += 1
        else:
            given.append(Given(category, *named, state="unsure" if status == "dubious" else None))
    notes = [f"{counted(rows, 'row')} {_NOT_GIVEN[status]}: passed over." for status, rows in passed_over.items()]
    return match(Read(given, notes), about)


def _by(sample: Sample) -> tuple[str, str, str]:
    """Who validated a sample, or called it dubious, and when: a date and a time, in digits alone."""
    author, at = sample.giver
    if not author or _annotation(sample)[1] not in ("validated", "dubious"):
        return "", "", ""
    date, _, time = at.rstrip("Z").partition("T")
    return author, date.replace("-", ""), time.replace(":", "")


def _annotation(sample: Sample) -> tuple[str, str]:
    """Category and status."""
    if sample.label is not None:
        return sample.label, "validated"
    if sample.state == "unsure" and sample.kept:
        return sample.kept, "dubious"
    if sample.suggestion:
        return sample.suggestion.label, "predicted"
    return "", ""
