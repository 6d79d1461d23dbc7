"""One hash for a network's weights, however they are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def weights_hash(weights: Iterable[tuple[str, npt.NDArray[np.generic]]]) -> str:
    """SHA-256 over the name, type, shape and values of each weight, in the order given."""
    digest = hashlib.sha256()
    for name, values in weights:
        digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
