"""The encoder of a classifier, opened again; refused where it is another than the labels were learned on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones.backbone import Description
from exporters.features.backbones.choice import IMAGENET, NetworkChoice
from exporters.features.backbones.names import HF, KERAS, KERASHUB, ONNX, parse
from exporters.features.stages import PIX, PRE, FeatureStages
from exporters.features.trained import IM
from exporters.prediction.description import Encoder
from tb_tsne_plugin.runs.format import REPORT_NAME

# Mixed precision, which depends on the device.
_HALF = re.compile(r", b?float16$")
# What is named by data is data itself; functions and other packages' schemes are programs.
_DATA = (KERAS, KERASHUB, HF, ONNX)


class Owner(NamedTuple):
    """Whose encoder it is, for sentences.

    Attributes:
        name: As a sentence begins.
        file: The file that tells of it.
        learned: What else would be of another network.
    """

    name: str
    file: str
    learned: str


CLASSIFIER = Owner("The classifier", "classifier.json", "the labels were learned on")
RUN = Owner("The run", REPORT_NAME, "the run's features are of")


def open_encoder(
    encoder: Encoder, backbone: str | None = None, weights: str | None = None, owner: Owner = CLASSIFIER
) -> FeatureStages:
    """The stage that computes a classifier's features, or a run's.

    Args:
        encoder: What its owner says of it.
        backbone: Its name where it has another one here: a file or folder that lies elsewhere, or a function.
        weights: Of a Keras network, the file of its weights where these are not ImageNet's.
        owner: Whose it is.

    Raises:
        ExportUsageError: If something must be named and is not.
        ExportError: If it cannot be had, or is another one.
    """
    if encoder.stage not in (PIX, PRE, IM):
        raise ExportError(f"{owner.file} names a stage, {encoder.stage}, that takes more than one picture.")
    computed = FeatureStages([encoder.stage], _choice(encoder, backbone, weights, owner.name))
    for found, wanted in zip(computed.descriptions, [encoder.backbone], strict=False):
        if wanted is None:
            raise ExportError(f"{owner.file} does not say which network computed its features.")
        if different := list(_differences(found, wanted)):
            raise ExportError(
                f"{found.scheme}:{found.name} is not the network that {owner.learned}: {'; '.join(different)}."
            )
    return computed


def check_encoder(found: Encoder, wanted: Encoder) -> None:
    """Refuses features that another encoder made than the one a classifier was learned on.

    Raises:
        ExportError: If that is so; it says what is different.
    """
    different = [f"they are {found.stage}, not {wanted.stage}"] if found.stage != wanted.stage else []
    if found.backbone is not None and wanted.backbone is not None:
        different += _differences(found.backbone, wanted.backbone)
    if found.shown != wanted.shown:
        different.append("pictures of more than 8 bits were shown in another way")
    if different:
        raise ExportError(f"These are not the features that the labels were learned on: {'; '.join(different)}.")


def _choice(encoder: Encoder, backbone: str | None, weights: str | None, owner: str) -> NetworkChoice:
    options = encoder.options
    if options is None:
        if backbone or weights:
            raise ExportUsageError(f"{owner}'s features need no network: leave --backbone and --weights out.")
        return NetworkChoice()
    scheme = parse(options.backbone).scheme
    if backbone is None and scheme not in _DATA:
        raise ExportUsageError(
            f"{owner}'s features come from a program, {options.backbone}: name it with --backbone, if you want "
            "to run it."
        )
    name = parse(options.backbone).name
    if backbone is None and (scheme == ONNX or (scheme == HF and "/" not in name)):  # models have an owner at the Hub
        what = "file" if scheme == ONNX else "folder"
        raise ExportUsageError(
            f"{owner}'s features come from the {what} {name}: say where it lies, with --backbone "
            f"{scheme}:{what.upper()}."
        )
    if weights is None and options.weights != IMAGENET and encoder.stage == IM:
        raise ExportUsageError(
            f"{owner}'s network has its weights from the file {options.weights}: say where it lies, with "
            "--weights FILE."
        )
    return NetworkChoice(
        backbone or options.backbone,
        os.path.abspath(weights) if weights and Path(weights).is_file() else weights or IMAGENET,
        options.image_size,
        precision=options.precision,
        pooling=options.pooling,
        normalization=options.normalization,
    )


def _differences(found: Description, wanted: Description) -> Iterator[str]:
    """What is not the same, of all that features depend on."""
    if found.width != wanted.width:
        yield f"it gives {found.width:,} features, not {wanted.width:,}"
    if found.weights_sha256 != wanted.weights_sha256:
        yield "its weights are others"
    for what, one, other in (
        ("input size", found.input_size, wanted.input_size),
        ("pooling", found.pooling, wanted.pooling),
        ("preprocessing", _HALF.sub("", found.preprocessing), _HALF.sub("", wanted.preprocessing)),
    ):
        if one != other:
            yield f"its {what} is {one}, not {other}"
