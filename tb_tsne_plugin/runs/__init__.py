"""Reads log dirs: which runs there are, and each run's features, metadata and sprite."""

from tb_tsne_plugin.runs.discovery import find_run, open_run, run_names
from tb_tsne_plugin.runs.errors import RunError, UnknownRun, UnknownTensor
from tb_tsne_plugin.runs.format import Tiles
from tb_tsne_plugin.runs.metadata import Metadata
from tb_tsne_plugin.runs.pictures import Pictures
from tb_tsne_plugin.runs.run import Run, Sprite, Tensor

__all__ = [
    "Metadata",
    "Pictures",
    "Run",
    "RunError",
    "Sprite",
    "Tensor",
    "Tiles",
    "UnknownRun",
    "UnknownTensor",
    "find_run",
    "open_run",
    "run_names",
]
