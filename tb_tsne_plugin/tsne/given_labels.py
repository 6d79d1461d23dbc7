"""Labels as people have them in Python, as the small whole numbers that the kernels take."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import column_or_1d

from tb_tsne_plugin.tsne.parameters import UNLABELED

NO_LABEL = ("", "unlabeled", str(UNLABELED), "nan", "<na>", "nat")
"""Texts that say that there is no label: NumPy makes "-1" of a -1 among words, and "nan" of a NaN."""


def encode_labels(y: Any, n_samples: int) -> NDArray[np.int32]:
    """Labels of whatever kind as numbers.

    A label is missing where it is -1, NaN, None, `pandas.NA` or `NaT`, an empty text, or the word `unlabeled`.

    Args:
      y: (N,) labels: numbers or texts in a list, an array, a Series, or another library's tensor.
      n_samples: N.

    Returns:
      (N,) codes from 0 on, `UNLABELED` where there is no label.

    Raises:
      ValueError: If there are not N of them in one dimension, or one is no single value.
    """
    if isinstance(y, np.ma.MaskedArray):
        is_masked = np.ma.getmaskarray(y)
        y = np.array(np.ma.getdata(y), dtype=object)
        y[is_masked] = None
    # A list first becomes objects: NumPy would make the text "nan" of a NaN among words.
    labels = column_or_1d(np.array(y, dtype=object) if isinstance(y, (list, tuple)) else detached(y))
    if len(labels) != n_samples:
        raise ValueError(f"There are {n_samples} samples but {len(labels)} labels.")
    if labels.dtype.kind in "biu":
        return _numbered(labels, labels == UNLABELED)
    if labels.dtype.kind == "f":
        return _numbered(labels, np.isnan(labels) | (labels == UNLABELED))
    if labels.dtype.kind == "V":
        raise ValueError("Labels must be numbers or texts, one a sample, not records of several fields.")
    return _numbered_objects(labels)


def _numbered(labels: NDArray[Any], is_missing: NDArray[np.bool_]) -> NDArray[np.int32]:
    codes = np.unique(labels, return_inverse=True)[1].astype(np.int32)
    return np.where(is_missing, np.int32(UNLABELED), codes)


def _numbered_objects(labels: NDArray[Any]) -> NDArray[np.int32]:
    import pandas as pd

    codes: dict[Hashable, int] = {}
    found = np.full(len(labels), UNLABELED, dtype=np.int32)
    for row in np.flatnonzero(~pd.isna(labels)):
        label = labels[row]
        if isinstance(label, (bytes, str)):
            text = label.decode("utf-8", "backslashreplace") if isinstance(label, bytes) else label
            label = unicodedata.normalize("NFC", text.strip())
        if label is np.ma.masked or label == UNLABELED or (isinstance(label, str) and label.casefold() in NO_LABEL):
            continue
        if not isinstance(label, Hashable):
            raise ValueError(f"A label must be a number or a text, not {type(label).__name__} (row {row}).")
        found[row] = codes.setdefault(label, len(codes))
    return found


def detached(values: Any) -> Any:
    """A tensor of PyTorch without its history and on the processor, where NumPy can read it; all else as it is."""
    return values.detach().cpu() if hasattr(values, "detach") else values
