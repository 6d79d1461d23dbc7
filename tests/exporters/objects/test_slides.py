"""Tiles of pictures that are too large to be decoded whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters import ExportError, ExportOptions, export_images
from exporters.errors import ExportUsageError
from exporters.images import tiff_slide
from exporters.images.decode import decode
from exporters.images.listing import MAX_FILE_BYTES
from exporters.images.sources import open_source
from exporters.objects import grid
from exporters.objects.grid import Grid, list_grid
from tb_tsne_plugin.runs.sample_ids import content_sample_id
from tests.exporters.drawn import RED, draw, read_metadata
from tests.exporters.drawn_slides import draw_jpeg_slide, draw_slide, draw_tiff, gradient
from tests.exporters.objects.test_whole_pictures import whole_pictures
from tests.exporters.test_export import Interruption, files_of

SIZE = (3072, 2816)
LIMIT = 1_000_000
TILES = ExportOptions(["pix"], tiles="256", max_samples=None)
PEAK_MIB = 700
_MEASURED = """
import re, resource, sys
from pathlib import Path
from exporters import ExportOptions, export_images
summary = export_images(sys.argv[1], Path(sys.argv[2]), ExportOptions(["pix"], tiles="512:32", max_samples=100))
if sys.platform == "linux":  # ru_maxrss is also that of the process that started this one.
    peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20
print(summary.images, peak)
"""


@pytest.fixture(autouse=True)
def _lower_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Smaller pictures are read part by part than usual: these tests take seconds."""
    monkeypatch.setattr(grid, "MAX_PIXELS", LIMIT)


def colored(column: int, row: int) -> tuple[int, int, int]:
    return 4 * column, 4 * row, 100


def slide(folder: Path, name: str = "a.tif", **settings: Any) -> Path:
    """A slide above the limit; its copies are white."""
    return draw_slide(folder / name, SIZE, colored, 64, **settings)


def test_tiles_of_a_picture_above_the_limit(tmp_path: Path) -> None:
    path = slide(tmp_path / "in", "plate/a.tif", copies=(4, 8))
    options = ExportOptions(["pix"], labels="folders", tiles="256", max_samples=None, whole_size=400)
    summary = export_images(tmp_path / "in", tmp_path / "run", options)
    assert (summary.images, summary.skipped) == (132, [])
    rows = read_metadata(tmp_path / "run")
    whole_id = content_sample_id([b"a.tif", path.read_bytes()])
    assert [(row["x"], row["y"], row["object"], row["label"]) for row in rows] == [
        (str(256 * (place % 12)), str(256 * (place // 12)), str(place), "plate") for place in range(132)
    ]
    assert [row["sample_id"] for row in rows] == [
        content_sample_id([f"box {row['x']}.00,{row['y']}.00,256.00,256.00".encode(), whole_id.encode()])
        for row in rows
    ]
    assert {(row["picture_width"], row["picture_height"]) for row in rows} == {("3072", "2816")}
    (name, whole), *others = whole_pictures(tmp_path / "run").items()
    assert (name, whole.size, others) == ("plate/a.tif.jpg", (400, 367), [])
    assert whole.getextrema() == ((255, 255),) * 3  # it is made of a copy
    features = np.fromfile(tmp_path / "run" / "pix.bytes", "<f4").reshape(132, 32, 32, 3)
    # A tile of 256 pixels holds four of those of the file in either direction.
    expected = np.array([[colored(4 * (place % 12) + 3, 4 * (place // 12) + 3)] for place in range(132)])
    scale = 255 if features.max() <= 1 else 1
    np.testing.assert_allclose(features[:, -1, -1] * scale, expected[:, 0], atol=1)


def test_without_copies_the_whole_picture_is_made_of_its_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[str] = Counter()

    def counted(content: bytes, **settings: Any) -> Any:
        counts["pieces"] += 1
        return decode(content, **settings)

    monkeypatch.setattr(tiff_slide, "decode", counted)
    slide(tmp_path / "in")
    export_images(tmp_path / "in", tmp_path / "run", TILES)
    whole = np.asarray(whole_pictures(tmp_path / "run")["a.tif.jpg"]).astype(int)
    assert whole.shape == (1467, 1600, 3)
    for x, y in ((10, 10), (800, 700), (1590, 1450)):
        expected = colored(int(x / whole.shape[1] * SIZE[0]) // 64, int(y / whole.shape[0] * SIZE[1]) // 64)
        assert np.abs(whole[y, x] - expected).max() <= 6
    # Once for the whole picture, once for the tiles, and four looks before.
    assert counts["pieces"] == 2 * 48 * 44 + 4


def test_memory_is_that_of_rows_of_tiles(tmp_path: Path) -> None:
    """30,000 x 30,000 pixels would take 3.6 GB."""
    draw_slide(tmp_path / "in" / "a.tif", (30_000, 30_000), lambda column, row: (column % 8, row % 8, 9), 512)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(tmp_path / "in"), str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    tiles, peak = map(int, done.stdout.split())
    assert tiles == 100
    assert peak < PEAK_MIB


def test_an_interrupted_export_of_a_slide_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slide(tmp_path / "in", copies=(4,))
    options = ExportOptions(["pix"], tiles="128", max_samples=None)
    export_images(tmp_path / "in", tmp_path / "whole", options)
    Interruption(monkeypatch, at=2)
    with pytest.raises(KeyboardInterrupt):
        export_images(tmp_path / "in", tmp_path / "run", options)
    monkeypatch.undo()
    export_images(tmp_path / "in", tmp_path / "run", options, resume=True)
    run, whole = files_of(tmp_path / "run"), files_of(tmp_path / "whole")
    for name in ("pix.bytes", "metadata.tsv", "pictures.zip", "images.zip"):
        assert run[name] == whole[name]


@pytest.mark.ray
@pytest.mark.usefixtures("ray_cluster")
def test_a_cluster_cuts_the_same_tiles(tmp_path: Path) -> None:
    slide(tmp_path / "in", copies=(4,))
    export_images(tmp_path / "in", tmp_path / "here", ExportOptions(["pix"], tiles="128", max_samples=None))
    options = ExportOptions(["pix"], tiles="128", max_samples=None, backend="ray")
    export_images(tmp_path / "in", tmp_path / "there", options)
    here, there = files_of(tmp_path / "here"), files_of(tmp_path / "there")
    for name in ("pix.bytes", "metadata.tsv", "pictures.zip", "images.zip"):
        assert here[name] == there[name]


def test_a_file_of_any_size_is_read_where_parts_of_it_are(tmp_path: Path) -> None:
    os.truncate(slide(tmp_path / "in", copies=(4,)), MAX_FILE_BYTES + 1)
    draw(tmp_path / "in" / "b.png", RED)
    summary = export_images(tmp_path / "in", tmp_path / "run", TILES)
    assert (summary.images, summary.skipped) == (133, [])
    summary = export_images(tmp_path / "in", tmp_path / "run", ExportOptions(["pix"]))
    assert [(each.name, each.reason) for each in summary.skipped] == [
        ("a.tif", "1,024 MiB, over the limit of 1024 MiB")
    ]


def test_a_bigtiff_of_the_other_byte_order_is_cut_too(tmp_path: Path) -> None:
    values = gradient(300, 200)
    draw_tiff(tmp_path / "a.tif", values, photometric="rgb", bigtiff=True, byteorder=">")
    listing = list_grid(Grid(200), open_source(tmp_path, slides=True))
    np.testing.assert_array_equal(np.asarray(listing.images[1].read()[1]), values[:, 100:])


def test_what_cannot_be_cut_is_listed_once(tmp_path: Path) -> None:
    Image.new("1", SIZE).save(tmp_path / "large.png")
    draw_tiff(tmp_path / "packed.tif", np.zeros((6000, 6000), np.uint8), compression="zlib", rowsperstrip=6000)
    content = slide(tmp_path, "b.tif").read_bytes()
    (tmp_path / "b.tif").write_bytes(content[:1000])
    (tmp_path / "c.svs").write_bytes(b"no slide")
    draw(tmp_path / "good.png", RED)
    summary = export_images(tmp_path, tmp_path / "run", TILES)
    reasons = {each.name: each.reason for each in summary.skipped}
    assert summary.images == 1
    assert reasons["large.png"] == "8.7 megapixels, over the limit of 1: save it as a tiled TIFF"
    assert reasons["packed.tif"] == ("in pieces of 36 megapixels, over the limit of 32: save it as a tiled TIFF")
    assert sorted(reasons) == ["b.tif", "c.svs", "large.png", "packed.tif"]


def test_slides_of_scanners_are_images_only_where_they_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_jpeg_slide(
        tmp_path / "a.svs", gradient(700, 500), (4,), False, description="Aperio Image Library v1", metadata=None
    )
    draw(tmp_path / "b.png", RED)
    assert [image.name for image in open_source(tmp_path).images] == ["b.png"]
    pytest.importorskip("openslide")
    listing = list_grid(Grid(400), open_source(tmp_path, slides=True))
    assert [image.name for image in listing.images] == ["a.svs#0", "a.svs#1", "a.svs#2", "a.svs#3", "b.png#0"]
    part = np.asarray(listing.images[3].read()[1]).astype(int)
    assert np.abs(part - gradient(700, 500)[100:, 300:]).mean() < 3
    monkeypatch.setitem(sys.modules, "openslide", None)
    summary = export_images(tmp_path, tmp_path / "run", TILES)
    assert [(each.name, each.reason) for each in summary.skipped] == [
        ("a.svs", "needs OpenSlide: pip install 'tb-tsne[slides]'")
    ]


def test_more_bits_are_shown_as_those_of_other_pictures_of_the_set(tmp_path: Path) -> None:
    values = np.zeros((2000, 2400), np.uint16)
    values[:, 1200:] = 4000
    draw_tiff(tmp_path / "a.tif", values, compression="zlib", tile=(64, 64))
    summary = export_images(tmp_path, tmp_path / "run", ExportOptions(["pix"], tiles="400", max_samples=None))
    assert summary.images == 30
    assert any("between 0 and 4,000" in note for note in summary.notes)
    whole = np.asarray(whole_pictures(tmp_path / "run")["a.tif.jpg"].convert("L"))
    assert (whole[:, :790].max() < 10, whole[:, 810:].min() > 245) == (True, True)


def test_blank_tiles_are_passed_over_and_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    glass = rng.normal(240, 2, (600, 800, 3))
    glass[250:290, 420:470] -= 60
    Image.fromarray(glass.clip(0, 255).astype(np.uint8)).save(tmp_path / "a.png")
    fills = [(240, 240, 240), (200, 90, 90), (200, 90, 130)]
    draw_slide(tmp_path / "b.tif", SIZE, lambda column, row: fills[1 + row % 2 if column >= 40 else 0], 64)
    summary = export_images(tmp_path, tmp_path / "run", ExportOptions(["pix"], tiles="200", skip_blank=True))
    listing = list_grid(Grid(200), open_source(tmp_path, slides=True), skip_blank=True)
    kept = {name: [each.details for each in listing.images if each.file_name == name] for name in ("a.png", "b.tif")}
    assert [(each["x"], each["y"], each["object"]) for each in kept["a.png"]] == [("400", "200", "6")]
    # What is seen begins at 2560; 16 columns of 15 rows are there, the last where the picture ends.
    assert sorted({int(each["x"]) for each in kept["b.tif"]}) == [2400, 2600, 2800, 2872]
    assert (summary.images, summary.passed_over) == (1 + 4 * 15, {"blank (--skip-blank)": 11 + 12 * 15})
    with pytest.raises(ExportUsageError, match="--skip-blank is for tiles"):
        export_images(tmp_path, tmp_path / "run", ExportOptions(["pix"], skip_blank=True))


def test_where_all_is_blank_there_is_nothing_to_export(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", RED, (100, 100))
    with pytest.raises(ExportError, match="All 4 tiles are blank"):
        export_images(tmp_path, tmp_path / "run", ExportOptions(["pix"], tiles="50", skip_blank=True))
