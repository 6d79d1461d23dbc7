"""Suggested labels: right where they say so, and sure only as often as they are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.suggestions import DEFAULT_TEMPERATURE, Suggester
from tests.guidance.conftest import World


def calibration_error(confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_], bins: int = 15) -> float:
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    parts = [(place == b) for b in range(bins) if (place == b).any()]
    return float(sum(part.mean() * abs(confidence[part].mean() - right[part].mean()) for part in parts))


def labeled_at_random(world: World, share: float, seed: int = 0) -> NDArray[np.int64]:
    labels = world.unlabeled
    rows = np.random.default_rng(seed).permutation(len(labels))[: round(share * len(labels))]
    labels[rows] = world.true_labels[rows]
    return labels


def test_suggestions_are_right_and_calibrated(world: World) -> None:
    labels = labeled_at_random(world, 0.2)
    found = Suggester(world.guide.inputs, world.guide.graph).suggest(labels)
    hidden = labels < 0
    right = found.labels[hidden] == world.true_labels[hidden]
    assert right.mean() > 0.9
    assert calibration_error(found.confidence[hidden], right) < 0.05


def test_class_numbers_may_have_gaps(world: World) -> None:
    labels = labeled_at_random(world, 0.2)
    apart = np.where(labels >= 0, 10 * labels + 7, -1)
    plain, spaced = world.guide.suggest(labels), world.guide.suggest(apart)
    assert set(spaced.classes) <= {7, 17, 27, 37, 47, 57}
    np.testing.assert_array_equal(spaced.labels, 10 * plain.labels + 7)


def test_without_labels_nothing_is_suggested(world: World) -> None:
    found = world.guide.suggest(world.unlabeled)
    assert (found.labels == -1).all()
    assert (found.confidence == 0).all()


def test_one_class_is_sure_only_where_its_labels_reach(world: World) -> None:
    labels = world.unlabeled
    labels[:5] = 0
    found = world.guide.suggest(labels)
    assert found.confidence[:150].mean() > 2 * found.confidence[150:].mean()


def test_labels_given_in_batches_do_not_vouch_for_each_other(world: World) -> None:
    """Whole neighbourhoods, labelled at once: left out one by one, they would predict each other and seem too sure."""
    labels, batches = world.unlabeled, world.unlabeled
    random = np.random.default_rng(1)
    for batch, focus in enumerate(random.permutation(500)[:20]):
        near = np.argsort(((world.Y - world.Y[:, focus, None]) ** 2).sum(axis=0))[:8]
        labels[near], batches[near] = world.true_labels[focus], batch
    hidden = labels < 0
    errors = []
    for known in (None, batches):
        suggester = Suggester(world.guide.inputs, world.guide.graph)
        suggester.calibrate(labels, known)
        found = suggester.suggest(labels)
        errors.append(calibration_error(found.confidence[hidden], found.labels[hidden] == world.true_labels[hidden]))
    assert errors[1] < errors[0]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_labels_leave_the_temperature_alone(world: World, count: int) -> None:
    suggester = Suggester(world.guide.inputs, world.guide.graph)
    labels = world.unlabeled
    labels[:count] = np.arange(count)
    suggester.calibrate(labels)
    assert suggester.temperature == DEFAULT_TEMPERATURE


def test_the_second_guess_is_another_class(world: World) -> None:
    labels = labeled_at_random(world, 0.2)
    found = world.guide.suggest(labels)
    wrong = (found.labels != world.true_labels) & (labels < 0)
    assert (found.second != found.labels).all()
    assert (found.second == world.true_labels)[wrong].mean() > 0.5
    labels = np.where(world.true_labels == 2, labels, -1)
    assert set(world.guide.suggest(labels).second) == {-1}


def test_what_is_set_aside_gets_no_suggestion(world: World) -> None:
    aside = np.arange(500) % 4 == 1
    found = world.guide.suggest(labeled_at_random(world, 0.2)).without(aside)
    assert set(found.labels[aside]) == set(found.second[aside]) == {-1}
    assert (found.confidence[aside] == 0).all()
    assert (found.labels[~aside] >= 0).all()
