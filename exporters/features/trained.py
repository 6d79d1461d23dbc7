"""The stages that need all pictures at once: exemplar training, and networks with random weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from exporters.features.backbones.choice import RANDOM
from exporters.features.backbones.extractor import Extractor
from exporters.features.backbones.keras_networks import Architecture
from exporters.features.checkpoint import Checkpoint
from exporters.features.exemplar import Exemplar, estimate_statistics
from exporters.features.training import Epoch, History, TrainingOptions, is_over
from exporters.features.turned import TurnedFeatures
from exporters.images.renditions import Bytes

IM, RN, TF, TR = "im", "rn", "tf", "tr"
TRAINED = (RN, TF, TR)
ROWS = 256
# Adam's rates for a network's own layers.
PRETRAINED_RATE, UNTRAINED_RATE = 1e-5, 1e-3

Rows: TypeAlias = "Iterator[npt.NDArray[np.float32]]"


def random_features(architecture: Architecture, side: int | None, seed: int, pictures: Bytes) -> Rows:
    """The pooled features of a network with random weights, normalised by the pictures' own statistics.

    Args:
        architecture: The network's kind.
        side: Side of its input in pixels.
        seed: Of the weights.
        pictures: (N, side, side, 3) uint8.

    Yields:
        Rows of features, in order.
    """
    network = architecture.build(RANDOM, side, seed)
    estimate_statistics(network, pictures)
    yield from extract(network.extractor(), pictures)


def train(
    stage: str,
    architecture: Architecture,
    weights: str,
    side: int | None,
    seed: int,
    pictures: Bytes,
    options: TrainingOptions,
    checkpoint: Checkpoint,
    watch: Callable[[History], Callable[[int], None]],
) -> tuple[History, Extractor]:
    """Trains one stage, from its checkpoint on if there is one.

    Args:
        stage: `rn`, `tf` or `tr`.
        architecture: The network's kind.
        weights: Its weights; `rn` takes random ones.
        side: Side of its input in pixels.
        seed: Of everything random.
        pictures: (N, side, side, 3) uint8.
        options: How to train.
        checkpoint: Where the state is kept after each epoch.
        watch: Called with the history before each epoch, and at the end; what it returns is called with the number of
            images after each step.

    Returns:
        The history, and what computes the features.
    """
    weights = RANDOM if stage == RN else weights
    rate = UNTRAINED_RATE if weights == RANDOM else PRETRAINED_RATE
    network = architecture.build(weights, side, seed)
    if weights == RANDOM:
        estimate_statistics(network, pictures)  # The softmax is to start from features that have not vanished.
    turned_before = stage == TF and options.rotations > 0
    exemplar = Exemplar(
        network,
        len(pictures),
        frozen=stage == TF,
        turned_before=turned_before,
        untrained=stage != TF and weights == RANDOM,
        learning_rate=options.learning_rate,
        network_learning_rate=options.network_learning_rate or rate,
        fill_mode=options.fill_mode,
        seed=seed,
    )
    history: History = []
    kept = checkpoint.load()
    if kept is not None:
        history, state = kept
        try:
            exemplar.restore(state)
        except ValueError as error:
            raise checkpoint.damaged() from error
    else:
        exemplar.imprint(pictures)
    seen = watch(history)
    turned = None
    if turned_before and not is_over(history, options):
        with checkpoint.beside("turned") as file:
            turned = TurnedFeatures(file, network, pictures, options.rotations, options.fill_mode, seed, lambda _: None)
    while not is_over(history, options):
        shown = turned.of_epoch(len(history)) if turned else pictures
        loss, accuracy = exemplar.train(shown, len(history), options.batch_size, seen)
        history.append(Epoch(loss, accuracy, time.time()))
        checkpoint.save(history, exemplar.state())
        seen = watch(history)
    exemplar.settle(pictures)
    return history, exemplar.extractor()


def extract(extractor: Extractor, pictures: Bytes) -> Rows:
    """The features of all pictures, in batches of rows."""
    for start in range(0, len(pictures), ROWS):
        yield extractor.features(np.asarray(pictures[start : start + ROWS]))
