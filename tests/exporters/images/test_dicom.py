"""DICOM files are shown as their own window shows them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from exporters import ExportOptions, export_images
from exporters.images.decode import UnreadableImageError, decode
from exporters.images.formats import format_of
from exporters.images.headers import has_more_bits, longest_side
from tests.exporters.drawn import read_tensor
from tests.exporters.every_format import dicom

RAMP = np.linspace(0, 4000, 64 * 64).reshape(64, 64).astype(np.uint16)


def shown(content: bytes, frame: int = 0) -> npt.NDArray[np.uint8]:
    picture = decode(content, frame)[0]
    assert picture.mode == "RGB"
    return np.asarray(picture)[:, :, 0]


def test_the_window_is_applied_after_the_scale() -> None:
    pixels = shown(dicom(RAMP, RescaleSlope=2, RescaleIntercept=-1000, WindowCenter=1000, WindowWidth=2000))
    # 0 to 2000 of twice the value less 1000: from 500 to 1500.
    assert pixels[RAMP < 480].max() == 0
    assert pixels[RAMP > 1520].min() == 255
    assert pixels[np.abs(RAMP.astype(int) - 1000) < 10].mean() == pytest.approx(127, abs=3)


def test_of_several_windows_the_first_is_taken_and_of_every_kind() -> None:
    exact = shown(dicom(RAMP, WindowCenter=[1000, 50], WindowWidth=[200, 10], VOILUTFunction="LINEAR_EXACT"))
    assert (exact[RAMP < 890].max(), exact[RAMP > 1110].min()) == (0, 255)
    soft = shown(dicom(RAMP, WindowCenter=2000, WindowWidth=1000, VOILUTFunction="SIGMOID"))
    assert soft.min() < 5
    assert soft.max() > 250
    assert soft[np.abs(RAMP.astype(int) - 2000) < 10].mean() == pytest.approx(127, abs=3)


def test_monochrome1_is_inverted_with_and_without_a_window() -> None:
    windowed = shown(dicom(RAMP, PhotometricInterpretation="MONOCHROME1", WindowCenter=2000, WindowWidth=4000))
    assert windowed[0, 0] > 250
    assert windowed[-1, -1] < 5
    plain = decode(dicom(RAMP, PhotometricInterpretation="MONOCHROME1", BitsStored=12, HighBit=11))[0]
    values = np.asarray(plain)
    assert (values[0, 0], values[-1, -1]) == (4095, 95)
    small = shown(dicom(np.full((4, 4), 40, np.uint8), PhotometricInterpretation="MONOCHROME1"))
    assert small[0, 0] == 215


def test_a_table_of_values_is_applied() -> None:
    from pydicom.dataset import Dataset

    table = Dataset()
    table.LUTDescriptor = [4, 0, 8]
    table.LUTData = [0, 100, 200, 255]
    table["LUTDescriptor"].VR = table["LUTData"].VR = "US"
    values = np.array([[0, 1], [2, 3]], np.uint16)
    content = dicom(values, VOILUTSequence=[table])
    assert shown(content).tolist() == pytest.approx(np.array([[0, 100], [200, 255]]), abs=1)


def test_signed_values_without_a_window_are_kept() -> None:
    values = np.array([[-1000, 0], [100, 3000]], np.int16)
    picture = decode(dicom(values))[0]
    assert np.asarray(picture).tolist() == values.tolist()
    scaled = decode(dicom(values, RescaleSlope=0.5, RescaleIntercept=0.25))[0]
    assert np.asarray(scaled).tolist() == (values * 0.5 + 0.25).tolist()
    assert has_more_bits(dicom(values))
    assert not has_more_bits(dicom(values, WindowCenter=10, WindowWidth=10))
    assert longest_side(dicom(values)) == 2


def test_a_scale_that_changes_nothing_leaves_8_bits_as_they_are() -> None:
    values = np.array([[60, 80], [100, 120]], np.uint8)
    content = dicom(values, RescaleSlope=1, RescaleIntercept=0)
    assert shown(content).tolist() == values.tolist()
    assert not has_more_bits(content)
    turned = dicom(values, RescaleSlope=1, RescaleIntercept=0, PhotometricInterpretation="MONOCHROME1")
    assert shown(turned).tolist() == (255 - values).tolist()


def test_rescaled_8_bits_are_shown_between_what_the_set_holds(tmp_path: Path) -> None:
    for number, value in enumerate((50, 150)):
        values = np.full((8, 8), value, np.uint8)
        values[0] = 0
        (tmp_path / f"{number}.dcm").write_bytes(dicom(values, RescaleSlope=2, RescaleIntercept=-100))
        assert has_more_bits(tmp_path / f"{number}.dcm")
    export_images(tmp_path, tmp_path / "run", ExportOptions(["pix"]))
    pixels = read_tensor(tmp_path / "run", "pix", 2).reshape(2, 32, 32, 3)
    assert [picture[-1].mean() for picture in pixels] == [pytest.approx(85, abs=1), 255]


@pytest.mark.parametrize("width", [0, 0.5])
def test_a_window_that_shows_nothing_is_none(width: float) -> None:
    content = dicom(RAMP, WindowCenter=0.5, WindowWidth=width)
    assert np.asarray(decode(content)[0]).tolist() == RAMP.tolist()
    assert has_more_bits(content)
    second = shown(dicom(RAMP, WindowCenter=[0.5, 1000], WindowWidth=[width, 200]))
    assert (second[RAMP < 890].max(), second[RAMP > 1110].min()) == (0, 255)


def test_each_frame_has_its_own_window() -> None:
    from pydicom.dataset import Dataset

    def group(center: int) -> Dataset:
        windowed = Dataset()
        windowed.WindowCenter, windowed.WindowWidth = center, 200
        frame = Dataset()
        frame.FrameVOILUTSequence = [windowed]
        return frame

    content = dicom(np.stack([RAMP, RAMP]), PerFrameFunctionalGroupsSequence=[group(1000), group(3000)])
    assert shown(content).mean() == pytest.approx(255 * 0.75, abs=4)
    assert shown(content, 1).mean() == pytest.approx(255 * 0.25, abs=4)


def test_colours_are_kept() -> None:
    picture = decode(dicom(np.full((5, 5, 3), (200, 30, 60), np.uint8)))[0]
    assert picture.getpixel((2, 2)) == (200, 30, 60)


@pytest.mark.parametrize("is_implicit", [True, False])
@pytest.mark.parametrize("has_meta", [True, False])
def test_a_file_without_a_preamble_is_read(is_implicit: bool, has_meta: bool) -> None:
    import pydicom
    from pydicom.uid import ImplicitVRLittleEndian

    data = pydicom.dcmread(io.BytesIO(dicom(RAMP)))
    if is_implicit:
        data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    file = io.BytesIO()
    data.save_as(file, implicit_vr=is_implicit, little_endian=True)
    content = file.getvalue()[132:]
    assert content[:2] == b"\2\0"
    content = content if has_meta else content[12 + content[8] :]
    assert content[:2] == (b"\2\0" if has_meta else b"\x08\0")
    assert np.asarray(decode(content)[0]).tolist() == RAMP.tolist()
    assert has_more_bits(content)
    assert longest_side(content) == 64


@pytest.mark.parametrize("head", [b"\x08\0\0\0", b"\2\0\0\0UL\4\0", b"\x08\0\5\0\4\0\0\0abcd\x09\0\0\0"])
def test_what_only_begins_alike_is_no_dicom(head: bytes) -> None:
    assert format_of(head.ljust(132, b"\1")) is None


def test_whole_numbers_of_32_bits_are_not_cut() -> None:
    values = np.array([[0, 2**31], [2**32 - 1, 5]], np.uint32)
    assert np.asarray(decode(dicom(values))[0]).tolist() == values.astype(np.float32).tolist()


def changed(change: Callable[[Any], None]) -> bytes:
    import pydicom

    data = pydicom.dcmread(io.BytesIO(dicom(RAMP)))
    change(data)
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def without_picture(data: Any) -> None:
    del data.PixelData


def without_decoder(data: Any) -> None:
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGLosslessSV1

    data.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    data.PixelData = encapsulate([b"\xff\xd8\xff\xc3\0\0"])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: changed(without_picture), "a DICOM file without a picture"),
        (lambda: changed(without_decoder), "DICOM compressed as JPEG Lossless.*: no decoder of it is installed"),
        (lambda: dicom(RAMP)[:300], "without a picture"),
        (lambda: dicom(RAMP)[:-900], "cut short"),
        (lambda: dicom(RAMP, Rows=40_000, Columns=40_000), "megapixels, over the limit"),
        (lambda: dicom(RAMP).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"), "packed"),
    ],
    ids=["no picture", "no decoder", "cut in the header", "cut", "too large", "packed"],
)
def test_a_file_that_cannot_be_shown_has_a_reason(make: Any, reason: str) -> None:
    with pytest.raises(UnreadableImageError, match=reason):
        decode(make())
