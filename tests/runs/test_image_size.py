"""How large an image is, as PIL says it, from headers of every kind; and what is too large to be shown."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tb_tsne_plugin.runs import RunError, find_run
from tb_tsne_plugin.runs.image_size import image_size
from tests.builders import make_run


def encoded(kind: str, size: tuple[int, int], mode: str = "RGB", **settings: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind, **settings)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG file: there is nothing to decode."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (4_000, 3_000)])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("PNG", {}),
        ("PNG", {"mode": "P"}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("JPEG", {"exif": b"Exif\0\0" + b"\xff\xc0" * 30_000, "comment": b"\xff\xc0\0\x11" * 100}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"mode": "RGBA", "exif": b"Exif\0\0"}),
    ],
)
def test_sizes_are_those_that_pil_tells(kind: str, settings: dict[str, Any], size: tuple[int, int]) -> None:
    assert image_size(io.BytesIO(encoded(kind, size, **settings))) == size


@pytest.mark.timeout(30)
def test_what_is_no_image_has_no_size() -> None:
    random = np.random.default_rng(0)
    for whole in (encoded("PNG", (7, 9)), encoded("JPEG", (7, 9)), encoded("WEBP", (7, 9))):
        for _ in range(2_000):
            raw = bytearray(whole[: random.integers(0, min(len(whole), 700))])
            for place in random.integers(0, len(raw), 3) if raw else ():
                raw[place] = random.integers(256)
            found = image_size(io.BytesIO(bytes(raw)))
            assert found is None or min(found) > 0
    for none in (
        b"",
        b"GIF89a" + bytes(40),
        b"\xff\xd8\xff\xff" + b"\xff" * 100_000,
        b"\xff\xd8" + b"\xff\xe0\0\0" * 99,
    ):
        assert image_size(io.BytesIO(none)) is None


@pytest.mark.parametrize(
    ("size", "shown"),
    [((8_192, 8_192), True), ((14_400, 14_400), False), ((65_500, 8), False), ((2**31, 2**31), False)],
)
def test_a_sheet_that_is_too_large_says_which_limit(tmp_path: Path, size: tuple[int, int], shown: bool) -> None:
    make_run(tmp_path)
    (tmp_path / "sprite.png").write_bytes(png_header(*size))
    tensor = find_run(tmp_path, ".").tensor("im")
    if shown:
        assert tensor.sprite().columns == 1_024
        return
    for use in (tensor.sprite, tensor.open_sprite):
        with pytest.raises(
            RunError, match=rf"sprite\.png has {size[0]:,} x {size[1]:,} pixels; images of at most 64 mega"
        ):
            use()
