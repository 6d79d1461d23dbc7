"""Algorithm 1: an emulated annotator labels the running t-SNE, group by group (docs/algorithm.md, section 6).

What the annotator does with a group is the same for every policy; a policy says where to look (`ChooseFocus`) and how
many neighbours to take (`SizeGroup`). The paper's annotator knows the truth for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.record import Annotation, Query
from tb_tsne_plugin.tsne import UNLABELED, Embedding, Parameters, compute_affinities, initial_positions
from tb_tsne_plugin.tsne.focus import FOCUS_THETA, focus_counts, grow


class Scene(NamedTuple):
    """What can be seen between two epochs."""

    epoch: int  # gradient steps made
    Y: NDArray[np.float32]  # (d, N) positions, the embedding's own array: not to be written, nor kept
    labels: NDArray[np.int32]  # (N,) labels given so far; at least one is missing


class Group(NamedTuple):
    """All other samples round a focus, nearest first, and what a person sees in each."""

    focus: int
    neighbors: NDArray[np.int64]  # (N - 1,) rows
    unlabeled: NDArray[np.bool_]  # (N - 1,) whether a neighbour has no label yet
    same_class: NDArray[np.bool_]  # (N - 1,) whether it is truly of the focus' class


ChooseFocus = Callable[[Scene], int]
"""The row of the sample to look at, one that has no label."""
SizeGroup = Callable[[Group], int]
"""k, from 0 (the focus alone) to N - 1."""


class MostLabels:
    """Algorithm 1's focus: the most unlabelled members of its own class in its focus kernel; lowest row on ties."""

    def __init__(self, true_labels: NDArray[np.integer], theta: float = FOCUS_THETA) -> None:
        """Remembers the truth.

        Args:
          true_labels: (N,) classes from 0 on.
          theta: theta_K of the focus kernel.
        """
        self._true_labels = np.asarray(true_labels, dtype=np.int32)
        self._theta = theta

    def __call__(self, scene: Scene) -> int:
        """The row of the best unlabelled focus."""
        counts = focus_counts(scene.Y, grow(scene.Y), scene.labels, self._true_labels, self._theta)
        return int(np.where(scene.labels == UNLABELED, counts, -1).argmax())


def best_size(group: Group) -> int:
    """Algorithm 1's k: the most labels an action, each neighbour of another class costing one; the smallest on ties."""
    labels = 1 + np.cumsum(group.unlabeled & group.same_class)
    actions = 2 + np.cumsum(group.unlabeled & ~group.same_class)
    efficiency = labels / actions
    k = int(efficiency.argmax()) if len(efficiency) else 0
    return k + 1 if len(efficiency) and efficiency[k] > 1.0 else 0


def until_first_mistake(group: Group) -> int:
    """A person's k: the slider goes up until the first neighbour that does not belong; 0 if nothing would be gained."""
    wrong = np.flatnonzero(group.unlabeled & ~group.same_class)
    k = int(wrong[0]) if len(wrong) else len(group.neighbors)
    gains = np.flatnonzero((group.unlabeled & group.same_class)[:k])
    return int(gains[-1]) + 1 if len(gains) else 0


def start(features: NDArray[np.floating], parameters: Parameters) -> Embedding:
    """The t-SNE of some features at epoch 0.

    Args:
      features: (N, D), N >= 1.
      parameters: How to embed.

    Returns:
      The embedding, not yet stepped.
    """
    affinities = compute_affinities(features, parameters.perplexity, parameters.metric)
    first = initial_positions(features, parameters.n_components, parameters.random_state)
    return Embedding(affinities, first, parameters)


def queries(
    embedding: Embedding,
    true_labels: NDArray[np.integer],
    choose_focus: ChooseFocus | None = None,
    size_group: SizeGroup = best_size,
) -> Iterator[Query]:
    """Labels the embedding, one query an epoch, from `labeling_start` on until nothing is left to label.

    Args:
      embedding: Where to label; it is stepped on, and holds the labels given so far whenever a query is yielded.
      true_labels: (N,) classes from 0 on: what the annotator sees in a sample.
      choose_focus: Where to look; None for Algorithm 1's `MostLabels`.
      size_group: How many neighbours to take.

    Yields:
      What was labelled, after it was.
    """
    truth = np.asarray(true_labels, dtype=np.int32)
    choose_focus = choose_focus or MostLabels(truth)
    embedding.step(max(embedding.parameters.labeling_start - embedding.epoch - 1, 0))
    labels = embedding.labels
    while (labels == UNLABELED).any():
        embedding.step()
        focus = choose_focus(Scene(embedding.epoch, embedding.positions, labels))
        query = _take(neighborhood(focus, embedding.positions, labels, truth), size_group, embedding.epoch, truth)
        labels[query.labeled] = query.label
        embedding.set_labels(query.labeled, labels[query.labeled])
        yield query


def annotate(
    embedding: Embedding,
    true_labels: NDArray[np.integer],
    choose_focus: ChooseFocus | None = None,
    size_group: SizeGroup = best_size,
    *,
    max_actions: int | None = None,
    max_epochs: int | None = None,
) -> Annotation:
    """Runs Algorithm 1 until everything is labelled or a budget is spent.

    Args:
      embedding: Where to label; it is stepped on.
      true_labels: (N,) classes from 0 on.
      choose_focus: Where to look; None for Algorithm 1's `MostLabels`.
      size_group: How many neighbours to take.
      max_actions: No further query once so many actions are made; None for no limit.
      max_epochs: e_max: no query after this epoch; None for no limit.

    Returns:
      The whole record.
    """
    found: list[Query] = []
    spent = 0
    for query in queries(embedding, true_labels, choose_focus, size_group):
        found.append(query)
        spent += query.n_actions
        if (max_actions is not None and spent >= max_actions) or (
            max_epochs is not None and embedding.epoch >= max_epochs
        ):
            break
    return Annotation(embedding.n_samples, found)


def neighborhood(focus: int, Y: NDArray[np.float32], labels: NDArray[np.int32], truth: NDArray[np.integer]) -> Group:
    """Everything but the focus, by ascending distance; rows at equal distance in their order."""
    offsets = Y.astype(np.float64) - Y[:, focus, None].astype(np.float64)
    order = np.argsort((offsets**2).sum(axis=0), kind="stable")
    neighbors = order[order != focus]
    return Group(focus, neighbors, labels[neighbors] == UNLABELED, truth[neighbors] == truth[focus])


def _take(group: Group, size_group: SizeGroup, epoch: int, truth: NDArray[np.int32]) -> Query:
    """Names the focus' class, and gives it to the unlabelled neighbours that belong; nothing is overwritten."""
    k = size_group(group)
    rows, unlabeled, same_class = group.neighbors[:k], group.unlabeled[:k], group.same_class[:k]
    label = int(truth[group.focus])
    return Query(epoch, group.focus, label, k, rows[unlabeled & same_class], rows[unlabeled & ~same_class])
