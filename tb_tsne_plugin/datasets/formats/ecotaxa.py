"""EcoTaxa's table: tabs between cells, and below the header a line that says text (`[t]`) or number (`[f]`).

https://ecotaxa.obs-vlfr.fr: `object_annotation_status` is `validated` (somebody said so), `predicted` or `dubious`.
"""

from __future__ import annotations

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Sample, Written
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.format import TableError, counted, format_table, parse_table

ID, PICTURE = "object_id", "img_file_name"
CATEGORY, STATUS, SCORE = "object_annotation_category", "object_annotation_status", "object_prediction_score"
BOX = ("object_bx", "object_by", "object_width", "object_height")
_TYPES = ("[t]", "[f]")


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
    rows = []
    for sample in leaving:
        row = [sample.sample_id, sample.file, *_annotation(sample)]
        row += sample.box or [""] * len(BOX) if has_boxes else []
        if dataset.suggests:
            row.append(f"{sample.suggestion.probability:.4f}" if sample.suggestion else "")
        rows.append(row)
    columns = zip(header, zip(types, *rows, strict=True), strict=True)
    return Written([File("", format_table(dict(columns)).encode("utf-8"))], len(leaving))


def read(files: GivenFiles, about: About) -> TableLabels:
    """What is validated or dubious; what is only predicted is nobody's label."""
    try:
        columns = parse_table(files.read(), files.name)
    except TableError as error:
        raise DatasetError(str(error)) from None
    if lacking := [name for name in (ID, CATEGORY) if name not in columns]:
        raise DatasetError(f"{files.name} has no column {lacking[0]!r}, as a table of EcoTaxa has.")
    empty = [""] * len(columns[ID])
    rows = zip(columns[ID], columns.get(PICTURE, empty), columns[CATEGORY], columns.get(STATUS, empty), strict=True)
    given: list[Given] = []
    predicted = 0
    for number, (sample_id, file, category, status) in enumerate(rows):
        if number == 0 and sample_id in _TYPES:
            continue
        said = status.strip().lower()
        if said == "dubious":
            given.append(Given(category or None, sample_id, file, state="unsure"))
        elif said == "predicted":
            predicted += 1
        else:
            given.append(Given(category or None, sample_id, file))
    notes = [f"{counted(predicted, 'row')} predicted only, by nobody: passed over."] if predicted else []
    return match(Read(given, notes), about)


def _annotation(sample: Sample) -> tuple[str, str]:
    """Category and status."""
    if sample.label is not None:
        return sample.label, "validated"
    if sample.state == "unsure":
        return sample.kept or "", "dubious"
    if sample.suggestion:
        return sample.suggestion.label, "predicted"
    return "", ""
