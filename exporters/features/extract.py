"""`extract_features`: arrays of features for anybody's images."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones.choice import IMAGENET, NetworkChoice
from exporters.features.checkpoint import Checkpoint
from exporters.features.devices import AUTO
from exporters.features.stages import FeatureStages, check_stages
from exporters.features.trained import IM
from exporters.features.training import History, TrainingOptions
from exporters.images.decode import ImageLike, UnreadableImageError, as_picture, ignoring_metadata_warnings, name_of
from exporters.images.outcomes import Skipped, all_usable
from exporters.images.read import map_ahead
from exporters.images.renditions import Bytes, Renditions, Square, make_renditions, stack

Item = TypeVar("Item")

BATCH = 256


def extract_features(
    images: Sequence[ImageLike],
    stages: Sequence[str] = (IM,),
    *,
    backbone: str | Sequence[str] = "mobilenet",
    weights: str = IMAGENET,
    image_size: int | None = None,
    seed: int = 0,
    training: TrainingOptions | None = None,
    pooling: str = AUTO,
    normalization: str = AUTO,
) -> dict[str, npt.NDArray[np.float32]]:
    """Computes features of images, as `tb-tsne export` does; of more than 8 bits a value, with `--intensity full`.

    Args:
        images: Paths, Pillow images, or uint8 arrays (H, W), (H, W, 3) or (H, W, 4), in any mixture.
        stages: Any of `pix`, `pre`, `rn`, `im`, `tf` and `tr`. `pix` needs neither TensorFlow nor Keras.
        backbone: `SCHEME:NAME`, as `hf:facebook/dinov2-small`, or a network of `keras.applications`, as `vgg16`,
            `inception_resnet_v2` or `mobilenet:0.75`; or a list of several, see `NetworkChoice`.
        weights: Of Keras' networks: `imagenet` (through Keras' cache), `none` (random), or a weights file.
        image_size: Side of the network's square input in pixels; None is its default.
        seed: Seed of random weights and of training.
        training: How `rn`, `tf` and `tr` are trained; they keep all images at the network's size in memory.
        pooling: `auto`, `cls`, `mean` or `pooler`; see `NetworkChoice`.
        normalization: Of an ONNX file that does not say it; see `NetworkChoice`.

    Returns:
        (len(images), D) float32 by stage, or by `STAGE-BACKBONE` where there are several backbones; row i belongs to
        `images[i]`.

    Raises:
        ExportError: If an image cannot be used (the message names it), or the network cannot be had.
    """
    if isinstance(images, (str, os.PathLike)):
        raise ExportUsageError("Give a list of images, not one path.")
    if len(images) == 0:
        raise ExportError("There are no images.")
    computed = FeatureStages(
        check_stages([stages] if isinstance(stages, str) else stages),
        NetworkChoice(backbone, weights, image_size, seed, pooling=pooling, normalization=normalization),
        training,
    )
    spec = computed.input

    def read(numbered: tuple[int, ImageLike]) -> Renditions | Skipped:
        row, image = numbered
        try:
            return make_renditions(as_picture(image), spec)
        except UnreadableImageError as error:
            return Skipped(name_of(image, row), str(error))

    parts: dict[str, list[npt.NDArray[np.float32]]] = {name: [] for name in computed.tensors}
    pictures: dict[Square, list[Bytes]] = {square: [] for square in spec.kept}
    with ignoring_metadata_warnings():
        for batch in _batches(all_usable(map_ahead(read, enumerate(images))), BATCH):
            for name, rows in computed.compute(batch).items():
                parts[name].append(rows)
            for square, kept in pictures.items():
                kept.append(stack([picture.squares[square] for picture in batch]))
    for name in computed.later:
        every = np.concatenate(pictures[computed.square(name)])
        rows_of_all, _ = computed.compute_all(name, every, Checkpoint(None), _unwatched)
        parts[name] += rows_of_all
    return {name: np.concatenate(rows) for name, rows in parts.items()}


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` items each, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _unwatched(_history: History) -> Callable[[int], None]:
    return lambda _images: None
