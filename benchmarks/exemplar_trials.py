"""What exemplar training does to a set: 4-NN accuracy in the 3-D t-SNE, by epochs, size of the input, rotations, rate.

A trial is `SET:STAGE:SIDE:ROTATIONS:RATE`: `monkeys:tf:96:4:0.0001` trains `tf` on pictures of 96 pixels of which the
frozen network sees 4 rotations, computed once and kept under OUT; 0 rotations are fresh ones in each epoch, which is
all that `tr` takes. The network's own layers learn at a tenth of RATE. After as many epochs as `--after` names (0: as
it begins, which is `im`) the features of the upright pictures are embedded, each of five training subsets by itself.
Every figure is kept in OUT/trials.json as soon as it is there, and not computed again.

    python benchmarks/exemplar_trials.py IMAGES --backbone vgg16 --weights FILE --out OUT TRIAL...
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from common import header, row

from exporters.features.backbones.keras_networks import find_architecture
from exporters.features.devices import compute_scope, load_keras
from exporters.features.exemplar import Exemplar
from exporters.features.trained import extract
from exporters.features.training import REFLECT
from exporters.features.turned import TurnedFeatures
from exporters.images.decode import decode
from exporters.images.renditions import Bytes, Square
from tb_tsne_plugin.evaluation.datasets import make_dataset
from tb_tsne_plugin.evaluation.folds import N_FOLDS
from tb_tsne_plugin.evaluation.work import embedding


class Trial(NamedTuple):
    """What is trained, and how.

    Attributes:
        name: Of the set.
        stage: `tf` or `tr`.
        side: Of the input, in pixels.
        rotations: That are computed once; 0 turns anew in each epoch.
        rate: Adam's, for the new layers.
    """

    name: str
    stage: str
    side: int
    rotations: int
    rate: float

    @classmethod
    def parse(cls, text: str) -> Trial:
        """Reads `SET:STAGE:SIDE:ROTATIONS:RATE`."""
        name, stage, side, rotations, rate = text.split(":")
        return cls(name, stage, int(side), int(rotations), float(rate))


def read(folder: Path, side: int, at_most: int) -> tuple[Bytes, list[str]]:
    """Some pictures of a folder of class folders, drawn at random, and their classes."""
    files = sorted(file for file in folder.glob("*/*") if file.is_file())
    drawn = np.sort(np.random.default_rng(0).permutation(len(files))[:at_most])
    chosen = [files[number] for number in drawn]
    pictures = np.stack([Square(side).of(decode(file.read_bytes())[0]) for file in chosen])
    return pictures, [file.parent.name for file in chosen]


def quality(features: np.ndarray, classes: list[str]) -> tuple[float, float]:
    """Mean 4-NN accuracy over training subsets, and its standard deviation over them."""
    dataset = make_dataset("", "", features, classes)
    found = [
        embedding(dataset, fold=fold, folds=N_FOLDS, seed=0, setting="unsupervised", epochs=1000)["mean"]
        for fold in range(N_FOLDS)
    ]
    return float(np.mean(found)), float(np.std(found))


def features_by_epoch(
    trial: Trial, pictures: Bytes, options: argparse.Namespace
) -> Iterator[tuple[int, float, float, np.ndarray]]:
    """Epochs, loss and accuracy of the last one, and (N, width) features, for each of `options.after`."""
    network = find_architecture(options.backbone).build(options.weights, trial.side)
    exemplar = Exemplar(
        network,
        len(pictures),
        frozen=trial.stage == "tf",
        turned_before=trial.rotations > 0,
        learning_rate=trial.rate,
        network_learning_rate=trial.rate / 10,
        seed=options.seed,
    )
    exemplar.imprint(pictures)
    shown: Any = None
    if trial.rotations:
        described = [options.backbone, options.precision, trial.name, trial.side, len(pictures), options.seed]
        name = hashlib.sha256(json.dumps(described).encode()).hexdigest()[:12]
        with open(options.out / f"turned-{name}", "a+b") as kept:
            pass
        with open(options.out / f"turned-{name}", "r+b") as kept:
            shown = TurnedFeatures(kept, network, pictures, trial.rotations, REFLECT, options.seed, lambda _: None)
    upright = np.concatenate(list(extract(network.extractor(), pictures))) if trial.stage == "tf" else None
    loss = accuracy = float("nan")
    for epoch in range(max(options.after) + 1):
        if epoch in options.after:
            if upright is None:
                features = np.concatenate(list(extract(exemplar.extractor(), pictures)))
            else:
                # The frozen network's features do not change: only the layer behind it is computed again.
                kernel, bias = exemplar.state()[:2]
                features = np.maximum(upright @ kernel + bias, 0)
            yield epoch, loss, accuracy, features
        if epoch < max(options.after):
            loss, accuracy = exemplar.train(shown.of_epoch(epoch) if shown else pictures, epoch, 32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path)
    parser.add_argument("trials", nargs="+", type=Trial.parse, metavar="TRIAL")
    parser.add_argument("--backbone", default="vgg16")
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--precision", choices=["float32", "mixed"], default="float32")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--at-most", type=int, default=1200, help="images of a set")
    parser.add_argument("--after", type=lambda text: [int(n) for n in text.split(",")], default=[0, 3, 10, 30])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_intermixed_args()
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "trials.json"
    header("trial", "epochs", "loss", "told from all others", "4-NN accuracy", "processor seconds so far")
    for trial in options.trials:
        key = [options.backbone, options.precision, options.at_most, options.seed, *trial]
        known = json.loads(file.read_text()) if file.is_file() else []
        found = {line[len(key)]: line[len(key) + 1 :] for line in known if line[: len(key)] == key}
        if set(options.after) - set(found):
            load_keras()
            began = time.process_time()
            pictures, classes = read(options.images / trial.name, trial.side, options.at_most)
            with compute_scope(options.precision):
                for epoch, loss, accuracy, features in features_by_epoch(trial, pictures, options):
                    seconds = time.process_time() - began
                    found[epoch] = [loss, accuracy, *quality(features, classes), seconds]
                    known.append([*key, epoch, *found[epoch]])
                    file.write_text(json.dumps(known))
        for epoch in options.after:
            loss, accuracy, mean, deviation, seconds = found[epoch]
            told = f"{100 * mean:.1f} ± {100 * deviation:.1f}"
            row(":".join(map(str, trial)), epoch, f"{loss:.2f}", f"{accuracy:.3f}", told, f"{seconds:.0f}")


if __name__ == "__main__":
    main()
