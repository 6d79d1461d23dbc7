"""CIFAR's pickled batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.images.in_memory import from_arrays
from exporters.images.inside import OUTSIDE, Inside
from exporters.images.listing import Listing
from exporters.images.pickled import read_pickled

LABEL_KEYS = (b"labels", b"fine_labels")
MAX_BYTES = 512 * 2**20
"""Of a file; CIFAR-100's larger one has 148 MiB."""
_PICKLE = b"\x80"
"""How pickles begin, since protocol 2, which CIFAR's have."""
# Files with the names of the classes, and where in them the names stand.
META = {"batches.meta": b"label_names", "meta": b"fine_label_names"}


def batches_in(folder: Path, inside: Inside) -> list[Path]:
    """The batches in a folder, sorted by name; none where it is no folder of CIFAR's.

    Files called `meta` and `test` may be anything: where the names are no more telling than that, it is what they begin
    with that tells.

    Raises:
        ExportError: If one of its files is a link out of it.
    """
    names = ("data_batch_*", "test_batch*", "train", "test")
    metas = [folder / meta for meta in META if (folder / meta).is_file()]
    if not metas:
        return []
    batches = sorted(path for name in names for path in folder.glob(name) if path.is_file() and not path.suffix)
    for path in [*metas, *batches]:
        if not inside.holds(path):
            raise ExportError(f"{path} {OUTSIDE}.")
    is_told = any(path.name.startswith("data_batch_") for path in batches)
    return batches if is_told or all(_is_pickle(path) for path in [*metas, *batches]) else []


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
            names = _texts(_read(folder / meta).get(key, []), folder / meta)
    images: list[npt.NDArray[Any]] = []
    labels: list[str] = []
    files: list[str] = []
    for path in batches:
        batch = _read(path)
        data = batch.get(b"data")
        given = _numbers(next((batch[key] for key in LABEL_KEYS if key in batch), None))
        if not isinstance(data, np.ndarray) or (data.dtype, data.shape[1:]) != (np.uint8, (3072,)) or given is None:
            raise ExportError(f"{path} is no batch of CIFAR: it needs data (N, 3072) and labels.")
        # Batches that are cut short hold more labels than images, or the other way round.
        count = min(len(data), len(given))
        images += list(data[:count].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        labels += [names[label] if label < len(names) else str(label) for label in given[:count]]
        own = _texts(batch.get(b"filenames", []), path)[:count]
        files += own or [f"{path.name}_{number:05d}.png" for number in range(count)]
    return from_arrays(images, labels, files)


def _is_pickle(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_PICKLE)) == _PICKLE
    except OSError:
        return False


def _read(path: Path) -> Mapping[bytes, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError(f"over the limit of {MAX_BYTES // 2**20} MiB")
        found = read_pickled(content)
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ExportError(f"{path} is no batch of CIFAR ({error}).") from error
    return {key.encode() if isinstance(key, str) else key: value for key, value in found.items()}


def _numbers(given: Any) -> list[int] | None:
    """Class numbers as a list or an array of a batch gives them; None if they are none."""
    numbers = given.tolist() if isinstance(given, np.ndarray) and given.ndim == 1 else given
    is_right = isinstance(numbers, list) and all(type(number) is int and number >= 0 for number in numbers)
    return numbers if is_right else None


def _texts(given: Any, path: Path) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(text, (bytes, str)) for text in given):
        raise ExportError(f"{path} is no batch of CIFAR: its names are no texts.")
    return [_text(text) for text in given]


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
