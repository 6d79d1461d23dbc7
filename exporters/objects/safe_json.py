"""JSON from anybody, also with `NaN`, which Python's own writer leaves in files although it is no JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import msgspec

from exporters.errors import ExportError
from exporters.objects.files import read_file

Kind = TypeVar("Kind")


def read_json(path: Path, kind: type[Kind], what: str) -> Kind:
    """A JSON file's value; of what it holds only what `kind` names takes memory.

    Args:
        path: The file.
        kind: The type that it must have.
        what: What it should be, for the message.

    Raises:
        ExportError: If it cannot be read, or is no such value.
    """
    content = read_file(path)
    try:
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:  # NaN, another encoding, or no JSON: Python's reader knows, and NaN becomes null.
            return msgspec.json.decode(msgspec.json.encode(json.loads(content)), type=kind)
    except msgspec.ValidationError as error:
        raise ExportError(f"{path} is no {what}: {error}.") from error
    except (ValueError, RecursionError) as error:
        raise ExportError(f"{path} cannot be read as JSON: {str(error) or 'nested too deeply'}.") from error


def part(raw: msgspec.Raw, kind: type[Kind]) -> Kind | None:
    """A part of a JSON value as a type; None where it has another."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError):
        return None


def as_id(value: object) -> str | None:
    """An id as text, the same for 7, 7.0 and "7"; None where there is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return str(value) or None
