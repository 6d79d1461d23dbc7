"""Handlers: the nearest samples of a sample, and groups of them as an operation names them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.runs import Run, Tensor
from tb_tsne_plugin.runs.neighbors import METRICS, distances_to, nearest
from tb_tsne_plugin.web import fields, parsing, schemas
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import json_answer
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.fields import Field, Values, reads

CHUNK = 8_192
SAMPLE_ID = fields.text("sample_id")
K = fields.whole("k", 1, fields.MAX_NEIGHBORS, 20)
SPACE = fields.choice("space", ["embedding", "features"])
METRIC = fields.choice("metric", METRICS)
GROUP_FIELDS = (fields.TENSOR, SAMPLE_ID, K, SPACE, METRIC)


def _group(values: dict[str, object]) -> Values | None:
    group = values.get("group")
    if group is None:
        return None
    if not isinstance(group, dict):
        raise HttpError(422, "invalid", "group must be an object.")
    return {field.name: field.read(group) for field in GROUP_FIELDS}


GROUP = Field(
    "group",
    {
        "type": "object",
        "properties": {field.name: field.schema for field in GROUP_FIELDS},
        "required": [field.name for field in GROUP_FIELDS if field.required],
    },
    _group,
)
"""A sample and its nearest, as an operation may name the samples it is about."""


@reads(fields.RUN, *GROUP_FIELDS, answers=schemas.NEIGHBORS)
def neighbors(app: Application, request: Request, values: Values) -> Response:
    """The samples nearest to a sample."""
    run, tensor = app.tensor(values)
    rows, distances = _nearest(app, run, tensor, values)
    ids = tensor.metadata.sample_ids
    shown = [float(f"{distance:.7g}") for distance in distances]
    return json_answer(request, {"sample_ids": [ids[row] for row in rows], "distances": shown})


def group_of(app: Application, run: Run, group: Values) -> list[str]:
    """A sample and its k nearest, nearest first."""
    tensor = run.tensor(parsing.text(group, "tensor"))
    rows, _ = _nearest(app, run, tensor, group)
    return [group["sample_id"], *(tensor.metadata.sample_ids[row] for row in rows)]


def _nearest(
    app: Application, run: Run, tensor: Tensor, values: Values
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    row = tensor.rows.get(values["sample_id"])
    if row is None:
        raise HttpError(422, "invalid", "There is no such sample in this run.")
    if values["space"] == "embedding":
        session = app.session({"run": run.name, "tensor": tensor.name})
        positions = session.positions()
        if positions is None or len(positions) != len(tensor.rows):
            raise HttpError(404, "no_session", "The t-SNE has no positions yet; ask again in a moment.")
        distances = distances_to(positions[row], [positions])
    else:
        distances = distances_to(tensor.feature_row(row), tensor.feature_chunks(CHUNK), values["metric"])
    found = nearest(distances, row, values["k"])
    return found, distances[found]
