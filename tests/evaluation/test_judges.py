"""The judges: what they share, and that the linear one is at the minimum."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.judges import JUDGE_TITLES, JUDGES
from tb_tsne_plugin.evaluation.linear_judge import LinearJudge
from tests.evaluation.data import clustered

INPUTS, LABELS = clustered(80, 3, classes=4, width=6)
N_CLASSES = 5
"""One more than there are labels of."""


def loss(judge: LinearJudge, nudge: NDArray[np.float64] | float = 0.0) -> float:
    """Summed cross entropy, and half the squared length of the weights, which are moved a little."""
    model = judge._model
    weights = model.coef_ + nudge
    logits = INPUTS @ weights.T + model.intercept_
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_probabilities[np.arange(len(LABELS)), LABELS].sum() + 0.5 * (weights**2).sum())


def test_no_weights_are_better() -> None:
    judge = LinearJudge(N_CLASSES)
    judge.train(INPUTS, LABELS)
    random = np.random.default_rng(0)
    for _ in range(30):
        direction = random.standard_normal(judge._model.coef_.shape)
        assert loss(judge, 0.01 * direction) > loss(judge)


def test_order_and_what_was_learnt_before_make_no_difference() -> None:
    first, second = LinearJudge(N_CLASSES), LinearJudge(N_CLASSES)
    first.train(INPUTS, LABELS)
    second.train(INPUTS[:7], LABELS[:7])
    second.train(INPUTS[::-1], LABELS[::-1])
    assert (first.trainings, second.trainings) == (1, 2)
    np.testing.assert_allclose(first.probabilities(INPUTS), second.probabilities(INPUTS), atol=1e-3)


def test_classes_without_a_label_are_never_predicted() -> None:
    judge = LinearJudge(N_CLASSES)
    two = np.isin(LABELS, (1, 3))
    judge.train(INPUTS[two], LABELS[two])
    found = judge.probabilities(INPUTS[two])
    assert (found[:, [0, 2, 4]] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == LABELS[two]).mean() > 0.9
    assert judge.accuracy(INPUTS[two], LABELS[two]) == (found.argmax(axis=1) == LABELS[two]).mean()
    one = LABELS == 2
    judge.train(INPUTS[one], LABELS[one])
    assert (judge.probabilities(INPUTS) == np.eye(N_CLASSES)[2]).all()


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", sorted(JUDGES))
def test_every_judge_has_one_aside(name: str) -> None:
    assert name in JUDGE_TITLES
    judge = JUDGES[name](INPUTS.shape[1], N_CLASSES, 3)
    judge.train(INPUTS, LABELS)
    before = judge.probabilities(INPUTS)
    other = judge.fresh(4)
    assert other.trainings == 0
    other.train(INPUTS[:9], LABELS[:9])
    assert (judge.probabilities(INPUTS) == before).all()
    assert (other.probabilities(INPUTS) != before).any()
    assert (judge.trainings, other.trainings) == (1, 1)


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", sorted(JUDGES))
def test_logits_are_linear_in_the_embedding(name: str) -> None:
    judge = JUDGES[name](INPUTS.shape[1], 4, 3)
    judge.train(INPUTS, LABELS)
    embedding = np.column_stack([judge.embedding(INPUTS), np.ones(len(INPUTS))])
    logits = judge.logits(INPUTS)
    weights = np.linalg.lstsq(embedding, logits, rcond=None)[0]
    np.testing.assert_allclose(embedding @ weights, logits, atol=1e-4)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(judge.probabilities(INPUTS), shifted / shifted.sum(axis=1, keepdims=True), atol=1e-6)
