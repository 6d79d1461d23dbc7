"""Describes every route in OpenAPI 3.1, from the types that read its requests and write its answers.

`python -m tb_tsne_plugin.web` prints the description of ours; the page's TypeScript is made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from tb_tsne_plugin import __version__
from tb_tsne_plugin.web.guards import REQUEST_HEADER
from tb_tsne_plugin.web.messages import ErrorAnswer
from tb_tsne_plugin.web.routing import Route

Schema = dict[str, Any]


def description(routes: Sequence[Route]) -> Schema:
    """The OpenAPI document.

    Args:
      routes: What to describe; those with a variable in their path are left out.
    """
    described = [route for route in routes if "<" not in route.path]
    bodies = [part for route in described if route.writes for part in route.takes]
    answers = [part for route in described for part in _alternatives(route)]
    types = list(dict.fromkeys([*bodies, *answers, ErrorAnswer]))
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = dict(zip(types, schemas, strict=True))
    asked = _reachable([by_type[part] for part in bodies], components)
    for name in set(components) - asked:
        _require_all(components[name])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Label Projector", "version": __version__},
        "servers": [{"url": "."}],
        "paths": {route.path: _operation(route, by_type) for route in described},
        "components": {
            "schemas": components,
            "responses": {"Error": _response("What went wrong, in a sentence.", by_type[ErrorAnswer])},
        },
    }


def _reachable(schemas: Sequence[Schema], components: dict[str, Schema]) -> set[str]:
    """The names of all components that schemas refer to, directly or not."""
    found: set[str] = set()
    waiting: list[Any] = list(schemas)
    while waiting:
        match waiting.pop():
            case {"$ref": str(reference)}:
                name = reference.rsplit("/", 1)[-1]
                if name not in found:
                    found.add(name)
                    waiting.append(components[name])
            case dict(values):
                waiting.extend(values.values())
            case list(values):
                waiting.extend(values)
    return found


def _require_all(schema: Schema) -> None:
    """Says that an answer always has the fields for which a request would have a default."""
    properties: dict[str, Schema] = schema.get("properties", {})
    required = schema.get("required", [])
    schema["required"] = [name for name, each in properties.items() if name in required or "default" in each]
    for each in properties.values():
        each.pop("default", None)


def _operation(route: Route, schemas: dict[Any, Schema]) -> Schema:
    operation: Schema = {
        "operationId": route.path.strip("/").replace("/", "_").replace(".", "_"),
        "summary": route.summary,
        "responses": _responses(route, schemas),
        "x-right": route.right and route.right.word,  # what a token must allow, where tokens are in use
    }
    if not route.writes:
        operation["parameters"] = _parameters(route.takes[0])
        return {"get": operation}
    operation["parameters"] = [
        {"name": REQUEST_HEADER, "in": "header", "required": True, "schema": {"type": "string", "const": "1"}}
    ]
    parts = [schemas[part] for part in route.takes]
    body = parts[0] if len(parts) == 1 else {"allOf": [_without_discriminator(part) for part in parts]}
    operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return {"post": operation}


def _alternatives(route: Route) -> tuple[Any, ...]:
    """The types that a route may answer with; none where it does not answer in JSON."""
    if isinstance(route.answers, str):
        return ()
    return get_args(route.answers) or (route.answers,)


def _parameters(takes: type[msgspec.Struct]) -> list[Schema]:
    """A struct's fields as query parameters."""
    (reference,), components = msgspec.json.schema_components([takes])
    schema = components[reference["$ref"].rsplit("/", 1)[-1]]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": each}
        for name, each in schema["properties"].items()
    ]


def _responses(route: Route, schemas: dict[Any, Schema]) -> Schema:
    found = [schemas[each] for each in _alternatives(route)]
    media = "application/json" if found else route.answers
    schema = found[0] if len(found) == 1 else {"anyOf": found} if found else {}
    return {
        "200": _response("Done.", schema, media),
        "204": {"description": "Nothing new."},
        "304": {"description": "What the client has still holds."},
        "default": {"$ref": "#/components/responses/Error"},  # every error has the one shape (docs/http_api.md)
    }


def _response(words: str, schema: Schema, media: str = "application/json") -> Schema:
    return {"description": words, "content": {media: {"schema": schema}}}


def _without_discriminator(schema: Schema) -> Schema:
    """A union as a part of a whole: readers of this document take its discriminator for the whole's."""
    return {name: value for name, value in schema.items() if name != "discriminator"}
