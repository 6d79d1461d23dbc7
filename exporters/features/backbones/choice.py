"""Which networks compute the features, as people say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporters.errors import ExportUsageError
from exporters.features.devices import AUTO

IMAGENET, RANDOM = "imagenet", "none"
CLASS_TOKEN, MEAN, POOLER = "cls", "mean", "pooler"
POOLINGS = (AUTO, CLASS_TOKEN, MEAN, POOLER)
NORMALIZATIONS = (AUTO, "imagenet", "symmetric", "unit", "none")


@dataclass(frozen=True)
class NetworkChoice:
    """Which network computes the features, or which networks.

    Attributes:
        backbone: `SCHEME:NAME`, as `hf:facebook/dinov2-small` or `onnx:model.onnx`, or a name of `keras.applications`,
            as `vgg16` or `mobilenet:0.75`; or several of them.
        weights: Of Keras' networks: `imagenet`, `none` (random), or a weights file.
        image_size: Side of the network's square input in pixels; None is its default.
        seed: Seed of random weights and of training.
        precision: `float32`, `mixed`, or `auto`: mixed where the device computes it faster.
        pooling: What becomes one row of a network's tokens or maps: `cls` (the class token), `mean` (of all patches),
            `pooler` (the network's own), or `auto`, which is the usual one for its kind.
        normalization: What an ONNX file takes where it does not say so itself: `imagenet` (ImageNet's mean and standard
            deviation), `symmetric` (-1 to 1), `unit` (0 to 1) or `none` (0 to 255).
    """

    backbone: str | Sequence[str] = "mobilenet"
    weights: str = IMAGENET
    image_size: int | None = None
    seed: int = 0
    precision: str = AUTO
    pooling: str = AUTO
    normalization: str = AUTO

    @property
    def backbones(self) -> list[str]:
        """The names of all backbones, each once, in the order given."""
        return list(dict.fromkeys([self.backbone] if isinstance(self.backbone, str) else self.backbone))

    def check(self) -> None:
        """Refuses what no network can be chosen with.

        Raises:
            ExportUsageError: In one sentence.
        """
        if not self.backbones:
            raise ExportUsageError("No backbone is named: leave the option out, or name one, as mobilenet.")
        for option, value, values in (
            ("--pooling", self.pooling, POOLINGS),
            ("--normalization", self.normalization, NORMALIZATIONS),
        ):
            if value not in values:
                raise ExportUsageError(f"{option} must be {', '.join(values[:-1])} or {values[-1]}.")

    def refuse_pooling(self, name: str, *known: str) -> None:
        """Refuses another pooling than those that a backbone knows.

        Raises:
            ExportUsageError: In that case.
        """
        if self.pooling not in (AUTO, *known):
            others = f" (it knows {' and '.join(known)})" if known else ""
            raise ExportUsageError(f"--pooling {self.pooling} is not for {name}{others}: leave the option out.")
