"""The closed-form classifier, against training it again without each sample."""

from __future__ import annotations

import numpy as np

from tb_tsne_plugin.guidance.components import Components
from tb_tsne_plugin.guidance.linear import LinearModel


def test_left_out_scores_are_those_of_a_model_trained_without_the_sample() -> None:
    random = np.random.default_rng(0)
    inputs, labels = random.standard_normal((40, 6)), random.integers(0, 3, 40)
    fitted = LinearModel(inputs, labels, 3, 0.1)
    weights = 1.0 / np.sqrt(np.bincount(labels))[labels]
    gram = (inputs * weights[:, None]).T @ (inputs * weights[:, None])
    penalty = 0.1 * np.trace(gram) / 6 + 1e-12
    left_out = fitted.left_out_scores()
    for row in range(40):
        rest = np.arange(40) != row
        x, y = inputs[rest] * weights[rest, None], (np.eye(3)[labels] - 1 / 3)[rest] * weights[rest, None]
        solved = np.linalg.solve(x.T @ x + penalty * np.eye(6), x.T @ y)
        np.testing.assert_allclose(left_out[row], inputs[row] @ solved, rtol=1e-6)


def test_components_of_further_samples_are_those_of_the_same_projection() -> None:
    features = np.random.default_rng(1).standard_normal((300, 40)).astype(np.float32) * 1e6
    components = Components(features, 8)
    both = components(features)
    assert both.shape == (300, 8)
    np.testing.assert_allclose((both**2).sum(axis=1).mean(), 1.0, rtol=1e-5)
    np.testing.assert_allclose(components(features[100:110]), both[100:110])


def test_identical_samples_have_finite_components() -> None:
    assert np.isfinite(Components(np.ones((10, 4), np.float32))(np.ones((10, 4), np.float32))).all()
