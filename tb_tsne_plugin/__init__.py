"""Label images through a live, semi-supervised t-SNE inside TensorBoard."""

__version__ = "0.1.0"
