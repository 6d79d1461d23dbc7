"""One run: a folder with a projector config, and what it names."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence, Sized
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.runs.checkpoints import files_of, read_tensor
from tb_tsne_plugin.runs.columns import Columns
from tb_tsne_plugin.runs.config import Listed, read_config, tensor_name
from tb_tsne_plugin.runs.errors import RunError, UnknownTensor
from tb_tsne_plugin.runs.files import contained_name, open_contained, read_contained
from tb_tsne_plugin.runs.folder import Buffer, Folder
from tb_tsne_plugin.runs.format import FILE, TILES_NAME, unused_name
from tb_tsne_plugin.runs.image_size import open_image
from tb_tsne_plugin.runs.memory import SHELF, Memory, once
from tb_tsne_plugin.runs.metadata import MAX_METADATA_BYTES, Metadata, read_metadata
from tb_tsne_plugin.runs.pictures import Pictures
from tb_tsne_plugin.runs.tensors import Features, bytes_shape, is_raw, read_bytes, read_parsed
from tb_tsne_plugin.runs.writing import checked_name, replace_keeping_original

# What a sample costs in a set or dictionary of all sample ids.
_BYTES_PER_ID = 100
_CHUNK_BYTES = 1 << 25
_TELLING_ROWS = 32
_VERSION = re.compile(r"[0-9a-f]{24}-([0-9]{1,9})-([0-9a-f]{24})")
_MAX_PREFIX = 200


@dataclass(frozen=True)
class Sprite:
    """A sheet of thumbnails: image i stands at column i mod `columns`, row i div `columns`.

    Attributes:
      tile: Width and height of one thumbnail, in pixels.
      columns: Thumbnails a row.
    """

    tile: tuple[int, int]
    columns: int


class NamedFiles(NamedTuple):
    """What a config says about where something is; empty where it names nothing."""

    features: str
    metadata: str
    sprite: str
    bookmarks: str


class Tensor:
    """One set of features of a run, with the metadata and the sprite that belong to it."""

    def __init__(self, run: Run, listed: Listed, name: str, memory: Memory) -> None:
        self._run = run
        self._folder = run.folder
        self._config = listed.config
        self._checkpoint = listed.checkpoint
        self._guesses = listed.notes
        self._memory = memory
        self.name = name
        self.place = listed.place
        """Which of the config's embeddings it is, from 0."""

    @once
    def shape(self) -> tuple[int, int]:
        """(N, D).

        Raises:
          RunError: If the features cannot be read or do not fit their declared shape.
        """
        if not self._is_raw:
            rows, size = self._parsed().values.shape
            return rows, size
        return bytes_shape(self._folder, self._config.tensor_path, list(self._config.tensor_shape))

    def check(self) -> None:
        """Looks whether it can be opened.

        Raises:
          RunError: If features or metadata cannot be read.
        """
        _ = self.metadata

    def features(self) -> NDArray[np.float32]:
        """(N, D) features.

        Raises:
          RunError: If they cannot be read.
        """
        if self._is_raw:
            return read_bytes(self._folder, self._config.tensor_path, self.shape)
        return self._parsed().values

    @property
    def notes(self) -> list[str]:
        """Sentences for the user about what is unusual about the features, their metadata, and what the config says.

        Raises:
          RunError: If features or metadata cannot be read.
        """
        return [*self._guesses, *([] if self._is_raw else self._parsed().notes), *self.metadata.notes]

    @property
    def named_files(self) -> NamedFiles:
        """The files that the config names."""
        config = self._config
        features = config.tensor_path or (self._checkpoint and f"{self._checkpoint}.index")
        return NamedFiles(features, config.metadata_path, config.sprite.image_path, config.bookmarks_path)

    @property
    def files(self) -> set[str]:
        """All files that it is read from, or that the config names for it."""
        return {path for path in (*self.named_files, *files_of(self._checkpoint)) if path}

    def open_features(self) -> BinaryIO | None:
        """The file of (N, D) little-endian float32, open for reading; None where the features have another form.

        Raises:
          RunError: If they cannot be read or do not fit their declared shape.
        """
        if not self._is_raw:
            return None
        rows, size = self.shape
        file = open_contained(self._folder, self._config.tensor_path)
        if os.fstat(file.fileno()).st_size != 4 * rows * size:
            file.close()
            raise RunError(f"{self._config.tensor_path} changed while it was read; try again.")
        return file

    def feature_chunks(self, rows: int) -> Iterator[NDArray[np.float32]]:
        """The features in pieces, read and not mapped: a file that is cut short meanwhile must not end this process.

        Args:
          rows: Rows a piece, at most; fewer where they are long.

        Yields:
          (rows, D) features; the last piece may have fewer.

        Raises:
          RunError: If they cannot be read.
        """
        file = self.open_features()
        if file is None:
            features = self.features()
            yield from (features[begin : begin + rows] for begin in range(0, len(features), rows))
            return
        rows = max(1, min(rows, _CHUNK_BYTES // (4 * self.shape[1])))
        with file:
            for begin in range(0, self.shape[0], rows):
                count = min(rows, self.shape[0] - begin)
                values = np.fromfile(file, dtype="<f4", count=count * self.shape[1])
                if values.size != count * self.shape[1]:
                    raise RunError(f"{self._config.tensor_path} changed while it was read; try again.")
                yield values.reshape(count, self.shape[1])

    def feature_row(self, row: int) -> NDArray[np.float32]:
        """(D,) features of one sample.

        Raises:
          RunError: If they cannot be read.
        """
        file = self.open_features()
        if file is None:
            return np.asarray(self.features()[row])
        with file:
            return np.fromfile(file, dtype="<f4", count=self.shape[1], offset=4 * row * self.shape[1])

    @property
    def rows(self) -> dict[str, int]:
        """Row by sample id."""
        return self._memory.get(
            ("rows", *self.metadata_key),
            lambda: {name: row for row, name in enumerate(self.metadata.sample_ids)},
            _weight,
        )

    @once
    def version(self) -> str:
        """Changes when the samples, their order, the features or the sprite sheet change; not when labels are saved.

        It ends with the number of samples and what tells them from others, for `samples_at`.

        Raises:
          RunError: If features or metadata cannot be read.
        """
        digest = hashlib.blake2b(repr((self.name, self.shape)).encode(), digest_size=12)
        files = (self._config.tensor_path, *files_of(self._checkpoint), self._config.sprite.image_path, TILES_NAME)
        for relative in filter(None, files):
            with suppress(RunError), open_contained(self._folder, relative) as file:
                status = os.fstat(file.fileno())
                digest.update(repr((relative, status.st_size, status.st_mtime_ns, status.st_ino)).encode())
        count = self.shape[0]
        return f"{digest.hexdigest()}-{count}-{self._digest_of_first(count)}"

    def samples_at(self, version: str) -> int | None:
        """How many samples there were at a version, where the run is as it was or has only grown since.

        The samples of that version are the first ones now, with the same rows.

        Args:
          version: Of these features, earlier or now; it may come from anybody.

        Returns:
          Their number; None where they are others.

        Raises:
          RunError: If features or metadata cannot be read.
        """
        if version == self.version:
            return self.shape[0]
        told = _VERSION.fullmatch(version)
        if told is None or not int(told[1]) < self.shape[0] or told[2] != self._digest_of_first(int(told[1])):
            return None
        return int(told[1])

    def _digest_of_first(self, count: int) -> str:
        """Tells some first samples, in their order: by all their ids, and the features of a few."""
        digest = hashlib.blake2b(repr((self.name, count, self.shape[1])).encode(), digest_size=12)
        for row in np.unique(np.linspace(0, max(count - 1, 0), _TELLING_ROWS).astype(int))[:count].tolist():
            digest.update(self.feature_row(row).tobytes())
        ids = self.metadata.sample_ids[:count]
        for begin in range(0, len(ids), 10_000):
            digest.update("\0".join([*ids[begin : begin + 10_000], ""]).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @property
    def metadata(self) -> Metadata:
        """The samples' ids and columns; features of the same number of samples share what they read of one file.

        Raises:
          RunError: If the metadata cannot be read or has another number of rows.
        """
        path, rows = self._config.metadata_path, self.shape[0]
        return self._memory.get(
            ("metadata", *self.metadata_key),
            lambda: read_metadata(self._folder, path, rows, self._run.prefix_of(self)),
            lambda read: read.memory(),
        )

    @property
    def columns(self) -> Columns:
        """The columns of the metadata, as a page asks for them.

        Raises:
          RunError: If the metadata cannot be read or has another number of rows.
        """
        return Columns(self.metadata, self._memory, self.metadata_key)

    @once
    def metadata_key(self) -> tuple[str, int]:
        """The same for features that share their metadata, however the config spells its name.

        Raises:
          RunError: If there can be no such file, or the features cannot be read.
        """
        path = self._config.metadata_path
        return contained_name(self._folder, path) if path else "", self.shape[0]

    @property
    def has_metadata(self) -> bool:
        """Whether the config names a metadata file."""
        return bool(self._config.metadata_path)

    @property
    def has_sprite(self) -> bool:
        """Whether the config names a sprite sheet."""
        return bool(self._config.sprite.image_path)

    def sprite(self) -> Sprite:
        """How the sprite sheet is laid out.

        Raises:
          RunError: If it is missing, no image, too large to be shown, or too small for its tiles.
        """
        name = self._config.sprite.image_path
        dimensions = list(self._config.sprite.single_image_dim)
        if len(dimensions) != 2 or min(dimensions) < 1:
            raise RunError(f"{name}: single_image_dim must be a width and a height, not {dimensions[:3]}.")
        file, (width, height) = open_image(self._folder, name)
        file.close()
        columns = width // dimensions[0]
        held = columns * (height // dimensions[1])
        if held < self.shape[0]:
            raise RunError(f"{name} has room for {held:,} thumbnails, but there are {self.shape[0]:,} samples.")
        return Sprite((dimensions[0], dimensions[1]), columns)

    def open_sprite(self) -> BinaryIO:
        """The sprite sheet's file, open for reading.

        Raises:
          RunError: If it is missing, lies outside the run's folder, is no image, or too large to be shown.
        """
        return open_image(self._folder, self._config.sprite.image_path)[0]

    @once
    def _is_raw(self) -> bool:
        path = self._config.tensor_path
        return bool(path) and is_raw(self._folder, path, list(self._config.tensor_shape))

    def _parsed(self) -> Features:
        """Features that are not raw float32."""
        path = self._config.tensor_path
        key = (
            "parsed",
            contained_name(self._folder, path) if path else self._checkpoint,
            self.name if not path else "",
        )
        return self._memory.get(key, self._parse, lambda read: read.values.nbytes)

    def _parse(self) -> Features:
        if self._config.tensor_path:
            return read_parsed(self._folder, self._config.tensor_path)
        return Features(read_tensor(self._folder, self._checkpoint, self.name), [])


class Run:
    """A folder with a projector config."""

    def __init__(self, name: str, folder: Path) -> None:
        """Names a run; its files are read when asked for.

        Args:
          name: Its name: the path from the log dir, with forward slashes; "." for the log dir itself.
          folder: Where it is.
        """
        self.name = name
        self.folder = folder
        self._memory = Memory(SHELF)
        self.pictures = Pictures(folder, self._memory)
        self.fingerprint = ""
        """Changes with any of its files."""

    @once
    def _listed(self) -> list[Tensor]:
        """All features that the config lists, readable or not."""
        listed = read_config(self.folder)
        names = distinct_names([tensor_name(each.config) for each in listed])
        return [Tensor(self, each, name, self._memory) for each, name in zip(listed, names, strict=True)]

    @once
    def tensors(self) -> list[Tensor]:
        """All features that can be opened, in the config's order.

        Raises:
          RunError: If the config cannot be read, or none of them can be opened.
        """
        return [tensor for tensor in self._listed if tensor.name not in self.problems]

    @once
    def problems(self) -> dict[str, str]:
        """What keeps features from being opened, by their names.

        Raises:
          RunError: If the config cannot be read, or none of them can be opened; it says what is wrong with the first.
        """
        found: dict[str, str] = {}
        first: RunError | None = None
        for tensor in self._listed:
            try:
                tensor.check()
            except RunError as error:
                first = first or error
                found[tensor.name] = str(error)
        if first is not None and len(found) == len(self._listed):
            raise first
        return found

    @once
    def named_files(self) -> tuple[str, ...]:
        """The files that the config names; none where it cannot be read."""
        with suppress(RunError):
            return tuple(sorted({path for tensor in self._listed for path in tensor.files}))
        return ()

    def tensor(self, name: str) -> Tensor:
        """The features of a name.

        Raises:
          UnknownTensor: If there are none.
          RunError: If the config cannot be read.
        """
        for tensor in self._listed:
            if tensor.name == name:
                return tensor
        raise UnknownTensor(self.name, name)

    def prefix_of(self, tensor: Tensor) -> str:
        """What stands before the row numbers that name some features' samples, where others of the run have their own.

        Row 3 of one table is not row 3 of another; the same tables in several files, as tensorboardX writes them for
        every step, are about the same samples. The first table has no prefix: whatever is added later, its labels stay.
        """
        return self._prefixes.get(tensor.metadata_key, "")

    @once
    def _prefixes(self) -> dict[tuple[str, int], str]:
        keys: dict[tuple[str, int], Tensor] = {}
        for tensor in self._listed:
            with suppress(RunError):
                keys.setdefault(tensor.metadata_key, tensor)
        if len(keys) < 2:
            return {}
        found: dict[tuple[str, int], str] = {}
        by_content: dict[tuple[str, int], str] = {}
        for (path, rows), tensor in keys.items():
            with suppress(RunError):
                raw = read_contained(self.folder, path, MAX_METADATA_BYTES) if path else b""
                content = hashlib.blake2b(raw, digest_size=12).hexdigest()
                prefix = f"{_short(path or tensor.name)}:" if by_content else ""
                found[path, rows] = by_content.setdefault((content, rows), prefix)
        return found

    @property
    def sample_ids(self) -> frozenset[str]:
        """The ids of all samples of all features.

        Raises:
          RunError: If metadata cannot be read.
        """
        return self._memory.get("sample_ids", self._read_sample_ids, _weight)

    def _read_sample_ids(self) -> frozenset[str]:
        found: set[str] = set()
        for metadata in self._metadata():
            found.update(metadata.sample_ids)
        return frozenset(found)

    def file_of(self, sample_id: str) -> str | None:
        """What the metadata call the file of a sample; None where they do not, or there is no such sample.

        Raises:
          RunError: If metadata cannot be read.
        """
        for tensor in {each.metadata_key: each for each in self.tensors}.values():
            row = tensor.rows.get(sample_id)
            files = tensor.metadata.columns.get(FILE)
            if row is not None and files is not None:
                return files[row]
        return None

    def _metadata(self) -> Iterator[Metadata]:
        """The metadata of all features, each file once; only the one at hand need be in memory."""
        for tensor in {each.metadata_key: each for each in self.tensors}.values():
            yield tensor.metadata

    @once
    def is_numbered(self) -> bool:
        """Whether samples are named by their row numbers, for want of better names.

        Raises:
          RunError: If metadata cannot be read.
        """
        return any(metadata.is_numbered for metadata in self._metadata())

    def labels(self, column: str) -> dict[str, str]:
        """The labels that the run came with in a metadata column, by sample id.

        Raises:
          RunError: If metadata cannot be read.
        """
        found: dict[str, str] = {}
        for metadata in self._metadata():
            labels = metadata.labels_in(column)
            if not found:
                found = labels
                continue
            for sample_id, label in labels.items():
                found.setdefault(sample_id, label)
        return found

    @once
    def label_conflicts(self) -> list[str]:
        """A sentence where several metadata files give a sample different labels; the first one counts then.

        Raises:
          RunError: If metadata cannot be read.
        """
        found: dict[str, str] = {}
        other: set[str] = set()
        files = {each.metadata_key for each in self.tensors}
        for metadata in self._metadata() if len(files) > 1 else ():
            labels = metadata.labels_in()
            other.update(key for key, label in labels.items() if found.get(key, label) != label)
            found = labels | found
        if not other:
            return []
        count = "1 sample has" if len(other) == 1 else f"{len(other):,} samples have"
        return [f"{count} different labels in the metadata of different features; those of the first count."]

    def writable(self, relative: str) -> str:
        """A name under which something new can be written into the run's folder.

        Raises:
          RunError: If it leads elsewhere, or something of the run or of ours has that name.
        """
        return checked_name(Folder(self.folder), relative, self.named_files)

    def bookmarks_name(self, tensor: Tensor) -> str:
        """The name of some features' file of bookmarks, which can be written; empty where the config names none.

        Raises:
          RunError: If it leads elsewhere, or something of the run or of ours has that name.
        """
        name = tensor.named_files.bookmarks
        needed = [path for each in self._listed for path in each.named_files._replace(bookmarks="")]
        return checked_name(Folder(self.folder), name, needed) if name else ""

    def save_metadata(self, tensor: Tensor, content: Buffer) -> str:
        """Writes some features' metadata file, whole; the one before the first time is kept as `.original`.

        Returns:
          Its name.

        Raises:
          RunError: If the config names no such file, or one that is not only that.
          OSError: If it cannot be written; the old one is then untouched.
        """
        folder, name = Folder(self.folder), tensor.named_files.metadata
        needed = [path for each in self._listed for path in each.named_files._replace(metadata="")]
        checked = checked_name(folder, name, needed)
        replace_keeping_original(folder, checked, content, MAX_METADATA_BYTES)
        return checked


def distinct_names(names: Sequence[str]) -> list[str]:
    """Names that are all different: the second of a name ends in `~2`."""
    found: list[str] = []
    for name in names:
        found.append(name if name not in found else unused_name(name, {*found, *names}))
    return found


def _short(name: str) -> str:
    """A name that leaves room for a row's number in a sample's id."""
    return name if len(name) <= _MAX_PREFIX else hashlib.blake2b(name.encode(), digest_size=12).hexdigest()


def _weight(ids: Sized) -> int:
    return _BYTES_PER_ID * len(ids)
