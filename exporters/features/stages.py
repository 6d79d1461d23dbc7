"""The feature stages: what each computes from a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportUsageError
from exporters.features.backbones import IMAGENET, RANDOM, Backbone, Extractor, Network, find_backbone
from exporters.features.checkpoint import Checkpoint
from exporters.features.devices import AUTO, compute_scope
from exporters.features.trained import IM, RN, TF, TR, TRAINED, Rows, extract, random_features, train
from exporters.features.training import History, TrainingOptions, check_precision
from exporters.images.renditions import Bytes, Renditions, RenditionSpec, stack

PIX, PRE = "pix", "pre"
STAGES = {
    PIX: "raw pixels, averaged to 32 x 32 RGB, 0 to 255 (3072 values)",
    PRE: "the same pixels after the network's own preprocessing (3072 values)",
    RN: "the exemplar network (see tf), all of it trained from random weights",
    IM: "global average pooling of the network's last feature maps (VGG-16: 512 values)",
    TF: "a ReLU layer of the same width behind the frozen network, trained to tell every image from all others",
    TR: "the same, and the network's own layers are trained too, slowly",
}
# Projectors open a run's first tensor: the one to start with.
SHOWN = (IM, TF, TR, RN, PRE, PIX)


@dataclass(frozen=True)
class NetworkChoice:
    """Which network computes the features.

    Attributes:
        backbone: A name of `keras.applications`, as `vgg16` or `mobilenet:0.75`.
        weights: `imagenet`, `none` (random), or a weights file.
        image_size: Side of the network's square input in pixels; None is its default.
        seed: Seed of random weights and of training.
        precision: `float32`, `mixed`, or `auto`: mixed where the device computes it faster.
    """

    backbone: str = "mobilenet"
    weights: str = IMAGENET
    image_size: int | None = None
    seed: int = 0
    precision: str = AUTO


def check_stages(names: Sequence[str]) -> list[str]:
    """The stages without repetitions, in the order given.

    Raises:
        ExportUsageError: If there is none, or an unknown one.
    """
    for name in names:
        if name not in STAGES:
            raise ExportUsageError(f"There is no feature stage {name!r}: take {_known()}.")
    if not names:
        raise ExportUsageError(f"No feature stage is named: take {_known()}.")
    return list(dict.fromkeys(names))


class FeatureStages:
    """Computes stages of pictures; a network is built only when a stage needs it.

    Args:
        names: Stages, checked by `check_stages`.
        choice: The network.
        training: How the stages that are trained are trained.

    Attributes:
        names: All stages.
        streamed: Those of them that `compute` gives, picture by picture.
        later: The others, which `compute_all` gives once all pictures are there.
        network: The network of `im`, if that is streamed.

    Raises:
        ExportError: If the network cannot be had.
    """

    def __init__(self, names: Sequence[str], choice: NetworkChoice, training: TrainingOptions | None = None):
        self.names = list(names)
        self.choice = choice
        self.training = training or TrainingOptions()
        self.training.check()
        check_precision(choice.precision)
        self.later = [name for name in names if name in TRAINED or (name == IM and choice.weights == RANDOM)]
        self.streamed = [name for name in names if name not in self.later]
        self.backbone: Backbone | None = find_backbone(choice.backbone) if set(names) - {PIX} else None
        self.network: Network | None = None
        self._extractor: Extractor | None = None
        if self.backbone is not None and set(names) - {PIX, PRE}:
            # Built also where it is needed only later: what is wrong with it is said before any work.
            weights = RANDOM if set(self.later) <= {RN} and IM not in names else choice.weights
            with compute_scope(choice.precision):
                self.network = self.backbone.build(weights, choice.image_size, choice.seed)
                self._extractor = self.network.extractor() if IM in self.streamed else None

    @property
    def input(self) -> RenditionSpec:
        """What these stages need of every picture."""
        return RenditionSpec(bool({PIX, PRE} & set(self.names)), self.network.side if self.network else None)

    def compute(self, pictures: Sequence[Renditions]) -> dict[str, npt.NDArray[np.float32]]:
        """The streamed features of some pictures.

        Returns:
            (n, D) float32 by stage; row i belongs to `pictures[i]`.
        """
        features: dict[str, npt.NDArray[np.float32]] = {}
        for name in self.streamed:
            if name == IM and self._extractor is not None:
                with compute_scope(self.choice.precision):
                    features[name] = self._extractor.features(stack([picture.network for picture in pictures]))
            elif name == PRE and self.backbone is not None:
                features[name] = _flat(self.backbone.preprocess(stack([picture.pixels for picture in pictures])))
            else:
                features[name] = _flat(stack([picture.pixels for picture in pictures]))
        return features

    def compute_all(
        self,
        name: str,
        pictures: Bytes,
        checkpoint: Checkpoint,
        watch: Callable[[History], Callable[[int], None]],
    ) -> tuple[Rows, History]:
        """The features of a stage that takes all pictures at once.

        Args:
            name: One of `later`.
            pictures: (N, side, side, 3) uint8, the network's input of every image; may be memory-mapped.
            checkpoint: Where the training's state is kept.
            watch: See `trained.train`.

        Returns:
            The rows, to be consumed before the next call, and how the training went.
        """
        if self.backbone is None or self.network is None:
            raise ValueError(f"{name} has no network")
        choice = self.choice
        with compute_scope(choice.precision):
            if name == IM:
                return random_features(self.backbone, self.network.side, choice.seed, pictures), []
            history, extractor = train(
                name,
                self.backbone,
                choice.weights,
                self.network.side,
                choice.seed,
                pictures,
                self.training,
                checkpoint,
                watch,
            )
            return extract(extractor, pictures), history


def _known() -> str:
    *first, last = STAGES
    return f"{', '.join(first)} or {last}"


def _flat(pixels: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    return pixels.reshape(len(pixels), -1).astype(np.float32)
