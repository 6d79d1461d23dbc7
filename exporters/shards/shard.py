"""One shard: a Parquet file with the rows of consecutive images, and what became of those that have none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, BinaryIO, Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from exporters.images.outcomes import Skipped
from exporters.images.parquet import SHARD_KEY
from exporters.prediction.piece import Piece
from tb_tsne_plugin.runs.format import FILE, LABEL, SAMPLE_ID, clean_text

FEATURES: Final = "features"
"""What shards hold, and the column that has them."""
Rows: TypeAlias = npt.NDArray[np.float32]
Names: TypeAlias = "Sequence[tuple[str, str]]"


class Told(msgspec.Struct):
    """What a shard tells of itself.

    Attributes:
        rows: How many rows it has.
        skipped: Its images that have none, and why.
        labeled: Of predicted labels, how many rows each class has.
        expected: Of predicted labels, how many of them should be right.
    """

    rows: int
    skipped: list[Skipped] = []
    labeled: dict[str, int] = {}
    expected: float = 0.0


def shard_name(number: int) -> str:
    """The name of a shard's file."""
    return f"{number:06d}.parquet"


def features_shard(names: Names, features: Rows, skipped: Sequence[Skipped]) -> tuple[bytes, Told]:
    """A shard of features.

    Args:
        names: (n,) sample id and file of each sample.
        features: (n, D).
        skipped: Images without a row.
    """
    import pyarrow as pa

    values = pa.array(np.ascontiguousarray(features).ravel(), pa.float32())
    rows = pa.FixedSizeListArray.from_arrays(values, features.shape[1])
    told = Told(len(names), list(skipped))
    return _content({**_naming(names), FEATURES: rows}, told), told


def labels_shard(
    names: Names, classes: Sequence[str], probabilities: Rows, skipped: Sequence[Skipped]
) -> tuple[bytes, Told]:
    """A shard of predicted labels, with the columns of the table of predictions.

    Args:
        names: (n,) sample id and file of each sample.
        classes: (C,) names, of two classes at least.
        probabilities: (n, C).
        skipped: Images without a row.
    """
    import pyarrow as pa

    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :2].astype(np.int32)
    surest = np.take_along_axis(probabilities, best, 1)
    columns = _naming(names)
    for place, (name, probability) in enumerate(((LABEL, "probability"), ("second", "second_probability"))):
        columns[name] = pa.DictionaryArray.from_arrays(best[:, place], list(classes))
        columns[probability] = np.ascontiguousarray(surest[:, place])
    counts = np.bincount(best[:, 0], minlength=len(classes)).tolist()
    told = Told(len(names), list(skipped), dict(zip(classes, counts, strict=True)), float(surest[:, 0].sum()))
    return _content(columns, told), told


def told_by(file: BinaryIO) -> Told:
    """What a shard tells of itself, from its end.

    Raises:
        ValueError: If it is none, or cut short.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return _told(pq.ParquetFile(file))
    except (pa.ArrowException, LookupError, TypeError, ValueError, RecursionError) as error:
        raise ValueError("it is no shard, or cut short") from error


def read_features(file: BinaryIO, width: int) -> Piece:
    """What `features_shard` was given.

    Raises:
        ValueError: If it is no shard of features of that width.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(file)
        told = _told(opened)
        table = opened.read([SAMPLE_ID, FILE, FEATURES], use_threads=False)
        kind = table.schema.field(FEATURES).type
        if not pa.types.is_fixed_size_list(kind) or (kind.list_size, kind.value_type) != (width, pa.float32()):
            raise ValueError(f"its features are {kind}")
        rows = table.column(FEATURES).combine_chunks().flatten().to_numpy().reshape(-1, width)
        names = [table.column(name).to_pylist() for name in (SAMPLE_ID, FILE)]
    except (pa.ArrowException, LookupError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no shard of {width:,} features ({str(error).splitlines()[0][:200]})") from error
    return Piece(list(zip(*names, strict=True)), rows, told.skipped)


def _told(opened: Any) -> Told:
    return msgspec.convert(json.loads(opened.schema_arrow.metadata[SHARD_KEY]), Told)


def _naming(names: Names) -> dict[str, Any]:
    import pyarrow as pa

    ids, files = [sample_id for sample_id, _ in names], [clean_text(file) for _, file in names]
    return {SAMPLE_ID: pa.array(ids, pa.string()), FILE: pa.array(files, pa.string())}


def _content(columns: Mapping[str, Any], told: Told) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Names that are no text keep their lone surrogates in `json` alone.
    said = {SHARD_KEY: json.dumps(msgspec.to_builtins(told)).encode()}
    file = BytesIO()
    table = pa.table(dict(columns)).replace_schema_metadata(said)
    # Nothing but classes repeats.
    pq.write_table(table, file, compression="zstd", use_dictionary=[LABEL, "second"])
    return file.getvalue()
