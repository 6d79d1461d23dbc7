"""Handlers: where to look next, suggested labels, labels to verify. The worker of the session works them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.web import fields, schemas
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import empty_answer, json_answer
from tb_tsne_plugin.web.fields import Values, reads

AFTER = fields.whole("after", 0, 2**31 - 1, 0)
WAIT = fields.number("wait", 0, 25, 10)
LIMIT = fields.whole("limit", 1, 500, 100)
SESSION = (fields.RUN, fields.TENSOR)


@reads(*SESSION, AFTER, WAIT, answers=schemas.PROSPECTS)
def prospects(app: Application, request: Request, values: Values) -> Response:
    """The next best groups."""
    _, tensor = app.tensor(values)
    advice = app.session(values).wait_for_advice(values["after"], values["wait"])
    if advice is None:
        return empty_answer()
    ids = tensor.metadata.sample_ids
    value = {
        "number": advice.number,
        "epoch": advice.epoch,
        "column": advice.column,
        "revision": advice.revision,
        "prospects": [_prospect(prospect, ids) for prospect in advice.prospects],
    }
    return json_answer(request, value)


@reads(*SESSION, AFTER, WAIT, answers=schemas.SUGGESTIONS)
def suggestions(app: Application, request: Request, values: Values) -> Response:
    """A suggested class for every sample."""
    advice = app.session(values).wait_for_advice(values["after"], values["wait"])
    if advice is None:
        return empty_answer()
    value = {
        "number": advice.number,
        "column": advice.column,
        "revision": advice.revision,
        "class_ids": advice.labels.tolist(),
        "percent": advice.percent.tolist(),
    }
    return json_answer(request, value)


@reads(*SESSION, LIMIT, WAIT, answers=schemas.DOUBTFUL)
def doubtful(app: Application, request: Request, values: Values) -> Response:
    """The labels to verify, most doubtful first."""
    _, tensor = app.tensor(values)
    found = app.session(values).wait_for_doubts(values["wait"])
    if found is None:
        return empty_answer()
    ids = tensor.metadata.sample_ids
    doubts = [_doubt(doubt, ids) for doubt in found.doubts[: values["limit"]]]
    return json_answer(request, {"column": found.column, "revision": found.revision, "doubtful": doubts})


def _prospect(prospect: dict[str, Any], ids: Sequence[str]) -> dict[str, Any]:
    return {
        "sample_id": ids[prospect["focus"]],
        "class_id": None if prospect["label"] < 0 else prospect["label"],
        "confidence": prospect["confidence"],
        "k": prospect["k"],
        "gain": prospect["gain"],
        "members": [ids[row] for row in prospect["rows"]],
        "belongs": prospect["belongs"],
    }


def _doubt(doubt: dict[str, Any], ids: Sequence[str]) -> dict[str, Any]:
    return {
        "sample_id": ids[doubt["row"]],
        "class_id": doubt["label"],
        "expected": doubt["expected"],
        "self_confidence": doubt["self_confidence"],
        "n_labeled": doubt["n_labeled"],
        "n_same": doubt["n_same"],
        "n_expected": doubt["n_expected"],
    }
