"""How answers are written: JSON, bytes and files, all with the same safe headers."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

import msgspec
from tensorboard.backend import http_util
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

IMAGE_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
SAFE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'self'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),  # browsers that do not say who asks keep other sites out by this
    ("Cache-Control", "no-store"),
)


def json_response(request: Request, answer: object, status: int = 200, *, etag: str = "") -> Response:
    """JSON, compressed where the client takes it; with an `etag`, the client asks next time whether it still holds."""
    text = msgspec.json.encode(answer)
    response: Response = http_util.Respond(request, text, "application/json", code=status)
    return _with_etag(_with_safe_headers(response), etag)


def is_fresh(request: Request, etag: str) -> bool:
    """Whether the client has what it asks for, as `etag` names it."""
    return bool(etag) and request.if_none_match.contains_weak(_tag(etag))


def not_modified(etag: str) -> Response:
    """304: what the client has still holds."""
    return _with_etag(_with_safe_headers(Response(status=304)), etag)


def download_response(
    request: Request, content: str | bytes | Iterator[bytes], content_type: str, file_name: str
) -> Response:
    """A download, under a name of `runs.format.file_name`; one that is made while it is sent, as an iterator."""
    response: Response
    if isinstance(content, (str, bytes)):
        response = http_util.Respond(request, content, content_type)
    else:
        response = Response(content, content_type=content_type)
    plain = file_name.encode("ascii", "replace").decode().replace("?", "_")
    named = f'attachment; filename="{plain}"'
    if plain != file_name:
        named += f"; filename*=UTF-8''{quote(file_name, safe='')}"
    response.headers["Content-Disposition"] = named
    return _with_safe_headers(response)


def bytes_response(value: bytes, content_type: str = "application/octet-stream", *, etag: str = "") -> Response:
    """Bytes as they are."""
    return _with_etag(_with_safe_headers(Response(value, content_type=content_type)), etag)


def empty_response() -> Response:
    """204: nothing to tell."""
    return _with_safe_headers(Response(status=204))


def image_response(request: Request, file: BinaryIO) -> Response:
    """An image file, which says itself what kind of image it is; closed by the server.

    Raises:
      ValueError: If it is no image of a kind that pages may show; it is closed then.
    """
    status = os.fstat(file.fileno())
    etag = f"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"
    content_type = image_type(file.read(4))
    file.seek(0)
    if content_type is None or is_fresh(request, etag):
        file.close()
        if content_type is None:
            raise ValueError("no image")
        return not_modified(etag)
    return _with_etag(file_response(request, file, status.st_size, content_type), etag)


def image_type(start: bytes) -> str | None:
    """The media type of an image by its first four bytes; None if it is none that pages may show."""
    return next((kind for signature, kind in IMAGE_TYPES.items() if start.startswith(signature)), None)


def file_response(request: Request, file: BinaryIO, size: int, content_type: str) -> Response:
    """A file, streamed and closed by the server."""
    response = Response(wrap_file(request.environ, file), content_type=content_type, direct_passthrough=True)
    response.content_length = size
    return _with_safe_headers(response)


def _with_etag(response: Response, etag: str) -> Response:
    if etag:
        response.set_etag(_tag(etag), weak=True)  # weak: compressed or not, it is the same
        response.headers["Cache-Control"] = "private, no-cache"  # keep it, but ask whether it still holds
    return response


def _tag(etag: str) -> str:
    """The same in characters that an ETag may have: label columns are named as people like."""
    return hashlib.blake2b(etag.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _with_safe_headers(response: Response) -> Response:
    for name, value in SAFE_HEADERS:
        response.headers[name] = value
    return response
