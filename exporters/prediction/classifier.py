"""A classifier's folder, opened: from rows of features to probabilities. Both of its files may come from anybody."""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.features.backbones.sentences import first_sentence
from exporters.features.devices import quiet
from exporters.prediction.description import Description, parse_description
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import (
    CLASSIFIER_INPUT,
    CLASSIFIER_MODEL_NAME,
    CLASSIFIER_NAME,
    CLASSIFIER_OUTPUT,
)

MOST_DISTANCES = 1 << 23
"""Distances held at once: from some pictures to the samples of the run."""
MAX_DESCRIPTION_BYTES = 1 << 26
MAX_MODEL_BYTES = 1 << 31
_SINGLE = "tensor(float)"


class Classifier:
    """A classifier that was saved by `tb-tsne labels classifier`.

    Args:
        path: Its folder.

    Attributes:
        path: Its folder.
        description: What its classifier.json says.

    Raises:
        ExportError: In one sentence, if it is none.
    """

    def __init__(self, path: Path):
        self._open(path, *_contents(path))

    def __reduce__(self) -> tuple[Any, ...]:
        """With its files: where it is sent to there may be none."""
        return _of_contents, (self.path, *_contents(self.path))

    def _open(self, path: Path, description: bytes, model: bytes) -> None:
        self.path = path
        self.description: Description = parse_description(description)
        if hashlib.sha256(model).hexdigest() != self.description.model_sha256:
            raise ExportError(
                f"{path / CLASSIFIER_MODEL_NAME} is not the one that {CLASSIFIER_NAME} beside it describes: save the "
                "classifier again with tb-tsne labels classifier."
            )
        self._session = _session(model, self._is_wrong)
        takes, gives = self._session.get_inputs(), self._session.get_outputs()
        found = [(each.name, each.type, each.shape[1:]) for each in (*takes, *gives)]
        width, classes = self.description.width, len(self.description.classes)
        if found != [(CLASSIFIER_INPUT, _SINGLE, [width]), (CLASSIFIER_OUTPUT, _SINGLE, [classes])]:
            raise self._is_wrong(f"it does not turn {width:,} features into {classes:,} probabilities")
        self._most_rows = max(1, MOST_DISTANCES // self.description.samples)

    def probabilities(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The probability of each class.

        Args:
            features: (n, width).

        Returns:
            (n, C).

        Raises:
            ExportError: If the model cannot compute them.
        """
        parts = [np.zeros((0, len(self.description.classes)), np.float32)]
        for start in range(0, len(features), self._most_rows):
            rows = np.ascontiguousarray(features[start : start + self._most_rows], np.float32)
            try:
                (found,) = self._session.run([CLASSIFIER_OUTPUT], {CLASSIFIER_INPUT: rows})
            except Exception as error:  # onnxruntime has a class for each of its codes.
                raise self._is_wrong(first_sentence(error)[:-1]) from error
            if found.shape != (len(rows), len(self.description.classes)):
                raise self._is_wrong(f"it returns an array of shape {found.shape}")
            parts.append(found)
        return np.concatenate(parts)

    def _is_wrong(self, why: str) -> ExportError:
        return ExportError(f"{self.path / CLASSIFIER_MODEL_NAME} is no model of a classifier ({why}).")


def _of_contents(path: Path, description: bytes, model: bytes) -> Classifier:
    made = Classifier.__new__(Classifier)
    made._open(path, description, model)
    return made


def _contents(path: Path) -> tuple[bytes, bytes]:
    folder = Folder(path)
    description = _content(folder, CLASSIFIER_NAME, MAX_DESCRIPTION_BYTES)
    return description, _content(folder, CLASSIFIER_MODEL_NAME, MAX_MODEL_BYTES)


def _content(folder: Folder, name: str, most: int) -> bytes:
    try:
        with folder.open(name) as file:
            content = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ExportError(
            f"{folder.path} is no classifier: it has no {name} (tb-tsne labels classifier RUN --out DIR makes one)."
        ) from error
    except OSError as error:
        raise ExportError(f"{folder.path / name} cannot be read: {error.strerror}.") from error
    if len(content) > most:
        raise ExportError(f"{folder.path / name} is over the limit of {most // 2**20:,} MiB.")
    return content


def _session(model: bytes, is_wrong: Any) -> Any:
    try:
        with quiet():
            onnxruntime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise ExportError(
            f"tb-tsne predict needs onnxruntime ({first_sentence(error)[:-1]}): pip install 'tb-tsne[onnx]'."
        ) from error
    try:
        with quiet():
            return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class for each of its codes.
        raise is_wrong(first_sentence(error)[:-1]) from error
