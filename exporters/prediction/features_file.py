"""Features in an .npy file, instead of images: for those that no encoder of ours makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.features.backbones.sentences import first_sentence

SUFFIX = ".npy"
ROWS = 4096


def open_features(path: Path, width: int) -> npt.NDArray[np.generic]:
    """The (M, width) features in a file, mapped.

    Raises:
        ExportError: If it holds none of that width.
    """
    if path.exists() and not path.is_file():
        raise ExportError(f"{path} is not a regular file.")
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror or first_sentence(error)[:-1]}.") from error
    except (ValueError, EOFError) as error:
        raise ExportError(f"{path} is no .npy file of numbers ({first_sentence(error)[:-1]}).") from error
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "fiu" or found.ndim != 2:
        raise ExportError(f"{path} must hold one row of numbers a sample.")
    if found.shape[1] != width:
        raise ExportError(
            f"{path} has features of width {found.shape[1]:,}, the classifier takes {width:,}: compute them as the "
            "run's were."
        )
    return found


def pieces(features: npt.NDArray[np.generic]) -> Iterator[npt.NDArray[np.float32]]:
    """The rows, some at a time."""
    for start in range(0, len(features), ROWS):
        yield np.asarray(features[start : start + ROWS], np.float32)
