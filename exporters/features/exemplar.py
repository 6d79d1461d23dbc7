"""Exemplar-CNN: a network learns to tell every image from all others, whichever way it is turned.

Every image is a class of its own, seen under a fresh rotation each epoch; no label takes part (section 2 of the paper,
after Dosovitskiy et al., 2014). A ReLU layer as wide as the network's pooled features goes between them and the softmax
over the images; its outputs are the features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.features.backbones.extractor import Extractor
from exporters.features.backbones.keras_networks import Network
from exporters.features.devices import load_keras
from exporters.features.training import REFLECT
from exporters.features.turned import Turning, rotation, set_angles
from exporters.images.renditions import Bytes

# Pictures that the statistics of batch normalisation are taken from, and how many of them at once.
STATISTICS_PICTURES, STATISTICS_BATCH = 1024, 64
# How far apart the softmax sees two images at first, in nats.
SHARPNESS = 15.0


class Exemplar:
    """The network, the ReLU layer and the softmax over `count` images, and its training by epochs.

    What an epoch does depends on the weights, the seed and the epoch's number only, so that training goes on from a
    checkpoint exactly as if it had never stopped.

    Args:
        network: Where pooled features come from; changed by training unless `frozen`.
        count: N, the images.
        frozen: Whether only the ReLU layer and the softmax learn.
        untrained: Whether the network's weights are random: then batch normalisation takes each batch's statistics
            while training.
        learning_rate: Adam's, for new layers.
        network_learning_rate: Adam's, for the network's own layers.
        fill_mode: What the corners of a turned image show, as in `keras.layers.RandomRotation`.
        turned_before: Whether `train` is given the frozen network's features of turned images in place of images.
        seed: Of the new layers' weights, the rotations and the order of images.
    """

    def __init__(
        self,
        network: Network,
        count: int,
        *,
        frozen: bool,
        untrained: bool = False,
        learning_rate: float = 1e-4,
        network_learning_rate: float = 1e-5,
        fill_mode: str = REFLECT,
        turned_before: bool = False,
        seed: int = 0,
    ):
        keras = load_keras()
        keras.utils.set_random_seed(seed)
        self._network = network
        self._frozen = frozen
        self._untrained = untrained
        self._seed = seed
        self._count = count
        network.layers.trainable = not frozen
        pictures, pixels = network.input()
        self._rotation = rotation(fill_mode, seed)
        # The layer starts as the identity, as in Net2Net: it hands on the network's features, and learns from there.
        relu = keras.layers.Dense(network.width, "relu", kernel_initializer="identity", dtype="float32")
        self._softmax = keras.layers.Dense(count, dtype="float32")
        if turned_before:
            shown = seen = keras.Input((network.width,))
        else:
            shown, seen = pictures, network.pooled(self._rotation(pixels), training=untrained)
        self._model = keras.Model(shown, self._softmax(relu(seen)))
        self._features = keras.Model(pictures, relu(network.pooled(pixels)))
        self._model.compile(
            _adam(learning_rate, network_learning_rate / learning_rate, network.layers.trainable_variables),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        self._model.optimizer.build(self._model.trainable_variables)

    def imprint(self, pictures: Bytes) -> None:
        """Starts the softmax from the images themselves: each class is where its upright image lies.

        With w_i = s x_i and b_i = -s |x_i|^2 / 2 the logits are -s |x - x_i|^2 / 2 but for a constant, so that training
        begins with what the features can tell apart (weight imprinting). Random weights would first tear the features
        apart, and small sets have too few steps to mend them. s is such that two images' mean logit is -15.

        Args:
            pictures: (N, side, side, 3) uint8.
        """
        extractor = self.extractor()
        starts = range(0, len(pictures), STATISTICS_PICTURES)
        parts = [extractor.features(pictures[start : start + STATISTICS_PICTURES]) for start in starts]
        places = np.concatenate(parts)
        scale = 2 * SHARPNESS / max(2 * float(places.var(axis=0).sum()), 1e-30)
        self._softmax.set_weights([scale * places.T, -0.5 * scale * np.square(places).sum(axis=1)])

    def train(
        self, pictures: Bytes | Turning, epoch: int, batch_size: int, seen: Callable[[int], None] | None = None
    ) -> tuple[float, float]:
        """Trains one epoch: every image once, in random order, each turned by its own random angle.

        Args:
            pictures: (N, side, side, 3) uint8; may be a memory-mapped file. With `turned_before` an epoch of features.
            epoch: Its number, from 0.
            batch_size: Images a step; the last step is filled up with images of the first.
            seen: Called with the number of images after each step.

        Returns:
            Mean loss, and the share of images that were told from all others.
        """
        keras = load_keras()
        order, turn = np.random.SeedSequence([self._seed, epoch]).spawn(2)
        set_angles(self._rotation, turn)
        steps = -(-self._count // batch_size)
        callbacks = []
        if seen is not None:
            report = seen
            callbacks = [keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: report(batch_size))]
        history = self._model.fit(
            _shuffled(pictures, np.random.default_rng(order).permutation(self._count), steps, batch_size),
            steps_per_epoch=steps,
            shuffle=False,  # They are.
            verbose=0,
            callbacks=callbacks,
        ).history
        return float(history["loss"][-1]), float(history["accuracy"][-1])

    def settle(self, pictures: Bytes) -> None:
        """Gives a network that began untrained its batch-normalisation statistics, once training is over."""
        if self._untrained:
            estimate_statistics(self._network, pictures)

    def extractor(self) -> Extractor:
        """Computes the ReLU layer's outputs of upright pictures."""
        return Extractor(self._features)

    def state(self) -> list[npt.NDArray[Any]]:
        """Everything that training changes: weights and the optimizer's moments."""
        return [np.asarray(variable) for variable in self._variables()]

    def restore(self, state: list[npt.NDArray[Any]]) -> None:
        """Puts back what `state` gave."""
        for variable, value in zip(self._variables(), state, strict=True):
            variable.assign(value)

    def _variables(self) -> list[Any]:
        weights = self._model.trainable_variables if self._frozen else self._model.variables
        ours = {id(variable): variable for variable in [*weights, *self._model.optimizer.variables]}
        return list(ours.values())


def estimate_statistics(network: Network, pictures: Bytes) -> None:
    """Sets batch normalisation's means and variances to those of the images.

    A network that was never trained holds 0 and 1, with which activations vanish layer by layer (an untrained
    MobileNet's features are about 1e-17); after few epochs the running averages still lag behind. Up to 1024 images,
    evenly spread, pass through; each layer gets the mean and the variance over all of them.

    Args:
        network: Changed in place; one without batch normalisation is left alone.
        pictures: (N, side, side, 3) uint8.
    """
    keras = load_keras()
    layers = [layer for layer in _layers_in(network.layers) if isinstance(layer, keras.layers.BatchNormalization)]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0  # Each batch leaves its own statistics behind.
    rows = np.unique(np.linspace(0, len(pictures) - 1, STATISTICS_PICTURES).astype(np.int64))
    # Interleaved, so that every batch is a sample of the whole, whatever order the images are in.
    count = max(1, len(rows) // STATISTICS_BATCH)
    batches = [rows[start::count] for start in range(count)]
    means: list[Any] = [0.0] * len(layers)
    squares: list[Any] = [0.0] * len(layers)
    for batch in batches:
        network.pooled(keras.ops.cast(pictures[batch], "float32"), training=True)
        for number, layer in enumerate(layers):
            mean = np.asarray(layer.moving_mean, np.float64)
            means[number] += mean / len(batches)
            squares[number] += (np.asarray(layer.moving_variance, np.float64) + mean**2) / len(batches)
    for layer, momentum, mean, square in zip(layers, momenta, means, squares, strict=True):
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(np.maximum(square - np.square(mean), 0.0))
        layer.momentum = momentum


def _shuffled(
    pictures: Bytes | Turning, order: npt.NDArray[np.int64], steps: int, batch_size: int
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[np.int64]]]:
    for step in range(steps):
        rows = order.take(np.arange(step * batch_size, (step + 1) * batch_size), mode="wrap")
        yield pictures[rows], rows


def _layers_in(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _layers_in(layer)
        else:
            yield layer


def _adam(learning_rate: float, factor: float, others: list[Any]) -> Any:
    """Adam with its rate multiplied by `factor` for the variables in `others`."""
    keras = load_keras()
    if not others:
        return keras.optimizers.Adam(learning_rate)

    class TwoRates(keras.optimizers.Adam):  # type: ignore[misc,name-defined]
        def build(self, variables: list[Any]) -> None:
            super().build(variables)
            chosen = {id(variable) for variable in others}
            self._others = {place for place, variable in enumerate(variables) if id(variable) in chosen}

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            is_other = self._get_variable_index(variable) in self._others
            super().update_step(gradient, variable, learning_rate * factor if is_other else learning_rate)

    return TwoRates(learning_rate)
