"""Features and labels in shards: the same rows by this machine and by Ray, whoever is killed; nothing half-written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from exporters import ExportError, sharded
from exporters.images.listing import ImageFile, Listing
from exporters.images.renditions import Encoded
from exporters.images.sources import open_source
from exporters.images.storage import Storage
from exporters.sharded import compute_shards, predict_shards
from exporters.shards.folder import find_shards
from tests.exporters.drawn import spoil
from tests.exporters.images.test_parquet import write_tables
from tests.exporters.test_predict import draw_classes, read_table, tb_tsne

pytest.importorskip("onnxruntime", reason="needs the extra [onnx]")


@dataclass(frozen=True)
class Deadly(ImageFile):
    """An image whose first reader dies."""

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        marker = self.path.with_suffix(".died")
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read()


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a labeled run of raw pixels, what was learned from it, and 300 further images."""
    folder = tmp_path_factory.mktemp("learned")
    images = draw_classes(folder / "images", 12)
    for done in (
        tb_tsne("export", images, "--logdir", folder / "run", "--labels", "folders", "--features", "pix"),
        tb_tsne("labels", "classifier", folder / "run", "--out", folder / "made"),
    ):
        assert done.exit_code == 0, done.output
    draw_classes(folder / "further", 100, seed=1)
    return folder


@pytest.fixture
def place(learned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same for one test, which makes small shards."""
    monkeypatch.setattr(sharded, "ROWS", 32)
    shutil.copytree(learned, tmp_path / "place")
    return tmp_path / "place"


def shards_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_shards_have_the_rows_of_a_run_and_the_labels_of_the_table(place: Path) -> None:
    (place / "further" / "class_0").mkdir()
    (place / "further" / "class_1").mkdir()
    spoiled = spoil(place / "further")
    done = tb_tsne("features", place / "run", place / "further", "--shards", place / "features")
    assert done.exit_code == 0, done.output
    end = f"300 images ({len(spoiled)} left out) are in 10 shards, in {place / 'features'}; 3,072 features each.\n"
    assert done.stdout == end
    assert sorted(line.split(": ")[1] for line in done.stderr.splitlines()) == sorted(spoiled)

    assert tb_tsne("export", place / "further", "--logdir", place / "all", "--features", "pix").exit_code == 0
    expected = np.fromfile(place / "all" / "pix.bytes", "<f4").reshape(300, -1)
    rows = rows_of(place / "features")
    np.testing.assert_array_equal(np.array([row["features"] for row in rows], np.float32), expected)

    for images in ("further", "features"):  # from images, and from the features that were made of them
        options = ("--classifier", place / "made")
        assert tb_tsne("predict", place / images, *options, "--out", place / "out.tsv").exit_code == 0
        done = tb_tsne("predict", place / images, *options, "--shards", place / f"labels of {images}")
        assert done.exit_code == 0, done.output
        assert done.stdout.startswith("300 images (")
        assert " left out) are in 10 shards, in " in done.stdout
        table, found = read_table(place / "out.tsv"), rows_of(place / f"labels of {images}")
        assert [row["sample_id"] for row in found] == [row["sample_id"] for row in rows]
        for line, row in zip(table, found, strict=True):
            assert row == {**line, **{name: row[name] for name in ("probability", "second_probability")}}
            assert row["label"] == row["file"].partition("/")[0]
            assert f"{row['probability']:.4f}" == line["probability"]
            assert f"{row['second_probability']:.4f}" == line["second_probability"]


def test_a_cluster_makes_the_same_shards_also_when_a_worker_is_killed(
    place: Path, ray_cluster: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = compute_shards(place / "run", place / "further", str(place / "alone"))
    predict_shards(place / "alone", place / "made", str(place / "labels alone"))

    def with_a_deadly_one(*arguments: Any) -> Listing:
        listing = open_source(*arguments)
        images = list(listing.images)
        images[200] = Deadly(images[200].path, images[200].name)
        return replace(listing, images=images)

    monkeypatch.setattr(sharded, "open_source", with_a_deadly_one)
    summary = compute_shards(place / "run", place / "further", (place / "ray").as_uri(), backend="ray")
    assert len(list((place / "further").rglob("*.died"))) == 1
    assert (summary.rows, summary.shards, summary.left_out) == (alone.rows, alone.shards, 0) == (300, 10, 0)
    assert shards_of(place / "ray") == shards_of(place / "alone")
    predict_shards(place / "ray", place / "made", str(place / "labels ray"), backend="ray")
    assert shards_of(place / "labels ray") == shards_of(place / "labels alone")


@pytest.mark.ray
def test_what_is_wrong_in_a_worker_is_one_sentence(place: Path, ray_cluster: None) -> None:
    compute_shards(place / "run", place / "further", str(place / "features"))
    (place / "features" / "000003.parquet").write_bytes(b"PAR1 half a shard")
    with pytest.raises(ExportError, match=r"000003\.parquet cannot be read: it is no shard of 3,072 features"):
        predict_shards(place / "features", place / "made", str(place / "labels"), backend="ray")


def test_a_killed_command_goes_on_from_the_shards_that_are_there(place: Path) -> None:
    compute_shards(place / "run", place / "further", str(place / "whole"))
    code = (
        "import sys; from exporters import sharded; sharded.ROWS = 32; from tb_tsne_plugin.cli import main;"
        "import time; from exporters.images import read; old = read.read_image;"
        "read.read_image = lambda *each: (time.sleep(0.01), old(*each))[1]; main()"
    )
    command = ["features", str(place / "run"), str(place / "further"), "--shards", str(place / "features")]
    running = subprocess.Popen([sys.executable, "-c", code, *command])
    deadline = time.monotonic() + 120
    while len(list((place / "features").glob("*.parquet"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    running.kill()
    running.wait()
    there = {path.name: path.stat().st_ino for path in (place / "features").glob("*.parquet")}
    assert 2 <= len(there) < 10
    (place / "features" / f".000009.parquet.{'0' * 16}.tmp").write_bytes(b"what a writer left that was killed")
    first = place / "features" / "000000.parquet"
    first.write_bytes(first.read_bytes()[:-9])  # as a store without whole writes may leave it
    summary = compute_shards(place / "run", place / "further", str(place / "features"))
    assert summary.already == len(there) - 1
    assert shards_of(place / "features") == shards_of(place / "whole")
    again = {path.name: path.stat().st_ino for path in (place / "features").glob("*.parquet")}
    assert all(again[name] == inode for name, inode in there.items() if name != "000000.parquet")


@pytest.fixture
def store() -> Iterator[str]:
    """The address of an empty object store, in memory."""
    fsspec = pytest.importorskip("fsspec", reason="needs the extra [cluster]")
    yield "memory://shards-test"
    fsspec.filesystem("memory").rm("/shards-test", recursive=True)


def test_all_of_it_in_an_object_store(place: Path, store: str) -> None:
    tables = write_tables(place / "further", place / "tables", "struct", rows=50, group=20)
    for path in tables.iterdir():
        Storage(f"{store}/images").replace(path.name, path.read_bytes())
    compute_shards(place / "run", tables, str(place / "here"))
    compute_shards(place / "run", f"{store}/images", f"{store}/features")
    stored = Storage(f"{store}/features")
    assert {name: stored.read(name, 1 << 30) for name in stored.names() if name != "shards.json"} == {
        name: content for name, content in shards_of(place / "here").items() if name != "shards.json"
    }
    done = tb_tsne("predict", f"{store}/features", "--classifier", place / "made", "--shards", f"{store}/labels")
    assert done.exit_code == 0, done.output
    assert len(Storage(f"{store}/labels").names()) == 11


def test_wrong_places_get_a_sentence_and_nothing_is_written(place: Path) -> None:
    def failing(*arguments: object) -> str:
        done = tb_tsne(*arguments)
        assert done.exit_code in (1, 2)
        assert done.stdout == ""
        return done.stderr

    made = ("features", place / "run", place / "further", "--shards")
    assert "nowhere://x cannot be written (ValueError: Protocol not known: nowhere)" in failing(*made, "nowhere://x")
    assert "holds other files: name a new folder" in failing(*made, place / "images")
    assert "'--shards': it is empty. Is a variable unset?" in failing(*made, "")
    (place / "file").write_text("")
    assert f"{place / 'file'} cannot be written (" in failing(*made, place / "file")
    assert "Say where to write: --out FILE, or --shards FOLDER" in failing(
        "predict", place / "further", "--classifier", place / "made"
    )
    assert "has no features im; it has pix" in failing(*made, place / "new", "--tensor", "im")
    assert not (place / "new").exists()


def test_shards_of_something_else_are_not_mixed(place: Path) -> None:
    compute_shards(place / "run", place / "further", str(place / "features"))
    before = shards_of(place / "features")
    with pytest.raises(ExportError, match=r"holds other shards \(images changed\): name a new folder"):
        compute_shards(place / "run", place / "images", str(place / "features"))
    with pytest.raises(ExportError, match=r"holds other shards \(what they hold changed\)"):
        predict_shards(place / "further", place / "made", str(place / "features"))
    assert shards_of(place / "features") == before
    with pytest.raises(ExportError, match="is a shard of features or labels, and holds no images"):
        open_source(place / "features")
    (place / "features" / "000004.parquet").unlink()
    with pytest.raises(ExportError, match="is not whole, 1 of 10 shards are missing"):
        predict_shards(place / "features", place / "made", str(place / "labels"))
    assert not (place / "labels").exists()


def test_features_of_another_encoder_are_refused(place: Path) -> None:
    compute_shards(place / "run", place / "further", str(place / "features"))
    plan = place / "features" / "shards.json"
    plan.write_text(plan.read_text().replace('"stage": "pix"', '"stage": "pre"'))
    with pytest.raises(ExportError, match="not the features that the labels were learned on: they are pre, not pix"):
        predict_shards(place / "features", place / "made", str(place / "labels"))
    plan.write_text('{"made_by": "tb-tsne", "shards": "many"}')
    with pytest.raises(ExportError, match=r"shards\.json does not describe shards"):
        find_shards(str(place / "features"))


def test_tiles_of_further_slides_are_cut_as_those_of_the_run(place: Path) -> None:
    random = np.random.default_rng(0)
    for name, count in (("some", 2), ("many", 5)):
        (place / name).mkdir()
        for number in range(count):
            pixels = random.integers(0, 255, (160, 224, 3), np.uint8)
            Image.fromarray(pixels).save(place / name / f"{number}.png")
    options = ("--tiles", "64:16", "--features", "pix", "--max-samples", "all")
    for name in ("some", "many"):
        assert tb_tsne("export", place / name, "--logdir", place / f"run of {name}", *options).exit_code == 0
    summary = compute_shards(place / "run of some", place / "many", str(place / "features"))
    expected = np.fromfile(place / "run of many" / "pix.bytes", "<f4").reshape(-1, 3072)
    rows = rows_of(place / "features")
    assert (summary.noun, summary.rows) == ("tile", len(expected))
    np.testing.assert_array_equal(np.array([row["features"] for row in rows], np.float32), expected)
