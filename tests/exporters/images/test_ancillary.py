"""What is no part of a picture never costs it: texts, profiles, tags, and what follows its end."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from exporters.images.ancillary import without_ancillary
from exporters.images.decode import UnreadableImageError, decode
from exporters.images.headers import longest_side
from tests.exporters.every_format import encoded, plain

FILL = (200, 60, 90)
PNG = encoded(plain(FILL), "PNG")


def chunk(kind: bytes, data: bytes, checksum: int | None = None) -> bytes:
    found = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", found)


def with_chunk(added: bytes, before: bytes = b"IDAT", content: bytes = PNG) -> bytes:
    place = content.index(before) - 4
    return content[:place] + added + content[place:]


LONG = zlib.compress(bytes(3 << 20))
BROKEN = {
    "a long text": with_chunk(chunk(b"zTXt", b"k\0\0" + LONG)),
    "a long text behind the pixels": with_chunk(chunk(b"zTXt", b"k\0\0" + LONG), before=b"IEND"),
    "a hundred long texts": with_chunk(chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(900_000))) * 100),
    "a long XMP": with_chunk(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + LONG)),
    "a large profile": with_chunk(chunk(b"iCCP", b"p\0\0" + LONG)),
    "a text with another sum": with_chunk(chunk(b"tEXt", b"k\0v", checksum=1)),
    "EXIF with another sum": with_chunk(chunk(b"eXIf", b"II*\0", checksum=1)),
    "a palette's histogram cut short": with_chunk(chunk(b"pHYs", b"\0")),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_png_with_damaged_or_much_metadata_is_whole(content: bytes) -> None:
    assert decode(content)[0].getpixel((9, 9)) == FILL
    assert longest_side(content) == 24


def test_transparency_and_which_way_is_up_are_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.new("RGB", (30, 20), FILL)
    content = encoded(lying, "PNG", exif=exif, transparency=FILL)
    picture = decode(with_chunk(chunk(b"zTXt", b"k\0\0" + LONG), content=content))[0]
    assert picture.size == (20, 30)
    assert picture.getpixel((9, 9)) == (255, 255, 255)


def test_a_png_that_is_cut_short_stays_so() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 90, 3), dtype=np.uint8))
    content = with_chunk(chunk(b"zTXt", b"k\0\0" + LONG), content=encoded(noise, "PNG"))
    for share in (0.3, 0.9):
        with pytest.raises(UnreadableImageError):
            decode(content[: int(len(content) * share)])


def tiff_with(tag: int, **settings: object) -> bytes:
    """A TIFF of which one tag points behind the file's end."""
    content = bytearray(encoded(plain(FILL), "TIFF", description="so many words", icc_profile=bytes(200), **settings))
    (at,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, at)
    places = [at + 2 + 12 * number for number in range(count)]
    (place,) = [place for place in places if struct.unpack_from("<H", content, place)[0] == tag]
    struct.pack_into("<I", content, place + 8, 2**31)
    return bytes(content)


@pytest.mark.parametrize("tag", [270, 34675])
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_tiff_with_a_damaged_tag_is_whole(tag: int, compression: str | None) -> None:
    content = tiff_with(tag, compression=compression)
    assert decode(content)[0].getpixel((9, 9)) == FILL
    assert longest_side(content) == 24


def test_a_tiff_whose_pixels_are_elsewhere_is_damaged() -> None:
    content = encoded(plain(FILL), "TIFF")
    with pytest.raises(UnreadableImageError, match="cut short"):
        decode(content[:-20])


@pytest.mark.parametrize("exif", [b"", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"no"])
def test_a_jpeg_with_damaged_exif_profile_or_garbage_behind_it_is_whole(exif: bytes) -> None:
    content = encoded(plain(FILL), "JPEG", quality=95, exif=b"Exif\0\0" + exif, icc_profile=b"no profile")
    for garbage in (b"", b"\0" * 5000, content[:300]):
        picture = decode(content + garbage)[0]
        assert np.abs(np.subtract(picture.getpixel((9, 9)) or (), FILL)).max() <= 4


def test_nothing_is_left_out_of_what_has_nothing_else() -> None:
    assert without_ancillary(PNG) is None
    assert without_ancillary(encoded(plain(FILL), "JPEG")) is None
    assert without_ancillary(PNG[:20]) is None
    assert without_ancillary(b"") is None
