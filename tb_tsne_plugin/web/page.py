"""Handlers: the built front end's files."""

from __future__ import annotations

import os
from pathlib import Path

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import file_answer
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.fields import Values, reads

STATIC = Path(__file__).resolve().parent.parent / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".map": "application/json"}


@reads(answers="text/javascript")
def index(_app: Application, request: Request, _values: Values) -> Response:
    """The entry module."""
    return _file(request, "index.js")


@reads(answers="*/*")
def asset(_app: Application, request: Request, _values: Values) -> Response:
    """A further file, named after the last slash: the build puts them all into one folder."""
    return _file(request, f"assets/{request.path.rsplit('/', 1)[-1]}")


def _file(request: Request, relative: str) -> Response:
    content_type = TYPES.get(Path(relative).suffix)
    if content_type is None:
        raise HttpError(404, "bad_request", "There is no such file.")
    try:
        file = open_contained(STATIC, relative)
    except RunError:
        message = "The front end is not built; install the package again (pip install .)."
        raise HttpError(404, "bad_request", message if relative == "index.js" else "There is no such file.") from None
    return file_answer(request, file, os.fstat(file.fileno()).st_size, content_type)
