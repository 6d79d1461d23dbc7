"""Label Studio's JSON: a task for each sample, for a project with one `Choices` over an `Image`.

<View><Image name="image" value="$image"/><Choices name="choice" toName="image">…</Choices></View>
Label Studio numbers tasks itself when it imports them; its converter wants a number in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Annotation, Dataset, Drawn, File, Given, Read, Sample, Written
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.boxes import Box, box_of_sides
from tb_tsne_plugin.runs.format import BOX

MODEL = "tb-tsne"
"""Who predicted what leaves as a prediction."""


def written(dataset: Dataset) -> Written:
    """The tasks: labels are annotations, suggestions predictions; one that was ignored is skipped."""
    tasks = [{"id": number, **_task(sample)} for number, sample in enumerate(dataset.samples, 1)]
    text = json.dumps(tasks, ensure_ascii=False, indent=1)
    return Written([File("", text.encode("utf-8"))], len(tasks))


def read(files: GivenFiles, about: About) -> TableLabels:
    """The choice of each task's last annotation that was not cancelled; predictions are nobody's labels."""
    tasks = files.json()
    if not isinstance(tasks, list):
        raise DatasetError(f"{files.name} is no list of tasks, as Label Studio exports as JSON.")
    try:
        given = [_given(task) for task in tasks]
    except (AttributeError, KeyError, IndexError, TypeError):
        raise DatasetError(f"{files.name} holds something else than tasks of Label Studio.") from None
    return match(Read(given), about)


def _task(sample: Sample) -> dict[str, Any]:
    data: dict[str, Any] = {"image": sample.file, "sample_id": sample.sample_id}
    if sample.object:
        data["object"] = sample.object
    if sample.box:
        data |= {name: _number(cell) for name, cell in sample.box._asdict().items()}
    task: dict[str, Any] = {"data": data}
    if sample.state == "ignored":
        task["annotations"] = [{"result": [], "was_cancelled": True}]
    elif sample.label is not None:
        task["annotations"] = [{"result": [_choice(sample.label)], "ground_truth": sample.state == "verified"}]
    if sample.suggestion:
        label, probability = sample.suggestion
        prediction = {"model_version": MODEL, "score": round(probability, 4), "result": [_choice(label)]}
        task["predictions"] = [prediction]
    return task


def _choice(label: str) -> dict[str, Any]:
    return {"from_name": "choice", "to_name": "image", "type": "choices", "value": {"choices": [label]}}


def _given(task: dict[str, Any]) -> Given:
    data = task["data"]
    image, sample_id = str(data.get("image", "")), str(data.get("sample_id", ""))
    annotation = _annotation_of(data, image) if data.get("object") else None
    annotations = task.get("annotations") or []
    standing = [each for each in annotations if not each.get("was_cancelled")]
    if annotations and not standing:
        return Given(None, sample_id, image, "ignored", annotation)
    choice = next(_choices(standing[-1]), None) if standing else None
    verified = choice is not None and standing[-1].get("ground_truth") is True
    return Given(choice, sample_id, image, "verified" if verified else None, annotation)


def _annotation_of(data: dict[str, Any], image: str) -> Annotation:
    """The object that a task is about: of ours, which tell the box too, it is known by that."""
    box = box_of_sides([data.get(side) for side in BOX])
    return Annotation(str(data["object"]), image, drawn=Drawn(box) if isinstance(box, Box) else None)


def _choices(annotation: dict[str, Any]) -> Iterator[str]:
    for result in annotation.get("result") or []:
        if result.get("type") == "choices":
            yield str(result["value"]["choices"][0])


def _number(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell
