"""The engine as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from tb_tsne_plugin.tsne.affinities import Conditioning, compute_affinities
from tb_tsne_plugin.tsne.embedding import Embedding
from tb_tsne_plugin.tsne.given_labels import detached, encode_labels
from tb_tsne_plugin.tsne.initialization import INITIAL_DEVIATION, initial_positions
from tb_tsne_plugin.tsne.kernel import available_threads, use_threads
from tb_tsne_plugin.tsne.parameters import Method, Metric, Parameters
from tb_tsne_plugin.tsne.placement import place_by_features

LARGEST_SEED = 2**31 - 1
REPORT_EPOCHS = 100


class SemiSupervisedTSNE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """t-SNE that labels shape (Luus, Khan, Akhalwaya, 2019), for 2-D and 3-D.

    `transform` places further samples among those that it was fitted to, and moves none of these.

    Attributes:
      embedding_: (N, n_components) float32 positions.
      kl_divergence_: The cost KL(P~ || Q~) of those positions.
      n_iter_: Epochs made.
      affinities_: (N, N) scipy CSR matrix of p_ij.
      n_features_in_: D.
    """

    def __init__(
        self,
        n_components: int = 3,
        *,
        perplexity: float = 20.0,
        theta: float = 0.8,
        early_exaggeration: float = 4.0,
        learning_rate: float | Literal["auto"] = "auto",
        label_importance: float = 0.01,
        repulsion_emphasis: float = 0.1,
        labeling_start: int = 200,
        ramp_epochs: int = 10,
        n_epochs: int = 1000,
        metric: Metric = "euclidean",
        init: str | NDArray[np.floating] = "pca",
        method: Method = "auto",
        random_state: Any = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        """Keeps the parameters; `Parameters` documents those it shares with the live embedding.

        Args:
          n_components: 1, 2 or 3.
          perplexity: Effective number of neighbours; lowered where there are too few samples.
          theta: Barnes-Hut's accuracy against speed.
          early_exaggeration: alpha.
          learning_rate: A number or "auto".
          label_importance: f.
          repulsion_emphasis: r.
          labeling_start: s.
          ramp_epochs: Epochs of the ramp.
          n_epochs: Gradient steps.
          metric: "euclidean" or "cosine".
          init: "pca", "random", or (N, n_components) positions.
          method: "auto", "exact" or "barnes_hut".
          random_state: Seed.
          n_jobs: Threads; None or -1 for all. The result does not depend on it.
          verbose: Above 0, prints the cost now and then.
        """
        self.n_components = n_components
        self.perplexity = perplexity
        self.theta = theta
        self.early_exaggeration = early_exaggeration
        self.learning_rate = learning_rate
        self.label_importance = label_importance
        self.repulsion_emphasis = repulsion_emphasis
        self.labeling_start = labeling_start
        self.ramp_epochs = ramp_epochs
        self.n_epochs = n_epochs
        self.metric = metric
        self.init = init
        self.method = method
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> SemiSupervisedTSNE:
        """Embeds samples.

        Args:
          X: (N, D) features.
          y: (N,) labels, numbers or texts; -1, NaN, None or `unlabeled` where there is none. None for an unsupervised
            t-SNE.

        Returns:
          Itself.
        """
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None, **_: Any) -> NDArray[np.float32]:
        """Embeds samples, and returns their positions.

        Args:
          X: (N, D) features.
          y: (N,) labels, numbers or texts; -1, NaN, None or `unlabeled` where there is none. None for an unsupervised
            t-SNE.

        Returns:
          (N, n_components) positions.

        Raises:
          ValueError: If a parameter is out of its range, or the data are not finite numbers.
        """
        random = check_random_state(self.random_state)
        parameters = self._parameters(int(random.randint(LARGEST_SEED)))
        features = validate_data(self, detached(X), dtype=[np.float64, np.float32], ensure_min_samples=2)
        labels = None if y is None else encode_labels(y, len(features))
        with _threads(self.n_jobs):
            affinities = compute_affinities(features, parameters.perplexity, parameters.metric)
            embedding = Embedding(affinities, self._start(features, parameters), parameters)
            if labels is not None:
                embedding.set_labels(np.arange(len(labels)), labels)
            self._run(embedding, parameters.n_epochs)
            self.kl_divergence_ = embedding.cost
        self.embedding_ = embedding.positions_by_sample[:, : int(self.n_components)]
        self.affinities_ = affinities.P
        self.n_iter_ = embedding.epoch
        self._conditioning = Conditioning.of(features, parameters.metric)
        self._features = self._conditioning(features)
        return self.embedding_

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Places newcomers among the samples fitted, each by itself: in the midst of its nearest ones.

        One with the very features of a fitted sample is placed where that stands. `fit_transform` of all together gives
        a newcomer's own kind a group of its own; here it is put to the nearest.

        Args:
          X: (n, D) features.

        Returns:
          (n, n_components) positions.

        Raises:
          ValueError: If the data are not finite numbers, or of another width.
          NotFittedError: If it was not fitted.
        """
        check_is_fitted(self)
        features = validate_data(self, detached(X), dtype=[np.float64, np.float32], reset=False)
        with _threads(self.n_jobs):
            newcomers = self._conditioning(features)
            positions = np.ascontiguousarray(self.embedding_.T)
            placed = place_by_features(newcomers, self._features, positions, self.perplexity, self.metric)
            return np.ascontiguousarray(placed.T)

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may expect: positions are float32 whatever the features are."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.embedding_.shape[1])

    def _parameters(self, seed: int) -> Parameters:
        shared = {name: getattr(self, name) for name in Parameters.__dataclass_fields__ if name != "random_state"}
        if shared["n_components"] == 1:  # scikit-learn asks for it: a plane whose second axis stays empty
            shared["n_components"] = 2
        return Parameters(**shared, random_state=seed)

    def _start(self, features: NDArray[np.floating], parameters: Parameters) -> NDArray[np.floating]:
        start = self._wanted_start(features, parameters)
        start[:, int(self.n_components) :] = 0.0
        return start

    def _wanted_start(self, features: NDArray[np.floating], parameters: Parameters) -> NDArray[np.floating]:
        if isinstance(self.init, str):
            if self.init == "pca":
                return initial_positions(features, parameters.n_components, parameters.random_state)
            if self.init == "random":
                noise = np.random.default_rng(parameters.random_state).standard_normal(
                    (len(features), parameters.n_components), dtype=np.float32
                )
                return np.asarray(noise * np.float32(INITIAL_DEVIATION))
            raise ValueError(f'init must be "pca", "random" or an array, not {self.init!r}.')
        given = np.asarray(detached(self.init), dtype=np.float32)
        if given.shape != (len(features), self.n_components):
            wanted = f"{len(features)} x {self.n_components}"
            raise ValueError(f"init must have the shape {wanted}, not {' x '.join(map(str, given.shape))}.")
        return np.pad(given, ((0, 0), (0, parameters.n_components - self.n_components)))

    def _run(self, embedding: Embedding, n_epochs: int) -> None:
        while embedding.epoch < n_epochs:
            embedding.step(min(REPORT_EPOCHS, n_epochs - embedding.epoch))
            if self.verbose > 0:
                print(f"[t-SNE] epoch {embedding.epoch}: cost {embedding.cost:.4f}")


@contextmanager
def _threads(n_jobs: int | None) -> Iterator[None]:
    """Limits the kernels' threads for a while."""
    everything = available_threads()
    use_threads(everything if n_jobs is None or n_jobs < 0 else min(max(n_jobs, 1), everything))
    try:
        yield
    finally:
        use_threads(everything)
