"""Label Studio's JSON: a task for each whole picture, with a choice of class or with a rectangle for each object.

<View><Image name="image" value="$image"/><Choices name="choice" toName="image">…</Choices></View>
<View><Image name="image" value="$image"/><RectangleLabels name="label" toName="image">…</RectangleLabels></View>
Label Studio numbers tasks itself when it imports them; its converter wants a number in the file.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.gathering import numbers_of
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Annotation, Dataset, Drawn, File, Given, Read, Sample, Written
from tb_tsne_plugin.labels.model import State
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.boxes import Box, box_of_sides, size_of

MODEL = "tb-tsne"
"""Who predicted what leaves as a prediction."""
ADDRESSES = (
    "Label Studio refuses annotations completed by an address that none of its members has: invite them before you "
    "import."
)
_REGIONS = ("rectanglelabels", "polygonlabels")
_SIDES = ("x", "y", "width", "height")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_STATES: tuple[State, ...] = ("verified", "ignored")


def written(dataset: Dataset) -> Written:
    """The tasks: labels are annotations, suggestions predictions; one that was ignored is skipped.

    Objects need the size of their picture, since rectangles are shares of it; without it each is a task of its own.
    """
    tasks: list[dict[str, Any]] = []
    of_picture: dict[str, list[Sample]] = defaultdict(list)
    for sample in dataset.samples:
        if _box(sample) is None:
            tasks.append(_task(sample))
        else:
            of_picture[sample.file].append(sample)
    tasks += [_picture_task(file, samples) for file, samples in of_picture.items()]
    tasks = [{"id": number, **task} for number, task in enumerate(tasks, 1)]
    text = json.dumps(tasks, ensure_ascii=False, indent=1)
    notes = [ADDRESSES] if any(_ADDRESS.fullmatch(sample.giver.author) for sample in dataset.samples) else []
    return Written([File("", text.encode("utf-8"))], len(dataset.samples), notes)


def read(files: GivenFiles, about: About) -> TableLabels:
    """What each task's last annotation that was not cancelled says; predictions are nobody's labels."""
    tasks = files.json()
    if not isinstance(tasks, list):
        raise DatasetError(f"{files.name} is no list of tasks, as Label Studio exports as JSON.")
    try:
        given = [each for task in tasks for each in _given(task)]
    except (AttributeError, KeyError, IndexError, TypeError):
        raise DatasetError(f"{files.name} holds something else than tasks of Label Studio.") from None
    return match(Read(given), about)


def _task(sample: Sample) -> dict[str, Any]:
    data: dict[str, Any] = {"image": sample.file, "sample_id": sample.sample_id}
    if sample.object:
        data["object"] = sample.object
    if sample.box:
        data |= {name: _number(cell) for name, cell in sample.box._asdict().items()}
    data |= _by(sample)
    task: dict[str, Any] = {"data": data}
    if sample.state == "ignored":
        task["annotations"] = [{"result": [], "was_cancelled": True, **_completed_by([sample])}]
    elif sample.label is not None:
        annotation = {"result": [_choice(sample.label)], "ground_truth": sample.state == "verified"}
        task["annotations"] = [annotation | _completed_by([sample])]
    if sample.suggestion:
        label, probability = sample.suggestion
        prediction = {"model_version": MODEL, "score": round(probability, 4), "result": [_choice(label)]}
        task["predictions"] = [prediction]
    return task


def _by(sample: Sample) -> dict[str, str]:
    """Who gave the label, and when, where that is to leave and is known."""
    author, time = sample.giver
    return {"label_author": author, "label_time": time} if author else {}


def _completed_by(samples: Sequence[Sample]) -> dict[str, Any]:
    """Who gave all labels of an annotation, as Label Studio has it: it knows people by their addresses alone."""
    authors = {sample.giver.author for sample in samples if sample.label is not None or sample.state == "ignored"}
    author = authors.pop() if len(authors) == 1 else ""
    return {"completed_by": {"email": author}} if _ADDRESS.fullmatch(author) else {}


def _choice(label: str) -> dict[str, Any]:
    return {"from_name": "choice", "to_name": "image", "type": "choices", "value": {"choices": [label]}}


def _picture_task(file: str, samples: Sequence[Sample]) -> dict[str, Any]:
    task: dict[str, Any] = {
        "data": {"image": file},
        "annotations": [{"result": [_region(sample, sample.label) for sample in samples], **_completed_by(samples)}],
    }
    suggested = [(sample, *sample.suggestion) for sample in samples if sample.suggestion]
    if suggested:
        regions = [
            _region(sample, label) | {"score": round(probability, 4)} for sample, label, probability in suggested
        ]
        least = min(region["score"] for region in regions)
        task["predictions"] = [{"model_version": MODEL, "score": least, "result": regions}]
    return task


def _region(sample: Sample, label: str | None) -> dict[str, Any]:
    box, (width, height) = _box(sample) or Box(0, 0, 0, 0), sample.picture_size or (1, 1)
    sides = (box.x / width, box.y / height, box.width / width, box.height / height)
    value: dict[str, Any] = {side: 100 * share for side, share in zip(_SIDES, sides, strict=True)}
    meta = {"sample_id": sample.sample_id} | ({"state": sample.state} if sample.state in _STATES else {})
    meta |= _by(sample)
    return {
        "id": sample.object,
        "from_name": "label",
        "to_name": "image",
        "type": _REGIONS[0],
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "value": value | {"rotation": 0, _REGIONS[0]: [] if label is None else [label]},
        "meta": meta,
    }


def _box(sample: Sample) -> Box | None:
    """Where an object is, if it can be told in shares of its picture."""
    return numbers_of(sample.box) if sample.object and sample.picture_size else None


def _given(task: dict[str, Any]) -> Iterator[Given]:
    data = task["data"]
    image, sample_id = str(data.get("image", "")), str(data.get("sample_id", ""))
    annotations = task.get("annotations") or []
    standing = [each for each in annotations if not each.get("was_cancelled")]
    results = (standing[-1].get("result") or []) if standing else []
    regions = [result for result in results if result.get("type") in _REGIONS]
    if regions:
        yield from (_given_region(region, image) for region in regions)
        return
    annotation = _annotation_of(data, image) if data.get("object") else None
    if annotations and not standing:
        yield Given(None, sample_id, image, "ignored", annotation)
        return
    choice = next((str(each["value"]["choices"][0]) for each in results if each.get("type") == "choices"), None)
    verified = choice is not None and standing[-1].get("ground_truth") is True
    yield Given(choice, sample_id, image, "verified" if verified else None, annotation)


def _annotation_of(data: dict[str, Any], image: str) -> Annotation:
    """The object that a task is about: of ours, which tell the box too, it is known by that."""
    box = box_of_sides([data.get(side) for side in _SIDES])
    return Annotation(str(data["object"]), image, drawn=Drawn(box) if isinstance(box, Box) else None)


def _given_region(region: dict[str, Any], image: str) -> Given:
    value, meta = region["value"], region.get("meta") or {}
    labels = value.get(region["type"]) or []
    sample_id, region_id = str(meta.get("sample_id", "")), str(region.get("id", ""))
    state = next((state for state in _STATES if meta.get("state") == state), None)
    drawn = None
    if sample_id or not region_id:  # Of ours the id may be a number, which means another object by now.
        box = box_of_sides([value.get(side) for side in _SIDES])
        shares = Box(*(side / 100 for side in box)) if isinstance(box, Box) else None
        size = size_of(region.get("original_width"), region.get("original_height"))
        drawn = Drawn(shares, size, in_shares=True)
    label = str(labels[0]) if labels else None
    return Given(label, sample_id, image, state, Annotation(region_id, image, drawn=drawn))


def _number(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell
