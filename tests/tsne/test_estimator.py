"""The scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.utils.estimator_checks import parametrize_with_checks

from tb_tsne_plugin.tsne import SemiSupervisedTSNE
from tb_tsne_plugin.tsne.parameters import Method
from tests.builders import blobs
from tests.tsne.test_embedding import agreement

pytestmark = pytest.mark.slow


@parametrize_with_checks([SemiSupervisedTSNE(n_epochs=30, perplexity=5)])  # type: ignore[untyped-decorator]  # scikit-learn has no types
def test_it_is_an_estimator(estimator: object, check: Callable[[object], None]) -> None:
    check(estimator)


@pytest.mark.parametrize("n_components", [1, 2, 3])
@pytest.mark.parametrize("method", ["exact", "barnes_hut"])
def test_groups_come_apart(n_components: int, method: Method) -> None:
    features, group = blobs(150)
    found = SemiSupervisedTSNE(n_components, n_epochs=400, method=method, random_state=0).fit(features)
    assert found.embedding_.shape == (150, n_components)
    assert found.embedding_.dtype == np.float32
    assert agreement(found.embedding_, group) > 0.98
    assert 0.0 < found.kl_divergence_ < 2.0
    assert found.n_iter_ == 400
    assert found.affinities_.sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("y", [None, np.full(150, -1)])
def test_the_seed_decides_and_threads_do_not(y: NDArray[np.int64] | None) -> None:
    features, _ = blobs(150)
    runs = [
        SemiSupervisedTSNE(n_epochs=60, random_state=7, n_jobs=jobs, init="random").fit_transform(features, y)
        for jobs in (1, 2, None)
    ]
    assert np.array_equal(runs[0], runs[1])
    assert np.array_equal(runs[0], runs[2])
    other = SemiSupervisedTSNE(n_epochs=60, random_state=8, init="random").fit_transform(features, y)
    assert not np.array_equal(runs[0], other)


def test_labels_shape_the_embedding_and_minus_one_is_none() -> None:
    features, _ = blobs(150)
    half = np.where(np.arange(150) < 60, (np.arange(150) // 3) % 2, -1)
    plain, labeled, named = (
        SemiSupervisedTSNE(n_epochs=300, random_state=0, label_importance=1.0).fit_transform(features, y)
        for y in (None, half, np.where(half < 0, -1, half + 10))
    )
    assert not np.array_equal(plain, labeled)
    assert np.array_equal(labeled, named)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"method": "fft"}, "method must be one of auto, exact, barnes_hut, not 'fft'"),
        ({"init": "spectral"}, 'init must be "pca", "random" or an array, not \'spectral\''),
        ({"init": np.zeros((3, 3))}, "init must have the shape 150 x 3, not 3 x 3"),
        ({"n_components": 4}, "n_components must be a whole number from 2 to 3, not 4"),
    ],
)
def test_parameters_out_of_range_are_refused_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        SemiSupervisedTSNE(**changes).fit(blobs(150)[0])


@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_newcomers_are_placed_among_their_own_and_move_nobody(n_components: int) -> None:
    features, group = blobs(200)
    tsne = SemiSupervisedTSNE(n_components, n_epochs=400, random_state=0).fit(features[:150])
    before = tsne.embedding_.copy()
    placed = tsne.transform(features[150:])
    assert placed.shape == (50, n_components)
    assert np.array_equal(tsne.embedding_, before)
    assert agreement(np.concatenate([before, placed]), group) > 0.98
    assert np.array_equal(placed[7:9], tsne.transform(features[157:159])), "each is placed by itself"
    assert np.array_equal(tsne.transform(features[:150]), before), "a sample that was fitted is where it was"
