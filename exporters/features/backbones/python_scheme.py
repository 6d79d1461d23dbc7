"""`python:MODULE:CALLABLE`: anybody's function as a backbone.

The function takes a batch, (n, side, side, 3) uint8 RGB, and returns (n, D) numbers: an array, or a tensor of any
library. Attributes of it say more, all of them optional: `input_size`, `revision`, `pooling`, `preprocessing`,
`licence`.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import operator
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones.backbone import Description, FeatureRows
from exporters.features.backbones.choice import NetworkChoice
from exporters.features.backbones.sentences import first_sentence
from exporters.images.renditions import Bytes, Square

SCHEME = "python"
SIDE, BATCH = 224, 32
# Kinds of arrays that are no real numbers, though numpy would make some of them.
_NO_NUMBERS = "cSUmM"


class Encoder:
    """A function as a backbone.

    Args:
        encode: From (n, side, side, 3) uint8 RGB to (n, D) numbers.
        scheme: Of its name.
        name: What follows the scheme.
        choice: `image_size` is used.

    Raises:
        ExportError: If it is no function, or its input size no number.
    """

    def __init__(self, encode: Callable[[Bytes], Any], scheme: str, name: str, choice: NetworkChoice):
        self._choice = f"{scheme}:{name}" if name else scheme
        if not callable(encode):
            raise ExportError(f"--backbone {self._choice} is no function from pictures to features.")
        self._encode = encode
        self._scheme, self._name = scheme, name
        choice.refuse_pooling(self._choice)
        size: Any = choice.image_size or self._attribute("input_size", SIDE)
        try:
            side = operator.index(size)
        except TypeError:
            side = 0
        if side < 1:
            raise ExportError(f"--backbone {self._choice}: its input_size must be a number of pixels, not {size!r}.")
        self.square = Square(side)

    def features(self, pictures: Bytes) -> FeatureRows:
        """The features of pictures; see `Backbone`."""
        parts = []
        for start in range(0, len(pictures), BATCH):
            try:
                parts.append(_numbers(self._encode(pictures[start : start + BATCH])))
            except (Exception, SystemExit) as error:  # Anybody's code.
                raise ExportError(
                    f"--backbone {self._choice} failed ({type(error).__name__}): {first_sentence(error)}"
                ) from error
        if len({part.shape[1:] for part in parts}) > 1:
            raise ExportError(f"--backbone {self._choice} returns rows of different widths.")
        return np.concatenate(parts) if parts[0].ndim else parts[0]

    @property
    def description(self) -> Description:
        """What the function's attributes tell."""

        def told(attribute: str) -> str | None:
            value = self._attribute(attribute)
            return None if value is None else str(value)

        return Description(
            scheme=self._scheme,
            name=_without_folder(self._name),
            revision=told("revision"),
            input_size=self.square.side,
            pooling=told("pooling") or "its own",
            preprocessing=told("preprocessing") or "its own",
            licence=told("licence"),
        )

    def _attribute(self, name: str, otherwise: Any = None) -> Any:
        try:
            return getattr(self._encode, name, otherwise)
        except Exception as error:  # Anybody's code.
            raise ExportError(
                f"--backbone {self._choice}: its {name} failed ({type(error).__name__}): {first_sentence(error)}"
            ) from error


def open_backbone(name: str, choice: NetworkChoice) -> Encoder:
    """The function of a module that can be imported, or of a file.

    Raises:
        ExportUsageError: If there is no such module, file or function.
        ExportError: If the module fails.
    """
    place, colon, function = name.rpartition(":")
    if not colon or not place or not function:
        raise ExportUsageError(
            f"--backbone {SCHEME}:{name} names no function: write python:MODULE:CALLABLE or python:FILE.py:CALLABLE."
        )
    found: Any = _module(place, name)
    for part in function.split("."):
        if not hasattr(found, part):
            raise ExportUsageError(f"--backbone {SCHEME}:{name}: there is no {function} in {place}.")
        found = getattr(found, part)
    return Encoder(found, SCHEME, name, choice)


def _module(place: str, name: str) -> Any:
    path = Path(place).expanduser()
    is_file = place.endswith(".py")
    if is_file and not path.is_file():
        raise ExportUsageError(f"--backbone {SCHEME}:{name}: there is no file {place}.")
    no_module = ExportUsageError(
        f"--backbone {SCHEME}:{name}: there is no module {place} to import; a file is python:FILE.py:CALLABLE."
    )
    if not is_file and place.startswith("."):
        raise no_module
    try:
        return _from_file(path) if is_file else importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{place}.".startswith(f"{error.name}."):
            raise ExportError(f"--backbone {SCHEME}:{name} needs a module that is not there: {error}.") from error
        raise no_module from error
    except (Exception, SystemExit) as error:  # Anybody's code; a script may end itself.
        raise ExportError(
            f"--backbone {SCHEME}:{name}: {place} cannot be loaded ({type(error).__name__}): {first_sentence(error)}"
        ) from error


class _AsWritten(importlib.machinery.SourceFileLoader):
    """Compiles a file each time: Python's cache takes one of the same size and second for the same."""

    def get_code(self, fullname: str) -> CodeType:
        """The code of what the file holds now."""
        return self.source_to_code(self.get_data(self.path), self.path)


def _from_file(path: Path) -> Any:
    name = f"backbone {path.absolute()}"  # No other module's.
    loader = _AsWritten(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise ImportError(path.name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Its own classes are looked up there, as dataclasses do.
    loader.exec_module(module)
    return module


def _numbers(rows: Any) -> FeatureRows:
    """Rows of any library as ours.

    Raises:
        TypeError: If they are no real numbers.
    """
    if hasattr(rows, "detach"):  # PyTorch's, maybe of a type that numpy has not.
        rows = rows.detach().cpu()
        rows = rows if rows.is_complex() else rows.float()
    values = np.asarray(rows)
    if values.dtype.kind in _NO_NUMBERS:
        raise TypeError(f"{values.dtype} is no type of real numbers")
    with np.errstate(over="ignore"):  # What is too large becomes infinite, and is told.
        return np.asarray(values, np.float32)


def _without_folder(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
