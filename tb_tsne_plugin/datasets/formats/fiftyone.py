"""FiftyOne's image classification dataset: images, and a JSON file with the class of each."""

from __future__ import annotations

import json
from typing import Any

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Sample, Written
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.class_names import shown

LABELS_NAME, DATA = "labels.json", "data"


def written(dataset: Dataset) -> Written:
    """The pictures of the samples with a label, or a suggestion that is to leave, and a JSON file for each part."""
    # What is suggested belongs to none of the parts.
    leaving = dataset.labeled if dataset.shares else dataset.labeled_or_suggested
    numbers = {name: number for number, name in enumerate(dataset.classes)}
    files: list[File] = []
    for part in dataset.shares or ("",):
        above = f"{part}/" if part else ""
        members = [sample for sample in leaving if sample.split == part]
        labels = {sample.stem: _target(sample, numbers) for sample in members}
        files += [File(f"{above}{DATA}/{dataset.picture_name(sample)}", sample) for sample in members]
        text = json.dumps({"classes": list(dataset.classes), "labels": labels}, ensure_ascii=False, indent=1)
        files.append(File(above + LABELS_NAME, text.encode("utf-8")))
    return Written(files, len(leaving))


def read(files: GivenFiles, about: About) -> TableLabels:
    """What the JSON files say of each picture; what is marked as suggested is passed over."""
    names = [""]
    if files.is_folder:
        names = [name for name in files.names(LABELS_NAME) if name.rpartition("/")[2] == LABELS_NAME]
    if not names:
        raise DatasetError(f"{files.name} holds no {LABELS_NAME}.")
    given: list[Given] = []
    for name in names:
        value = files.json(name)
        try:
            classes, labels = value.get("classes"), dict(value["labels"])
            given += [Given(_class(target, classes), file=stem) for stem, target in labels.items() if _is_given(target)]
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            raise DatasetError(f"{files.name} is no FiftyOne image classification dataset.") from None
    return match(Read(given, files="stems"), about)


def _target(sample: Sample, numbers: dict[str, int]) -> object:
    if sample.label is not None or sample.suggestion is None:
        return numbers[sample.label or ""]
    label, probability = sample.suggestion
    target = numbers[label]
    return {"label": target, "confidence": round(probability, 4), "attributes": {"suggested": True}}


def _is_given(target: Any) -> bool:
    return not (isinstance(target, dict) and target.get("attributes", {}).get("suggested") is True)


def _class(target: Any, classes: Any) -> str | None:
    """The class that a target means: its number where there is a list of classes, else its name."""
    label = target["label"] if isinstance(target, dict) else target
    if label is None:
        return None
    if isinstance(label, bool) or not isinstance(label, (int, str)):
        raise ValueError(shown(str(label)))
    if isinstance(label, int) and classes is not None:
        if label < 0:
            raise IndexError(label)
        return str(classes[label])
    return str(label)
