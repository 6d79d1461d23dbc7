"""What came of suggestions: how probable they were when a person saw the image, and whether they were right."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.correction import find_sharpness, sharpened
from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.guidance.suggestions import Suggestions

KEPT = 300
"""So many of the last images that were seen say how sure suggestions may be: models learn, and older ones tell less."""


class Outcomes:
    """Compares what a person says with what was suggested last, and corrects how sure later suggestions are."""

    def __init__(self) -> None:
        """Starts without any."""
        self._column: str | None = None
        self._rows = np.zeros(0, dtype=np.int64)
        self._suggested: Suggestions | None = None
        self._labels = np.zeros(0, dtype=np.int32)
        self._chances: deque[NDArray[np.float32]] = deque(maxlen=KEPT)
        """Of the images seen, (C,) probabilities of each class known then."""
        self._right: deque[bool] = deque(maxlen=KEPT)

    def take(self, column: str, rows: NDArray[np.int64], labels: NDArray[np.int32], states: NDArray[np.uint8]) -> None:
        """Takes note of what was labelled since the last suggestions by somebody who saw the image.

        Args:
          column: The label column; another one begins anew.
          rows: (n,) the samples; what was suggested for others says nothing of these.
          labels: (n,) classes, -1 where there is none.
          states: (n,) `SampleState`s.
        """
        if column != self._column:
            self._column, self._suggested = column, None
            self._chances.clear()
            self._right.clear()
        if not np.array_equal(rows, self._rows):
            self._rows, self._suggested = rows, None
        if self._suggested is None or len(self._suggested.classes) < 2:
            return
        suggested = self._suggested.labels
        news = (self._labels < 0) & (labels >= 0) & (states == SampleState.SEEN) & (suggested >= 0)
        for row in np.flatnonzero(news):
            self._chances.append(self._suggested.probabilities[row])
            self._right.append(bool(suggested[row] == labels[row]))

    def corrected(self, suggestions: Suggestions, labels: NDArray[np.int32]) -> Suggestions:
        """Suggestions as sure as earlier ones turned out to be; these are what later labels are compared with.

        Args:
          suggestions: As the models have them, for these labels.
          labels: (n,) as in `take`.
        """
        self._suggested, self._labels = suggestions, labels
        if not self._right:
            return suggestions
        width = max(len(chances) for chances in self._chances)
        padded = np.array([np.pad(chances, (0, width - len(chances))) for chances in self._chances])
        return sharpened(suggestions, find_sharpness(padded, np.array(self._right)))
