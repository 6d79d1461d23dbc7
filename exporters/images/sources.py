"""What an export can read: folders, patterns, tables, Parquet, arrays, CIFAR's batches, tf.data, and object stores."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError, ExportUsageError
from exporters.images import cifar, parquet, tables
from exporters.images.find import look_for_images, runs_below, some_images, walk
from exporters.images.in_memory import from_arrays, list_dataset, list_npz
from exporters.images.inside import Inside
from exporters.images.listing import Listing, describe_kinds, kind_of_other, list_files
from exporters.images.patterns import split
from exporters.images.remote import list_address
from exporters.images.storage import Storage

Source: TypeAlias = "str | os.PathLike[str] | Sequence[Any] | npt.NDArray[Any] | Any"


def open_source(source: Source, outside: bool = False, slides: bool = False) -> Listing:
    """Lists the images of whatever can be exported.

    Args:
        source: A folder; a pattern as `photos/*/*.jpg`; a .tsv or .csv file with a column of paths and perhaps one of
            labels; a .parquet file of images or paths, or a folder of such; an .npz file with `images` and perhaps
            `labels`; CIFAR's folder of pickled batches, or one of them; an address as `s3://bucket/folder`; or from
            Python a list of paths, arrays or Pillow images, an array (N, H, W, 3), or a tf.data.Dataset of images or
            of (image, label).
        outside: Whether links, and rows of a table, may lead out of the folder that was named, or in which the table
            lies; otherwise what they lead to is skipped.
        slides: Whether files of which only parts can be decoded are images too, of this machine.

    Returns:
        The images, sorted by name.

    Raises:
        ExportError: If it does not exist, is nothing of this kind, or holds no images.
    """
    if not isinstance(source, (str, os.PathLike)):
        return _from_python(source, slides)
    text = os.fspath(source)
    if not text:
        raise ExportUsageError("The images' folder is empty text. Is a variable unset?")
    if "://" in text:
        return list_address(text)
    path = Path(text)
    if path.is_dir():
        return _from_folder(path, outside, slides)
    if not path.exists():
        if glob.has_magic(text):
            return _matching(text, outside, slides)
        raise ExportError(f"The folder of images {path} does not exist.")
    if not path.is_file():
        raise ExportError(f"{path} is not a regular file.")
    if path.suffix.lower() in tables.SUFFIXES:
        return tables.list_table(path, outside, slides)
    if parquet.is_table(path.name):
        return parquet.list_parquet(Storage(str(path.parent)), parquet.tables_below(path, outside))
    if path.suffix.lower() == ".npz":
        return list_npz(path)
    if cifar.is_batch(path):
        return cifar.list_batches([path])
    if kind_of_other(path.name) is None:
        raise ExportError(f"{path} is a single image: give its folder, {path.parent}.")
    raise ExportError(f"{path} is no folder, .tsv, .csv, .parquet or .npz file, nor one of CIFAR's batches.")


def _from_folder(folder: Path, outside: bool, slides: bool) -> Listing:
    listing = look_for_images(folder, outside, slides)
    batches = [] if listing.images else cifar.batches_in(folder, Inside(folder, outside))
    if batches:
        return cifar.list_batches(batches)
    if not listing.images and any(map(parquet.is_table, listing.passed_over)):
        return parquet.list_parquet(Storage(str(folder)), parquet.tables_below(folder, outside))
    return some_images(folder, listing)


def _matching(pattern: str, outside: bool, slides: bool) -> Listing:
    folder, below = split(pattern)
    if not folder.is_dir():
        raise ExportError(f"{pattern} matches nothing: there is no folder {folder}.")
    inside, runs = Inside(folder, outside), runs_below(folder)
    listing = list_files(walk(folder, inside, runs, below), inside=inside, every=False, slides=slides)
    if not listing.images and not listing.skipped:
        others = f" ({describe_kinds(listing.passed_over)})" if listing.passed_over else ""
        raise ExportError(f"{pattern} matches no image in a format that is read{others}.")
    return replace(listing, notes=runs.notes)


def _from_python(source: Any, slides: bool) -> Listing:
    if hasattr(source, "as_numpy_iterator"):
        return list_dataset(source)
    if isinstance(source, np.ndarray) or not all(isinstance(image, (str, os.PathLike)) for image in source):
        return from_arrays(source)
    files = {Path(path).as_posix(): Path(path) for path in source}
    return list_files(files.items(), slides=slides)


def describe(source: Source) -> str:
    """A word for the source in the run's settings; nothing of where it lies."""
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name or os.fspath(source)
    return type(source).__name__
