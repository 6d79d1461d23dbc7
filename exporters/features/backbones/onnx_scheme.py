"""`onnx:FILE`: a model of any framework, run by onnxruntime.

What the file does not say itself, in its inputs or its metadata, a JSON beside it may say: `model.json` beside
`model.onnx`, or `preprocessor_config.json`, in the words of the latter; `layout`, `NCHW` or `NHWC`; and `channels`,
`RGB` or `BGR`. The JSON is believed above the file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones.backbone import Description, FeatureRows
from exporters.features.backbones.choice import CLASS_TOKEN, MEAN, POOLER, NetworkChoice
from exporters.features.backbones.preparation import (
    NAMED,
    Normalization,
    describe,
    normalization_of,
    square_of,
)
from exporters.features.backbones.sentences import first_sentence, need
from exporters.features.devices import AUTO, quiet
from exporters.images.renditions import Bytes

Prepared = TypeVar("Prepared")

SCHEME = "onnx"
BATCH = 32
FIRST, LAST = "NCHW", "NHWC"
RGB, BGR = "RGB", "BGR"
# What onnxruntime's messages begin with: its codes, the file that was named to it, and lines of its own source.
_PREAMBLE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : |^Load model from .*? failed: ?|^/\S+:\d+ .*?\) (?=[A-Z])")
# The names that exporters of models give to an output that is one row a picture, best first.
_ROWS = ("image_embeds", "pooler_output", "sentence_embedding")
# Those of onnxruntime that compute the same as a processor does, and need nothing but a driver.
_PROVIDERS = ("CUDAExecutionProvider", "ROCMExecutionProvider", "CPUExecutionProvider")
_TYPES: dict[str, npt.DTypeLike] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}


class OnnxBackbone:
    """An ONNX file's model.

    Args:
        path: The file.
        choice: Options: input size, normalization and pooling, where the file leaves them open.

    Raises:
        ExportError: If the file is no model, or none from pictures to features.
    """

    def __init__(self, path: Path, choice: NetworkChoice):
        self._path = path
        onnxruntime = need("onnxruntime", SCHEME)
        if not path.is_file():
            raise ExportUsageError(f"--backbone {SCHEME}:{path}: there is no such file.")
        available = onnxruntime.get_available_providers()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # What goes wrong is raised; onnxruntime would write it out as well.
        try:
            with quiet():
                self._session = onnxruntime.InferenceSession(
                    str(path), options, providers=[name for name in _PROVIDERS if name in available]
                )
        except Exception as error:  # onnxruntime has a class for each of its codes.
            raise ExportError(f"{path.name} is no ONNX model that onnxruntime can run: {_reason(error)}") from error
        told = {**self._told_inside(), **_told_beside(path)}
        if told.get("channels", RGB) not in (RGB, BGR):
            raise ExportError(f"{path.name}: channels must be {RGB} or {BGR}, not {told['channels']!r}.")
        self._input = self._find_input()
        self._layout, own_side = self._layout_and_side(told)
        if own_side and choice.image_size not in (None, own_side):
            raise ExportUsageError(
                f"{path.name} takes pictures of {own_side} pixels only: leave --image-size {choice.image_size} out."
            )
        square = self._prepared(lambda: square_of(told, choice.image_size or own_side))
        if square is None:
            raise ExportError(f"{path.name} takes pictures of any size: say which with --image-size, as 224.")
        self.square = square
        self._normalization = self._find_normalization(told, choice)
        self._output, self._pooling = self._find_output(choice.pooling)
        self._told = told

    def features(self, pictures: Bytes) -> FeatureRows:
        """The features of pictures; see `Backbone`."""
        fixed = self._input.shape[0] if isinstance(self._input.shape[0], int) else None
        size = fixed or BATCH
        parts = []
        for start in range(0, len(pictures), size):
            batch = pictures[start : start + size]
            missing = size - len(batch) if fixed else 0
            filled = np.concatenate([batch, np.repeat(batch[-1:], missing, axis=0)]) if missing else batch
            parts.append(self._pooled(self._run(filled))[: len(batch)])
        return np.concatenate(parts)

    @property
    def description(self) -> Description:
        """What there is to tell of it."""
        licence = self._told.get("license", self._told.get("licence"))
        version = self._session.get_modelmeta().version
        is_told = 0 < version < 2**63 - 1  # onnxruntime's own number for none
        return Description(
            scheme=SCHEME,
            name=self._path.name,
            revision=str(version) if is_told else None,
            weights_sha256=_digest(self._path),
            input_size=self.square.side,
            pooling=self._pooling,
            preprocessing=f"{describe(self.square)}; {self._normalization or '0 to 255'}{self._order}",
            licence=None if licence is None else str(licence),
        )

    @property
    def _order(self) -> str:
        return f", {BGR}" if self._told.get("channels") == BGR else ""

    def _run(self, pictures: Bytes) -> npt.NDArray[Any]:
        values: npt.NDArray[Any] = pictures if self._normalization is None else self._normalization.of(pictures)
        if self._told.get("channels") == BGR:
            values = values[..., ::-1]
        if self._layout == FIRST:
            values = values.transpose(0, 3, 1, 2)
        values = np.ascontiguousarray(values, _TYPES[self._input.type])
        try:
            (found,) = self._session.run([self._output.name], {self._input.name: values})
        except Exception as error:  # onnxruntime has a class for each of its codes.
            raise ExportError(
                f"{self._path.name} cannot compute pictures of {self.square.side} pixels: {_reason(error)}"
            ) from error
        return np.asarray(found)

    def _pooled(self, found: npt.NDArray[Any]) -> FeatureRows:
        if found.ndim == 4:  # maps
            maps = (1, 2) if self._layout == LAST else (2, 3)
            found = found.mean(axis=maps, dtype=np.float32)
        elif found.ndim == 3:  # tokens
            found = found[:, 0] if self._pooling == CLASS_TOKEN else found.mean(axis=1, dtype=np.float32)
        return np.asarray(found, np.float32)

    def _told_inside(self) -> dict[str, Any]:
        """The file's own metadata; values are JSON, or plain text."""
        told: dict[str, Any] = {}
        for name, text in self._session.get_modelmeta().custom_metadata_map.items():
            try:
                told[name] = json.loads(text)
            except ValueError:
                told[name] = text
        return told

    def _find_input(self) -> Any:
        inputs = self._session.get_inputs()
        images = [each for each in inputs if len(each.shape) == 4 and each.type in _TYPES]
        if len(images) != 1 or len(inputs) != 1:
            names = ", ".join(f"{each.name} {each.shape}" for each in inputs)
            raise ExportError(
                f"{self._path.name} must take one batch of pictures and nothing else, and takes {names}: "
                "export the part that sees pictures."
            )
        return images[0]

    def _layout_and_side(self, told: Mapping[str, Any]) -> tuple[str, int | None]:
        shape = self._input.shape
        layout = told.get("layout") or (FIRST if shape[1] == 3 else LAST if shape[3] == 3 else None)
        if layout not in (FIRST, LAST):
            raise ExportError(
                f"{self._path.name} does not say where it takes red, green and blue (its input is {shape}): "
                f'write {{"layout": "{FIRST}"}} or "{LAST}" into {self._path.stem}.json beside it.'
            )
        sides = [side for side in (shape[2:] if layout == FIRST else shape[1:3]) if isinstance(side, int)]
        if len(set(sides)) > 1:
            raise ExportError(f"{self._path.name} takes pictures of {sides[0]} x {sides[1]}, which is no square.")
        return str(layout), sides[0] if sides else None

    def _find_normalization(self, told: Mapping[str, Any], choice: NetworkChoice) -> Normalization | None:
        if self._input.type == "tensor(uint8)":
            return None  # It normalizes them itself.
        words = told if choice.normalization == AUTO else NAMED[choice.normalization]
        found = self._prepared(lambda: normalization_of(words))
        if found is None:
            raise ExportError(
                f"{self._path.name} does not say how values from 0 to 255 are normalized: give --normalization "
                f"{', '.join(list(NAMED)[:-1])} or {list(NAMED)[-1]}, or image_mean and image_std in "
                f"{self._path.stem}.json beside it."
            )
        return found

    def _prepared(self, read: Callable[[], Prepared]) -> Prepared:
        """What `read` makes of the words told, with the file named where they make no sense."""
        try:
            return read()
        except ExportError as error:
            raise ExportError(f"{self._path.name}: {error}") from error

    def _find_output(self, pooling: str) -> tuple[Any, str]:
        """The output to take, and what becomes one row of it."""
        outputs = {each.name: each for each in self._session.get_outputs()}
        rows = [name for name in _ROWS if name in outputs] + [
            name for name, each in outputs.items() if len(each.shape) == 2 and name not in _ROWS
        ]
        if rows and pooling in (AUTO, POOLER):
            return outputs[rows[0]], f"{POOLER} (its output {rows[0]})"
        maps = [each for each in outputs.values() if len(each.shape) == 4]
        tokens = [each for each in outputs.values() if len(each.shape) == 3]
        if tokens and pooling in (CLASS_TOKEN, MEAN):
            return tokens[0], pooling
        if maps and pooling in (AUTO, MEAN):
            return maps[0], MEAN
        if tokens and pooling == AUTO:
            raise ExportError(
                f"{self._path.name} gives a row for every part of a picture: say with --pooling {CLASS_TOKEN} that the "
                f"first stands for the whole, or with --pooling {MEAN} that their mean does."
            )
        shapes = ", ".join(f"{each.name} {each.shape}" for each in outputs.values())
        raise ExportError(f"{self._path.name} has no output that --pooling {pooling} could take: it gives {shapes}.")


def open_backbone(name: str, choice: NetworkChoice) -> OnnxBackbone:
    """The model in a file."""
    return OnnxBackbone(Path(name).expanduser(), choice)


def _told_beside(path: Path) -> dict[str, Any]:
    """What a JSON beside the file says."""
    for beside in (path.with_suffix(".json"), path.with_name("preprocessor_config.json")):
        if beside.is_file():
            try:
                told = json.loads(beside.read_bytes())
            except (OSError, ValueError) as error:
                raise ExportError(
                    f"{beside.name} beside {path.name} cannot be read: {first_sentence(error)}"
                ) from error
            if not isinstance(told, dict):
                raise ExportError(f"{beside.name} beside {path.name} must hold one JSON object.")
            return told
    return {}


def _reason(error: BaseException) -> str:
    """What onnxruntime has to say for people."""
    text = " ".join(str(error).split())
    while (shorter := _PREAMBLE.sub("", text)) != text:
        text = shorter
    return first_sentence(ValueError(text))


def _digest(path: Path) -> str:
    """SHA-256 of the file, and of the weights beside it where they are in a file of their own."""
    digest = hashlib.sha256()
    for part in (path, path.with_name(f"{path.name}.data"), path.with_name(f"{path.name}_data")):
        if part.is_file():
            with part.open("rb") as file:
                while chunk := file.read(2**20):
                    digest.update(chunk)
    return digest.hexdigest()
