"""Keras as this machine runs it: imported late and quietly, in mixed precision and on several devices where it can."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from exporters.errors import ExportError

EXTRA = "pip install 'tb-tsne[export]'"
AUTO, FULL, MIXED = "auto", "float32", "mixed"
PRECISIONS = (AUTO, FULL, MIXED)
CPU_BATCH, ACCELERATOR_BATCH = 32, 256


def load_keras() -> Any:
    """Keras, imported at the first call and without the chatter of TensorFlow's libraries.

    Raises:
        ExportError: If it, or the library that it computes with, is not installed.
    """
    if "keras" in sys.modules:
        return sys.modules["keras"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with quiet():
            return importlib.import_module("keras")
    except ImportError as error:
        raise ExportError(f"Network features need Keras and TensorFlow ({error}): {EXTRA}.") from error


def accelerators() -> list[str]:
    """The GPUs or TPUs that Keras' backend can use, as it calls them."""
    keras = load_keras()
    backend = keras.backend.backend()
    if backend == "torch":
        torch = importlib.import_module("torch")
        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    with quiet():
        found = [name for kind in ("gpu", "tpu") for name in _listed(keras, kind)]
    return found


def inference_batch() -> int:
    """Pictures that one device computes features of at once."""
    return ACCELERATOR_BATCH if accelerators() else CPU_BATCH


def precision_policy(precision: str) -> str:
    """Keras' name for a precision: `float32`, `mixed_bfloat16` or `mixed_float16`.

    Args:
        precision: `float32`, `mixed`, or `auto`, which is mixed where the device computes it faster.
    """
    if precision == FULL:
        return FULL
    best = _half_of_device()
    if precision == MIXED:
        return best or "mixed_bfloat16"
    return best or FULL


@contextmanager
def compute_scope(precision: str, devices: Sequence[str] | None = None) -> Iterator[None]:
    """In which networks are built and run: in the given precision, data-parallel over the devices.

    The parallel strategy is Keras' or TensorFlow's own. With one device, or none, there is none.

    Args:
        precision: `auto`, `float32` or `mixed`.
        devices: Names of devices to share batches among; None takes all accelerators.
    """
    keras = load_keras()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision_policy(precision))
    try:
        with _data_parallel(keras, accelerators() if devices is None else devices):
            yield
    finally:
        keras.config.set_dtype_policy(before)


@contextmanager
def _data_parallel(keras: Any, devices: Sequence[str]) -> Iterator[None]:
    backend = keras.backend.backend()
    if len(devices) < 2 or backend not in ("tensorflow", "jax"):
        yield
    elif backend == "tensorflow":
        tensorflow = importlib.import_module("tensorflow")
        with quiet():
            strategy = tensorflow.distribute.MirroredStrategy([name.replace("gpu:", "GPU:") for name in devices])
        with strategy.scope():
            yield
    else:
        before = keras.distribution.distribution()
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=list(devices)))
        try:
            yield
        finally:
            keras.distribution.set_distribution(before)


def _listed(keras: Any, kind: str) -> list[str]:
    try:
        return list(keras.distribution.list_devices(kind))
    except (RuntimeError, ValueError, NotImplementedError):  # A backend without devices of this kind.
        return []


def _half_of_device() -> str | None:
    """The mixed policy that the first accelerator has units for."""
    found = accelerators()
    if not found:
        return None
    backend = load_keras().backend.backend()
    if "tpu" in found[0]:
        return "mixed_bfloat16"
    capability: tuple[int, ...] = (0, 0)
    if backend == "torch":
        capability = importlib.import_module("torch").cuda.get_device_capability(0)
    elif backend == "tensorflow":
        tensorflow = importlib.import_module("tensorflow")
        details = tensorflow.config.experimental.get_device_details(tensorflow.config.list_physical_devices("GPU")[0])
        capability = details.get("compute_capability", (0, 0))
    else:
        text = str(getattr(importlib.import_module("jax").devices()[0], "compute_capability", "0.0"))
        capability = tuple(int(part) for part in text.split("."))
    half = half_of(capability)
    return None if half is None else f"mixed_{half}"


def half_of(capability: tuple[int, ...]) -> str | None:
    """The half precision that an NVIDIA GPU has units for: bfloat16 from Ampere on, float16 from Volta on."""
    if capability >= (8, 0):
        return "bfloat16"
    return "float16" if capability >= (7, 0) else None


@contextmanager
def quiet() -> Iterator[None]:
    """Holds back warnings, and what C++ libraries write straight to the process' standard error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            sys.stderr.flush()
            kept = os.dup(2)
        except OSError:  # No standard error to hold back.
            yield
            return
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(sink)
