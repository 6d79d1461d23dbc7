"""Algorithm 1 against its literal transcription, action by action."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation import Annotation, Group, annotate, best_size, start, until_first_mistake
from tb_tsne_plugin.evaluation.annotator import Scene
from tb_tsne_plugin.tsne import UNLABELED, Embedding, Parameters, compute_affinities
from tests.evaluation import reference
from tests.evaluation.data import clustered


class Still(Embedding):
    """An embedding whose positions are given and stay: for ties, which a t-SNE does not make."""

    def __init__(self, positions: NDArray[np.float32]) -> None:
        parameters = Parameters(labeling_start=1)
        super().__init__(compute_affinities(np.eye(len(positions)), parameters.perplexity), positions, parameters)

    def step(self, n: int = 1) -> None:
        self.epoch += n


def process(embedding: Embedding) -> Callable[[list[int]], list[list[float]]]:
    """S of the listing: tells the engine the labels, makes an epoch, returns the positions."""
    embedding.step(embedding.parameters.labeling_start - 1 - embedding.epoch)

    def step(c: list[int]) -> list[list[float]]:
        new = np.flatnonzero(np.array(c) != embedding.labels)
        embedding.set_labels(new, np.array(c)[new])
        embedding.step()
        return [[float(value) for value in row] for row in embedding.positions_by_sample]

    return step


@pytest.mark.parametrize("n_components", [2, 3])
@pytest.mark.parametrize("f", [0.0, 0.1])
@pytest.mark.parametrize("seed", range(3))
def test_every_action_is_that_of_the_listing(n_components: int, f: float, seed: int) -> None:
    features, truth = clustered(70, seed)
    parameters = Parameters(
        n_components=n_components, label_importance=f, labeling_start=20, perplexity=8, learning_rate=10.0
    )
    expected, labels = reference.annotate(process(start(features, parameters)), truth.tolist(), 20)
    found = annotate(start(features, parameters), truth)
    assert found.actions == expected
    assert any(action.kind == "deselect" for action in found.actions)
    assert found.labels().tolist() == labels == truth.tolist()


@pytest.mark.parametrize("seed", range(10))
def test_ties_fall_as_in_the_listing(seed: int) -> None:
    random = np.random.default_rng(seed)
    positions = random.integers(0, 4, (40, 2 + seed % 2)).astype(np.float32)  # few distances, and equal points
    truth = random.integers(0, 3, 40)
    expected, _ = reference.annotate(lambda c: positions.tolist(), truth.tolist(), 1)
    assert annotate(Still(positions), truth).actions == expected


@pytest.fixture(scope="module")
def annotated() -> tuple[NDArray[np.int32], Annotation, Embedding]:
    features, truth = clustered(400, 5)
    embedding = start(features, Parameters(labeling_start=50))
    return truth, annotate(embedding, truth), embedding


def test_record_replays_to_the_labels_and_adds_up(
    annotated: tuple[NDArray[np.int32], Annotation, Embedding],
) -> None:
    truth, found, embedding = annotated
    assert (found.labels() == truth).all()
    assert (embedding.labels == truth).all()
    labels = np.full(len(truth), UNLABELED)
    for n, query in enumerate(found.queries):
        assert (labels[query.labeled] == UNLABELED).all(), "a label was overwritten"
        labels[query.labeled] = query.label
        assert (found.labels(n + 1) == labels).all()
        assert found.gained[n] == (labels != UNLABELED).sum()
        assert found.spent[n] == sum(len(list(done.actions())) for done in found.queries[: n + 1])
    assert found.spent[-1] == len(found.actions)
    assert [query.epoch for query in found.queries] == list(range(50, 50 + len(found.queries)))


def test_groups_are_worth_more_than_single_labels(
    annotated: tuple[NDArray[np.int32], Annotation, Embedding],
) -> None:
    truth, found, _ = annotated
    assert found.gained[-1] == len(truth)
    assert found.spent[-1] < 0.7 * len(truth)


def test_budgets_end_the_labelling_after_the_query_that_spends_them() -> None:
    features, truth = clustered(300, 6)
    parameters = Parameters(labeling_start=30)
    whole = annotate(start(features, parameters), truth)
    by_actions = annotate(start(features, parameters), truth, max_actions=20)
    n = len(by_actions.queries)
    assert by_actions.actions == whole.actions[: len(by_actions.actions)]
    assert by_actions.spent[-1] >= 20 > by_actions.spent[-2]
    by_epochs = annotate(start(features, parameters), truth, max_epochs=40)
    assert [query.epoch for query in by_epochs.queries] == list(range(30, 41))
    assert n < len(whole.queries)


def test_a_policy_of_ones_own_sees_no_truth_and_is_obeyed() -> None:
    features, truth = clustered(120, 7)
    seen: list[Scene] = []

    def last(scene: Scene) -> int:
        seen.append(Scene(scene.epoch, scene.Y.copy(), scene.labels.copy()))
        return int(np.flatnonzero(scene.labels == UNLABELED)[-1])

    found = annotate(start(features, Parameters(labeling_start=5)), truth, last, until_first_mistake)
    assert found.queries[0].focus == 119
    assert not any(len(query.deselected) for query in found.queries)
    for n, (scene, query) in enumerate(zip(seen, found.queries, strict=True)):
        assert scene.epoch == query.epoch
        assert (scene.labels == found.labels(n)).all()


@pytest.mark.parametrize(
    ("seen", "best", "careful"),
    [  # s: same class, x: another class, .: labelled already; nearest first
        ("", 0, 0),
        ("xs", 0, 0),
        ("s", 0, 1),  # two labels for two actions are no more than one for one
        ("ss", 2, 2),
        ("..ss.", 4, 4),
        ("ssxs", 2, 2),
        ("ssxsss", 6, 2),
        ("ssx...", 2, 2),
    ],
)
def test_sizes_of_a_group(seen: str, best: int, careful: int) -> None:
    unlabeled, same = (np.array([mark != "." for mark in seen], dtype=bool), np.array([mark == "s" for mark in seen]))
    group = Group(0, np.arange(1, len(seen) + 1), unlabeled, same.astype(bool))
    assert best_size(group) == best
    assert until_first_mistake(group) == careful


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_handful_of_samples_is_labelled(n: int) -> None:
    truth = np.arange(n) % 2
    found = annotate(start(np.eye(n, dtype=np.float32), Parameters(labeling_start=0)), truth)
    assert (found.labels() == truth).all()
