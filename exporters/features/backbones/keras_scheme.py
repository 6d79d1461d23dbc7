"""`keras:NAME[:ALPHA]`, and names without a scheme: networks of `keras.applications`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from exporters.features.backbones import known
from exporters.features.backbones.backbone import Description, FeatureRows
from exporters.features.backbones.choice import IMAGENET, MEAN, RANDOM, NetworkChoice
from exporters.features.backbones.extractor import Extractor
from exporters.features.backbones.keras_networks import Architecture, find_architecture
from exporters.features.backbones.weights_hash import weights_hash
from exporters.features.devices import compute_scope
from exporters.images.renditions import Bytes, Square

SCHEME = "keras"


class KerasBackbone:
    """A network of `keras.applications` with global average pooling.

    Args:
        architecture: Its kind.
        choice: Its weights, input size, seed and precision.

    Attributes:
        architecture: Its kind, to build it again for training.
        network: The network as it is built.

    Raises:
        ExportError: If the weights cannot be had or do not fit, or the input is too small for the network.
    """

    def __init__(self, architecture: Architecture, choice: NetworkChoice):
        self.architecture = architecture
        self._choice = choice
        with compute_scope(choice.precision):
            self.network = architecture.build(choice.weights, choice.image_size, choice.seed)
        self._extractor: Extractor | None = None

    @property
    def square(self) -> Square:
        """The whole picture, bilinearly."""
        return Square(self.network.side)

    def features(self, pictures: Bytes) -> FeatureRows:
        """The features of pictures; see `Backbone`."""
        with compute_scope(self._choice.precision):
            if self._extractor is None:
                self._extractor = self.network.extractor()
            return self._extractor.features(pictures)

    @cached_property
    def description(self) -> Description:
        """What there is to tell of it."""
        name, weights = self.architecture.name, self._choice.weights
        alpha = f":{self.network.alpha:g}" if self.network.alpha is not None else ""
        licence = known.KERAS[name].licence if name in known.KERAS and weights == IMAGENET else None
        revision = {IMAGENET: "ImageNet", RANDOM: f"random weights of seed {self._choice.seed}"}
        return Description(
            scheme=SCHEME,
            name=f"{name}{alpha}",
            revision=revision.get(weights, Path(weights).name),
            weights_sha256=weights_hash(
                (f"{number:04d}", np.asarray(weight)) for number, weight in enumerate(self.network.layers.weights)
            ),
            input_size=self.network.side,
            pooling=MEAN,
            preprocessing=f"whole picture, bilinear; keras.applications' own for {name}",
            licence=licence or None,
            width=self.network.width,
        )


def open_backbone(name: str, choice: NetworkChoice) -> KerasBackbone:
    """The network that a name means; see `find_architecture`."""
    choice.refuse_pooling(f"{SCHEME}:{name}", MEAN)
    return KerasBackbone(find_architecture(name), choice)
