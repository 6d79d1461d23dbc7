"""What a t-SNE can be told: every parameter with its range, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, TypedDict, TypeVar

import numpy as np

UNLABELED = -1
"""The label of a sample that nobody has labelled."""

Metric: TypeAlias = Literal["euclidean", "cosine"]
METRICS = ("euclidean", "cosine")
EXACT_UP_TO = 1500
"""Samples up to which all pairs are faster than a tree (docs/performance.md)."""
Method: TypeAlias = Literal["auto", "exact", "barnes_hut"]
METHODS = ("auto", "exact", "barnes_hut")
_Changed = TypeVar("_Changed", bound="Parameters")


@dataclass(frozen=True)
class Parameters:
    """Parameters of one t-SNE, with the defaults of docs/algorithm.md.

    Attributes:
      n_components: Dimensions of the embedding, 2 or 3.
      perplexity: Effective number of neighbours.
      theta: Barnes-Hut's accuracy against speed; 0 is exact.
      early_exaggeration: alpha, the factor on the attraction until epoch 100; it falls to 1 by epoch 250.
      learning_rate: A number, or "auto" for max(N / 16, 50).
      label_importance: f, how strongly labels change the attraction.
      repulsion_emphasis: r, how much more points of different labels repel each other.
      labeling_start: s, the epoch from which labels count.
      ramp_epochs: Epochs in which a new label's point rate u rises from 0 to 1.
      n_epochs: Epochs after which an embedding that nobody touches has settled.
      metric: Distance between features, "euclidean" or "cosine".
      method: How repulsion is summed: "exact", "barnes_hut", or "auto" for whichever is faster.
      random_state: Seed; the same seed gives the same positions.
    """

    n_components: int = 3
    perplexity: float = 20.0
    theta: float = 0.8
    early_exaggeration: float = 4.0
    learning_rate: float | Literal["auto"] = "auto"
    label_importance: float = 0.01
    repulsion_emphasis: float = 0.1
    labeling_start: int = 200
    ramp_epochs: int = 10
    n_epochs: int = 1000
    metric: Metric = "euclidean"
    method: Method = "auto"
    random_state: int = 0

    def __post_init__(self) -> None:
        """Checks every value.

        Raises:
          ValueError: If a value is out of its range; the message names it, the value and the range.
        """
        for name, (kind, low, high) in _RANGES.items():
            value = _plain(getattr(self, name))
            if name == "learning_rate" and value == "auto":
                continue
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            if not is_number or (kind is int and value != int(value)) or not low <= value <= high:
                what = "a whole number" if kind is int else "a number"
                extra = ' or "auto"' if name == "learning_rate" else ""
                raise ValueError(f"{name} must be {what} from {low:g} to {high:g}{extra}, not {value!r}.")
            object.__setattr__(self, name, kind(value))
        for name, choices in (("metric", METRICS), ("method", METHODS)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}.")

    def updated(self: _Changed, changes: Mapping[str, Any]) -> _Changed:
        """These parameters with some of them changed.

        Args:
          changes: New values by name.

        Returns:
          The new parameters.

        Raises:
          ValueError: If a name is unknown or a value out of range.
        """
        known = {field.name for field in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise ValueError(f"There is no parameter {unknown[0]!r}; there are {', '.join(sorted(known))}.")
        return replace(self, **changes)

    def learning_rate_for(self, n_samples: int) -> float:
        """The step length for `n_samples` points (docs/algorithm.md, section 3)."""
        if isinstance(self.learning_rate, str):
            return max(n_samples / 16.0, 50.0)
        return self.learning_rate

    def method_for(self, n_samples: int) -> Literal["exact", "barnes_hut"]:
        """How repulsion is summed for `n_samples` points: "exact" or "barnes_hut"."""
        if self.method == "auto":
            return "exact" if n_samples <= EXACT_UP_TO else "barnes_hut"
        return self.method


def same_affinities(one: Parameters, other: Parameters) -> bool:
    """Whether both make the same affinities."""
    return (one.perplexity, one.metric) == (other.perplexity, other.metric)


def same_start(one: Parameters, other: Parameters) -> bool:
    """Whether both make the same embedding at epoch 0."""
    seeds = (one.n_components, one.random_state), (other.n_components, other.random_state)
    return same_affinities(one, other) and seeds[0] == seeds[1]


def _plain(value: Any) -> Any:
    """A number of NumPy, or a tensor of one number, as Python's own; all else as it is."""
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (Decimal, Fraction)):
        return float(value)
    try:
        found = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):
        return value
    return found.item() if found.ndim == 0 and found.dtype.kind in "iuf" else value


_RANGES: dict[str, tuple[type[int] | type[float], float, float]] = {
    "n_components": (int, 2, 3),
    "perplexity": (float, 1.0, 1000.0),
    "theta": (float, 0.0, 2.0),
    "early_exaggeration": (float, 1.0, 100.0),
    "learning_rate": (float, 1e-3, 1e6),
    "label_importance": (float, 0.0, 10.0),
    "repulsion_emphasis": (float, 0.0, 10.0),
    "labeling_start": (int, 0, 1_000_000),
    "ramp_epochs": (int, 1, 10_000),
    "n_epochs": (int, 1, 1_000_000),
    "random_state": (int, 0, 2**31 - 1),
}


class Preset(TypedDict):
    """A named strength of the supervision: these parameters, for `Parameters.updated`."""

    label_importance: float
    repulsion_emphasis: float
    ramp_epochs: int


PRESETS: dict[str, Preset] = {
    "unsupervised": {"label_importance": 0.0, "repulsion_emphasis": 0.0, "ramp_epochs": 1},
    "slight": {"label_importance": 0.01, "repulsion_emphasis": 0.1, "ramp_epochs": 1},
    "strong": {"label_importance": 0.1, "repulsion_emphasis": 0.1, "ramp_epochs": 10},
}
"""Strengths of the supervision that the paper studies (its Figure 4)."""
