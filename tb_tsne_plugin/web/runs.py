"""Handlers: runs, samples, and their pictures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, BinaryIO

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin import __version__
from tb_tsne_plugin.runs import Run, RunError, Tensor, list_runs
from tb_tsne_plugin.tsne.parameters import PRESETS
from tb_tsne_plugin.web import fields, schemas
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import bytes_answer, image_answer, image_type, is_fresh, json_answer, not_modified
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.fields import Values, reads


@reads(answers=schemas.RUNS)
def list_all(app: Application, request: Request, _values: Values) -> Response:
    """Every run, with what is wrong with it."""
    problem = app.guards.edit_problem(request)
    value = {
        "version": __version__,
        "can_edit": problem is None,
        "edit_problem": problem,
        "runs": [_run_value(run) for run in list_runs(app.logdir)],
        "presets": PRESETS,
    }
    return json_answer(request, value)


@reads(fields.RUN, fields.TENSOR, answers=schemas.SAMPLES)
def samples(app: Application, request: Request, values: Values) -> Response:
    """The samples of some features, in row order."""
    run, tensor = app.tensor(values)
    etag = f"{tensor.version}-{run.fingerprint}"
    if is_fresh(request, etag):
        return not_modified(etag)
    metadata = tensor.metadata
    sprite, notes = _sprite_value(tensor)
    value = {
        "count": tensor.shape[0],
        "version": tensor.version,
        "sample_ids": metadata.sample_ids,
        "columns": [{"name": name, "values": cells} for name, cells in metadata.columns.items()],
        "sprite": sprite,
        "notes": [*metadata.notes, *notes],
    }
    return json_answer(request, value, etag=etag)


@reads(fields.RUN, fields.TENSOR, answers="image/*")
def sprite(app: Application, request: Request, values: Values) -> Response:
    """The sprite sheet."""
    _, tensor = app.tensor(values)
    if not tensor.has_sprite:
        raise HttpError(404, "no_sprite", "This run has no sprite sheet.")
    return _image(request, tensor.open_sprite(), "The sprite sheet")


@reads(fields.RUN, answers=schemas.TILES)
def tiles(app: Application, request: Request, values: Values) -> Response:
    """How the run's larger tiles are laid out."""
    found = app.run(values).pictures.tiles
    if found is None:
        raise HttpError(404, "no_tiles", "This run has no larger tiles; use the sprite sheet.")
    return json_answer(request, asdict(found))


@reads(fields.RUN, fields.whole("page", 0, 9_999, required=True), answers="image/*")
def tile_page(app: Application, request: Request, values: Values) -> Response:
    """One page of tiles."""
    pictures = app.run(values).pictures
    if pictures.tiles is None or values["page"] >= pictures.tiles.pages:
        raise HttpError(404, "no_tiles", "There is no such page of tiles.")
    return _image(request, pictures.open_tile_page(values["page"]), "The page of tiles")


@reads(fields.RUN, fields.text("sample_id"), answers="image/*")
def image(app: Application, request: Request, values: Values) -> Response:
    """One sample's own image."""
    run = app.run(values)
    known = values["sample_id"] in run.sample_ids
    content = run.pictures.image(values["sample_id"]) if known else None
    if content is None:
        raise HttpError(404, "no_image", "There is no larger image of this sample.")
    etag = f"{run.fingerprint}-{values['sample_id']}"
    if is_fresh(request, etag):
        return not_modified(etag)
    content_type = image_type(content[:4])
    if content_type is None:
        raise HttpError(422, "bad_run", "The image is neither PNG, JPEG nor WebP.")
    return bytes_answer(content, content_type, etag=etag)


def _image(request: Request, file: BinaryIO, name: str) -> Response:
    try:
        return image_answer(request, file)
    except ValueError:
        raise HttpError(422, "bad_run", f"{name} is neither PNG, JPEG nor WebP.") from None


def _run_value(run: Run) -> dict[str, Any]:
    try:
        tensors = [
            {"name": tensor.name, "shape": list(tensor.shape), "version": tensor.version} for tensor in run.tensors
        ]
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
