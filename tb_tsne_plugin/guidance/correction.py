"""How sure suggestions may be, by what pages and looks found: what was predicted against what turned out right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.suggestions import Suggestions

DOUBTED = 20.0
"""How many images looked at it takes to believe half of what they say."""
MOST = 4.0
"""By how much sureness is changed at most, either way."""


def find_sharpness(probabilities: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """The power of the probabilities with which as many would have been expected right as turned out so.

    Args:
      probabilities: (m, C) of the images that a page or a look showed, as they were suggested then.
      right: (m,) whether the person left each as suggested.

    Returns:
      Below 1 where suggestions were too sure, above 1 where they were not sure enough; near 1 where little was seen.
    """
    least, most = 1.0 / MOST, MOST
    for _ in range(30):  # the sharper, the more are expected right
        middle = np.sqrt(least * most)
        if _sharpened(probabilities, middle).max(axis=1, initial=0.0).sum() < np.sum(right):
            least = middle
        else:
            most = middle
    believed = len(right) / (len(right) + DOUBTED)
    return float(np.sqrt(least * most) ** believed)


def sharpened(suggestions: Suggestions, sharpness: float) -> Suggestions:
    """The same suggestions in the same order, as sure as earlier ones turned out to be.

    Args:
      suggestions: As the models have them.
      sharpness: Of `find_sharpness`.

    Returns:
      The suggestions; with a single class they stay as they are.
    """
    if len(suggestions.classes) < 2:
        return suggestions
    return replace(suggestions, probabilities=_sharpened(suggestions.probabilities, sharpness).astype(np.float32))


def _sharpened(probabilities: NDArray[np.floating], sharpness: float) -> NDArray[np.floating]:
    found = probabilities**sharpness
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-12))
