"""The semi-supervised t-SNE engine: arrays in, arrays out; it knows no files, HTTP, threads or TensorBoard.

Names load on first use: `Parameters` is wanted in TensorBoard's own process, where numba must not be imported.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tb_tsne_plugin.tsne.affinities import Affinities, compute_affinities
    from tb_tsne_plugin.tsne.embedding import Embedding
    from tb_tsne_plugin.tsne.estimator import SemiSupervisedTSNE
    from tb_tsne_plugin.tsne.gradient import gradient
    from tb_tsne_plugin.tsne.initialization import initial_positions
    from tb_tsne_plugin.tsne.parameters import PRESETS, UNLABELED, Parameters

__all__ = [
    "PRESETS",
    "UNLABELED",
    "Affinities",
    "Embedding",
    "Parameters",
    "SemiSupervisedTSNE",
    "compute_affinities",
    "gradient",
    "initial_positions",
]

_HOMES = {
    "PRESETS": "parameters",
    "UNLABELED": "parameters",
    "Affinities": "affinities",
    "Embedding": "embedding",
    "Parameters": "parameters",
    "SemiSupervisedTSNE": "estimator",
    "compute_affinities": "affinities",
    "gradient": "gradient",
    "initial_positions": "initialization",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value  # `gradient` is a submodule too: bind the function, whatever was imported first
    return value
