"""Reads a request into its struct (`messages`, where all limits are), or says in one sentence what is wrong with it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect
from werkzeug.wrappers import Request

from tb_tsne_plugin.web.errors import HttpError

_PATH = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"^Object missing required field `(.+?)`")
_UNKNOWN = re.compile(r"^Object contains unknown field `(.+?)`")
_LONE_SURROGATE = re.compile(
    rb"\xed[\xa0-\xbf]"  # as bytes; or escaped: a first half without its second, or a second half without its first
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)

Taken = TypeVar("Taken")


def query_of(request: Request) -> dict[str, str]:
    """The query parameters of a request, by name.

    Raises:
      HttpError: If they are no text.
    """
    try:
        return request.args.to_dict()
    except UnicodeDecodeError:
        raise HttpError(422, "invalid", "The query parameters are not UTF-8 text.") from None


def read_query(values: Mapping[str, str], wanted: type[Taken]) -> Taken:
    """The query parameters of a request.

    Args:
      values: Text by name.
      wanted: What they make.

    Raises:
      HttpError: If one is missing or out of range.
    """
    try:
        return msgspec.convert(values, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal(error, wanted) from None


def plain_body(request: Request, most_bytes: int) -> bytes:
    """The body of a request, decompressed.

    Args:
      request: The request, whose length is known to be within bounds.
      most_bytes: How long its body may be when it is decompressed; no more than that is ever made of it.

    Raises:
      HttpError: If it is compressed in another way than by gzip, or too large without it.
    """
    raw = request.get_data()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return raw
    if encoding != "gzip":
        raise HttpError(415, "content_type", "A body is compressed with gzip, or not at all.")
    decoder = zlib.decompressobj(wbits=31)
    try:
        plain = decoder.decompress(raw, most_bytes)
    except zlib.error:
        raise HttpError(400, "bad_request", "The body is no gzip data.") from None
    if decoder.unconsumed_tail:
        message = f"This request has at most {most_bytes >> 20} MiB when it is decompressed."
        raise HttpError(413, "too_large", message)
    if not decoder.eof or decoder.unused_data:
        raise HttpError(400, "bad_request", "The body is no gzip data, or not the whole of it.")
    return plain


def read_body(raw: bytes, wanted: type[Taken]) -> Taken:
    """The JSON object in a request's body.

    Args:
      raw: The body.
      wanted: What it makes.

    Raises:
      HttpError: If it is no JSON object (NaN and infinities are no JSON), or a value is missing or out of range.
    """
    try:
        return msgspec.json.decode(raw, type=wanted)
    except msgspec.ValidationError as error:
        raise _refusal(error, wanted) from None
    except (msgspec.DecodeError, RecursionError):
        if _LONE_SURROGATE.search(raw.replace(rb"\\", b"")):  # a backslash that is escaped begins nothing
            message = "The body holds characters that are no text (lone surrogates)."
            raise HttpError(422, "invalid", message) from None
        raise HttpError(400, "bad_request", "The body is not valid JSON.") from None


def _refusal(error: msgspec.ValidationError, wanted: Any) -> HttpError:
    """What is wrong with a value: 400 where it is not there at all; 422 where it, or what it is part of, is wrong."""
    text = str(error)
    at = _PATH.search(text)
    path = at.group(1) if at else ""
    missing = _MISSING.match(text)
    if missing:
        return _missing_value(f"{path}.{missing.group(1)}" if path else missing.group(1))
    if not path:
        return HttpError(400, "bad_request", "The body must be a JSON object.")
    found = _type_at(_described(wanted), re.findall(r"[^.\[\]]+|\[[^\]]*\]", path))
    if unknown := _UNKNOWN.match(text):
        there_are = ", ".join(sorted(field.encode_name for each in _structs(found) for field in each.fields))
        return HttpError(422, "invalid", f"{path} have no {unknown.group(1)!r}; there are {there_are}.")
    if _is_a_name(_bare(found)) and "length <=" not in text:
        return _missing_value(path)
    return HttpError(422, "invalid", f"{path} must {_what_it_must(found)}.")


def _missing_value(path: str) -> HttpError:
    is_part = "." in path
    return HttpError(422 if is_part else 400, "invalid" if is_part else "bad_request", f"{path} is missing.")


@lru_cache(maxsize=256)
def _described(wanted: Any) -> inspect.Type:
    return inspect.type_info(wanted)


def _type_at(kind: inspect.Type, steps: list[str]) -> inspect.Type:
    """The type of the value that a path leads to; as far as it can be followed."""
    for step in steps:
        inner = _inner(_bare(kind), step)
        if inner is None:
            break
        kind = inner
    return kind


def _inner(kind: inspect.Type, step: str) -> inspect.Type | None:
    if any(each.tag_field == step for each in _structs(kind)):
        return inspect.LiteralType(_tags(kind))
    if isinstance(kind, inspect.UnionType):
        return next((found for each in kind.types if (found := _inner(_bare(each), step)) is not None), None)
    if isinstance(kind, inspect.StructType):
        return next((field.type for field in kind.fields if field.encode_name == step), None)
    if isinstance(kind, inspect.TupleType) and step.startswith("["):
        return kind.item_types[int(step[1:-1])]
    return kind.item_type if isinstance(kind, inspect.ListType) and step.startswith("[") else None


def _structs(kind: inspect.Type) -> list[inspect.StructType]:
    """The objects that a value may be."""
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return [each for each in kinds if isinstance(each, inspect.StructType)]


def _tags(kind: inspect.Type) -> tuple[str | int, ...]:
    """What tells these objects apart."""
    return tuple(each.tag for each in _structs(kind) if each.tag is not None)


def _bare(kind: inspect.Type) -> inspect.Type:
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _is_a_name(kind: inspect.Type) -> bool:
    """Whether a value is text that cannot be empty: anything else in its place is as good as nothing."""
    return isinstance(kind, inspect.StrType) and kind.min_length == 1


def _what_it_must(kind: inspect.Type) -> str:
    """What goes after `must`: what a value of this type is like, in words."""
    if isinstance(kind, inspect.Metadata):
        return str((kind.extra or {}).get("must") or _what_it_must(kind.type))
    if isinstance(kind, inspect.UnionType):
        if tags := _tags(kind):
            return f"be an object whose {_structs(kind)[0].tag_field} is one of {', '.join(str(tag) for tag in tags)}"
        kinds = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
        return _either([_what_it_must(each) for each in kinds])
    if isinstance(kind, (inspect.IntType, inspect.FloatType)):
        what = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
        return f"be {what}{_range(kind.ge, kind.le)}"
    if isinstance(kind, inspect.StrType):
        return "be text" if kind.max_length is None else f"be text of at most {kind.max_length:,} characters"
    if isinstance(kind, inspect.LiteralType):
        return f"be one of {', '.join(str(value) for value in kind.values)}"
    if isinstance(kind, inspect.ListType):
        few = "" if kind.max_length is None else f" with 1 to {kind.max_length:,} entries"
        return f"be a list{few}"
    words = {
        inspect.BoolType: "be true or false",
        inspect.BytesType: "be Base64",
        inspect.StructType: "be an object",
        inspect.TupleType: "be a pair",
    }
    return words.get(type(kind), "be something else")


def _either(musts: list[str]) -> str:
    first, *others = dict.fromkeys(musts)
    return " or ".join([first, *(other.removeprefix("be ") for other in others)])


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low:,g} to {high:,}" if isinstance(high, int) else f" from {low:g} to {high:g}"
    return "" if low is None else f" from {low:g} on"
