from __future__ import annotations

import os
import socket
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
    assert listing.passed_over == {".txt": 1}


def test_a_loop_of_links_is_walked_once(tmp_path: Path) -> None:
    draw(tmp_path / "a" / "1.png", RED)
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert len(find_images(tmp_path).images) == 1


def test_a_file_goes_by_the_name_of_where_it_lies_and_not_by_a_link_to_that(tmp_path: Path) -> None:
    draw(tmp_path / "cat" / "deep" / "1.png", RED)
    (tmp_path / "animal").symlink_to("cat")
    (tmp_path / "a_link").symlink_to("cat/deep")
    assert [image.name for image in find_images(tmp_path).images] == ["cat/deep/1.png"]


def test_a_folder_that_is_missing_or_holds_no_image_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="does not exist"):
        find_images(tmp_path / "none")
    (tmp_path / "readme.txt").write_text("x")
    with pytest.raises(ExportError, match=r"holds no image in a format that is read \(1 .txt\)"):
        find_images(tmp_path)


def test_what_lies_outside_is_skipped_and_taken_only_if_it_is_asked_for(tmp_path: Path) -> None:
    photos, private = tmp_path / "photos", tmp_path / "private"
    draw(photos / "a" / "1.png", RED)
    draw(private / "deep" / "2.png", RED)
    (photos / "a" / "inside.png").symlink_to("1.png")
    (photos / "b").symlink_to(private)
    (photos / "a" / "3.png").symlink_to(private / "deep" / "2.png")
    (photos / "a" / "notes").symlink_to(private / "notes")
    (tmp_path / "by_link").symlink_to(photos)
    for folder in (photos, tmp_path / "by_link"):
        listing = find_images(folder)
        assert [image.name for image in listing.images] == ["a/1.png", "a/inside.png"]
        assert [image.name for image in listing.skipped] == ["a/3.png", "a/notes", "b"]
        assert {image.reason for image in listing.skipped} == {"lies outside of the folder (--outside takes it)"}
    everything = find_images(photos, outside=True)
    assert [image.name for image in everything.images] == ["a/1.png", "a/3.png", "a/inside.png", "b/deep/2.png"]


def test_devices_pipes_and_sockets_are_never_opened(tmp_path: Path) -> None:
    draw(tmp_path / "1.png", RED)
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket.png"))
    listing = find_images(tmp_path, outside=True)
    assert [image.name for image in listing.images] == ["1.png"]
    assert {(file.name, file.reason) for file in listing.skipped} == {
        (name, "not a regular file") for name in ("device.png", "pipe.png", "socket.png")
    }
