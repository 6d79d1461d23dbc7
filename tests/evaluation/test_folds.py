"""Folds cover everything once, class by class."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.evaluation import stratified_folds


def test_every_sample_is_validated_once_and_classes_are_spread_evenly() -> None:
    labels = np.repeat([0, 1, 2], [50, 23, 11])
    folds = stratified_folds(labels, seed=3)
    assert sorted(np.concatenate([fold.validation for fold in folds])) == list(range(84))
    for fold in folds:
        assert sorted([*fold.train, *fold.validation]) == list(range(84))
        counts = np.bincount(labels[fold.validation])
        assert (abs(counts - np.array([50, 23, 11]) / 5) < 1).all()


def test_the_seed_alone_says_which() -> None:
    labels = np.arange(100) % 4
    first, again, other = (stratified_folds(labels, seed=seed) for seed in (1, 1, 2))
    assert all((a.validation == b.validation).all() for a, b in zip(first, again, strict=True))
    assert any((a.validation != b.validation).any() for a, b in zip(first, other, strict=True))


def test_a_class_too_small_is_named_in_numbers() -> None:
    with pytest.raises(ValueError, match="only 4 samples, too few for 5 folds"):
        stratified_folds(np.array([0] * 20 + [1] * 4))
