"""Describes every route in OpenAPI 3.1, from the same declarations that read its requests."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin import __version__
from tb_tsne_plugin.web import schemas
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import json_answer
from tb_tsne_plugin.web.fields import Field, Values, reads
from tb_tsne_plugin.web.guards import REQUEST_HEADER

ERRORS = {
    "400": "The request is malformed.",
    "403": "Refused: who asks, from where, or without the header.",
    "404": "There is no such run, features, label column, picture or session.",
    "405": "Only GET, or only POST, works here.",
    "408": "The request did not come to its end.",
    "409": "Somebody else was first, or there is nothing to undo.",
    "411": "The request does not say how long its body is.",
    "413": "The body is too large.",
    "415": "The body is of another type.",
    "422": "A value is out of range; nothing was applied.",
    "503": "Try again.",
    "507": "Labels cannot be stored; nothing was applied.",
}


@reads(answers=schemas.ANY_OBJECT)
def describe(app: Application, request: Request, _values: Values) -> Response:
    """This description."""
    return json_answer(request, description(app.routes))


def description(routes: Mapping[str, str]) -> dict[str, Any]:
    """The OpenAPI document.

    Args:
      routes: Module and function by route.
    """
    paths = {}
    for route, name in routes.items():
        module, function = name.split(".")
        handler = getattr(importlib.import_module(f"tb_tsne_plugin.web.{module}"), function)
        if "*" not in route:
            paths[route] = _operation(route, handler)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Label Projector", "version": __version__},
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {"schemas": {"Error": schemas.ERROR}},
    }


def _operation(route: str, handler: Any) -> Mapping[str, Any]:
    fields: tuple[Field, ...] = getattr(handler, "fields", ())
    operation: dict[str, Any] = {
        "operationId": route.strip("/").replace("/", "_").replace(".", "_"),
        "summary": (handler.__doc__ or "").splitlines()[0],
        "responses": _responses(getattr(handler, "answers", schemas.ANY_OBJECT)),
    }
    if not getattr(handler, "writes", False):
        operation["parameters"] = [
            {"name": field.name, "in": "query", "required": field.required, "schema": field.schema} for field in fields
        ]
        return {"get": operation}
    operation["parameters"] = [
        {"name": REQUEST_HEADER, "in": "header", "required": True, "schema": {"type": "string", "const": "1"}}
    ]
    body = {
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "required": [field.name for field in fields if field.required],
    }
    operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return {"post": operation}


def _responses(answers: schemas.Schema | str) -> dict[str, Any]:
    is_json = isinstance(answers, dict)
    media, schema = ("application/json", answers) if is_json else (answers, {})
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    found: dict[str, Any] = {"200": {"description": "Done.", "content": {media: {"schema": schema}}}}
    found |= {"204": {"description": "Nothing new."}, "304": {"description": "What the client has still holds."}}
    found |= {status: {"description": words, "content": error} for status, words in ERRORS.items()}
    return found
