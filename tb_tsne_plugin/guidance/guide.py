"""Everything a person can be told about one set of samples, again and again, while they label it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.clusters import by_size, find_clusters
from tb_tsne_plugin.guidance.components import Components
from tb_tsne_plugin.guidance.graph import build_graph
from tb_tsne_plugin.guidance.group_issues import (
    GroupIssue,
    find_group_issues,
    group_left_out_probabilities,
    group_numbers,
)
from tb_tsne_plugin.guidance.groups import group_around
from tb_tsne_plugin.guidance.label_issues import LabelIssue, find_label_issues
from tb_tsne_plugin.guidance.query_candidates import QueryCandidate, rank_foci, rank_kept_foci
from tb_tsne_plugin.guidance.reduction import reduce_graph
from tb_tsne_plugin.guidance.second_looks import SecondLook, find_second_looks
from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.guidance.suggestions import Suggester, Suggestions, no_suggestions

WHOLE_UP_TO = 40_000
"""Samples up to which the walk is looked at from all of them …"""
KEPT = 20_000
"""… and from how many where there are more."""
MOST_CLASSES = 1_000
MOST_CHANCES = 1 << 27
"""Samples times classes, where these are more than `MOST_CLASSES`: to work with them takes some 20 bytes each. Beyond,
classes are mostly names or numbers that were imported as labels, and nothing can be learned of them."""

ASIDE = np.iinfo(np.int32).max
"""What stands for a class, inside, where a sample takes no part."""

DOUBTFUL = 1.0
"""Of a group: two that were misnamed alike vouch for each other, and are expected to be what they are not."""


class Guidance(NamedTuple):
    """What `Guide.guidance` answers."""

    candidates: list[QueryCandidate]
    """Where to look next, best first."""
    suggestions: Suggestions


class ToVerify(NamedTuple):
    """What `Guide.to_verify` finds, the most doubtful first."""

    groups: list[GroupIssue]
    """Those of which something else is expected, and those that hardly anything but their own labels speaks for."""
    second_looks: list[SecondLook]

    @property
    def rows(self) -> list[NDArray[np.int64]]:
        """The rows of each group, then of each label."""
        return [issue.rows for issue in self.groups] + [np.array([look.row]) for look in self.second_looks]


class Guide:
    """Guides through one set of samples. What depends on the features alone is found once, when it is made."""

    def __init__(self, features: NDArray[np.floating], P: sp.csr_matrix) -> None:
        """Prepares.

        Args:
          features: (N, D) finite numbers; may be a mapped file.
          P: (N, N) their affinities, as the t-SNE has them.
        """
        self.components = Components(features)
        self.inputs = self.components(features)
        self.graph = build_graph(P)
        self.reduction = reduce_graph(self.graph, P, KEPT) if len(features) > WHOLE_UP_TO else None
        self.suggester = Suggester(self.inputs, self.graph, self.reduction)

    def suggest(self, labels: NDArray[np.integer], batches: NDArray[np.integer] | None = None) -> Suggestions:
        """Label probabilities of every sample, calibrated (`Suggester`)."""
        self.suggester.calibrate(labels, batches)
        return self.suggester.suggest(labels)

    def calibrate(self, labels: NDArray[np.integer], batches: NDArray[np.integer] | None = None) -> bool:
        """Sees to it that suggestions are as sure as they should be; whether that took any work."""
        if too_many_classes(labels):
            return False
        return self.suggester.calibrate(labels, batches)

    def guidance(
        self,
        Y: NDArray[np.floating],
        labels: NDArray[np.integer],
        count: int = 5,
        aside: NDArray[np.bool_] | None = None,
    ) -> Guidance:
        """The next best groups, and the suggestions they rest on, as sure as they were last calibrated.

        Args:
          Y: (d, N) positions.
          labels: (N,) classes from 0 on, negative where there is none.
          count: How many groups at most.
          aside: (N,) samples that take no part: never proposed, in no group, without a suggestion.

        Returns:
          The guidance; no candidates where every sample is labelled; none at all where there are too many classes.
        """
        if too_many_classes(labels):
            return Guidance([], no_suggestions(len(labels)))
        suggestions = self.suggester.suggest(labels)
        # Whatever is set aside needs no label; it has one, as far as groups are concerned.
        taken = labels if aside is None else np.where(aside & (np.asarray(labels) < 0), ASIDE, labels)
        if self.reduction is None:
            foci = rank_foci(self.graph, taken, suggestions, count)
        else:
            foci = rank_kept_foci(self.reduction, labels, taken, suggestions, count)
        candidates = [group_around(row, gain, Y, self.graph, taken, suggestions) for row, gain in foci]
        suggestions = suggestions.without(aside)
        return Guidance(candidates, suggestions)

    def label_issues(self, labels: NDArray[np.integer]) -> list[LabelIssue]:
        """The labels given, the most doubtful first; none where there are too many classes."""
        if too_many_classes(labels):
            return []
        return find_label_issues(self.inputs, self.graph, labels)

    def group_issues(
        self,
        labels: NDArray[np.integer],
        batches: NDArray[np.integer],
        verified: NDArray[np.bool_] | None = None,
        seen: NDArray[np.bool_] | None = None,
    ) -> list[GroupIssue]:
        """The groups labelled, the most doubtful first (`find_group_issues`); none where there are too many classes."""
        if too_many_classes(labels):
            return []
        return find_group_issues(self.inputs, self.graph, labels, batches, verified, seen)

    def label_chances(
        self, labels: NDArray[np.integer], batches: NDArray[np.integer] | None = None
    ) -> NDArray[np.float32]:
        """(N,) probability of each label, all that was labelled together with it left out; 1 where there is none.

        Args:
          labels: (N,) classes from 0 on, negative where there is none.
          batches: (N,) samples with the same number were labelled together; None if that is not known.
        """
        labels = np.asarray(labels)
        found = np.ones(len(labels), dtype=np.float32)
        rows = np.flatnonzero(labels >= 0)
        present, classes = np.unique(labels[rows], return_inverse=True)
        if len(present) > 1 and not too_many_classes(labels):
            blocks = np.arange(len(rows)) if batches is None else group_numbers(labels[rows], batches[rows])
            chances = group_left_out_probabilities(self.inputs, self.graph, rows, classes, blocks)
            found[rows] = chances[np.arange(len(rows)), classes]
        return found

    def second_looks(
        self,
        labels: NDArray[np.integer],
        among: NDArray[np.bool_],
        batches: NDArray[np.integer] | None = None,
    ) -> list[SecondLook]:
        """Labels that deserve a second look (`find_second_looks`); none where there are too many classes.

        Args:
          labels: (N,) classes from 0 on, negative where there is none.
          among: (N,) labels to look at again.
          batches: (N,) samples with the same number were labelled together: a stray that was named by itself is left
            out, since there the person contradicted the models on purpose.
        """
        if too_many_classes(labels):
            return []
        if batches is not None:
            _, number, sizes = np.unique(batches, return_inverse=True, return_counts=True)
            among = among & ((sizes[number] > 1) | (np.asarray(batches) < 0))
        return find_second_looks(self.suggester.kernel, self.inputs, self.graph, labels, among)

    def to_verify(
        self, labels: NDArray[np.integer], batches: NDArray[np.integer], states: NDArray[np.integer]
    ) -> ToVerify:
        """What deserves a second look: doubtful groups, and single labels that a second model contradicts.

        Args:
          labels: (N,) classes from 0 on, negative where there is none.
          batches: (N,) samples with the same number were labelled together.
          states: (N,) `SampleState`s: what was verified is left out.
        """
        seen, verified = states == SampleState.SEEN, states == SampleState.VERIFIED
        issues = self.group_issues(labels, batches, verified, seen)
        groups = [issue for issue in issues if issue.expected != issue.label or issue.doubt >= DOUBTFUL]
        return ToVerify(groups, self.second_looks(labels, ~verified, batches))

    def clusters(self, resolution: float = 1.0, random_state: int = 0) -> NDArray[np.int32]:
        """(N,) a number for the cluster that each sample is in, the largest cluster first (`find_clusters`)."""
        if self.reduction is None:
            return find_clusters(self.graph, resolution, random_state)
        among_kept = find_clusters(self.reduction.graph, resolution, random_state)
        return by_size(self.reduction.majorities(among_kept))


def too_many_classes(labels: NDArray[np.integer]) -> bool:
    """Whether there are so many classes that what can be told of them would take all memory.

    Args:
      labels: (N,) classes from 0 on, negative where there is none.
    """
    n_classes = len(np.unique(labels[labels >= 0]))
    return n_classes > MOST_CLASSES and n_classes * len(labels) > MOST_CHANCES
