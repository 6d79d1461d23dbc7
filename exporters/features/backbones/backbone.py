"""What every backbone is, whatever library runs it."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from exporters.images.renditions import Bytes, Square

FeatureRows: TypeAlias = npt.NDArray[np.float32]


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's report tells of a backbone, so that its features can be made again.

    Attributes:
        scheme: Of its name, as `hf`.
        name: What follows the scheme; of a file or folder only the last part of its path.
        revision: Which of several published under that name.
        weights_sha256: Of its weights, names, types and shapes included; of an ONNX file, the file's.
        input_size: Side of its square input in pixels.
        pooling: What becomes one row.
        preprocessing: What happens to a picture's values before it.
        licence: Of the weights.
        width: Features an image; 0 until that is known.
    """

    scheme: str
    name: str
    revision: str | None = None
    weights_sha256: str | None = None
    input_size: int
    pooling: str
    preprocessing: str
    licence: str | None = None
    width: int = 0


class Backbone(Protocol):
    """A network that is ready: pictures in, one row of features each."""

    @property
    def square(self) -> Square:
        """How a picture becomes its input."""

    @property
    def description(self) -> Description:
        """What there is to tell of it; hashes the weights."""

    def features(self, pictures: Bytes) -> FeatureRows:
        """The features of any number of pictures.

        Args:
            pictures: (n, side, side, 3) uint8 RGB, n > 0.

        Returns:
            (n, width) float32.
        """
