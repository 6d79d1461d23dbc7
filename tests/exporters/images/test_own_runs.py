"""A run's own files among the images are none, whatever the source; photos beside them are."""

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
        assert summary.notes == ["class_0/run holds a run, whose own files are passed over."]
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


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("run", ["", "tiles", "dog"])
def test_photos_beside_a_runs_own_files_are_images(tmp_path: Path, source: str, run: str) -> None:
    pytest.importorskip("fsspec")
    folder = tmp_path / "photos"
    photos = ["cat/sprite.jpg", "dog/1.png", "dog/images/2.png", "tiles/a.jpg", "tiles/sprite.png"]
    for number, name in enumerate(photos):
        if name != f"{run}/sprite.png":
            draw(folder / name, (40 * number, 9, 9), BIG)
    export_images(SOURCES[source](folder), folder / run, PIX)
    first = files_of(folder / run)
    assert first == [name for name in photos if name != f"{run}/sprite.png"]
    draw(folder / "dog" / "3.png", (1, 2, 3), BIG)
    (folder / "dog" / "notes.md").touch()
    summary = export_images(SOURCES[source](folder), folder / run, PIX)
    assert files_of(folder / run) == sorted([*first, "dog/3.png"])
    assert (summary.images, summary.found) == (len(first) + 1, len(first) + 2)
    assert export_images(SOURCES[source](folder), tmp_path / "elsewhere", PIX).found == summary.found


def test_photos_may_all_lie_where_the_run_is_to_be(tmp_path: Path) -> None:
    draw_folder(tmp_path / "dog", 4)
    for _ in range(2):
        assert export_images(tmp_path, tmp_path / "dog", PIX).images == 4


def test_no_page_of_tiles_takes_the_place_of_a_photo(tmp_path: Path) -> None:
    photo = tmp_path / "tiles" / "0000.jpg"
    draw(tmp_path / "wood" / "a.png", (9, 9, 9), BIG)
    draw(photo, (1, 2, 3), BIG)
    before = photo.read_bytes()
    with pytest.raises(ExportError, match=r"already holds tiles/0000\.jpg, which tb-tsne did not write"):
        export_images(tmp_path, tmp_path, PIX)
    assert photo.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiles", "wood"]
    photo.unlink()
    assert [export_images(tmp_path, tmp_path, PIX).images for _ in range(2)] == [1, 1]


def test_an_unfinished_export_hides_no_photos(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    draw(folder / "broken_off" / ".exporting" / "part.png", (1, 1, 1))
    draw(folder / "broken_off" / "a.png", (1, 1, 1))
    assert len(open_source(folder).images) == 8


@pytest.mark.parametrize("source", SOURCES)
def test_of_other_runs_what_their_config_names_is_passed_over(tmp_path: Path, source: str) -> None:
    pytest.importorskip("fsspec")
    folder = photos(tmp_path / "photos")
    (folder / "run").mkdir()
    (folder / "run" / "projector_config.pbtxt").write_text(
        'embeddings { tensor_path: "t.tsv" metadata_path: "m.tsv" sprite { image_path: "/old/place/all.png" } }\n'
        "embeddings { sprite { image_path : './sheets/2.jpg' } }"
    )
    for name in ("all.png", "sheets/2.jpg", "tiles/0000.jpg", "tiles/a.jpg", "b.png"):
        draw(folder / "run" / name, (1, 2, 3))
    (folder / "run" / "t.tsv").touch()
    listing = open_source(SOURCES[source](folder))
    assert {image.name for image in listing.images if image.name.startswith("run/")} == {
        "run/b.png",
        "run/tiles/0000.jpg",
        "run/tiles/a.jpg",
    }
    assert listing.passed_over == {}
    assert list(listing.notes) == ["run holds a run, whose own files are passed over."]
    (folder / "run" / "tiles.json").touch()
    assert "run/tiles/0000.jpg" not in {image.name for image in open_source(SOURCES[source](folder)).images}


def test_a_report_that_is_none_of_ours_hides_nothing(tmp_path: Path) -> None:
    draw(tmp_path / "cat" / "a.png", (1, 2, 3))
    for content in ('{"files": ["a.png"]}', "[" * 100_000, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")):
        (tmp_path / "cat" / "export_report.json").write_text(content)
        assert len(open_source(tmp_path).images) == 1


def test_a_folder_below_a_run_may_be_exported(tmp_path: Path) -> None:
    draw_folder(tmp_path / "project" / "images", 4)
    for _ in range(2):
        assert export_images(tmp_path / "project" / "images", tmp_path / "project", PIX).images == 4


def test_hidden_files_that_a_pattern_names_are_meant(tmp_path: Path) -> None:
    draw(tmp_path / ".cache" / "a.png", (1, 1, 1))
    assert len(open_source(f"{tmp_path}/.cache/*.png").images) == 1
    assert len(open_source(f"{tmp_path}/.c*/*.png").images) == 1


HIDDEN = (
    *(".DS_Store", "._0.png", "Thumbs.db", "desktop.ini", ".git/x.png", "__MACOSX/class_0/0.png", ".a/run/b.txt"),
    *("@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg", "class_0/@eaDir/x.jpg", ".@__thumb/s100x.jpg", "lost+found/#1.jpg"),
    *("#recycle/a.jpg", "$RECYCLE.BIN/$R1.jpg", "Icon\r"),
)


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
