"""Slides that OpenSlide reads."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from exporters.images.decode import UnreadableImageError
from exporters.images.vendor_slide import VendorSlide
from tests.exporters.drawn_slides import draw_jpeg_slide, gradient
from tests.missing import missing


@pytest.fixture
def openslide() -> None:
    try:
        import openslide  # noqa: F401
    except (ImportError, OSError):
        missing("needs the extra [slides]")


def aperio(path: Path) -> Path:
    """A slide as Aperio's scanners write them."""
    return draw_jpeg_slide(
        path, gradient(1400, 1000), (4,), False, description="Aperio Image Library v1", metadata=None
    )


@pytest.mark.usefixtures("openslide")
def test_parts_and_the_whole_are_those_of_the_slide(tmp_path: Path) -> None:
    slide = VendorSlide(aperio(tmp_path / "a.svs"))
    assert slide.size == (1400, 1000)
    part = slide.region((500, 300, 900, 700))
    assert (part.mode, part.size) == ("RGB", (400, 400))
    assert np.abs(np.asarray(part).astype(int) - gradient(1400, 1000)[300:700, 500:900]).mean() < 3
    assert [slide.reduced(side).size for side in (100, 350, 351)] == [(117, 84), (350, 250), (467, 334)]
    slide.close()


@pytest.mark.usefixtures("openslide")
@pytest.mark.parametrize("content", [b"", b"II*\0" + bytes(50), b"text" * 100])
@pytest.mark.parametrize("suffix", [".svs", ".ndpi", ".scn", ".bif", ".czi", ".svslide"])
def test_what_openslide_does_not_read_is_told(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableImageError, match="OpenSlide"):
        VendorSlide(path)


@pytest.mark.usefixtures("openslide")
def test_after_a_damaged_part_the_others_are_read(tmp_path: Path) -> None:
    import tifffile

    path = aperio(tmp_path / "a.svs")
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        place, size = page.dataoffsets[7], page.databytecounts[7]
    content = path.read_bytes()
    path.write_bytes(content[:place] + bytes(size) + content[place + size :])
    slide = VendorSlide(path)
    with pytest.raises(UnreadableImageError, match="damaged"):
        slide.region((300, 300, 400, 400))
    assert slide.region((0, 0, 100, 100)).size == (100, 100)
    slide.close()


def test_without_openslide_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openslide", None)
    with pytest.raises(UnreadableImageError, match=r"needs OpenSlide: pip install 'tb-tsne\[slides\]'"):
        VendorSlide(aperio(tmp_path / "a.svs"))


@pytest.mark.usefixtures("openslide")
@pytest.mark.parametrize("name", ["../secret.dat", "..\\secret.dat", "/etc/secret.dat"])
def test_a_slide_of_several_files_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a.mrxs").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "a" / "Slidedat.ini").write_text(f"[DATAFILE]\nFILE_COUNT = 1\nFILE_0 = {name}\n")
    with pytest.raises(UnreadableImageError, match="outside of its folder"):
        VendorSlide(tmp_path / "a.mrxs")
    (tmp_path / "a" / "Slidedat.ini").write_text("[DATAFILE]\nFILE_COUNT = 1\nFILE_0 = Data0000.dat\n")
    with pytest.raises(UnreadableImageError, match="OpenSlide"):
        VendorSlide(tmp_path / "a.mrxs")
    (tmp_path / "a" / "Data0000.dat").symlink_to(tmp_path / "a.mrxs")
    with pytest.raises(UnreadableImageError, match="outside of its folder"):
        VendorSlide(tmp_path / "a.mrxs")
    (tmp_path / "b.mrxs").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(UnreadableImageError, match="the folder b with its parts is missing"):
        VendorSlide(tmp_path / "b.mrxs")
