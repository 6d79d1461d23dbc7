"""Runs a Keras model over pictures, as fast as the machine can."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.features.devices import accelerators, inference_batch, load_keras
from exporters.images.renditions import Bytes

# A graph of TensorFlow holds 2 GiB, and copies of its constants are made while it is optimized.
_LARGEST_FOLDED = 2**30


class Extractor:
    """Runs a Keras model over pictures, in batches of one size.

    Args:
        model: From (n, side, side, 3) uint8 RGB to (n, width). Its weights are taken as they are now.
    """

    def __init__(self, model: Any):
        self._model = model
        self._batch = inference_batch()
        self._is_parallel = getattr(getattr(model, "distribute_strategy", None), "num_replicas_in_sync", 1) > 1
        self._compute: Callable[[Bytes], Any] = _folded(model) if _can_fold(model) else model.predict_on_batch

    def features(self, pictures: Bytes) -> npt.NDArray[np.float32]:
        """The features of any number of pictures.

        Args:
            pictures: (n, side, side, 3) uint8 RGB, n > 0.

        Returns:
            (n, width) float32.

        Raises:
            ExportError: If there is too little memory for a single picture.
        """
        if self._is_parallel:
            return np.asarray(self._model.predict(pictures, batch_size=self._batch, verbose=0), np.float32)
        parts: list[npt.NDArray[np.float32]] = []
        done = 0
        while done < len(pictures):
            batch = pictures[done : done + self._batch]
            try:
                parts.append(self._run(batch))
            except Exception as error:  # Each of Keras' backends has a class of its own.
                if not _is_out_of_memory(error):
                    raise
                if self._batch == 1:
                    raise ExportError("The network needs more memory than there is.") from error
                self._batch //= 2
                continue
            done += len(batch)
        return np.concatenate(parts)

    def _run(self, pictures: Bytes) -> npt.NDArray[np.float32]:
        """Smaller batches are filled up, so that the graph is traced once."""
        missing = self._batch - len(pictures)
        batch = np.concatenate([pictures, np.repeat(pictures[-1:], missing, axis=0)]) if missing else pictures
        return np.asarray(self._compute(batch), np.float32)[: len(pictures)]


def _can_fold(model: Any) -> bool:
    is_on_processor = load_keras().backend.backend() == "tensorflow" and not accelerators()
    return is_on_processor and 4 * model.count_params() <= _LARGEST_FOLDED


def _folded(model: Any) -> Callable[[Bytes], Any]:
    """The model with its weights as constants of TensorFlow's graph.

    TensorFlow then folds each batch normalisation into the convolution before it, and joins what follows. Features
    differ in the last digits of float32 only.
    """
    tensorflow = importlib.import_module("tensorflow")
    weights = [
        [np.asarray(each) for each in part] for part in (model.trainable_variables, model.non_trainable_variables)
    ]

    def compute(pictures: Any) -> Any:
        constants = [[tensorflow.constant(each) for each in part] for part in weights]
        rows, _ = model.stateless_call(*constants, pictures, training=False)
        return rows

    folded: Callable[[Bytes], Any] = tensorflow.function(
        compute, input_signature=[tensorflow.TensorSpec((None, *model.input_shape[1:]), "uint8")]
    )
    return folded


def _is_out_of_memory(error: Exception) -> bool:
    is_named = type(error).__name__ in ("ResourceExhaustedError", "OutOfMemoryError")  # TensorFlow's, PyTorch's
    return is_named or "RESOURCE_EXHAUSTED" in str(error)  # JAX's
