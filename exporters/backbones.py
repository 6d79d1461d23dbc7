"""Backbones' names for the commands: which there are, and where files are meant."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from exporters.errors import ExportError
from exporters.features.backbones import known
from exporters.features.backbones.names import HF, KERAS, KERASHUB, ONNX, PYTHON, SCHEMES, parse
from exporters.features.backbones.packages import package_names
from exporters.features.backbones.preparation import square_of
from exporters.features.devices import load_keras, quiet

# The libraries that run a scheme's backbones, and the extra that brings them.
_NEEDS = {
    KERAS: ("keras", "export"),
    HF: ("transformers", "hf"),
    KERASHUB: ("keras_hub", "kerashub"),
    ONNX: ("onnxruntime", "onnx"),
}
# Families of KerasHub that turn a picture into features; others find objects, read text or speak.
_FAMILIES = {
    "clip", "cspnet", "deit", "densenet", "dinov2", "dinov3", "efficientnet", "hgnetv2", "metaclip_2", "mobilenet",
    "resnet", "siglip", "swin_transformer", "vgg", "vit", "xception",
}  # fmt: skip


class Listed(NamedTuple):
    """A backbone that can be named.

    Attributes:
        name: What `--backbone` takes.
        width: Features an image; None where that is not known before it is there.
        side: Side of its square input in pixels, or None.
        megabytes: Of its download, or None.
        licence: Of its weights; empty where it is not known.
        is_here: Whether its weights are on this machine.
    """

    name: str
    width: int | None = None
    side: int | None = None
    megabytes: int | None = None
    licence: str = ""
    is_here: bool = False


def list_backbones(part: str = "") -> list[Listed]:
    """The backbones that can be named here, by the libraries that are installed; no network is used.

    Args:
        part: What their names must contain, in any case.

    Raises:
        ExportError: If there is none; the message names the nearest.
    """
    listed = [*_of_keras(), *_of_hf(), *_of_kerashub()]
    listed += [Listed(name, is_here=True) for name in sorted(package_names())]
    found = [each for each in listed if part.casefold() in each.name.casefold()]
    if not found:
        names = {each.name.rpartition("/")[2].rpartition(":")[2].casefold(): each.name for each in listed}
        near = [names[name] for name in difflib.get_close_matches(part.casefold(), names, 3, 0.5)]
        hint = f": did you mean {' or '.join(near)}?" if near else "."
        raise ExportError(f"No backbone that is known here has {part!r} in its name{hint}")
    return found


def notes_on_schemes() -> list[str]:
    """How backbones are named that no list can hold, and what is missing for others."""
    missing = [scheme for scheme, (module, _) in _NEEDS.items() if not _is_installed(module)]
    notes = [f"{SCHEMES[scheme]} takes any other." for scheme in (HF, KERASHUB, ONNX, PYTHON) if scheme not in missing]
    return notes + [f"{scheme}: needs pip install 'tb-tsne[{_NEEDS[scheme][1]}]'." for scheme in missing]


def absolute(choice: str) -> str:
    """The name with a file's or folder's whole path, so that it means the same from every folder."""
    scheme, name = parse(choice)
    path, colon, rest = name.partition(":") if scheme == PYTHON else (name, "", "")
    found = Path(path).expanduser()
    is_path = scheme == ONNX or (scheme in (KERASHUB, HF) and found.is_dir()) or path.endswith(".py")
    return f"{scheme}:{found.absolute()}{colon}{rest}" if is_path and scheme in SCHEMES else choice


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _of_keras() -> Iterator[Listed]:
    if not _is_installed(_NEEDS[KERAS][0]):
        return
    cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"
    files = [file.stem.lower() for file in cache.glob("*no*top*.h5")]
    # Of a MobileNet only that of width multiplier 1, which its name alone stands for.
    files = [file for file in files if "mobilenet" not in file or re.search(r"1[._]0", file)]
    kept = [re.sub(r"^weights|[^a-z0-9]", "", file) for file in files]
    # A file is of the network with the longest name that it begins with: MobileNetV2's begin with MobileNet, too.
    here = {max((name for name in known.KERAS if file.startswith(name.lower())), key=len, default="") for file in kept}
    for name, (side, width, megabytes, licence) in known.KERAS.items():
        yield Listed(name, width, side, megabytes, licence, name in here)


def _of_hf() -> Iterator[Listed]:
    if not _is_installed(_NEEDS[HF][0]):
        return
    cached = _cached_by_hf()
    for name, (side, width, megabytes, licence) in known.HF.items():
        yield Listed(f"{HF}:{name}", width, side, megabytes, licence, name in cached)
    for name, (snapshot, size) in cached.items():
        if name not in known.HF:
            config, told = (_json(snapshot / file) for file in ("config.json", "preprocessor_config.json"))
            square, wide = square_of(told, None), config.get("projection_dim", config.get("hidden_size"))
            yield Listed(
                f"{HF}:{name}",
                wide if isinstance(wide, int) else None,
                square.side if square else None,
                size // 10**6,
                is_here=True,
            )


def _cached_by_hf() -> dict[str, tuple[Path, int]]:
    """The models in Hugging Face's cache that come with an image processor: a snapshot and the bytes of each."""
    hub = importlib.import_module("huggingface_hub")
    try:
        repositories = hub.scan_cache_dir().repos
    except hub.CacheNotFound:
        return {}
    found = {}
    for repository in sorted(repositories, key=lambda each: str(each.repo_id)):
        for revision in repository.revisions:
            if (revision.snapshot_path / "preprocessor_config.json").is_file():
                found[str(repository.repo_id)] = (revision.snapshot_path, int(repository.size_on_disk))
    return found


def _of_kerashub() -> Iterator[Listed]:
    if not _is_installed(_NEEDS[KERASHUB][0]):
        return
    load_keras()
    with quiet():
        presets = importlib.import_module("keras_hub").layers.ImageConverter.presets
    cache = Path(os.environ.get("KAGGLEHUB_CACHE", Path.home() / ".cache" / "kagglehub")) / "models"
    for name, told in presets.items():
        about = told.get("metadata", {})
        if about.get("path") not in _FAMILIES:
            continue
        side = re.search(r"(\d{3})x\1", str(about.get("description"))) or re.search(r"_(\d{3})(?=_|$)", name)
        megabytes = about["params"] * 4 // 10**6 if about.get("params") else None
        handle = str(told.get("kaggle_handle", "")).removeprefix("kaggle://")
        licence = known.licence_of_preset(name) or ""
        here = bool(handle) and (cache / handle).is_dir()
        yield Listed(f"{KERASHUB}:{name}", None, int(side[1]) if side else None, megabytes, licence, here)


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
