"""`write_run`: a run from anybody's feature arrays, images and metadata."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.errors import ExportError, ExportUsageError, some_of
from exporters.given import as_columns, as_list, as_matrix, as_plain_settings
from exporters.images.decode import (
    ImageLike,
    UnreadableImageError,
    as_picture,
    decode,
    ignoring_metadata_warnings,
    name_of,
)
from exporters.images.headers import longest_side
from exporters.images.identity import distinct
from exporters.images.outcomes import Outcome, Sample, Skipped, all_usable
from exporters.images.read import map_ahead
from exporters.images.renditions import RenditionSpec, make_renditions
from exporters.run.archive import PICTURE_SIDE
from exporters.run.metadata import Columns, clean_cell, clean_unique, is_missing
from exporters.run.report import RunSummary
from exporters.run.sprites import TILE_SIDE, fitting_tile_side
from exporters.run.tiles import PAGE, larger_tile_side
from exporters.run.writer import NO_PICTURES, RunWriter
from tb_tsne_plugin.runs.class_names import clean_labels
from tb_tsne_plugin.runs.format import FILE, LABEL, MAX_CELLS, MAX_COLUMNS, SAMPLE_ID, TRUE_LABEL, UNLABELED
from tb_tsne_plugin.runs.sample_ids import content_sample_id, encoded_name

if TYPE_CHECKING:
    import pandas as pd


def write_run(
    run_dir: str | os.PathLike[str],
    features: Mapping[str, npt.ArrayLike],
    images: Iterable[ImageLike] | None = None,
    metadata: pd.DataFrame | Mapping[str, Iterable[object]] | None = None,
    *,
    tile_size: int = TILE_SIDE,
    picture_size: int = PICTURE_SIDE,
    settings: Mapping[str, object] | None = None,
) -> RunSummary:
    """Writes a run that the Label Projector and the stock Projector open, from anybody's features.

    Row i of everything is the same sample. Samples are named by the `sample_id` column of `metadata`; without one, by
    its `file` column where that is unique; without that, by the images' content (the file's name and bytes where
    `images` are paths); without images, by the features. Writing again into the same run replaces its files whole,
    and labels given there are kept by sample id.

    Args:
        run_dir: The run's folder: a sub-folder of what `tensorboard --logdir` gets, or that itself.
        features: (N, D) numbers by tensor name; all with the same N. Arrays, DataFrames, sparse matrices, tensors.
        images: N paths, Pillow images or uint8 arrays, for the sprite sheet: in a list, a Series, an array of paths, or
            one array or tensor (N, H, W, 3).
        metadata: N rows, in the order of the features whatever their index. `label` is the label people see and change
            (empty: unlabeled), `true_label` is for evaluations only; other columns are shown.
        tile_size: Largest side of an image in the sprite sheet, in pixels.
        picture_size: Longest side, in pixels, of the pictures kept for looking at; 0 keeps none.
        settings: What the run's report shall tell about how the features were made.

    Returns:
        What was written.

    Raises:
        ExportError: In one sentence, if rows do not match, values are not finite, ids repeat, an image is broken, or
            `run_dir` cannot be written. Nothing is left half-written.
    """
    if not isinstance(features, Mapping):
        raise ExportUsageError("Give features by name: {'mine': array}.")
    if isinstance(images, (str, os.PathLike)):
        raise ExportUsageError("Give images as a list, not as one path.")
    tensors = {str(name): as_matrix(name, rows) for name, rows in features.items()}
    if not tensors:
        raise ExportError("There are no features to write.")
    pictures = None if images is None else as_list(images, "images")
    table = {} if metadata is None else _table(as_columns(metadata))
    if LABEL not in table and len(likely := [name for name in table if name.casefold() == LABEL]) == 1:
        table[LABEL] = table.pop(likely[0])
    count = _common_count(tensors, pictures, table)
    if len(table) + 2 > MAX_COLUMNS or count * (len(table) + 2) > MAX_CELLS:
        raise ExportError(
            f"metadata has {len(table):,} columns of {count:,} cells; a run opens with at most {MAX_COLUMNS:,} columns "
            f"and {MAX_CELLS:,} cells, so leave some out."
        )
    spec = _rendition_spec(pictures, fitting_tile_side(count, int(tile_size)), int(picture_size))
    with RunWriter(Path(run_dir), list(tensors), spec) as writer, ignoring_metadata_warnings():
        samples = all_usable(_read(pictures or (), spec))
        for start in range(0, count, PAGE):
            page = {name: rows[start : start + PAGE] for name, rows in tensors.items()}
            writer.append(page, list(islice(samples, PAGE)))
        contents = [row.sample_id for row in writer.journal.rows]
        columns, notes = _columns(table, pictures, contents, tensors)
        return writer.finish(columns, as_plain_settings(settings or {"made by": "write_run"}), notes=notes)


def _common_count(
    tensors: Mapping[str, npt.NDArray[Any]], images: Sequence[ImageLike] | None, table: Mapping[str, list[object]]
) -> int:
    first, count = next((name, len(rows)) for name, rows in tensors.items())
    if count == 0:
        raise ExportError(f"{first} has no rows.")
    found = {name: len(rows) for name, rows in tensors.items()}
    found |= {"images": len(images)} if images is not None else {}
    found |= {f"the metadata column {name}": len(values) for name, values in table.items()}
    for what, rows in found.items():
        if rows != count:
            raise ExportError(f"{what} has {rows:,} rows, but {first} has {count:,}.")
    return count


def _table(columns: Mapping[str, list[object]]) -> dict[str, list[object]]:
    """The metadata under clean names, None where a cell is missing."""
    names = clean_unique(columns)
    return {
        name: [None if is_missing(value) else value for value in values]
        for name, values in zip(names, columns.values(), strict=True)
    }


def _rendition_spec(images: Sequence[ImageLike] | None, tile_side: int, picture_size: int) -> RenditionSpec:
    if images is None:
        return NO_PICTURES
    page_side = larger_tile_side(images, longest_side, tile_side)
    return RenditionSpec(tile_side=tile_side, page_side=page_side, full_side=picture_size or None)


def _read(images: Sequence[ImageLike], spec: RenditionSpec) -> Iterator[Outcome]:
    """What became of each image; a sample's id says what the image is, not where it stands."""
    Image.init()  # Pillow's registry of formats is filled once, before the threads ask for it.

    def read(numbered: tuple[int, ImageLike]) -> Outcome:
        row, image = numbered
        name = name_of(image, row)
        try:
            if isinstance(image, (str, os.PathLike)):
                content = Path(image).read_bytes()
                identity = content_sample_id([encoded_name(Path(image).name), content])
                picture, original = decode(content)
                return Sample(name, identity, make_renditions(picture, spec, original))
            picture = as_picture(image)
            identity = content_sample_id([str(picture.size).encode(), picture.tobytes()])
            return Sample(name, identity, make_renditions(picture, spec))
        except UnreadableImageError as error:
            return Skipped(name, str(error))
        except OSError as error:
            return Skipped(name, f"cannot be read ({error.strerror})")

    return map_ahead(read, enumerate(images))


def _columns(
    table: Mapping[str, list[object]],
    images: Sequence[ImageLike] | None,
    contents: list[str],
    tensors: Mapping[str, npt.NDArray[Any]],
) -> tuple[Columns, list[str]]:
    """The metadata to write, and sentences on what became of the labels."""
    files = _files(table, images)
    count = len(next(iter(tensors.values())))
    columns: Columns = {SAMPLE_ID: _sample_ids(table, files, contents, tensors)}
    if files:
        repeated = len(set(files)) < len(files)
        columns[FILE] = [clean_cell(file) for file in files] if repeated else clean_unique(files)
    notes: list[str] = []
    columns[LABEL] = [UNLABELED] * count
    for name in (LABEL, TRUE_LABEL):
        if name in table:
            cleaned = clean_labels(["" if value is None else str(value) for value in table[name]])
            columns[name] = [label or UNLABELED for label in cleaned.names]
            notes += cleaned.notes
    columns |= {name: [clean_cell(value) for value in values] for name, values in table.items() if name not in columns}
    return columns, notes


def _files(table: Mapping[str, list[object]], images: Sequence[ImageLike] | None) -> list[object]:
    if FILE in table:
        return table[FILE]
    paths = [Path(image).as_posix() for image in images or [] if isinstance(image, (str, os.PathLike))]
    return [*paths] if images is not None and len(paths) == len(images) else []


def _sample_ids(
    table: Mapping[str, list[object]],
    files: list[object],
    contents: list[str],
    tensors: Mapping[str, npt.NDArray[Any]],
) -> list[str]:
    if SAMPLE_ID in table:
        ids = [clean_cell(value, "") for value in table[SAMPLE_ID]]
        wrong = [name or "an empty one" for name, times in Counter(ids).items() if times > 1 or not name]
        if wrong:
            raise ExportError(f"sample_id must be given and different in every row; not so: {some_of(wrong)}.")
        return ids
    if FILE in table and len(set(files)) == len(files) and None not in files:
        return clean_unique(files)
    if contents:
        return distinct(contents)
    rows = zip(*tensors.values(), strict=True)
    return distinct(content_sample_id(np.asarray(values, "<f8").tobytes() for values in row) for row in rows)
