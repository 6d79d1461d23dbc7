"""Camtrap DP 1.0: the table of observations of a camera trap data package (https://camtrap-dp.tdwg.org/data)."""

from __future__ import annotations

from tb_tsne_plugin.datasets.csv_text import csv_rows, csv_text
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Sample, Written
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.format import counted

OBSERVATION, DEPLOYMENT, MEDIUM, LEVEL, TYPE = (
    *("observationID", "deploymentID", "mediaID", "observationLevel"),
    "observationType",
)
NAME, METHOD, BY, AT = "scientificName", "classificationMethod", "classifiedBy", "classificationTimestamp"
PROBABILITY = "classificationProbability"
TIMES = ("eventStart", "eventEnd")
FIELDS = (
    *(OBSERVATION, DEPLOYMENT, MEDIUM, "eventID", *TIMES, LEVEL, TYPE, "cameraSetupType", NAME, "count", "lifeStage"),
    *("sex", "behavior", "individualID", "individualPositionRadius", "individualPositionAngle", "individualSpeed"),
    *("bboxX", "bboxY", "bboxWidth", "bboxHeight", METHOD, BY, AT, PROBABILITY),
    *("observationTags", "observationComments"),
)
"""The columns of the standard, in its order."""
OTHER_TYPES = ("human", "vehicle", "blank")
"""Types of observations of no animal: classes of these names are these."""
MODEL = "tb-tsne"


def written(dataset: Dataset) -> Written:
    """An observation for each sample. What the run's metadata has in columns of the standard's names is taken over."""
    leaving = [(row, sample) for row, sample in enumerate(dataset.samples) if sample.state != "ignored"]
    rows = []
    for row, sample in leaving:
        known = {name: dataset.columns[name][row] for name in FIELDS if name in dataset.columns}
        medium = known.get(MEDIUM) or sample.file
        cells = {**known, OBSERVATION: sample.sample_id, MEDIUM: medium, LEVEL: "media", **_classified(sample)}
        rows.append([cells.get(name, "") for name in FIELDS])
    notes = []
    if lacking := [name for name in (DEPLOYMENT, *TIMES) if name not in dataset.columns]:
        notes.append(
            f"The standard asks for {', '.join(lacking)}, which the run's metadata does not have: fill in what "
            "is empty before you publish."
        )
    return Written([File("", csv_text(FIELDS, rows))], len(leaving), notes)


def read(files: GivenFiles, about: About) -> TableLabels:
    """What people classified; what a machine did is nobody's label."""
    given: list[Given] = []
    machine = 0
    for row in csv_rows(files.read(), files.name, OBSERVATION, TYPE):
        named = (row[OBSERVATION], row.get(MEDIUM, ""))
        label = row.get(NAME) or (row[TYPE] if row[TYPE] in OTHER_TYPES else None)
        if row.get(METHOD) == "machine":
            machine += 1
        elif row[TYPE] == "unknown":
            given.append(Given(label, *named, state="unsure"))
        else:
            given.append(Given(label, *named))
    notes = [f"{counted(machine, 'observation')} classified by a machine only: passed over."] if machine else []
    return match(Read(given, notes), about)


def _classified(sample: Sample) -> dict[str, str]:
    if sample.label is not None:
        return {**_class(sample.label), METHOD: "human", **_by(sample)}
    if sample.state == "unsure":
        return {TYPE: "unknown", NAME: sample.kept or "", METHOD: "human", **_by(sample)}
    if sample.suggestion:
        label, probability = sample.suggestion
        return {**_class(label), METHOD: "machine", BY: MODEL, PROBABILITY: f"{probability:.4f}"}
    return {TYPE: "unclassified", NAME: ""}


def _by(sample: Sample) -> dict[str, str]:
    """Who classified a sample, and when, where that is to leave and is known."""
    author, time = sample.giver
    return {BY: author, AT: time} if author else {}


def _class(label: str) -> dict[str, str]:
    return {TYPE: label, NAME: ""} if label in OTHER_TYPES else {TYPE: "animal", NAME: label}
