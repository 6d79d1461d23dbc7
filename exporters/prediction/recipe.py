"""How a run's features were made, as its report tells, so that those of newcomers can be made in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones.backbone import Description
from exporters.features.backbones.names import parse
from exporters.features.stages import FeatureStages
from exporters.images.renditions import Renditions, RenditionSpec
from exporters.prediction.description import Encoder, Options
from exporters.prediction.encoder import RUN, open_encoder
from tb_tsne_plugin.runs.format import ENCODERS


class _Told(msgspec.Struct):
    stage: str
    options: Options | None = None
    backbone: int | None = None


class _Settings(msgspec.Struct):
    """What is read of a report's settings; whatever else stands there is passed over."""

    encoders: dict[str, _Told] = msgspec.field(name=ENCODERS, default_factory=dict)
    backbones: list[Description] = []
    intensity: str | None = None
    intensity_range: dict[str, tuple[float, float]] = msgspec.field(name="intensity range", default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """What computes all features of one picture.

    Attributes:
        stages: By tensor, what computes it.
        encoder: One of them, for how pictures of more than 8 bits a value are shown.
    """

    stages: Mapping[str, FeatureStages]
    encoder: Encoder

    @property
    def spec(self) -> RenditionSpec:
        """What is needed of every picture."""
        inputs = [computed.input for computed in self.stages.values()]
        squares = dict.fromkeys(square for each in inputs for square in each.squares)
        return RenditionSpec(any(each.pixels for each in inputs), list(squares), intensity=self.encoder.shown)

    def compute(self, pictures: Sequence[Renditions]) -> dict[str, npt.NDArray[np.float32]]:
        """(n, D) features by tensor; row i belongs to `pictures[i]`."""
        return {name: rows for name, computed in self.stages.items() for rows in computed.compute(pictures).values()}


def open_recipe(
    settings: Mapping[str, object], tensors: Sequence[str], backbones: Sequence[str] = (), weights: str | None = None
) -> Recipe:
    """What computes a run's features.

    Args:
        settings: Those that the run's report tells.
        tensors: The names of its features.
        backbones: Names of its networks where these have other ones here (see `open_encoder`), one for a scheme.
        weights: The file of a Keras network's weights, where these are not ImageNet's.

    Raises:
        ExportUsageError: If something must be named and is not.
        ExportError: If features cannot be made of one picture alone, or a network cannot be had, or is another one.
    """
    told = _told(settings)
    missing = [name for name in tensors if name not in told.encoders]
    if missing:
        raise ExportError(
            f"Newcomers cannot have {', '.join(missing)}: what computed it was trained on the run's own images, or has "
            "random weights, and was not kept. Export all images again, old and new; labels are kept."
        )
    here = {parse(name).scheme: name for name in backbones}
    stages: dict[str, FeatureStages] = {}
    used: set[str] = set()
    for name in tensors:
        encoder = _encoder(told, name)
        scheme = "" if encoder.options is None else parse(encoder.options.backbone).scheme
        used |= {scheme}
        is_named = scheme in here
        file = weights if encoder.options is not None and encoder.options.weights != "imagenet" else None
        stages[name] = open_encoder(encoder, here[scheme] if is_named else None, file, RUN)
    if unknown := sorted(here.keys() - used):
        raise ExportUsageError(f"The run has no features of {here[unknown[0]]}: leave --backbone out.")
    return Recipe(stages, _encoder(told, tensors[0]))


def encoder_of(settings: Mapping[str, object], tensor: str) -> Encoder:
    """What computes one of a run's features of further images.

    Args:
        settings: Those that the run's report tells.
        tensor: The features' name.

    Raises:
        ExportError: If they cannot be made of one picture alone.
    """
    told = _told(settings)
    if tensor not in told.encoders:
        raise ExportError(
            f"{tensor} cannot be computed of further images: it is somebody's own, or what computed it was trained on "
            "the run's own images, or has random weights, and was not kept."
        )
    return _encoder(told, tensor)


def _told(settings: Mapping[str, object]) -> _Settings:
    try:
        return msgspec.convert(settings, _Settings)
    except msgspec.ValidationError as error:
        raise ExportError(f"The run's report does not say how its features were made ({error}).") from error


def _encoder(told: _Settings, name: str) -> Encoder:
    found = told.encoders[name]
    if found.backbone is not None and not 0 <= found.backbone < len(told.backbones):
        raise ExportError("The run's report does not say which network computed its features.")
    return Encoder(
        found.stage,
        found.options,
        None if found.backbone is None else told.backbones[found.backbone],
        told.intensity,
        told.intensity_range,
    )


def for_run(spec: RenditionSpec, tile_side: int, page_side: int | None, full_side: int | None) -> RenditionSpec:
    """The same, and what the run keeps of every picture to look at."""
    return replace(spec, tile_side=tile_side, page_side=page_side, full_side=full_side)
