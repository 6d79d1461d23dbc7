"""What an embedding needs before its first epoch, found anew for other affinities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.affinities import Affinities, compute_affinities
from tb_tsne_plugin.tsne.embedding import Embedding
from tb_tsne_plugin.tsne.finite_rows import FiniteRows
from tb_tsne_plugin.tsne.initialization import initial_positions
from tb_tsne_plugin.tsne.parameters import Parameters

Stage: TypeAlias = Literal["compiling", "preparing"]


class Prepared(NamedTuple):
    """An embedding at epoch 0, and what it is made of."""

    rows: FiniteRows
    """Which samples are embedded."""
    features: NDArray[np.float32]
    """(n, D) of these."""
    affinities: Affinities
    embedding: Embedding

    def begin(self, parameters: Parameters) -> None:
        """Has the embedding start at epoch 0 again, with parameters of the same affinities."""
        self.embedding.begin(
            initial_positions(self.features, parameters.n_components, parameters.random_state), parameters
        )


def mapped_features(path: Path, shape: tuple[int, int]) -> NDArray[np.float32]:
    """(N, D) features from a file of little-endian float32, read as they are looked at."""
    if 0 in shape:
        return np.zeros(shape, dtype=np.float32)
    return np.memmap(path, dtype="<f4", mode="r", shape=shape)


def prepare(
    rows: FiniteRows, features: NDArray[np.float32], parameters: Parameters, tell: Callable[[Stage], None]
) -> Prepared:
    """Compiles the kernels, computes affinities and first positions.

    Args:
      rows: Which samples are embedded.
      features: (n, D) of these.
      parameters: Of the t-SNE.
      tell: Told what it is about to do.
    """
    tell("compiling")
    warm_up(replace(parameters, method=parameters.method_for(len(features))))
    tell("preparing")
    affinities = compute_affinities(features, parameters.perplexity, parameters.metric)
    return Prepared(rows, features, affinities, _first_embedding(features, affinities, parameters))


def warm_up(parameters: Parameters) -> None:
    """Compiles every kernel that these parameters take, or loads it from the cache on disk, on a few points.

    Raises:
      FloatingPointError: If they give no finite cost.
    """
    random = np.random.default_rng(0)
    features = random.standard_normal((16, 4), dtype=np.float32)
    supervised = replace(parameters, labeling_start=0, label_importance=0.1, repulsion_emphasis=0.1)
    embedding = _first_embedding(features, compute_affinities(features, 3.0), supervised)
    embedding.step()
    embedding.set_labels(np.arange(4), np.array([0, 0, 1, 1]))
    embedding.step()
    if not np.isfinite(embedding.cost):
        raise FloatingPointError("The compiled kernels do not work on this machine.")


def _first_embedding(features: NDArray[np.float32], affinities: Affinities, parameters: Parameters) -> Embedding:
    first = initial_positions(features, parameters.n_components, parameters.random_state)
    return Embedding(affinities, first, parameters)
