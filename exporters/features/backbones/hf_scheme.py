"""`hf:ORG/NAME` or `hf:FOLDER`: a model of transformers with its own image processor, on PyTorch."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones.backbone import Description, FeatureRows
from exporters.features.backbones.choice import CLASS_TOKEN, MEAN, POOLER, NetworkChoice
from exporters.features.backbones.hf_hub import cannot_be_had, find_licence, find_revision
from exporters.features.backbones.preparation import (
    Normalization,
    describe,
    normalization_of,
    square_of,
    words_of_timm,
)
from exporters.features.backbones.sentences import first_sentence, need
from exporters.features.backbones.weights_hash import weights_hash
from exporters.features.devices import ACCELERATOR_BATCH, AUTO, CPU_BATCH, FULL, MIXED, half_of
from exporters.images.renditions import Bytes, Square

SCHEME = "hf"
_ID = re.compile(r"(?!.*(--|\.\.))\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
# A model is data: code that comes with it is never run, and nobody is asked whether it may.
_TRUST = {"trust_remote_code": False}
# What must be said of preparation where it cannot be tried.
_SAID = ("size", "resample", "image_mean", "image_std", "do_rescale", "do_normalize")
# Weights that no feature needs, unless the pooler is asked for: published models often come without them.
_SPARE = re.compile(r"(^|\.)(pooler\..*|mask_token)$")
_CLASS_TOKEN = re.compile(r"(^|\.)(cls_token|class_token|class_embedding)$")
# How far our preparation of a picture may be from the processor's own, on average and of the whole range: less than one
# of the 256 values, as the libraries that resize differ.
_ALIKE = 1 / 255


class HfBackbone:
    """A model of transformers.

    Args:
        where: Its id at Hugging Face, or its folder.
        choice: Options: input size, pooling, precision.

    Raises:
        ExportError: If it cannot be had, or takes no pictures.
    """

    def __init__(self, where: str, choice: NetworkChoice):
        self._torch = torch = need("torch", SCHEME)
        transformers = need("transformers", SCHEME)
        transformers.utils.logging.set_verbosity_error()
        need("huggingface_hub", SCHEME).logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()  # Of reading weights; downloads have a bar of their own.
        self._where = where
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told, processor = self._read_preparation(transformers)
            model, self._spare = self._read_model(transformers)
        self._is_dual = hasattr(model, "get_image_features")
        if not self._is_dual and model.main_input_name != "pixel_values":
            raise ExportError(f"hf:{where} takes {model.main_input_name} and no pictures.")
        if hasattr(model.config, "mask_ratio"):
            model.config.mask_ratio = 0.0  # A masked autoencoder would leave out patches at random.
        self.square, self._normalization = self._find_preparation(told, processor, choice.image_size)
        self._device = _device(torch)
        self._half = _half(torch, self._device, choice.precision)
        self._batch = CPU_BATCH if self._device == "cpu" else ACCELERATOR_BATCH
        self._model = model.eval().to(self._device)
        self._pooling = self._find_pooling(choice.pooling)

    def _read_preparation(self, transformers: Any) -> tuple[Mapping[str, Any], Any]:
        """How pictures are prepared, in words, and the processor that does it, or None where it does not load."""
        where = self._where
        try:
            config = transformers.AutoConfig.from_pretrained(where, **_TRUST)
        except Exception as error:
            raise cannot_be_had(where, error) from error
        is_timms = hasattr(config, "pretrained_cfg")
        try:
            told = (
                words_of_timm(config.pretrained_cfg)
                if is_timms
                else transformers.BaseImageProcessor.get_image_processor_dict(where)[0]
            )
            if not isinstance(told, Mapping):
                raise ValueError("preprocessor_config.json must hold one JSON object")
        except Exception as error:
            raise cannot_be_had(where, error, "has no image processor, so it takes no pictures") from error
        try:
            processor = transformers.AutoImageProcessor.from_pretrained(where, **_TRUST)
            return told if is_timms else processor.to_dict(), processor
        except Exception as error:
            if "trust_remote_code" in str(error):
                raise cannot_be_had(where, error) from error
            # Some need torchvision; we prepare pictures ourselves, and then only take their word for it.
            if any(told.get(name) is None for name in _SAID):
                raise cannot_be_had(where, error, "has an image processor that does not load") from error
            return told, None

    def _read_model(self, transformers: Any) -> tuple[Any, set[str]]:
        """The model, and the names of weights of it that are random since it came without them.

        Raises:
            ExportError: If it cannot be had, or lacks weights that its features need: these would be random too.
        """
        try:
            model, info = transformers.AutoModel.from_pretrained(
                self._where,
                dtype=self._torch.float32,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # We say it in our words.
                **_TRUST,
            )
        except Exception as error:
            raise cannot_be_had(self._where, error) from error
        random = {*info["missing_keys"], *(name for name, *_ in info["mismatched_keys"])}
        state = model.state_dict()
        spare = {name for name in random if _SPARE.search(name)}
        if lacking := sorted(name for name in random - spare if name in state and state[name].is_floating_point()):
            raise ExportError(
                f"hf:{self._where} lacks {len(lacking):,} of the {len(state):,} weights of the {type(model).__name__} "
                f"that its config.json describes, as {lacking[0]}: fetch or save it again, whole."
            )
        return model, spare

    def features(self, pictures: Bytes) -> FeatureRows:
        """The features of pictures; see `Backbone`."""
        parts: list[FeatureRows] = []
        done = 0
        while done < len(pictures):
            batch = pictures[done : done + self._batch]
            try:
                parts.append(self._run(batch))
            except self._torch.OutOfMemoryError:
                if self._batch == 1:
                    raise ExportError(f"hf:{self._where} needs more memory than {self._device} has.") from None
                self._batch //= 2
                continue
            done += len(batch)
        return np.concatenate(parts)

    @property
    def description(self) -> Description:
        """What there is to tell of it."""
        half = f", {str(self._half).removeprefix('torch.')}" if self._half else ""
        folder = Path(self._where)
        revision = find_revision(self._where)
        return Description(
            scheme=SCHEME,
            name=folder.name if folder.is_dir() else self._where,
            revision=revision,
            weights_sha256=weights_hash(
                (name, each.cpu().numpy()) for name, each in self._model.state_dict().items() if name not in self._spare
            ),
            input_size=self.square.side,
            pooling=self._pooling,
            preprocessing=f"{describe(self.square)}; {self._normalization}{half}",
            licence=find_licence(self._where, revision),
        )

    def _run(self, pictures: Bytes) -> FeatureRows:
        torch = self._torch
        values = torch.from_numpy(self._normalization.of(pictures)).to(self._device).permute(0, 3, 1, 2)
        half: AbstractContextManager[Any] = nullcontext()
        if self._half is not None:
            half = torch.autocast(self._device, dtype=self._half)
        with torch.inference_mode(), half:
            rows = self._pooled(values)
        return np.asarray(rows.float().cpu().numpy(), np.float32)

    def _pooled(self, values: Any) -> Any:
        if self._is_dual and self._pooling == POOLER:
            found = self._call(self._model.get_image_features, values)
            return getattr(found, "pooler_output", found)
        found = self._call(self._model.vision_model if self._is_dual else self._model, values)
        if self._pooling == POOLER:
            return found.pooler_output.flatten(1)
        parts = found.last_hidden_state
        if parts.ndim == 4:  # maps, channels first but in some of timm's
            is_last = getattr(getattr(self._model, "timm_model", None), "output_fmt", "NCHW") == "NHWC"
            return parts.mean(dim=(1, 2) if is_last else (2, 3))
        return parts[:, 0] if self._pooling == CLASS_TOKEN else parts[:, self._before_patches(parts.shape[1]) :].mean(1)

    def _call(self, function: Any, values: Any) -> Any:
        """Calls the model; at another size than its own it is asked to interpolate its positions, where it can be."""
        takes = inspect.signature(getattr(function, "forward", function)).parameters
        more = {"interpolate_pos_encoding": True} if "interpolate_pos_encoding" in takes and self._is_resized else {}
        return function(pixel_values=values, **more)

    def _before_patches(self, tokens: int) -> int:
        """How many tokens (of the class, registers) come before those of the patches."""
        timms = getattr(getattr(self._model, "timm_model", None), "num_prefix_tokens", None)
        if timms is not None:
            return int(timms)
        patch = getattr(_vision_config(self._model.config), "patch_size", None)
        patches = (self.square.side // patch) ** 2 if isinstance(patch, int) and patch else tokens
        if patches < tokens:
            return int(tokens - patches)
        return 1 if _has_class_token(self._model) else 0

    def _find_preparation(
        self, told: Mapping[str, Any], processor: Any, side: int | None
    ) -> tuple[Square, Normalization]:
        """How pictures are prepared, and that the processor itself, where it loads, prepares them so."""
        told = {name: value for name, value in told.items() if value is not None}
        try:
            square, normalization = square_of(told, None), normalization_of(told)
        except ExportError as error:
            raise ExportError(f"hf:{self._where}: {error}") from error
        self._is_resized = side is not None and square is not None and side != square.side
        if square is not None and normalization is not None:
            if processor is None:
                return square_of(told, side) or square, normalization
            probe = _probe()
            try:
                theirs = processor(images=probe, return_tensors="pt")["pixel_values"].numpy()
            except Exception as error:  # Each has its own.
                raise cannot_be_had(self._where, error, "has an image processor that takes no picture") from error
            ours = normalization.of(square.of(probe)[None]).transpose(0, 3, 1, 2)
            span = 255 * max(normalization.scale)
            if theirs.shape == ours.shape and np.abs(theirs - ours).mean() < _ALIKE * span:
                return square_of(told, side) or square, normalization
        raise ExportError(
            f"hf:{self._where} prepares pictures in a way that is not known here ({told.get('image_processor_type')}): "
            "compute its features in a function of your own, python:MODULE:CALLABLE."
        )

    def _find_pooling(self, pooling: str) -> str:
        """What becomes one row: as asked for, or as is usual for the model's kind."""
        model = self._model
        side = self.square.side
        try:
            with self._torch.inference_mode():
                blank = self._torch.zeros(1, 3, side, side, device=self._device)
                found = self._call(model.vision_model if self._is_dual else model, blank)
        except Exception as error:  # Layers have each their own, as for pictures that are too small.
            raise ExportError(
                f"hf:{self._where} cannot compute pictures of {side} pixels: {first_sentence(error)}"
            ) from error
        pooled = None if any("pooler." in name for name in self._spare) else getattr(found, "pooler_output", None)
        has_pooler = self._is_dual or pooled is not None
        has_class_token = _has_class_token(model)
        if pooling == AUTO:
            # What BERT's pooler does of the class token is trained for other tasks, if at all; CLIP's ends with a norm.
            is_usual = has_class_token and not self._is_dual and not getattr(model.config, "use_mean_pooling", False)
            is_raw = pooled is None or any(name.endswith("pooler.dense") for name, _ in model.named_modules())
            if is_usual and (is_raw or self._torch.allclose(pooled, found.last_hidden_state[:, 0])):
                return CLASS_TOKEN
            return POOLER if has_pooler else MEAN
        if not {CLASS_TOKEN: has_class_token, POOLER: has_pooler, MEAN: True}[pooling]:
            what = "class token" if pooling == CLASS_TOKEN else "pooling of its own"
            raise ExportUsageError(f"hf:{self._where} has no {what}: leave --pooling {pooling} out.")
        return pooling


def open_backbone(name: str, choice: NetworkChoice) -> HfBackbone:
    """The model in a folder, or of an id.

    Raises:
        ExportUsageError: If it is neither.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return HfBackbone(str(folder), choice)
    if not _ID.fullmatch(name):
        raise ExportUsageError(f"hf:{name} is neither a folder nor the id of a model, as facebook/dinov2-small.")
    return HfBackbone(name, choice)


def _probe() -> Image.Image:
    """A picture that shows how it was scaled and cut: shades that rise to the right and downwards, and waves."""
    across, down = np.meshgrid(np.linspace(0, 1, 400), np.linspace(0, 1, 300))
    waves = 0.5 + 0.5 * np.sin(9 * across + 7 * down)
    return Image.fromarray((255 * np.stack([across, down, waves], axis=-1)).astype(np.uint8))


def _has_class_token(model: Any) -> bool:
    return any(_CLASS_TOKEN.search(name) for name, _ in model.named_parameters())


def _vision_config(config: Any) -> Any:
    return getattr(config, "vision_config", config)


def _device(torch: Any) -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _half(torch: Any, device: str, precision: str) -> Any:
    """The type of mixed precision; None where it is not faster."""
    if precision == FULL:
        return None
    half = half_of(torch.cuda.get_device_capability()) if device == "cuda" else None
    if half is None:
        return torch.bfloat16 if precision == MIXED else None
    return getattr(torch, half)
