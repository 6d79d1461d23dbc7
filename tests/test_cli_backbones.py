"""`tb-tsne backbones`: what can be named, from tables and caches alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from exporters.features.backbones import known
from exporters.features.backbones.keras_networks import Architecture
from tb_tsne_plugin.cli.backbones import backbones


def run(folder: Path, *arguments: str) -> tuple[dict[str, list[str]], str, int]:
    """The table's rows by name, what stands on standard error, and the status; with all caches in a folder."""
    caches = {"KERAS_HOME": folder / "keras", "HF_HOME": folder / "hf", "KAGGLEHUB_CACHE": folder / "kaggle"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-m", "tb_tsne_plugin.cli", "backbones", *arguments],
        env=environment | {name: str(path) for name, path in caches.items()},
        capture_output=True,
        text=True,
        check=False,
    )
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in done.stdout.splitlines()}
    return rows, done.stderr, done.returncode


def test_networks_of_keras_are_listed_with_what_is_known_of_them(tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="needs the extra [export]")
    models = tmp_path / "keras" / "models"
    models.mkdir(parents=True)
    for name in ("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "mobilenet_7_5_224_tf_no_top.h5"):
        (models / name).touch()
    (models / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5").touch()
    (models / "vgg19_weights_tf_dim_ordering_tf_kernels.h5").touch()  # with its top
    rows, _, status = run(tmp_path)
    assert status == 0
    assert rows["name"] == ["width", "pixels", "MB", "licence", "here"]
    assert rows["VGG16"] == ["512", "224", "59", "cc-by-4.0", "yes"]
    assert rows["InceptionResNetV2"] == ["1536", "299", "219", "apache-2.0", ""]
    assert [rows[name][-1] for name in ("MobileNet", "MobileNetV2", "VGG19")] == ["", "yes", ""]


@pytest.mark.tensorflow
def test_what_is_said_of_networks_is_so_and_none_is_left_out() -> None:
    import keras

    assert set(known.KERAS) == {name for name, value in vars(keras.applications).items() if callable(value)}
    for name in ("MobileNetV2", "EfficientNetB0", "ResNet50"):
        network = Architecture(name).build("none")
        told = known.KERAS[name]
        assert (network.side, network.width) == (told.side, told.width)
        # A file is a little larger than the weights in it.
        assert 0 <= told.megabytes - int(network.layers.count_params() * 4 / 1e6) <= 1


def test_what_is_said_of_models_of_transformers_is_so() -> None:
    torch = pytest.importorskip("torch", reason="needs the extra [hf]")
    transformers = pytest.importorskip("transformers", reason="needs the extra [hf]")
    small = {"hidden_size": 384, "num_attention_heads": 6, "num_register_tokens": 4}
    large = {"hidden_size": 1024, "num_attention_heads": 16, "num_hidden_layers": 24, "image_size": 518}
    configs = {
        "facebook/dinov2-large": transformers.Dinov2Config(patch_size=14, **large),
        "facebook/dinov3-vits16plus-pretrain-lvd1689m": transformers.DINOv3ViTConfig(use_gated_mlp=True, **small),
        "google/siglip2-base-patch16-224": transformers.SiglipConfig(text_config={"vocab_size": 256_000}),
        "openai/clip-vit-base-patch32": transformers.CLIPConfig(),
    }
    for name, config in configs.items():
        with torch.device("meta"):
            weights = sum(each.numel() for each in transformers.AutoModel.from_config(config).parameters())
        told = known.HF[name]
        vision = getattr(config, "vision_config", config)
        assert told.width == getattr(config, "projection_dim", vision.hidden_size)
        assert abs(told.megabytes - weights * 4 / 1e6) < 1


def test_a_filter_takes_parts_of_names_in_any_case(tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="needs the extra [export]")
    rows, _, _ = run(tmp_path, "vgg1")
    assert {"name", "VGG16", "VGG19"} <= set(rows)
    assert all("vgg1" in name.lower() for name in rows if name != "name")
    rows, said, status = run(tmp_path, "vgg61")
    assert (rows, status, said.count("\n")) == ({}, 1, 1)
    assert "No backbone that is known here has 'vgg61' in its name: did you mean VGG1" in said


def test_what_is_missing_is_told_with_what_to_type(tmp_path: Path) -> None:
    _, said, _ = run(tmp_path)
    for module, extra, form in (("onnxruntime", "onnx", "onnx:FILE"), ("transformers", "hf", "hf:ORG/NAME")):
        is_there = any((Path(path) / module).is_dir() for path in sys.path)
        assert (f"pip install 'tb-tsne[{extra}]'" in said) == (not is_there)
        assert (form in said) == is_there
    assert "python:MODULE:CALLABLE" in said
    assert backbones.help


def test_models_in_hugging_faces_cache_are_listed(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="needs the extra [hf]")
    for name, is_image in (("moss/tiny-dino", True), ("facebook/dinov2-small", True), ("moss/words", False)):
        snapshot = tmp_path / "hf" / "hub" / f"models--{name.replace('/', '--')}" / "snapshots" / ("0" * 40)
        snapshot.mkdir(parents=True)
        (snapshot / "config.json").write_text(json.dumps({"hidden_size": 48}))
        if is_image:
            (snapshot / "preprocessor_config.json").write_text(json.dumps({"size": {"height": 96, "width": 96}}))
    rows, _, _ = run(tmp_path)
    assert rows["hf:moss/tiny-dino"] == ["48", "96", "0", "", "yes"]
    assert rows["hf:facebook/dinov2-small"] == ["384", "224", "88", "apache-2.0", "yes"]
    assert rows["hf:facebook/dinov2-base"][-1] == ""
    assert "hf:moss/words" not in rows


def test_presets_of_kerashub_are_listed(tmp_path: Path) -> None:
    pytest.importorskip("keras_hub", reason="needs the extra [kerashub]")
    (tmp_path / "kaggle" / "models" / "keras" / "dinov2" / "keras" / "dinov2_small" / "1").mkdir(parents=True)
    rows, _, _ = run(tmp_path, "kerashub:")
    assert rows["kerashub:dinov2_small"] == ["", "", "90", "apache-2.0", "yes"]
    assert rows["kerashub:vit_base_patch16_384_imagenet"][1] == "384"
    told = {
        "dinov3_vit_small_lvd1689m": "dinov3-license",
        "medsiglip_900m_448": "health-ai-developer-foundations",
        "metaclip_2_vit_huge_patch14_224": "cc-by-nc-4.0",
        "siglip2_base_patch16_224": "apache-2.0",
        "vit_base_patch16_384_imagenet": "",
    }
    assert {name: rows[f"kerashub:{name}"][3] for name in told} == told
    assert not any("sam" in name or "gemma" in name for name in rows)
