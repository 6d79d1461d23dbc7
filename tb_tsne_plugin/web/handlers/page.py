"""The page's own files."""

from __future__ import annotations

import os
from pathlib import Path

from werkzeug.wrappers import Response

from tb_tsne_plugin.runs import RunError
from tb_tsne_plugin.runs.files import open_contained
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.messages import AssetRequest, Request
from tb_tsne_plugin.web.responses import file_response

STATIC = Path(__file__).resolve().parents[2] / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".map": "application/json"}


def index(call: Call, _request: Request) -> Response:
    """The entry module."""
    return _file(call, "index.js")


def asset(call: Call, request: AssetRequest) -> Response:
    """A further file."""
    return _file(call, f"assets/{request.name}")


def _file(call: Call, relative: str) -> Response:
    content_type = TYPES.get(Path(relative).suffix)
    if content_type is None:
        raise HttpError(404, "bad_request", "There is no such file.")
    try:
        file = open_contained(STATIC, relative)
    except RunError:
        message = "The front end is not built; install the package again (pip install .)."
        raise HttpError(404, "bad_request", message if relative == "index.js" else "There is no such file.") from None
    return file_response(call.request, file, os.fstat(file.fileno()).st_size, content_type)
