"""Backbones of KerasHub: small ones with random weights, saved to a folder and loaded as anybody would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from exporters import extract_features
from tb_tsne_plugin.cli import cli
from tests.exporters.drawn import draw_folder
from tests.serving import QuietHandler, serving

keras_hub: Any = pytest.importorskip("keras_hub", reason="needs the extra [kerashub]")

pytestmark = pytest.mark.tensorflow

TINY: dict[str, Any] = {"hidden_dim": 32, "num_layers": 2, "num_heads": 2}
VALUES: dict[str, Any] = {"scale": [1 / 57, 1 / 58, 1 / 59], "offset": [-2.1, -2.0, -1.8]}


def dinov2(folder: Path) -> None:
    shapes = {"image_shape": (32, 32, 3), "position_embedding_shape": (32, 32)}
    backbone = keras_hub.models.DINOV2Backbone(patch_size=8, intermediate_dim=64, **shapes, **TINY)
    save(folder, backbone, keras_hub.layers.DINOV2ImageConverter)


def dinov3(folder: Path) -> None:
    backbone = keras_hub.models.DINOV3Backbone(
        patch_size=8, intermediate_dim=64, num_register_tokens=4, image_shape=(32, 32, 3), **TINY
    )
    save(folder, backbone, keras_hub.layers.DINOV3ImageConverter)


def vit(folder: Path) -> None:
    backbone = keras_hub.models.ViTBackbone(image_shape=(32, 32, 3), patch_size=(8, 8), mlp_dim=64, **TINY)
    save(folder, backbone, keras_hub.layers.ViTImageConverter)


def resnet(folder: Path) -> None:
    backbone = keras_hub.models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[7],
        stackwise_num_filters=[64, 64],
        stackwise_num_blocks=[1, 1],
        stackwise_num_strides=[1, 2],
        block_type="basic_block",
    )
    save(folder, backbone, keras_hub.layers.ResNetImageConverter)


def clip(folder: Path) -> None:
    vision = keras_hub.models.CLIPVisionEncoder(
        patch_size=8, num_layers=2, num_heads=2, hidden_dim=32, intermediate_dim=64, image_shape=(32, 32, 3)
    )
    text = keras_hub.models.CLIPTextEncoder(
        vocabulary_size=99,
        embedding_dim=32,
        num_layers=2,
        num_heads=2,
        hidden_dim=32,
        intermediate_dim=64,
        max_sequence_length=8,
    )
    save(folder, keras_hub.models.CLIPBackbone(vision, text, projection_dim=24), keras_hub.layers.CLIPImageConverter)


def save(folder: Path, backbone: Any, converter: Any) -> None:
    import keras

    random = np.random.default_rng(0)
    for weight in backbone.weights:  # Those that Keras starts with are zero for some tokens.
        if isinstance(weight.value, keras.KerasTensor) or not np.issubdtype(np.dtype(weight.dtype), np.floating):
            continue
        weight.assign(np.asarray(weight) + random.uniform(0.0, 0.05, weight.shape))
    backbone.save_to_preset(folder)
    converter(image_size=(32, 32), **VALUES).save_to_preset(folder)


def called(folder: Path, pictures: npt.NDArray[np.uint8]) -> Any:
    """What the library's own documented calls give."""
    backbone = keras_hub.models.Backbone.from_preset(str(folder))
    converted = keras_hub.layers.ImageConverter.from_preset(str(folder))(pictures)
    if hasattr(backbone, "get_vision_embeddings"):
        return np.asarray(backbone.get_vision_embeddings(converted))
    inputs = dict.fromkeys(backbone.input, converted) if isinstance(backbone.input, dict) else converted
    return np.asarray(backbone.predict(inputs, verbose=0))


def photographs(count: int = 5, side: int = 32) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def export(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["export", str(folder / "in"), "--logdir", str(folder / "run"), *arguments])


@pytest.mark.parametrize(
    ("make", "pooled"),
    [
        (dinov2, lambda found: found[:, 0]),
        (dinov3, lambda found: found[:, 0]),
        (vit, lambda found: found[:, 0]),
        (resnet, lambda found: found.mean(axis=(1, 2))),
        (clip, lambda found: found),
    ],
    ids=["dinov2", "dinov3", "vit", "resnet", "clip"],
)
def test_features_are_those_of_the_librarys_own_calls(tmp_path: Path, make: Any, pooled: Any) -> None:
    make(tmp_path / "model")
    pictures = photographs()
    expected = pooled(called(tmp_path / "model", pictures))
    features = extract_features(list(pictures), backbone=f"kerashub:{tmp_path}/model")["im"]
    assert expected.std(axis=0).max() > 1e-3
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)


def test_a_backbone_in_a_folder_gives_the_features_of_a_run(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 40)
    dinov2(tmp_path / "tiny-dino")
    done = export(tmp_path, "--backbone", f"kerashub:{tmp_path}/tiny-dino", "--pooling", "mean")
    assert "im 40 x 32." in done.stdout, done.output
    (told,) = json.loads((tmp_path / "run" / "export_report.json").read_text())["settings"]["backbones"]
    assert {name: told[name] for name in ("scheme", "name", "input_size", "pooling", "width")} == {
        "scheme": "kerashub",
        "name": "tiny-dino",
        "input_size": 32,
        "pooling": "mean",
        "width": 32,
    }
    assert re.fullmatch("[0-9a-f]{64}", told["weights_sha256"])


def test_the_mean_is_that_of_the_patches(tmp_path: Path) -> None:
    dinov2(tmp_path / "model")
    pictures = photographs()
    features = extract_features(list(pictures), backbone=f"kerashub:{tmp_path}/model", pooling="mean")["im"]
    expected = called(tmp_path / "model", pictures)[:, 1:].mean(axis=1)
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)


def test_the_middle_of_a_wide_picture_is_taken(tmp_path: Path) -> None:
    vit(tmp_path / "model")
    (middle,) = photographs(1)
    edge = np.zeros((32, 16, 3), np.uint8)
    wide = np.concatenate([edge, middle, edge], axis=1)
    features = extract_features([wide, middle], backbone=f"kerashub:{tmp_path}/model")["im"]
    np.testing.assert_allclose(features[0], features[1], rtol=1e-4, atol=1e-4)
    converter = keras_hub.layers.ImageConverter.from_preset(str(tmp_path / "model"))
    np.testing.assert_allclose(np.asarray(converter(wide[None])), np.asarray(converter(middle[None])), atol=1e-4)


def test_another_size_is_a_choice(tmp_path: Path) -> None:
    dinov2(tmp_path / "model")
    pictures = [Image.fromarray(each) for each in photographs(2, 64)]
    features = extract_features(pictures, backbone=f"kerashub:{tmp_path}/model", image_size=64)["im"]
    backbone = keras_hub.models.Backbone.from_preset(str(tmp_path / "model"), image_shape=(64, 64, 3))
    converter = keras_hub.layers.ImageConverter.from_preset(str(tmp_path / "model"), image_size=(64, 64))
    converted = converter(np.stack([np.asarray(each) for each in pictures]))
    expected = backbone.predict({"images": converted}, verbose=0)[:, 0]
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)


def text(folder: Path) -> None:
    keras_hub.models.BertBackbone(
        vocabulary_size=99, num_layers=1, num_heads=2, hidden_dim=32, intermediate_dim=64, max_sequence_length=8
    ).save_to_preset(folder)


def cut_short(folder: Path) -> None:
    vit(folder)
    weights = folder / "model.weights.h5"
    weights.write_bytes(weights.read_bytes()[:2000])


def not_json(folder: Path) -> None:
    vit(folder)
    (folder / "config.json").write_text("{")


def without_config(folder: Path) -> None:
    vit(folder)
    (folder / "config.json").unlink()


def without_converter(folder: Path) -> None:
    vit(folder)
    (folder / "image_converter.json").unlink()


def without_weights(folder: Path) -> None:
    vit(folder)
    (folder / "model.weights.h5").unlink()


def of_another_kind(folder: Path) -> None:
    vit(folder)
    dinov2(folder.with_name("other"))
    shutil.copy(folder.with_name("other") / "config.json", folder / "config.json")


@pytest.mark.parametrize(
    ("make", "arguments", "status", "message"),
    [
        (not_json, [], 1, "cannot be read (Expecting property name enclosed in double quotes"),
        (without_config, [], 1, "has no config.json)."),
        (
            without_converter,
            [],
            1,
            "takes no pictures: it has no image converter (`image_converter.json` doesn't exist",
        ),
        (without_weights, [], 1, "cannot be read (`model.weights.json` doesn't exist"),
        (of_another_kind, [], 1, "cannot be read (A total of 23 objects could not be loaded)."),
        (text, [], 1, "takes no pictures: it has no image converter"),
        (cut_short, [], 1, "cannot be read ("),
        (vit, ["--image-size", "40"], 1, "cannot be read for pictures of 40 pixels"),
        (resnet, ["--pooling", "cls"], 2, "--pooling cls is not for kerashub:"),
    ],
)
def test_what_gives_no_features_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, make: Any, arguments: list[str], status: int, message: str
) -> None:
    draw_folder(tmp_path / "in", 3)
    make(tmp_path / "model")
    done = export(tmp_path, "--backbone", f"kerashub:{tmp_path}/model", *arguments)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.output
    assert message in done.stderr
    assert "takes no pictures" not in done.stderr or "takes no pictures" in message
    assert not (tmp_path / "run").exists()


def test_a_misspelt_preset_is_told_the_nearest(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 3)
    done = export(tmp_path, "--backbone", "kerashub:dinov2_smal")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "There is no preset dinov2_smal of KerasHub: did you mean dinov2_small" in done.stderr


class Hub(QuietHandler):
    """Hugging Face's hub, where one model is gated and there is no other."""

    def do_HEAD(self) -> None:  # noqa: N802
        is_gated = "dinov3" in self.path
        self.send_response(403 if is_gated else 401)
        self.send_header("X-Error-Code", "GatedRepo" if is_gated else "RepoNotFound")
        self.send_header("X-Error-Message", "No. Not this one.")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815


@pytest.mark.parametrize(
    ("name", "offline", "status", "message"),
    [
        (
            "hf://org/dinov3",
            "0",
            1,
            "kerashub:hf://org/dinov3 is gated: ask for leave where it is published, then log in",
        ),
        ("hf://org/other", "0", 2, "There is no preset hf://org/other where it would be published"),
        ("hf://org/other", "1", 1, "kerashub:hf://org/other is not on this machine and could not be downloaded: save"),
    ],
)
def test_a_preset_that_cannot_be_had_is_one_sentence(
    tmp_path: Path, name: str, offline: str, status: int, message: str
) -> None:
    draw_folder(tmp_path / "in", 2)
    with serving(Hub) as endpoint:
        environment = {"HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": offline, "HF_HOME": str(tmp_path / "cache")}
        command = [sys.executable, "-m", "tb_tsne_plugin.cli", "export", tmp_path / "in", "--logdir", tmp_path / "run"]
        done = subprocess.run(
            [*map(str, command), "--backbone", f"kerashub:{name}"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.stderr
    assert message in done.stderr
    assert not (tmp_path / "run").exists()
