"""Where the training of a stage stands, in a file: it goes on from there after an interruption."""

from __future__ import annotations

import json
import tempfile
import zipfile
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.features.training import Epoch, History
from tb_tsne_plugin.runs.folder import Folder


class Checkpoint:
    """The state of one stage's training in a file that is there whole or not at all.

    Args:
        folder: Where the file is; None keeps nothing.
        name: Its name.
    """

    def __init__(self, folder: Folder | None, name: str = ""):
        self._folder = folder
        self._name = name

    def load(self) -> tuple[History, list[npt.NDArray[Any]]] | None:
        """The epochs so far and the arrays that go with them, or None where nothing was kept.

        Raises:
            ExportError: If the file is no checkpoint.
            OSError: If it cannot be read.
        """
        if self._folder is None or self._folder.kind(self._name) is None:
            return None
        with self._folder.open(self._name) as file:
            try:
                _check_stored(file)
                with np.load(file, allow_pickle=False) as kept:
                    history = [Epoch(*map(float, epoch)) for epoch in json.loads(str(kept["history"]))]
                    return history, [kept[f"{number:05d}"] for number in range(len(kept.files) - 1)]
            except Exception as error:  # zipfile, numpy and json raise nearly anything on what is none of ours.
                raise self.damaged() from error

    def save(self, history: History, state: list[npt.NDArray[Any]]) -> None:
        """Replaces what was kept."""
        if self._folder is None:
            return
        arrays: dict[str, Any] = {f"{number:05d}": array for number, array in enumerate(state)}
        with self._folder.replacing(self._name) as file:
            np.savez(file, **arrays, history=np.array(json.dumps(history)))

    def beside(self, suffix: str) -> BinaryIO:
        """A file for what can be computed again, open for reading and writing: the same one after an interruption."""
        if self._folder is None:
            return cast(BinaryIO, tempfile.TemporaryFile())
        return self._folder.update(f"{self._name}.{suffix}")

    def damaged(self) -> ExportError:
        """The error that says that training cannot go on with what is kept."""
        return ExportError(f"{self._name} is no state of this training: start over without --resume.")


def _check_stored(file: BinaryIO) -> None:
    """Refuses what takes more memory than it has bytes in the file, which `save` never makes."""
    with zipfile.ZipFile(file) as kept:
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in kept.infolist()):
            raise ValueError("it is compressed")
    file.seek(0)
