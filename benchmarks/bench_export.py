"""Feature extraction and exemplar training against bare Keras, in one run, in turns.

`im`: `extract_features` from JPEG files (read, decoded, scaled, computed) against `model.predict` on the decoded array.
What the export does once (building, compiling) is taken out by timing half of the images, too. `tf`: one epoch of
exemplar training against `model.fit` of the same layers on pictures that are on the device already. A GPU is used where
Keras' backend has one. `--memory` measures instead the peak memory of `tb-tsne export` on as many images and on ten
times as many.

    python benchmarks/bench_export.py [--backbone mobilenet:0.75] [--weights FILE] [--images 3000] [--memory]
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import header, row, save, seconds
from PIL import Image

from exporters import extract_features
from exporters.features.backbones.keras_networks import Network, find_architecture
from exporters.features.devices import AUTO, accelerators, compute_scope, inference_batch, load_keras
from exporters.features.exemplar import Exemplar

WEIGHTS = Path(__file__).resolve().parents[2] / "shared/keras/models/mobilenet_7_5_224_tf_no_top.h5"
SIZE = (320, 240)


def draw(folder: Path, count: int) -> list[Path]:
    """JPEG files of smooth noise, as large as a photograph of the paper's sets."""
    random = np.random.default_rng(0)
    paths = []
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (15, 20, 3), dtype=np.uint8))
        paths.append(folder / f"{number:06d}.jpg")
        coarse.resize(SIZE, Image.Resampling.BICUBIC).save(paths[-1], quality=90)
    return paths


def measure_im(
    paths: list[Path], extract: Callable[[list[Path]], object], network: Network, rounds: int
) -> tuple[float, float]:
    """Images a second: ours from files, and `model.predict` on an array."""
    inputs, pixels = network.input()
    model = load_keras().Model(inputs, network.pooled(pixels))
    pictures = np.random.default_rng(0).integers(0, 256, (len(paths), network.side, network.side, 3), dtype=np.uint8)
    batch = inference_batch()
    model.predict(pictures[: 2 * batch], batch_size=batch, verbose=0)
    half = len(paths) // 2
    ours, bare = [], []
    for _ in range(rounds):
        short, _ = seconds(lambda: extract(paths[:half]))
        long, _ = seconds(lambda: extract(paths))
        ours.append((len(paths) - half) / (long - short))
        bare.append(len(paths) / seconds(lambda: model.predict(pictures, batch_size=batch, verbose=0))[0])
    return statistics.median(ours), statistics.median(bare)


def bare_model(network: Network, count: int) -> Any:
    """The layers of `tf` as a plain Keras model."""
    keras = load_keras()
    network.layers.trainable = False
    pictures, pixels = network.input()
    rotation = keras.layers.RandomRotation(0.5, fill_mode="reflect", seed=0)
    rotation.supports_jit = keras.backend.backend() == "jax"
    seen = keras.layers.Dense(network.width, "relu", dtype="float32")(network.pooled(rotation(pixels)))
    model = keras.Model(pictures, keras.layers.Dense(count, dtype="float32")(seen))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-4), loss, metrics=["accuracy"])
    return model


def measure_tf(network: Network, bare_network: Network, count: int, batch: int, rounds: int) -> tuple[float, float]:
    """Images a second of one epoch: ours, and `model.fit` on pictures on the device."""
    keras = load_keras()
    pictures = np.random.default_rng(0).integers(0, 256, (count, network.side, network.side, 3), dtype=np.uint8)
    exemplar = Exemplar(network, count, frozen=True)
    model = bare_model(bare_network, count)
    held = keras.ops.convert_to_tensor(pictures), keras.ops.arange(count)
    ours, bare = [], []
    for epoch in range(rounds + 1):  # the first compiles
        ours.append(count / seconds(functools.partial(exemplar.train, pictures, epoch, batch))[0])
        bare.append(count / seconds(lambda: model.fit(*held, batch_size=batch, verbose=0))[0])
    return statistics.median(ours[1:]), statistics.median(bare[1:])


def measure_memory(folder: Path, count: int, choice: list[str]) -> dict[int, tuple[float, float]]:
    """Peak memory in MiB and seconds of the command on `count` images and on ten times as many."""
    paths = draw(folder, count)
    found = {}
    for factor in (1, 10):
        for copy in range(1, factor):
            for path in paths:  # What follows the end of a JPEG file is no part of the picture.
                path.with_name(f"{copy}_{path.name}").write_bytes(path.read_bytes() + bytes([copy]))
        command = [sys.executable, "-m", "tb_tsne_plugin.cli", "export", str(folder), "--max-samples", "all"]
        with tempfile.TemporaryDirectory() as run:
            process = subprocess.Popen([*command, "--logdir", f"{run}/run", *choice])
            took, (_, status, usage) = seconds(lambda: os.wait4(process.pid, 0))  # noqa: B023
        if status:
            raise SystemExit("The export failed.")
        # Kilobytes on Linux, bytes on macOS.
        found[factor * count] = (usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2), took)
    return found


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/export.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", default="mobilenet:0.75")
    parser.add_argument("--weights", default=str(WEIGHTS), help="none measures tf only")
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--images", type=int, default=3000)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.memory:
        flags = ["--backbone", arguments.backbone, "--weights", arguments.weights]
        with tempfile.TemporaryDirectory() as folder:
            side = ["--image-size", str(arguments.image_size), "--features", "pix,im"]
            peaks = measure_memory(Path(folder), arguments.images, [*flags, *side])
        header("images", "peak memory, MiB", "seconds")
        for images, (peak, took) in peaks.items():
            row(f"{images:,}", f"{peak:,.0f}", f"{took:,.0f}")
        save("export_memory", peaks)
        return
    choice = {"backbone": arguments.backbone, "weights": arguments.weights, "image_size": arguments.image_size}
    extract = functools.partial(extract_features, stages="im", **choice)
    results: dict[str, tuple[float, float]] = {}
    architecture = find_architecture(arguments.backbone)
    with compute_scope(AUTO):
        network, bare = (architecture.build(arguments.weights, arguments.image_size, 0) for _ in range(2))
        if arguments.weights != "none":
            with tempfile.TemporaryDirectory() as folder:
                paths = draw(Path(folder), arguments.images)
                results["im"] = measure_im(paths, extract, network, arguments.rounds)
        results["tf"] = measure_tf(network, bare, arguments.images, arguments.batch_size, arguments.rounds)
    keras = load_keras()
    print(f"{arguments.backbone} at {network.side} px, Keras on {keras.backend.backend()}, {accelerators() or 'CPU'}")
    header("stage", "ours, images a second", "bare Keras", "ratio")
    for stage, (ours, theirs) in results.items():
        row(stage, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.2f}")
    save("export", results)


if __name__ == "__main__":
    main()
