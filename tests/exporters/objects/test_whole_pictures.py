"""The pictures that objects and tiles are parts of are kept in the run: each once, of the one decoding there is."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters import ExportError, ExportOptions, ObjectChoice, export_images
from exporters.images.crops import TOGETHER
from tests.exporters.drawn import BLUE, GREEN, RED, draw, draw_folder, read_metadata
from tests.exporters.test_export import Interruption, files_of


def whole_pictures(run: Path) -> dict[str, Image.Image]:
    """The pictures of a run by what the archive calls them."""
    with zipfile.ZipFile(run / "pictures.zip") as archive:
        assert {entry.compress_type for entry in archive.infolist()} <= {zipfile.ZIP_STORED}
        names = archive.namelist()
        assert len(set(names)) == len(names)
        return {name: Image.open(io.BytesIO(archive.read(name))) for name in names}


def options_of(folder: Path, rows: list[str], **settings: object) -> ExportOptions:
    (folder / "boxes.csv").write_text("\n".join(["file,x,y,width,height", *rows]))
    choice = ObjectChoice(f"csv:{folder / 'boxes.csv'}", 0.0)
    return ExportOptions(["pix"], objects=choice, max_samples=None, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("objects", [1, TOGETHER, 3 * TOGETHER + 1])
def test_each_picture_is_kept_once_under_its_file_and_decoded_once(
    objects: int, tmp_path: Path, decodings: Counter[bytes]
) -> None:
    sizes = {"a.png": (400, 300), "b.jpg": (200, 900), "c.png": (100, 50), "d.bmp": (60, 40)}
    for name, size in sizes.items():
        draw(tmp_path / name, RED if name < "c" else BLUE, size)
    rows = [f"{name},{place},0,10,10" for name in sizes for place in range(objects)]
    export_images(tmp_path, tmp_path / "run", options_of(tmp_path, rows, whole_size=300))
    assert sorted(decodings.values()) == [1, 1, 1, 1]
    found = whole_pictures(tmp_path / "run")
    assert {name: picture.size for name, picture in found.items()} == {
        "a.png.jpg": (300, 225),
        "b.jpg.jpg": (67, 300),
        "c.png.jpg": (100, 50),
        "d.bmp.png": (60, 40),
    }
    for name, picture in found.items():
        assert np.abs(np.asarray(picture)[20, 20].astype(int) - (RED if name < "c" else BLUE)).max() < 6
    rows_of = read_metadata(tmp_path / "run")
    assert {(row["file"], int(row["picture_width"]), int(row["picture_height"])) for row in rows_of} == {
        (name, *size) for name, size in sizes.items()
    }


def test_a_whole_picture_is_as_it_is_seen(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.new("RGB", (200, 100), RED)
    picture.paste(GREEN, (0, 0, 100, 100))
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    values = np.full((80, 120), 1000, np.uint16)
    values[:, 60:] = 3000
    Image.fromarray(values).save(tmp_path / "deep.png")
    export_images(tmp_path, tmp_path / "run", options_of(tmp_path, ["turned.jpg,0,0,50,50", "deep.png,0,0,120,80"]))
    found = {
        name: np.asarray(each.convert("RGB")).astype(int) for name, each in whole_pictures(tmp_path / "run").items()
    }
    turned, deep = found["turned.jpg.jpg"], found["deep.png.jpg"]
    assert turned.shape == (200, 100, 3)
    assert np.abs(turned[20, 50] - GREEN).max() < 20
    assert np.abs(turned[180, 50] - RED).max() < 20
    assert deep[40, 20].max() < 20
    assert deep[40, 100].min() > 235  # what the set holds is shown from black to white


def test_pictures_whose_names_are_told_apart_only_by_what_is_cleaned_stay_two(tmp_path: Path) -> None:
    for name, fill in (("a\tb.png", RED), ("a_b.png", BLUE)):
        draw(tmp_path / "in" / name, fill, (100, 80))
    export_images(tmp_path / "in", tmp_path / "run", ExportOptions(["pix"], tiles="50", max_samples=None))
    rows = read_metadata(tmp_path / "run")
    found = whole_pictures(tmp_path / "run")
    assert set(found) == {f"{row['file']}.jpg" for row in rows}
    assert len(found) == 2
    first, second = (
        np.asarray(found[f"{file}.jpg"])[40, 40].astype(int) for file in dict.fromkeys(row["file"] for row in rows)
    )
    assert np.abs(first - RED).max() < 6
    assert np.abs(second - BLUE).max() < 6


def test_whole_pictures_can_be_left_out_and_go_with_the_next_export(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", RED, (100, 80))
    export_images(tmp_path, tmp_path / "run", options_of(tmp_path, ["a.png,0,0,50,50"]))
    assert (tmp_path / "run" / "pictures.zip").exists()
    assert "pictures.zip" in json.loads((tmp_path / "run" / "export_report.json").read_text())["files"]
    export_images(tmp_path, tmp_path / "run", options_of(tmp_path, ["a.png,0,0,50,50"], whole_size=0))
    assert not (tmp_path / "run" / "pictures.zip").exists()
    draw_folder(tmp_path / "in", 4)
    export_images(tmp_path / "in", tmp_path / "whole", ExportOptions(["pix"]))
    assert not (tmp_path / "whole" / "pictures.zip").exists()


def test_somebodys_own_archive_of_that_name_is_not_written_over(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", RED, (100, 80))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "pictures.zip").write_bytes(b"mine")
    with pytest.raises(ExportError, match=r"already holds pictures\.zip, which tb-tsne did not write"):
        export_images(tmp_path, tmp_path / "run", options_of(tmp_path, ["a.png,0,0,50,50"]))
    assert (tmp_path / "run" / "pictures.zip").read_bytes() == b"mine"


def test_a_picture_that_an_interruption_parts_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The 256th object of a chunk and the next one are of the same picture."""
    for number in range(3):
        draw(tmp_path / f"{number}.png", (RED, GREEN, BLUE)[number], (200, 100))
    rows = [f"{number}.png,{place % 150},{place // 150},20,20" for number in range(3) for place in range(200)]
    choice = options_of(tmp_path, rows)
    export_images(tmp_path, tmp_path / "whole", choice)
    Interruption(monkeypatch, at=2)
    with pytest.raises(KeyboardInterrupt):
        export_images(tmp_path, tmp_path / "run", choice)
    monkeypatch.undo()
    with pytest.raises(ExportError, match=r"cannot go on because --whole-size \(1600, now 800\) changed"):
        export_images(tmp_path, tmp_path / "run", options_of(tmp_path, rows, whole_size=800), resume=True)
    export_images(tmp_path, tmp_path / "run", choice, resume=True)
    assert set(whole_pictures(tmp_path / "run")) == {"0.png.jpg", "1.png.jpg", "2.png.jpg"}
    assert files_of(tmp_path / "run")["pictures.zip"] == files_of(tmp_path / "whole")["pictures.zip"]


def test_a_journal_with_whole_pictures_of_nobody_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        draw(tmp_path / f"{number}.png", (RED, GREEN)[number], (200, 100))
    rows = [f"{number}.png,{place % 150},{place // 150},20,20" for number in range(2) for place in range(200)]
    choice = options_of(tmp_path, rows)
    Interruption(monkeypatch, at=2)
    with pytest.raises(KeyboardInterrupt):
        export_images(tmp_path, tmp_path / "run", choice)
    monkeypatch.undo()
    journal = tmp_path / "run" / ".exporting" / "journal.jsonl"
    told = journal.read_text()
    assert '"wholes": ["0.png", "1.png"]' in told
    for forged in ('["0.png", "../../photos"]', '["0.png", "0.png"]', '["0.png"]'):
        journal.write_text(told.replace('["0.png", "1.png"]', forged))
        with pytest.raises(ExportError, match="start over without --resume"):
            export_images(tmp_path, tmp_path / "run", choice, resume=True)
    assert not (tmp_path / "run" / "pictures.zip").exists()
