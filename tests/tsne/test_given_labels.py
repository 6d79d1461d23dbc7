"""Labels and parameters as Python code has them: lists with gaps, Series, tensors, numbers of other libraries."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.runs.class_names import clean_label
from tb_tsne_plugin.runs.format import UNLABELED
from tb_tsne_plugin.tsne import Parameters, SemiSupervisedTSNE
from tb_tsne_plugin.tsne.given_labels import NO_LABEL, encode_labels

GAPS = [True, False, False, True, False]
WORDS = ["cat", None, "unlabeled", "dog", " "]


class GradientTensor:
    """As a tensor of PyTorch that takes part in a gradient: only when it is detached can NumPy read it."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __array__(self, *_: Any, **__: Any) -> NDArray[Any]:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def detach(self) -> GradientTensor:
        return self

    def cpu(self) -> NDArray[Any]:
        return self.values


@pytest.mark.parametrize(
    "y",
    [
        WORDS,
        tuple(WORDS),
        ["cat", float("nan"), np.nan, "dog", None],
        ["cat", -1, -1, "dog", -1],
        np.array(["cat", -1, "UNLABELED", "dog", "unlabeled"]),
        np.array(["cat", np.nan, "nan", "dog", "<NA>"]),
        np.ma.array([3, 1, 1, 5, 1], mask=[False, True, True, False, True]),
        ["cat", np.ma.masked, None, "dog", np.ma.masked],
        np.array([b"cat", b"", b"unlabeled", b"dog", b""], dtype=object),
        pd.Series(WORDS),
        pd.Series(["cat", pd.NA, pd.NA, "dog", pd.NA], dtype="string"),
        pd.Series(["cat", None, None, "dog", None], dtype="category"),
        pd.Series([2, pd.NA, -1, 5, pd.NA], dtype="Int64"),
        pd.Series([1.0, None, -1.0, 0.0, None], index=[9, 7, 5, 3, 1]),
        [1, None, None, 0, None],
        np.array([1.5, np.nan, -1.0, 2.5, np.nan], dtype=np.float32),
        np.array([3, -1, -1, 0, -1], dtype=np.int8),
        np.array([[3], [-1], [-1], [0], [-1]]),
        GradientTensor(np.array([3, -1, -1, 0, -1])),
    ],
    ids=lambda y: type(y).__name__,
)
def test_gaps_are_no_class_in_whatever_labels_come(y: Any) -> None:
    codes = encode_labels(y, 5)
    assert (codes >= 0).tolist() == GAPS
    assert codes[0] != codes[3]


def test_equal_labels_are_one_class() -> None:
    codes = encode_labels(["a", "b", "a", 1, 1.0, np.int64(1), True and 2], 7)
    assert codes[0] == codes[2] != codes[1]
    assert codes[3] == codes[4] == codes[5] != codes[6]


def test_a_word_in_two_spellings_is_one_class_as_in_a_run() -> None:
    codes = encode_labels(["m\u00fcde", "mu\u0308de", " m\u00fcde ", "mude"], 4)
    assert codes[0] == codes[1] == codes[2] != codes[3]


def test_the_same_features_in_another_form_are_laid_out_the_same() -> None:
    features = np.random.default_rng(0).normal(size=(40, 5))
    model = SemiSupervisedTSNE(n_components=2, n_epochs=60, random_state=0)
    first = model.fit_transform(features)
    assert np.array_equal(first, model.fit_transform(features.tolist()))
    assert np.array_equal(first, model.fit_transform(pd.DataFrame(features, dtype=object)))


def test_no_label_is_the_same_word_as_in_files() -> None:
    assert UNLABELED in NO_LABEL
    assert all(clean_label(word) is None for word in ("", "unlabeled"))


@pytest.mark.parametrize(
    ("y", "sentence"),
    [
        ([1, 2], "There are 3 samples but 2 labels"),
        ([["a", "b"], ["c", "d"], ["e", "f"]], "1d array"),
        (np.zeros(3, dtype=[("a", int), ("b", int)]), "not records of several fields"),
        ([{"a"}, "b", "c"], "A label must be a number or a text, not set"),
    ],
)
def test_what_is_no_label_is_refused_in_a_sentence(y: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        encode_labels(y, 3)


def test_the_estimator_takes_gaps_as_it_takes_minus_one() -> None:
    features = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    y = np.where(np.arange(60) < 40, np.arange(60) % 3, -1)

    def fitted(X: Any, labels: Any) -> NDArray[np.float32]:
        model = SemiSupervisedTSNE(n_components=2, n_epochs=250, label_importance=1.0, random_state=0)
        return model.fit_transform(X, labels)

    truth = fitted(features, y)
    assert not np.array_equal(truth, fitted(features, None))
    assert np.array_equal(truth, fitted(features, np.where(y < 0, np.nan, y)))
    assert np.array_equal(truth, fitted(GradientTensor(features), pd.Series([None if k < 0 else "abc"[k] for k in y])))


@pytest.mark.parametrize(
    "number", [np.int64(2), np.float32(2.0), np.array(2), pd.Series([2])[0], 2.0, Decimal(2), Fraction(2)]
)
def test_parameters_take_numbers_of_other_libraries(number: Any) -> None:
    parameters = Parameters(n_components=number, perplexity=number)
    assert (parameters.n_components, parameters.perplexity) == (2, 2.0)
    assert type(parameters.n_components) is int
    assert type(parameters.perplexity) is float


@pytest.mark.parametrize("value", [np.array([2, 3]), np.bool_(True), np.array("2"), None, GradientTensor(np.array(2))])
def test_what_is_no_number_is_refused_in_a_sentence(value: Any) -> None:
    with pytest.raises(ValueError, match="perplexity must be a number from 1 to 1000"):
        Parameters(perplexity=value)
