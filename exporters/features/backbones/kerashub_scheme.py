"""`kerashub:PRESET` or `kerashub:FOLDER`: a backbone of KerasHub with its own image converter."""

from __future__ import annotations

import difflib
import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones import known
from exporters.features.backbones.backbone import Description, FeatureRows
from exporters.features.backbones.choice import CLASS_TOKEN, MEAN, POOLER, NetworkChoice
from exporters.features.backbones.extractor import Extractor
from exporters.features.backbones.preparation import describe
from exporters.features.backbones.sentences import chain, first_sentence, is_unreached, kinds, need
from exporters.features.backbones.weights_hash import weights_hash
from exporters.features.devices import AUTO, compute_scope, load_keras, quiet
from exporters.images.renditions import Bytes, Square

SCHEME = "kerashub"
_CLASS_TOKEN = re.compile(r"(^|/)(\w+_)?(cls_token|class_token|class_embedding)$")
_FILTERS = {"nearest": Image.Resampling.NEAREST, "bicubic": Image.Resampling.BICUBIC}
_HUGGING_FACE, _KAGGLE = "hf://", "kaggle://"
_REFUSED, _REFUSED_BY_KAGGLE = {"UnauthenticatedError", "GatedRepoError"}, (401, 403)
_NOT_THERE, _NOT_THERE_AT_KAGGLE = {"RepositoryNotFoundError", "HFValidationError"}, 404


class KerasHubBackbone:
    """A backbone of KerasHub.

    Pictures are scaled here, antialiased, before the converter sees them; in the size that it wants it leaves them as
    they are.

    Args:
        preset: Its preset's name, or its folder.
        choice: Options: input size, pooling, precision.

    Raises:
        ExportError: If it cannot be had, or takes no pictures.
    """

    def __init__(self, preset: str, choice: NetworkChoice):
        self._preset = preset
        self._precision = choice.precision
        load_keras()  # Quietly, and with the sentence on what it needs.
        self._hub = need("keras_hub", SCHEME)
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # It tells of every try.
        side = choice.image_size
        try:
            with quiet():
                converter = self._hub.layers.ImageConverter.from_preset(preset)
        except Exception as error:
            has_none = re.search(r"subclass of ImageConverter|image_converter\.json` doesn't exist", str(error))
            what = "takes no pictures: it has no image converter" if has_none else "cannot be read"
            raise self._cannot_be_had(error, what) from error
        shape = {} if side is None else {"image_shape": (side, side, 3)}
        with compute_scope(choice.precision), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                backbone = self._hub.models.Backbone.from_preset(preset, **shape)
            except Exception as error:
                what = "cannot be read" if side is None else f"cannot be read for pictures of {side} pixels"
                raise self._cannot_be_had(error, what) from error
            if not hasattr(backbone, "get_vision_embeddings") and len(backbone.inputs) > 1:
                names = ", ".join(each.name for each in backbone.inputs)
                raise ExportError(f"{SCHEME}:{preset} must take pictures and nothing else, and takes {names}.")
            side = side or _own_side(converter, backbone)
            if side is None:
                raise ExportError(f"{SCHEME}:{preset} takes pictures of any size: say which with --image-size, as 224.")
            converter.image_size = (side, side)
            filter_ = _FILTERS.get(str(converter.interpolation), Image.Resampling.BILINEAR)
            self.square = Square(side, side if converter.crop_to_aspect_ratio else None, filter_)
            self._backbone, self._converter = backbone, converter
            self._pooling = self._find_pooling(choice.pooling)
            self._extractor = Extractor(self._model(converter, side))

    def features(self, pictures: Bytes) -> FeatureRows:
        """The features of pictures; see `Backbone`."""
        with compute_scope(self._precision):
            return self._extractor.features(pictures)

    @property
    def description(self) -> Description:
        """What there is to tell of it."""
        handle = self._hub.models.Backbone.presets.get(self._preset, {}).get("kaggle_handle")
        converter = self._converter
        return Description(
            scheme=SCHEME,
            name=Path(self._preset).name if Path(self._preset).is_dir() else self._preset,
            revision=handle,
            weights_sha256=weights_hash((weight.path, np.asarray(weight)) for weight in self._backbone.weights),
            input_size=self.square.side,
            pooling=self._pooling,
            preprocessing=f"{describe(self.square)}; scale {converter.scale}, offset {converter.offset}",
            licence=known.licence_of_preset(self._preset) if handle else None,
        )

    def _model(self, converter: Any, side: int) -> Any:
        """From pictures to rows."""
        keras = load_keras()
        pictures = keras.Input((side, side, 3), dtype="uint8")
        return keras.Model(pictures, keras.ops.cast(self._pooled(converter(pictures)), "float32"))

    def _pooled(self, values: Any) -> Any:
        if self._pooling == POOLER:
            return self._backbone.get_vision_embeddings(values)
        inputs = self._backbone.input
        found = self._backbone(dict.fromkeys(inputs, values) if isinstance(inputs, dict) else values)
        if len(found.shape) == 4:
            return load_keras().ops.mean(found, axis=(1, 2))
        return found[:, 0] if self._pooling == CLASS_TOKEN else load_keras().ops.mean(self._patches(found), axis=1)

    def _patches(self, tokens: Any) -> Any:
        """The tokens without those of the class and of registers, which come first."""
        patch = getattr(self._backbone, "patch_size", None)
        patch = patch[0] if isinstance(patch, (tuple, list)) else patch
        patches = (self.square.side // patch) ** 2 if isinstance(patch, int) and patch else tokens.shape[1]
        return tokens[:, tokens.shape[1] - patches :] if patches <= tokens.shape[1] else tokens

    def _find_pooling(self, pooling: str) -> str:
        """What becomes one row: as asked for, or as is usual for the backbone's kind."""
        has_class_token = any(_CLASS_TOKEN.search(weight.path) for weight in self._backbone.weights)
        is_dual = hasattr(self._backbone, "get_vision_embeddings")
        known = {POOLER: is_dual, CLASS_TOKEN: has_class_token and not is_dual, MEAN: not is_dual}
        if pooling == AUTO:
            return next(name for name, is_known in known.items() if is_known)
        if not known[pooling]:
            names = " and ".join(name for name, is_known in known.items() if is_known)
            raise ExportUsageError(f"--pooling {pooling} is not for {SCHEME}:{self._preset}, which knows {names}.")
        return pooling

    def _cannot_be_had(self, error: BaseException, otherwise: str) -> ExportError:
        """Why the preset cannot be had, in one sentence."""
        preset = self._preset
        if "Unknown preset identifier" in str(error):
            near = difflib.get_close_matches(preset, self._hub.layers.ImageConverter.presets, 3, 0.6)
            hint = f"did you mean {' or '.join(near)}?" if near else "it is no folder either."
            return ExportUsageError(f"There is no preset {preset} of KerasHub: {hint}")
        if Path(preset).is_dir():
            return ExportError(f"{SCHEME}:{preset} {otherwise} ({first_sentence(error)[:-1]}).")
        if "has no config.json" in str(error):  # KerasHub says so whatever stood in the way.
            error = self._what_stood_in_the_way() or error
        found = kinds(error)
        status = _kaggles_status(error)
        if found & _REFUSED or status in _REFUSED_BY_KAGGLE:
            login = "hf auth login" if preset.startswith(_HUGGING_FACE) else "kagglehub.login()"
            return ExportError(
                f"{SCHEME}:{preset} is gated: ask for leave where it is published, then log in ({login})."
            )
        if found & _NOT_THERE or status == _NOT_THERE_AT_KAGGLE:
            return ExportUsageError(
                f"There is no preset {preset} where it would be published; if it is private, log in there."
            )
        if is_unreached(error) or status:
            return ExportError(
                f"{SCHEME}:{preset} is not on this machine and could not be downloaded: save it where there is a "
                "network, and name the folder, as kerashub:FOLDER."
            )
        return ExportError(f"{SCHEME}:{preset} {otherwise} ({first_sentence(error)[:-1]}).")

    def _what_stood_in_the_way(self) -> BaseException | None:
        """What the library that KerasHub downloads by raises for the preset's first file."""
        handle = self._hub.models.Backbone.presets.get(self._preset, {}).get("kaggle_handle", self._preset)
        try:
            with quiet():
                if handle.startswith(_HUGGING_FACE):
                    need("huggingface_hub", SCHEME).hf_hub_download(handle.removeprefix(_HUGGING_FACE), "config.json")
                elif handle.startswith(_KAGGLE):
                    need("kagglehub", SCHEME).model_download(handle.removeprefix(_KAGGLE), "config.json")
        except Exception as error:
            return error
        return None


def open_backbone(name: str, choice: NetworkChoice) -> KerasHubBackbone:
    """The backbone of a preset, or in a folder."""
    folder = Path(name).expanduser()
    return KerasHubBackbone(str(folder) if folder.is_dir() else name, choice)


def _kaggles_status(error: BaseException) -> int | None:
    """The HTTP status that Kaggle answered with, where that was the trouble."""
    answers: Iterator[Any] = (each for each in chain(error) if type(each).__name__ == "KaggleApiHTTPError")
    return next((int(answer.response.status_code) for answer in answers if answer.response is not None), None)


def _own_side(converter: Any, backbone: Any) -> int | None:
    """The side of the pictures that a backbone was made for."""
    size = converter.image_size
    if size is None or size[0] is None:
        named = backbone.input if isinstance(backbone.input, dict) else {}
        size = named.get("images", backbone.inputs[0]).shape[1:3]
    return int(size[0]) if size[0] else None
