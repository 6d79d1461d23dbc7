"""Several backbones in one export: a tensor of each, all of the same images in the same order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from exporters import ExportOptions, NetworkChoice, TrainingOptions, export_images, extract_features
from exporters.images.decode import decode
from tb_tsne_plugin.cli import cli
from tests.exporters.drawn import draw_folder, read_metadata, read_tensor

TINY: dict[str, Any] = {"weights": "none", "image_size": 32}
KERAS = ["mobilenet:0.25", "keras:mobilenetv2:0.35"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw_folder(tmp_path / "in", 20)
    (tmp_path / "encoders.py").write_text(
        "def means(batch): return batch.mean(axis=(1, 2))\ndef corner(batch): return batch[:, 0, 0]\n"
        "means.input_size, corner.input_size = 16, 48\n"
    )
    return tmp_path


def export(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["export", str(folder / "in"), "--logdir", str(folder / "run"), *arguments])


def test_each_is_a_tensor_and_every_image_is_decoded_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"python:{folder}/encoders.py:{function}" for function in ("means", "corner")]
    decoded: list[int] = []

    def counted(content: bytes) -> Any:
        decoded.append(len(content))
        return decode(content)

    monkeypatch.setattr("exporters.images.listing.decode", counted)
    done = export(folder, "--features", "pix,im", *(f"--backbone={name}" for name in [*names, names[0]]))
    assert done.exit_code == 0, done.output
    assert "im-means 20 x 3, im-corner 20 x 3, pix 20 x 3,072." in done.stdout
    assert len(decoded) == 20
    files = [folder / "in" / row["file"] for row in read_metadata(folder / "run")]
    for name in names:
        alone = extract_features(files, backbone=name)["im"]
        np.testing.assert_array_equal(read_tensor(folder / "run", f"im-{name.rpartition(':')[2]}", 20), alone)
    config = (folder / "run" / "projector_config.pbtxt").read_text()
    assert re.findall(r'tensor_name: "(.*)"', config) == ["im-means", "im-corner", "pix"]
    settings = json.loads((folder / "run" / "export_report.json").read_text())["settings"]
    told = settings["backbones"]
    assert [each["name"] for each in told] == ["encoders.py:means", "encoders.py:corner"]
    assert [each["input_size"] for each in told] == [16, 48]
    encoders = settings["encoders"]
    assert encoders["pix"] == {"stage": "pix"}
    for number, function in enumerate(("means", "corner")):
        encoder = encoders[f"im-{function}"]
        assert (encoder["stage"], encoder["backbone"]) == ("im", number)
        assert encoder["options"]["backbone"] == f"python:encoders.py:{function}"
    assert str(folder) not in json.dumps(encoders)


def test_from_python_they_are_a_list(folder: Path) -> None:
    names = [f"python:{folder}/encoders.py:{function}" for function in ("means", "corner")]
    found = extract_features([np.full((20, 20, 3), 9, np.uint8)], backbone=names)
    assert list(found) == ["im-means", "im-corner"]
    np.testing.assert_array_equal(found["im-corner"], [[9, 9, 9]])


@pytest.mark.tensorflow
def test_networks_of_keras_are_trained_each_for_itself(folder: Path) -> None:
    training = TrainingOptions(epochs=1, batch_size=16)
    options = ExportOptions(["pre", "im", "tf"], NetworkChoice(KERAS, **TINY), training=training)
    summary = export_images(folder / "in", folder / "run", options)
    short = ("mobilenet-0.25", "mobilenetv2-0.35")
    assert list(summary.tensors) == [f"{stage}-{name}" for stage in ("im", "tf", "pre") for name in short]
    encoders = json.loads((folder / "run" / "export_report.json").read_text())["settings"]["encoders"]
    assert list(encoders) == [f"pre-{name}" for name in short]  # the others depend on all pictures
    assert encoders["pre-mobilenet-0.25"]["options"]["backbone"] == "keras:MobileNet:0.25"
    alone = export_images(
        folder / "in", folder / "alone", ExportOptions(["im", "tf"], NetworkChoice(KERAS[1], **TINY), training=training)
    )
    assert list(alone.tensors) == ["im", "tf"]
    for stage in alone.tensors:
        together = read_tensor(folder / "run", f"{stage}-{short[1]}", 20)
        np.testing.assert_allclose(together, read_tensor(folder / "alone", stage, 20), rtol=1e-4, atol=1e-4)


@pytest.mark.tensorflow
def test_beside_anothers_only_im_is_there(folder: Path) -> None:
    name = f"python:{folder}/encoders.py:means"
    flags = ["--backbone", name, "--backbone", "mobilenet:0.25", "--weights", "none", "--image-size", "32"]
    done = export(folder, "--features", "im", *flags)
    assert "im-means 20 x 3, im-mobilenet-0.25 20 x 256." in done.stdout, done.output
    done = export(folder, "--features", "im,tf", *flags)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert f"and {name} is none: leave tf out, or export it with --backbone keras:NAME" in done.stderr
