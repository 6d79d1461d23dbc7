"""Reads features out of a checkpoint of TensorFlow 2, as its tutorial and Keras' callback leave them in a log dir.

A checkpoint is an index (`NAME.index`: a table in the format of LevelDB, uncompressed, from tensor names to where they
lie) and files of plain values (`NAME.data-00000-of-00001`). TensorFlow reads it too, but takes seconds to load, and its
reader is no guard against a file that somebody made up. (tensorflow/core/util/tensor_bundle, tensorflow/core/lib/io/
table_format.txt; protocol buffers' encoding.)
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained, read_contained
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.named_paths import meant_by
from tb_tsne_plugin.runs.tensors import check_shape

MAX_INDEX_BYTES = 1 << 26
MAX_KEY = 1 << 12
SHOWN = 5
VARIABLE = "/.ATTRIBUTES/VARIABLE_VALUE"
"""What TensorFlow 2 puts after the name of a variable."""
MAX_VALUES = 1 << 28
"""A GiB of float32: features of a checkpoint are read whole."""
_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
_FOOTER = 48
_TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2", 14: "bfloat16"}
"""TensorFlow's numbers of types; the last has the upper half of a float32."""
BESIDE = ("", "train/")
"""Where a run's checkpoint is looked for; Keras keeps it in the second."""
_LATEST = re.compile(r'^model_checkpoint_path:\s*"([^"\n]{1,1024})"', re.MULTILINE)
_OUTPUT = re.compile(r":\d+$")


class _Entry(NamedTuple):
    """Where a tensor lies: the data file's number, and the place in it."""

    type: int
    shape: list[int]
    shard: int
    offset: int
    size: int
    is_sliced: bool


def find_checkpoint(folder: Path, said: str) -> str:
    """A run's checkpoint, by its name without a suffix.

    Args:
      folder: The run's folder.
      said: What the config says (`model_checkpoint_path`); empty for the run's latest one.

    Returns:
      Its name below the folder; empty where there is none.
    """
    for named in (said, *(latest for below in BESIDE for latest in _latest(folder, below))):
        index = meant_by(folder, f"{named}.index").name if named else ""
        with suppress(RunError):
            open_contained(folder, index).close()
            return index.removesuffix(".index")
    return ""


def _latest(folder: Path, below: str) -> list[str]:
    """The checkpoint that TensorFlow's note in a folder names; without one, the only one that there is."""
    with suppress(RunError):
        note = read_contained(folder, f"{below}checkpoint", 1 << 20).decode("utf-8", "replace")
        return [f"{below}{name}" for name in _LATEST.findall(note)[:1]]
    try:
        alone = [name for name in Folder(folder).names(below.rstrip("/")) if name.endswith(".index")]
    except OSError:
        return []
    return [below + alone[0].removesuffix(".index")] if len(alone) == 1 else []


def files_of(checkpoint: str) -> tuple[str, ...]:
    """The files of a checkpoint whose change is one of its features, as far as their names are known."""
    return (f"{checkpoint}.index", f"{checkpoint}.data-00000-of-00001") if checkpoint else ()


def read_tensor(folder: Path, checkpoint: str, name: str) -> NDArray[np.float32]:
    """Features out of a checkpoint.

    Args:
      folder: The run's folder.
      checkpoint: From `find_checkpoint`.
      name: The tensor's name, as the config has it; one of TensorFlow 1 may end in `:0`.

    Returns:
      (N, D) features.

    Raises:
      RunError: If it is not there, is no matrix of numbers, or the checkpoint is damaged.
    """
    if not checkpoint:
        raise RunError(
            f"{name} has no tensor_path, and the run's folder has no checkpoint of TensorFlow 2 (NAME.index and "
            "NAME.data-…; Keras' .weights.h5 is none), or several; name one as model_checkpoint_path, or write the "
            "features to a file."
        )
    index = read_contained(folder, f"{checkpoint}.index", MAX_INDEX_BYTES)
    try:
        plain = _OUTPUT.sub("", name)
        shards, entry, others = _look_up(index, {each.encode() for each in (name, plain, plain + VARIABLE)})
    except (IndexError, ValueError):
        raise RunError(f"{checkpoint}.index is damaged, or no checkpoint of TensorFlow 2.") from None
    if entry is None:
        there = f"; it has {', '.join(others)}" if others else ""
        raise RunError(f"The checkpoint {checkpoint} has no tensor {name!r}{there}.")
    data = f"{checkpoint}.data-{entry.shard:05d}-of-{shards:05d}"
    kind = _TYPES.get(entry.type)
    if kind is None or len(entry.shape) != 2 or min(entry.shape) < 1 or entry.is_sliced:
        raise RunError(
            f"{name} in the checkpoint {checkpoint} is not one matrix of numbers (its shape: {entry.shape})."
        )
    rows, size = entry.shape
    check_shape(name, rows, size)
    stored = np.dtype("<u2" if kind == "bfloat16" else kind)
    if rows * size > MAX_VALUES or entry.size != rows * size * stored.itemsize:
        raise RunError(
            f"{name} in the checkpoint {checkpoint} has {entry.size:,} bytes for {rows:,} x {size:,} values."
        )
    with open_contained(folder, data) as file:
        if os.fstat(file.fileno()).st_size < entry.offset + entry.size:
            raise RunError(f"{data} is cut short.")
        values = np.fromfile(file, dtype=stored, count=rows * size, offset=entry.offset)
    if kind == "bfloat16":
        values = (values.astype("<u4") << 16).view("<f4")
    with np.errstate(over="ignore"):
        return values.reshape(rows, size).astype(np.float32)


def _look_up(index: bytes, names: set[bytes]) -> tuple[int, _Entry | None, list[str]]:
    """The number of data files, where a tensor of one of some names lies, and the names of some others."""
    if len(index) < _FOOTER or not index.endswith(_MAGIC):
        raise ValueError
    footer = index[-_FOOTER:]
    place = _varint(footer, _varint(footer, 0)[1])[1]
    shards, found, end = 1, None, 0
    others: list[str] = []
    for _, handle in _block(index, *_handle(footer, place)):
        offset, size = _handle(handle, 0)
        if offset < end:
            raise ValueError  # each block stands once
        end = offset + size
        for key, value in _block(index, offset, size):
            if key == b"":
                header = dict(_fields(value))
                shards = _whole(header.get(1, 1))
                if header.get(2):
                    raise ValueError  # of a machine that puts the other end of a number first
            elif key in names:
                found = _entry(value)
            elif len(others) < SHOWN and key.endswith(VARIABLE.encode()) and b"/.OPTIMIZER_SLOT/" not in key:
                others.append(key.decode("utf-8", "replace").removesuffix(VARIABLE))
    return shards, found, others


def _block(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block. Each key begins with a part of the one before."""
    block = table[offset : offset + size]
    if len(block) != size or size < 4 or table[offset + size] != 0:  # the byte says how it is compressed
        raise ValueError
    end = size - 4 - 4 * int.from_bytes(block[-4:], "little")
    place, key = 0, b""
    while place < end:
        shared, place = _varint(block, place)
        rest, place = _varint(block, place)
        length, place = _varint(block, place)
        if shared > len(key) or shared + rest > MAX_KEY or place + rest + length > end:
            raise ValueError
        key = key[:shared] + block[place : place + rest]
        place += rest
        yield key, block[place : place + length]
        place += length


def _handle(raw: bytes, place: int) -> tuple[int, int]:
    offset, place = _varint(raw, place)
    return offset, _varint(raw, place)[0]


def _entry(raw: bytes) -> _Entry:
    fields = list(_fields(raw))
    one = {number: value for number, value in fields if isinstance(value, int)}
    shape = next((value for number, value in fields if number == 2), b"")
    dims = [dict(_fields(dim)) for number, dim in _fields(_raw(shape)) if number == 2 and isinstance(dim, bytes)]
    return _Entry(
        one.get(1, 0),
        [_whole(dim.get(1, 0)) for dim in dims],
        one.get(3, 0),
        one.get(4, 0),
        one.get(5, 0),
        any(number == 7 for number, _ in fields),
    )


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protocol buffer, by number: whole numbers, or bytes of what is nested."""
    place = 0
    while place < len(raw):
        tag, place = _varint(raw, place)
        kind = tag & 7
        if kind == 0:
            value, place = _varint(raw, place)
            yield tag >> 3, value
            continue
        length = {1: 8, 5: 4}.get(kind)
        if length is None:
            if kind != 2:
                raise ValueError
            length, place = _varint(raw, place)
        if place + length > len(raw):
            raise ValueError
        yield tag >> 3, raw[place : place + length]
        place += length


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = raw[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError


def _whole(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise ValueError
    return value


def _raw(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError
    return value
