"""Drawn pictures with objects of one colour each, annotated in every format."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from PIL import Image

from tests.exporters.drawn import color


class Thing(NamedTuple):
    """An object: its picture, the corners of its box, and its class."""

    picture: str
    left: float
    top: float
    right: float
    bottom: float
    label: str


SIZES = {"a.png": (120, 80), "füße ☃.png": (64, 64), "sub/b.png": (300, 200)}
THINGS = (
    Thing("sub/b.png", 10, 20, 50, 40, "red cell"),
    Thing("a.png", 0, 0, 20, 30, "weiße Zelle"),
    Thing("a.png", 100, 50, 120, 80, "red cell"),
    Thing("füße ☃.png", 7, 9, 31, 33, "red cell"),
    Thing("sub/b.png", 200, 100, 300, 200, "weiße Zelle"),
)
CLASSES = ("red cell", "weiße Zelle")


def draw_things(
    folder: Path, things: Sequence[Thing] = THINGS, sizes: dict[str, tuple[int, int]] | None = None
) -> Path:
    """White pictures, in which the box of thing i has the colour of i + 1."""
    for name, size in (sizes or SIZES).items():
        picture = Image.new("RGB", size, "white")
        for number, thing in enumerate(things, 1):
            if thing.picture == name:
                picture.paste(color(number), (int(thing.left), int(thing.top), int(thing.right), int(thing.bottom)))
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        picture.save(folder / name)
    return folder


def write_coco(folder: Path, things: Sequence[Thing]) -> str:
    names = list(SIZES)
    coco = {
        "images": [
            {"id": n, "file_name": name, "width": SIZES[name][0], "height": SIZES[name][1]}
            for n, name in enumerate(names)
        ],
        "categories": [{"id": n + 1, "name": name} for n, name in enumerate(CLASSES)],
        "annotations": [
            {
                "id": 70 + number,
                "image_id": names.index(thing.picture),
                "category_id": CLASSES.index(thing.label) + 1,
                "bbox": [thing.left, thing.top, thing.right - thing.left, thing.bottom - thing.top],
            }
            for number, thing in enumerate(things)
        ],
    }
    (folder / "coco.json").write_text(json.dumps(coco))
    return f"coco:{folder / 'coco.json'}"


def write_yolo(folder: Path, things: Sequence[Thing]) -> str:
    for thing in things:
        width, height = SIZES[thing.picture]
        label = (folder / "labels" / thing.picture).with_suffix(".txt")
        label.parent.mkdir(parents=True, exist_ok=True)
        center = (thing.left + thing.right) / 2 / width, (thing.top + thing.bottom) / 2 / height
        size = (thing.right - thing.left) / width, (thing.bottom - thing.top) / height
        with label.open("a") as file:
            file.write(
                " ".join([str(CLASSES.index(thing.label)), *(f"{value:.6f}" for value in (*center, *size))]) + "\n"
            )
    (folder / "data.yaml").write_text(json.dumps({"path": ".", "train": "images", "names": CLASSES}), encoding="utf-8")
    return f"yolo:{folder / 'data.yaml'}"


def write_voc(folder: Path, things: Sequence[Thing]) -> str:
    for picture, extent in SIZES.items():
        annotation = Element("annotation")
        SubElement(annotation, "filename").text = picture.rpartition("/")[2]
        size = SubElement(annotation, "size")
        for side, pixels in zip(("width", "height"), extent, strict=True):
            SubElement(size, side).text = str(pixels)
        for thing in things:
            if thing.picture == picture:
                found = SubElement(annotation, "object")
                SubElement(found, "name").text = thing.label
                box = SubElement(found, "bndbox")
                for corner, value in zip(("xmin", "ymin", "xmax", "ymax"), thing[1:5], strict=True):
                    SubElement(box, corner).text = str(value)
        file = (folder / "Annotations" / picture).with_suffix(".xml")
        file.parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(annotation).write(file, encoding="utf-8")
    return f"voc:{folder / 'Annotations'}"


def write_csv(folder: Path, things: Sequence[Thing]) -> str:
    with (folder / "boxes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["", "File Name", "class", "x_min", "y_min", "x_max", "y_max"])
        writer.writerows([number, thing.picture, thing.label, *thing[1:5]] for number, thing in enumerate(things))
    text = (folder / "boxes.csv").read_text(encoding="utf-8").replace("File Name", "filename")
    (folder / "boxes.csv").write_text(text, encoding="utf-8")
    return f"csv:{folder / 'boxes.csv'}"


def write_label_studio(folder: Path, things: Sequence[Thing]) -> str:
    tasks = []
    for picture, (width, height) in SIZES.items():
        result = [
            {
                "id": f"region{number}",
                "type": "rectanglelabels",
                "original_width": width,
                "original_height": height,
                "image_rotation": 0,
                "value": {
                    "x": 100 * thing.left / width,
                    "y": 100 * thing.top / height,
                    "width": 100 * (thing.right - thing.left) / width,
                    "height": 100 * (thing.bottom - thing.top) / height,
                    "rotation": 0,
                    "rectanglelabels": [thing.label],
                },
            }
            for number, thing in enumerate(things)
            if thing.picture == picture
        ]
        name = picture.rpartition("/")[2]
        tasks.append(
            {"id": 1, "data": {"image": f"/data/upload/3/1a2b3c4d-{name}"}, "annotations": [{"result": result}]}
        )
    (folder / "studio.json").write_text(json.dumps(tasks))
    return f"labelstudio:{folder / 'studio.json'}"


def write_cvat(folder: Path, things: Sequence[Thing]) -> str:
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    for number, (picture, (width, height)) in enumerate(SIZES.items()):
        image = SubElement(root, "image", id=str(number), name=picture, width=str(width), height=str(height))
        for thing in things:
            if thing.picture == picture:
                corners = dict(zip(("xtl", "ytl", "xbr", "ybr"), map(str, thing[1:5]), strict=True))
                SubElement(image, "box", corners | {"label": thing.label, "occluded": "0"})
    ElementTree.ElementTree(root).write(folder / "cvat.xml", encoding="utf-8")
    return f"cvat:{folder / 'cvat.xml'}"


WRITERS: dict[str, Callable[[Path, Sequence[Thing]], str]] = {
    "coco": write_coco,
    "yolo": write_yolo,
    "voc": write_voc,
    "csv": write_csv,
    "labelstudio": write_label_studio,
    "cvat": write_cvat,
}


def change_coco(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Changes what `write_coco` wrote; NaN stays NaN."""
    content = json.loads((folder / "coco.json").read_text())
    change(content)
    (folder / "coco.json").write_text(json.dumps(content))
