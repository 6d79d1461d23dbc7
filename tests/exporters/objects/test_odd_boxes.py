"""Odd boxes of each format are listed with the reason, and spoil nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from exporters.errors import ExportError
from exporters.images.crops import CropImage
from exporters.images.listing import Listing
from exporters.objects.choice import ObjectChoice
from exporters.objects.listing import list_objects
from tests.exporters.drawn import draw

NO_NUMBER = "its box has a value that is no number"


def listed(source: str, folder: Path, min_side: int = 0) -> Listing:
    return list_objects(ObjectChoice(source, 0, min_side=min_side), folder)


def boxes(listing: Listing) -> dict[str, tuple[float, ...]]:
    return {each.name: tuple(each.box) for each in listing.images if isinstance(each, CropImage)}


def reasons(listing: Listing) -> dict[str, str]:
    return {each.name: each.reason for each in listing.skipped}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw(tmp_path / "in" / "a.png", (200, 0, 0), (100, 50))
    return tmp_path / "in"


def coco(folder: Path, *annotations: object, **changes: object) -> str:
    images = [{"id": 1, "file_name": "a.png", "width": 100, "height": 50}]
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "cell"}]}
    (folder.parent / "coco.json").write_text(json.dumps(content | changes))
    return f"coco:{folder.parent / 'coco.json'}"


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ({"bbox": [1, 2, 0, 0]}, "its box has no area (0 x 0)"),
        ({"bbox": [10, 10, -5, 5]}, "its box has no area (-5 x 5)"),
        ({"bbox": [float("nan"), 2, 3, 4]}, f"{NO_NUMBER} (nothing)"),
        ({"bbox": [1, 2, float("inf"), 4]}, f"{NO_NUMBER} (nothing)"),
        ({"bbox": [1e300, 2, 1e300, 4]}, "its box lies outside of the picture (100 x 50 pixels)"),
        ({"bbox": [1e308, 2, 1.7e308, 4]}, "its box has no area (1.7e+308 x 4)"),
        ({"bbox": [1, "two", 3, 4]}, f"{NO_NUMBER} (two)"),
        ({"bbox": [True, 2, 3, 4]}, f"{NO_NUMBER} (True)"),
        ({"bbox": [1, 2, 3]}, "its box has 3 values, not 4"),
        ({"bbox": {"x": 1}}, "its box has 1 values, not 4"),
        ({}, "it has neither a box nor an outline"),
        ({"bbox": [], "segmentation": {"counts": "x", "size": [1, 1]}}, "it has neither a box nor an outline"),
        ({"segmentation": [[1, 2, 3]]}, "its outline is not made of points"),
        ({"bbox": [100, 2, 3, 4]}, "its box lies outside of the picture (100 x 50 pixels)"),
        ({"bbox": [1, -9, 3, 9]}, "its box lies outside of the picture (100 x 50 pixels)"),
        ({"bbox": [1, 2, 3, 4], "image_id": 9}, "the file tells of no such image"),
        ({"bbox": [1, 2, 3, 4], "image_id": [1]}, "the file tells of no such image"),
    ],
)
def test_an_odd_box_of_coco_is_listed(annotation: dict[str, Any], reason: str, folder: Path) -> None:
    good = {"id": 5, "image_id": 1, "category_id": 1, "bbox": [3, 4, 20, 10]}
    listing = listed(coco(folder, {"id": 7, "image_id": 1, "category_id": 1, **annotation}, good), folder)
    name = (
        "a.png"
        if annotation.get("image_id", 1) == 1
        else "image 9"
        if annotation["image_id"] == 9
        else "image without an id"
    )
    assert reasons(listing) == {f"{name}#7": reason}
    assert boxes(listing) == {"a.png#5": (3, 4, 20, 10)}


def test_outlines_crowds_ids_and_categories_of_coco(folder: Path) -> None:
    outlined = {"id": "b#1", "image_id": "1", "category_id": 1, "segmentation": [[1, 2, 30, 2, 9, 40], [50, 3, 51, 4]]}
    crowd = {"id": 2, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "iscrowd": 1}
    unnamed = {"image_id": 1, "category_id": 3, "bbox": [0, 0, 9, 9.5]}
    twice = {"id": 4, "image_id": 1.0, "category_id": 1, "bbox": [0, 0, 9, 9]}
    listing = listed(coco(folder, outlined, crowd, unnamed, twice, twice, 17), folder)
    assert boxes(listing) == {
        "a.png#b%231": (1, 2, 50, 38),
        "a.png#@2": (0, 0, 9, 9.5),
        "a.png#4": (0, 0, 9, 9),
        "a.png#4~2": (0, 0, 9, 9),
    }
    assert [image.details["object"] for image in listing.images] == ["b#1", "@2", "4", "4"]
    assert len({image.base_name for image in listing.images}) == 4
    assert [image.folder_class for image in listing.images] == ["cell", None, "cell", "cell"]
    assert listing.passed_over == {"marked as a crowd": 1}
    assert reasons(listing) == {"coco.json, annotations[5]": "it is no annotation"}
    assert "1 object of a category that coco.json does not name." in listing.notes


def test_an_object_without_a_class_is_not_named_after_the_folder_of_its_picture(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "train" / "a.png", (200, 0, 0), (100, 50))
    named, unnamed = ({"image_id": 1, "category_id": number, "bbox": [0, 0, 9, 9]} for number in (1, 3))
    listing = listed(coco(tmp_path / "in", named, unnamed), tmp_path / "in")
    assert [(image.name, image.folder_class) for image in listing.images] == [
        ("train/a.png#@0", "cell"),
        ("train/a.png#@1", None),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[]", r"is no COCO file \(images, annotations and categories\): Expected `object`, got `array`"),
        (b"{}", "is no COCO file .*missing required field `images`"),
        (b"{", "cannot be read as JSON"),
        (b'{"images": ' + b"[" * 100_000, "cannot be read as JSON"),
        (b"\xff\xfe\x00", "cannot be read as JSON"),
        (b'{"images": [], "annotations": []}', "tells of no object that can be exported"),
    ],
)
def test_what_is_no_coco_file_is_said(content: bytes, words: str, folder: Path) -> None:
    (folder.parent / "x.json").write_bytes(content)
    with pytest.raises(ExportError, match=words):
        listed(f"coco:{folder.parent / 'x.json'}", folder)


def yolo(folder: Path, rows: str, names: str = "names: [cell]") -> str:
    (folder.parent / "labels").mkdir()
    (folder.parent / "labels" / "a.txt").write_text(rows)
    (folder.parent / "data.yaml").write_text(names)
    return f"yolo:{folder.parent / 'data.yaml'}"


def test_odd_rows_of_yolo_are_listed_and_others_are_what_they_mean(folder: Path) -> None:
    rows = [
        "0 0.5 0.5 0.2 0.4",  # a box, then one with a confidence, then an outline
        "0 0.5 0.5 0.2 0.4 0.93",
        "0 0.1 0.2 0.5 0.2 0.3 0.8",
        "",
        "0 0.5 0.5 0 0.4",
        "0 0.5 nan 0.2 0.4",
        "0 0.5 0.5",
        "0 1.5 0.5 0.2 0.4",
        "9 0.05 0.5 0.2 0.4",  # past the border; of no class with a name
        "0 0.1 0.2 0.5 0.2 0.3 0.8 0.9",
    ]
    listing = listed(yolo(folder, "\n".join(rows)), folder)
    assert boxes(listing) == {
        "a.png#0": (40, 15, 20, 20),
        "a.png#1": (40, 15, 20, 20),
        "a.png#2": (10, 10, 40, 30),
        "a.png#7": (-5, 15, 20, 20),
    }
    assert reasons(listing) == {
        "a.png#3": "its box has no area (0 x 0.4)",
        "a.png#4": f"{NO_NUMBER} (nan)",
        "a.png#5": "its row has 3 values, fewer than 5",
        "a.png#6": "its box lies outside of the picture (100 x 50 pixels)",
        "a.png#8": "its outline is not made of points",
    }
    assert listing.notes == [
        "1 object of a class that has no name: name it in data.yaml.",
        "1 object past the border of the picture: what lies inside is taken.",
    ]
    assert [image.folder_class for image in listing.images] == ["cell", "cell", "cell", None]


def test_yolo_takes_a_folder_with_a_list_of_classes_and_keypoints_where_they_are_said(folder: Path) -> None:
    (folder / "a.txt").write_text("1 0.5 0.5 0.2 0.4\n")
    (folder / "classes.txt").write_text("one\ntwo words\n")
    (listed_one,) = listed(f"yolo:{folder}", folder).images
    assert (listed_one.name, listed_one.folder_class) == ("a.png#0", "two words")
    keypoints = yolo(folder, "0 0.5 0.5 0.2 0.4 0.1 0.1 2 0.2 0.2 2", "names: {0: cell}\nkpt_shape: [2, 3]")
    assert boxes(listed(keypoints, folder)) == {"a.png#0": (40, 15, 20, 20)}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("names: &a [x]\nmore: [*a, *a]", "cannot be read as YAML: it has references"),
        ("names: !!python/object/apply:os.system [ls]", "cannot be read as YAML: could not determine a constructor"),
        ("nc: 3", "needs names: a list, or a name for each class's number"),
        ("[" * 5000, "cannot be read as YAML"),
        (" " * 2**21, "over the limit of 1 MiB"),
    ],
)
def test_a_data_yaml_that_is_none_or_means_harm_is_refused(names: str, words: str, folder: Path) -> None:
    with pytest.raises(ExportError, match=words):
        listed(yolo(folder, "0 0.5 0.5 0.2 0.4", names), folder)


def voc(folder: Path, *objects: str, head: str = "", size: str = "") -> str:
    (folder.parent / "Annotations").mkdir(exist_ok=True)
    text = f"{head}<annotation><filename>a.png</filename>{size}{''.join(objects)}</annotation>"
    (folder.parent / "Annotations" / "a.xml").write_text(text)
    return f"voc:{folder.parent / 'Annotations'}"


def corners(*values: object) -> str:
    names = ("xmin", "ymin", "xmax", "ymax")
    box = "".join(f"<{name}>{value}</{name}>" for name, value in zip(names, values, strict=True))
    return f"<object><name>cell</name><bndbox>{box}</bndbox></object>"


def test_odd_objects_of_voc_are_listed(folder: Path) -> None:
    source = voc(
        folder,
        corners(1, 2, 31, 22),
        corners(30, 2, 10, 22),
        corners(1, "", 31, 22),
        "<object><name>cell</name></object>",
        corners(-5, 2.5, 10, 70),
        corners(3, 3, 3, 9),
        "<object><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
        "<part><name>head</name><bndbox><xmin>0</xmin></bndbox></part></object>",
    )
    (folder.parent / "Annotations" / "b.xml").write_text("<annotation>" + corners(1, 2, 3, 4) + "</annotation>")
    (folder.parent / "Annotations" / "c.xml").write_text("<annotation")
    (folder.parent / "Annotations" / "d.xml").write_text("<html></html>")
    listing = listed(source, folder)
    assert boxes(listing) == {"a.png#0": (1, 2, 30, 20), "a.png#4": (-5, 2.5, 15, 67.5), "a.png#6": (1, 1, 8, 8)}
    assert listing.images[2].folder_class is None
    assert reasons(listing) == {
        "a.png#1": "its box is inside out: it ends at 10, before it begins at 30",
        "a.png#2": f"{NO_NUMBER} (nothing)",
        "a.png#3": "it has no box",
        "a.png#5": "its box has no area (0 x 6)",
        "b#0": "its picture is not among the images",
        "c.xml": "no XML (unclosed token: line 1, column 0)",
        "d.xml": "no annotation of Pascal VOC",
    }


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]>', "XML with a document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">', "XML with a document type"),
        ("<x>" * 100, "nested more than 64 deep"),
    ],
)
def test_xml_that_means_harm_is_listed(head: str, words: str, folder: Path) -> None:
    (reason,) = reasons(listed(voc(folder, corners(1, 2, 3, 4), head=head), folder)).values()
    assert words in reason


def test_a_devkit_of_several_years_keeps_its_pictures_apart(tmp_path: Path) -> None:
    for year, size in (("VOC2007", (40, 40)), ("VOC2012", (60, 60))):
        draw(tmp_path / year / "JPEGImages" / "1.jpg", (1, 2, 3), size)
        (tmp_path / year / "Annotations").mkdir()
        text = "<annotation><filename>1.jpg</filename>" + corners(0, 0, *size) + "</annotation>"
        (tmp_path / year / "Annotations" / "1.xml").write_text(text)
    assert boxes(listed(f"voc:{tmp_path}", tmp_path)) == {
        "VOC2007/JPEGImages/1.jpg#0": (0, 0, 40, 40),
        "VOC2012/JPEGImages/1.jpg#0": (0, 0, 60, 60),
    }


def test_odd_rows_of_a_table_are_listed(folder: Path) -> None:
    table = folder.parent / "boxes.csv"
    table.write_text(
        "file,object,class,x,y,w,h\na.png,n1,cell,1,2,3,4\na.png,n2,cell,1,2,,4\na.png,n3,,1,2,3.5,4\n"
        "../in/a.png,n4,cell,1,2,3,4\n../../etc/passwd,n5,cell,1,2,3,4\na.png,n6,cell,1,2,-3,4\n"
    )
    listing = listed(f"csv:{table}", folder)
    assert boxes(listing) == {"a.png#n1": (1, 2, 3, 4), "a.png#n3": (1, 2, 3.5, 4), "a.png#n4": (1, 2, 3, 4)}
    assert reasons(listing) == {
        "a.png#n2": f"{NO_NUMBER} (nothing)",
        "../../etc/passwd#n5": "its picture is not among the images",
        "a.png#n6": "its box has no area (-3 x 4)",
    }
    table.write_text("file,label\na.png,cell\n")
    with pytest.raises(
        ExportError, match="needs a header with a column file and the columns x, y, width and height, or"
    ):
        listed(f"csv:{table}", folder)


def studio(folder: Path, *regions: object, **task: object) -> str:
    tasks = [{"data": {"image": "a.png"}, "annotations": [{"result": regions}], **task}]
    (folder.parent / "studio.json").write_text(json.dumps(tasks))
    return f"labelstudio:{folder.parent / 'studio.json'}"


def region(name: str, *values: object, kind: str = "rectanglelabels", **more: object) -> dict[str, Any]:
    value = dict(zip(("x", "y", "width", "height"), values, strict=False))
    rest = {key: more.pop(key) for key in ("image_rotation",) if key in more}
    return {"id": name, "type": kind, "original_width": 100, "original_height": 50, "value": value | more, **rest}


def test_odd_and_turned_regions_of_label_studio(folder: Path) -> None:
    source = studio(
        folder,
        region("plain", 10, 20, 30, 40, rectanglelabels=["cell"]),
        region("turned", 50, 20, 20, 40, rotation=90),
        region("outline", kind="polygonlabels", points=[[10, 10], [20, 10], [20, 60]]),
        region("empty", 10, 20, 0, 40),
        region("none", 10, 20),
        region("rolled", 10, 20, 30, 40, image_rotation=90),
        region("brush", kind="brushlabels"),
        {"id": "relation", "type": "relation", "value": 3},
    )
    listing = listed(source, folder)
    assert boxes(listing) == {
        "a.png#plain": (10, 10, 30, 20),
        "a.png#turned": (30, 10, 20, 20),
        "a.png#outline": (10, 5, 10, 25),
    }
    assert listing.images[0].folder_class == "cell"
    assert reasons(listing) == {
        "a.png#empty": "its box has no area (0 x 40)",
        "a.png#none": f"{NO_NUMBER} (nothing)",
        "a.png#rolled": "it was drawn on a picture that was turned in Label Studio, which is not read",
    }
    assert listing.passed_over == {"of other kinds of regions": 1, "that are no regions": 1}
    assert listing.notes == ["1 rectangle turned: the box around each is taken."]


def test_of_several_annotations_of_label_studio_one_is_taken(folder: Path) -> None:
    answers = [
        {"result": [region("cancelled", 1, 1, 9, 9)], "was_cancelled": True},
        {"result": [region("first", 2, 2, 9, 9)]},
        {"result": [region("truth", 3, 3, 9, 9)], "ground_truth": True},
    ]
    listing = listed(studio(folder, annotations=answers), folder)
    assert [image.name for image in listing.images] == ["a.png#truth"]
    assert listing.notes == ["1 task with more than one annotation, of which one is taken."]
    (folder.parent / "studio.json").write_text(json.dumps([{"image": "a.png", "label": []}]))
    with pytest.raises(ExportError, match="export it as JSON, not as JSON-MIN"):
        listed(f"labelstudio:{folder.parent / 'studio.json'}", folder)


def test_shapes_of_cvat(folder: Path) -> None:
    shapes = (
        '<box label="cell" xtl="1" ytl="2" xbr="31" ybr="22"/><tag label="x"/>'
        '<polygon label="cell" points="5.0,6.0;25.0,6.0;25.0,46.5"/><points label="x" points="1,2"/>'
        '<box label="cell" xtl="20" ytl="10" xbr="40" ybr="20" rotation="90"/>'
        '<box label="cell" xtl="9" ytl="2" xbr="3" ybr="22"/><polygon label="cell" points=""/>'
    )
    file = folder.parent / "cvat.xml"
    file.write_text(f'<annotations><image id="0" name="a.png" width="100" height="50">{shapes}</image></annotations>')
    listing = listed(f"cvat:{file}", folder)
    found = {name: tuple(round(value, 6) for value in box) for name, box in boxes(listing).items()}
    assert found == {"a.png#0": (1, 2, 30, 20), "a.png#1": (5, 6, 20, 40.5), "a.png#3": (25, 5, 10, 20)}
    assert reasons(listing) == {
        "a.png#4": "its box is inside out: it ends at 3, before it begins at 9",
        "a.png#5": f"{NO_NUMBER} ()",
    }
    assert listing.passed_over == {"of the kind points": 1}
    file.write_text("<annotations/>")
    with pytest.raises(ExportError, match="is no export of CVAT for images"):
        listed(f"cvat:{file}", folder)


def test_pictures_that_are_missing_broken_or_not_clear_are_told(folder: Path) -> None:
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:20])
    (folder / "empty.png").touch()
    (folder / "link.png").symlink_to(draw(folder.parent / "private.png", (0, 0, 0)))
    for name in ("one/x.png", "two/x.png", "y.png", "y.jpg"):
        draw(folder / name, (0, 0, 0))
    names = ["broken.png", "empty.png", "link.png", "x.png", "y", "gone.png", "/etc/hosts", "./a.png"]
    table = folder.parent / "boxes.csv"
    table.write_text("\n".join(["file,x,y,width,height", *(f"{name},0,0,9,9" for name in names)]))
    listing = listed(f"csv:{table}", folder)
    assert list(boxes(listing)) == ["a.png#0"]
    told = reasons(listing)
    assert "its picture: " in told.pop("broken.png#0")
    assert told == {
        "empty.png#0": "its picture: empty file",
        "link.png#0": "its picture: lies outside of the folder (--outside takes it)",
        "x.png#0": "which picture is meant is not clear: several have this name",
        "y#0": "which picture is meant is not clear: several have this name",
        "gone.png#0": "its picture is not among the images",
        "/etc/hosts#0": "its picture is not among the images",
    }


def test_label_files_behind_links_are_not_read(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    source = yolo(folder, "0 0.5 0.5 0.2 0.4")
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.txt").write_text("0 0.5 0.5 0.2 0.4")
    (folder.parent / "labels" / "b.txt").symlink_to(outside / "a.txt")
    (folder.parent / "labels" / "linked").symlink_to(outside)
    reason = "leads out of the folder of annotations"
    assert reasons(listed(source, folder)) == {"labels/b.txt": reason, "labels/linked": reason}


@pytest.mark.parametrize("size", [(100, 50), (50, 100), (200, 100)])
def test_boxes_of_a_picture_of_another_size_are_listed(size: tuple[int, int], folder: Path) -> None:
    told = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>"
    listing = listed(voc(folder, corners(1, 2, 31, 22), size=told), folder)
    assert bool(listing.images) is (size == (100, 50))
    if not listing.images:
        assert reasons(listing) == {
            "a.png#0": f"it was drawn in a picture of {size[0]} x {size[1]} pixels, and this one has 100 x 50"
        }


def test_annotations_that_are_no_file_are_not_opened(tmp_path: Path, folder: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(ExportError, match=r"pipe.json: not a regular file"):
        listed(f"coco:{tmp_path / 'pipe.json'}", folder)
