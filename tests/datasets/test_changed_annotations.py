"""Annotations that changed since the export: a label goes to its own box, or nowhere, and that is told."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from exporters import ExportOptions, ObjectChoice, export_images
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.datasets.catalog import Format, format_named
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.model import Drawn
from tb_tsne_plugin.datasets.same_boxes import TOLERANCE, same_objects
from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.runs.boxes import TURNS, Box, turned
from tests.datasets.made import folder, labeled, read, written
from tests.exporters.drawn import read_metadata

FORMS = [format_named(name) for name in ("coco", "yolo", "voc")]
PICTURES = ("a.jpg", "sub/b.jpg")
SIZE = (97, 61)
NAMES = ("old", "older")
LABELS = ("new", "newer", "old")


class Row(NamedTuple):
    """An object of an annotation file."""

    picture: str
    kind: str
    box: Box


def annotate(form: Format, where: Path, rows: Sequence[Row], digits: int = 6) -> GivenFiles:
    """Writes annotations without ids: in COCO and within a picture in the order of the rows."""
    by_picture = {picture: [row for row in rows if row.picture == picture] for picture in PICTURES}
    if form.name == "coco":
        value = {
            "images": [{"id": n, "file_name": name, "width": 97, "height": 61} for n, name in enumerate(PICTURES)],
            "annotations": [
                {"image_id": PICTURES.index(row.picture), "category_id": NAMES.index(row.kind), "bbox": list(row.box)}
                for row in rows
            ],
            "categories": [{"id": n, "name": name} for n, name in enumerate(NAMES)],
        }
        (where / "in.json").write_text(json.dumps(value))
        return GivenFiles(where / "in.json")
    source = where / "in"
    for picture, own in by_picture.items():
        file = source / ("labels" if form.name == "yolo" else "Annotations") / picture
        file.parent.mkdir(parents=True, exist_ok=True)
        if form.name == "yolo":
            lines = []
            for row in own:
                box = row.box
                center = (box.x + box.width / 2) / SIZE[0], (box.y + box.height / 2) / SIZE[1]
                shares = (*center, box.width / SIZE[0], box.height / SIZE[1])
                numbers = " ".join(f"{share:.{digits}f}" for share in shares)
                lines.append(f"{NAMES.index(row.kind)} {numbers}\n")
            file.with_suffix(".txt").write_text("".join(lines))
        else:
            objects = "".join(
                f"<object><name>{row.kind}</name><bndbox><xmin>{row.box.x}</xmin><ymin>{row.box.y}</ymin>"
                f"<xmax>{row.box.x + row.box.width}</xmax><ymax>{row.box.y + row.box.height}</ymax></bndbox></object>"
                for row in own
            )
            size = f"<size><width>{SIZE[0]}</width><height>{SIZE[1]}</height></size>"
            text = f"<annotation><filename>{picture}</filename>{size}{objects}</annotation>"
            file.with_suffix(".xml").write_text(text)
    if form.name == "yolo":
        (source / "data.yaml").write_text(json.dumps({"names": NAMES}))
    return GivenFiles(source)


def kinds_in(form: Format, out: Path) -> dict[str, list[str]]:
    """The classes of each picture's annotations, in their order, as another program reads them."""
    if form.name == "coco":
        value = json.loads(out.read_text())
        names = {each["id"]: each["name"] for each in value["categories"]}
        found: dict[str, list[str]] = {picture: [] for picture in PICTURES}
        for each in value["annotations"]:
            found[PICTURES[each["image_id"]]].append(names[each["category_id"]])
        return found
    if form.name == "yolo":
        names = dict(enumerate(yaml.safe_load((out / "data.yaml").read_text())["names"]))
        files = {picture: (out / "labels" / picture).with_suffix(".txt") for picture in PICTURES}
        return {
            picture: [names[int(line.split()[0])] for line in file.read_text().splitlines()]
            for picture, file in files.items()
        }
    files = {picture: (out / "Annotations" / picture).with_suffix(".xml") for picture in PICTURES}
    return {
        picture: [each.findtext("name") or "" for each in ElementTree.parse(file).getroot().iter("object")]
        for picture, file in files.items()
    }


CORNERS = st.integers(0, 5).map(lambda number: 5 * number + 0.25)
SIDES = st.sampled_from([8.0, 9.5])
BOXES = st.builds(Box, CORNERS, CORNERS, SIDES, SIDES)
ROWS = st.builds(Row, st.sampled_from(PICTURES), st.sampled_from(NAMES), BOXES)
NEW = st.builds(
    Row,
    st.sampled_from(PICTURES),
    st.sampled_from(NAMES),
    st.builds(Box, CORNERS.map(lambda x: x + 2), CORNERS, SIDES, SIDES),
)


@st.composite
def changed(draw: st.DrawFn) -> tuple[list[Row], list[str | None], list[tuple[int | None, Row]]]:
    """Objects, the label of each in the run, and what the annotations have become of them: each row with its origin.

    Equal boxes stay in their order: nothing else tells them apart.
    """
    rows = sorted(draw(st.lists(ROWS, min_size=1, max_size=7)), key=lambda row: row.picture)
    labels = [draw(st.none() | st.sampled_from(LABELS)) for _ in rows]
    order = draw(st.permutations(range(len(rows))))
    kept: list[tuple[int | None, Row]] = [(number, rows[number]) for number in order if draw(st.integers(0, 3))]
    of_box: dict[tuple[str, Box], list[int]] = {}
    for number, row in kept:
        of_box.setdefault((row.picture, row.box), []).append(number or 0)
    for numbers in of_box.values():
        numbers.sort(reverse=True)
    ordered: list[tuple[int | None, Row]] = []
    for _, row in kept:
        number = of_box[row.picture, row.box].pop()
        ordered.append((number, rows[number]))
    for row in draw(st.lists(NEW, max_size=3)):
        ordered.insert(draw(st.integers(0, len(ordered))), (None, row))
    return rows, labels, ordered


def numbers_of(form: Format, rows: Sequence[Row]) -> list[str]:
    if form.name == "coco":
        return [f"@{place}" for place in range(len(rows))]
    return [str(number) for _, group in groupby(rows, lambda row: row.picture) for number, _ in enumerate(group)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@given(made=changed(), digits=st.sampled_from([6, 14]))
def test_each_label_goes_to_its_box_whatever_came_went_or_moved(
    form: Format, made: tuple[list[Row], list[str | None], list[tuple[int | None, Row]]], digits: int
) -> None:
    rows, labels, now = made
    boxes = [row.box for row in rows]
    run = labeled([row.picture for row in rows], labels, numbers_of(form, rows), boxes, SIZE)
    before, after = (
        Counter((row.picture, row.box) for row in each)
        for each in (rows, [row for origin, row in now if origin is not None])
    )
    assume(any(before[row.picture, row.box] == after[row.picture, row.box] for row in rows))
    with folder() as where:
        source = annotate(form, where, [row for _, row in now], digits)
        notes = written(form, run.dataset(annotations=source), where / "out").notes
        found = kinds_in(form, where / "out")
        back = read(form, where / "out", run)
    expected: dict[str, list[str]] = {picture: [] for picture in PICTURES}
    told, met = 0, {}
    for origin, row in now:
        label = None
        # Of equal boxes of which some are gone, nobody can say which are left.
        if origin is not None and before[row.picture, row.box] == after[row.picture, row.box]:
            label = labels[origin]
            met[f"id{origin}"] = label or row.kind
        expected[row.picture].append(label or row.kind)
    told = sum(label is not None and f"id{number}" not in met for number, label in enumerate(labels))
    assert found == expected
    assert {key: name for key, name in back.names.items() if key in run.ids} == met
    lines = [note for note in notes if "whose box is no longer" in note]
    assert [int(note.split()[0]) for note in lines] == ([told] if told else [])


def test_a_label_whose_box_is_gone_is_told(tmp_path: Path) -> None:
    rows = [Row("a.jpg", "old", Box(10.0 * number, 5, 8, 8)) for number in range(4)]
    run = labeled(["a.jpg"] * 4, ["new"] * 4, list("0123"), [row.box for row in rows], SIZE)
    source = annotate(FORMS[1], tmp_path, [rows[3], Row("a.jpg", "old", Box(1, 30, 8, 8))])
    made = written(FORMS[1], run.dataset(annotations=source), tmp_path / "out")
    assert (made.count, made.notes) == (
        1,
        ["1 annotation got another class.", "3 labelled objects whose box is no longer in in, the first 'id0'."],
    )
    assert kinds_in(FORMS[1], tmp_path / "out")["a.jpg"] == ["new", "old"]


def test_equal_boxes_are_told_apart_by_their_numbers_where_others_of_them_are_not_in_the_run(tmp_path: Path) -> None:
    box = Box(10, 10, 8, 8)
    for form in FORMS:
        numbers = ["@1"] if form.name == "coco" else ["1"]
        run = labeled(["a.jpg"], ["new"], numbers, [box], SIZE)
        (tmp_path / form.name).mkdir()
        source = annotate(form, tmp_path / form.name, [Row("a.jpg", "old", box)] * 3)
        out = tmp_path / form.name / "out"
        written(form, run.dataset(annotations=source), out)
        assert kinds_in(form, out)["a.jpg"] == ["old", "new", "old"]


def test_a_coco_annotation_with_an_id_is_known_by_that_whatever_box_it_has(tmp_path: Path) -> None:
    annotate(FORMS[0], tmp_path, [Row("a.jpg", "old", Box(number, 1, 8, 8)) for number in range(2)])
    value = json.loads((tmp_path / "in.json").read_text())
    for each, own_id in zip(value["annotations"], (7, 8), strict=True):
        each["id"] = own_id
    (tmp_path / "in.json").write_text(json.dumps(value))
    run = labeled(["a.jpg"] * 2, [None, "new"], ["7", "8"], [Box(50, 50, 8, 8), Box(0, 1, 8, 8)], SIZE)
    written(FORMS[0], run.dataset(annotations=GivenFiles(tmp_path / "in.json")), tmp_path / "out")
    assert kinds_in(FORMS[0], tmp_path / "out")["a.jpg"] == ["old", "new"]


def test_without_the_pictures_size_rows_of_yolo_go_by_their_numbers_and_that_is_said(tmp_path: Path) -> None:
    rows = [Row("a.jpg", "old", Box(10.0 * number, 5, 8, 8)) for number in range(2)]
    run = labeled(["a.jpg"] * 2, [None, "new"], ["0", "1"], [row.box for row in rows])
    made = written(FORMS[1], run.dataset(annotations=annotate(FORMS[1], tmp_path, rows)), tmp_path / "out")
    assert kinds_in(FORMS[1], tmp_path / "out")["a.jpg"] == ["old", "new"]
    assert made.notes[0].startswith(
        "2 objects found by the number of the row alone, for the run does not tell how large"
    )
    assert read(FORMS[1], tmp_path / "out", run).notes[0] == made.notes[0]


BOX = Box(3, 5, 11, 17)
OTHER = Box(50, 9, 20, 30)


@pytest.mark.parametrize("turn", TURNS)
def test_boxes_of_the_stored_pixels_are_turned_with_the_picture(turn: int) -> None:
    theirs = [(str(number), Drawn(box, SIZE)) for number, box in enumerate((BOX, OTHER))]
    ours = [(str(number), turned(box, SIZE, turn)) for number, box in ((1, OTHER), (0, BOX))]
    assert same_objects(ours, theirs, SIZE[::-1]) == {0: 1, 1: 0}
    assert same_objects(ours, theirs, (100, 100)) == {}  # drawn in a picture of another size


def test_where_several_turns_find_as_many_boxes_none_is_taken() -> None:
    corners = Box(0, 0, 10, 10), Box(SIZE[0] - 10, SIZE[1] - 10, 10, 10)
    theirs = [(str(number), Drawn(box, SIZE)) for number, box in enumerate(corners)]
    ours = [(str(number), turned(box, SIZE, 6)) for number, box in enumerate(corners)]
    assert same_objects(ours, theirs, SIZE[::-1]) == {}
    assert same_objects(ours[:1], theirs[:1], SIZE[::-1]) == {0: 0}


@given(st.lists(st.floats(-0.9 * TOLERANCE, 0.9 * TOLERANCE), min_size=4, max_size=4), st.booleans())
def test_edges_within_the_tolerance_are_the_same_and_farther_ones_are_not(by: list[float], far: bool) -> None:
    left, top, right, bottom = (
        edge + shift + (3 * TOLERANCE if far else 0)
        for edge, shift in zip((BOX.x, BOX.y, BOX.x + BOX.width, BOX.y + BOX.height), by, strict=True)
    )
    moved = Box(left, top, right - left, bottom - top)
    assert same_objects([("0", BOX)], [("9", Drawn(moved, SIZE))], SIZE) == ({} if far else {0: 0})


def test_very_many_equal_boxes_take_no_time_of_their_square() -> None:
    count = 100_000
    theirs = [(str(number), Drawn(BOX, SIZE)) for number in range(count)]
    assert same_objects([(str(number + 1), BOX) for number in range(count)], theirs, SIZE) == {
        n: n for n in range(count)
    }
    assert same_objects([(str(number + 2), BOX) for number in range(count - 1)], theirs, SIZE) == {}


def run_labels(*arguments: object) -> str:
    done = CliRunner().invoke(cli, ["labels", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_real_run_whose_annotations_changed(form: Format, tmp_path: Path) -> None:
    for name in PICTURES:
        (tmp_path / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        if name == PICTURES[1] and form.name == "voc":
            exif[0x0112] = 6  # The file tells the size of what is stored, so boxes are turned with the picture.
        Image.new("RGB", SIZE, "white").save(tmp_path / "images" / name, exif=exif)
    boxes = (Box(3.3, 4.7, 20.1, 10.9), Box(40, 30, 33.3, 12.5), Box(1, 40, 9, 9), Box(60.25, 2, 11, 9))
    rows = [Row(picture, "old", box) for picture in PICTURES for box in boxes]
    source = annotate(form, tmp_path, rows)
    options = ExportOptions(["pix"], objects=ObjectChoice(f"{form.name}:{source.path}"), labels="given")
    assert export_images(tmp_path / "images", tmp_path / "run", options).images == len(rows)
    ids = [row["sample_id"] for row in read_metadata(tmp_path / "run")]
    LabelStore(tmp_path / "run" / STORE_NAME).create({ids[1]: "new", ids[2]: "newer", ids[5]: "new", ids[7]: "newer"})
    if source.is_folder:
        shutil.rmtree(source.path)
    annotate(form, tmp_path, [*rows[:5:-1], *rows[4:0:-1]])  # The first of the one, and the second of the other go.
    told = run_labels(
        "export",
        tmp_path / "run",
        "--format",
        form.name,
        "--out",
        tmp_path / "out",
        "--objects",
        f"{form.name}:{source.path}",
    )
    assert kinds_in(form, tmp_path / "out") == {
        "a.jpg": ["old", "newer", "new"],
        "sub/b.jpg": ["newer", "old", "old"],
    }
    assert re.search(
        r"note: 1 labelled object whose box is no longer in in(\.json)?, the first '[0-9a-f]{16}'\.\n", told
    )
    (tmp_path / "run" / STORE_NAME).unlink()
    run_labels("import", tmp_path / "run", tmp_path / "out", "--format", form.name, "--overwrite")
    names = LabelStore(tmp_path / "run" / STORE_NAME).snapshot().names()
    assert [names.get(each) for each in ids] == ["old", "new", "newer", "old", "old", "old", "old", "newer"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_labels_of_bccd_go_out_and_come_in_again(form: Format, data_dir: Path, tmp_path: Path) -> None:
    bccd = data_dir / "bccd"
    source = {"coco": bccd / "coco.json", "yolo": bccd, "voc": bccd / "Annotations"}[form.name]
    options = ExportOptions(["pix"], objects=ObjectChoice(f"{form.name}:{source}"), labels="given", max_samples=300)
    export_images(bccd / "images", tmp_path / "run", options)
    rows = read_metadata(tmp_path / "run")
    labels = {row["sample_id"]: "cell X" for row in rows[::3]}
    LabelStore(tmp_path / "run" / STORE_NAME).create(labels)
    asked = ("--format", form.name, "--out", tmp_path / "out", "--objects", f"{form.name}:{source}")
    told = run_labels("export", tmp_path / "run", *asked)
    assert f"note: {len(labels)} annotations got another class.\n" in told
    assert "whose box" not in told
    (tmp_path / "run" / STORE_NAME).unlink()
    run_labels("import", tmp_path / "run", tmp_path / "out", "--format", form.name, "--overwrite")
    names = LabelStore(tmp_path / "run" / STORE_NAME).snapshot().names()
    assert names == {row["sample_id"]: row["label"] for row in rows} | labels
