"""Images a second of each kind of backbone, beside the bare call of the library that runs it, in turns.

Ours takes pictures as they are decoded, (n, side, side, 3) uint8; the bare call gets values that are prepared already,
in batches of the same size. Keras' networks have ImageNet weights where `../shared/keras` has them; DINOv2-small has
random ones. A library that is not installed is left out: `pip install 'tb-tsne[export,hf,kerashub,onnx]' tf2onnx`.

    python benchmarks/bench_backbones.py [--images 128] [--rounds 9] [--only keras,hf,kerashub,python]
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from common import header, row, save, seconds

from exporters.features.backbones.backbone import Backbone
from exporters.features.backbones.choice import RANDOM, NetworkChoice
from exporters.features.backbones.door import open_backbone
from exporters.features.devices import load_keras, quiet
from exporters.images.renditions import Bytes

BATCH = 32
# Thread pools of the one go on spinning for a moment beside the other.
LEAST_SECONDS = 1.0
MODELS = Path(__file__).resolve().parents[2] / "shared/keras/models"
FILES = {
    "mobilenet:0.75": "mobilenet_7_5_224_tf_no_top.h5",
    "vgg16": "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
}
# What an ONNX file of these networks takes, in transformers' words.
PREPARED: dict[str, dict[str, Any]] = {
    "mobilenet:0.75": {"image_mean": [0.5] * 3, "image_std": [0.5] * 3},
    "vgg16": {"do_rescale": False, "image_mean": [123.68, 116.779, 103.939], "channels": "BGR"},
}
DINOV2 = {"hidden_size": 384, "num_attention_heads": 6, "image_size": 518, "patch_size": 14}


class Pair(NamedTuple):
    """A backbone, and the bare call of its library on the same pictures.

    Attributes:
        name: What is compared.
        backbone: Ours.
        pictures: (n, side, side, 3) uint8.
        bare: The library's call, on prepared values.
    """

    name: str
    backbone: Backbone
    pictures: Bytes
    bare: Callable[[], Any]


def keras_pairs(count: int, folder: Path) -> Iterator[Pair]:
    """Networks of `keras.applications` against `predict`, and as ONNX files against onnxruntime, and `predict`."""
    for name, file in FILES.items():
        weights = str(MODELS / file) if (MODELS / file).is_file() else RANDOM
        backbone: Any = open_backbone(name, NetworkChoice(weights=weights, image_size=128))
        network, pictures = backbone.network, draw(count, 128)
        values = network.preprocess(pictures.astype(np.float32))

        def predict(network: Any = network, values: Any = values) -> Any:
            return network.layers.predict(values, batch_size=BATCH, verbose=0)

        yield Pair(f"keras:{name} | Keras predict", backbone, pictures, predict)
        if not is_installed("onnxruntime", "tf2onnx"):
            continue
        path = folder / f"{name.partition(':')[0]}.onnx"
        with quiet():
            network.layers.export(str(path), format="onnx", verbose=False)
        path.with_suffix(".json").write_text(json.dumps(PREPARED[name]))
        ours = open_backbone(f"onnx:{path}", NetworkChoice())
        yield Pair(f"onnx:{path.name} | onnxruntime", ours, pictures, session(path, values))
        yield Pair(f"onnx:{path.name} | Keras predict", ours, pictures, predict)


def session(path: Path, values: Any) -> Callable[[], Any]:
    """A call of onnxruntime alone."""
    runtime = importlib.import_module("onnxruntime").InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = runtime.get_inputs()[0].name
    return lambda: np.concatenate([runtime.run(None, {name: part})[0] for part in batches(values)])


def hf_pairs(count: int, folder: Path) -> Iterator[Pair]:
    """DINOv2-small of transformers."""
    if not is_installed("torch", "transformers"):
        return
    torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    model = transformers.Dinov2Model(transformers.Dinov2Config(**DINOV2)).eval()
    model.save_pretrained(folder / "hf")
    words = {"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}, "do_center_crop": True}
    mean = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 3}
    (folder / "hf" / "preprocessor_config.json").write_text(
        json.dumps({"image_processor_type": "BitImageProcessor", **words, **mean})
    )
    pictures = draw(count, 224)
    values = torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), np.float32) / 255)

    def bare() -> Any:
        with torch.inference_mode():
            return [model(pixel_values=part).last_hidden_state[:, 0] for part in batches(values)]

    yield Pair("hf:dinov2-small | transformers", open_backbone(f"hf:{folder / 'hf'}", NetworkChoice()), pictures, bare)


def kerashub_pairs(count: int, folder: Path) -> Iterator[Pair]:
    """DINOv2-small of KerasHub."""
    if not is_installed("keras_hub"):
        return
    hub = importlib.import_module("keras_hub")
    backbone = hub.models.DINOV2Backbone(
        patch_size=14,
        num_layers=12,
        hidden_dim=384,
        num_heads=6,
        intermediate_dim=1536,
        image_shape=(224, 224, 3),
        position_embedding_shape=(518, 518),
    )
    target = str(folder / "kerashub")
    backbone.save_to_preset(target)
    hub.layers.DINOV2ImageConverter(image_size=(224, 224), scale=1 / 255).save_to_preset(target)
    pictures = draw(count, 224)
    values = pictures.astype(np.float32) / 255
    ours = open_backbone(f"kerashub:{target}", NetworkChoice())
    yield Pair(
        "kerashub:dinov2_small | Keras predict",
        ours,
        pictures,
        lambda: backbone.predict({"images": values}, batch_size=BATCH, verbose=0),
    )


def python_pairs(count: int, folder: Path) -> Iterator[Pair]:
    """A function: the means of the parts of a picture."""
    (folder / "means.py").write_text(
        "def means(pictures):\n"
        "    n, side = pictures.shape[:2]\n"
        "    parts = pictures.reshape(n, 8, side // 8, 8, side // 8, 3).astype('float32')\n"
        "    return parts.mean((2, 4)).reshape(n, -1)\n"
    )
    ours: Any = open_backbone(f"python:{folder / 'means.py'}:means", NetworkChoice())
    namespace: dict[str, Any] = {}
    exec((folder / "means.py").read_text(), namespace)
    pictures = draw(count, 224)
    yield Pair(
        "python:means | the function", ours, pictures, lambda: [namespace["means"](part) for part in batches(pictures)]
    )


def draw(count: int, side: int) -> Bytes:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def batches(values: Any) -> Iterator[Any]:
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def is_installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(name) is not None for name in modules)


class Measured(NamedTuple):
    """What was measured of a pair.

    Attributes:
        ours: Median images a second.
        bare: Of the library's call.
        ratio: Median of ours / bare, of the two that stand beside each other in time.
    """

    ours: float
    bare: float
    ratio: float


def repeat(call: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        call()


def measure(pair: Pair, rounds: int) -> Measured:
    """Both in turns, each first in every other round."""
    calls: list[Callable[[], Any]] = [lambda: pair.backbone.features(pair.pictures), pair.bare]
    taken = np.zeros((rounds, 2))
    for call in calls:
        call()
    times = max(1, round(LEAST_SECONDS / seconds(pair.bare)[0]))
    for number in range(rounds):
        for which in (0, 1) if number % 2 else (1, 0):
            taken[number, which] = seconds(functools.partial(repeat, calls[which], times))[0]
    ours, bare = times * len(pair.pictures) / np.median(taken, axis=0)
    return Measured(float(ours), float(bare), float(np.median(taken[:, 1] / taken[:, 0])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=9)
    kinds = {"keras": keras_pairs, "hf": hf_pairs, "kerashub": kerashub_pairs, "python": python_pairs}
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(kinds))
    options = parser.parse_args()
    load_keras()
    results = {}
    header("backbone", "bare call", "ours, images a second", "bare", "ours / bare")
    for kind in options.only:
        with tempfile.TemporaryDirectory() as folder:
            for pair in kinds[kind](options.images, Path(folder)):
                found = measure(pair, options.rounds)
                results[pair.name] = found._asdict()
                row(pair.name, f"{found.ours:.0f}", f"{found.bare:.0f}", f"{found.ratio:.2f}")
    save("backbones", results)


if __name__ == "__main__":
    main()
