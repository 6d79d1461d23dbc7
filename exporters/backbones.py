"""Backbones' names, for the commands."""

from __future__ import annotations

from pathlib import Path

from exporters.features.backbones.names import HF, KERASHUB, ONNX, PYTHON, SCHEMES, parse


def absolute(choice: str) -> str:
    """The name with a file's or folder's whole path, so that it means the same from every folder."""
    scheme, name = parse(choice)
    path, colon, rest = name.partition(":") if scheme == PYTHON else (name, "", "")
    found = Path(path).expanduser()
    is_path = scheme == ONNX or (scheme in (KERASHUB, HF) and found.is_dir()) or path.endswith(".py")
    return f"{scheme}:{found.absolute()}{colon}{rest}" if is_path and scheme in SCHEMES else choice
