"""The feature stages: what each computes from a picture, and arrays of them for anybody's images."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from exporters.backbones import IMAGENET, Backbone, Network, find_backbone
from exporters.decode import ImageLike, UnreadableImageError, as_picture, name_of, our_pixel_limit, refuse_broken
from exporters.errors import ExportError, ExportUsageError
from exporters.pixels import Bytes, Views, Wanted, views_of
from exporters.reader import map_ahead

Item = TypeVar("Item")

PIX, PRE, IM = "pix", "pre", "im"
STAGES = {
    PIX: "raw pixels, averaged to 32 x 32 RGB, 0 to 255 (3072 values)",
    PRE: "the same pixels after the network's own preprocessing (3072 values)",
    IM: "global average pooling of the network's last feature maps (VGG-16: 512 values)",
}
LATER = ("rn", "tf", "tr")
BATCH = 32


@dataclass(frozen=True)
class NetworkChoice:
    """Which network computes `pre` and `im`.

    Attributes:
        backbone: A name of `keras.applications`, as `vgg16` or `mobilenet:0.75`.
        weights: `imagenet`, `none` (random), or a weights file.
        image_size: Side of the network's square input in pixels; None is its default.
        seed: Seed of random weights.
    """

    backbone: str = "mobilenet"
    weights: str = IMAGENET
    image_size: int | None = None
    seed: int = 0


def check_stages(names: Sequence[str]) -> list[str]:
    """The stages without repetitions, in the order given.

    Raises:
        ExportUsageError: If there is none, or an unknown one.
    """
    for name in names:
        if name in LATER:
            raise ExportUsageError(f"The stage {name} (exemplar training) is not available yet: take {_known()}.")
        if name not in STAGES:
            raise ExportUsageError(f"There is no feature stage {name!r}: take {_known()}.")
    if not names:
        raise ExportUsageError(f"No feature stage is named: take {_known()}.")
    return list(dict.fromkeys(names))


class FeatureStages:
    """Computes stages for batches of pictures. The network is loaded when this is made, and only if a stage needs it.

    Args:
        names: Stages, checked by `check_stages`.
        choice: The network.

    Attributes:
        network: The built network, or None where `im` is not asked for.

    Raises:
        ExportError: If the network cannot be had.
    """

    def __init__(self, names: Sequence[str], choice: NetworkChoice):
        self.names = list(names)
        self.backbone: Backbone | None = find_backbone(choice.backbone) if {PRE, IM} & set(names) else None
        self.network: Network | None = None
        if self.backbone is not None and IM in names:
            self.network = self.backbone.build(choice.weights, choice.image_size, choice.seed)

    def wanted(self, tile_side: int | None) -> Wanted:
        """The arrays to make of every picture for these stages and a sprite sheet."""
        return Wanted(bool({PIX, PRE} & set(self.names)), self.network.side if self.network else None, tile_side)

    def compute(self, views: Sequence[Views]) -> dict[str, npt.NDArray[np.float32]]:
        """The features of at most `BATCH` pictures.

        Returns:
            (n, D) float32 by stage; row i belongs to `views[i]`.
        """
        features: dict[str, npt.NDArray[np.float32]] = {}
        for name in self.names:
            if name == IM and self.network is not None:
                features[name] = self.network.features(_stack([view.network for view in views]), BATCH)
            elif name == PRE and self.backbone is not None:
                features[name] = _flat(self.backbone.preprocess(_stack([view.pixels for view in views])))
            else:
                features[name] = _flat(_stack([view.pixels for view in views]))
        return features


def extract_features(
    images: Sequence[ImageLike],
    stages: Sequence[str] = (IM,),
    *,
    backbone: str = "mobilenet",
    weights: str = IMAGENET,
    image_size: int | None = None,
    seed: int = 0,
) -> dict[str, npt.NDArray[np.float32]]:
    """Computes features of images, as `tb-tsne export` does.

    Args:
        images: Paths, Pillow images, or uint8 arrays (H, W), (H, W, 3) or (H, W, 4), in any mixture.
        stages: Any of `pix`, `pre` and `im`. `pix` needs neither TensorFlow nor Keras.
        backbone: A network of `keras.applications`, as `vgg16`, `inception_resnet_v2` or `mobilenet:0.75`.
        weights: `imagenet` (through Keras' cache), `none` (random), or a weights file.
        image_size: Side of the network's square input in pixels; None is its default.
        seed: Seed of random weights.

    Returns:
        (len(images), D) float32 by stage; row i belongs to `images[i]`.

    Raises:
        ExportError: If an image cannot be used (the message names it), or the network cannot be had.
    """
    if isinstance(images, (str, os.PathLike)):
        raise ExportUsageError("Give a list of images, not one path.")
    if len(images) == 0:
        raise ExportError("There are no images.")
    computed = FeatureStages(
        check_stages([stages] if isinstance(stages, str) else stages),
        NetworkChoice(backbone, weights, image_size, seed),
    )
    wanted = computed.wanted(None)
    problems: list[str] = []

    def view(numbered: tuple[int, ImageLike]) -> Views | str:
        try:
            return views_of(as_picture(numbered[1]), wanted)
        except UnreadableImageError as error:
            return f"{name_of(numbered[1], numbered[0])}: {error}"

    parts: dict[str, list[npt.NDArray[np.float32]]] = {name: [] for name in computed.names}
    with our_pixel_limit():
        for batch in batches(map_ahead(view, enumerate(images), 2 * BATCH), BATCH):
            views = [item for item in batch if isinstance(item, Views)]
            problems += [item for item in batch if isinstance(item, str)]
            if not problems:
                for name, rows in computed.compute(views).items():
                    parts[name].append(rows)
    refuse_broken(problems)
    return {name: np.concatenate(rows) for name, rows in parts.items()}


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` items each, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _known() -> str:
    *first, last = STAGES
    return f"{', '.join(first)} or {last}"


def _stack(pictures: Sequence[Bytes | None]) -> Bytes:
    return np.stack([picture for picture in pictures if picture is not None])


def _flat(pixels: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    return pixels.reshape(len(pixels), -1).astype(np.float32)
