"""Parquet files as a source: of bytes, as Hugging Face writes them, of paths; here and behind an address."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exporters import ExportError, ExportOptions, export_images
from exporters.images import find
from exporters.images.listing import Listing
from exporters.images.read import local_reader
from exporters.images.renditions import RenditionSpec
from exporters.images.sources import open_source
from tests.exporters.drawn import draw_folder, read_metadata

FORMS = ("struct", "binary", "paths")


def as_table(files: Sequence[Path], folder: Path, form: str) -> Any:
    names = [path.relative_to(folder).as_posix() for path in files]
    labels = [path.parent.name for path in files]
    if form == "struct":
        pictures = [{"bytes": path.read_bytes(), "path": name} for path, name in zip(files, names, strict=True)]
        return pa.table({"image": pictures, "label": labels})
    if form == "binary":
        return pa.table({"file": names, "image": [path.read_bytes() for path in files], "label": labels})
    return pa.table({"file": names, "label": labels})


def write_tables(images: Path, folder: Path, form: str, rows: int = 7, group: int = 3) -> Path:
    """The images of a folder in Parquet files of a few rows."""
    files = sorted(images.rglob("*.png"))
    folder.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(files), rows)):
        table = as_table(files[start : start + rows], images, form)
        pq.write_table(table, folder / f"{number:03d}.parquet", row_group_size=group)
    return folder


def contents(listing: Listing) -> dict[str, bytes]:
    return {image.name: image.content() for image in listing.images}


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_the_images_of_the_folder_that_they_came_from(tmp_path: Path, form: str) -> None:
    images = draw_folder(tmp_path / "in", 20)
    folder = write_tables(images, images if form == "paths" else tmp_path / "tables", form)
    listing = open_source(folder / "000.parquet")
    assert len(listing.images) == 7
    if form != "paths":  # a folder with images is one of images
        listing = open_source(folder)
        assert contents(listing) == contents(find.look_for_images(images))
        assert [image.folder_class for image in listing.images] == [
            image.name.partition("/")[0] for image in listing.images
        ]
    for image in listing.images:
        assert image.content() == (images / image.name).read_bytes()


def test_a_run_of_rows_is_the_run_of_the_files(tmp_path: Path) -> None:
    images = draw_folder(tmp_path / "in", 20)
    folder = write_tables(images, tmp_path / "tables", "struct")
    options = ExportOptions(["pix"], labels="folders", true_labels=True, max_samples=12)
    export_images(images, tmp_path / "files", options)
    export_images(folder, tmp_path / "rows", options)
    rows, expected = (
        [(row["file"], row["label"], row["true_label"]) for row in read_metadata(tmp_path / name)]
        for name in ("rows", "files")
    )
    assert rows == expected
    assert (tmp_path / "rows" / "pix.bytes").read_bytes() == (tmp_path / "files" / "pix.bytes").read_bytes()


def test_rows_are_read_by_a_command_that_has_loaded_nothing_else(tmp_path: Path) -> None:
    folder = write_tables(draw_folder(tmp_path / "in", 4), tmp_path / "tables", "struct")
    code = "import sys; from exporters.images.sources import open_source; print(len(open_source(sys.argv[1]).images))"
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("4\n", "")


def test_a_slice_is_small_and_can_be_sent_away(tmp_path: Path) -> None:
    folder = write_tables(draw_folder(tmp_path / "in", 200), tmp_path / "tables", "struct", rows=50, group=10)
    images = open_source(folder).images
    for begin, end in ((0, 3), (8, 23), (49, 51), (190, 200), (40, 40)):
        sent = pickle.dumps(images[begin:end])
        assert len(sent) < 1000
        assert list(pickle.loads(sent)) == [images[place] for place in range(begin, end)]
    assert images[-1] == images[199]
    with pytest.raises(IndexError):
        images[200]


def test_names_that_repeat_are_files_and_rows(tmp_path: Path) -> None:
    table = pa.table({"image": [{"bytes": bytes([number]), "path": "image.jpg"} for number in range(4)]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    listing = open_source(tmp_path)
    assert [image.name for image in listing.images] == [f"a.parquet#{row}" for row in range(4)]
    assert [image.content() for image in listing.images] == [bytes([number]) for number in range(4)]
    assert listing.notes == ["Names in the column image.path repeat: images are called by their file and row."]


def test_paths_lead_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    paths = ["../secret.png", str(tmp_path / "secret.png"), f"file://{tmp_path}/secret.png", "link.png", "none.png", ""]
    pq.write_table(pa.table({"path": paths}), folder / "a.parquet")
    outcomes = list(local_reader(RenditionSpec())(open_source(folder / "a.parquet").images))
    assert [outcome[1] for outcome in outcomes if isinstance(outcome, tuple)] == [
        *["lies outside of the folder"] * 3,
        "cannot be read (link.png is a link, and links are not followed here)",
        "cannot be read (No such file or directory)",
        "its row has neither bytes nor a path",
    ]


def test_files_behind_an_address(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec", reason="needs the extra [cluster]")
    images = draw_folder(tmp_path / "in", 9)
    for path in write_tables(images, tmp_path / "tables", "binary").iterdir():
        fsspec.filesystem("memory").pipe_file(f"/parquet-test/data/{path.name}", path.read_bytes())
    expected = contents(open_source(tmp_path / "tables"))
    assert contents(open_source("memory://parquet-test")) == expected
    assert len(open_source("memory://parquet-test/data/001.parquet").images) == 2


def test_wrong_files_get_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 this is none PAR1")
    with pytest.raises(ExportError, match=r"broken\.parquet is no Parquet file \("):
        open_source(tmp_path / "broken.parquet")
    pq.write_table(pa.table({"speed": np.arange(3)}), tmp_path / "broken.parquet")
    with pytest.raises(ExportError, match=r"needs a column of bytes, as image, or one of paths: .*; it has speed"):
        open_source(tmp_path)
    pq.write_table(pa.table({"image": [b"x"]}), tmp_path / "a.parquet")
    with pytest.raises(ExportError, match=r"broken\.parquet has no column image, as the others have"):
        open_source(tmp_path)
    pq.write_table(pa.table({"image": pa.array([], pa.binary())}), tmp_path / "broken.parquet")
    with pytest.raises(ExportError, match="has no rows"):
        open_source(tmp_path / "broken.parquet")
