"""Models of transformers as backbones: small ones with random weights, saved to a folder, loaded as anybody would."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from exporters import ExportError, NetworkChoice, extract_features
from exporters.errors import ExportUsageError
from exporters.features.backbones.door import open_backbone
from tb_tsne_plugin.cli import cli
from tests.exporters.drawn import draw_folder, read_metadata, read_tensor
from tests.serving import QuietHandler, serving

torch: Any = pytest.importorskip("torch", reason="needs the extra [hf]")
transformers: Any = pytest.importorskip("transformers", reason="needs the extra [hf]")

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
TINY: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
CUT: dict[str, Any] = {
    "size": {"shortest_edge": 40},
    "crop_size": {"height": 32, "width": 32},
    "do_center_crop": True,
    "resample": 3,
    **IMAGENET,
}
WHOLE: dict[str, Any] = {"size": {"height": 32, "width": 32}, "resample": 2}


def dinov2(folder: Path) -> None:
    config = transformers.Dinov2Config(image_size=32, patch_size=8, mlp_ratio=2, **TINY)
    save(folder, transformers.Dinov2Model(config), "BitImageProcessor", CUT)


def vit(folder: Path) -> None:
    config = transformers.ViTConfig(image_size=32, patch_size=8, **TINY)
    save(folder, transformers.ViTModel(config), "ViTImageProcessor", WHOLE)


def clip(folder: Path) -> None:
    vision = {"image_size": 32, "patch_size": 8, **TINY}
    config = transformers.CLIPConfig(text_config={"vocab_size": 99, **TINY}, vision_config=vision, projection_dim=24)
    save(folder, transformers.CLIPModel(config), "CLIPImageProcessor", CUT)


def siglip(folder: Path) -> None:
    vision = {"image_size": 32, "patch_size": 8, **TINY}
    config = transformers.SiglipConfig(text_config={"vocab_size": 99, **TINY}, vision_config=vision)
    save(folder, transformers.SiglipModel(config), "SiglipImageProcessor", WHOLE)


def deit(folder: Path) -> None:
    words = {**CUT, "size": {"height": 40, "width": 40}}  # pressed into a square, of which the middle is cut out
    config = transformers.DeiTConfig(image_size=32, patch_size=8, **TINY)
    save(folder, transformers.DeiTModel(config), "DeiTImageProcessor", words)


def clip_vision(folder: Path) -> None:
    config = transformers.CLIPVisionConfig(image_size=32, patch_size=8, **TINY)
    save(folder, transformers.CLIPVisionModel(config), "CLIPImageProcessor", CUT)


def convnext(folder: Path) -> None:
    config = transformers.ConvNextConfig(hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1])
    words = {"size": {"shortest_edge": 64}, "crop_pct": 0.875, "resample": 3, **IMAGENET}
    save(folder, transformers.ConvNextModel(config), "ConvNextImageProcessor", words)


def swin(folder: Path) -> None:
    config = transformers.SwinConfig(
        image_size=32, patch_size=2, embed_dim=8, depths=[1, 1], num_heads=[2, 2], window_size=4
    )
    save(folder, transformers.SwinModel(config), "ViTImageProcessor", WHOLE)


def resnet(folder: Path) -> None:
    config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
    words = {"size": {"shortest_edge": 64}, "crop_pct": 0.875, "resample": 3, **IMAGENET}
    save(folder, transformers.ResNetModel(config), "ConvNextImageProcessor", words)


def beit(folder: Path) -> None:
    config = transformers.BeitConfig(image_size=32, patch_size=8, **TINY)
    save(folder, transformers.BeitModel(config), "BeitImageProcessor", {**CUT, "size": {"height": 40, "width": 40}})


def efficientnet(folder: Path) -> None:
    config = transformers.EfficientNetConfig(
        image_size=32,
        width_coefficient=0.25,
        depth_coefficient=0.25,
        hidden_dim=320,
        expand_ratios=[1, 6],
        kernel_sizes=[3, 3],
        in_channels=[32, 16],
        out_channels=[16, 24],
        strides=[1, 2],
        num_block_repeats=[1, 2],
        depthwise_padding=[],
        initializer_range=1.0,
    )
    model = transformers.EfficientNetModel(config).train()
    for _ in range(5):  # With other statistics of its batches than their own a random network's features vanish.
        model(torch.rand(16, 3, 32, 32))
    words = {**WHOLE, "image_mean": IMAGENET["image_mean"], "image_std": [0.478, 0.473, 0.474], "include_top": True}
    save(folder, model, "EfficientNetImageProcessor", words)


def mae(folder: Path) -> None:
    config = transformers.ViTMAEConfig(image_size=32, patch_size=8, **TINY)
    save(folder, transformers.ViTMAEModel(config), "ViTImageProcessor", WHOLE)


def siglip2(folder: Path) -> None:
    """Of the kind that takes a picture in its own aspect ratio, in as many patches as it has."""
    vision = {"num_patches": 16, "patch_size": 8, **TINY}
    config = transformers.Siglip2Config(text_config={"vocab_size": 99, **TINY}, vision_config=vision)
    save(folder, transformers.Siglip2Model(config), "Siglip2ImageProcessor", {"patch_size": 8, "max_num_patches": 16})


def classifier(folder: Path) -> None:
    """It comes without the pooler of the model that is taken from it, as most do."""
    config = transformers.ViTConfig(image_size=32, patch_size=8, **TINY)
    save(folder, transformers.ViTForImageClassification(config), "ViTImageProcessor", WHOLE)


def save(folder: Path, model: Any, kind: str, words: dict[str, Any]) -> None:
    model.eval().save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_processor_type": kind, **words}))


def photographs(count: int = 5) -> list[Image.Image]:
    """Pictures of smooth noise, some of them wide, some high."""
    random = np.random.default_rng(3)
    sizes = [(90, 60), (50, 80), (64, 64), (33, 41), (200, 120)]
    coarse = [Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8)) for _ in range(count)]
    return [each.resize(sizes[n % 5], Image.Resampling.BICUBIC) for n, each in enumerate(coarse)]


def called(folder: Path, pictures: Sequence[Image.Image]) -> Any:
    """What the library's own documented calls give."""
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    inputs = processor(images=pictures, return_tensors="pt")
    with torch.no_grad():
        found = model.get_image_features(**inputs) if hasattr(model, "get_image_features") else model(**inputs)
    return found


def export(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["export", str(folder / "in"), "--logdir", str(folder / "run"), *arguments])


@pytest.mark.parametrize(
    ("make", "pooled"),
    [
        (dinov2, lambda found: found.last_hidden_state[:, 0]),
        (vit, lambda found: found.last_hidden_state[:, 0]),
        (deit, lambda found: found.last_hidden_state[:, 0]),
        (clip, lambda found: found.pooler_output),
        (clip_vision, lambda found: found.pooler_output),
        (siglip, lambda found: found.pooler_output),
        (convnext, lambda found: found.pooler_output),
        (swin, lambda found: found.pooler_output),
        (resnet, lambda found: found.pooler_output.flatten(1)),
        (beit, lambda found: found.pooler_output),
        (efficientnet, lambda found: found.pooler_output),
        (classifier, lambda found: found.last_hidden_state[:, 0]),
    ],
    ids=lambda value: value.__name__.strip("<>"),
)
def test_features_are_those_of_the_librarys_own_calls(tmp_path: Path, make: Any, pooled: Any) -> None:
    torch.manual_seed(0)
    make(tmp_path / "model")
    pictures = photographs()
    expected = pooled(called(tmp_path / "model", pictures)).numpy()
    features = extract_features(pictures, backbone=f"hf:{tmp_path}/model")["im"]
    assert expected.std(axis=0).max() > 1e-2
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)


def test_a_model_in_a_folder_gives_the_features_of_a_run(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 40)
    dinov2(tmp_path / "tiny-dino")
    (tmp_path / "tiny-dino" / "README.md").write_text("---\ntags:\n- dino\nlicense: apache-2.0\n---\nlicense: none\n")
    done = export(tmp_path, "--backbone", f"hf:{tmp_path}/tiny-dino")
    assert done.exit_code == 0, done.output
    files = [Image.open(tmp_path / "in" / row["file"]) for row in read_metadata(tmp_path / "run")]
    expected = called(tmp_path / "tiny-dino", files).last_hidden_state[:, 0].numpy()
    np.testing.assert_allclose(read_tensor(tmp_path / "run", "im", 40), expected, rtol=1e-4, atol=1e-4)
    (told,) = json.loads((tmp_path / "run" / "export_report.json").read_text())["settings"]["backbones"]
    assert {name: told[name] for name in ("scheme", "name", "input_size", "pooling", "licence", "width")} == {
        "scheme": "hf",
        "name": "tiny-dino",
        "input_size": 32,
        "pooling": "cls",
        "licence": "apache-2.0",
        "width": 32,
    }
    assert re.fullmatch("[0-9a-f]{64}", told["weights_sha256"])
    assert "note:" not in done.stderr


def test_a_model_whose_processor_needs_torchvision_is_prepared_as_it_says(tmp_path: Path) -> None:
    config = transformers.DINOv3ViTConfig(image_size=32, patch_size=8, num_register_tokens=4, **TINY)
    model = transformers.DINOv3ViTModel(config)
    words = {**WHOLE, **IMAGENET, "do_resize": True, "do_rescale": True, "do_normalize": True}
    save(tmp_path / "model", model, "DINOv3ViTImageProcessor", words)
    pictures = photographs()
    pixels = np.stack([np.asarray(each.resize((32, 32), Image.Resampling.BILINEAR)) for each in pictures]) / 255
    values = torch.from_numpy((pixels - IMAGENET["image_mean"]) / IMAGENET["image_std"]).float().permute(0, 3, 1, 2)
    with torch.no_grad():
        tokens = model(pixel_values=values).last_hidden_state
    features = extract_features(pictures, backbone=f"hf:{tmp_path}/model")["im"]
    np.testing.assert_allclose(features, tokens[:, 0].numpy(), rtol=1e-4, atol=1e-4)
    features = extract_features(pictures, backbone=f"hf:{tmp_path}/model", pooling="mean")["im"]
    np.testing.assert_allclose(features, tokens[:, 5:].mean(dim=1).numpy(), rtol=1e-4, atol=1e-4)


def test_a_masked_autoencoder_sees_the_whole_picture(tmp_path: Path) -> None:
    mae(tmp_path / "model")
    pictures = photographs()
    model = transformers.AutoModel.from_pretrained(tmp_path / "model", mask_ratio=0.0).eval()
    inputs = transformers.AutoImageProcessor.from_pretrained(tmp_path / "model", backend="pil")(
        images=pictures, return_tensors="pt"
    )
    with torch.no_grad():
        tokens = model(**inputs, noise=torch.arange(16.0).expand(5, 16)).last_hidden_state
    features = extract_features(pictures, backbone=f"hf:{tmp_path}/model")["im"]
    np.testing.assert_allclose(features, tokens[:, 0].numpy(), rtol=1e-4, atol=1e-4)


def test_a_convnext_of_dinov3_is_pooled_by_itself(tmp_path: Path) -> None:
    config = transformers.DINOv3ConvNextConfig(hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1])
    model = transformers.DINOv3ConvNextModel(config)
    words = {**WHOLE, **IMAGENET, "do_resize": True, "do_rescale": True, "do_normalize": True}
    save(tmp_path / "model", model, "DINOv3ViTImageProcessor", words)
    pictures = photographs()
    pixels = np.stack([np.asarray(each.resize((32, 32), Image.Resampling.BILINEAR)) for each in pictures]) / 255
    values = torch.from_numpy((pixels - IMAGENET["image_mean"]) / IMAGENET["image_std"]).float().permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = model(pixel_values=values).pooler_output.flatten(1).numpy()
    features = extract_features(pictures, backbone=f"hf:{tmp_path}/model")["im"]
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)


TIMM: dict[str, Any] = {"in_chans": 3, "input_size": [3, 64, 64], "interpolation": "bicubic", "crop_pct": 0.95}


def save_timm(folder: Path, name: str, **told: Any) -> None:
    """A model as timm publishes them: there is no preprocessor_config.json."""
    timm: Any = pytest.importorskip("timm", reason="needs the package timm")
    safetensors: Any = pytest.importorskip("safetensors.torch")
    folder.mkdir()
    model = timm.create_model(name, pretrained=False, num_classes=3)
    safetensors.save_file(model.state_dict(), folder / "model.safetensors")
    words = {"mean": IMAGENET["image_mean"], "std": IMAGENET["image_std"], "crop_mode": "center", **TIMM, **told}
    config = {"architecture": name, "num_classes": 3, "num_features": model.num_features, "pretrained_cfg": words}
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(("name", "side"), [("resnet18", 64), ("test_vit", 160), ("test_convnext", 160)])
@pytest.mark.parametrize("mode", ["center", "squash"])
def test_a_model_of_timm_is_prepared_and_pooled_as_timm_does(tmp_path: Path, name: str, side: int, mode: str) -> None:
    save_timm(tmp_path / "model", name, input_size=[3, side, side], crop_mode=mode)
    pictures = photographs()
    processor = transformers.AutoImageProcessor.from_pretrained(tmp_path / "model")
    model = transformers.AutoModel.from_pretrained(tmp_path / "model").eval()
    with torch.no_grad():
        expected = model(**processor(pictures, return_tensors="pt")).pooler_output.numpy()
    features = extract_features(pictures, backbone=f"hf:{tmp_path}/model")["im"]
    assert expected.std(axis=0).max() > 1e-3
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)


def test_weights_that_no_feature_needs_may_be_missing(tmp_path: Path) -> None:
    """They are random at every start: neither features nor the hash of the weights may depend on them."""
    classifier(tmp_path / "model")
    first, second = (open_backbone(f"hf:{tmp_path}/model", NetworkChoice()).description for _ in range(2))
    assert (first.pooling, first.weights_sha256) == ("cls", second.weights_sha256)
    with pytest.raises(ExportError, match="has no pooling of its own: leave --pooling pooler out"):
        extract_features(photographs(1), backbone=f"hf:{tmp_path}/model", pooling="pooler")


def test_pooling_is_a_choice(tmp_path: Path) -> None:
    dinov2(tmp_path / "model")
    pictures = photographs()
    found = called(tmp_path / "model", pictures)
    expected: dict[str, npt.NDArray[np.float32]] = {
        "cls": found.last_hidden_state[:, 0].numpy(),
        "mean": found.last_hidden_state[:, 1:].mean(dim=1).numpy(),
        "pooler": found.pooler_output.numpy(),
    }
    for pooling, rows in expected.items():
        features = extract_features(pictures, backbone=f"hf:{tmp_path}/model", pooling=pooling)["im"]
        np.testing.assert_allclose(features, rows, rtol=1e-4, atol=1e-4)


def test_a_pooling_that_a_model_has_not_is_refused(tmp_path: Path) -> None:
    convnext(tmp_path / "model")
    with pytest.raises(ExportError, match="has no class token: leave --pooling cls out"):
        extract_features(photographs(1), backbone=f"hf:{tmp_path}/model", pooling="cls")


def test_another_size_scales_what_is_cut(tmp_path: Path) -> None:
    dinov2(tmp_path / "model")
    pictures = photographs()
    words = json.loads((tmp_path / "model" / "preprocessor_config.json").read_text())
    features = extract_features(pictures, backbone=f"hf:{tmp_path}/model", image_size=64)["im"]
    words |= {"size": {"shortest_edge": 80}, "crop_size": {"height": 64, "width": 64}}
    (tmp_path / "model" / "preprocessor_config.json").write_text(json.dumps(words))
    expected = called(tmp_path / "model", pictures).last_hidden_state[:, 0].numpy()
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)


def test_a_licence_that_is_not_free_is_said(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 3)
    dinov2(tmp_path / "model")
    (tmp_path / "model" / "README.md").write_text("---\nlicense: other\nlicense_name: dinov3-license\n---\n")
    done = export(tmp_path, "--backbone", f"hf:{tmp_path}/model")
    assert "note: The weights of hf:model come under dinov3-license, which is no free licence" in done.stderr


def without(module: str) -> pytest.MarkDecorator:
    """Of tests that show what is said where a library is not installed."""
    return pytest.mark.skipif(importlib.util.find_spec(module) is not None, reason=f"{module} is installed")


SAYS_WHICH = pytest.mark.skipif(
    tuple(map(int, transformers.__version__.split(".")[:2])) < (5, 24),
    reason="older ones do not say what an image processor needs",
)


def bert(folder: Path) -> None:
    transformers.BertModel(transformers.BertConfig(vocab_size=99, **TINY)).save_pretrained(folder)


def bert_with_a_processor(folder: Path) -> None:
    save(folder, transformers.BertModel(transformers.BertConfig(vocab_size=99, **TINY)), "ViTImageProcessor", WHOLE)


def empty(folder: Path) -> None:
    folder.mkdir()


def cut_short(folder: Path) -> None:
    vit(folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])


def without_weights(folder: Path) -> None:
    vit(folder)
    (folder / "model.safetensors").unlink()


def no_weights(folder: Path) -> None:
    vit(folder)
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n")


def pickled(folder: Path) -> None:
    """Weights of the old kind, which leave a file behind when they are read without care."""
    without_weights(folder)

    class Open:
        def __reduce__(self) -> tuple[Any, ...]:
            return open, (str(folder / "run"), "w")

    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Open()}))


def undefined(folder: Path) -> None:
    config = transformers.ViTConfig(image_size=32, patch_size=8, **TINY)
    model = transformers.ViTModel(config)
    model.load_state_dict({name: each * torch.nan for name, each in model.state_dict().items()})
    save(folder, model, "ViTImageProcessor", WHOLE)


def edited(folder: Path, file: str, **changes: Any) -> None:
    vit(folder)
    told = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({**told, **changes}))


def of_another_kind(folder: Path) -> None:
    edited(folder, "config.json", model_type="dinov2")


def with_more_layers(folder: Path) -> None:
    edited(folder, "config.json", num_hidden_layers=3)


def of_another_width(folder: Path) -> None:
    edited(folder, "config.json", hidden_size=64)


def with_a_mean_of_one(folder: Path) -> None:
    edited(folder, "preprocessor_config.json", image_mean=[0.5], image_std=[0.5])


def with_no_mean(folder: Path) -> None:
    edited(folder, "preprocessor_config.json", image_mean="grey")


def with_no_square(folder: Path) -> None:
    edited(folder, "preprocessor_config.json", size={"height": 32, "width": 64})


def with_a_list(folder: Path) -> None:
    vit(folder)
    (folder / "preprocessor_config.json").write_text("[1]")


def not_json(folder: Path) -> None:
    vit(folder)
    (folder / "config.json").write_text("{")


def of_dinov3(folder: Path) -> None:
    config = transformers.DINOv3ViTConfig(image_size=32, patch_size=8, **TINY)
    save(folder, transformers.DINOv3ViTModel(config), "DINOv3ViTImageProcessor", {**WHOLE, **IMAGENET})


def of_timm(folder: Path) -> None:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"architecture": "resnet18", "pretrained_cfg": TIMM}))


def padded(folder: Path) -> None:
    vit(folder)
    words = {"image_processor_type": "ViTImageProcessor", **WHOLE, "do_resize": False}
    (folder / "preprocessor_config.json").write_text(json.dumps(words))


def with_code(folder: Path) -> None:
    """A model whose own code leaves a file behind when it is run."""
    vit(folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "moss", "auto_map": {"AutoConfig": "moss.Config", "AutoModel": "moss.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "moss.py").write_text(f"open({str(folder / 'run')!r}, 'w')\nclass Config: pass\nclass Model: pass\n")


def test_code_that_comes_with_a_model_is_not_run(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 3)
    with_code(tmp_path / "model")
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", "export", tmp_path / "in", "--logdir", tmp_path / "run"]
    done = subprocess.run(
        [*map(str, command), "--backbone", f"hf:{tmp_path}/model"],
        input="y\ny\ny\n",  # to whoever asks
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "comes with code of its own, which is not run" in done.stderr
    assert not (tmp_path / "model" / "run").exists()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (bert, "has no image processor, so it takes no pictures"),
        (bert_with_a_processor, "takes input_ids and no pictures"),
        (empty, "is no model that transformers reads"),
        (cut_short, "is no model that transformers reads"),
        (padded, "prepares pictures in a way that is not known here (ViTImageProcessor"),
        (siglip2, "prepares pictures in a way that is not known here (Siglip2ImageProcessor"),
        (without_weights, "is no model that transformers reads: Error no file named model.safetensors"),
        (no_weights, "is no model that transformers reads: Error while deserializing header"),
        (pickled, "is no model that transformers reads: Weights only load failed"),
        (undefined, "returns NaN or infinite values"),
        (of_another_kind, "of the Dinov2Model that its config.json describes, as "),
        (with_more_layers, "of the ViTModel that its config.json describes, as "),
        (of_another_width, "of the ViTModel that its config.json describes, as "),
        pytest.param(
            with_a_mean_of_one,
            "has an image processor that takes no picture: mean must have 3 elements",
            marks=without("torchvision"),
        ),
        (with_no_mean, "/model: image_mean and image_std must be three numbers each"),
        (with_no_square, "/model: size, crop_size, crop_pct and resample must be numbers"),
        (with_a_list, "has no image processor, so it takes no pictures: preprocessor_config.json must hold one JSON"),
        (not_json, "is no model that transformers reads: It looks like the config file"),
        pytest.param(
            of_dinov3, "needs torchvision: pip install torchvision.", marks=[without("torchvision"), SAYS_WHICH]
        ),
        pytest.param(of_timm, "needs timm: pip install timm.", marks=without("timm")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_gives_no_features_is_one_sentence_and_leaves_nothing(tmp_path: Path, make: Any, message: str) -> None:
    draw_folder(tmp_path / "in", 3)
    make(tmp_path / "model")
    done = export(tmp_path, "--backbone", f"hf:{tmp_path}/model")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.output
    assert message in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["/tmp/none", "../none", "a/b/c", "a--b", "org/..", "org/name@main"])
def test_a_name_that_can_be_no_model_is_refused(name: str) -> None:
    with pytest.raises(ExportUsageError, match="is neither a folder nor the id of a model, as facebook/dinov2-small"):
        extract_features(photographs(1), backbone=f"hf:{name}")


def test_pictures_too_small_for_a_model_are_one_sentence(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 3)
    vit(tmp_path / "model")
    done = export(tmp_path, "--backbone", f"hf:{tmp_path}/model", "--image-size", "4")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.output
    assert "cannot compute pictures of 4 pixels: Calculated padded input size per channel" in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_library_that_does_not_fit_the_others_is_told(tmp_path: Path) -> None:
    """As a torchvision of another version of PyTorch: transformers finds it, and cannot load it."""
    draw_folder(tmp_path / "in", 3)
    vit(tmp_path / "model")
    site = tmp_path / "site"
    (site / "torchvision").mkdir(parents=True)
    (site / "torchvision" / "__init__.py").write_text("raise RuntimeError('operator torchvision::nms is not there')")
    (site / "torchvision-0.99.dist-info").mkdir()
    (site / "torchvision-0.99.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: torchvision\nVersion: 0.99\n"
    )
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = run_command(tmp_path, f"hf:{tmp_path}/model", PYTHONPATH=path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "does not load (operator torchvision::nms is not there): install versions of torch, torchv" in done.stderr
    assert not (tmp_path / "run").exists()


def run_command(folder: Path, backbone: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, backbone), env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def command(folder: Path, backbone: str) -> list[str]:
    arguments = [folder / "in", "--logdir", folder / "run", "--backbone", backbone]
    return [sys.executable, "-m", "tb_tsne_plugin.cli", "export", *map(str, arguments)]


class Hub(QuietHandler):
    """A hub: one model is gated, one can be had, with weights that break off or never come, and there is no other."""

    protocol_version = "HTTP/1.1"
    model: Path
    weights = "whole"
    asked = threading.Event()

    def do_HEAD(self) -> None:  # noqa: N802
        self.answer(is_whole=False)

    def do_GET(self) -> None:  # noqa: N802
        self.answer(is_whole=True)

    def answer(self, is_whole: bool) -> None:
        name, file = self.path.split("/")[2], self.path.rpartition("/")[2]
        if name != "vit-tiny":
            is_gated = name.startswith("dinov3")
            return self.head(403 if is_gated else 401, {"X-Error-Code": "GatedRepo" if is_gated else "RepoNotFound"})
        if not (self.model / file).is_file():
            return self.head(404, {"X-Error-Code": "EntryNotFound"})
        content = (self.model / file).read_bytes()
        self.head(200, {"X-Repo-Commit": "a" * 40, "ETag": f'"{sha1(content).hexdigest()}"'}, len(content))
        if not is_whole:
            return None
        if file == "model.safetensors" and self.weights != "whole":
            self.wfile.write(content[:1000])
            self.wfile.flush()
            self.asked.set()
            if self.weights == "stalled":
                time.sleep(20)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        self.wfile.write(content)
        return None

    def head(self, status: int, headers: dict[str, str], length: int = 0) -> None:
        self.send_response(status)
        for name, value in {**headers, "X-Error-Message": "No. Not this one.", "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    vit(tmp_path / "published")
    Hub.model, Hub.weights = tmp_path / "published", "whole"
    Hub.asked.clear()
    with serving(Hub) as address:
        yield address


@pytest.mark.parametrize(
    ("name", "offline", "status", "message"),
    [
        (
            "facebook/dinov3-vits16",
            "0",
            1,
            "hf:facebook/dinov3-vits16 is gated: ask for leave on https://huggingface.co",
        ),
        (
            "facebook/dinov2-smal",
            "0",
            2,
            "no model facebook/dinov2-smal at Hugging Face: did you mean facebook/dinov2-s",
        ),
        ("facebook/dinov2-small", "1", 1, "is not on this machine and could not be downloaded: run `hf download"),
    ],
)
def test_a_model_that_cannot_be_had_is_one_sentence(
    tmp_path: Path, hub: str, name: str, offline: str, status: int, message: str
) -> None:
    draw_folder(tmp_path / "in", 2)
    cache = str(tmp_path / "cache")
    done = run_command(tmp_path, f"hf:{name}", HF_ENDPOINT=hub, HF_HUB_OFFLINE=offline, HF_HOME=cache)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.stderr
    assert message in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_without_a_network_what_to_do_is_said(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 2)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # Nobody listens there.
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
        done = run_command(tmp_path, "hf:org/vit-tiny", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path / "cache"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "hf:org/vit-tiny is not on this machine and could not be downloaded: run `hf download" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_download_that_breaks_off_is_one_sentence_and_the_next_goes_on(tmp_path: Path, hub: str) -> None:
    draw_folder(tmp_path / "in", 2)
    Hub.weights = "broken off"
    environment = {"HF_ENDPOINT": hub, "HF_HOME": str(tmp_path / "cache")}
    done = run_command(tmp_path, "hf:org/vit-tiny", **environment)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    last = done.stderr.replace("\r", "\n").rstrip().rpartition("\n")[2]  # The bar stands before it.
    assert "hf:org/vit-tiny is not on this machine and could not be downloaded: run `hf download" in last
    assert not (tmp_path / "run").exists()
    Hub.weights = "whole"
    done = run_command(tmp_path, "hf:org/vit-tiny", **environment)
    assert "im 2 x 32." in done.stdout, done.stderr
    (told,) = json.loads((tmp_path / "run" / "export_report.json").read_text())["settings"]["backbones"]
    assert (told["name"], told["revision"]) == ("org/vit-tiny", "a" * 40)


def test_a_download_can_be_interrupted(tmp_path: Path, hub: str) -> None:
    draw_folder(tmp_path / "in", 2)
    Hub.weights = "stalled"
    environment = {**os.environ, "HF_ENDPOINT": hub, "HF_HOME": str(tmp_path / "cache")}
    running = subprocess.Popen(
        command(tmp_path, "hf:org/vit-tiny"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert Hub.asked.wait(60)
    running.send_signal(signal.SIGINT)
    out, told = running.communicate(timeout=60)
    assert (running.returncode, out) == (1, ""), told
    assert told.replace("\r", "\n").rstrip().rpartition("\n")[2].startswith("Error: Interrupted")
    assert "Traceback" not in told
    assert not (tmp_path / "run").exists()
