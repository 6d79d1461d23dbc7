"""Puts positions of ours into a run, as a bookmark that the stock Projector shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tb_tsne_plugin.runs.config import parse_config
from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import contained_path, read_contained
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import CONFIG_NAME, file_name
from tb_tsne_plugin.runs.run import Run, Tensor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABEL = "semi-supervised t-SNE"
MAX_BYTES = 1 << 28
# Its searches for directions of its own, all of which it wants to find in a bookmark.
SIDES = ("XLeft", "XRight", "YUp", "YDown")


def bookmark(positions: NDArray[np.floating], n_features: int) -> dict[str, Any]:
    """One state of the stock Projector, in which every sample lies where we say.

    Its t-SNE and PCA are computed afresh from the features; the positions of its UMAP are taken as they come, so ours
    go by that name there.

    Args:
      positions: (N, 2) or (N, 3), finite.
      n_features: D, the width of the features.

    Returns:
      What goes into a file of bookmarks, as JSON.
    """
    n, dims = positions.shape
    rounded = [[float(f"{value:.5g}") for value in row] for row in positions.tolist()]
    return {
        "label": LABEL,
        "isSelected": False,
        "selectedProjection": "umap",
        "dataSetDimensions": [n, n_features],
        "umapIs3d": dims == 3,
        "umapNeighbors": 15,
        "umapMinDist": 0.1,
        "tSNEIteration": 0,
        "tSNEPerplexity": 20,
        "tSNELearningRate": 10,
        "tSNEis3d": dims == 3,
        "pcaComponentDimensions": list(range(dims)),
        "projections": [{f"umap-{axis}": value for axis, value in enumerate(row)} for row in rounded],
        "selectedPoints": [],
        **{f"custom{side}Text": "" for side in SIDES},
        **{f"custom{side}Regex": False for side in SIDES},
    }


def save_bookmark(run: Run, tensor: Tensor, positions: NDArray[np.floating]) -> str:
    """Makes a bookmark of positions the first of a tensor, in place of an earlier one of ours; others stay.

    Args:
      run: The run.
      tensor: Its features that the positions are of.
      positions: (N, 2) or (N, 3), in the order of the features.

    Returns:
      The file of bookmarks, which the run's config names.

    Raises:
      RunError: If the config or the file of bookmarks there is cannot be read, or is the name of another file.
      OSError: If they cannot be written; each is then as it was.
    """
    from google.protobuf import text_format

    folder, config = Folder(run.folder), parse_config(run.folder)
    embedding = next(iter(config.embeddings[tensor.place : tensor.place + 1]), None)
    if embedding is None or folder.kind(CONFIG_NAME) != "file":
        raise RunError(f"{CONFIG_NAME} changed meanwhile, or is a link; nothing is written there.")
    name = bookmarks_name(run, tensor)
    others = [state for state in _states(run.folder, name) if state.get("label") != LABEL]
    state = bookmark(positions, tensor.shape[1])
    folder.replace(name, json.dumps([state, *others], allow_nan=False).encode())
    if embedding.bookmarks_path != name:
        embedding.bookmarks_path = name
        folder.replace(CONFIG_NAME, text_format.MessageToString(config).encode())
    return name


def bookmarks_name(run: Run, tensor: Tensor) -> str:
    """The file of bookmarks that the config names, or else a new one of the features' name.

    Raises:
      RunError: If it must not be written.
    """
    return run.bookmarks_name(tensor) or run.writable(file_name(tensor.name, ".bookmarks.json"))


def _states(folder: Path, relative: str) -> list[dict[str, Any]]:
    """The bookmarks in a file; none where it is missing."""
    if not contained_path(folder, relative).exists():
        return []
    try:
        states = json.loads(read_contained(folder, relative, MAX_BYTES))
    except (ValueError, RecursionError):
        states = None
    if not isinstance(states, list) or not all(isinstance(state, dict) for state in states):
        raise RunError(f"{relative} is no file of bookmarks of the Projector; move it away to have it written anew.")
    return states
