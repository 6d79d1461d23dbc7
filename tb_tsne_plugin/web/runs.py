"""Handlers: runs, samples, sprite sheets."""

from __future__ import annotations

import os
from typing import Any

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin import __version__
from tb_tsne_plugin.runs import Run, RunError, Tensor, list_runs
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import file_answer, json_answer
from tb_tsne_plugin.web.errors import HttpError

IMAGE_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def list_all(app: Application, request: Request) -> Response:
    """Every run, with what is wrong with it."""
    problem = app.guards.edit_problem(request)
    value = {
        "version": __version__,
        "can_edit": problem is None,
        "edit_problem": problem,
        "runs": [_run_value(run) for run in list_runs(app.logdir)],
    }
    return json_answer(request, value)


def samples(app: Application, request: Request) -> Response:
    """The samples of some features, in row order."""
    _, tensor = app.tensor(request.args)
    metadata = tensor.metadata
    sprite, notes = _sprite_value(tensor)
    value = {
        "count": tensor.shape[0],
        "sample_ids": metadata.sample_ids,
        "columns": [{"name": name, "values": values} for name, values in metadata.columns.items()],
        "sprite": sprite,
        "notes": [*metadata.notes, *notes],
    }
    return json_answer(request, value)


def sprite(app: Application, request: Request) -> Response:
    """The sprite sheet."""
    _, tensor = app.tensor(request.args)
    if not tensor.has_sprite:
        raise HttpError(404, "no_sprite", "This run has no sprite sheet.")
    file = tensor.open_sprite()
    start = file.read(4)
    file.seek(0)
    for signature, content_type in IMAGE_TYPES.items():
        if start.startswith(signature):
            return file_answer(request, file, os.fstat(file.fileno()).st_size, content_type)
    file.close()
    raise HttpError(422, "bad_run", "The sprite sheet is neither PNG, JPEG nor WebP.")


def _run_value(run: Run) -> dict[str, Any]:
    try:
        tensors = [{"name": tensor.name, "shape": list(tensor.shape)} for tensor in run.tensors]
        for tensor in run.tensors:
            _ = tensor.metadata
    except RunError as error:
        return {"run": run.name, "problem": str(error), "tensors": []}
    return {"run": run.name, "problem": None, "tensors": tensors}


def _sprite_value(tensor: Tensor) -> tuple[dict[str, Any] | None, list[str]]:
    """The sprite's layout; a sprite that does not fit costs the pictures, not the run."""
    if not tensor.has_sprite:
        return None, []
    try:
        found = tensor.sprite()
    except RunError as error:
        return None, [str(error)]
    return {"pages": 1, "tile": list(found.tile), "columns": found.columns}, []
