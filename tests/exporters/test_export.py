from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from exporters import ExportError, ExportOptions, NetworkChoice, export_images
from exporters.errors import ExportUsageError
from exporters.features.training import TrainingOptions
from exporters.images.renditions import Renditions
from exporters.run.folder import RunFolder
from tb_tsne_plugin.runs.sample_ids import content_sample_id
from tests.exporters.conftest import Stock
from tests.exporters.drawn import (
    color,
    draw,
    draw_folder,
    read_metadata,
    read_tensor,
    read_tiles,
    spoil,
)

PIX = ExportOptions(features=["pix"])


def labels_of(run_dir: Path) -> dict[str, str]:
    return {row["sample_id"]: row["label"] for row in read_metadata(run_dir)}


def test_row_i_is_image_i_in_every_output_and_broken_files_are_in_none(tmp_path: Path, stock: Stock) -> None:
    folder = draw_folder(tmp_path / "in", 90)
    broken = spoil(folder)
    summary = export_images(folder, tmp_path / "logs" / "run", PIX)
    run = tmp_path / "logs" / "run"
    assert {file.name: file.reason for file in summary.skipped}.keys() == broken.keys()
    report = json.loads((run / "export_report.json").read_text())
    assert {file["file"] for file in report["left_out"]} == broken.keys()
    for file in report["left_out"]:
        assert broken[file["file"]] in file["reason"]
    rows = read_metadata(run)
    assert len(rows) == summary.images == 90
    assert [row["file"] for row in rows] == sorted(row["file"] for row in rows)
    fills = [color(int(Path(row["file"]).stem)) for row in rows]
    pixels = read_tensor(run, "pix", 90).reshape(90, 32, 32, 3)
    np.testing.assert_array_equal(pixels[:, 16, 16], fills)
    np.testing.assert_array_equal([tile[32, 32] for tile in read_tiles(run, 90)], fills)
    np.testing.assert_array_equal(stock(tmp_path / "logs").tensor("run", "pix"), pixels.reshape(90, -1))
    assert {row["label"] for row in rows} == {"unlabeled"}


def test_ids_and_labels_follow_the_image_when_folders_are_renamed_and_images_removed(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 40)
    run = tmp_path / "run"
    export_images(folder, run, ExportOptions(["pix"], labels="folders"))
    before = {Path(row["file"]).name: row["sample_id"] for row in read_metadata(run)}
    labels = labels_of(run)
    (folder / "class_0").rename(folder / "zz_renamed")
    for number in (1, 3, 8):
        next(folder.glob(f"*/{number:04d}.png")).unlink()
    summary = export_images(folder, run, PIX)
    rows = read_metadata(run)
    assert {Path(row["file"]).name: row["sample_id"] for row in rows}.items() <= before.items()
    assert all(row["label"] == labels[row["sample_id"]] for row in rows)
    assert (summary.labels_kept, summary.labels_orphaned) == (37, 3)


def test_a_sample_is_stratified_and_broken_images_are_replaced_from_their_class(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 60, classes=3)
    for path in sorted((folder / "class_1").iterdir())[:12]:
        path.write_bytes(b"broken")
    run = tmp_path / "run"
    options = ExportOptions(["pix"], labels="folders", max_samples=18, seed=3)
    summary = export_images(folder, run, options)
    labels = list(labels_of(run).values())
    assert {name: labels.count(name) for name in set(labels)} == {"class_0": 6, "class_1": 6, "class_2": 6}
    assert summary.skipped
    assert all("class_1" in file.name for file in summary.skipped)
    fills = [color(int(Path(row["file"]).stem)) for row in read_metadata(run)]
    np.testing.assert_array_equal(read_tensor(run, "pix", 18).reshape(18, 32, 32, 3)[:, 0, 0], fills)
    first = (run / "metadata.tsv").read_text()
    export_images(folder, tmp_path / "again", options)
    assert (tmp_path / "again" / "metadata.tsv").read_text() == first


def test_images_skipped_after_the_last_full_page_are_told_too(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 256, classes=1)
    (folder / "class_0" / "zz.png").write_bytes(b"broken")
    summary = export_images(folder, tmp_path / "run", PIX)
    assert (summary.images, [image.name for image in summary.skipped]) == (256, ["class_0/zz.png"])


def test_folders_can_be_labels_and_true_labels(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 6)
    draw(folder / "loose.png", color(99))
    export_images(folder, tmp_path / "run", ExportOptions(["pix"], labels="folders", true_labels=True))
    rows = {row["file"]: row for row in read_metadata(tmp_path / "run")}
    assert rows["class_1/0001.png"]["label"] == rows["class_1/0001.png"]["true_label"] == "class_1"
    assert rows["loose.png"]["label"] == rows["loose.png"]["true_label"] == "unlabeled"
    export_images(folder, tmp_path / "blind", ExportOptions(["pix"], true_labels=True))
    assert {row["label"] for row in read_metadata(tmp_path / "blind")} == {"unlabeled"}
    assert list(rows["loose.png"]) == ["sample_id", "file", "label", "true_label"]


def test_labels_from_a_file_are_matched_by_path_or_id(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 4)
    table = tmp_path / "labels.tsv"
    table.write_bytes(b"\xef\xbb\xbffile\tlabel\r\nclass_0/0002.png\tcat\r\nelsewhere.png\tdog\r\n")
    summary = export_images(folder, tmp_path / "run", ExportOptions(["pix"], labels=str(table)))
    assert {row["file"]: row["label"] for row in read_metadata(tmp_path / "run")}["class_0/0002.png"] == "cat"
    assert summary.notes == [f"{table}: 1 rows name no exported image: elsewhere.png."]
    export_images(folder, tmp_path / "by_id", ExportOptions(["pix"], labels=str(tmp_path / "run" / "metadata.tsv")))
    assert labels_of(tmp_path / "by_id") == labels_of(tmp_path / "run")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_label_file_may_have_blank_lines_and_be_of_any_unicode(tmp_path: Path, encoding: str) -> None:
    folder = draw_folder(tmp_path / "in", 4)
    table = tmp_path / "labels.tsv"
    lines = ["file\tlabel", "", "class_0/0002.png\tkatze", " \t", "class_0/0000.png\tvögel", "", ""]
    table.write_text("\r\n".join(lines), encoding=encoding, newline="")
    export_images(folder, tmp_path / "run", ExportOptions(["pix"], labels=str(table)))
    assert [row["label"] for row in read_metadata(tmp_path / "run")] == ["vögel", "katze", "unlabeled", "unlabeled"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,label\na,b\n", "needs a header with a column label and a column sample_id or file; it has name, label"),
        (
            "file\tclazz\na\tb\n",
            "needs a header with a column label and a column sample_id or file; it has file, clazz",
        ),
        ("file\tlabel\nx.png\tcat\n", "names none of the images"),
        ("file\tlabel\nclass_0/0000.png\tcat\nclass_0/0000.png\tdog\n", "line 3: class_0/0000.png already has another"),
        ("file\tlabel\nclass_0/0000.png\ta\tb\n", "line 2: 3 values, but there are 2 columns"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "is not text"),
    ],
)
def test_a_wrong_label_file_is_one_sentence(tmp_path: Path, content: str | bytes, message: str) -> None:
    folder = draw_folder(tmp_path / "in", 4)
    table = tmp_path / "labels.tsv"
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ExportError, match=message):
        export_images(folder, tmp_path / "run", ExportOptions(["pix"], labels=str(table)))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (ExportOptions(["pixels"]), ExportUsageError, "no feature stage 'pixels': take pix, pre, rn, im, tf or tr"),
        (ExportOptions(["pix"], training=TrainingOptions(epochs=-1)), ExportUsageError, "--epochs must be 0 or more"),
        (
            ExportOptions(["pix"], training=TrainingOptions(learning_rate=0)),
            ExportUsageError,
            "--learning-rate must be",
        ),
        (ExportOptions(["pix"], training=TrainingOptions(fill_mode="mirror")), ExportUsageError, "--fill-mode must be"),
        (
            ExportOptions(["pix"], NetworkChoice(precision="half")),
            ExportUsageError,
            "--precision must be auto, float32",
        ),
        (ExportOptions([]), ExportUsageError, "No feature stage"),
        (ExportOptions(["pix"], max_samples=0), ExportUsageError, "--max-samples"),
        (ExportOptions(["pix"], labels="nowhere.tsv"), ExportUsageError, "nowhere.tsv: there is no such file"),
        (ExportOptions(["pix"], labels="folders"), ExportError, "--labels folders needs a sub-folder for each class"),
        (ExportOptions(["pix"], true_labels=True), ExportError, "--true-labels needs a sub-folder"),
    ],
)
def test_wrong_options_are_one_sentence_and_leave_nothing_behind(
    tmp_path: Path, options: ExportOptions, error: type[ExportError], message: str
) -> None:
    draw(tmp_path / "in" / "1.png", color(1))
    with pytest.raises(error, match=message):
        export_images(tmp_path / "in", tmp_path / "run", options)
    assert not (tmp_path / "run").exists()


def test_a_folder_of_broken_images_only_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"no")
    with pytest.raises(ExportError, match=r"None of the 1 images can be used; a.png: not a picture"):
        export_images(tmp_path / "in", tmp_path / "run", PIX)
    (tmp_path / "in" / "a.png").write_bytes(b"")
    with pytest.raises(ExportError, match=r"a.png: empty file"):
        export_images(tmp_path / "in", tmp_path / "run", PIX)
    assert not (tmp_path / "run").exists()


class Interruption:
    """Presses Ctrl+C at the nth chunk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        from exporters.features.stages import FeatureStages

        self.calls: list[int] = []
        whole = FeatureStages.compute

        def compute(stages: FeatureStages, views: Sequence[Renditions]) -> dict[str, npt.NDArray[np.float32]]:
            self.calls.append(len(views))
            if len(self.calls) == at:
                raise KeyboardInterrupt
            return whole(stages, views)

        monkeypatch.setattr(FeatureStages, "compute", compute)


def files_of(run: Path) -> dict[str, bytes]:
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in run.rglob("*") if path.is_file()}


def test_an_interruption_before_anything_is_done_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = draw_folder(tmp_path / "in", 20)
    run = tmp_path / "run"
    export_images(folder, run, PIX)
    before = files_of(run)
    for place in (run, tmp_path / "new"):
        Interruption(monkeypatch, at=1)
        with pytest.raises(KeyboardInterrupt):
            export_images(folder, place, PIX)
        monkeypatch.undo()
    assert files_of(run) == before
    assert not (tmp_path / "new").exists()


@pytest.mark.tensorflow
def test_an_interrupted_export_goes_on_and_ends_like_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = draw_folder(tmp_path / "in", 600)
    spoil(folder)
    export_images(folder, tmp_path / "whole", PIX)
    run = tmp_path / "logs" / "run"
    Interruption(monkeypatch, at=3)
    with pytest.raises(KeyboardInterrupt):
        export_images(folder, run, PIX)
    assert [path.name for path in run.iterdir()] == [".exporting"]
    monkeypatch.undo()
    counting = Interruption(monkeypatch, at=0)
    with pytest.raises(ExportError, match=r"cannot go on because --features \(pix, now pre,pix\) changed"):
        export_images(folder, run, ExportOptions(["pre", "pix"]), resume=True)
    summary = export_images(folder, run, PIX, resume=True)
    assert counting.calls == [600 - 2 * 256]
    assert len(summary.skipped) == 5
    ours, theirs = files_of(run), files_of(tmp_path / "whole")
    differing = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    assert {name for name in differing if "tfevents" not in name} == {"export_report.json"}  # It tells the seconds.


def test_an_export_stopped_when_all_was_in_place_is_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_folder(tmp_path / "in", 3)
    export_images(tmp_path / "in", tmp_path / "run", PIX)
    put = RunFolder._put

    def put_and_stop(folder: RunFolder, manifest: Any) -> None:
        put(folder, manifest)
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr(RunFolder, "_put", put_and_stop)
        with pytest.raises(KeyboardInterrupt):
            export_images(tmp_path / "in", tmp_path / "run", PIX)
    assert (tmp_path / "run" / ".exporting" / "publishing.json").exists()
    assert export_images(tmp_path / "in", tmp_path / "run", PIX, resume=True).images == 3
    assert (tmp_path / "run" / "projector_config.pbtxt").exists()
    assert not (tmp_path / "run" / ".exporting").exists()


def test_without_resume_an_interrupted_export_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = draw_folder(tmp_path / "in", 300)
    Interruption(monkeypatch, at=2)
    with pytest.raises(KeyboardInterrupt):
        export_images(folder, tmp_path / "run", PIX)
    monkeypatch.undo()
    draw(folder / "class_0" / "9999.png", color(999))
    with pytest.raises(ExportError, match="cannot go on because the images changed"):
        export_images(folder, tmp_path / "run", PIX, resume=True)
    assert export_images(folder, tmp_path / "run", PIX).images == 301
    assert not (tmp_path / "run" / ".exporting").exists()


def test_file_names_that_are_no_text_are_exported(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "x.png", color(1))
    for number, name in enumerate([b"a\tb.png", b"a\nb.png", b"\xff.png"], 2):
        draw(tmp_path / "in" / "x.png", color(number))
        (tmp_path / "in" / "x.png").rename(tmp_path / "in" / name.decode("utf-8", "surrogateescape"))
    (tmp_path / "in" / "bad\udcff\n.png").write_bytes(b"x")
    summary = export_images(tmp_path / "in", tmp_path / "run", PIX)
    assert summary.images == 3
    assert [row["file"] for row in read_metadata(tmp_path / "run")] == ["a_b.png", "a_b.png~2", "_.png"]


WITHOUT_TENSORFLOW = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras", "jax", "torch"):
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Absent())
from pathlib import Path
from exporters import ExportError, ExportOptions, NetworkChoice, export_images
export_images(Path(sys.argv[1]), Path(sys.argv[2]), ExportOptions(["pix"]))
try:
    export_images(Path(sys.argv[1]), Path(sys.argv[2]), ExportOptions(["im"]))
except ExportError as error:
    print(error)
"""


def test_pixels_need_no_tensorflow_and_network_features_say_what_to_install(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 3)
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, str(folder), str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "pip install 'tb-tsne[export]'" in done.stdout
    assert (tmp_path / "run" / "projector_config.pbtxt").exists()


def test_pixels_do_not_import_tensorflow_where_it_is_installed(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 3)
    code = (
        "import sys; from pathlib import Path; from exporters import *;"
        "export_images(Path(sys.argv[1]), Path(sys.argv[2]), ExportOptions(['pix']));"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder), str(tmp_path / "run")], check=False, timeout=60)
    assert done.returncode == 0


def test_labels_stay_where_names_are_copied_into_another_unicode_form(tmp_path: Path) -> None:
    """Also where an earlier version named the samples by the decomposed names of a Mac."""
    for form in ("NFD", "NFC"):
        for number, name in enumerate(["müde", "zoë"]):
            draw(tmp_path / form / f"{unicodedata.normalize(form, name)}.png", color(number))
    (tmp_path / "labels.csv").write_text("file,label\nmüde.png,good\n")
    options = ExportOptions(["pix"], labels=str(tmp_path / "labels.csv"))
    export_images(tmp_path / "NFD", tmp_path / "run", options)
    before = read_metadata(tmp_path / "run")
    assert [row["label"] for row in before] == ["good", "unlabeled"]
    export_images(tmp_path / "NFC", tmp_path / "run", ExportOptions(["pix"]))
    assert [(row["sample_id"], row["label"]) for row in read_metadata(tmp_path / "run")] == [
        (row["sample_id"], row["label"]) for row in before
    ]
    earlier = tmp_path / "earlier"
    shutil.copytree(tmp_path / "run", earlier)
    table = (earlier / "metadata.tsv").read_text()
    for row, path in zip(before, sorted((tmp_path / "NFD").iterdir()), strict=True):
        named = content_sample_id([os.fsencode(path.name), path.read_bytes()])
        table = table.replace(row["sample_id"], named)
    (earlier / "metadata.tsv").write_text(table)
    export_images(tmp_path / "NFC", earlier, ExportOptions(["pix"]))
    assert (earlier / "metadata.tsv").read_text() == table
