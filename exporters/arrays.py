"""`write_run`: a run from anybody's feature arrays, images and metadata."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.errors import ExportError, ExportUsageError, some_of
from exporters.images.decode import (
    ImageLike,
    UnreadableImageError,
    as_picture,
    decode,
    longest_side,
    name_of,
    our_pixel_limit,
)
from exporters.images.identity import content_sample_id, distinct
from exporters.images.outcomes import Outcome, Sample, Skipped, all_usable
from exporters.images.read import map_ahead
from exporters.images.renditions import RenditionSpec, make_renditions
from exporters.run.archive import PICTURE_SIDE
from exporters.run.metadata import Columns, clean_cell, clean_unique, label_cell
from exporters.run.report import RunSummary
from exporters.run.sprites import TILE_SIDE, fitting_tile_side
from exporters.run.tiles import PAGE, larger_tile_side
from exporters.run.writer import NO_PICTURES, RunWriter
from tb_tsne_plugin.runs.format import FILE, LABEL, SAMPLE_ID, TRUE_LABEL, UNLABELED

if TYPE_CHECKING:
    import pandas as pd


def write_run(
    run_dir: str | os.PathLike[str],
    features: Mapping[str, npt.ArrayLike],
    images: Sequence[ImageLike] | None = None,
    metadata: pd.DataFrame | Mapping[str, Sequence[object]] | None = None,
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
        features: (N, D) numbers by tensor name; all with the same N.
        images: N paths, Pillow images or uint8 arrays, for the sprite sheet.
        metadata: N rows. `label` is the label people see and change (empty: unlabeled), `true_label` is for
            evaluations only; other columns are shown.
        tile_size: Largest side of an image in the sprite sheet, in pixels.
        picture_size: Longest side, in pixels, of the pictures kept for looking at; 0 keeps none.
        settings: What the run's report shall tell about how the features were made.

    Returns:
        What was written.

    Raises:
        ExportError: In one sentence, if rows do not match, values are not finite, ids repeat, an image is broken, or
            `run_dir` cannot be written. Nothing is left half-written.
    """
    tensors = {name: _matrix(name, rows) for name, rows in features.items()}
    if not tensors:
        raise ExportError("There are no features to write.")
    count = _common_count(tensors, images, metadata)
    table = _table(metadata)
    spec = _rendition_spec(images, fitting_tile_side(count, tile_size), picture_size)
    with RunWriter(Path(run_dir), list(tensors), spec) as writer, our_pixel_limit():
        samples = all_usable(_read(images if images is not None else (), spec))
        for start in range(0, count, PAGE):
            page = {name: rows[start : start + PAGE] for name, rows in tensors.items()}
            writer.append(page, list(islice(samples, PAGE)))
        contents = [row.sample_id for row in writer.journal.rows]
        return writer.finish(_columns(table, images, contents, tensors), settings or {"made by": "write_run"})


def _matrix(name: str, rows: npt.ArrayLike) -> npt.NDArray[Any]:
    matrix = np.asarray(rows)
    if matrix.ndim != 2:
        raise ExportError(f"{name}: features must be rows x values, not of shape {matrix.shape}.")
    return matrix


def _common_count(
    tensors: Mapping[str, npt.NDArray[Any]],
    images: Sequence[ImageLike] | None,
    metadata: pd.DataFrame | Mapping[str, Sequence[object]] | None,
) -> int:
    first, count = next((name, len(rows)) for name, rows in tensors.items())
    if count == 0:
        raise ExportError(f"{first} has no rows.")
    found = {name: len(rows) for name, rows in tensors.items()}
    if isinstance(images, (str, os.PathLike)):
        raise ExportUsageError("Give images as a list, not as one path.")
    found |= {"images": len(images)} if images is not None else {}
    if isinstance(metadata, Mapping):
        found |= {f"the metadata column {name}": len(values) for name, values in metadata.items()}
    elif metadata is not None:
        found["metadata"] = len(metadata)
    for what, rows in found.items():
        if rows != count:
            raise ExportError(f"{what} has {rows:,} rows, but {first} has {count:,}.")
    return count


def _table(metadata: pd.DataFrame | Mapping[str, Sequence[object]] | None) -> dict[str, list[object]]:
    """The metadata as lists, None where a cell is missing."""
    if metadata is None:
        return {}
    import pandas as pd

    # As objects: pandas' own strings refuse the lone surrogates of file names that are no text.
    frame = pd.DataFrame(metadata, dtype=object)
    names = clean_unique(frame.columns)
    if not frame.columns.is_unique:
        raise ExportError("metadata has two columns of the same name.")
    return {
        name: [None if missing else value for value, missing in zip(frame[key], frame[key].isna(), strict=True)]
        for name, key in zip(names, frame.columns, strict=True)
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
                identity = content_sample_id([os.fsencode(Path(image).name), content])
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
) -> Columns:
    files = _files(table, images)
    count = len(next(iter(tensors.values())))
    columns: Columns = {SAMPLE_ID: _sample_ids(table, files, contents, tensors)}
    if files:
        repeated = len(set(files)) < len(files)
        columns[FILE] = [clean_cell(file) for file in files] if repeated else clean_unique(files)
    columns[LABEL] = [label_cell(value) for value in table.get(LABEL, [UNLABELED] * count)]
    if TRUE_LABEL in table:
        columns[TRUE_LABEL] = [label_cell(value) for value in table[TRUE_LABEL]]
    return columns | {
        name: [clean_cell(value) for value in values] for name, values in table.items() if name not in columns
    }


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
