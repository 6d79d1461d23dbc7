"""What an advisor says: what guidance finds, on the samples that are embedded, as events about all samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.clusters import Cluster, clusters
from tb_tsne_plugin.guidance.group_issues import GroupIssue
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.label_issues import LabelIssue
from tb_tsne_plugin.guidance.looks import Look
from tb_tsne_plugin.guidance.next_steps import Step, next_steps
from tb_tsne_plugin.guidance.query_candidates import QueryCandidate
from tb_tsne_plugin.guidance.second_looks import SecondLook
from tb_tsne_plugin.guidance.standing import standing
from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.live.outcomes import Outcomes
from tb_tsne_plugin.live.protocol import (
    CandidateRows,
    ClusterRow,
    ClustersFound,
    GroupIssueRow,
    GuidanceFound,
    LabelIssueRow,
    LabelIssuesFound,
    SecondLookRow,
    StandingFound,
    StepRow,
)
from tb_tsne_plugin.tsne.parameters import UNLABELED

COUNT = 5
MAX_LABEL_ISSUES = 500
MAX_GROUPS = 100


class View(NamedTuple):
    """What the t-SNE shows at one moment."""

    epoch: int
    column: str  # the label column
    revision: int  # of its labels
    embedded: NDArray[np.int64]  # (n,) rows of the embedded samples, ascending: guidance is on these
    Y: NDArray[np.float32]  # (d, n) their positions, a copy
    labels: NDArray[np.int32]  # (N,) of all samples, -1 where there is none
    states: NDArray[np.uint8]  # (N,) what became of each (`guidance.states`)
    batches: NDArray[np.int32]  # (N,) samples with the same number were labelled together

    def of_embedded(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
        """Labels, batches and states of the samples that guidance is on."""
        return self.labels[self.embedded], self.batches[self.embedded], self.states[self.embedded]

    def for_all(self, values: NDArray[np.generic], missing: float, kind: str) -> bytes:
        """(n,) values of the embedded samples as (N,) of all."""
        everything = np.full(len(self.labels), missing, dtype=kind)
        everything[self.embedded] = values
        return everything.tobytes()

    def row(self, place: int | np.integer) -> int:
        """The row number, among all samples, of an embedded one."""
        return int(self.embedded[place])

    def rows(self, places: NDArray[np.integer]) -> tuple[int, ...]:
        """Row numbers among all samples."""
        return tuple(self.embedded[places].tolist())


class Advice:
    """Puts what a `Guide` finds into events."""

    def __init__(self) -> None:
        """Starts without any guidance given."""
        self._number = 0
        self._outcomes = Outcomes()

    def guidance(self, guide: Guide, view: View) -> GuidanceFound:
        """Query candidates, next steps and suggestions."""
        labels, batches, states = view.of_embedded()
        aside = states >= SampleState.UNSURE
        guidance = guide.guidance(view.Y, labels, COUNT, aside)
        self._outcomes.take(view.column, view.embedded, labels, states)
        suggestions = self._outcomes.corrected(guidance.suggestions, labels)
        is_open = ((labels < 0) & ~aside).any()
        to_verify = [] if is_open else guide.to_verify(labels, batches, states).rows
        steps = next_steps(labels, suggestions, guidance.candidates, batches, to_verify, aside=aside)
        self._number += 1
        return GuidanceFound(
            number=self._number,
            epoch=view.epoch,
            column=view.column,
            revision=view.revision,
            candidates=tuple(_candidate(view, candidate) for candidate in guidance.candidates),
            steps=tuple(_step(view, step) for step in steps),
            labels=view.for_all(suggestions.labels, UNLABELED, "<i4"),
            second=view.for_all(suggestions.second, UNLABELED, "<i4"),
            chances=view.for_all(suggestions.confidence, 0.0, "<f4"),
        )

    def label_issues(self, guide: Guide, view: View) -> LabelIssuesFound:
        """The labels to verify."""
        labels, batches, states = view.of_embedded()
        found = guide.to_verify(labels, batches, states)
        issues = [issue for issue in guide.label_issues(labels) if states[issue.row] != SampleState.VERIFIED]
        return LabelIssuesFound(
            column=view.column,
            revision=view.revision,
            groups=tuple(_group_issue(view, issue) for issue in found.groups[:MAX_GROUPS]),
            label_issues=tuple(_label_issue(view, issue) for issue in issues[:MAX_LABEL_ISSUES]),
            second_looks=tuple(_second_look(view, look) for look in found.second_looks[:MAX_LABEL_ISSUES]),
        )

    def standing(
        self, guide: Guide, view: View, n_accepted: int, looks: Sequence[Look], n_strays: int
    ) -> StandingFound:
        """Where the job stands."""
        labels, _, states = view.of_embedded()
        found = standing(states, guide.label_chances(labels), n_accepted, looks, n_strays)
        return StandingFound(
            column=view.column,
            revision=view.revision,
            seen=found.seen,
            unseen=found.unseen,
            open=found.open,
            aside=int((view.states >= SampleState.UNSURE).sum()),  # what is ignored may not be embedded
            right=round(found.right, 4),
            least=round(found.least, 4),
        )

    def clusters(self, guide: Guide, view: View, resolution: float) -> ClustersFound:
        """The clusters of all samples, with a forecast of each."""
        labels, _, states = view.of_embedded()
        aside = states >= SampleState.UNSURE
        suggestions = guide.guidance(view.Y, labels, 0, aside).suggestions
        found = clusters(guide.clusters(resolution), guide.graph, labels, suggestions, aside)
        return ClustersFound(
            resolution=resolution,
            column=view.column,
            revision=view.revision,
            clusters=tuple(_cluster(view, cluster) for cluster in found),
        )


def _candidate(view: View, candidate: QueryCandidate) -> CandidateRows:
    return CandidateRows(
        focus=view.row(candidate.focus),
        rows=view.rows(candidate.rows),
        belongs=tuple(round(float(chance), 3) for chance in candidate.belongs),
        k=candidate.k,
        label=candidate.label,
        confidence=round(candidate.confidence, 3),
        gain=round(candidate.gain, 3),
    )


def _step(view: View, step: Step) -> StepRow:
    has_focus = step.kind in ("group", "single")
    return StepRow(
        kind=step.kind,
        focus=view.row(step.rows[0]) if has_focus else -1,
        label=step.label,
        shown=step.shown,
        right=round(step.right, 4),
        n=step.n,
    )


def _group_issue(view: View, issue: GroupIssue) -> GroupIssueRow:
    return GroupIssueRow(
        rows=view.rows(issue.rows),
        label=issue.label,
        expected=issue.expected,
        confidence=round(issue.confidence, 4),
    )


def _second_look(view: View, look: SecondLook) -> SecondLookRow:
    return SecondLookRow(
        row=view.row(look.row),
        label=look.label,
        expected=look.expected,
        confidence=round(look.confidence, 4),
    )


def _label_issue(view: View, issue: LabelIssue) -> LabelIssueRow:
    return LabelIssueRow(
        row=view.row(issue.row),
        label=issue.label,
        expected=issue.expected,
        self_confidence=round(issue.self_confidence, 4),
        n_labeled=issue.n_labeled,
        n_same=issue.n_same,
        n_expected=issue.n_expected,
    )


def _cluster(view: View, cluster: Cluster) -> ClusterRow:
    return ClusterRow(
        rows=view.rows(cluster.rows),
        n_unlabeled=cluster.n_unlabeled,
        label=cluster.label,
        purity=round(cluster.purity, 4),
    )
