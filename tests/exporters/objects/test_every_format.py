"""What all formats have in common: the same objects, however they are written down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporters import ExportError, ExportOptions, ObjectChoice, export_images
from exporters.errors import ExportUsageError
from exporters.objects.formats import FORMATS
from exporters.objects.listing import list_objects
from tests.exporters.drawn import color, read_metadata, read_tensor, read_tiles
from tests.exporters.objects.annotated import THINGS, WRITERS, draw_things
from tests.test_docs import ROOT


def options(source: str, **settings: object) -> ExportOptions:
    choice = ObjectChoice(source, **{"margin": 0.0, **settings})  # type: ignore[arg-type]
    return ExportOptions(["pix"], labels="given", objects=choice)


@pytest.mark.parametrize("name", WRITERS)
def test_row_i_is_object_i_in_every_output_whatever_the_format(name: str, tmp_path: Path) -> None:
    folder, run = draw_things(tmp_path / "in" / "images"), tmp_path / "run"
    source = WRITERS[name](tmp_path / "in", THINGS)
    summary = export_images(folder, run, options(source))
    assert (summary.images, summary.skipped, summary.noun) == (len(THINGS), [], "object")
    rows = read_metadata(run)
    expected = sorted(THINGS, key=lambda thing: thing.picture)
    for row, thing in zip(rows, expected, strict=True):
        sides = [float(row[side]) for side in ("x", "y", "width", "height")]
        assert sides == [thing.left, thing.top, thing.right - thing.left, thing.bottom - thing.top]
        assert (row["file"], row["label"]) == (thing.picture, thing.label)
    fills = [color(THINGS.index(thing) + 1) for thing in expected]
    pixels = read_tensor(run, "pix", len(THINGS)).reshape(-1, 32 * 32, 3)
    np.testing.assert_array_equal(pixels, np.broadcast_to(np.array(fills)[:, None], pixels.shape))
    assert [tuple(tile[32, 32]) for tile in read_tiles(run, len(THINGS))] == fills
    assert len({row["sample_id"] for row in rows}) == len(THINGS)


def test_every_format_is_tried_and_in_the_documents() -> None:
    assert WRITERS.keys() == FORMATS.keys()
    for page in ("objects.md", "guide.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert all(f"`{name}:" in text for name in FORMATS)


@pytest.mark.parametrize("name", WRITERS)
def test_labels_stay_with_their_objects_when_others_go(name: str, tmp_path: Path) -> None:
    folder, run = draw_things(tmp_path / "images"), tmp_path / "run"
    export_images(folder, run, options(WRITERS[name](tmp_path, THINGS)))
    before = {row["sample_id"]: (row["file"], row["x"], row["label"]) for row in read_metadata(run)}
    for file in tmp_path.glob("labels/**/*.txt"):
        file.unlink()
    # The first of a picture goes. Ids of COCO and Label Studio stay what they were, as these tools write them.
    left = [thing for thing in THINGS if thing is not THINGS[1]]
    source = WRITERS[name](tmp_path, THINGS)
    if name in ("coco", "labelstudio"):
        file = Path(source.partition(":")[2])
        text = file.read_text()
        file.write_text(text.replace('"bbox": [0, 0, 20, 30]', '"bbox": [0, 0, 0, 0]').replace('"region1"', '"gone"'))
    else:
        for file in tmp_path.glob("labels/**/*.txt"):
            file.unlink()
        source = WRITERS[name](tmp_path, left)
    summary = export_images(folder, run, options(source))
    assert summary.labels_orphaned == 1
    after = {row["sample_id"]: (row["file"], row["x"], row["label"]) for row in read_metadata(run)}
    assert {key: value for key, value in after.items() if key in before}.items() <= before.items()
    assert len(before.keys() & after.keys()) == 4


def test_classes_sizes_and_a_draw_choose_objects_and_all_are_accounted_for(tmp_path: Path) -> None:
    folder = draw_things(tmp_path / "images")
    source = WRITERS["csv"](tmp_path, THINGS)
    chosen = options(source, min_side=21, classes=["red cell"])
    summary = export_images(folder, tmp_path / "run", chosen)
    assert [row["file"] for row in read_metadata(tmp_path / "run")] == ["füße ☃.png"]
    assert summary.account == (
        "Found 5 in all: 1 object, 0 left out, 4 of other kinds passed over (2 of other classes (--classes), "
        "2 smaller than 21 pixels (--min-side))."
    )
    drawn = ExportOptions(["pix"], objects=ObjectChoice(source), max_samples=2, true_labels=True)
    assert export_images(folder, tmp_path / "drawn", drawn).not_drawn == 3
    assert sorted(row["true_label"] for row in read_metadata(tmp_path / "drawn")) == ["red cell", "weiße Zelle"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"source": "coco"}, "a colon, and a file or folder"),
        ({"source": "pdf:x"}, "write coco, yolo, voc, csv, labelstudio or cvat"),
        ({"margin": -1.0}, "--margin must be a share of the box from 0 to 10"),
        ({"margin": float("nan")}, "--margin must be"),
        ({"min_side": -1}, "--min-side must be"),
        ({"classes": ["no such"]}, "has no class no such: it has red cell, weiße Zelle"),
        ({"source": "csv:nowhere.csv"}, r"nowhere.csv: cannot be read \(No such file or directory\)"),
        ({"source": "voc:nowhere"}, "The folder of annotations nowhere does not exist"),
        ({"source": "yolo:nowhere.yaml"}, r"The folder of annotations nowhere.yaml does not exist"),
    ],
)
def test_what_cannot_be_right_is_said_in_a_sentence(
    settings: dict[str, object], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = draw_things(tmp_path / "images")
    choice = ObjectChoice(**{"source": WRITERS["csv"](tmp_path, THINGS), **settings})  # type: ignore[arg-type]
    with pytest.raises(ExportError, match=words):
        list_objects(choice, folder)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"labels": "folders"}, "--labels given takes the objects' classes"),
        ({"pages": True}, "--pages is for whole pictures"),
        ({"labels": "given", "objects": None}, "--labels given needs --objects"),
    ],
)
def test_options_that_do_not_go_together_are_refused(settings: dict[str, object], words: str, tmp_path: Path) -> None:
    folder = draw_things(tmp_path / "images")
    choice = ObjectChoice(WRITERS["csv"](tmp_path, THINGS))
    with pytest.raises(ExportUsageError, match=words):
        export_images(folder, tmp_path / "run", ExportOptions(**{"features": ["pix"], "objects": choice, **settings}))  # type: ignore[arg-type]
    assert not (tmp_path / "run").exists()


def test_objects_without_classes_have_no_labels_to_give(tmp_path: Path) -> None:
    folder = draw_things(tmp_path / "images")
    (tmp_path / "plain.csv").write_text("file,x,y,width,height\na.png,0,0,20,20\n")
    with pytest.raises(
        ExportError, match=r"--labels given needs objects with classes, and none in csv:plain.csv has one"
    ):
        export_images(folder, tmp_path / "run", options(f"csv:{tmp_path / 'plain.csv'}"))


@pytest.mark.parametrize("name", WRITERS)
def test_without_a_folder_pictures_are_looked_for_beside_the_annotations(name: str, tmp_path: Path) -> None:
    draw_things(tmp_path / "images")
    source = WRITERS[name](tmp_path, THINGS)
    sources = [source, f"yolo:{tmp_path / 'labels'}"] if name == "yolo" else [source]
    for each in sources:
        listing = list_objects(ObjectChoice(each), None)
        assert (len(listing.images), listing.skipped) == (5, [])


@pytest.mark.data
def test_bccd_is_the_same_as_voc_coco_and_yolo(data_dir: Path, tmp_path: Path) -> None:
    bccd = data_dir / "bccd"
    found = {}
    for source in (f"voc:{bccd / 'Annotations'}", f"coco:{bccd / 'coco.json'}", f"yolo:{bccd / 'data.yaml'}"):
        run = tmp_path / source.partition(":")[0]
        choice = ExportOptions(["pix"], labels="given", max_samples=None, objects=ObjectChoice(source))
        summary = export_images(bccd / "images", run, choice)
        assert summary.found == 4888
        assert [each.name.rpartition("#")[0] for each in summary.skipped] == [
            "BloodImage_00338.jpg",
            "BloodImage_00343.jpg",
        ]
        assert {each.reason for each in summary.skipped} == {"its box has no area (0 x 0)"}
        kept = ("file", "x", "y", "width", "height", "label")
        rows = [tuple(row[name] for name in kept) for row in read_metadata(run)]
        found[run.name] = rows, (run / "pix.bytes").read_bytes(), [row["sample_id"] for row in read_metadata(run)]
    assert found["voc"] == found["yolo"]
    assert found["voc"][:2] == found["coco"][:2]
