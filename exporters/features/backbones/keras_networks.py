"""Networks of `keras.applications` without their top, and their own preprocessing of pixels."""

from __future__ import annotations

import difflib
import functools
import importlib
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones import known
from exporters.features.backbones.choice import IMAGENET, RANDOM
from exporters.features.backbones.extractor import Extractor
from exporters.features.backbones.sentences import first_sentence
from exporters.features.devices import load_keras, quiet

# Width multipliers that Keras publishes weights for, those of its default network first.
_ALPHAS = (1.0, 0.75, 0.5, 0.35, 0.25, 1.3, 1.4)


@dataclass(frozen=True)
class Architecture:
    """A kind of network, not yet built.

    Attributes:
        name: Keras' own name for it, as `MobileNetV2`.
        alpha: Its width multiplier where one was asked for.
    """

    name: str
    alpha: float | None = None

    @property
    def default_side(self) -> int:
        """The side of its square input, in pixels, that it was made for."""
        return known.KERAS[self.name].side if self.name in known.KERAS else 224

    def preprocess(self, pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """The network's own `preprocess_input`.

        Args:
            pixels: (n, height, width, 3) RGB from 0 to 255; not changed.

        Returns:
            The same shape, float32, in the range and channel order that the network was trained with.
        """
        values = self._module().preprocess_input(pixels.astype(np.float32), data_format="channels_last")
        return np.asarray(values, np.float32)

    def build(self, weights: str, side: int | None = None, seed: int = 0) -> Network:
        """Builds the network with global average pooling in place of its top.

        Args:
            weights: `imagenet` (through Keras' cache, `KERAS_HOME`), `none` (random), or a weights file.
            side: Side of the square input in pixels; None takes the network's default.
            seed: Seed of random weights.

        Returns:
            The network, ready to predict.

        Raises:
            ExportError: If the weights cannot be had or do not fit, or the input is too small for the network.
        """
        side = side or self.default_side
        keras = load_keras()
        alpha = self.alpha
        if weights not in (IMAGENET, RANDOM):
            if not Path(weights).is_file():
                raise ExportError(
                    f"--weights {weights}: there is no such file (give imagenet, none, or a .h5 or .keras file)."
                )
            alpha = alpha if alpha is not None else self._alpha_of(Path(weights))
        if weights == RANDOM:
            keras.utils.set_random_seed(seed)
        network = self._construct(IMAGENET if weights == IMAGENET else None, side, alpha)
        if weights not in (IMAGENET, RANDOM):
            self._load(network, weights)
        return Network(network, self._module().preprocess_input, side, int(network.output_shape[-1]), alpha)

    def _construct(self, weights: str | None, side: int, alpha: float | None) -> Any:
        options = {} if alpha is None else {"alpha": alpha}
        try:
            with quiet():
                return getattr(load_keras().applications, self.name)(
                    include_top=False, weights=weights, pooling="avg", input_shape=(side, side, 3), **options
                )
        except ValueError as error:
            raise ExportUsageError(f"{self.name} at {side} pixels: {first_sentence(error)}") from error
        except Exception as error:
            # Keras raises a bare Exception, and urllib its own, when a download fails.
            file = re.search(r"[^/\s]+\.(weights\.)?h5", str(error))
            raise ExportError(
                f"The ImageNet weights of {self.name}{f' ({file.group()})' if file else ''} are not in Keras' cache "
                f"({_cache()}) and could not be downloaded: give the file with --weights FILE, "
                "or take random weights with --weights none."
            ) from error

    def _load(self, network: Any, weights: str) -> None:
        try:
            with quiet():
                network.load_weights(weights)
        except Exception as error:  # h5py, zipfile and Keras each have their own.
            raise ExportError(
                f"The weights file {weights} does not fit {self.name} without its top: {first_sentence(error)}"
            ) from error

    def _alpha_of(self, weights: Path) -> float | None:
        """The width multiplier of the network whose weights the file holds; None where there is nothing to tell."""
        if not self.name.startswith("MobileNet") or weights.suffix != ".h5":
            return None
        shapes = _shapes_in(weights)
        for alpha in _ALPHAS:
            network = self._construct(None, self.default_side, alpha)
            if sorted(tuple(weight.shape) for weight in network.weights) == shapes:
                return alpha
        return None

    def _module(self) -> Any:
        return sys.modules[getattr(load_keras().applications, self.name).__module__]


@dataclass(frozen=True)
class Network:
    """A built network.

    Attributes:
        layers: The Keras network without its top, pooled: preprocessed pixels in, (n, width) out.
        preprocess: Its own `preprocess_input`.
        side: Side of its square input in pixels.
        width: Features an image.
        alpha: Its width multiplier, if not Keras' default.
    """

    layers: Any
    preprocess: Callable[[Any], Any]
    side: int
    width: int
    alpha: float | None = None

    def pooled(self, pixels: Any, training: bool = False) -> Any:
        """Puts preprocessing and network behind a Keras tensor of pixels.

        Args:
            pixels: (n, side, side, 3) float32 RGB from 0 to 255.
            training: Whether batch normalisation takes each batch's own statistics, and dropout drops; otherwise
                neither does, also while a model around this one is trained.

        Returns:
            (n, width).
        """
        layers = self.layers if training else _as_in_use()(self.layers)
        return layers(self.preprocess(pixels), training=training)

    def input(self) -> tuple[Any, Any]:
        """The input that pictures come in through, as uint8, and the float32 pixels behind it."""
        keras = load_keras()
        pictures = keras.Input((self.side, self.side, 3), dtype="uint8")
        return pictures, keras.ops.cast(pictures, "float32")

    def extractor(self) -> Extractor:
        """Computes this network's pooled features."""
        pictures, pixels = self.input()
        return Extractor(load_keras().Model(pictures, self.pooled(pixels)))


@functools.cache
def _as_in_use() -> Any:
    class AsInUse(load_keras().layers.Layer):  # type: ignore[misc]
        """Runs a network as in use: Keras itself would hand the outer model's `training` on to it."""

        def __init__(self, network: Any):
            super().__init__()
            self.network = network

        def call(self, pixels: Any, training: bool | None = None) -> Any:
            return self.network(pixels, training=False)

        def compute_output_shape(self, shape: Any) -> Any:
            return self.network.compute_output_shape(shape)

    return AsInUse


def find_architecture(choice: str) -> Architecture:
    """The network that `choice` names: `vgg16`, `inception_resnet_v2`, `MobileNetV2`, `mobilenet:0.75`.

    Args:
        choice: A name of `keras.applications` in any case, with or without `_`; a width multiplier may follow `:`.

    Raises:
        ExportUsageError: If there is no such network; the message names the nearest.
        ExportError: If Keras is not installed.
    """
    plain, colon, width = choice.partition(":")
    names = {_plain(name): name for name, value in vars(load_keras().applications).items() if callable(value)}
    name = names.get(_plain(plain))
    if name is None:
        near = [names[key] for key in difflib.get_close_matches(_plain(plain), names, 3, 0.5)]
        hint = f"did you mean {' or '.join(near)}?" if near else "any network of keras.applications works, as vgg16."
        raise ExportUsageError(f"There is no backbone {plain!r}: {hint}")
    if not colon:
        return Architecture(name)
    if not name.startswith("MobileNet"):
        raise ExportUsageError(f"{name} has no width multiplier: write --backbone {plain}.")
    try:
        alpha = float(width)
    except ValueError:
        alpha = 0.0
    if not 0 < alpha <= 4:
        raise ExportUsageError(f"{width!r} is no width multiplier: write, for example, --backbone {plain}:0.75.")
    return Architecture(name, alpha)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _shapes_in(weights: Path) -> list[tuple[int, ...]]:
    h5py = importlib.import_module("h5py")
    shapes: list[tuple[int, ...]] = []

    def visit(_: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            shapes.append(tuple(item.shape))

    try:
        with h5py.File(weights, "r") as file:
            file.visititems(visit)
    except OSError as error:
        raise ExportError(f"The weights file {weights} is not an HDF5 file, or is cut short.") from error
    return sorted(shapes)


def _cache() -> Path:
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"
