"""A run of objects as a table or as Label Studio's tasks is annotations again: of the same samples, with the labels."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from exporters import ExportOptions, ObjectChoice, export_images
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.datasets.catalog import format_named
from tb_tsne_plugin.datasets.model import Suggestion
from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.labels.model import Mark
from tb_tsne_plugin.runs.boxes import Box, in_pixels
from tests.datasets.made import folder, labeled, read, written
from tests.exporters.drawn import read_metadata
from tests.exporters.objects.annotated import THINGS, WRITERS, Thing, draw_things

LABEL_STUDIO = format_named("labelstudio")
AGAIN = {"csv": "out.csv", "labelstudio": "out.json"}
ODD = (*THINGS, Thing("a.png", 30.125, 10.25, 60.335, 41.7, "red cell"), Thing("sub/b.png", 10, 20, 50, 40, "red cell"))
"""With a box of fractions, and one twice."""


def commanded(*arguments: object) -> None:
    done = CliRunner().invoke(cli, ["labels", *map(str, arguments)])
    assert done.exit_code == 0, done.output


def told(row: dict[str, str]) -> list[object]:
    """What must be the same: the box to a millionth of a pixel, which is all that shares tell."""
    box = [round(float(row[side]), 6) for side in ("x", "y", "width", "height")]
    return [row["sample_id"], row["file"], row["label"], *box]


def come_again(run: Path, form: str, images: Path, where: Path) -> None:
    """Labels a run, writes it out, and makes a run of that: it has the same samples with these labels."""
    before = read_metadata(run)
    labels = {row["sample_id"]: name for row, name in zip(before, ["new", "red cell", "ä | \u2603"], strict=False)}
    LabelStore(run / STORE_NAME).create(labels, {before[3]["sample_id"]: "ignored"})
    out = where / AGAIN[form]
    commanded("export", run, "--format", form, "--out", out)
    again = ExportOptions(["pix"], labels="given", max_samples=None, objects=ObjectChoice(f"{form}:{out}", min_side=0))
    assert export_images(images, where / "again", again).skipped == []
    rows = read_metadata(where / "again")
    assert [told(row) for row in rows] == [
        told(row | {"label": labels.get(row["sample_id"], "unlabeled")}) for row in before
    ]
    commanded("import", where / "again", out, "--format", form, "--dry-run")


@pytest.mark.parametrize("form", AGAIN)
@pytest.mark.parametrize("name", WRITERS)
def test_what_leaves_as_objects_comes_again_as_the_same_samples(name: str, form: str, tmp_path: Path) -> None:
    images = draw_things(tmp_path / "images")
    options = ExportOptions(["pix"], objects=ObjectChoice(WRITERS[name](tmp_path, ODD), min_side=0))
    assert export_images(images, tmp_path / "run", options).images == len(ODD)
    come_again(tmp_path / "run", form, images, tmp_path)


@pytest.mark.parametrize("form", AGAIN)
def test_tiles_come_again_as_the_same_samples(form: str, tmp_path: Path) -> None:
    images = draw_things(tmp_path / "images")
    export_images(images, tmp_path / "run", ExportOptions(["pix"], tiles="70:11"))
    come_again(tmp_path / "run", form, images, tmp_path)


@pytest.mark.parametrize("form", AGAIN)
def test_annotations_without_an_id_in_a_file_of_ids_come_again(form: str, tmp_path: Path) -> None:
    images = draw_things(tmp_path / "images")
    source = WRITERS["coco"](tmp_path, ODD)
    value = json.loads((tmp_path / "coco.json").read_text())
    for each in value["annotations"][1::2]:
        del each["id"]
    (tmp_path / "coco.json").write_text(json.dumps(value))
    export_images(images, tmp_path / "run", ExportOptions(["pix"], objects=ObjectChoice(source, min_side=0)))
    come_again(tmp_path / "run", form, images, tmp_path)


def test_a_table_of_somebody_elses_ids_keeps_them(tmp_path: Path) -> None:
    """Sample ids of another tool tell nothing of ours."""
    images = draw_things(tmp_path / "images")
    export_images(
        images, tmp_path / "run", ExportOptions(["pix"], objects=ObjectChoice(WRITERS["yolo"](tmp_path, ODD)))
    )
    rows = read_metadata(tmp_path / "run")
    ids = []
    for number in range(2):
        with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(
                [row | {"sample_id": f"mine {n}", "x": str(float(row["x"]) + number)} for n, row in enumerate(rows)]
            )
        again = ExportOptions(["pix"], objects=ObjectChoice(f"csv:{tmp_path / 't.csv'}"))
        export_images(images, tmp_path / f"again{number}", again)
        ids.append({row["sample_id"] for row in read_metadata(tmp_path / f"again{number}")})
    assert ids[0] == ids[1]  # by what the column calls them, wherever they are


def test_label_studio_has_a_task_for_each_picture_with_a_rectangle_for_each_object() -> None:
    boxes = [Box(10, 20, 30, 40), Box(0, 0, 100, 5), Box(1, 2, 3, 4), Box(5, 5, 5, 5)]
    run = labeled(
        ["a.jpg", "b.jpg", "a.jpg", "a.jpg"], ["cell", None, None, "x"], ["7", "0", "8", "9"], boxes, (200, 100)
    )
    run = run._replace(marks={**run.marks, "id3": Mark(2, "verified")})
    suggestions = {"id2": Suggestion("x", 0.91234), "id1": Suggestion("x", 0.5)}
    with folder() as where:
        made = written(LABEL_STUDIO, run.dataset(suggestions=suggestions), where / "out")
        tasks: list[dict[str, Any]] = json.loads((where / "out").read_text())
        back = read(LABEL_STUDIO, where / "out", run)
    assert made.count == 4
    assert [task["data"] for task in tasks] == [{"image": "a.jpg"}, {"image": "b.jpg"}]
    first, second, third = tasks[0]["annotations"][0]["result"]
    assert first == {
        "id": "7",
        "from_name": "label",
        "to_name": "image",
        "type": "rectanglelabels",
        "original_width": 200,
        "original_height": 100,
        "image_rotation": 0,
        "value": {"x": 5.0, "y": 20.0, "width": 15.0, "height": 40.0, "rotation": 0, "rectanglelabels": ["cell"]},
        "meta": {"sample_id": "id0"},
    }
    assert (second["value"]["rectanglelabels"], third["meta"]) == ([], {"sample_id": "id3", "state": "verified"})
    (prediction,) = tasks[0]["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("tb-tsne", 0.9123)
    assert [(each["id"], each["score"], each["value"]["rectanglelabels"]) for each in prediction["result"]] == [
        ("8", 0.9123, ["x"])
    ]
    assert (back.names, back.states) == ({"id0": "cell", "id1": None, "id2": None, "id3": "x"}, {"id3": "verified"})


def test_a_rectangle_of_a_sample_that_is_no_more_goes_by_its_box_and_not_by_its_number() -> None:
    size = (200, 100)
    run = labeled(["a.jpg"] * 2, ["one", "two"], ["0", "1"], [Box(10, 20, 30, 40), Box(1, 2, 3, 4)], size)
    with folder() as where:
        written(LABEL_STUDIO, run.dataset(), where / "out")
        text = (where / "out").read_text().replace("id0", "gone").replace("id1", "lost")
        (where / "out").write_text(text)
        # Exported anew, the second is the first: with its own name, its own number.
        now = labeled(["a.jpg"], [None], ["0"], [Box(1, 2, 3, 4)], size)
        assert read(LABEL_STUDIO, where / "out", now).names == {"id0": "two", "a.jpg#0": "one"}


def test_rectangles_of_label_studios_own_go_by_their_ids() -> None:
    run = labeled(["a.jpg"] * 2, ["one", "two"], ["kx3", "0"], [Box(10, 20, 30, 40), Box(1, 2, 3, 4)], (200, 100))
    with folder() as where:
        written(LABEL_STUDIO, run.dataset(), where / "out")
        tasks = json.loads((where / "out").read_text())
        for region in tasks[0]["annotations"][0]["result"]:
            del region["meta"]
            region["value"]["x"] += 20
        (where / "out").write_text(json.dumps(tasks))
        assert read(LABEL_STUDIO, where / "out", run).names == run.names


@given(
    st.lists(st.decimals(0, 3000, places=6).map(float), min_size=4, max_size=4),
    st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)),
)
def test_shares_of_a_box_are_the_box_again_to_the_bit(values: list[float], size: tuple[int, int]) -> None:
    near = [round(value) if abs(value - round(value)) < 0.0101 else value for value in values]
    x, y, width, height = near
    if abs(x + width - round(x + width)) < 0.0101 or abs(y + height - round(y + height)) < 0.0101:
        width, height = round(x + width) - x, round(y + height) - y  # ends on a whole pixel
    box = Box(x, y, round(width, 6), round(height, 6))
    cents = (100 * box.x / size[0], 100 * box.y / size[1], 100 * box.width / size[0], 100 * box.height / size[1])
    assert in_pixels(Box(*(value / 100 for value in cents)), size) == box
