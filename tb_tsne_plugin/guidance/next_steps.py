"""What to do next, best first, and what to expect of it.

Groups and names teach, pages harvest: some twenty of the former, then pages of the surest class, until every image was
seen; then a second look at what is doubtful. Any of the steps may be taken at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.looks import RIGHT_ENOUGH, SHOWN
from tb_tsne_plugin.guidance.query_candidates import QueryCandidate
from tb_tsne_plugin.guidance.suggestions import Suggestions

LESSONS = 20
"""Groups and single names before the first page: 10 to 80 come to the same."""
PAGE_SIZE = 50
WORTH_CHECKING = 2 * SHOWN
"""A look at a sample pays where it decides on several times as many images as it shows."""

Kind = Literal["group", "single", "page", "check", "verify", "done"]


class Step(NamedTuple):
    """Something to do, with numbers for a sentence about it."""

    kind: Kind
    rows: NDArray[np.int64]
    """What to show, in order: a group with its focus first; a page, the surest first; all that a check draws from;
    what to verify."""
    label: int = -1
    """The class of a page or a group, as far as it is known."""
    shown: int = 0
    """How many of `rows` to look at now: a page's, a check's sample."""
    right: float = 0.0
    """Expected share of those that have the class suggested."""
    n: int = 0
    """How many images, groups or labels it is about in all: all that are suggested to be of a page's class."""

    @property
    def corrections(self) -> float:
        """Expected number of those shown that will be given another class."""
        return (1.0 - self.right) * self.shown


def page_of(label: int, labels: NDArray[np.integer], suggestions: Suggestions, size: int = PAGE_SIZE) -> Step | None:
    """The page of a class: the unlabelled images that most probably are of it.

    Args:
      label: The class.
      labels: (N,) classes, negative where there is none.
      suggestions: For these labels.
      size: Images a page.

    Returns:
      The step; None where nothing unlabelled is suggested to be of the class.
    """
    rows = np.flatnonzero((np.asarray(labels) < 0) & (suggestions.labels == label))
    return _page(label, rows, suggestions.confidence[rows], size) if len(rows) else None


def next_steps(
    labels: NDArray[np.integer],
    suggestions: Suggestions,
    candidates: Sequence[QueryCandidate],
    batches: NDArray[np.integer] | None = None,
    to_verify: Sequence[NDArray[np.integer]] = (),
    page_size: int = PAGE_SIZE,
    aside: NDArray[np.bool_] | None = None,
) -> list[Step]:
    """Ranks what there is to do.

    Args:
      labels: (N,) classes from 0 on, negative where there is none.
      suggestions: For these labels.
      candidates: The next best groups, best first.
      batches: (N,) samples with the same number were labelled together; None if that is not known.
      to_verify: Rows of groups and single labels that deserve a second look, the most doubtful first.
      page_size: Images a page.
      aside: (N,) samples that take no part.

    Returns:
      The steps, best first; the last is `done` where nothing has to be done.
    """
    labels = np.asarray(labels)
    suggestions = suggestions.without(aside)
    open_rows = np.flatnonzero(labels < 0 if aside is None else (labels < 0) & ~aside)
    teach = [_lesson(candidate) for candidate in candidates]
    suggested, confidence = suggestions.labels[open_rows], suggestions.confidence[open_rows]
    pages = []
    for label in np.unique(suggested[suggested >= 0]):
        of_class = suggested == label
        pages.append(_page(int(label), open_rows[of_class], confidence[of_class], page_size))
    harvest = sorted(pages, key=lambda page: -page.right)
    verify = [Step("verify", np.asarray(rows), int(labels[rows[0]]), len(rows), n=len(to_verify)) for rows in to_verify]
    sure = open_rows[confidence >= RIGHT_ENOUGH]
    check = []
    if len(sure) >= WORTH_CHECKING:
        check = [Step("check", sure, -1, SHOWN, float(confidence[confidence >= RIGHT_ENOUGH].mean()), len(sure))]
    if not len(open_rows):
        return [*verify, Step("done", open_rows, n=len(labels))]
    if len(suggestions.classes) < 2 or _n_lessons(labels, batches) < LESSONS:
        return [*teach, *harvest, *check, *verify]
    return [*harvest, *teach, *check, *verify]


def _page(label: int, rows: NDArray[np.intp], chances: NDArray[np.floating], size: int) -> Step:
    """Of one row at least."""
    order = np.argsort(-chances, kind="stable")
    shown = min(size, len(rows))
    return Step("page", rows[order], label, shown, float(chances[order[:shown]].mean()), len(rows))


def _n_lessons(labels: NDArray[np.integer], batches: NDArray[np.integer] | None) -> int:
    """Edits that gave labels."""
    known = labels >= 0
    return int(known.sum()) if batches is None else len(np.unique(batches[known]))


def _lesson(candidate: QueryCandidate) -> Step:
    rows = np.concatenate([[candidate.focus], candidate.rows]).astype(np.int64)
    kind: Kind = "group" if candidate.k else "single"
    return Step(kind, rows, candidate.label, len(rows), candidate.purity, len(rows))
