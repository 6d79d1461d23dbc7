"""Label Studio's JSON export: a list of tasks, boxes in per cent of their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from exporters.errors import ExportError
from exporters.images.outcomes import Skipped
from exporters.objects.annotation import Annotation, GivenPicture, Told, turned_box
from exporters.objects.safe_json import as_id, part, read_json
from tb_tsne_plugin.runs.boxes import Box, Odd, box_around, box_of_sides, number_of, size_of
from tb_tsne_plugin.runs.format import counted

_RECTANGLE, _POLYGON = "rectanglelabels", "polygonlabels"
_SIDES = ("x", "y", "width", "height")


class _Task(msgspec.Struct):
    data: dict[str, Any]
    annotations: list[msgspec.Raw]


class _Annotation(msgspec.Struct):
    result: list[msgspec.Raw] = []
    was_cancelled: bool | None = False
    ground_truth: bool | None = False


class _Region(msgspec.Struct):
    type: str = ""
    id: Any = None
    original_width: Any = None
    original_height: Any = None
    image_rotation: Any = 0
    value: dict[str, Any] = {}
    meta: Any = None


def read_label_studio(path: Path, told: Told) -> Iterator[Annotation]:
    """Reads rectangles in shares; those that are turned, and polygons, by the box around them.

    Of several annotations of a task, the one called the ground truth is taken, else the first; predictions are not.
    An object goes by its region's id.
    """
    tasks = read_json(path, list[msgspec.Raw], "JSON export of Label Studio (a list of tasks)")
    several = turned = 0
    read = 0
    for number, raw in enumerate(tasks):
        task = part(raw, _Task)
        name = "" if task is None else _picture_name(task.data)
        if task is None or not name:
            told.skipped.append(Skipped(f"{path.name}, task {number}", "it has no image, or no annotations"))
            continue
        read += 1
        done = [each for raw in task.annotations if (each := part(raw, _Annotation)) and not each.was_cancelled]
        if not done:
            continue
        several += len(done) > 1
        chosen = next((each for each in done if each.ground_truth), done[0])
        for place, raw_region in enumerate(chosen.result):
            region = part(raw_region, _Region)
            if region is None or region.type not in (_RECTANGLE, _POLYGON):
                told.passed_over["of other kinds of regions" if region else "that are no regions"] += 1
                continue
            is_turned = number_of(region.value.get("rotation") or 0) != 0
            turned += is_turned
            size = size_of(region.original_width, region.original_height)
            region_id = as_id(region.id)
            yield Annotation(
                GivenPicture((name,), size),
                region_id or f"@{place}",
                _box(region, size, is_turned),
                _label(region),
                region_id is not None,
                _sample_id(region.meta),
            )
    if tasks and not read:
        raise ExportError(f"{path} has no task with annotations: export it as JSON, not as JSON-MIN.")
    if several:
        told.notes.append(f"{counted(several, 'task')} with more than one annotation, of which one is taken.")
    if turned:
        told.notes.append(f"{counted(turned, 'rectangle')} turned: the box around each is taken.")


def _picture_name(data: dict[str, Any]) -> str:
    """The image of a task; under whatever name, if it has one value only."""
    texts = [value for value in data.values() if isinstance(value, str)]
    image = data.get("image", texts[0] if len(texts) == 1 else "")
    return image if isinstance(image, str) else ""


def _sample_id(meta: object) -> str:
    """What a run calls the region, where the task was made of one."""
    found = meta.get("sample_id") if isinstance(meta, dict) else None
    return found if isinstance(found, str) else ""


def _label(region: _Region) -> str:
    labels = region.value.get(region.type)
    return labels[0] if isinstance(labels, list) and labels and isinstance(labels[0], str) else ""


def _box(region: _Region, size: tuple[int, int] | None, is_turned: bool) -> Box | Odd:
    if number_of(region.image_rotation or 0) != 0:
        return Odd("it was drawn on a picture that was turned in Label Studio, which is not read")
    if region.type == _POLYGON:
        points = region.value.get("points")
        points = points if isinstance(points, list) else []
        box = box_around([value for point in points if isinstance(point, list) for value in point])
    else:
        box = box_of_sides([region.value.get(side) for side in _SIDES])
    if isinstance(box, Odd):
        return box
    if not is_turned:
        return Box(*(value / 100 for value in box))
    if size is None:
        return Odd("it is turned, and its picture's size is not told")
    # Turned in pixels: per cents of width and height are of different lengths.
    width, height = size[0] / 100, size[1] / 100
    inside = Box(box.x * width, box.y * height, box.width * width, box.height * height)
    around = turned_box(inside, region.value["rotation"], (inside.x, inside.y))
    if isinstance(around, Odd):
        return around
    return Box(around.x / size[0], around.y / size[1], around.width / size[0], around.height / size[1])
