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
from tb_tsne_plugin.tsne.placement import place

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

    def go_on(
        self,
        stood: FiniteRows,
        epoch: int,
        positions: NDArray[np.float32],
        velocity: NDArray[np.float32],
        gains: NDArray[np.float32],
    ) -> None:
        """Has an embedding at epoch 0 go on from where some of its samples stood; the others start among these.

        Args:
          stood: These samples.
          epoch: The epoch at which they stood.
          positions: Their (d, n) positions, velocity and gains, as from `Embedding.momentum_state`.
          velocity: See above.
          gains: See above.
        """
        places, _ = self.rows.places(stood.embedded)
        everywhere = self.embedding.momentum_state()
        for all_of_them, theirs in zip(everywhere, (positions, velocity, gains), strict=True):
            all_of_them[:, places] = theirs
        newcomers = np.setdiff1d(np.arange(self.rows.count), places)
        while len(newcomers):  # those of a kind that is new have neighbors only among themselves
            to_placed = self.affinities.P[newcomers][:, places]
            has_any = np.diff(to_placed.indptr) > 0
            if not has_any.any():
                break
            # What is at the very same place never parts: where they would have begun, a tiny way off, tells them apart.
            everywhere[0][:, newcomers[has_any]] += place(to_placed[has_any], everywhere[0][:, places])
            places, newcomers = np.append(places, newcomers[has_any]), newcomers[~has_any]
        self.embedding.resume(epoch, *everywhere)


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
