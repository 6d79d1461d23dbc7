"""CIFAR's pickled batches."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.images.in_memory import from_arrays
from exporters.images.listing import Listing

LABEL_KEYS = (b"labels", b"fine_labels")
# Files with the names of the classes, and where in them the names stand.
META = {"batches.meta": b"label_names", "meta": b"fine_label_names"}


def batches_in(folder: Path) -> list[Path]:
    """The batches in a folder, sorted by name; none where it is no folder of CIFAR's."""
    names = ("data_batch_*", "test_batch*", "train", "test")
    if not any((folder / meta).is_file() for meta in META):
        return []
    return sorted(path for name in names for path in folder.glob(name) if path.is_file() and not path.suffix)


def is_batch(path: Path) -> bool:
    """Whether a file is called as CIFAR's batches are."""
    return path.name.startswith(("data_batch", "test_batch")) or path.name in ("train", "test")


def list_batches(batches: Sequence[Path]) -> Listing:
    """Lists the images of batches that lie in one folder, with the names of their classes.

    Raises:
        ExportError: If one of them is no batch.
    """
    folder = batches[0].parent
    names: list[str] = []
    for meta, key in META.items():
        if (folder / meta).is_file():
            names = [_text(name) for name in _unpickle(folder / meta).get(key, [])]
    images: list[npt.NDArray[Any]] = []
    labels: list[str] = []
    files: list[str] = []
    for path in batches:
        batch = _unpickle(path)
        data = batch.get(b"data")
        given = next((batch[key] for key in LABEL_KEYS if key in batch), None)
        if not isinstance(data, np.ndarray) or data.ndim != 2 or data.shape[1] != 3072 or given is None:
            raise ExportError(f"{path} is no batch of CIFAR: it needs data (N, 3072) and labels.")
        # Batches that are cut short hold more labels than images, or the other way round.
        count = min(len(data), len(given))
        images += list(data[:count].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        labels += [names[label] if label < len(names) else str(label) for label in given[:count]]
        own = [_text(name) for name in batch.get(b"filenames", [])][:count]
        files += own or [f"{path.name}_{number:05d}.png" for number in range(count)]
    return from_arrays(images, labels, files)


class _Plain(pickle.Unpickler):
    """Unpickles arrays and plain values only: a pickle from elsewhere could otherwise run any code."""

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".", maxsplit=1)[0] == "numpy" and name in ("_reconstruct", "ndarray", "dtype", "_frombuffer"):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        if (module, name) == ("_codecs", "encode"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it holds {module}.{name}")


def _unpickle(path: Path) -> Mapping[bytes, Any]:
    try:
        with path.open("rb") as file:
            found = _Plain(file, encoding="bytes").load()
    except Exception as error:  # pickle raises nearly anything on damaged data.
        raise ExportError(f"{path} is no batch of CIFAR ({type(error).__name__}: {error}).") from error
    if not isinstance(found, dict):
        raise ExportError(f"{path} is no batch of CIFAR.")
    return {key.encode() if isinstance(key, str) else key: value for key, value in found.items()}


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
