"""What an export can read: folders, patterns, tables, arrays, CIFAR's batches, tf.data, and object stores."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.images import cifar, tables
from exporters.images.find import find_images
from exporters.images.in_memory import from_arrays, list_dataset, list_npz
from exporters.images.inside import Inside
from exporters.images.listing import SUFFIXES, Listing, list_files
from exporters.images.remote import list_address

Source: TypeAlias = "str | os.PathLike[str] | Sequence[Any] | npt.NDArray[Any] | Any"


def open_source(source: Source, outside: bool = False) -> Listing:
    """Lists the images of whatever can be exported.

    Args:
        source: A folder; a pattern as `photos/*/*.jpg`; a .tsv or .csv file with a column of paths and perhaps one of
            labels; an .npz file with `images` and perhaps `labels`; CIFAR's folder of pickled batches, or one of
            them; an address as `s3://bucket/folder`; or from Python a list of paths, arrays or Pillow images, an
            array (N, H, W, 3), or a tf.data.Dataset of images or of (image, label).
        outside: Whether links, and rows of a table, may lead out of the folder that was named, or in which the table
            lies; otherwise what they lead to is skipped.

    Returns:
        The images, sorted by name.

    Raises:
        ExportError: If it does not exist, is nothing of this kind, or holds no images.
    """
    if not isinstance(source, (str, os.PathLike)):
        return _from_python(source)
    text = os.fspath(source)
    if "://" in text:
        return list_address(text)
    path = Path(text)
    if path.is_dir():
        batches = cifar.batches_in(path, Inside(path, outside))
        return cifar.list_batches(batches) if batches else find_images(path, outside)
    if not path.exists():
        return _glob(text, outside) if glob.has_magic(text) else find_images(path)
    if path.suffix.lower() in tables.SUFFIXES:
        return tables.list_table(path, outside)
    if path.suffix.lower() == ".npz":
        return list_npz(path)
    if cifar.is_batch(path):
        return cifar.list_batches([path])
    raise ExportError(f"{path} is no folder, .tsv, .csv or .npz file, nor one of CIFAR's batches.")


def _glob(pattern: str, outside: bool) -> Listing:
    parts = Path(pattern).parts
    first = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    folder = Path(*parts[:first]) if first else Path()
    found = [Path(path) for path in glob.glob(pattern, recursive=True)]
    files = [path for path in found if path.suffix.lower() in SUFFIXES and not path.is_dir()]
    if not files:
        raise ExportError(f"No JPEG, PNG or WebP image matches {pattern} (write it in quotes).")
    named = [(path.relative_to(folder).as_posix(), path) for path in files]
    return list_files(named, len(found) - len(files), inside=Inside(folder, outside))


def _from_python(source: Any) -> Listing:
    if hasattr(source, "as_numpy_iterator"):
        return list_dataset(source)
    if isinstance(source, np.ndarray) or not all(isinstance(image, (str, os.PathLike)) for image in source):
        return from_arrays(source)
    files = {Path(path).as_posix(): Path(path) for path in source}
    return list_files(files.items())


def describe(source: Source) -> str:
    """A word for the source in the run's settings; nothing of where it lies."""
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name or os.fspath(source)
    return type(source).__name__
