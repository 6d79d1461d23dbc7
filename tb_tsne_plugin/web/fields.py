"""What each route takes, said once: read from requests, and described to others (docs/http_api.md, `openapi.json`)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.labels.store import DEFAULT_COLUMN, MAX_HISTORY
from tb_tsne_plugin.web import parsing

if TYPE_CHECKING:
    from tb_tsne_plugin.web.application import Application

Schema = dict[str, Any]
Values = dict[str, Any]
_Handler = Callable[["Application", Request, Values], Response]
MAX_REVISION = 2**31 - 1
MAX_NEIGHBORS = 1_000


@dataclass(frozen=True)
class Field:
    """One value of a request.

    Attributes:
      name: Its name.
      schema: Its JSON schema.
      read: Takes it out of the query parameters or the body, or raises `HttpError`.
      required: Whether it must be there.
    """

    name: str
    schema: Schema
    read: Callable[[Any], Any]
    required: bool = False


def whole(name: str, low: int, high: int, default: int | None = None, *, required: bool = False) -> Field:
    """A whole number; `default` where it is missing."""
    schema: Schema = {"type": "integer", "minimum": low, "maximum": high}

    def read(values: Any) -> int | None:
        return default if name not in values and not required else parsing.whole(values, name, low, high)

    return Field(name, schema if default is None else {**schema, "default": default}, read, required)


def number(name: str, low: float, high: float, default: float) -> Field:
    """A number."""
    schema = {"type": "number", "minimum": low, "maximum": high, "default": default}
    return Field(name, schema, lambda values: parsing.number(values, name, low, high, default))


def text(name: str, *, required: bool = True, max_length: int | None = None) -> Field:
    """A text that is not empty."""
    schema: Schema = {"type": "string", "minLength": 1}

    def read(values: Any) -> str | None:
        return None if name not in values and not required else parsing.text(values, name, max_length)

    return Field(name, schema if max_length is None else {**schema, "maxLength": max_length}, read, required)


def choice(name: str, choices: Sequence[str]) -> Field:
    """One of some words, the first by default."""
    schema = {"type": "string", "enum": list(choices), "default": choices[0]}
    return Field(name, schema, lambda values: parsing.choice(values, name, choices))


def flag(name: str, default: bool) -> Field:
    """True or false, in a body."""
    schema = {"type": "boolean", "default": default}
    return Field(name, schema, lambda values: parsing.flag(values, name, default))


def anything(name: str, schema: Schema) -> Field:
    """A value of a body that its handler, or the layer below, checks."""
    return Field(name, schema, lambda values: values.get(name))


RUN = text("run")
TENSOR = text("tensor")
COLUMN = Field(
    "column",
    {"type": "string", "minLength": 1, "maxLength": 128, "default": DEFAULT_COLUMN},
    lambda values: parsing.text(values, "column", 128) if "column" in values else DEFAULT_COLUMN,
)
WAIT_FOR_CHANGES = number("wait", 0, parsing.MAX_WAIT, 0)
WAIT_FOR_FRAME = number("wait", 0, parsing.MAX_WAIT, 10)
AFTER_REVISION = whole("after", 0, MAX_REVISION, required=True)
AFTER_FRAME = whole("after", 0, 2**32 - 1, 0)
LIMIT = whole("limit", 1, MAX_HISTORY, 50)
BEFORE = whole("before", 1, MAX_REVISION)
OP_ID = Field("op_id", {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"}, parsing.op_id, True)
BASE_REVISION = whole("base_revision", 0, MAX_REVISION, required=True)
EDIT = (RUN, COLUMN, OP_ID, BASE_REVISION)
"""What every edit of labels takes."""
SELECTION = Field(
    "selection",
    {
        "type": ["object", "null"],
        "properties": {"kind": {"enum": list(parsing.SELECTION_KINDS)}},
        "required": ["kind"],
        "maxProperties": 50,
    },
    parsing.selection,
)


def reads(*fields: Field, answers: Schema | str) -> Callable[[_Handler], Any]:
    """Marks a handler that changes nothing, and gives it its checked query parameters.

    Args:
      *fields: The query parameters.
      answers: The JSON schema of its answer, or its media type.
    """
    return functools.partial(_declared, fields, answers, False)


def writes(*fields: Field, answers: Schema | str) -> Callable[[_Handler], Any]:
    """Marks a handler that changes something: POST only, with every guard; it gets the checked values of its body.

    Args:
      *fields: What the body, a JSON object, holds.
      answers: The JSON schema of its answer, or its media type.
    """
    return functools.partial(_declared, fields, answers, True)


def _declared(fields: Sequence[Field], answers: Schema | str, is_write: bool, handler: _Handler) -> Any:
    @functools.wraps(handler)
    def answer(app: Application, request: Request) -> Response:
        values: Mapping[str, Any] = parsing.body_of(request) if is_write else request.args
        return handler(app, request, {field.name: field.read(values) for field in fields})

    declared: Any = answer
    declared.fields, declared.answers, declared.writes = fields, answers, is_write
    return declared
