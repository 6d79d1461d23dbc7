"""Where a t-SNE stood, kept in a file, so that a restart of TensorBoard goes on from there."""

from __future__ import annotations

import io
import json
import os
import zipfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.parameters import Parameters

FORMAT = 1
MAX_META_BYTES = 1 << 20


class Checkpoint(NamedTuple):
    """Where a t-SNE stood.

    Attributes:
      about: `version` (of the features), `column` and `revision` (of the labels), `parameters`, `speed_limit`, `epoch`,
        `run_until`, `paused`, `curve`.
      positions: (d, n) of the samples that are embedded, as are `velocity` and `gains`.
      velocity: The optimiser's.
      gains: The optimiser's.
      labels: (N,) class ids, -1 where unlabelled.
    """

    about: dict[str, Any]
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
        about = np.frombuffer(json.dumps({"format": FORMAT, **self.about}).encode(), dtype=np.uint8)
        np.savez(raw, about=about, **{name: getattr(self, name) for name in self._fields[1:]})
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            # Not synchronised: it is convenience, and a damaged one is passed over.
            temporary.write_bytes(raw.getbuffer())
            os.replace(temporary, path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def read_about(path: Path | None, version: str) -> dict[str, Any] | None:
    """What a checkpoint of these features says about itself; None where there is none that can be used.

    Args:
      path: The file.
      version: Of the features.
    """
    if path is None:
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("about.npy").file_size > MAX_META_BYTES:
                return None
            about = json.loads(np.load(io.BytesIO(archive.read("about.npy")), allow_pickle=False).tobytes())
        if not isinstance(about, dict) or about.get("format") != FORMAT or about.get("version") != version:
            return None
        return {**about, "parameters": asdict(Parameters().updated(about["parameters"]))}
    except (OSError, ValueError, KeyError, TypeError, RecursionError, zipfile.BadZipFile):
        return None


def load(path: Path, version: str, n_samples: int, n_embedded: int) -> Checkpoint | None:
    """A checkpoint of these features; None where there is none that can be used.

    Args:
      path: The file.
      version: Of the features.
      n_samples: N.
      n_embedded: How many of them are embedded.
    """
    about = read_about(path, version)
    if about is None:
        return None
    shape = (about["parameters"]["n_components"], n_embedded)
    expected = 4 * (3 * shape[0] * shape[1] + n_samples) + MAX_META_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > expected:
                return None
        with np.load(path, allow_pickle=False) as arrays:
            positions, velocity, gains = (arrays[name] for name in ("positions", "velocity", "gains"))
            labels = arrays["labels"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    found = Checkpoint(about, positions, velocity, gains, labels)
    fits = all(array.shape == shape and array.dtype == np.float32 for array in found[1:4])
    finite = fits and all(bool(np.isfinite(array).all()) for array in found[1:4])
    return found if finite and labels.shape == (n_samples,) and labels.dtype == np.int32 else None
