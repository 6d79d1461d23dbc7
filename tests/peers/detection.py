"""Objects in pictures as pycocotools and supervision read them."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias

from tests.peers import peer

Objects: TypeAlias = "Counter[tuple[str, str]]"
"""How many objects of a class there are in a picture, by the picture's file and the class."""


def supervision() -> Any:
    """The module; what it says of OpenCV, which reading annotations does not need, is passed over."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return peer("supervision")


def read_by_pycocotools(file: Path) -> Objects:
    """A COCO file, read by the library of those who made the format."""
    coco = peer("pycocotools.coco").COCO(str(file))
    names = {each["id"]: each["name"] for each in coco.loadCats(coco.getCatIds())}
    pictures = {each["id"]: each["file_name"] for each in coco.loadImgs(coco.getImgIds())}
    assert len(set(names.values())) == len(names), "two categories have one name"
    annotations = coco.loadAnns(coco.getAnnIds())
    return Counter((pictures[each["image_id"]], names[each["category_id"]]) for each in annotations)


def read_coco(file: Path, images: Path) -> Objects:
    """A COCO file, read by supervision."""
    dataset = supervision().DetectionDataset.from_coco(str(images), str(file))
    return _objects(dataset)


def read_yolo(folder: Path, images: Path) -> Objects:
    """A folder with `labels` and `data.yaml`."""
    dataset = supervision().DetectionDataset.from_yolo(str(images), str(folder / "labels"), str(folder / "data.yaml"))
    return _objects(dataset)


def read_voc(folder: Path, images: Path) -> Objects:
    """A folder of XML files."""
    return _objects(supervision().DetectionDataset.from_pascal_voc(str(images), str(folder)))


def _objects(dataset: Any) -> Objects:
    found: Objects = Counter()
    for path, detections in dataset.annotations.items():
        found.update((Path(path).name, dataset.classes[number]) for number in detections.class_id)
    return found
