"""Images drawn by the tests, each of one colour that its file name tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

RED, GREEN, BLUE = (220, 30, 30), (30, 220, 30), (30, 30, 220)


def color(number: int) -> tuple[int, int, int]:
    """A colour for every number up to 4096, at least 16 shades from any other."""
    return (number % 16 * 16, number // 16 % 16 * 16, number // 256 % 16 * 16)


def draw(path: Path, fill: tuple[int, int, int], size: tuple[int, int] = (40, 40), **settings: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, fill).save(path, **settings)
    return path


def halves() -> Image.Image:
    """Red above, blue below, 20 wide and 40 high."""
    image = Image.new("RGB", (20, 40), RED)
    image.paste(BLUE, (0, 20, 20, 40))
    return image


def draw_folder(folder: Path, count: int, classes: int = 2) -> Path:
    """`count` PNGs in class folders; `class_1/0007.png` has the colour of 7."""
    for number in range(count):
        draw(folder / f"class_{number % classes}" / f"{number:04d}.png", color(number))
    return folder


def spoil(folder: Path) -> dict[str, str]:
    """Adds files that cannot be used; their names with a word of the reason."""
    whole = draw(folder / "class_0" / "whole.jpg", RED, (200, 200)).read_bytes()
    (folder / "class_0" / "whole.jpg").unlink()
    files = {
        "class_0/0000_cut.jpg": whole[: len(whole) // 2],
        "class_0/0001_text.png": b"this is no image\n",
        "class_1/0002_empty.webp": b"",
        "class_1/0003_gif.jpg": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    Image.new("1", (15000, 10000)).save(folder / "class_1" / "0004_bomb.png")
    return {
        "class_0/0000_cut.jpg": "cut short",
        "class_0/0001_text.png": "not a picture in a format that is read",
        "class_1/0002_empty.webp": "empty",
        "class_1/0003_gif.jpg": "a GIF called .jpg",
        "class_1/0004_bomb.png": "150.0 megapixels",
    }


def read_metadata(run_dir: Path) -> list[dict[str, str]]:
    header, *lines = (run_dir / "metadata.tsv").read_text().rstrip("\n").split("\n")
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


def read_tensor(run_dir: Path, name: str, rows: int) -> npt.NDArray[np.float32]:
    return np.fromfile(run_dir / f"{name}.bytes", "<f4").reshape(rows, -1)


def read_tiles(run_dir: Path, rows: int) -> list[npt.NDArray[np.uint8]]:
    """The tiles of the run's sprite sheet, in row order, found the way TensorBoard finds them."""
    (path,) = run_dir.glob("sprite.*")
    with Image.open(path) as image:
        sheet = np.asarray(image.convert("RGB"))
    assert sheet.shape[0] == sheet.shape[1] <= 8192
    grid = int(np.ceil(np.sqrt(rows)))
    side = sheet.shape[0] // grid
    assert side * grid == sheet.shape[0]
    places = (divmod(row, grid) for row in range(rows))
    return [sheet[r * side : (r + 1) * side, c * side : (c + 1) * side] for r, c in places]
