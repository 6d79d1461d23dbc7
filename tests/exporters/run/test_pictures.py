from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from exporters import ExportOptions, export_images, write_run
from tests.exporters.drawn import BLUE, GREEN, RED, color, draw, draw_folder, read_metadata


def test_larger_tiles_lie_on_pages_in_the_order_of_rows(tmp_path: Path) -> None:
    for number in range(300):
        draw(tmp_path / "in" / f"{number:04d}.png", color(number), (160, 120))
    export_images(tmp_path / "in", tmp_path / "run", ExportOptions(["pix"]))
    layout = json.loads((tmp_path / "run" / "tiles.json").read_text())
    assert layout == {"tile_size": 128, "columns": 16, "rows": 16, "pages": 2, "count": 300}
    pages = []
    for number in range(2):
        with Image.open(tmp_path / "run" / "tiles" / f"{number:04d}.jpg") as page:
            pages.append(np.asarray(page).astype(int))
    for number in range(300):
        page, place = divmod(number, 256)
        row, column = divmod(place, 16)
        tile = pages[page][row * 128 : row * 128 + 128, column * 128 : column * 128 + 128]
        assert np.abs(tile[64, 64] - color(number)).max() <= 6
        assert np.abs(tile[4, 64] - 128).max() <= 6  # Padded, not stretched.


def test_pages_are_no_larger_than_the_images_and_left_out_where_the_sheet_shows_as_much(tmp_path: Path) -> None:
    draw(tmp_path / "small" / "1.png", RED, (100, 80))
    export_images(tmp_path / "small", tmp_path / "run", ExportOptions(["pix"]))
    assert json.loads((tmp_path / "run" / "tiles.json").read_text())["tile_size"] == 100
    draw_folder(tmp_path / "tiny", 3)
    export_images(tmp_path / "tiny", tmp_path / "run", ExportOptions(["pix"]))
    assert not (tmp_path / "run" / "tiles").exists()
    assert not (tmp_path / "run" / "tiles.json").exists()


def test_every_sample_has_its_picture_under_its_id(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    exif = Image.Exif()
    exif[0x0112] = 6
    draw(folder / "a_plain.jpg", RED, (200, 100))
    draw(folder / "b_turned.jpg", GREEN, (200, 100), exif=exif)
    draw(folder / "c_large.png", BLUE, (1500, 900))
    Image.new("CMYK", (80, 80), (0, 255, 255, 0)).save(folder / "d_print.jpg")
    export_images(folder, tmp_path / "run", ExportOptions(["pix"], picture_size=300))
    rows = read_metadata(tmp_path / "run")
    with zipfile.ZipFile(tmp_path / "run" / "images.zip") as pictures:
        assert {entry.compress_type for entry in pictures.infolist()} == {zipfile.ZIP_STORED}
        assert pictures.namelist() == [f"{row['sample_id']}.jpg" for row in rows]
        contents = [pictures.read(name) for name in pictures.namelist()]
    assert contents[0] == (folder / "a_plain.jpg").read_bytes()
    shown = [Image.open(io.BytesIO(content)) for content in contents]
    assert [picture.size for picture in shown] == [(200, 100), (100, 200), (300, 180), (80, 80)]
    assert [picture.mode for picture in shown] == ["RGB"] * 4
    for picture, fill in zip(shown, (RED, GREEN, BLUE, (255, 0, 0)), strict=True):
        assert np.abs(np.subtract(np.asarray(picture)[40, 40], fill)).max() <= 6


def test_pictures_can_be_left_out_and_come_with_features_of_ones_own(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "1.png", RED)
    export_images(tmp_path / "in", tmp_path / "run", ExportOptions(["pix"], picture_size=0))
    assert not (tmp_path / "run" / "images.zip").exists()
    images = [np.full((90, 70, 3), fill, np.uint8) for fill in (RED, BLUE)]
    write_run(tmp_path / "mine", {"x": np.eye(2)}, images, {"sample_id": ["one", "b/two"]})
    with zipfile.ZipFile(tmp_path / "mine" / "images.zip") as pictures:
        assert pictures.namelist() == ["one.jpg", "b/two.jpg"]
    assert json.loads((tmp_path / "mine" / "tiles.json").read_text())["tile_size"] == 90
