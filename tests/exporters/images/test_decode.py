from __future__ import annotations

import io
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from exporters.images.decode import UnreadableImageError, as_picture, decode
from exporters.images.headers import longest_side
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
        (Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("LA", (9, 9), (0, 255)), "PNG", (0, 0, 0)),
        (Image.new("RGB", (9, 9), GREEN), "WEBP", GREEN),
    ],
    ids=["grey", "bitmap", "palette", "cmyk", "transparent", "grey with alpha", "webp"],
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


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_only_its_end_is_whole(progressive: bool) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (100, 130, 3), dtype=np.uint8))
    content = encoded(noise, "JPEG", quality=90, progressive=progressive)
    whole, original = decode(content)
    assert original is not None
    for end in (b"", b"\xff", bytes(400)):
        picture, file = decode(content[:-2] + end)
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(whole))
        assert file is not None
        assert file.content.endswith(b"\xff\xd9")
    for missing in range(6, 200, 7):
        with pytest.raises(UnreadableImageError, match=r"^cut short$"):
            decode(content[:-missing])
        with pytest.raises(UnreadableImageError, match=r"^cut short$"):
            decode(content[:-missing] + bytes(5000))


def test_a_jpeg_that_tells_of_more_than_it_can_hold_is_cut_short() -> None:
    content = bytearray(encoded(Image.new("RGB", (60, 40), RED), "JPEG"))
    place = content.index(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", 65_000, 65_000)
    with pytest.raises(UnreadableImageError, match=r"^cut short$"):
        decode(bytes(content))


def test_pictures_over_128_megapixels_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded(Image.new("1", (16000, 8001)), "PNG")
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("decoded"))
    with pytest.raises(UnreadableImageError, match=r"128\.0 megapixels, over the limit of 128"):
        decode(content)


def test_of_a_tiff_that_is_too_large_it_is_said_what_reads_it() -> None:
    with pytest.raises(UnreadableImageError, match=r"128\.0 megapixels, over the limit of 128: --tiles cuts it"):
        decode(encoded(Image.new("1", (16000, 8001)), "TIFF"))


@pytest.mark.parametrize("mode", ["1", "P", "L", "I;16", "RGBA"])
def test_scans_over_32_megapixels_are_averaged_down(mode: str) -> None:
    image = Image.new(mode, (7000, 5000), 1)
    if mode == "P":
        image.putpalette([0, 0, 0, *GREEN])
    picture = decode(encoded(image, "PNG", compress_level=1))[0]
    expected = {"1": (255, 255, 255), "P": GREEN, "L": (1, 1, 1), "I;16": 1, "RGBA": (255, 255, 255)}
    assert picture.size == (3500, 2500)
    assert picture.getpixel((9, 9)) == expected[mode]


FLAT = [(40000, 40), (20, 60000), (50000, 2000), (65000, 2040)]


@pytest.mark.parametrize("size", [(9000, 6000), (15000, 14000), *FLAT], ids=str)
def test_a_jpeg_of_any_size_is_decoded_reduced(size: tuple[int, int]) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    content = encoded(Image.new("L", size, 90), "JPEG", quality=30)
    picture = decode(content)[0]
    assert picture.width * picture.height <= 32_000_000
    assert min(picture.size) >= min(*size, 500)
    assert picture.width / picture.height == pytest.approx(size[0] / size[1], rel=0.01)
    assert near(picture, (5, 5), (90, 90, 90))
    assert longest_side(content) == max(size)
    assert limit == Image.MAX_IMAGE_PIXELS


def test_a_progressive_jpeg_takes_memory_for_all_of_it_and_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporters.images.decode.MAX_PROGRESSIVE_PIXELS", 10_000)
    with pytest.raises(UnreadableImageError, match="a progressive JPEG of 0 megapixels, over the limit"):
        decode(encoded(Image.new("L", (200, 100)), "JPEG", progressive=True))
    decode(encoded(Image.new("L", (200, 100)), "JPEG"))


def test_only_one_large_picture_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporters.images.decode.LARGE_PIXELS", 10_000)
    content = encoded(Image.new("L", (400, 100), 7), "PNG")
    at_once: list[int] = []
    most: list[int] = []
    load = PngImageFile.load

    def watched(image: PngImageFile) -> Any:
        at_once.append(1)
        most.append(len(at_once))
        time.sleep(0.01)
        at_once.pop()
        return load(image)

    monkeypatch.setattr(PngImageFile, "load", watched)
    with ThreadPoolExecutor(4) as pool:
        pictures = [picture for picture, _ in pool.map(decode, [content] * 8)]
    assert max(most) == 1
    assert {picture.size for picture in pictures} == {(200, 50)}


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
