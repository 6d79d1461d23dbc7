"""TIFFs of which parts are decoded."""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters.images import tiff_slide
from exporters.images.decode import UnreadableImageError, decode
from exporters.images.deep import ALPHA, LOWER, kind_of, values_of
from exporters.images.tiff_slide import TiffSlide
from tests.exporters.drawn_slides import draw_jpeg_slide, draw_slide, draw_tiff, gradient
from tests.exporters.raw_files import tiff

WIDTH, HEIGHT = 700, 500
PLACES = [(0, 0, 40, 30), (200, 190, 523, 401), (WIDTH - 33, HEIGHT - 21, WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT)]
RGB = gradient(WIDTH, HEIGHT)
DEEP = (np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % 60_000).astype(np.uint16)

LAYOUTS: dict[str, dict[str, Any]] = {
    "tiles": {"tile": (64, 128)},
    "packed tiles": {"tile": (64, 64), "compression": "zlib", "predictor": True},
    "BigTIFF": {"tile": (64, 64), "bigtiff": True},
    "the other byte order": {"tile": (64, 64), "byteorder": ">"},
    "BigTIFF in the other byte order": {"tile": (64, 64), "bigtiff": True, "byteorder": ">", "compression": "zlib"},
    "strips": {"rowsperstrip": 7},
    "packed strips": {"rowsperstrip": 64, "compression": "zlib"},
    "one unpacked strip": {"rowsperstrip": HEIGHT},
}


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Counter[bytes]:
    """How often each segment was decoded."""
    counts: Counter[bytes] = Counter()

    def counted(content: bytes, **settings: Any) -> Any:
        counts[content] += 1
        return decode(content, **settings)

    monkeypatch.setattr(tiff_slide, "decode", counted)
    return counts


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("values", [RGB, DEEP], ids=["RGB", "16 bits"])
def test_parts_are_those_of_the_picture(layout: str, values: np.ndarray[Any, Any], tmp_path: Path) -> None:
    photometric = "rgb" if values is RGB else "minisblack"
    slide = TiffSlide(draw_tiff(tmp_path / "a.tif", values, photometric=photometric, **LAYOUTS[layout]))
    assert slide.size == (WIDTH, HEIGHT)
    for left, top, right, bottom in PLACES:
        np.testing.assert_array_equal(
            np.asarray(slide.region((left, top, right, bottom))), values[top:bottom, left:right]
        )
    slide.close()


KINDS: dict[str, bytes] = {
    "bits": tiff(DEEP.astype(np.uint8) % 2, tags={258: 1}),
    "grey": tiff(RGB[..., 0]),
    "white is zero": tiff(RGB[..., 0], tags={262: 0}),
    "palette": tiff(RGB[..., 0], tags={262: 3, 320: tuple(np.arange(768) * 85 % 65_536)}),
    "transparency": tiff(np.dstack([RGB, RGB[..., 0]]), tags={338: 2}),
    "signed": tiff(RGB[..., 0].astype(np.int8)),
    "16 bits in the other order": tiff(DEEP, order=">"),
    "16 bits of which 0 is white": tiff(DEEP, tags={262: 0}),
    "16 bits with a nodata value": tiff(DEEP, tags={42113: "17"}),
    "32 bits": tiff(DEEP.astype(np.uint32) << 8),
    "floats": tiff(DEEP.astype(np.float32) / 7),
    "16-bit colours": tiff(np.dstack([DEEP, DEEP // 2, DEEP // 3])),
    "16-bit colours in planes": tiff(np.dstack([DEEP, DEEP // 2, DEEP // 3]), in_planes=True),
    "16-bit colours with transparency": tiff(np.dstack([DEEP, DEEP // 2, DEEP // 3, DEEP]), tags={338: 2}),
    "packed colours": tiff(RGB, packed=True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_colours_are_those_of_a_picture_that_is_decoded_whole(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiff_slide, "_PIECE", 10_000)  # An unpacked strip is read in many.
    (tmp_path / "a.tif").write_bytes(KINDS[kind])
    whole = decode(KINDS[kind], full_size=True)[0]
    slide = TiffSlide(tmp_path / "a.tif")
    for place in PLACES:
        part, expected = slide.region(place), whole.crop(place)
        assert kind_of(part) == kind_of(whole)
        np.testing.assert_array_equal(np.asarray(part), np.asarray(expected))
        for name in (LOWER, ALPHA):
            if name in whole.info:
                assert (np.asarray(part.info[name]) == np.asarray(whole.info[name].crop(place))).all()
    slide.close()


def test_pieces_with_and_without_values_are_of_one_kind(tmp_path: Path) -> None:
    values = DEEP.copy()
    values[:, :64] = 17
    slide = TiffSlide(draw_tiff(tmp_path / "a.tif", values, tile=(64, 64), extratags=[(42113, 2, 3, "17", True)]))
    part = slide.region((0, 0, 200, 100))
    assert kind_of(part) == kind_of(slide.region((300, 300, 310, 310)))
    assert np.isnan(values_of(part)[:, :64]).all()
    np.testing.assert_array_equal(values_of(part)[:, 64:], np.where(values == 17, np.nan, values)[:100, 64:200])


@pytest.mark.parametrize("in_sub", [True, False], ids=["below", "pages"])
def test_tiles_packed_as_jpeg_and_their_smaller_copies(in_sub: bool, tmp_path: Path) -> None:
    values = gradient(1400, 1000)
    slide = TiffSlide(draw_jpeg_slide(tmp_path / "a.tif", values, (4, 16), in_sub))
    part = np.asarray(slide.region((500, 300, 900, 700)))
    assert np.abs(part.astype(int) - values[300:700, 500:900]).mean() < 3
    assert [slide.reduced(side).size for side in (80, 88, 89, 350, 351, 2000)] == [
        (88, 63),
        (88, 63),
        (117, 84),
        (350, 250),
        (467, 334),
        (1400, 1000),
    ]
    slide.close()


@pytest.mark.parametrize(
    ("overlap", "layout"), [(0, "tiles"), (16, "tiles"), (0, "packed strips"), (16, "packed strips")]
)
def test_rows_of_parts_have_each_piece_decoded_once(
    overlap: int, layout: str, tmp_path: Path, decoded: Counter[bytes]
) -> None:
    slide = TiffSlide(draw_tiff(tmp_path / "a.tif", RGB, photometric="rgb", **LAYOUTS[layout]))
    decoded.clear()
    for top in range(0, HEIGHT - 100, 100 - overlap):
        for left in range(0, WIDTH - 100, 100 - overlap):
            slide.region((left, top, left + 100, top + 100))
    assert set(decoded.values()) == {1}
    slide.close()


def test_what_a_file_leaves_out_is_white(tmp_path: Path) -> None:
    path = draw_slide(tmp_path / "a.tif", (700, 500), lambda column, row: (column, row, 9))
    content = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<Q", content, 8)
    (count,) = struct.unpack_from("<Q", content, first)
    for entry in range(first + 8, first + 8 + 20 * count, 20):
        tag, _, many, where = struct.unpack_from("<HHQQ", content, entry)
        if tag == 325:
            assert many == 6
            struct.pack_into("<H" if many * 2 > 8 else "<Q", content, where, 0)
    path.write_bytes(content)
    slide = TiffSlide(path)
    assert slide.region((250, 0, 260, 5)).getcolors() == [(30, (255, 255, 255)), (20, (1, 0, 9))]
    slide.close()


def _entry(content: bytes | bytearray, tag: int) -> int:
    """Where the entry of a tag begins in a TIFF of Intel's order with one directory."""
    (first,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, first)
    return next(
        place
        for place in range(first + 2, first + 2 + 12 * count, 12)
        if struct.unpack_from("<H", content, place)[0] == tag
    )


def _changed(tag: int, value: int, many: int = 1) -> bytes:
    content = bytearray(tiff(RGB, packed=True))
    struct.pack_into("<HII", content, _entry(content, tag) + 2, 4, many, value)
    return bytes(content)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "no TIFF"),
    "only a head": (b"II*\0\x08\0\0\0", "cut short"),
    "no directory": (b"II*\0" + bytes(20), "there is no picture in it"),
    "a directory behind the end": (b"II*\0" + struct.pack("<I", 2**31) + bytes(20), "cut short"),
    "half of it": (tiff(RGB, packed=True)[:400], "cut short"),
    "text behind its mark": (b"II+\0" + b"x" * 500, "cut short"),
    "no width": (_changed(256, 0), "0 x 500 pixels"),
    "a huge picture": (_changed(256, 2**32 - 1), "in pieces of"),
    "rows of nothing": (_changed(278, 0), "no size"),
    "a row in each of its pieces": (_changed(278, 1), "does not tell where all of its pieces are"),
    "a piece behind the end": (_changed(273, 2**31), "cut short"),
    "a piece of 4 GiB": (_changed(279, 2**32 - 1), "larger than it can be"),
    "a table of 16 GiB": (_changed(273, 8, 2**32 - 1), "more than 4,194,304 pieces"),
    "packed as nobody does": (_changed(259, 4711), r"packed in a way that is not read \(4711\)"),
    "turned": (tiff(RGB, tags={274: 6}), "turned by its orientation tag"),
    "five channels": (tiff(np.dstack([RGB, RGB[..., :2]])), "5 channels of 8-bit"),
    "noise": (_changed(279, 20), "decoded|cut short"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_cannot_be_read_is_told_in_a_sentence(kind: str, tmp_path: Path) -> None:
    content, reason = HOSTILE[kind]
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(UnreadableImageError, match=reason):
        TiffSlide(tmp_path / "a.tif")


def test_directories_in_a_circle_are_each_looked_at_once(tmp_path: Path) -> None:
    content = bytearray(tiff(RGB, RGB[::2, ::2]))
    (first,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, first)
    (second,) = struct.unpack_from("<I", content, first + 2 + 12 * count)
    (count,) = struct.unpack_from("<H", content, second)
    struct.pack_into("<I", content, second + 2 + 12 * count, first)
    (tmp_path / "a.tif").write_bytes(content)
    assert TiffSlide(tmp_path / "a.tif").reduced(300).size == (350, 250)


def test_a_damaged_piece_is_missed_where_it_is(tmp_path: Path) -> None:
    path = draw_tiff(tmp_path / "a.tif", RGB, photometric="rgb", tile=(128, 128), compression="zlib")
    content = path.read_bytes()
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        place, size = page.dataoffsets[7], page.databytecounts[7]
    path.write_bytes(content[:place] + b"\xff" * size + content[place + size :])
    slide = TiffSlide(path)
    with pytest.raises(UnreadableImageError, match="decoded"):
        slide.region((130, 130, 200, 200))
    np.testing.assert_array_equal(np.asarray(slide.region((256, 128, 400, 256))), RGB[128:256, 256:400])
    with pytest.raises(UnreadableImageError, match="decoded"):
        slide.reduced(300)
    assert isinstance(slide.reduced(300, lenient=True), Image.Image)
    slide.close()
