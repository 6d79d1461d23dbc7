"""From images to a TensorBoard log dir: features, sprite sheet, metadata.

    from exporters import extract_features, write_run

Nothing heavy is imported before it is used; TensorFlow and Keras only for the features of a network.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exporters.add import AddOptions, AddSummary, add_images
    from exporters.arrays import write_run
    from exporters.errors import ExportError
    from exporters.export import ExportOptions, export_images
    from exporters.features.backbones.choice import NetworkChoice
    from exporters.features.extract import extract_features
    from exporters.features.training import TrainingOptions
    from exporters.objects.choice import ObjectChoice
    from exporters.predict import PredictionSummary, predict_images
    from exporters.run.report import RunSummary

__all__ = [
    "AddOptions",
    "AddSummary",
    "ExportError",
    "ExportOptions",
    "NetworkChoice",
    "ObjectChoice",
    "PredictionSummary",
    "RunSummary",
    "TrainingOptions",
    "add_images",
    "export_images",
    "extract_features",
    "predict_images",
    "write_run",
]

_HOMES = {
    "AddOptions": "add",
    "AddSummary": "add",
    "ExportError": "errors",
    "ExportOptions": "export",
    "NetworkChoice": "features.backbones.choice",
    "ObjectChoice": "objects.choice",
    "PredictionSummary": "predict",
    "RunSummary": "run.report",
    "TrainingOptions": "features.training",
    "add_images": "add",
    "export_images": "export",
    "extract_features": "features.extract",
    "predict_images": "predict",
    "write_run": "arrays",
}


if sys.platform == "win32":
    raise ImportError("tb-tsne runs on Linux and macOS; Windows is not supported.")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
