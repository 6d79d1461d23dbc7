"""What is cut out of a picture, and that each picture is decoded once for all of its objects."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from exporters import ExportError, ExportOptions, ObjectChoice, export_images
from exporters.images import crops as crops_module
from exporters.images.crops import TOGETHER, CropImage, SharedPicture, Surroundings
from exporters.images.deep import LOWER
from exporters.images.headers import PictureSize, picture_size
from exporters.images.listing import ImageFile
from exporters.images.read import local_reader
from exporters.images.regions import Regions
from exporters.images.renditions import PADDING, RenditionSpec
from exporters.objects.listing import list_objects
from tb_tsne_plugin.runs.boxes import Box
from tests.exporters.drawn import BLUE, RED, color, draw, read_metadata, read_tensor
from tests.exporters.objects.annotated import THINGS, WRITERS, Thing, draw_things
from tests.exporters.raw_files import png
from tests.exporters.test_export import Interruption, files_of

NONE = Surroundings()


def crop(path: Path, box: Box, surroundings: Surroundings = NONE) -> npt.NDArray[Any]:
    extent = picture_size(path)
    assert extent is not None
    image = CropImage(
        path,
        "x#0",
        whole=ImageFile(path, path.name),
        extent=extent,
        number=0,
        box=box,
        surroundings=surroundings,
        key="object 0",
        object_id="0",
    )
    return np.asarray(image.read()[1])


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    """40 x 30 pixels, each red by its column and green by its row."""
    values = np.zeros((30, 40, 3), np.uint8)
    values[..., 0], values[..., 1] = np.arange(40), np.arange(30)[:, None]
    Image.fromarray(values).save(tmp_path / "numbered.png")
    return tmp_path / "numbered.png"


@pytest.mark.parametrize(
    ("box", "surroundings", "columns", "rows"),
    [
        (Box(10, 5, 20, 10), Surroundings(), (10, 30), (5, 15)),
        (Box(10, 5, 20, 10), Surroundings(0.1), (8, 32), (4, 16)),
        (Box(10.4, 5.5, 0.2, 0.2), Surroundings(), (10, 11), (5, 6)),
        (Box(10.4, 5.5, 1.2, 10), Surroundings(), (10, 12), (5, 16)),
        (Box(-5, -5, 10, 100), Surroundings(), (0, 5), (0, 30)),
        (Box(30, 20, 10, 10), Surroundings(0.5), (25, 40), (15, 30)),
        (Box(10, 10, 20, 10), Surroundings(0, square=True), (10, 30), (5, 25)),
    ],
)
def test_all_pixels_that_a_box_touches_are_cut_out(
    box: Box, surroundings: Surroundings, columns: tuple[int, int], rows: tuple[int, int], numbered: Path
) -> None:
    part = crop(numbered, box, surroundings)
    np.testing.assert_array_equal(part[0, :, 0], np.arange(*columns))
    np.testing.assert_array_equal(part[:, 0, 1], np.arange(*rows))


def test_a_square_is_filled_up_with_grey_outside_of_the_picture(numbered: Path) -> None:
    part = crop(numbered, Box(0, 0, 40, 10), Surroundings(0, square=True))
    assert part.shape == (40, 40, 3)
    assert (part[:15] == PADDING).all()
    np.testing.assert_array_equal(part[15:, 0, 1], np.arange(25))


@pytest.mark.parametrize("surroundings", [Surroundings(), Surroundings(0, square=True)])
def test_parts_of_pictures_with_more_than_8_bits_keep_them(surroundings: Surroundings, tmp_path: Path) -> None:
    values = np.arange(1200, dtype=np.uint16).reshape(30, 40) * 50
    Image.fromarray(values).save(tmp_path / "deep.png")
    part = crop(tmp_path / "deep.png", Box(10, 5, 20, 4), surroundings)
    top = 8 if surroundings.square else 0
    np.testing.assert_array_equal(part[top : top + 4], values[5:9, 10:30])


def test_parts_of_pictures_with_16_bit_colors_keep_both_bytes(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 2**16, (30, 40, 3), np.uint16)
    (tmp_path / "deep.png").write_bytes(png(values, 2))
    (tmp_path / "boxes.csv").write_text("file,x,y,width,height\ndeep.png,10,5,20,4\n")
    choice = ObjectChoice(f"csv:{tmp_path / 'boxes.csv'}", 0, min_side=0)
    (found,) = list_objects(choice, tmp_path).images
    part = found.read()[1]
    both = np.asarray(part).astype(int) * 256 + np.asarray(part.info[LOWER])
    np.testing.assert_array_equal(both, values[5:9, 10:30])


def test_a_large_jpeg_is_decoded_in_full_for_its_parts(tmp_path: Path) -> None:
    picture = Image.new("RGB", (4000, 3000), RED)
    picture.paste(BLUE, (2001, 1001, 2031, 1021))
    picture.save(tmp_path / "large.jpg", quality=95, subsampling=0)
    part = crop(tmp_path / "large.jpg", Box(2001, 1001, 30, 20))
    assert part.shape == (20, 30, 3)
    assert np.abs(part.astype(int) - BLUE).max() < 40


def test_parts_of_a_large_picture_are_not_reduced(tmp_path: Path) -> None:
    picture = Image.new("RGB", (8000, 6000), RED)
    picture.paste(BLUE, (4001, 3001, 4041, 3021))
    picture.save(tmp_path / "large.png", compress_level=1)
    assert (crop(tmp_path / "large.png", Box(4001, 3001, 40, 20)) == np.full((20, 40, 3), BLUE)).all()


def test_parts_of_a_jpeg_that_is_too_large_to_keep_are_reduced_with_it(tmp_path: Path) -> None:
    picture = Image.new("RGB", (14000, 10000), RED)
    picture.paste(BLUE, (4000, 3000, 4400, 3200))
    picture.save(tmp_path / "huge.jpg", quality=95, subsampling=0)
    part = crop(tmp_path / "huge.jpg", Box(4000, 3000, 400, 200))
    assert part.shape == (100, 200, 3)
    assert np.abs(part.astype(int) - BLUE).max() < 40


def test_large_pictures_are_held_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crops_module, "LARGE_PIXELS", 100)
    rows = ["file,x,y,width,height"]
    for number in range(6):
        draw(tmp_path / f"{number}.png", color(number), (40, 40))
        rows += [f"{number}.png,{place},0,10,10" for place in range(3 * TOGETHER)]
    (tmp_path / "boxes.csv").write_text("\n".join(rows))
    most = 0
    opened, let_go = SharedPicture.opened, SharedPicture.let_go

    def counting(shared: SharedPicture) -> tuple[str, Regions]:
        nonlocal most
        found = opened(shared)
        alive.add(id(shared))
        most = max(most, len(alive))
        return found

    def leaving(shared: SharedPicture) -> None:
        if shared._left == 1:
            alive.discard(id(shared))
        let_go(shared)

    alive: set[int] = set()
    monkeypatch.setattr(SharedPicture, "opened", counting)
    monkeypatch.setattr(SharedPicture, "let_go", leaving)
    objects = list_objects(ObjectChoice(f"csv:{tmp_path / 'boxes.csv'}"), tmp_path).images
    outcomes = list(local_reader(RenditionSpec(pixels=True))(objects))
    assert [outcome.name for outcome in outcomes] == [image.name for image in objects]
    assert most == 1


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("told", ["upright", "stored", None])
def test_boxes_are_in_the_picture_as_it_is_seen(turn: int, kind: str, told: str | None, tmp_path: Path) -> None:
    upright = Image.new("RGB", (60, 40), RED)
    upright.paste(BLUE, (8, 16, 24, 24))
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[turn]
    stored = upright if back is None else upright.transpose(Image.Transpose(back))
    exif = Image.Exif()
    exif[274] = turn
    settings: dict[str, dict[str, Any]] = {"jpg": {"quality": 100, "subsampling": 0}, "webp": {"lossless": True}}
    stored.save(tmp_path / f"a.{kind}", exif=exif, **settings.get(kind, {}))
    assert picture_size(tmp_path / f"a.{kind}") == PictureSize(60, 40, turn)
    where = np.asarray(stored)[..., 2] > 128
    if told != "stored" or turn < 5:  # Sizes do not tell of turns that leave them as they are.
        where = np.asarray(upright)[..., 2] > 128
    (top, bottom), (left, right) = ((places.min(), places.max() + 1) for places in np.nonzero(where))
    size = {"upright": (60, 40), "stored": stored.size, None: (0, 0)}[told]
    image = {"id": 1, "file_name": f"a.{kind}", "width": size[0], "height": size[1]}
    annotation = {"id": 1, "image_id": 1, "bbox": [int(left), int(top), int(right - left), int(bottom - top)]}
    (tmp_path / "coco.json").write_text(json.dumps({"images": [image], "annotations": [annotation]}))
    (found,) = list_objects(ObjectChoice(f"coco:{tmp_path / 'coco.json'}", 0), tmp_path).images
    assert isinstance(found, CropImage)
    assert found.box == (8, 16, 16, 8)
    assert np.abs(np.asarray(found.read()[1]).astype(int) - BLUE).max() < 60


@pytest.mark.parametrize("objects", [1, TOGETHER, 3 * TOGETHER + 1])
def test_each_picture_is_decoded_once_for_all_of_its_objects(
    objects: int, tmp_path: Path, decodings: Counter[bytes]
) -> None:
    rows = ["file,x,y,width,height"]
    for number in range(12):
        draw(tmp_path / f"{number:02d}.bmp", color(number), (50 + number, 20))
        rows += [f"{number:02d}.bmp,{place % 30},{place // 30},10,10" for place in range(objects)]
    (tmp_path / "boxes.csv").write_text("\n".join(rows))
    choice = ExportOptions(["pix"], objects=ObjectChoice(f"csv:{tmp_path / 'boxes.csv'}"), max_samples=None)
    assert export_images(tmp_path, tmp_path / "run", choice).images == 12 * objects
    assert (len(decodings), set(decodings.values())) == (12, {1})


def test_a_picture_that_turns_out_broken_is_read_once_and_each_of_its_objects_listed(
    tmp_path: Path, decodings: Counter[bytes]
) -> None:
    whole = draw(tmp_path / "broken.jpg", RED, (400, 300)).read_bytes()
    (tmp_path / "broken.jpg").write_bytes(whole[: len(whole) // 2])
    draw(tmp_path / "good.jpg", RED, (40, 30))
    rows = [f"{name},{place},0,10,10" for name in ("broken.jpg", "good.jpg") for place in range(20)]
    (tmp_path / "boxes.csv").write_text("\n".join(["file,x,y,width,height", *rows]))
    choice = ExportOptions(["pix"], objects=ObjectChoice(f"csv:{tmp_path / 'boxes.csv'}"), max_samples=None)
    summary = export_images(tmp_path, tmp_path / "run", choice)
    assert summary.images == 20
    assert {each.name for each in summary.skipped} == {f"broken.jpg#{place}" for place in range(20)}
    assert {each.reason for each in summary.skipped} == {"cut short"}
    assert sum(decodings.values()) == 2


def test_an_interrupted_export_of_objects_goes_on_and_ends_like_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {f"{number:02d}.png": (100, 100) for number in range(60)}
    things = [Thing(name, x, y, x + 20, y + 20, "cell") for name in sizes for x in (0, 40, 80) for y in (0, 40, 80)]
    folder = draw_things(tmp_path / "images", things, sizes)
    choice = options_of(WRITERS["csv"](tmp_path, things))
    export_images(folder, tmp_path / "whole", choice)
    run = tmp_path / "run"
    Interruption(monkeypatch, at=2)
    with pytest.raises(KeyboardInterrupt):
        export_images(folder, run, choice)
    monkeypatch.undo()
    wider = ExportOptions(["pix"], objects=ObjectChoice(choice.objects.source if choice.objects else "", 0.2))
    with pytest.raises(ExportError, match=r"cannot go on because --margin \(0.0, now 0.2\) changed"):
        export_images(folder, run, wider, resume=True)
    assert export_images(folder, run, choice, resume=True).images == 540
    ours, theirs = files_of(run), files_of(tmp_path / "whole")
    differing = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    assert {name for name in differing if "tfevents" not in name} <= {"export_report.json"}  # It tells the seconds.
    Interruption(monkeypatch, at=2)
    with pytest.raises(KeyboardInterrupt):
        export_images(folder, tmp_path / "other", choice)
    monkeypatch.undo()
    WRITERS["csv"](tmp_path, [*things[:-1], things[-1]._replace(left=81)])
    with pytest.raises(ExportError, match="cannot go on because the images changed"):
        export_images(folder, tmp_path / "other", choice, resume=True)


def options_of(source: str) -> ExportOptions:
    return ExportOptions(["pix"], objects=ObjectChoice(source, 0.0))


def test_a_draw_takes_others_for_objects_of_broken_pictures(tmp_path: Path) -> None:
    rows = ["file,x,y,width,height"]
    for number in range(40):
        path = draw(tmp_path / f"{number:02d}.jpg", RED, (400, 300))
        if number % 2:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        rows += [f"{path.name},{place},0,10,10" for place in range(5)]
    (tmp_path / "boxes.csv").write_text("\n".join(rows))
    choice = ExportOptions(["pix"], objects=ObjectChoice(f"csv:{tmp_path / 'boxes.csv'}"), max_samples=80)
    summary = export_images(tmp_path, tmp_path / "run", choice)
    assert summary.images == 80
    assert all(int(row["file"][:2]) % 2 == 0 for row in read_metadata(tmp_path / "run"))
    assert summary.found == 200


def test_a_cluster_writes_the_same_objects(tmp_path: Path, ray_cluster: None) -> None:
    folder = draw_things(tmp_path / "images")
    local = options_of(WRITERS["coco"](tmp_path, THINGS))
    for name, backend in (("local", "local"), ("ray", "ray")):
        settings = ExportOptions(["pix"], objects=local.objects, backend=backend)
        assert export_images(folder, tmp_path / name, settings).images == 5
    assert read_metadata(tmp_path / "ray") == read_metadata(tmp_path / "local")
    np.testing.assert_array_equal(read_tensor(tmp_path / "ray", "pix", 5), read_tensor(tmp_path / "local", "pix", 5))
