"""Saves what was learned from a run's labels: a folder of two files, there whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin import __version__
from tb_tsne_plugin.classifier.description import Description
from tb_tsne_plugin.classifier.encoder import Encoder
from tb_tsne_plugin.classifier.errors import ClassifierError
from tb_tsne_plugin.classifier.model import build_model, load_onnx
from tb_tsne_plugin.guidance.guide import Guide, too_many_classes
from tb_tsne_plugin.runs.folder import check_new_folder, new_folder
from tb_tsne_plugin.runs.format import CLASSIFIER_MODEL_NAME, CLASSIFIER_NAME

NEEDS_FEATURES = (
    "What computed these features is not known (they are somebody's own, were trained on the run's pictures, or come "
    "from an export of an earlier version): tb-tsne predict takes further images as an .npy file of their features."
)

OF_PARTS = (
    "It was learned from parts of larger pictures: tb-tsne predict takes every image whole, so give it images that "
    "show one object or tile each, cut out as the run's."
)


def check_place(folder: Path) -> None:
    """Says what is missing, or in the way, before anything is computed.

    Raises:
      ClassifierError: In one sentence.
    """
    load_onnx()
    try:
        check_new_folder(folder)
    except OSError as error:
        raise _cannot_be_made(folder, error) from error


def save_classifier(
    folder: Path,
    guide: Guide,
    labels: NDArray[np.integer],
    batches: NDArray[np.integer],
    names: Sequence[str],
    tensor: str,
    column: str,
    encoder: Encoder | None,
    *,
    of_parts: bool = False,
) -> Description:
    """Saves a classifier.

    Args:
      folder: Where: a folder that is not there yet, or an empty one.
      guide: Of the run's samples.
      labels: (N,) class numbers, negative where there is none; of two classes at least.
      batches: (N,) samples with the same number were labelled together.
      names: Of the classes, by number.
      tensor: The name of the features.
      column: The label column.
      encoder: What computed them.
      of_parts: Whether the samples are parts of pictures.

    Returns:
      What the folder's classifier.json says.

    Raises:
      ClassifierError: In one sentence, if it cannot be saved; nothing is left then.
    """
    if too_many_classes(labels):
        raise ClassifierError("There are too many classes to learn from: they look like names or numbers.")
    learned = guide.suggester.for_further_samples(labels, batches)
    classes = [names[number] for number in learned.classes]
    model = build_model(guide.components, learned, classes)
    counts = np.bincount(labels[labels >= 0], minlength=len(names))
    description = Description(
        made=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        versions={"tb-tsne": __version__, "onnx": load_onnx().__version__},
        model_sha256=hashlib.sha256(model).hexdigest(),
        tensor=tensor,
        width=guide.components.axes.shape[0],
        samples=len(labels),
        column=column,
        classes=classes,
        labels={name: int(counts[number]) for name, number in zip(classes, learned.classes, strict=True)},
        temperature=learned.temperature,
        encoder=encoder,
        note=NEEDS_FEATURES if encoder is None else OF_PARTS if of_parts else "",
    )
    text = json.dumps(msgspec.to_builtins(description), indent=1, ensure_ascii=False) + "\n"
    try:
        with new_folder(folder) as into:
            into.replace(CLASSIFIER_MODEL_NAME, model)
            into.replace(CLASSIFIER_NAME, text.encode())
    except OSError as error:
        raise _cannot_be_made(folder, error) from error
    return description


def _cannot_be_made(folder: Path, error: OSError) -> ClassifierError:
    if isinstance(error, FileExistsError):
        return ClassifierError(f"{folder} is there already, and no empty folder: choose another --out.")
    return ClassifierError(f"{folder} cannot be written: {error.strerror}.")
