"""Of a file with several pictures the first is taken and the rest is noted; with `pages` each page is a sample."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from exporters import ExportOptions, export_images
from exporters.images.decode import decode
from exporters.images.headers import has_more_bits, longest_side
from exporters.images.pages import holds_more
from tests.exporters.drawn import BLUE, GREEN, RED, draw, read_metadata, read_tensor
from tests.exporters.every_format import dicom, encoded, heic, plain

PIX = ExportOptions(["pix"])
EACH = replace(PIX, pages=True)
COLORS = (RED, GREEN, BLUE)


def stack(kind: str = "TIFF") -> bytes:
    first, *others = (plain(fill) for fill in COLORS)
    return encoded(first, kind, save_all=True, append_images=others)


def fills(run: Path, count: int) -> list[tuple[int, int, int]]:
    pixels = read_tensor(run, "pix", count).reshape(count, -1, 3)
    return [min(COLORS, key=lambda fill: float(np.abs(row[0] - fill).sum())) for row in pixels]


def test_the_first_page_is_taken_and_a_note_names_the_files(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.png", BLUE)
    for name in ("b.tif", "c.tif"):
        (tmp_path / "in" / name).write_bytes(stack())
    summary = export_images(tmp_path / "in", tmp_path / "run", PIX)
    assert fills(tmp_path / "run", 3) == [BLUE, RED, RED]
    assert summary.notes == [
        "2 files with further pages or frames, of which the first is shown (--pages takes every page of TIFF, DICOM "
        "and HEIC files): b.tif and 1 more."
    ]


def test_each_page_is_a_sample_and_the_first_keeps_its_labels(tmp_path: Path) -> None:
    (tmp_path / "in" / "cells").mkdir(parents=True)
    (tmp_path / "in" / "cells" / "stack.tif").write_bytes(stack())
    draw(tmp_path / "in" / "cells" / "z.png", GREEN)
    export_images(tmp_path / "in", tmp_path / "run", replace(PIX, labels="folders"))
    (before, other) = read_metadata(tmp_path / "run")
    summary = export_images(tmp_path / "in", tmp_path / "run", EACH)
    rows = read_metadata(tmp_path / "run")
    assert [row["file"] for row in rows] == [
        *("cells/stack.tif", "cells/stack.tif#2", "cells/stack.tif#3", "cells/z.png")
    ]
    assert fills(tmp_path / "run", 4) == [RED, GREEN, BLUE, GREEN]
    assert len({row["sample_id"] for row in rows}) == 4
    assert [row["sample_id"] for row in (rows[0], rows[3])] == [before["sample_id"], other["sample_id"]]
    assert (summary.labels_kept, summary.labels_orphaned, summary.found) == (2, 0, 4)
    again = export_images(tmp_path / "in", tmp_path / "again", replace(EACH, labels="folders"))
    assert read_metadata(tmp_path / "again")[1]["label"] == "cells"
    assert [row["sample_id"] for row in read_metadata(tmp_path / "again")] == [row["sample_id"] for row in rows]
    assert again.notes == []


def test_frames_of_dicom_and_pictures_of_a_heic_are_pages_too(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    frames = np.stack([np.full((20, 20), value, np.uint8) for value in (10, 90, 200)])
    (tmp_path / "in" / "a.dcm").write_bytes(dicom(frames))
    (tmp_path / "in" / "b.heic").write_bytes(heic(*(plain(fill, (64, 64)) for fill in COLORS)))
    one = export_images(tmp_path / "in", tmp_path / "one", PIX)
    assert one.notes[0].startswith("2 files with further pages")
    export_images(tmp_path / "in", tmp_path / "run", EACH)
    rows = read_metadata(tmp_path / "run")
    assert [row["file"] for row in rows] == [
        f"{name}{page}" for name in ("a.dcm", "b.heic") for page in ("", "#2", "#3")
    ]
    pixels = read_tensor(tmp_path / "run", "pix", 6).reshape(6, -1, 3)
    np.testing.assert_array_equal(pixels[:3, 0, 0], [10, 90, 200])
    assert fills(tmp_path / "run", 6)[3:] == [RED, GREEN, BLUE]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_gives_its_first_frame_and_is_noted(tmp_path: Path, kind: str) -> None:
    if kind == "AVIF":
        pytest.importorskip("PIL._avif")
    (tmp_path / "in").mkdir()
    content = stack(kind)
    (tmp_path / "in" / f"a.{kind.lower()}").write_bytes(content)
    for options in (PIX, EACH):
        summary = export_images(tmp_path / "in", tmp_path / "run", options)
        assert fills(tmp_path / "run", 1) == [RED]
        assert summary.notes[0].startswith("1 file with further pages or frames, of which the first is shown")


def pages_of_kinds(*pages: tuple[Image.Image, int]) -> bytes:
    """A TIFF whose pages say of themselves that they are smaller copies (1), masks (4) or neither (0)."""
    file = io.BytesIO()
    with AppendingTiffWriter(file, True) as whole:
        for image, kind in pages:
            image.save(whole, "TIFF", tiffinfo={254: kind})
            whole.newFrame()
        return file.getvalue()


def test_smaller_copies_and_masks_are_no_pages(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    copy, mask = (plain(GREEN, (12, 9)), 1), (Image.new("1", (24, 18)), 4)
    content = pages_of_kinds((plain(RED), 0), copy, mask, (plain(BLUE), 0))
    (tmp_path / "in" / "a.tif").write_bytes(content)
    export_images(tmp_path / "in", tmp_path / "run", EACH)
    assert [row["file"] for row in read_metadata(tmp_path / "run")] == ["a.tif", "a.tif#2"]
    assert fills(tmp_path / "run", 2) == [RED, BLUE]
    assert not holds_more(pages_of_kinds((plain(RED), 0), copy, mask))


def test_a_smaller_copy_before_the_picture_is_not_taken_for_it(tmp_path: Path) -> None:
    deep = Image.fromarray(np.full((40, 60), 40_000, np.uint16))
    content = pages_of_kinds((plain(GREEN, (6, 6)), 1), (deep, 0), (plain(BLUE), 0))
    assert decode(content)[0].size == (60, 40)
    assert has_more_bits(content)
    assert longest_side(content) == 60
    assert holds_more(content)
    assert not holds_more(pages_of_kinds((plain(GREEN, (6, 6)), 1), (plain(RED), 0)))
    assert decode(pages_of_kinds((plain(GREEN, (6, 6)), 1)))[0].size == (6, 6)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tif").write_bytes(content)
    export_images(tmp_path / "in", tmp_path / "run", replace(EACH, intensity="full"))
    assert [row["file"] for row in read_metadata(tmp_path / "run")] == ["a.tif", "a.tif#2"]
    pixels = read_tensor(tmp_path / "run", "pix", 2).reshape(2, -1, 3)
    assert pixels[:, 0].tolist() == [[156, 156, 156], list(BLUE)]


def test_two_pictures_of_one_shot_are_one() -> None:
    assert not holds_more(stack("MPO"))
    assert not holds_more(b"GIF89a")
    assert not holds_more(b"")


def test_a_file_that_is_damaged_behind_its_first_page_is_shown(tmp_path: Path) -> None:
    content = stack()
    first = encoded(plain(RED), "TIFF")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tif").write_bytes(content[: len(first) + 40])
    assert decode(content[: len(first) + 40])[0].getpixel((5, 5)) == RED
    assert export_images(tmp_path / "in", tmp_path / "run", EACH).images == 1


def test_pages_at_an_address_are_those_of_the_folder(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tif").write_bytes(stack())
    export_images(tmp_path / "in", tmp_path / "run", EACH)
    export_images(f"file://{tmp_path}/in", tmp_path / "remote", EACH)
    for name in ("metadata.tsv", "pix.bytes"):
        assert (tmp_path / "remote" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
