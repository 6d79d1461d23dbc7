"""From images to a TensorBoard log dir: features, sprite sheet, metadata.

    from exporters import extract_features, write_run

Nothing heavy is imported before it is used; TensorFlow and Keras only for the features of a network.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exporters.arrays import write_run
    from exporters.errors import ExportError
    from exporters.export import ExportOptions, export_images
    from exporters.features import NetworkChoice, extract_features
    from exporters.run_writer import RunSummary
    from exporters.training import TrainingOptions

__all__ = [
    "ExportError",
    "ExportOptions",
    "NetworkChoice",
    "RunSummary",
    "TrainingOptions",
    "export_images",
    "extract_features",
    "write_run",
]

_HOMES = {
    "ExportError": "errors",
    "ExportOptions": "export",
    "NetworkChoice": "features",
    "RunSummary": "run_writer",
    "TrainingOptions": "training",
    "export_images": "export",
    "extract_features": "features",
    "write_run": "arrays",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
