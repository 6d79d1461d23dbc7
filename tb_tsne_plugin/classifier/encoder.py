"""What made a run's features of pictures, as far as its export says, so that those of further pictures can be made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tb_tsne_plugin.runs.format import ENCODERS
from tb_tsne_plugin.runs.report import export_settings

_Number = int | float


class Encoder(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How features are computed of one picture.

    Attributes:
      stage: `pix`, `pre` or `im` (docs/features.md).
      options: Of its network, as `tb-tsne export` takes them; of files the name alone.
      backbone: What that network is: scheme, name, hash of the weights, input size, pooling, preprocessing …
      intensity: How pictures of more than 8 bits a value were shown.
      intensity_range: Between which values, by their kind.
    """

    stage: str
    options: dict[str, str | int | None] | None = None
    backbone: dict[str, str | int | None] | None = None
    intensity: str | None = None
    intensity_range: dict[str, tuple[_Number, _Number]] | None = None


class _Told(msgspec.Struct):
    stage: str
    options: dict[str, str | int | None] | None = None
    backbone: int | None = None


class _Settings(msgspec.Struct):
    """What is read of a report's settings; whatever else stands there is passed over."""

    encoders: dict[str, _Told] = msgspec.field(name=ENCODERS, default_factory=dict)
    backbones: list[dict[str, str | int | None]] = []
    intensity: str | None = None
    intensity_range: dict[str, tuple[_Number, _Number]] | None = msgspec.field(name="intensity range", default=None)


def encoder_of(run: Path, tensor: str) -> Encoder | None:
    """What computed a tensor's features.

    Args:
      run: The run's folder.
      tensor: The tensor's name.

    Returns:
      The encoder; None where no report says it: the features are somebody's own, were trained on the run's pictures, or
      come from an export of an earlier version.
    """
    settings: Any = export_settings(run)
    try:
        found = msgspec.convert(settings, _Settings)
        told = found.encoders[tensor]
        backbone = None if told.backbone is None else found.backbones[told.backbone]
    except (msgspec.ValidationError, LookupError):
        return None
    return Encoder(
        stage=told.stage,
        options=told.options,
        backbone=backbone,
        intensity=found.intensity,
        intensity_range=found.intensity_range,
    )
