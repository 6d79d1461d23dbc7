"""Where a t-SNE stood, kept in a file, so that a restart of TensorBoard goes on from there."""

from __future__ import annotations

import io
import os
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.live.parameters import SessionParameters

FORMAT = 1
MAX_HEADER_BYTES = 1 << 20


class CheckpointHeader(msgspec.Struct, frozen=True, kw_only=True, rename={"cost_curve": "curve"}):
    """What a checkpoint says about itself: everything but the arrays."""

    format: int = FORMAT
    version: str
    """Of the features."""
    column: str
    """The label column."""
    revision: int
    """Of its labels."""
    parameters: SessionParameters
    epoch: int
    run_until: int
    """The epoch at which it has settled."""
    paused: bool
    cost_curve: tuple[tuple[int, float], ...]


class Checkpoint(NamedTuple):
    """Where a t-SNE stood.

    Attributes:
      header: Everything but the arrays.
      positions: (d, n) of the samples that are embedded, as are `velocity` and `gains`.
      velocity: The optimiser's.
      gains: The optimiser's.
      labels: (N,) class ids, -1 where unlabelled.
    """

    header: CheckpointHeader
    positions: NDArray[np.float32]
    velocity: NDArray[np.float32]
    gains: NDArray[np.float32]
    labels: NDArray[np.int32]

    def save(self, path: Path) -> None:
        """Writes the file, whole or not at all.

        Raises:
          OSError: If it cannot be written.
        """
        raw = io.BytesIO()
        np.savez(
            raw,
            about=np.frombuffer(msgspec.json.encode(self.header), dtype=np.uint8),
            positions=self.positions,
            velocity=self.velocity,
            gains=self.gains,
            labels=self.labels,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            # Not synchronised: it is convenience, and a damaged one is passed over.
            temporary.write_bytes(raw.getbuffer())
            os.replace(temporary, path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def read_header(path: Path, version: str) -> CheckpointHeader | None:
    """What a checkpoint of these features says about itself; None where there is none that can be used.

    Args:
      path: The file, which need not be there.
      version: Of the features.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("about.npy").file_size > MAX_HEADER_BYTES:
                return None
            raw = np.load(io.BytesIO(archive.read("about.npy")), allow_pickle=False).tobytes()
        header = msgspec.json.decode(raw, type=CheckpointHeader)
    except (OSError, ValueError, KeyError, RecursionError, zipfile.BadZipFile):
        return None
    return header if (header.format, header.version) == (FORMAT, version) else None


def read_checkpoint(path: Path, version: str, n_samples: int, n_embedded: int) -> Checkpoint | None:
    """A checkpoint of these features; None where there is none that can be used.

    Args:
      path: The file, which need not be there.
      version: Of the features.
      n_samples: N.
      n_embedded: How many of them are embedded.
    """
    header = read_header(path, version)
    if header is None:
        return None
    shape = (header.parameters.n_components, n_embedded)
    expected = 4 * (3 * shape[0] * shape[1] + n_samples) + MAX_HEADER_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > expected:
                return None
        with np.load(path, allow_pickle=False) as arrays:
            positions, velocity, gains = (arrays[name] for name in ("positions", "velocity", "gains"))
            labels = arrays["labels"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    floats = (positions, velocity, gains)
    fits = all(array.shape == shape and array.dtype == np.float32 for array in floats)
    fits = fits and all(bool(np.isfinite(array).all()) for array in floats)
    fits = fits and labels.shape == (n_samples,) and labels.dtype == np.int32
    return Checkpoint(header, *floats, labels) if fits else None
