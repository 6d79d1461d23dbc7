from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters.images.decode import UnreadableImageError, as_picture, decode
from tests.exporters.drawn import BLUE, GREEN, RED, halves


def encoded(image: Image.Image, kind: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def near(picture: Image.Image, at: tuple[int, int], fill: tuple[int, int, int], within: int = 12) -> bool:
    return bool(np.abs(np.subtract(np.asarray(picture)[at[::-1]], fill)).max() <= within)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_exif_orientation_is_applied(orientation: int) -> None:
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
def test_every_kind_of_picture_becomes_rgb(image: Image.Image, kind: str, expected: tuple[int, int, int]) -> None:
    picture = decode(encoded(image, kind))[0]
    assert picture.mode == "RGB"
    assert near(picture, (4, 4), expected)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_gives_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), fill) for fill in (RED, GREEN, BLUE)]
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    assert near(decode(content)[0], (8, 8), RED)


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (300, 300)), ("PNG", (300, 300)), ("WEBP", (300, 300))])
def test_a_file_cut_short_anywhere_is_refused(kind: str, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), kind)
    decode(content)
    for share in (0.01, 0.3, 0.9):
        with pytest.raises(UnreadableImageError):
            decode(content[: int(len(content) * share)])


def test_pictures_over_32_megapixels_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded(Image.new("1", (8000, 4001)), "PNG")
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("decoded"))
    with pytest.raises(UnreadableImageError, match=r"32\.0 megapixels, over the limit of 32"):
        decode(content)


def test_pillows_own_bomb_error_becomes_a_reason() -> None:
    with pytest.raises(UnreadableImageError, match="over the limit"):
        decode(encoded(Image.new("1", (20000, 10000)), "PNG"))


def test_arrays_and_pictures_are_accepted_and_others_refused() -> None:
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
