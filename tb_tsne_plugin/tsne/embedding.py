"""The live embedding: stepped epoch by epoch, and told labels, noise and parameters in between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.affinities import Affinities
from tb_tsne_plugin.tsne.attraction import attract, cost_rows, padded
from tb_tsne_plugin.tsne.barnes_hut import BarnesHut
from tb_tsne_plugin.tsne.initialization import INITIAL_DEVIATION
from tb_tsne_plugin.tsne.optimizer import descend
from tb_tsne_plugin.tsne.parameters import Parameters
from tb_tsne_plugin.tsne.repulsion import repel_exact
from tb_tsne_plugin.tsne.schedule import exaggeration, momentum
from tb_tsne_plugin.tsne.supervision import Supervision

SMALLEST_Z = 1e-30
GENTLE = 0.1
"""What is left of a step while the embedding is gentle (docs/performance.md)."""


class Embedding:
    """A t-SNE in progress.

    Same affinities, initialization, parameters and calls give the same positions to the bit, at any thread count.
    """

    def __init__(self, affinities: Affinities, initialization: NDArray[np.floating], parameters: Parameters) -> None:
        """Starts at epoch 0.

        Args:
          affinities: P of N samples.
          initialization: (N, n_components) first positions, as from `initial_positions`.
          parameters: How to optimise; `n_components`, `perplexity` and `metric` are already in the other two.

        Raises:
          ValueError: If the numbers of rows differ.
        """
        self._P = padded(affinities.P)
        self.begin(initialization, parameters)

    def begin(self, initialization: NDArray[np.floating], parameters: Parameters) -> None:
        """Starts at epoch 0 again, as a new embedding of the same affinities, in the memory that this one has.

        Args:
          initialization: As of a new one.
          parameters: As of a new one.

        Raises:
          ValueError: If the numbers of rows differ.
        """
        n_samples = self._P.shape[0]
        if len(initialization) != n_samples:
            raise ValueError(f"There are {n_samples} samples but {len(initialization)} starting positions.")
        self.parameters = parameters
        self._supervision = Supervision(self._P)
        self._barnes_hut = BarnesHut()
        self._random = np.random.default_rng(parameters.random_state)
        self._Y = np.ascontiguousarray(np.asarray(initialization, dtype=np.float32).T)
        self._velocity = np.zeros_like(self._Y)
        self._gains = np.ones_like(self._Y)
        self._attraction = np.zeros_like(self._Y)
        self._repulsion = np.zeros_like(self._Y)
        self._z_rows = np.zeros(self._Y.shape[1], dtype=np.float32)
        self.epoch = 0
        """Gradient steps made so far."""
        self.gentle_until = 0
        """The epoch up to which steps are small: newcomers find their places, and the others keep theirs."""

    @property
    def n_samples(self) -> int:
        """N."""
        return int(self._Y.shape[1])

    @property
    def positions(self) -> NDArray[np.float32]:
        """(d, N) positions, the embedding's own array: read it between two steps, do not write."""
        return self._Y

    @property
    def positions_by_sample(self) -> NDArray[np.float32]:
        """(N, d) positions, a copy."""
        return np.ascontiguousarray(self._Y.T)

    @property
    def labels(self) -> NDArray[np.int32]:
        """(N,) labels as set so far, a copy."""
        return np.array(self._supervision.labels)

    @property
    def cost(self) -> float:
        """C = KL(P~ || Q~) at the current positions; 0 for fewer than two samples."""
        if self.n_samples < 2:
            return 0.0
        weights, rate = self._supervision.at(self.epoch, self.parameters)
        emphasis = self.parameters.repulsion_emphasis
        z = self._repel(rate, BarnesHut())  # trees of its own: looking must not change when the others are built
        rows = cost_rows(self._P.indptr, self._P.indices, weights, self._Y, self._supervision.labels, rate, emphasis)
        return float(rows.sum() + np.log(max(z, SMALLEST_Z)))

    def step(self, n: int = 1) -> None:
        """Makes `n` epochs: gradient, gains and momentum, centring."""
        for _ in range(n):
            if self.n_samples >= 2:
                self._descend_once()
            self.epoch += 1

    def set_labels(self, rows: NDArray[np.integer], labels: NDArray[np.integer]) -> None:
        """Labels rows from the next epoch on; -1 clears. A label that changes starts its ramp anew.

        Args:
          rows: Row numbers, each once.
          labels: As many labels.
        """
        self._supervision.set_labels(rows, labels, self.epoch)
        self._barnes_hut.reset()

    def perturb(self, scale: float = 0.1) -> None:
        """Adds normal noise to every position.

        Args:
          scale: Standard deviation of the noise, in standard deviations of the embedding.
        """
        self.gentle_until = 0
        noise = self._random.standard_normal(self._Y.shape, dtype=np.float32)
        self._Y += noise * np.float32(scale * max(float(self._Y.std()), INITIAL_DEVIATION))
        self._barnes_hut.reset()

    def momentum_state(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """(d, N) positions, velocity and gains, copies: what `resume` goes on from."""
        return self._Y.copy(), self._velocity.copy(), self._gains.copy()

    def resume(
        self,
        epoch: int,
        positions: NDArray[np.float32],
        velocity: NDArray[np.float32],
        gains: NDArray[np.float32],
    ) -> None:
        """Goes on from where an embedding of the same samples and parameters stood.

        Args:
          epoch: Its epoch.
          positions: Its (d, N) positions, velocity and gains, from `momentum_state`.
          velocity: See above.
          gains: See above.
        """
        self.epoch = epoch
        self._Y[...], self._velocity[...], self._gains[...] = positions, velocity, gains
        self._barnes_hut.reset()

    def _repel(self, rate: NDArray[np.float32], trees: BarnesHut) -> float:
        """Fills the repulsive forces, and returns Z."""
        p = self.parameters
        labels, emphasis = self._supervision.labels, p.repulsion_emphasis
        if p.method_for(self.n_samples) == "exact":
            return repel_exact(self._Y, labels, rate, emphasis, self._repulsion, self._z_rows)
        return trees(self._Y, labels, rate, emphasis, p.theta, self._repulsion, self._z_rows)

    def _descend_once(self) -> None:
        p = self.parameters
        weights, rate = self._supervision.at(self.epoch, p)
        attract(self._P.indptr, self._P.indices, weights, self._Y, self._attraction)
        z = self._repel(rate, self._barnes_hut)
        descend(
            self._Y,
            self._velocity,
            self._gains,
            self._attraction,
            self._repulsion,
            np.float32(exaggeration(self.epoch, p.early_exaggeration)),
            np.float32(1.0 / max(z, SMALLEST_Z)),
            np.float32(momentum(self.epoch)),
            np.float32(p.learning_rate_for(self.n_samples) * (GENTLE if self.epoch < self.gentle_until else 1.0)),
        )
        self._Y -= self._Y.mean(axis=1, dtype=np.float64).astype(np.float32)[:, None]
