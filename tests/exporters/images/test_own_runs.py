"""Runs among the images are not searched for images, whatever the source: tiles and sprite sheets are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from exporters import ExportError, ExportOptions, export_images
from exporters.images.sources import open_source
from tests.exporters.drawn import draw, draw_folder, read_metadata

PIX = ExportOptions(["pix"], max_samples=None)
BIG = (200, 150)

SOURCES: dict[str, Callable[[Path], Path | str]] = {
    "folder": lambda folder: folder,
    "pattern": lambda folder: f"{folder}/**/*",
    "address": lambda folder: f"file://{folder}",
}


def photos(folder: Path) -> Path:
    for number in range(6):
        draw(folder / f"class_{number % 2}" / f"{number}.png", (40 * number, 9, 9), BIG)
    draw(folder / "loose.jpg", (1, 99, 1), BIG)
    return folder


def files_of(run: Path) -> list[str]:
    return [row["file"] for row in read_metadata(run)]


@pytest.mark.parametrize("source", SOURCES)
def test_exporting_into_the_folder_of_images_again_gives_the_same_images(tmp_path: Path, source: str) -> None:
    pytest.importorskip("fsspec")
    folder = photos(tmp_path / "photos")
    export_images(SOURCES[source](folder), folder / "class_0" / "run", PIX)
    first = files_of(folder / "class_0" / "run")
    assert len(first) == 7
    assert (folder / "class_0" / "run" / "tiles" / "0000.jpg").exists()
    for run in (folder / "class_0" / "run", folder / "other_run"):
        summary = export_images(SOURCES[source](folder), run, PIX)
        assert files_of(run) == first
        assert summary.notes == ["class_0/run holds a run: it is not searched for images."]
        assert summary.found == 7


@pytest.mark.parametrize("source", SOURCES)
def test_the_folder_of_images_may_be_the_runs_own(tmp_path: Path, source: str) -> None:
    pytest.importorskip("fsspec")
    folder = photos(tmp_path / "photos")
    export_images(SOURCES[source](folder), folder, PIX)
    first = files_of(folder)
    (folder / "labels.sqlite").touch()
    summary = export_images(SOURCES[source](folder), folder, PIX)
    assert files_of(folder) == first
    assert (summary.images, summary.found) == (7, 7)


def test_an_unfinished_export_and_the_run_that_is_to_be_written_are_passed_over_too(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    (folder / "broken_off" / ".exporting").mkdir(parents=True)
    draw(folder / "broken_off" / "sprite.png", (1, 1, 1))
    draw(folder / "out" / "earlier.png", (1, 1, 1))
    summary = export_images(folder, folder / "out", PIX)
    assert summary.images == 7
    assert summary.notes == ["broken_off, out hold runs: they are not searched for images."]
    (tmp_path / "link").symlink_to(folder / "out")
    assert len(open_source(folder, run_dir=tmp_path / "link").images) == 7


def test_a_folder_below_a_run_may_be_exported(tmp_path: Path) -> None:
    draw_folder(tmp_path / "project" / "images", 4)
    for _ in range(2):
        assert export_images(tmp_path / "project" / "images", tmp_path / "project", PIX).images == 4


def test_hidden_files_that_a_pattern_names_are_meant(tmp_path: Path) -> None:
    draw(tmp_path / ".cache" / "a.png", (1, 1, 1))
    assert len(open_source(f"{tmp_path}/.cache/*.png").images) == 1
    assert len(open_source(f"{tmp_path}/.c*/*.png").images) == 1


HIDDEN = (".DS_Store", "._0.png", "Thumbs.db", "desktop.ini", ".git/x.png", "__MACOSX/class_0/0.png", ".a/run/b.txt")


@pytest.mark.parametrize("source", SOURCES)
def test_hidden_files_are_none_and_others_are_counted_by_kind(tmp_path: Path, source: str) -> None:
    pytest.importorskip("fsspec")
    folder = photos(tmp_path / "photos")
    others = ("a.txt", "b.TXT", "film.mp4", "raw.NEF", "class_0/0.png.xmp", "scan.nii.gz", "page.svg")
    for name in (*HIDDEN, *others, "README", "IM0001"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    listing = open_source(SOURCES[source](folder))
    assert len(listing.images) == 7
    assert listing.skipped == []
    assert listing.passed_over == {
        **{".txt": 2, ".mp4": 1, ".nef": 1, ".xmp": 1, ".nii.gz": 1, ".svg": 1},
        "without a suffix": 2,
    }


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_where_there_is_no_image_what_there_is_is_said(tmp_path: Path, make: Callable[[Path], Path | str]) -> None:
    pytest.importorskip("fsspec")
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt", "c.mp4"):
        (tmp_path / "in" / name).touch()
    with pytest.raises(ExportError, match=r"no image in a format that is read \(2 \.txt, 1 \.mp4"):
        open_source(make(tmp_path / "in"))
