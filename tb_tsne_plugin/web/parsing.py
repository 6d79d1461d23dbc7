"""Takes values out of requests, and says in one sentence what is wrong with them."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from tb_tsne_plugin.web.errors import HttpError

MAX_SAMPLES = 100_000
MAX_CLASS_ID = 2**31 - 1
MAX_PLAIN_BYTES = 1 << 24
"""Of a body that came compressed (which itself has at most 1 MiB)."""
MAX_WAIT = 25.0
MAX_SELECTION_CHARACTERS = 2_000
SELECTION_KINDS = ("neighbors", "box", "lasso", "search", "label", "suggestion", "single")

_OP_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in a request's body.

    Raises:
      HttpError: If it is no JSON object; NaN and infinities are no JSON.
    """
    raw = request.get_data()
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raw = _decompressed(request, raw)
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise HttpError(400, "bad_request", "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise HttpError(400, "bad_request", "The body must be a JSON object.")
    return body


def text(values: Any, name: str, max_length: int | None = None) -> str:
    """A text, from a body or from query parameters."""
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise HttpError(400, "bad_request", f"{name} is missing.")
    if max_length is not None and len(value) > max_length:
        raise HttpError(422, "invalid", f"{name} has at most {max_length:,} characters.")
    return value


def choice(values: Any, name: str, choices: Sequence[str]) -> str:
    """One of some words, the first by default."""
    value = values.get(name, choices[0])
    if value not in choices:
        raise HttpError(422, "invalid", f"{name} must be one of {', '.join(choices)}.")
    return str(value)


def whole(values: Any, name: str, low: int, high: int, default: int | None = None) -> int:
    """A whole number in a range, from a body or from query parameters (where it is text)."""
    value = values.get(name, default)
    if isinstance(values, MultiDict) and isinstance(value, str):
        value = int(value) if re.fullmatch(r"-?\d{1,10}", value) else None
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise HttpError(422, "invalid", f"{name} must be a whole number from {low:,} to {high:,}.")
    return value


def number(values: Any, name: str, low: float, high: float, default: float) -> float:
    """A number in a range, from a body or from query parameters (where it is text)."""
    value = values.get(name, default)
    if isinstance(values, MultiDict) and isinstance(value, str):
        value = float(value) if re.fullmatch(r"-?\d{1,10}(\.\d{1,10})?", value) else None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
        raise HttpError(422, "invalid", f"{name} must be a number from {low:g} to {high:g}.")
    return float(value)


def wait_seconds(values: Any, default: float) -> float:
    """How long a client is willing to wait for news."""
    return number(values, "wait", 0, MAX_WAIT, default)


def flag(values: dict[str, Any], name: str, default: bool) -> bool:
    """True or false."""
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise HttpError(422, "invalid", f"{name} must be true or false.")
    return value


def op_id(body: dict[str, Any]) -> str:
    """The name of an operation."""
    value = body.get("op_id")
    if not isinstance(value, str) or not _OP_ID.fullmatch(value):
        raise HttpError(422, "invalid", "op_id must have 8 to 64 letters, digits, - or _.")
    return value


def rows(value: Any, n_samples: int) -> list[int]:
    """Row numbers: a list of rows and of ranges [first, last].

    Raises:
      HttpError: If one is none, or there are too many.
    """
    if not isinstance(value, list):
        raise HttpError(422, "invalid", "rows must be a list of row numbers and of [first, last] ranges.")
    found: list[int] = []
    for item in value:
        first, last = item if isinstance(item, list) and len(item) == 2 else (item, item)
        if not (_is_row(first, n_samples) and _is_row(last, n_samples) and first <= last):
            raise HttpError(422, "invalid", f"rows: {json.dumps(item)[:50]} is no row, and no [first, last] range.")
        if len(found) + last - first >= MAX_SAMPLES:
            raise HttpError(422, "invalid", f"An operation is about 1 to {MAX_SAMPLES:,} samples, not more.")
        found.extend(range(first, last + 1))
    if not found:
        raise HttpError(422, "invalid", f"An operation is about 1 to {MAX_SAMPLES:,} samples, not 0.")
    return found


def class_wanted(body: dict[str, Any]) -> int | None:
    """A class's id, or null for none: one must be said, unless the body brings a new class."""
    if body.get("class_id") is not None:
        return whole(body, "class_id", 1, MAX_CLASS_ID)
    if "class_id" not in body and body.get("new_class") is None:
        raise HttpError(400, "bad_request", "class_id is missing.")
    return None


def sample_ids(body: dict[str, Any]) -> list[str]:
    """The samples an operation is about."""
    value = body.get("sample_ids")
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise HttpError(422, "invalid", "sample_ids must be a list of texts.")
    if not 1 <= len(value) <= MAX_SAMPLES:
        raise HttpError(422, "invalid", f"An operation is about 1 to {MAX_SAMPLES:,} samples, not {len(value):,}.")
    return value


def selection(body: dict[str, Any]) -> dict[str, Any] | None:
    """How the samples were selected."""
    value = body.get("selection")
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("kind") not in SELECTION_KINDS:
        raise HttpError(422, "invalid", f"selection must be an object with a kind: {', '.join(SELECTION_KINDS)}.")
    if len(json.dumps(value)) > MAX_SELECTION_CHARACTERS:
        raise HttpError(422, "invalid", f"selection has at most {MAX_SELECTION_CHARACTERS:,} characters.")
    return value


def _is_row(value: Any, n_samples: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < n_samples


def _decompressed(request: Request, raw: bytes) -> bytes:
    if request.headers["Content-Encoding"].lower() != "gzip":
        raise HttpError(415, "content_type", "A body is compressed with gzip, or not at all.")
    decoder = zlib.decompressobj(wbits=31)
    try:
        plain = decoder.decompress(raw, MAX_PLAIN_BYTES)
    except zlib.error:
        raise HttpError(400, "bad_request", "The body is no gzip data.") from None
    if decoder.unconsumed_tail:
        raise HttpError(413, "too_large", "A request has at most 16 MiB when it is decompressed.")
    return plain


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
