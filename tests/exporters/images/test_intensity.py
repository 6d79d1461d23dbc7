"""Grey pictures of more than 8 bits are shown between the values that the set holds, the same for all."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from exporters import ExportError, ExportOptions, export_images, write_run
from exporters.errors import ExportUsageError
from exporters.images import first_look
from exporters.images.decode import UnreadableImageError, decode
from exporters.images.deep import values_of
from exporters.images.first_look import find_intensity
from exporters.images.headers import has_more_bits
from exporters.images.intensity import Intensity, range_of, some_values
from exporters.images.remote import RemoteImage
from exporters.images.sources import open_source
from exporters.run.report import RunSummary
from tests.exporters.drawn import draw_folder, read_tensor, read_tiles
from tests.exporters.every_format import dicom, encoded
from tests.exporters.raw_files import GRAY, GRAY_ALPHA, RGB, RGBA, chunk, png, tiff

PIX = ExportOptions(["pix"])


def ramp(low: int, high: int, side: int = 96) -> npt.NDArray[np.uint16]:
    return np.linspace(low, high, side * side).reshape(side, side).astype(np.uint16)


def camera(folder: Path, kind: str = "PNG", suffix: str = "png") -> Path:
    """Pictures of a camera of 12 bits: a dark one and a bright one, and how they are stored."""
    folder.mkdir(parents=True)
    for name, values in (("a_dark", ramp(100, 1100)), ("b_bright", ramp(100, 4000))):
        (folder / f"{name}.{suffix}").write_bytes(encoded(Image.fromarray(values), kind))
    return folder


def means(run: Path, count: int = 2) -> list[float]:
    return [float(row.mean()) for row in read_tensor(run, "pix", count)]


def report(run: Path) -> Any:
    return json.loads((run / "export_report.json").read_text())


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", "png"), ("TIFF", "tif")])
def test_a_set_is_shown_between_what_it_holds_and_stays_comparable(tmp_path: Path, kind: str, suffix: str) -> None:
    summary = export_images(camera(tmp_path / "in", kind, suffix), tmp_path / "run", PIX)
    dark, bright = means(tmp_path / "run")
    assert dark == pytest.approx(255 * 500 / 3900, abs=3)
    assert bright == pytest.approx(255 / 2, abs=3)
    settings = report(tmp_path / "run")["settings"]
    assert settings["intensity"] == "set"
    low, high = settings["intensity range"]["whole numbers"]
    assert (low, high) == (pytest.approx(100, abs=10), pytest.approx(4000, abs=15))
    (note,) = summary.notes
    assert note.startswith("2 pictures with more than 8 bits a value: what lies between 10")
    assert note.endswith(
        "(--intensity full keeps the whole range, --intensity each stretches every picture by itself)."
    )


def test_the_page_shows_what_the_features_were_made_of(tmp_path: Path) -> None:
    export_images(camera(tmp_path / "in", "TIFF", "tif"), tmp_path / "run", PIX)
    with zipfile.ZipFile(tmp_path / "run" / "images.zip") as archive:
        shown = [np.asarray(Image.open(io.BytesIO(archive.read(name)))) for name in archive.namelist()]
    assert [picture.shape for picture in shown] == [(96, 96, 3), (96, 96, 3)]
    for pixels, tile, picture in zip(
        read_tensor(tmp_path / "run", "pix", 2), read_tiles(tmp_path / "run", 2), shown, strict=True
    ):
        assert tile.mean() == pytest.approx(pixels.mean(), abs=2)
        assert picture.mean() == pytest.approx(pixels.mean(), abs=2)


def test_the_whole_range_and_each_picture_are_choices(tmp_path: Path) -> None:
    folder = camera(tmp_path / "in")
    summary = export_images(folder, tmp_path / "full", replace(PIX, intensity="full"))
    assert max(means(tmp_path / "full")) < 10
    assert summary.notes == []
    assert report(tmp_path / "full")["settings"]["intensity"] == "full"
    export_images(folder, tmp_path / "each", replace(PIX, intensity="each"))
    assert means(tmp_path / "each") == [pytest.approx(127, abs=3)] * 2
    with pytest.raises(ExportUsageError, match="--intensity must be set, full or each"):
        export_images(folder, tmp_path / "none", replace(PIX, intensity="some"))


def test_floats_and_whole_numbers_of_32_bits_are_shown_too(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    values = np.linspace(-3, 5, 4096).reshape(64, 64)
    values[0, 0], values[0, 1] = np.nan, np.inf
    Image.fromarray(values.astype(np.float32)).save(tmp_path / "in" / "a.tif")
    export_images(tmp_path / "in", tmp_path / "floats", PIX)
    assert means(tmp_path / "floats", 1) == [pytest.approx(127, abs=3)]
    Image.fromarray(np.linspace(-70_000, 900_000, 4096).reshape(64, 64).astype(np.int32)).save(
        tmp_path / "in" / "a.tif"
    )
    export_images(tmp_path / "in", tmp_path / "numbers", PIX)
    assert means(tmp_path / "numbers", 1) == [pytest.approx(127, abs=3)]


def colors(values: npt.NDArray[np.uint16], kind: str) -> bytes:
    """A file with 16 bits a colour, which Pillow does not write."""
    if kind == "PNG":
        return png(values, RGB)
    return tiff(values, order=kind[0], packed=kind.endswith("packed"), in_planes="planes" in kind)


@pytest.mark.parametrize(
    "kind", ["PNG", "<TIFF", ">TIFF", "<TIFF packed", ">TIFF packed", "<TIFF planes", ">TIFF planes"]
)
def test_colours_of_16_bits_are_shown_between_what_the_set_holds(tmp_path: Path, kind: str) -> None:
    (tmp_path / "in").mkdir()
    values = np.stack([ramp(100, 4000), ramp(100, 2050), np.full((96, 96), 100, np.uint16)], axis=2)
    content = colors(values, kind)
    picture, _ = decode(content)
    np.testing.assert_array_equal(values_of(picture), values)
    (tmp_path / "in" / "a.png").write_bytes(content)
    summary = export_images(tmp_path / "in", tmp_path / "run", PIX)
    pixels = read_tensor(tmp_path / "run", "pix", 1).reshape(-1, 3)
    assert pixels.mean(axis=0) == pytest.approx([127, 63, 0], abs=3)
    assert summary.notes[0].startswith("1 picture with more than 8 bits a value")
    with zipfile.ZipFile(tmp_path / "run" / "images.zip") as archive:
        shown = np.asarray(Image.open(io.BytesIO(archive.read(archive.namelist()[0]))))
    assert shown.reshape(-1, 3).mean(axis=0) == pytest.approx([127, 63, 0], abs=4)
    export_images(tmp_path / "in", tmp_path / "full", replace(PIX, intensity="full"))
    assert read_tensor(tmp_path / "full", "pix", 1).max() == 15


RAMP = ramp(100, 4000)
COLORED = np.stack([RAMP, RAMP // 2, RAMP // 3], axis=2)
HALF = np.where(RAMP > 2000, 65_535, 0).astype(np.uint16)
OPAQUE = np.full_like(HALF, 65_535)


def transparent(alpha: npt.NDArray[np.uint16], kind: str) -> tuple[npt.NDArray[np.uint16], bytes]:
    """Values, and a file that holds them and how opaque they are."""
    colored = np.dstack([COLORED, alpha])
    if kind == "grey PNG":
        return RAMP, png(np.dstack([RAMP, alpha]), GRAY_ALPHA)
    if kind == "PNG":
        return COLORED, png(colored, RGBA)
    if kind.endswith("associated"):
        faded = np.dstack([np.rint(COLORED * (alpha[:, :, None] / 65_535)).astype(np.uint16), alpha])
        return COLORED, tiff(faded, order=kind[0], packed="packed" in kind, tags={338: 1})
    return COLORED, tiff(colored, order=kind[0], packed="packed" in kind, in_planes="planes" in kind, tags={338: 2})


WITH_ALPHA = ["PNG", "grey PNG", "<TIFF", ">TIFF packed", "<TIFF planes", "<TIFF associated", ">TIFF packed associated"]


@pytest.mark.parametrize("kind", WITH_ALPHA)
def test_what_is_opaque_is_shown_as_if_there_were_no_transparency(kind: str) -> None:
    values, content = transparent(OPAQUE, kind)
    picture, _ = decode(content)
    np.testing.assert_array_equal(values_of(picture), values)
    assert has_more_bits(content)
    assert Intensity("each").shown(picture).getextrema()[0] == (0, 255)


@pytest.mark.parametrize("kind", WITH_ALPHA)
def test_what_is_transparent_is_white_and_sets_no_range(kind: str) -> None:
    values, content = transparent(HALF, kind)
    picture, _ = decode(content)
    there = values_of(picture)[HALF > 0]
    np.testing.assert_array_equal(there, values[HALF > 0])
    assert set(some_values(picture)) <= set(there.reshape(-1).astype(float))
    shown = np.asarray(Intensity("full").shown(picture))
    np.testing.assert_array_equal(shown[HALF == 0], 255)
    np.testing.assert_array_equal(shown[HALF > 0][:, 0], RAMP[HALF > 0] // 256)


def test_half_transparent_associated_colours_are_made_whole_again() -> None:
    values, content = transparent(np.full_like(HALF, 32_768), "<TIFF associated")
    picture, _ = decode(content)
    assert np.abs(values_of(picture).astype(int) - values).max() <= 1


def test_a_value_that_means_transparency_is_white() -> None:
    gray, _ = decode(png(RAMP, GRAY, chunk(b"tRNS", struct.pack(">H", RAMP[0, 0]))))
    colored, _ = decode(png(COLORED, RGB, chunk(b"tRNS", struct.pack(">HHH", *COLORED[0, 0]))))
    for picture, values in ((gray, RAMP), (colored, COLORED)):
        np.testing.assert_array_equal(values_of(picture), values)
        shown = np.asarray(Intensity("full").shown(picture))
        assert shown[0, 0].tolist() == [255, 255, 255]
        assert shown[-1, -1].max() < 20
    never, _ = decode(png(COLORED, RGB, chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))))
    assert Intensity("full").shown(never).getextrema()[0] == (0, 15)


def test_large_16_bit_colours_are_averaged_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporters.images.decode.LARGE_PIXELS", 96 * 96 // 4)
    picture, _ = decode(png(np.dstack([COLORED, HALF]), RGBA))
    assert picture.size == (48, 48)
    np.testing.assert_allclose(values_of(picture), COLORED.reshape(48, 2, 48, 2, 3).mean(axis=(1, 3)), atol=1)
    assert Intensity("full").shown(picture).getpixel((0, 0)) == (255, 255, 255)


def test_packed_planes_of_16_bits_are_refused_in_a_sentence() -> None:
    with pytest.raises(
        UnreadableImageError, match="16-bit colours in separate, packed planes: save it with its colours"
    ):
        decode(tiff(COLORED, in_planes=True, packed=True))


def test_where_0_is_white_a_tiff_is_turned_round(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, photometric in enumerate((1, 0)):
        tags = {262: photometric}
        Image.fromarray(ramp(0, 60_000)).save(tmp_path / "in" / f"{number}.tif", tiffinfo=tags)
    export_images(tmp_path / "in", tmp_path / "run", PIX)
    first, second = read_tensor(tmp_path / "run", "pix", 2).reshape(2, 32, 32, 3)
    assert [first[0].mean(), first[-1].mean()] == pytest.approx([0, 234], abs=30)
    assert [second[0].mean(), second[-1].mean()] == pytest.approx([255, 21], abs=30)


def test_hot_pixels_do_not_set_the_scale() -> None:
    values = np.full((64, 64), 500, np.uint16)
    values[:32] = 900
    values[5, 5] = 65_535
    assert range_of([some_values(Image.fromarray(values))]) == (500, 900)


def test_where_all_is_one_value_it_is_shown_in_the_whole_range(tmp_path: Path) -> None:
    assert Intensity("each").shown(Image.fromarray(np.full((4, 4), 700, np.uint16))).getextrema() == ((2, 2),) * 3
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(np.full((8, 8), 65_535, np.uint16)).save(tmp_path / "in" / name)
    summary = export_images(tmp_path / "in", tmp_path / "run", PIX)
    assert means(tmp_path / "run") == [255, 255]
    assert summary.notes == []


def test_a_deep_picture_under_the_name_of_a_photo_is_stretched_by_itself(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(encoded(Image.fromarray(ramp(100, 4000)), "PNG"))
    export_images(tmp_path / "in", tmp_path / "run", PIX)
    assert means(tmp_path / "run", 1) == [pytest.approx(127, abs=3)]


def test_where_hardly_any_values_differ_those_set_the_range() -> None:
    values = np.zeros((64, 64), np.uint16)
    values[3, 3] = 3000
    assert range_of([some_values(Image.fromarray(values))]) == (0, 3000)


def test_floats_and_whole_numbers_have_a_range_each(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.fromarray(np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64)).save(tmp_path / "in" / "a.tif")
    Image.fromarray(ramp(0, 60_000, 64)).save(tmp_path / "in" / "b.png")
    (tmp_path / "in" / "c.dcm").write_bytes(dicom(ramp(0, 4000, 64), RescaleSlope=1, RescaleIntercept=-1024))
    summary = export_images(tmp_path / "in", tmp_path / "run", PIX)
    assert means(tmp_path / "run", 3) == [pytest.approx(127, abs=3)] * 3
    ranges = report(tmp_path / "run")["settings"]["intensity range"]
    assert list(ranges) == ["floats", "rescaled DICOM values", "whole numbers"]
    assert "(floats), -1,0" in summary.notes[0]


@pytest.mark.parametrize("kind", ["told", "GDAL's float", "usual", "told whole numbers", "DICOM", "DICOM turned round"])
def test_what_is_no_value_is_black_and_sets_no_range(tmp_path: Path, kind: str) -> None:
    (tmp_path / "in").mkdir()
    heights = np.linspace(200, 500, 4096).reshape(64, 64)
    files = {
        "told": lambda: tiff(holed(heights, 9e4, np.float32), tags={42113: "90000"}),
        "GDAL's float": lambda: tiff(holed(heights, 3.4e38, np.float32)),
        "usual": lambda: tiff(holed(heights, -9999, np.int16)),
        "told whole numbers": lambda: tiff(holed(heights, 65_535, np.uint16), tags={42113: "65535 "}),
        "DICOM": lambda: dicom(
            holed(heights, -2000, np.int16), PixelPaddingValue=-2000, RescaleSlope=2, RescaleIntercept=1
        ),
        "DICOM turned round": lambda: dicom(
            holed(heights, 0, np.uint16), PixelPaddingValue=0, PhotometricInterpretation="MONOCHROME1"
        ),
    }
    (tmp_path / "in" / "a").write_bytes(files[kind]())
    export_images(tmp_path / "in", tmp_path / "run", PIX)
    pixels = read_tensor(tmp_path / "run", "pix", 1).reshape(32, 32, 3)
    assert pixels[:, :8].max() == 0
    assert pixels[:, 8:].mean() == pytest.approx(127, abs=4)


def holed(values: npt.NDArray[Any], missing: float, kind: type[np.generic]) -> npt.NDArray[Any]:
    """The values, a quarter of them missing."""
    values = values.copy()
    values[:, :16] = missing
    return values.astype(kind)


def test_a_set_without_numbers_is_black() -> None:
    shown = Intensity("each").shown(Image.fromarray(np.full((4, 4), np.nan, np.float32)))
    assert shown.getextrema() == ((0, 0),) * 3


def test_a_set_of_8_bits_is_not_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = draw_folder(tmp_path / "in", 8)
    monkeypatch.setattr(first_look, "_values_of", lambda image: pytest.fail(image.name))
    assert find_intensity("set", open_source(folder).images) == Intensity("set")


def test_of_very_many_some_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    for number in range(40):
        Image.fromarray(np.full((8, 8), number, np.uint16)).save(tmp_path / "in" / f"{number:02d}.png")
    monkeypatch.setattr(first_look, "LOOKED_AT", 5)
    intensity = find_intensity("set", open_source(tmp_path / "in").images)
    assert list(intensity.found["whole numbers"]) == pytest.approx([0, 39], abs=1)


def test_an_address_gives_the_same_range_as_the_folder(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    folder = camera(tmp_path / "in")
    (folder / "c.tif").write_bytes(encoded(Image.fromarray(ramp(0, 9000)), "TIFF"))
    local = find_intensity("set", open_source(folder).images)
    assert local.found
    assert find_intensity("set", open_source(f"file://{folder}").images) == local


def test_at_an_address_some_headers_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec")
    folder = draw_folder(tmp_path / "in", 20)
    asked: list[str] = []
    monkeypatch.setattr(RemoteImage, "has_more_bits", lambda image: asked.append(image.name))
    monkeypatch.setattr(first_look, "LOOKED_AT", 5)
    find_intensity("set", open_source(f"file://{folder}").images)
    assert len(asked) == 5


def test_an_interrupted_export_goes_on_with_the_same_range_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(300):
        Image.fromarray(np.full((8, 8), 10 * number, np.uint16)).save(folder / f"{number:03d}.png")
    whole = export_images(folder, tmp_path / "whole", PIX)

    from exporters.features.stages import FeatureStages

    calls: list[int] = []
    compute = FeatureStages.compute

    def stop_at_the_second(stages: FeatureStages, pictures: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return compute(stages, pictures)

    def interrupt() -> None:
        calls.clear()
        with monkeypatch.context() as stopping:
            stopping.setattr(FeatureStages, "compute", stop_at_the_second)
            with pytest.raises(KeyboardInterrupt):
                export_images(folder, tmp_path / "run", PIX)

    interrupt()
    with pytest.raises(ExportError, match=r"cannot go on because --intensity \(set, now full\) changed"):
        export_images(folder, tmp_path / "run", replace(PIX, intensity="full"), resume=True)
    interrupt()
    summary = export_images(folder, tmp_path / "run", PIX, resume=True)
    assert summary.notes == whole.notes
    assert (tmp_path / "run" / "pix.bytes").read_bytes() == (tmp_path / "whole" / "pix.bytes").read_bytes()
    assert report(tmp_path / "run")["settings"] | {"seconds": 0} == report(tmp_path / "whole")["settings"] | {
        "seconds": 0
    }


def test_a_run_of_ones_own_features_shows_the_whole_range(tmp_path: Path) -> None:
    folder = camera(tmp_path / "in")
    paths = sorted(folder.iterdir())
    summary: RunSummary = write_run(tmp_path / "run", {"x": np.eye(2)}, paths)
    assert summary.images == 2
    assert max(tile.mean() for tile in read_tiles(tmp_path / "run", 2)) < 100


def window(folder: Path) -> Path:
    folder.mkdir()
    values = np.linspace(0, 4000, 4096).reshape(64, 64).astype(np.uint16)
    (folder / "a.dcm").write_bytes(dicom(values, WindowCenter=1000, WindowWidth=200))
    (folder / "b.dcm").write_bytes(dicom(values))
    return folder


def test_dicom_files_with_a_window_keep_it_and_others_share_the_set(tmp_path: Path) -> None:
    summary = export_images(window(tmp_path / "in"), tmp_path / "run", PIX)
    windowed, shared = read_tensor(tmp_path / "run", "pix", 2).reshape(2, 32, 32, 3)
    assert windowed.mean() == pytest.approx(255 * 0.75, abs=4)
    assert shared.mean() == pytest.approx(127, abs=3)
    assert summary.notes[0].startswith("1 picture with more")
