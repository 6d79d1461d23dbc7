"""How answers are written: JSON, bytes and files, all with the same safe headers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from tensorboard.backend import http_util
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

from tb_tsne_plugin.labels.edits import ClassInfo, Edit

SAFE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'self'"),
    ("Cache-Control", "no-store"),
)


def json_answer(request: Request, value: Any, status: int = 200) -> Response:
    """JSON, compressed where the client takes it."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    response: Response = http_util.Respond(request, text, "application/json", code=status)
    return _with_safe_headers(response)


def text_answer(request: Request, value: str, content_type: str, file_name: str) -> Response:
    """Text as a download."""
    response: Response = http_util.Respond(request, value, content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return _with_safe_headers(response)


def bytes_answer(value: bytes, content_type: str = "application/octet-stream") -> Response:
    """Bytes as they are."""
    return _with_safe_headers(Response(value, content_type=content_type))


def empty_answer() -> Response:
    """204: nothing to tell."""
    return _with_safe_headers(Response(status=204))


def file_answer(request: Request, file: BinaryIO, size: int, content_type: str) -> Response:
    """A file, streamed and closed by the server."""
    response = Response(wrap_file(request.environ, file), content_type=content_type, direct_passthrough=True)
    response.content_length = size
    return _with_safe_headers(response)


def edit_value(edit: Edit) -> dict[str, Any]:
    """An edit result (docs/http_api.md)."""
    return {**asdict(edit), "changes": list(edit.changes.items()), "classes": classes_value(edit.classes)}


def classes_value(classes: Iterable[ClassInfo]) -> list[Mapping[str, Any]]:
    """Classes, in order."""
    return [{"id": info.id, "name": info.name, "color": info.color} for info in classes]


def _with_safe_headers(response: Response) -> Response:
    for name, value in SAFE_HEADERS:
        response.headers[name] = value
    return response
