"""The feature stages: what each computes from a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportUsageError
from exporters.features.backbones.backbone import Backbone, Description
from exporters.features.backbones.choice import IMAGENET, RANDOM, NetworkChoice
from exporters.features.backbones.door import open_backbone
from exporters.features.backbones.keras_networks import find_architecture
from exporters.features.backbones.keras_scheme import KerasBackbone
from exporters.features.backbones.names import KERAS, ONNX, parse, short_names
from exporters.features.checkpoint import Checkpoint
from exporters.features.devices import AUTO, compute_scope
from exporters.features.trained import IM, RN, TF, TR, TRAINED, Rows, extract, random_features, train
from exporters.features.training import History, TrainingOptions, check_precision
from exporters.images.renditions import Bytes, Renditions, RenditionSpec, Square, stack

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


class Tensor(NamedTuple):
    """Features that are computed.

    Attributes:
        name: What the run calls them: their stage, and a short name of the backbone where there are several.
        stage: Which stage.
        backbone: The number of its backbone; None where it needs none.
    """

    name: str
    stage: str
    backbone: int | None


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
        choice: The networks.
        training: How the stages that are trained are trained.

    Attributes:
        tensors: All that is computed, by name, the one to start with first.
        streamed: Names of those that `compute` gives, picture by picture.
        later: Names of the others, which `compute_all` gives once all pictures are there.
        backbones: The networks, in the order of `choice`; none where no stage needs them.

    Raises:
        ExportError: If a network cannot be had.
    """

    def __init__(self, names: Sequence[str], choice: NetworkChoice, training: TrainingOptions | None = None):
        self.names = list(names)
        self.choice = choice
        self.training = training or TrainingOptions()
        self.training.check()
        check_precision(choice.precision)
        choice.check()
        named = choice.backbones if set(names) - {PIX} else []
        _check_options(choice, named)
        for stage in names:
            others = [name for name in named if parse(name).scheme != KERAS]
            if others and stage not in (PIX, IM):
                raise ExportUsageError(
                    f"{stage} needs a Keras network that can be trained, and {others[0]} is none: leave {stage} out, "
                    "or export it with --backbone keras:NAME into a run of its own."
                )
        self.tensors = {tensor.name: tensor for tensor in _tensors(names, named)}
        self.later = [
            tensor.name
            for tensor in self._in_order(names)
            if tensor.stage in TRAINED
            or (tensor.stage == IM and choice.weights == RANDOM and parse(named[tensor.backbone or 0]).scheme == KERAS)
        ]
        self.streamed = [tensor.name for tensor in self._in_order(names) if tensor.name not in self.later]
        self._architectures = [find_architecture(parse(name).name) for name in named] if PRE in names else []
        self.backbones: list[Backbone] = []
        if set(names) - {PIX, PRE}:
            # Built also where they are needed only later: what is wrong with one is said before any work.
            weights = RANDOM if RN in names and not set(names) & {IM, TF, TR} else choice.weights
            self.backbones = [open_backbone(name, replace(choice, weights=weights)) for name in named]

    @property
    def input(self) -> RenditionSpec:
        """What these stages need of every picture."""
        squares = list(dict.fromkeys(backbone.square for backbone in self.backbones))
        again = {self._backbone(name).square for name in self.later}
        return RenditionSpec(
            bool({PIX, PRE} & set(self.names)), squares, [square for square in squares if square in again]
        )

    @property
    def descriptions(self) -> list[Description]:
        """What there is to tell of each network."""
        return [backbone.description for backbone in self.backbones]

    def compute(self, pictures: Sequence[Renditions]) -> dict[str, npt.NDArray[np.float32]]:
        """The streamed features of some pictures.

        Returns:
            (n, D) float32 by tensor; row i belongs to `pictures[i]`.
        """
        features: dict[str, npt.NDArray[np.float32]] = {}
        for name in self.streamed:
            _, stage, number = self.tensors[name]
            if stage == IM:
                backbone = self._backbone(name)
                features[name] = backbone.features(stack([picture.squares[backbone.square] for picture in pictures]))
            else:
                pixels = stack([picture.pixels for picture in pictures])
                features[name] = _flat(pixels if number is None else self._architectures[number].preprocess(pixels))
        return features

    def compute_all(
        self,
        name: str,
        pictures: Bytes,
        checkpoint: Checkpoint,
        watch: Callable[[History], Callable[[int], None]],
    ) -> tuple[Rows, History]:
        """The features of a tensor that takes all pictures at once.

        Args:
            name: One of `later`.
            pictures: (N, side, side, 3) uint8, its `square` of every image; may be memory-mapped.
            checkpoint: Where the training's state is kept.
            watch: See `trained.train`.

        Returns:
            The rows, to be consumed before the next call, and how the training went.
        """
        backbone = self._backbone(name)
        if not isinstance(backbone, KerasBackbone):
            raise ValueError(f"{name} has no network to train")
        choice, side = self.choice, backbone.square.side
        with compute_scope(choice.precision):
            if self.tensors[name].stage == IM:
                return random_features(backbone.architecture, side, choice.seed, pictures), []
            history, extractor = train(
                self.tensors[name].stage,
                backbone.architecture,
                choice.weights,
                side,
                choice.seed,
                pictures,
                self.training,
                checkpoint,
                watch,
            )
            return extract(extractor, pictures), history

    def square(self, name: str) -> Square:
        """What a tensor's network takes of a picture."""
        return self._backbone(name).square

    def _backbone(self, name: str) -> Backbone:
        return self.backbones[self.tensors[name].backbone or 0]

    def _in_order(self, stages: Sequence[str]) -> list[Tensor]:
        """The tensors in the order in which their stages were asked for."""
        return sorted(self.tensors.values(), key=lambda tensor: stages.index(tensor.stage))


def _tensors(stages: Sequence[str], backbones: Sequence[str]) -> list[Tensor]:
    tensors: list[Tensor] = []
    short = short_names(backbones)
    for stage in sorted(stages, key=SHOWN.index):
        if stage == PIX:
            tensors.append(Tensor(PIX, PIX, None))
        else:
            several = len(backbones) > 1
            tensors += [Tensor(f"{stage}-{name}" if several else stage, stage, n) for n, name in enumerate(short)]
    return tensors


def _check_options(choice: NetworkChoice, named: Sequence[str]) -> None:
    """Refuses options that no backbone heeds."""
    schemes = [parse(name).scheme for name in named]
    if not named:
        return
    if choice.weights != IMAGENET and KERAS not in schemes:
        raise ExportUsageError(f"--weights is for Keras' networks, and {named[0]} has its own: leave the option out.")
    if Path(choice.weights).is_file() and schemes.count(KERAS) > 1:
        raise ExportUsageError("--weights FILE is for one Keras network, and several are named: export one at a time.")
    if choice.normalization != AUTO and ONNX not in schemes:
        raise ExportUsageError(f"--normalization is for onnx: files, and {named[0]} has its own: leave the option out.")


def _known() -> str:
    *first, last = STAGES
    return f"{', '.join(first)} or {last}"


def _flat(pixels: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    return pixels.reshape(len(pixels), -1).astype(np.float32)
