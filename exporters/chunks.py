"""Images on their way, some at a time: what was read of them, and their features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.features.stages import FeatureStages
from exporters.images.outcomes import Outcome, Sample, Skipped
from exporters.prediction.piece import Piece
from exporters.run.tiles import PAGE


class Chunk(NamedTuple):
    """Consecutive samples, and what was skipped between them."""

    samples: list[Sample]
    skipped: list[Skipped]


def chunks(outcomes: Iterable[Outcome], first: int = PAGE) -> Iterator[Chunk]:
    """A page of samples each, the last one shorter; it may hold skipped images only.

    Args:
        outcomes: What became of each image.
        first: How many samples the first one holds, where a page has some already.
    """
    size, chunk = first, Chunk([], [])
    for outcome in outcomes:
        if isinstance(outcome, Skipped):
            chunk.skipped.append(outcome)
            continue
        chunk.samples.append(outcome)
        if len(chunk.samples) == size:
            yield chunk
            size, chunk = PAGE, Chunk([], [])
    if chunk.samples or chunk.skipped:
        yield chunk


def features_of(computed: FeatureStages, samples: Sequence[Sample]) -> dict[str, npt.NDArray[np.float32]]:
    """(n, D) by streamed stage: those that came with the samples, or computed here."""
    if not samples:
        return {}
    if samples[0].features:
        return {name: np.stack([sample.features[name] for sample in samples]) for name in samples[0].features}
    return computed.compute([sample.renditions for sample in samples])


def pieces_of(computed: FeatureStages, outcomes: Iterable[Outcome]) -> Iterator[Piece]:
    """The features of what was read, of the one stage that there is."""
    (tensor,) = computed.tensors
    for chunk in chunks(outcomes):
        names = [(sample.sample_id, sample.name) for sample in chunk.samples]
        yield Piece(names, features_of(computed, chunk.samples).get(tensor), chunk.skipped)
