"""Label images through a live, semi-supervised t-SNE inside TensorBoard."""

import sys

__all__ = ["__version__"]

__version__ = "0.1.0"
"""The one place that says it: pyproject.toml reads it from here."""

if sys.platform == "win32":
    raise ImportError("tb-tsne runs on Linux and macOS; Windows is not supported.")
