"""Labels carried from a working sample to a pool of further images, a piece of the pool at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.suggestions import Suggestions

MOST_DISTANCES = 1 << 25
"""Distances held at once: from the rows of a piece to the working sample."""


def propagate(
    guide: Guide,
    labels: NDArray[np.integer],
    chunks: Iterable[NDArray[np.floating]],
    batches: NDArray[np.integer] | None = None,
) -> Iterator[Suggestions]:
    """Suggests labels for a pool.

    Args:
      guide: Of the working sample.
      labels: (N,) its labels; one at least.
      chunks: (M, D) features of the pool, piece by piece; as wide as the working sample's.
      batches: As in `Suggester.suggest`.

    Yields:
      Suggestions for one piece after the other, which may be cut smaller than they came.
    """
    suggest = guide.suggester.for_further_samples(labels, batches)
    rows = max(1, MOST_DISTANCES // max(len(labels), 1))
    for chunk in chunks:
        for begin in range(0, len(chunk), rows):
            yield suggest(guide.components(chunk[begin : begin + rows]))
