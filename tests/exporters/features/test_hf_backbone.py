"""Models of transformers as backbones: small ones with random weights, saved to a folder, loaded as anybody would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from exporters import ExportError, extract_features
from tb_tsne_plugin.cli import cli
from tests.exporters.drawn import draw_folder, read_metadata, read_tensor

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
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
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
    ],
    ids=["dinov2", "vit", "deit", "clip", "clip vision", "siglip", "convnext"],
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
    ],
)
def test_what_gives_no_features_is_one_sentence_and_leaves_nothing(tmp_path: Path, make: Any, message: str) -> None:
    draw_folder(tmp_path / "in", 3)
    make(tmp_path / "model")
    done = export(tmp_path, "--backbone", f"hf:{tmp_path}/model")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.output
    assert message in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_name_that_can_be_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is neither a folder nor the id of a model, as facebook/dinov2-small"):
        extract_features(photographs(1), backbone=f"hf:{tmp_path}/none")


class Hub(BaseHTTPRequestHandler):
    """A hub on which one model is gated and no other is."""

    def do_HEAD(self) -> None:
        is_gated = "dinov3" in self.path
        self.send_response(403 if is_gated else 401)
        self.send_header("X-Error-Code", "GatedRepo" if is_gated else "RepoNotFound")
        self.send_header("X-Error-Message", "No. Not this one.")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


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
    environment = {**os.environ, "HF_ENDPOINT": hub, "HF_HUB_OFFLINE": offline, "HF_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", "export", tmp_path / "in", "--logdir", tmp_path / "run"]
    done = subprocess.run(
        [*map(str, command), "--backbone", f"hf:{name}"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.stderr
    assert message in done.stderr
    assert not (tmp_path / "run").exists()
