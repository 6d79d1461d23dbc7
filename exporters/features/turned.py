"""A frozen network's features of every picture in a few rotations: computed once for all epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from exporters.features.backbones.keras_networks import Network
from exporters.features.devices import load_keras
from exporters.images.renditions import Bytes

# Pictures that are turned and computed at once; where the work was stopped, it goes on with the first whole block.
BLOCK = 256


class TurnedFeatures:
    """Features of N pictures, each turned by R random angles.

    What a block of pictures becomes depends on the seed and the block's number only.

    Args:
        file: Where they are kept, open for reading and writing; what it holds already is gone on from. It may be closed
            afterwards, as it is mapped.
        network: Where pooled features come from.
        pictures: (N, side, side, 3) uint8; may be a memory-mapped file.
        rotations: R, at least 1.
        fill_mode: What the corners of a turned picture show, as in `keras.layers.RandomRotation`.
        seed: Of the angles, and of which of them an epoch takes.
        seen: Called with the number of pictures after each block.
    """

    def __init__(
        self,
        file: BinaryIO,
        network: Network,
        pictures: Bytes,
        rotations: int,
        fill_mode: str,
        seed: int,
        seen: Callable[[int], None],
    ):
        self._seed = seed
        extractor, turn = network.extractor(), rotation(fill_mode, seed)
        row, kept = 4 * network.width, file.seek(0, 2)
        for number, (turning, start) in enumerate(np.ndindex(rotations, -(-len(pictures) // BLOCK))):
            block = pictures[start * BLOCK : (start + 1) * BLOCK]
            at = row * (turning * len(pictures) + start * BLOCK)
            if at + row * len(block) > kept:
                set_angles(turn, np.random.SeedSequence([seed, number], spawn_key=(1,)))
                turned = np.asarray(turn(load_keras().ops.cast(block, "float32"), training=True))
                file.seek(at)
                file.write(extractor.features(np.rint(turned).astype(np.uint8)).astype("<f4", copy=False).data)
            seen(len(block))
        file.flush()
        self._features = np.memmap(file, "<f4", "r", shape=(rotations, len(pictures), network.width))

    def of_epoch(self, epoch: int) -> Turning:
        """Every picture in one of its rotations, drawn anew for each epoch."""
        rotations, count, _ = self._features.shape
        return Turning(self._features, np.random.default_rng([self._seed, epoch, 2]).integers(rotations, size=count))


class Turning:
    """The features of an epoch; `[rows]` reads some of them, (n, width) float32."""

    def __init__(self, features: npt.NDArray[np.float32], chosen: npt.NDArray[np.int64]):
        self._features, self._chosen = features, chosen

    def __getitem__(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return self._features[self._chosen[rows], rows]


def rotation(fill_mode: str, seed: int) -> Any:
    """The layer that turns each picture by an angle of its own, up to half a turn to either side."""
    keras = load_keras()
    layer = keras.layers.RandomRotation(0.5, fill_mode=fill_mode, seed=seed)
    # Where the layer declares that it cannot be compiled, TensorFlow's XLA is meant.
    layer.supports_jit = keras.backend.backend() == "jax"
    return layer


def set_angles(layer: Any, seed: np.random.SeedSequence) -> None:
    """Lets the layer turn as it always does from here on."""
    state = layer.generator.state
    state.assign(seed.generate_state(2).astype(np.uint32).astype(state.dtype))
