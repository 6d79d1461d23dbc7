"""Every format is told by what a file holds, and shown in the same colours."""

from __future__ import annotations

import io
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters import ExportOptions, export_images
from exporters.images.decode import UnreadableImageError, decode
from exporters.images.deep import kind_of
from exporters.images.formats import SUFFIXES, suffix_of
from exporters.images.headers import longest_side
from tests.exporters.drawn import draw, read_metadata, read_tensor
from tests.exporters.every_format import FORMATS, dicom, encoded, heic, plain
from tests.exporters.raw_files import tiff

GRAY = np.linspace(0, 255, 48).reshape(6, 8).astype(np.uint8)
FILL = (200, 60, 90)


@pytest.mark.parametrize(("alpha", "shown"), [(0, (255, 64, 0)), (255, (255, 64, 0)), (128, None)])
def test_a_bmp_whose_alpha_is_all_empty_has_none(alpha: int, shown: tuple[int, int, int] | None) -> None:
    pixels = np.full((6, 5, 4), (0, 64, 255, alpha), np.uint8).tobytes()
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 124, 5, 6, 1, 32, 3, len(pixels), 0, 0, 0, 0) + masks.ljust(84, b"\0")
    content = b"BM" + struct.pack("<IHHI", 138 + len(pixels), 0, 0, 138) + header + pixels
    assert decode(content)[0].getpixel((2, 2)) == (shown or (255, 159, 127))


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_is_read_whatever_the_file_is_called(tmp_path: Path, suffix: str) -> None:
    content = FORMATS[suffix](FILL)
    picture, _ = decode(content)
    assert picture.mode == "RGB"
    assert picture.size == (24, 18)
    assert np.abs(np.asarray(picture).astype(int) - FILL).max() <= 8
    assert longest_side(content) == 24
    names = [f"a.{suffix}", "no_suffix", *([] if suffix == "gif" else ["b.jpg", "c.PNG"])]
    for name in names:
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    summary = export_images(tmp_path / "in", tmp_path / "run", ExportOptions(["pix"]))
    assert (summary.images, summary.found) == (len(names), len(names))
    pixels = read_tensor(tmp_path / "run", "pix", len(names)).reshape(len(names), -1, 3)
    assert np.abs(pixels - FILL).max() <= 8
    with zipfile.ZipFile(tmp_path / "run" / "images.zip") as archive:
        for name in archive.namelist():
            shown = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB"))
            assert np.abs(shown.astype(int) - FILL).max() <= 8


def test_a_gif_under_the_name_of_a_photo_is_left_out_and_says_how_to_have_it(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.png", FILL)
    (tmp_path / "in" / "gone.jpg").write_bytes(FORMATS["gif"](FILL))
    summary = export_images(tmp_path / "in", tmp_path / "run", ExportOptions(["pix"]))
    assert summary.images == 1
    ((name, reason),) = summary.skipped
    assert name == "gone.jpg"
    assert reason == "a GIF called .jpg, as sites send for a picture that is gone; call it .gif to have it"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("1", (9, 9), 1), (255, 255, 255)),
        (Image.new("L", (9, 9), 70), (70, 70, 70)),
        (Image.new("CMYK", (9, 9), (0, 255, 255, 0)), (255, 0, 0)),
        (plain(FILL).convert("P", palette=Image.Palette.ADAPTIVE), FILL),
        (Image.new("RGBA", (9, 9), (9, 9, 9, 0)), (255, 255, 255)),
    ],
    ids=["one bit", "grey", "print", "palette", "transparent"],
)
@pytest.mark.parametrize("settings", [{}, {"compression": "tiff_deflate"}, {"big_tiff": True}], ids=str)
def test_every_kind_of_tiff_becomes_rgb(
    image: Image.Image, expected: tuple[int, int, int], settings: dict[str, object]
) -> None:
    picture = decode(encoded(image, "TIFF", **settings))[0]
    assert picture.mode == "RGB"
    assert np.abs(np.subtract(picture.getpixel((4, 4)) or (), expected)).max() <= 6


@pytest.mark.parametrize(
    ("module", "make", "words"),
    [
        ("pillow_heif", lambda: heic(plain(FILL)), "HEIC needs pillow-heif: pip install 'tb-tsne[heif]'"),
        ("pydicom", lambda: dicom(np.zeros((4, 4), np.uint8)), "DICOM needs pydicom: pip install 'tb-tsne[dicom]'"),
    ],
    ids=["heic", "dicom"],
)
def test_what_reads_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, make: object, words: str
) -> None:
    assert callable(make)
    content = make()
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.heic").write_bytes(content)
    draw(tmp_path / "in" / "b.png", FILL)
    summary = export_images(tmp_path / "in", tmp_path / "run", ExportOptions(["pix"]))
    assert [(image.name, image.reason) for image in summary.skipped] == [("a.heic", words)]
    assert [row["file"] for row in read_metadata(tmp_path / "run")] == ["b.png"]


def test_avif_says_which_pillow_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.AvifImagePlugin", None)
    with pytest.raises(UnreadableImageError, match=r"AVIF needs Pillow 11\.3 or newer"):
        decode(b"\0\0\0\x18ftypavif" + bytes(200))


def test_pixels_of_a_kind_that_is_not_read_have_a_reason() -> None:
    content = bytearray(encoded(plain(FILL), "TIFF"))
    (at,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, at)
    for place in range(at + 2, at + 2 + 12 * count, 12):
        if struct.unpack_from("<H", content, place)[0] == 277:
            struct.pack_into("<I", content, place + 8, 5)  # channels
    with pytest.raises(
        UnreadableImageError, match=r"^a TIFF with 5 channels of 8-bit whole numbers, which is not read"
    ):
        decode(bytes(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            tiff(GRAY.astype(np.float64)),
            "1 channel of 64-bit floats, which is not read: convert it to grey or RGB of 8",
        ),
        (tiff(GRAY.astype(np.float16), order=">"), "1 channel of 16-bit floats"),
        (tiff(np.dstack([GRAY, GRAY])), "2 channels of 8-bit whole numbers"),
        (tiff(np.dstack([GRAY] * 3).astype(np.float32)), "3 channels of 32-bit floats"),
        (
            tiff(GRAY.astype(np.uint32), order=">", tags={262: 0}),
            "1 channel of 32-bit whole numbers of which 0 is white",
        ),
        (tiff(GRAY, tags={259: 34_712}), r"packed in a way that is not read \(34712\): save it unpacked"),
        (tiff(GRAY.astype(np.float32), tags={262: 0}), "floats of which 0 is white: save it with 0 as black"),
    ],
    ids=["double", "half", "2 channels", "floats in colour", "inverted", "packed", "inverted floats"],
)
def test_a_tiff_that_is_not_read_says_of_what_kind_it_is(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableImageError, match=reason) as raised:
        decode(content)
    assert "Error" not in str(raised.value)


def test_whole_numbers_of_32_bits_do_not_wrap() -> None:
    values = np.array([[0, 2**31], [2**32 - 1, 5]], np.uint32)
    assert np.asarray(decode(tiff(values))[0]).tolist() == values.astype(np.float32).tolist()
    small = values // 4
    assert np.asarray(decode(tiff(small, packed=True))[0]).tolist() == small.tolist()
    told = decode(tiff(values, tags={42113: "4294967295"}))[0]
    assert np.isnan(np.asarray(told)).tolist() == [[False, False], [True, False]]
    assert kind_of(told) == "32-bit whole numbers"
    assert kind_of(decode(tiff(values.astype(np.uint16)))[0]) == "whole numbers"


def test_a_bmp_with_masks_of_its_own_and_a_bigtiff_of_the_other_order_are_refused_in_a_sentence() -> None:
    header = struct.pack("<IiiHHIIiiIIIIII", 56, 5, 6, 1, 32, 3, 120, 0, 0, 0, 0, 0x3FF, 0xFFC00, 0x3FF00000, 0)
    with pytest.raises(UnreadableImageError, match="of a kind that is not read: save it in another way, as PNG"):
        decode(b"BM" + struct.pack("<IHHI", 70 + 120, 0, 0, 70) + header + bytes(120))
    with pytest.raises(UnreadableImageError, match="a BigTIFF that begins with MM"):
        decode(b"MM\0+\0\x08\0\0" + struct.pack(">Q", 16) + bytes(200))


def test_signed_bytes_do_not_wrap() -> None:
    picture = decode(tiff(np.array([[-128, -1], [0, 127]], np.int8)))[0]
    assert np.asarray(picture)[:, :, 0].tolist() == [[0, 127], [128, 255]]


@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff", b"II*\0\x08\0\0\0", b"\x89PNG\r\n\x1a\n"], ids=["JPEG", "TIFF", "PNG"]
)
def test_damaged_files_are_said_to_be_so_in_plain_words(head: bytes) -> None:
    with pytest.raises(UnreadableImageError) as raised:
        decode(head + bytes(200))
    assert str(raised.value) in ("damaged (it cannot be decoded)", "cut short")


def test_no_format_beyond_these_is_opened() -> None:
    for kind in ("ICO", "PPM", "TGA", "EPS", "PCX", "SGI"):
        with pytest.raises(UnreadableImageError, match="not a picture in a format that is read"):
            decode(encoded(plain(FILL), kind))


def test_the_suffix_of_a_packed_file_says_what_is_packed() -> None:
    assert [suffix_of(name) for name in ("a.TIF", "scan.nii.gz", "x.gz", "none", "v1.2/none", ".x.tar.xz")] == [
        *(".tif", ".nii.gz", ".gz", "", "", ".tar.xz")
    ]
    assert {f".{suffix}" for suffix in FORMATS} <= SUFFIXES.keys()
