"""One run: a folder with a projector config, and what it names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.runs.config import read_config
from tb_tsne_plugin.runs.errors import RunError, UnknownTensor
from tb_tsne_plugin.runs.files import contained_path, open_contained
from tb_tsne_plugin.runs.format import TILES_NAME
from tb_tsne_plugin.runs.metadata import Metadata, read_metadata
from tb_tsne_plugin.runs.pictures import Pictures
from tb_tsne_plugin.runs.tensors import bytes_shape, read_bytes, read_text


@dataclass(frozen=True)
class Sprite:
    """A sheet of thumbnails: image i stands at column i mod `columns`, row i div `columns`.

    Attributes:
      tile: Width and height of one thumbnail, in pixels.
      columns: Thumbnails a row.
    """

    tile: tuple[int, int]
    columns: int


class Tensor:
    """One set of features of a run, with the metadata and the sprite that belong to it."""

    def __init__(self, run: str, folder: Path, config: Any) -> None:
        self._run = run
        self._folder = folder
        self._config = config
        self.name: str = config.tensor_name or Path(config.tensor_path).name

    @cached_property
    def shape(self) -> tuple[int, int]:
        """(N, D).

        Raises:
          RunError: If the features cannot be read or do not fit their declared shape.
        """
        if self._is_text:
            rows, size = self.features().shape
            return rows, size
        return bytes_shape(self._folder, self._config.tensor_path, list(self._config.tensor_shape))

    def features(self) -> NDArray[np.float32]:
        """(N, D) features.

        Raises:
          RunError: If they cannot be read.
        """
        if self._is_text:
            return read_text(self._folder, self._config.tensor_path)
        return read_bytes(self._folder, self._config.tensor_path, self.shape)

    @property
    def named_files(self) -> tuple[str, str, str]:
        """What the config says about where features, metadata and sprite sheet are."""
        return self._config.tensor_path, self._config.metadata_path, self._config.sprite.image_path

    def open_features(self) -> BinaryIO | None:
        """The file of (N, D) little-endian float32, open for reading; None where the features are text.

        Raises:
          RunError: If they cannot be read or do not fit their declared shape.
        """
        if self._is_text:
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
          rows: Rows a piece.

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

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row by sample id."""
        return {sample_id: row for row, sample_id in enumerate(self.metadata.sample_ids)}

    @cached_property
    def version(self) -> str:
        """Changes when the samples, their order, the features or the sprite sheet change; not when labels are saved.

        Raises:
          RunError: If features or metadata cannot be read.
        """
        digest = hashlib.blake2b(repr((self.name, self.shape)).encode(), digest_size=12)
        for relative in (self._config.tensor_path, self._config.sprite.image_path, TILES_NAME):
            with suppress(RunError), open_contained(self._folder, relative) as file:
                status = os.fstat(file.fileno())
                digest.update(repr((relative, status.st_size, status.st_mtime_ns, status.st_ino)).encode())
        for sample_id in self.metadata.sample_ids:
            digest.update(sample_id.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()

    @cached_property
    def metadata(self) -> Metadata:
        """The samples' ids and columns.

        Raises:
          RunError: If the metadata cannot be read or has another number of rows.
        """
        return read_metadata(self._folder, self._config.metadata_path, self.shape[0])

    @property
    def metadata_file(self) -> Path | None:
        """The metadata file, inside the run's folder; None where the config names none.

        Raises:
          RunError: If the config leads outside the folder.
        """
        path = self._config.metadata_path
        return contained_path(self._folder, path) if path else None

    @property
    def has_sprite(self) -> bool:
        """Whether the config names a sprite sheet."""
        return bool(self._config.sprite.image_path)

    def sprite(self) -> Sprite:
        """How the sprite sheet is laid out.

        Raises:
          RunError: If it is missing, no image, or too small for its tiles.
        """
        from PIL import Image

        name = self._config.sprite.image_path
        dimensions = list(self._config.sprite.single_image_dim)
        if len(dimensions) != 2 or min(dimensions) < 1:
            raise RunError(f"{name}: single_image_dim must be a width and a height, not {dimensions}.")
        with self.open_sprite() as file:
            try:
                width, height = Image.open(file).size
            except (OSError, Image.DecompressionBombError):
                raise RunError(f"{name} is not an image that can be read.") from None
        columns = width // dimensions[0]
        held = columns * (height // dimensions[1])
        if held < self.shape[0]:
            raise RunError(f"{name} has room for {held:,} thumbnails, but there are {self.shape[0]:,} samples.")
        return Sprite((dimensions[0], dimensions[1]), columns)

    def open_sprite(self) -> BinaryIO:
        """The sprite sheet's file, open for reading.

        Raises:
          RunError: If it is missing or lies outside the run's folder.
        """
        return open_contained(self._folder, self._config.sprite.image_path)

    @property
    def _is_text(self) -> bool:
        return Path(self._config.tensor_path).suffix.lower() in (".tsv", ".txt")


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
        self.pictures = Pictures(folder)
        self.fingerprint = ""
        """Changes with any of its files."""

    @cached_property
    def tensors(self) -> list[Tensor]:
        """All features, in the config's order.

        Raises:
          RunError: If the config cannot be read.
        """
        return [Tensor(self.name, self.folder, config) for config in read_config(self.folder)]

    @cached_property
    def deep_files(self) -> tuple[str, ...]:
        """The files in sub-folders that the config names; none where it cannot be read."""
        with suppress(RunError):
            named = (path for tensor in self.tensors for path in tensor.named_files)
            return tuple(sorted({path for path in named if "/" in path}))
        return ()

    def tensor(self, name: str) -> Tensor:
        """The features of a name.

        Raises:
          UnknownTensor: If there are none.
          RunError: If the config cannot be read.
        """
        for tensor in self.tensors:
            if tensor.name == name:
                return tensor
        raise UnknownTensor(self.name, name)

    @cached_property
    def sample_ids(self) -> frozenset[str]:
        """The ids of all samples of all features.

        Raises:
          RunError: If metadata cannot be read.
        """
        return frozenset(sample_id for tensor in self.tensors for sample_id in tensor.metadata.sample_ids)

    @cached_property
    def is_numbered(self) -> bool:
        """Whether samples are named by their row numbers, for want of better names.

        Raises:
          RunError: If metadata cannot be read.
        """
        return any(tensor.metadata.is_numbered for tensor in self.tensors)

    def labels(self, column: str) -> dict[str, str]:
        """The labels that the run came with in a metadata column, by sample id.

        Raises:
          RunError: If metadata cannot be read.
        """
        found: dict[str, str] = {}
        for tensor in self.tensors:
            found |= tensor.metadata.labels_in(column)
        return found
