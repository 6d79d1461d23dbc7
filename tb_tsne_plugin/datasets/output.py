"""Writes a dataset, whole or not at all: first beside its place, under a name that nobody can guess."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tb_tsne_plugin.datasets.catalog import Format
from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.model import Dataset, File, PictureSource, Sample, Written
from tb_tsne_plugin.runs.folder import Folder, new_folder, replace_file
from tb_tsne_plugin.runs.format import counted


def made_of(form: Format, dataset: Dataset) -> Written:
    """What a format makes of a dataset.

    Raises:
      DatasetError: If it cannot hold it, or nothing of it can leave so.
    """
    written = form.module().written(dataset)
    if not written.count and form.holds != "all":
        raise DatasetError(f"No sample that can leave as {form.name}: {form.holds} ones do. Label some first.")
    suggested = sum(sample.suggestion is not None for sample in dataset.samples)
    if dataset.shares and suggested and form.holds != "all":
        stay = f"{counted(suggested, 'suggestion')} {'stays' if suggested == 1 else 'stay'}"
        return replace(written, notes=[*written.notes, f"{stay}: suggestions belong to no part."])
    return written


def check_place(out: Path, *, is_folder: bool) -> None:
    """Refuses a place where something is already.

    Raises:
      DatasetError: If anything but an empty file or folder, as the format makes one, is there.
    """
    try:
        if out.is_dir():
            held = "a folder" if not is_folder else "there already, and not empty" if os.listdir(out) else ""
        elif is_folder and os.path.lexists(out):
            held = "a file"
        else:
            held = "there already, and not empty" if out.is_file() and out.stat().st_size else ""
    except OSError as error:
        raise DatasetError(f"{out} cannot be read: {error.strerror}.") from None
    if held:
        raise DatasetError(f"{out} is {held}: nothing was written. Give another --out.")


def write_file(out: Path, content: bytes) -> None:
    """Writes a dataset that is one file.

    Raises:
      DatasetError: If it cannot be written; nothing is then.
    """
    try:
        replace_file(out, content)
    except OSError as error:
        raise DatasetError(f"{out} cannot be written: {error.strerror}.") from None


def write_folder(out: Path, files: Sequence[File], pictures: PictureSource | None = None) -> None:
    """Writes a dataset that is a folder.

    Args:
      out: The folder, which is not there, or empty.
      files: What lies in it.
      pictures: Where the samples' pictures are.

    Raises:
      DatasetError: If it cannot be written; nothing is then.
    """
    try:
        with new_folder(out) as folder:
            _fill(folder, files, pictures)
    except OSError as error:
        raise DatasetError(f"{out} cannot be written: {error.strerror}.") from None


def _fill(folder: Folder, files: Sequence[File], pictures: PictureSource | None) -> None:
    made = {""}
    for file in files:
        above = file.name.rpartition("/")[0]
        if above not in made:
            folder.make_folders(above)
            made.update(above[:end] for end, character in enumerate(f"{above}/") if character == "/")
        if isinstance(file.content, Sample):
            if pictures is None:
                raise DatasetError("Nobody said where the images are.")
            pictures.put(file.content, folder, file.name)
        else:
            with folder.create(file.name) as new:
                new.write(file.content)
    os.sync()  # everything at once: one file after the other would take seconds for a thousand
