from __future__ import annotations

import os
from pathlib import Path

import pytest

from exporters import ExportError
from exporters.images.find import find_images
from tests.exporters.drawn import RED, draw


def test_listing_is_sorted_and_passes_over_what_is_no_image(tmp_path: Path) -> None:
    draw(tmp_path / "b" / "deep" / "2.PNG", RED)
    draw(tmp_path / "a" / "1.jpeg", RED)
    draw(tmp_path / "0.webp", RED)
    draw(tmp_path / ".hidden" / "3.png", RED)
    draw(tmp_path / "a" / "._1.png", RED)
    (tmp_path / "a" / "notes.txt").write_text("x")
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe.png")
    listing = find_images(tmp_path)
    assert [image.name for image in listing.images] == ["0.webp", "a/1.jpeg", "b/deep/2.PNG"]
    assert [image.folder_class for image in listing.images] == [None, "a", "b"]
    assert [(file.name, file.reason) for file in listing.skipped] == [
        ("empty.png", "empty file"),
        ("pipe.png", "not a regular file"),
    ]
    assert listing.others == 1


def test_a_loop_of_links_is_walked_once(tmp_path: Path) -> None:
    draw(tmp_path / "a" / "1.png", RED)
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert len(find_images(tmp_path).images) == 1


def test_a_folder_that_is_missing_or_holds_no_image_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="does not exist"):
        find_images(tmp_path / "none")
    (tmp_path / "readme.txt").write_text("x")
    with pytest.raises(ExportError, match=r"holds no JPEG, PNG or WebP image \(1 other files\)"):
        find_images(tmp_path)
