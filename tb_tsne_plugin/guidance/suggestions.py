"""Label probabilities for every sample, from the few that are labelled.

Models of four kinds are multiplied: labels spread along the neighbourhoods (personalised PageRank from the labelled
samples, as in Zhou et al., 2004), which follows the shape of groups; kernel ridge regression, which remembers; linear
discriminant analysis, which knows the shape of classes; and a ridge classifier. One temperature makes their product
honest (Guo et al., 2017); it is fitted on labels left out, whole batches at a time: samples that were labelled together
predict each other far too well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.discriminant import Discriminant
from tb_tsne_plugin.guidance.graph import N_NEIGHBORS, Graph, add_next_to, spread
from tb_tsne_plugin.guidance.kernel import Kernel, KernelModel
from tb_tsne_plugin.guidance.linear import LinearModel, probabilities
from tb_tsne_plugin.guidance.reduction import Reduction

DAMPING = 0.8
STEPS = 10
PRIOR = 0.02
"""Mass of labels that every sample has from nowhere, spread over all classes."""
PENALTY = 0.1
WALK, REMEMBERED, SHAPED, LINEAR = 0.45, 4.0, 0.12, 2.0
"""What the four models count for; chosen together on three of the five sets (docs/results.md)."""
LINEAR_ALONE = 5.0
"""What the ridge classifier counts for where there are too many labels for the kernel."""
FOLDS = 5
DEFAULT_TEMPERATURE = 0.8
DOUBTED = 20.0
"""How many labels it takes to move the temperature as far from its default as they say."""
ENOUGH = 2000
"""Labels left out that settle the temperature; further folds would only take time."""
MOST_LEARNED = 20_000
"""Labels that the classifiers are trained on where samples are very many: further ones change them little."""
STEP = 2.0**-16
"""Squared distances that differ by less are equal: libraries, and machines, differ by about a hundredth of it."""
COPIES = 8
"""So many samples that are equally near are told apart by their order."""
SMALLEST = 1e-12
"""What a distance is divided by at least."""
TEMPERATURES = np.exp(np.linspace(np.log(0.2), np.log(4.0), 49))


@dataclass(frozen=True, eq=False)
class Suggestions:
    """What the labels given so far say about every sample. What follows from the arrays is worked out once."""

    classes: NDArray[np.int32]  # (C,) classes with at least one label, ascending
    probabilities: NDArray[np.float32]  # (N, C) of each class, calibrated
    reach: NDArray[np.float32]  # (N,) mass of labels that arrives, from 0 (none near) on

    @cached_property
    def labels(self) -> NDArray[np.int32]:
        """(N,) the most probable class; -1 where there is no class yet, and for samples that are set aside."""
        if not len(self.classes):
            return np.full(len(self.reach), -1, dtype=np.int32)
        found = self.classes[self.probabilities.argmax(axis=1)]
        return np.where(self.confidence > 0, found, -1).astype(np.int32)

    @cached_property
    def second(self) -> NDArray[np.int32]:
        """(N,) the second most probable class; -1 where there is none."""
        if len(self.classes) < 2:
            return np.full(len(self.reach), -1, dtype=np.int32)
        others = self.probabilities.copy()
        others[np.arange(len(others)), others.argmax(axis=1)] = -1.0
        return np.where(self.confidence > 0, self.classes[others.argmax(axis=1)], -1).astype(np.int32)

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """(N,) probability of the most probable class, 0 where there is none."""
        return np.asarray(self.probabilities.max(axis=1, initial=0.0))

    def without(self, aside: NDArray[np.bool_] | None) -> Suggestions:
        """The same, with nothing suggested for the (N,) samples that are set aside."""
        if aside is None or not aside.any():
            return self
        found = self.probabilities.copy()
        found[aside] = 0.0
        return replace(self, probabilities=found)

    def at(self, rows: NDArray[np.integer] | Sequence[int]) -> Suggestions:
        """The same of some samples."""
        return Suggestions(self.classes, self.probabilities[rows], self.reach[rows])


class Models(NamedTuple):
    """What the labels given so far say, before it is made honest; only the walk with a single class."""

    arriving: NDArray[np.float32]  # (N, C) mass of each class that arrives at each sample
    linear: LinearModel | None
    discriminant: Discriminant | None
    kernel: KernelModel | None  # None too where there are too many labels for it

    def evidence(
        self,
        inputs: NDArray[np.float32],
        arriving: NDArray[np.floating],
        remembered: NDArray[np.float32] | None = None,
    ) -> NDArray[np.floating]:
        """(M, C) log-probabilities up to a constant.

        Args:
          inputs: (M, d) components.
          arriving: (M, C) mass of each class that arrives there.
          remembered: (M, C) scores of the kernel, where they are known already.
        """
        reach = arriving.sum(axis=1, keepdims=True)
        found = np.log((arriving + PRIOR / arriving.shape[1]) / (reach + PRIOR))
        if self.linear is None or self.discriminant is None:
            return np.asarray(found)
        if remembered is None and self.kernel is not None:
            remembered = self.kernel.scores(inputs)
        found = WALK * found + SHAPED * self.discriminant.scores(inputs)
        if remembered is None:
            return np.asarray(found + LINEAR_ALONE * self.linear.scores(inputs))
        return np.asarray(found + LINEAR * self.linear.scores(inputs) + REMEMBERED * remembered)

    def suggestions(
        self,
        classes: NDArray[np.int32],
        arriving: NDArray[np.floating],
        evidence: NDArray[np.floating],
        temperature: float,
    ) -> Suggestions:
        """The suggestions that evidence comes to.

        Args:
          classes: (C,).
          arriving: (M, C) mass of each class that arrives at each sample.
          evidence: (M, C) of `evidence`.
          temperature: Factor on it.
        """
        reach = arriving.sum(axis=1)
        # One class alone stands against those that nobody has seen yet.
        alone = self.linear is None
        found = (reach / (reach + PRIOR))[:, None] if alone else probabilities(evidence, temperature)
        return Suggestions(classes, found.astype(np.float32), reach.astype(np.float32))


class Learned:
    """What some labels say of further samples: what arrives at their nearest neighbours arrives at them."""

    def __init__(
        self, classes: NDArray[np.int32], inputs: NDArray[np.float32], models: Models, temperature: float
    ) -> None:
        """Keeps.

        Args:
          classes: (C,) classes with at least one label, ascending.
          inputs: (N, d) components of the samples at hand.
          models: What their labels say.
          temperature: Factor on the log-probabilities of all models together.
        """
        self.classes, self.inputs, self.models, self.temperature = classes, inputs, models, temperature
        self.norms = np.einsum("nd,nd->n", inputs, inputs)
        """(N,) squared lengths of the inputs."""
        self.n_neighbors = min(N_NEIGHBORS, len(inputs))

    def __call__(self, inputs: NDArray[np.float32]) -> Suggestions:
        """Suggests labels for (M, d) components of further samples."""
        squared = self.norms - 2.0 * inputs @ self.inputs.T + np.einsum("nd,nd->n", inputs, inputs)[:, None]
        near = _nearest(squared, self.n_neighbors)
        squared = np.maximum(np.take_along_axis(squared, near, axis=1), 0.0)
        weights = np.exp(-squared / np.maximum(squared.max(axis=1, keepdims=True), SMALLEST))
        weights /= weights.sum(axis=1, keepdims=True)
        arriving = np.einsum("mk,mkc->mc", weights, self.models.arriving[near])
        evidence = self.models.evidence(inputs, arriving)
        return self.models.suggestions(self.classes, arriving, evidence, self.temperature)


class Suggester:
    """Suggests labels for one set of samples, again and again."""

    def __init__(self, inputs: NDArray[np.float32], graph: Graph, reduction: Reduction | None = None) -> None:
        """Takes what stays the same.

        Args:
          inputs: (N, d) components.
          graph: Of the same samples.
          reduction: Few of them in place of all, where they are very many.
        """
        self.inputs = inputs
        self.graph = graph
        self.reduction = reduction
        self.kernel = Kernel(inputs, None if reduction is None else reduction.rows)
        self.variances = np.asarray(np.square(inputs, dtype=np.float64).mean(axis=0)) if len(inputs) else np.zeros(0)
        self.temperature = DEFAULT_TEMPERATURE
        """Factor on the log-probabilities of all models together."""
        self._calibrated_at = 0

    def calibrate(self, labels: NDArray[np.integer], batches: NDArray[np.integer] | None = None) -> bool:
        """Fits how sure suggestions are to labels left out, where a fifth more or fewer have come since the last time.

        Args:
          labels: (N,) classes from 0 on, negative where there is none.
          batches: (N,) samples with the same number were labelled together; None if that is not known.

        Returns:
          Whether it did.
        """
        labels = np.asarray(labels)
        rows = np.flatnonzero(labels >= 0)
        if abs(len(rows) - self._calibrated_at) <= 0.2 * self._calibrated_at:
            return False
        classes, columns = np.unique(labels[rows], return_inverse=True)
        return self._calibrate(rows, columns, len(classes), None if batches is None else batches[rows])

    def suggest(self, labels: NDArray[np.integer]) -> Suggestions:
        """Suggests labels for all samples, as sure as it was last calibrated.

        Args:
          labels: (N,) classes from 0 on, negative where there is none.

        Returns:
          The suggestions; labelled samples have what their surroundings and their own label say.
        """
        labels = np.asarray(labels)
        rows = np.flatnonzero(labels >= 0)
        classes, columns = np.unique(labels[rows], return_inverse=True)
        if not len(rows):
            return no_suggestions(len(labels))
        models = self._models(rows, columns, len(classes), remembering=False)
        remembered = None
        if len(classes) > 1 and self.kernel.takes(len(rows)):
            remembered = self.kernel.scores(rows, columns, len(classes))
            if self.reduction is not None:
                remembered = self.reduction.carried(remembered)
        evidence = models.evidence(self.inputs, models.arriving, remembered)
        return models.suggestions(classes.astype(np.int32), models.arriving, evidence, self.temperature)

    def for_further_samples(self, labels: NDArray[np.integer], batches: NDArray[np.integer] | None = None) -> Learned:
        """What these labels say of samples beyond these.

        Args:
          labels: (N,) labels of the samples at hand, as in `suggest`; one at least is labelled.
          batches: As in `calibrate`.

        Returns:
          A function from (M, d) components of further samples to their suggestions.
        """
        self.calibrate(labels, batches)
        rows = np.flatnonzero(np.asarray(labels) >= 0)
        classes, columns = np.unique(np.asarray(labels)[rows], return_inverse=True)
        models = self._models(rows, columns, len(classes))
        return Learned(classes.astype(np.int32), self.inputs, models, self.temperature)

    def _models(
        self,
        rows: NDArray[np.integer],
        columns: NDArray[np.integer],
        n_classes: int,
        *,
        remembering: bool = True,
    ) -> Models:
        arriving = self._arriving(rows, columns, n_classes)
        if n_classes < 2:
            return Models(arriving, None, None, None)
        kernel = None
        if remembering and self.kernel.takes(len(rows)):
            kernel = self.kernel.fit(rows, columns, n_classes)
        if self.reduction is not None:
            some = _balanced(columns, MOST_LEARNED)
            rows, columns = rows[some], columns[some]
        linear = LinearModel(self.inputs[rows], columns, n_classes, PENALTY)
        discriminant = Discriminant(self.inputs[rows], columns, n_classes, self.variances)
        return Models(arriving, linear, discriminant, kernel)

    def _arriving(self, rows: NDArray[np.integer], columns: NDArray[np.integer], n_classes: int) -> NDArray[np.float32]:
        """(N, C) mass of each class that arrives at each sample; of very many, from its neighbours and carriers."""
        if self.reduction is None:
            given = np.zeros((self.graph.n_samples, n_classes), dtype=np.float32)
            given[rows, columns] = 1.0
            return spread(self.graph, given, DAMPING, STEPS)
        among_kept = spread(self.reduction.graph, self.reduction.gathered(rows, columns, n_classes), DAMPING, STEPS)
        # The kept ones got the mass of labels of all: as much arrives as if none were left out.
        found = self.reduction.carried(among_kept, self.reduction.kept_share)
        add_next_to(self.graph, rows, columns, found)
        return found

    def _calibrate(
        self,
        rows: NDArray[np.integer],
        columns: NDArray[np.integer],
        n_classes: int,
        batches: NDArray[np.integer] | None,
    ) -> bool:
        if n_classes < 2 or len(rows) < 2 * FOLDS:
            return False
        self._calibrated_at = len(rows)
        fold = _folds(len(rows), batches)
        evidence = np.zeros((len(rows), n_classes), dtype=np.float32)
        tried = np.zeros(len(rows), dtype=bool)
        for left_out in range(FOLDS):
            seen, hidden = fold != left_out, fold == left_out
            if seen.any() and hidden.any() and tried.sum() < ENOUGH:
                models = self._models(rows[seen], columns[seen], n_classes)
                evidence[hidden] = models.evidence(self.inputs[rows[hidden]], models.arriving[rows[hidden]])
                tried |= hidden
        losses = [_loss(evidence[tried], columns[tried], temperature) for temperature in TEMPERATURES]
        distance = np.log(TEMPERATURES / DEFAULT_TEMPERATURE)
        self.temperature = float(TEMPERATURES[np.argmin(np.array(losses) + DOUBTED * distance**2)])
        return True


def _nearest(squared: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    """(M, k) the columns with the least of (M, N) squared distances; of those that are equally near, the first."""
    steps = np.rint(squared * np.float32(1.0 / STEP))
    some = min(k + COPIES, squared.shape[1])
    near = np.sort(np.argpartition(steps, some - 1, axis=1)[:, :some], axis=1)
    order = np.argsort(np.take_along_axis(steps, near, axis=1), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(near, order[:, :k], axis=1))


def no_suggestions(n: int) -> Suggestions:
    """Of n samples, of which nothing is known."""
    return Suggestions(np.zeros(0, np.int32), np.zeros((n, 0), np.float32), np.zeros(n, np.float32))


def _folds(n: int, batches: NDArray[np.integer] | None) -> NDArray[np.intp]:
    """A fold for each label; a batch stays together, unless it alone would fill half a fold."""
    random = np.random.default_rng(0)
    if batches is None:
        return np.asarray(random.permutation(n) % FOLDS)
    _, group, sizes = np.unique(batches, return_inverse=True, return_counts=True)
    single = sizes[group] > n / (2 * FOLDS)
    group = np.where(single, len(sizes) + np.arange(n), group)
    _, group = np.unique(group, return_inverse=True)
    return np.asarray((random.permutation(int(group.max()) + 1) % FOLDS)[group])


def _balanced(columns: NDArray[np.integer], most: int) -> NDArray[np.intp]:
    """Places of so many labels at most, drawn at random: all of small classes, of the others the same number."""
    if len(columns) <= most:
        return np.arange(len(columns))
    drawn = np.random.default_rng(0).permutation(len(columns))
    order = drawn[np.argsort(columns[drawn], kind="stable")]
    counts = np.bincount(columns)
    number = np.arange(len(columns)) - np.repeat(np.cumsum(counts) - counts, counts)  # within its class
    return np.sort(order[np.argsort(number, kind="stable")[:most]])


def _loss(evidence: NDArray[np.floating], columns: NDArray[np.integer], temperature: float) -> float:
    found = probabilities(evidence, temperature)[np.arange(len(columns)), columns]
    return float(-np.log(np.maximum(found, 1e-9)).sum())
