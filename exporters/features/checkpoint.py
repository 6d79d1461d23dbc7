"""Where the training of a stage stands, in a file: it goes on from there after an interruption."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.features.training import Epoch, History
from tb_tsne_plugin.runs.folder import replace_file


class Checkpoint:
    """The state of one stage's training in a file that is there whole or not at all.

    Args:
        path: The file; None keeps nothing.
    """

    def __init__(self, path: Path | None):
        self._path = path

    def load(self) -> tuple[History, list[npt.NDArray[Any]]] | None:
        """The epochs so far and the arrays that go with them, or None where nothing was kept."""
        if self._path is None or not self._path.exists():
            return None
        with np.load(self._path, allow_pickle=False) as kept:
            history = [Epoch(*epoch) for epoch in json.loads(str(kept["history"]))]
            return history, [kept[f"{number:05d}"] for number in range(len(kept.files) - 1)]

    def save(self, history: History, state: list[npt.NDArray[Any]]) -> None:
        """Replaces what was kept."""
        if self._path is None:
            return
        file = io.BytesIO()
        arrays: dict[str, Any] = {f"{number:05d}": array for number, array in enumerate(state)}
        np.savez(file, **arrays, history=np.array(json.dumps(history)))
        replace_file(self._path, file.getvalue())
