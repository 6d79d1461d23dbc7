from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters.decode import UnreadableImageError, as_picture, decode
from exporters.errors import ExportError
from exporters.identity import file_sample_id
from exporters.images import find_images
from exporters.pixels import PADDING, PIX_SIDE, Wanted, tile_of, views_of
from tests.exporters.drawn import BLUE, GREEN, RED, draw


def encoded(image: Image.Image, kind: str, **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def near(picture: Image.Image, at: tuple[int, int], fill: tuple[int, int, int], within: int = 12) -> bool:
    return bool(np.abs(np.subtract(picture.getpixel(at), fill)).max() <= within)


def halves() -> Image.Image:
    """Red above, blue below, 20 wide and 40 high."""
    image = Image.new("RGB", (20, 40), RED)
    image.paste(BLUE, (0, 20, 20, 40))
    return image


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_exif_orientation_is_applied(orientation):
    turns = {3: 180, 6: 90, 8: 270}
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = halves().rotate(turns[orientation], expand=True)
    picture = decode(encoded(stored, "JPEG", exif=exif, quality=95))[0]
    assert picture.size == (20, 40)
    assert near(picture, (10, 5), RED)
    assert near(picture, (10, 35), BLUE)


@pytest.mark.parametrize(
    ("image", "kind", "expected"),
    [
        (Image.new("L", (9, 9), 200), "PNG", (200, 200, 200)),
        (Image.new("1", (9, 9), 1), "PNG", (255, 255, 255)),
        (Image.new("RGB", (9, 9), GREEN).convert("P", palette=Image.Palette.ADAPTIVE), "PNG", GREEN),
        (Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "JPEG", (255, 0, 0)),
        (Image.fromarray(np.full((9, 9), 0x8040, np.uint16)), "PNG", (128, 128, 128)),
        (Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("LA", (9, 9), (0, 255)), "PNG", (0, 0, 0)),
        (Image.new("RGB", (9, 9), GREEN), "WEBP", GREEN),
    ],
    ids=["grey", "bitmap", "palette", "cmyk", "16-bit", "transparent", "grey with alpha", "webp"],
)
def test_every_kind_of_picture_becomes_rgb(image, kind, expected):
    picture = decode(encoded(image, kind))[0]
    assert picture.mode == "RGB"
    assert near(picture, (4, 4), expected)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_gives_its_first_frame(kind):
    frames = [Image.new("RGB", (16, 16), fill) for fill in (RED, GREEN, BLUE)]
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    assert near(decode(content)[0], (8, 8), RED)


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (300, 300)), ("PNG", (300, 300)), ("WEBP", (300, 300))])
def test_a_file_cut_short_anywhere_is_refused(kind, size):
    noise = np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), kind)
    decode(content)
    for share in (0.01, 0.3, 0.9):
        with pytest.raises(UnreadableImageError):
            decode(content[: int(len(content) * share)])


def test_pictures_over_32_megapixels_are_refused_before_they_are_decoded(monkeypatch):
    content = encoded(Image.new("1", (8000, 4001)), "PNG")
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("decoded"))
    with pytest.raises(UnreadableImageError, match=r"32\.0 megapixels, over the limit of 32"):
        decode(content)


def test_pillows_own_bomb_error_becomes_a_reason():
    with pytest.raises(UnreadableImageError, match="over the limit"):
        decode(encoded(Image.new("1", (20000, 10000)), "PNG"))


def test_arrays_and_pictures_are_accepted_and_others_refused():
    pixels = np.full((5, 7, 3), 9, np.uint8)
    assert as_picture(pixels).size == (7, 5)
    assert as_picture(pixels[:, :, 0]).getpixel((0, 0)) == (9, 9, 9)
    assert as_picture(Image.new("L", (3, 2), 50)).getpixel((0, 0)) == (50, 50, 50)
    with pytest.raises(UnreadableImageError, match="uint8"):
        as_picture(pixels / 255)
    with pytest.raises(UnreadableImageError, match=r"\(5, 7, 2\)"):
        as_picture(pixels[:, :, :2])
    with pytest.raises(UnreadableImageError, match="cannot be read"):
        as_picture("/no/such/file.png")


def test_a_tile_keeps_the_aspect_ratio_by_padding():
    tile = tile_of(halves(), 64)
    assert tile.shape == (64, 64, 3)
    assert (tile[:, :16] == PADDING).all()
    assert (tile[:, 48:] == PADDING).all()
    assert (np.abs(tile[:28, 16:48].astype(int) - RED) <= 2).all()
    assert (np.abs(tile[36:, 16:48].astype(int) - BLUE) <= 2).all()


def test_tiny_pictures_are_enlarged_without_blur():
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[::2] = 255
    assert set(np.unique(tile_of(Image.fromarray(pixels), 32))) == {0, 255}


def test_raw_pixels_are_area_averages():
    checkered = np.zeros((64, 64, 3), np.uint8)
    checkered[::2, ::2] = 255
    checkered[1::2, 1::2] = 255
    views = views_of(Image.fromarray(checkered), Wanted(True, None, None))
    assert views.pixels.shape == (PIX_SIDE, PIX_SIDE, 3)
    assert set(np.unique(views.pixels)) <= {127, 128}


def test_listing_is_sorted_and_passes_over_what_is_no_image(tmp_path):
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
    assert [image.own_class for image in listing.images] == [None, "a", "b"]
    assert [(file.name, file.reason) for file in listing.left_out] == [
        ("empty.png", "empty file"),
        ("pipe.png", "not a regular file"),
    ]
    assert listing.others == 1


def test_a_loop_of_links_is_walked_once(tmp_path):
    draw(tmp_path / "a" / "1.png", RED)
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert len(find_images(tmp_path).images) == 1


def test_a_folder_that_is_missing_or_holds_no_image_is_one_sentence(tmp_path):
    with pytest.raises(ExportError, match="does not exist"):
        find_images(tmp_path / "none")
    (tmp_path / "readme.txt").write_text("x")
    with pytest.raises(ExportError, match=r"holds no JPEG, PNG or WebP image \(1 other files\)"):
        find_images(tmp_path)


def ids_of(folder: Path) -> dict[str, str]:
    return {image.name: file_sample_id(image, image.path.read_bytes()) for image in find_images(folder).images}


def test_sample_ids_follow_name_and_bytes_not_folders(tmp_path):
    draw(tmp_path / "one" / "cats" / "x.png", RED)
    draw(tmp_path / "two" / "felines" / "x.png", RED)
    (first,), (second,) = ids_of(tmp_path / "one").values(), ids_of(tmp_path / "two").values()
    assert first == second
    assert len(first) == 16
    assert int(first, 16) >= 0
    draw(tmp_path / "two" / "felines" / "x.png", BLUE)
    assert ids_of(tmp_path / "two")["felines/x.png"] != first


def test_of_equal_files_the_later_also_hash_their_path(tmp_path):
    draw(tmp_path / "b" / "x.png", RED)
    alone = ids_of(tmp_path)["b/x.png"]
    draw(tmp_path / "c" / "x.png", RED)
    assert ids_of(tmp_path)["b/x.png"] == alone
    draw(tmp_path / "a" / "x.png", RED)
    ids = ids_of(tmp_path)
    assert ids["a/x.png"] == alone
    assert len(set(ids.values())) == 3
