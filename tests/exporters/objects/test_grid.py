"""Large pictures cut into squares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters import ExportError, ExportOptions, ObjectChoice, export_images
from exporters.errors import ExportUsageError
from exporters.images.crops import CropImage
from exporters.images.find import find_images
from exporters.images.headers import PictureSize
from exporters.objects.grid import Grid, list_grid, parse_grid
from tests.exporters.drawn import draw, draw_folder, read_metadata


@pytest.mark.parametrize("grid", [Grid(8), Grid(10, 3), Grid(16, 8), Grid(64)])
@pytest.mark.parametrize("size", [(8, 8), (9, 40), (64, 17), (100, 5), (3, 3)])
def test_squares_cover_the_picture_and_nothing_else(grid: Grid, size: tuple[int, int]) -> None:
    covered = np.zeros(size[::-1], int)
    boxes = list(grid.boxes(PictureSize(*size)))
    for x, y, width, height in boxes:
        assert (width, height) == (min(grid.side, size[0]), min(grid.side, size[1]))
        assert x >= 0 <= y
        assert covered[int(y) : int(y + height), int(x) : int(x + width)].shape == (height, width)
        covered[int(y) : int(y + height), int(x) : int(x + width)] += 1
    assert covered.all()
    assert len(set(boxes)) == len(boxes)


@pytest.mark.parametrize("text", ["", "0", "7", "64:", "64:33", "64:-1", "sixty", "64:8:8", "1e3", "٦٤"])
def test_what_is_no_grid_is_refused(text: str) -> None:
    with pytest.raises(ExportUsageError, match="write the side of a tile"):
        parse_grid(text)


def test_tiles_are_parts_of_their_pictures_with_their_class(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    (tmp_path / "in" / "forest").mkdir(parents=True)
    Image.fromarray(values).save(tmp_path / "in" / "forest" / "a.png")
    draw(tmp_path / "in" / "field" / "b.png", (1, 2, 3), (20, 20))
    (tmp_path / "in" / "field" / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    options = ExportOptions(["pix"], labels="folders", max_samples=None, tiles="32:8")
    summary = export_images(tmp_path / "in", tmp_path / "run", options)
    assert (summary.images, summary.noun, [each.name for each in summary.skipped]) == (7, "tile", ["field/c.png"])
    rows = read_metadata(tmp_path / "run")
    assert [(row["file"], row["object"], row["label"]) for row in rows] == [
        ("field/b.png", "0", "field"),
        *(("forest/a.png", str(number), "forest") for number in range(6)),
    ]
    corners = [(row["x"], row["y"]) for row in rows[1:]]
    assert corners == [("0", "0"), ("24", "0"), ("38", "0"), ("0", "18"), ("24", "18"), ("38", "18")]
    listing = list_grid(Grid(32, 8), find_images(tmp_path / "in"))
    last = listing.images[-1]
    assert isinstance(last, CropImage)
    np.testing.assert_array_equal(np.asarray(last.read()[1]), values[18:, 38:])


def test_labels_of_tiles_stay_when_a_picture_is_moved_or_added(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 4)
    options = ExportOptions(["pix"], labels="folders", tiles="20")
    export_images(folder, tmp_path / "run", options)
    before = {row["sample_id"]: row["label"] for row in read_metadata(tmp_path / "run")}
    (folder / "class_0" / "0000.png").rename(folder / "class_1" / "0000.png")
    draw(folder / "class_0" / "new.png", (9, 9, 9))
    summary = export_images(folder, tmp_path / "run", ExportOptions(["pix"], tiles="20"))
    after = {row["sample_id"]: row["label"] for row in read_metadata(tmp_path / "run")}
    assert (len(before), summary.images, summary.labels_kept) == (16, 20, 16)
    assert before.items() <= after.items()


def test_tiles_are_cut_out_of_files_and_not_out_of_objects(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 2)
    with pytest.raises(ExportError, match="--tiles cuts pictures that are files"):
        export_images([np.zeros((40, 40, 3), np.uint8)], tmp_path / "run", ExportOptions(["pix"], tiles="20"))
    options = ExportOptions(["pix"], tiles="20", objects=ObjectChoice("csv:x"))
    with pytest.raises(ExportUsageError, match="--tiles and --objects do not go together"):
        export_images(folder, tmp_path / "run", options)
