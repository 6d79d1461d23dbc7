from __future__ import annotations

import unicodedata
from pathlib import Path

from exporters.images.find import find_images
from exporters.images.identity import earlier_sample_id, file_sample_id
from exporters.images.listing import ImageFile
from tests.exporters.drawn import BLUE, RED, draw


def ids_of(folder: Path) -> dict[str, str]:
    return {image.name: file_sample_id(image, image.path.read_bytes()) for image in find_images(folder).images}


def test_sample_ids_follow_name_and_bytes_not_folders(tmp_path: Path) -> None:
    draw(tmp_path / "one" / "cats" / "x.png", RED)
    draw(tmp_path / "two" / "felines" / "x.png", RED)
    (first,), (second,) = ids_of(tmp_path / "one").values(), ids_of(tmp_path / "two").values()
    assert first == second
    assert len(first) == 16
    assert int(first, 16) >= 0
    draw(tmp_path / "two" / "felines" / "x.png", BLUE)
    assert ids_of(tmp_path / "two")["felines/x.png"] != first


def test_of_equal_files_the_later_also_hash_their_path(tmp_path: Path) -> None:
    draw(tmp_path / "b" / "x.png", RED)
    alone = ids_of(tmp_path)["b/x.png"]
    draw(tmp_path / "c" / "x.png", RED)
    assert ids_of(tmp_path)["b/x.png"] == alone
    draw(tmp_path / "a" / "x.png", RED)
    ids = ids_of(tmp_path)
    assert ids["a/x.png"] == alone
    assert len(set(ids.values())) == 3


def test_a_copy_made_by_way_of_a_mac_is_the_same_image() -> None:
    composed = ImageFile(Path("müde.png"), "müde.png")
    decomposed = ImageFile(Path("x"), unicodedata.normalize("NFD", "müde.png"))
    assert file_sample_id(composed, b"content") == file_sample_id(decomposed, b"content")
    assert earlier_sample_id(composed, b"content") == earlier_sample_id(decomposed, b"content") != ""
    assert earlier_sample_id(ImageFile(Path("a.png"), "a.png"), b"content") == ""
    assert earlier_sample_id(ImageFile(Path("猿.png"), "猿.png"), b"content") == ""
