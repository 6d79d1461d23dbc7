"""What a session embeds."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Source:
    """Features and whose they are.

    Attributes:
      features: An open file of (N, D) little-endian float32, which the worker inherits; or the array.
      shape: (N, D).
      sample_ids: N ids, in the order of the rows.
      version: Changes with any of these.
    """

    features: BinaryIO | NDArray[np.float32]
    shape: tuple[int, int]
    sample_ids: Sequence[str]
    version: str = ""

    def open(self) -> BinaryIO:
        """The features as an open file, for the caller to close.

        Raises:
          OSError: If an array cannot be written into one.
        """
        if not isinstance(self.features, np.ndarray):
            return self.features
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the worker inherits it)
        np.ascontiguousarray(self.features, dtype="<f4").tofile(file)
        file.flush()
        return file
