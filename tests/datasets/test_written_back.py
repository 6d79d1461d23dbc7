"""COCO, YOLO and Pascal VOC: the user's own annotations come back with other classes, and nothing else is changed."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tb_tsne_plugin.datasets.catalog import format_named
from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.runs.class_names import clean_label
from tests.datasets.made import CLASSES, Labeled, folder, labeled, own_box, read, written

COCO, YOLO, VOC = map(format_named, ("coco", "yolo", "voc"))
PICTURES = ("a.jpg", "sub/b.png", "sub/ä ü.jpg")
SOME = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


Made: TypeAlias = "tuple[list[str], list[tuple[str, int]], list[str | None]]"


@st.composite
def objects(draw: st.DrawFn) -> Made:
    """The classes of an annotation file, its objects as picture and class, and the label of each in the run."""
    names = draw(st.lists(CLASSES, min_size=1, max_size=4, unique=True))
    found = draw(st.lists(st.tuples(st.sampled_from(PICTURES), st.integers(0, len(names) - 1)), min_size=1, max_size=8))
    given = [draw(st.none() | st.sampled_from(names) | CLASSES) for _ in found]
    return names, sorted(found), given


def run_of(found: list[tuple[str, int]], given: list[str | None], ids: list[str] | None = None) -> Labeled:
    numbers: Counter[str] = Counter()
    counted = []
    for picture, _ in found:
        counted.append(str(numbers[picture]))
        numbers[picture] += 1
    return labeled([picture for picture, _ in found], given, ids or counted)


def expected(names: list[str], found: list[tuple[str, int]], given: list[str | None]) -> dict[str, str]:
    """What stands in the annotations afterwards, by sample: those without a label keep their class."""
    return {f"id{row}": label or names[kind] for row, ((_, kind), label) in enumerate(zip(found, given, strict=True))}


def coco_value(names: list[str], found: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "info": {"version": 1.0, "unknown": [1e5, 1.50, -0.0, None, True, "\u2028é"]},
        "annotations": [
            {"id": 100 + row, "bbox": "here", "category_id": 7 + kind, "image_id": PICTURES.index(picture)}
            for row, (picture, kind) in enumerate(found)
        ],
        "categories": [{"supercategory": "", "id": 7 + kind, "name": name} for kind, name in enumerate(names)],
        "images": [{"id": number, "file_name": name} for number, name in enumerate(PICTURES)],
    }


def coco_text(names: list[str], found: list[tuple[str, int]], **form: Any) -> str:
    """The same as text, its numbers written as Python would not write them."""
    text = json.dumps(coco_value(names, found), **form)
    return text.replace('"bbox": "here"', '"bbox": [1.0, 2.50, 3.0E+1, 4]')


def without_last_categories(text: str, kept: int) -> str:
    """The text with the categories after the first ones taken out."""
    ends, at = [], text.index("[", text.index('"categories": ')) + 1
    while (at := re.compile(r"[\s,]*").match(text, at).end()) and text[at] != "]":  # type: ignore[union-attr]
        at = json.JSONDecoder().raw_decode(text, at)[1]
        ends.append(at)
    return text[: ends[kept - 1]] + text[ends[-1] :]


@SOME
@given(
    objects(),
    st.sampled_from([None, 0, 1, 2]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16-be", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_coco_is_changed_in_its_categories_only(
    made: Made,
    indent: int | None,
    ascii_only: bool,
    encoding: str,
    line_end: str,
) -> None:
    names, found, labels = made
    run = run_of(found, labels, [str(100 + row) for row in range(len(found))])
    text = coco_text(names, found, indent=indent, ensure_ascii=ascii_only).replace("\n", line_end) + "\n"
    with folder() as where:
        (where / "coco.json").write_bytes(text.encode(encoding))
        written(COCO, run.dataset(annotations=GivenFiles(where / "coco.json")), where / "out.json")
        raw = (where / "out.json").read_bytes()
        back = read(COCO, where / "out.json", run)
    assert back.names == expected(names, found, labels)
    after = raw.decode(encoding)
    new = [label for label in dict.fromkeys(filter(None, labels)) if label not in names]
    categories = json.loads(after)["categories"]
    assert [each["name"] for each in categories] == [*names, *new]
    assert len({each["id"] for each in categories}) == len(categories)
    # All else is the same to the letter, once the new categories and the changed ids are put aside.
    after = without_last_categories(after, len(names))
    number = re.compile(r'("category_id":\s*)\d+')
    assert number.sub(r"\1N", after) == number.sub(r"\1N", text)


@SOME
@given(
    objects(),
    st.sampled_from(["list", "block list", "mapping", "block mapping", "classes.txt"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_yolo_is_changed_in_its_class_numbers_only(made: Made, kind: str, line_end: str) -> None:
    names, found, labels = made
    run = run_of([(f"images/{picture}", number) for picture, number in found], labels)
    quoted = [json.dumps(name, ensure_ascii=False) for name in names]
    forms = {
        "list": f"names: [{', '.join(quoted)}] # of cells\nnc: {len(names)} # so many\npath: /elsewhere\n",
        "block list": "names:\n" + "".join(f"- {name} # a class\n" for name in quoted) + "val: images\n",
        "mapping": "names: {" + ", ".join(f"{n}: {name}" for n, name in enumerate(quoted)) + " }\n",
        "block mapping": "train: images\nnames:\n"
        + "".join(f"  {n}: {name}\n" for n, name in enumerate(quoted)).rstrip(),
        "classes.txt": "\n".join(names),
    }
    rows: dict[str, list[str]] = {picture: [] for picture in PICTURES}
    for row, (picture, number) in enumerate(found):
        rows[picture].append(f"{number}  0.50 {row}e-3 0.1 .2 ")
    with folder() as where:
        (where / "labels" / "sub").mkdir(parents=True)
        file = "classes.txt" if kind == "classes.txt" else "data.yaml"
        (where / file).write_bytes(forms[kind].replace("\n", line_end).encode())
        before = {}
        for picture, lines in rows.items():
            before[picture] = f"{line_end}{line_end}".join(lines).encode()
            (where / "labels" / picture).with_suffix(".txt").write_bytes(before[picture])
        made_files = written(YOLO, run.dataset(annotations=GivenFiles(where)), where / "out")
        back = read(YOLO, where / "out", run)
        raw = (where / "out" / file).read_bytes().decode()
        after = {picture: (where / "out" / "labels" / picture).with_suffix(".txt").read_bytes() for picture in PICTURES}
    assert made_files.count == len(run.names)
    assert back.names == expected(names, found, labels)
    first = re.compile(rb"^\d+", re.MULTILINE)
    assert {key: first.sub(b"", value) for key, value in before.items()} == {
        key: first.sub(b"", value) for key, value in after.items()
    }
    new = [label for label in dict.fromkeys(filter(None, labels)) if label not in names]
    if kind == "classes.txt":
        assert re.split("\r?\n", raw.rstrip("\r\n")) == [*names, *new]
        return
    value = yaml.safe_load(raw)
    listed = list(value["names"].values()) if isinstance(value["names"], dict) else value["names"]
    assert list(map(str, listed)) == [*names, *new]
    assert value.get("nc", len(listed)) == len(listed)
    if not new:
        assert raw == forms[kind].replace("\n", line_end)
    assert raw.count(f"# a class{line_end}") == forms[kind].count("# a class\n")


VOC_TEXT = """<?xml version="1.0" encoding="{encoding}"?>
<!-- <object><name>none</name></object> -->
<annotation verified="yes">
\t<filename>{picture}</filename>
{objects}</annotation>
"""
VOC_OBJECT = """\t<object>
\t\t<part><name>{inner}</name></part>
\t\t<name{attributes}>{name}</name>
\t\t<difficult/>
\t\t<bndbox><xmin>{corners[0]}0</xmin><ymin>{corners[1]}</ymin>
\t\t\t<xmax> {corners[2]} </xmax><ymax>{corners[3]}</ymax></bndbox>
\t</object>
"""


@SOME
@given(objects(), st.sampled_from(["utf-8", "iso-8859-1", "utf-16"]), st.sampled_from(["\n", "\r\n"]))
def test_voc_is_changed_in_its_names_only(made: Made, encoding: str, line_end: str) -> None:
    names, found, labels = made
    run = run_of([(f"JPEGImages/{picture}", number) for picture, number in found], labels)
    texts: dict[str, str] = {}
    for picture in PICTURES:
        parts = [
            VOC_OBJECT.format(inner="a > b", attributes=' x="a>b"', name=xml_text(names[kind]), corners=corners(row))
            for row, (where, kind) in enumerate(found)
            if where == picture
        ]
        text = VOC_TEXT.format(encoding=encoding, picture=picture, objects="".join(parts))
        texts[picture] = text.replace("\n", line_end)
    with folder() as where:
        for picture, text in texts.items():
            file = (where / "Annotations" / picture).with_suffix(".xml")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode(encoding, "xmlcharrefreplace"))
        written(VOC, run.dataset(annotations=GivenFiles(where)), where / "out")
        back = read(VOC, where / "out", run)
        raw = {
            picture: (where / "out" / "Annotations" / picture).with_suffix(".xml").read_bytes() for picture in PICTURES
        }
    assert back.names == {key: clean_label(name) for key, name in expected(names, found, labels).items()}
    content = re.compile(r'(<name x="a>b">).*?(</name>)', re.DOTALL)
    for picture, text in texts.items():
        same = text.encode(encoding, "xmlcharrefreplace").decode(encoding)
        assert content.sub(r"\1\2", raw[picture].decode(encoding)) == content.sub(r"\1\2", same)
        found_names = [each.findtext("name") for each in ElementTree.fromstring(raw[picture]).iter("object")]
        assert len(found_names) == sum(where == picture for where, _ in found)


def corners(row: int) -> tuple[float, ...]:
    box = own_box(row)
    return box.x, box.y, box.x + box.width, box.y + box.height


def bndbox(row: int) -> str:
    sides = zip(("xmin", "ymin", "xmax", "ymax"), corners(row), strict=True)
    return f"<bndbox>{''.join(f'<{name}>{value}</{name}>' for name, value in sides)}</bndbox>"


def xml_text(name: str) -> str:
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_an_empty_name_is_given_one_and_a_missing_one_is_left(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text = f"<annotation><object><name/>{bndbox(0)}</object><object>{bndbox(1)}</object></annotation>"
    (tmp_path / "in" / "a.xml").write_text(text)
    run = labeled(["a.jpg", "a.jpg"], ["A & B", "c"], ["0", "1"])
    written(VOC, run.dataset(annotations=GivenFiles(tmp_path / "in")), tmp_path / "out")
    assert (tmp_path / "out" / "a.xml").read_text() == text.replace("<name/>", "<name>A &amp; B</name>")


def test_a_picture_is_found_by_what_the_xml_says_before_what_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text = "<annotation><filename>{}</filename><object><name>old</name>{}</object></annotation>"
    (tmp_path / "in" / "1.xml").write_text(text.format("b.jpg", bndbox(1)))
    (tmp_path / "in" / "a.xml").write_text(text.format("gone.jpg", bndbox(0)))
    run = labeled(["x/a.jpg", "x/b.jpg"], ["A", "B"], ["0", "0"])
    made = written(VOC, run.dataset(annotations=GivenFiles(tmp_path / "in")), tmp_path / "out")
    assert [(tmp_path / "out" / name).read_text().count(label) for name, label in (("1.xml", "B"), ("a.xml", "A"))] == [
        1,
        1,
    ]
    assert read(VOC, tmp_path / "out", run).names == run.names
    assert made.notes == ["2 annotations got another class."]


def test_annotations_without_an_id_go_by_their_place(tmp_path: Path) -> None:
    value = coco_value(["x"], [("a.jpg", 0), ("a.jpg", 0)])
    for row, each in enumerate(value["annotations"]):
        del each["id"]
        each["bbox"] = list(own_box(row))
    (tmp_path / "in.json").write_text(json.dumps(value))
    run = labeled(["a.jpg", "a.jpg"], [None, "y"], ["@0", "@1"])
    written(COCO, run.dataset(annotations=GivenFiles(tmp_path / "in.json")), tmp_path / "out.json")
    assert read(COCO, tmp_path / "out.json", run).names == {"id0": "x", "id1": "y"}


def test_names_may_lie_beside_the_folder_of_labels(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 .5 .5 .1 .1")
    (tmp_path / "data.yaml").write_text("names:\n- x")
    run = labeled(["images/a.jpg"], ["y"], ["0"])
    written(YOLO, run.dataset(annotations=GivenFiles(tmp_path / "labels")), tmp_path / "out")
    assert (tmp_path / "out" / "data.yaml").read_text() == 'names:\n- x\n- "y"'
    assert (tmp_path / "out" / "a.txt").read_text() == "1 .5 .5 .1 .1"


def test_labelled_objects_that_the_annotations_lack_are_told(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(coco_text(["x"], [("a.jpg", 0)]))
    run = labeled(["a.jpg", "sub/b.png"], ["y", "y"], ["100", "7"])
    made = written(COCO, run.dataset(annotations=GivenFiles(tmp_path / "in.json")), tmp_path / "out.json")
    assert (made.count, made.notes[-1]) == (1, "1 labelled object not in in.json, the first 'id1'.")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("coco.json", "[]", "is no COCO detection file"),
        ("coco.json", '{"images": [], "annotations": [{}], "categories": 3}', "is no COCO detection file"),
        ("coco.json", "[" * 100_000, "is no COCO detection file"),
        ("coco.json", '{"images": [], "annotations": [], "categories": []}', "No annotation in coco.json is about"),
        ("a.xml", '<!DOCTYPE a [<!ENTITY x "y">]><annotation/>', "declares a document type"),
        ("a.xml", "<annotation>", "cannot be read as an annotation"),
        ("a.txt", "no numbers", "No annotation in in is about an object of the run"),
        ("data.yaml", "names: &a [*a]", "There are no files of labels"),
    ],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_text(content)
    form = {"json": COCO, "xml": VOC}.get(name.rpartition(".")[2], YOLO)
    source = tmp_path / "in" / name if form is COCO else tmp_path / "in"
    with pytest.raises(DatasetError, match=re.escape(words)):
        written(form, labeled(["a.jpg"], ["x"], ["0"]).dataset(annotations=GivenFiles(source)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_new_class_of_numbers_alone_needs_a_file_of_names(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("0 .5 .5 .1 .1\n")
    source = GivenFiles(tmp_path / "in")
    written(YOLO, labeled(["a.jpg"], ["3"], ["0"]).dataset(annotations=source), tmp_path / "out")
    assert (tmp_path / "out" / "a.txt").read_text() == "3 .5 .5 .1 .1\n"
    with pytest.raises(DatasetError, match="to name the class 'cell' in"):
        written(YOLO, labeled(["a.jpg"], ["cell"], ["0"]).dataset(annotations=source), tmp_path / "out2")


@pytest.mark.parametrize("content", ["names: &a [*a]", "names: [[x]]", "names: x", "- x", "names: [", "? [x]\n: 1\n"])
def test_a_file_without_names_of_classes_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("0 .5 .5 .1 .1\n")
    (tmp_path / "in" / "data.yaml").write_text(content)
    source = GivenFiles(tmp_path / "in")
    with pytest.raises(DatasetError, match="holds no names of classes"):
        written(YOLO, labeled(["a.jpg"], ["3"], ["0"]).dataset(annotations=source), tmp_path / "out")


def test_files_of_labels_beside_the_named_folder_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.txt").write_text("0 .5 .5 .1 .1\n")
    (tmp_path / "in" / "labels").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "data.yaml").write_text(f"path: {tmp_path / 'secret'}\ntrain: ../secret\nnames: [x]\n")
    with pytest.raises(DatasetError, match="no files of labels"):
        written(
            YOLO, labeled(["a.jpg"], ["x"], ["0"]).dataset(annotations=GivenFiles(tmp_path / "in")), tmp_path / "out"
        )
