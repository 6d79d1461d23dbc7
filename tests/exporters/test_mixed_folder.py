"""A folder as people have them: every format, damaged files, rubbish, other kinds. Each file is accounted for."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from exporters import ExportOptions, export_images
from exporters.run.report import RunSummary
from tb_tsne_plugin.cli import cli
from tests.exporters.drawn import color, read_metadata, read_tensor, read_tiles
from tests.exporters.every_format import FORMATS, dicom, encoded, plain

COUNT = 2000
OPTIONS = ExportOptions(["pix"], max_samples=None)


def rubbish(number: int) -> dict[str, bytes]:
    """Files that call themselves images and cannot be shown."""
    noise = Image.fromarray(np.random.default_rng(number).integers(0, 255, (60, 60, 3), dtype=np.uint8))
    return {
        "cut.jpg": encoded(noise, "JPEG")[:900],
        "cut.png": encoded(noise, "PNG")[:900],
        "cut.webp": encoded(noise, "WEBP")[:900],
        "cut.tif": encoded(noise, "TIFF")[:900],
        "cut.gif": encoded(noise, "GIF")[:900],
        "cut.bmp": encoded(noise, "BMP")[:900],
        "cut.dcm": dicom(np.asarray(noise))[:900],
        "cut.heic": b"\0\0\0\x18ftypheic" + bytes(200),
        "cut.avif": b"\0\0\0\x18ftypavif" + bytes(200),
        "page.jpg": b"<!DOCTYPE html><title>404</title>",
        "empty.png": b"",
        "zeros.tiff": bytes(100),
    }


def deep(number: int) -> dict[str, bytes]:
    values = np.full((20, 20), 100 + number, np.uint16)
    first, second = plain(color(number)), plain((0, 0, 0))
    return {
        "deep.png": encoded(Image.fromarray(values), "PNG"),
        "deep.tif": encoded(Image.fromarray(values), "TIFF"),
        "float.tif": encoded(Image.fromarray(values.astype(np.float32)), "TIFF"),
        "deep.dcm": dicom(values),
        "stack.tif": encoded(first, "TIFF", save_all=True, append_images=[second]),
        "film.gif": encoded(first, "GIF", save_all=True, append_images=[second]),
    }


OTHERS = {
    **{"notes.txt": b"x", "a.xml": b"<x/>", "film.mp4": b"x", "raw.CR2": b"II*\0", "drawing.svg": b"<svg/>"},
    **{"paper.pdf": b"%PDF", "README": b"x", "scan.nii.gz": zlib.compress(b"x"), "0.jpg.xmp": b"<x/>"},
}


def make(folder: Path) -> Counter[str]:
    """Makes `COUNT` files in folders; how many there are of images, rubbish and others."""
    counts: Counter[str] = Counter()
    number = 0
    while True:
        below = folder / f"group_{number % 3}" / f"{number:04d}"
        shown = {f"x.{suffix}": FORMATS[suffix](color(number)) for suffix in FORMATS}
        for what, files in (("images", shown | deep(number)), ("left out", rubbish(number)), ("others", OTHERS)):
            for name, content in files.items():
                if counts.total() == COUNT:
                    return counts
                below.mkdir(parents=True, exist_ok=True)
                (below / name).write_bytes(content)
                counts[what] += 1
        (below / ".DS_Store").write_bytes(b"hidden")
        number += 1


def check(summary: RunSummary, counts: Counter[str]) -> None:
    assert {image.name.rsplit("/", 1)[1]: image.reason for image in summary.skipped}.keys() == rubbish(0).keys()
    assert all(image.reason for image in summary.skipped)
    assert (summary.images, len(summary.skipped), sum(summary.passed_over.values())) == (
        *(counts["images"], counts["left out"], counts["others"]),
    )
    assert summary.found == COUNT
    assert summary.not_drawn == 0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counter[str]]:
    folder = tmp_path_factory.mktemp("mixed")
    return folder, make(folder)


def left_out_of(report: dict[str, Any]) -> int:
    """How many were left out: the report lists the first of each kind."""
    return len(report["left_out"]) + int(report["more_left_out"])


def test_two_thousand_files_are_exported_in_one_go_and_add_up(tmp_path: Path, made: tuple[Path, Counter[str]]) -> None:
    folder, counts = made
    summary = export_images(folder, tmp_path / "run", OPTIONS)
    check(summary, counts)
    rows = read_metadata(tmp_path / "run")
    pixels = read_tensor(tmp_path / "run", "pix", len(rows)).reshape(len(rows), 32, 32, 3)
    tiles = read_tiles(tmp_path / "run", len(rows))
    for row, values, tile in zip(rows, pixels, tiles, strict=True):
        if row["file"].rsplit("/", 1)[1].startswith("x."):
            fill = color(int(row["file"].split("/")[1]))
            assert np.abs(values[16, 16] - fill).max() <= 12, row["file"]
            assert np.abs(tile[32, 32].astype(int) - fill).max() <= 16, row["file"]
    report = json.loads((tmp_path / "run" / "export_report.json").read_text())
    assert report["found"] == COUNT == report["images"] + left_out_of(report) + sum(report["passed_over"].values())
    bits, pages = summary.notes
    assert " pictures with more than 8 bits" in bits
    assert " files with further pages or frames" in pages


def test_the_command_says_the_sum(tmp_path: Path, made: tuple[Path, Counter[str]]) -> None:
    folder, counts = made
    arguments = ["export", str(folder), "--logdir", str(tmp_path / "run"), "--features", "pix", "--max-samples", "300"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "run" / "export_report.json").read_text())
    left_out = left_out_of(report)
    assert report["images"] == 300
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Found")]
    not_drawn = COUNT - 300 - left_out - counts["others"]
    start = f"Found 2,000 in all: 300 images, {left_out} left out, {counts['others']} of other kinds passed over ("
    assert line.startswith(start)
    assert line.endswith(f"), {not_drawn:,} not drawn (--max-samples).")
    assert "without a suffix" in line
    assert " .cr2" in line


def test_with_every_page_the_sum_still_adds_up(tmp_path: Path) -> None:
    for name, content in (deep(3) | rubbish(3) | OTHERS).items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    summary = export_images(tmp_path / "in", tmp_path / "run", replace(OPTIONS, pages=True))
    assert summary.images == len(deep(3)) + 1
    assert summary.found == len(deep(3)) + 1 + len(rubbish(3)) + len(OTHERS)
