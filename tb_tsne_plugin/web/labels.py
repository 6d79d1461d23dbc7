"""Handlers: labels, classes, history, and the ways out."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.labels.edits import Edit, Snapshot
from tb_tsne_plugin.labels.errors import LabelError
from tb_tsne_plugin.labels.imports import import_change, imported
from tb_tsne_plugin.labels.store import MAX_HISTORY, Operation
from tb_tsne_plugin.labels.tsv import labeled_table, save_labels
from tb_tsne_plugin.runs import Run, Tensor
from tb_tsne_plugin.web import parsing
from tb_tsne_plugin.web.application import Application, writes
from tb_tsne_plugin.web.encodings import classes_value, edit_value, json_answer, text_answer
from tb_tsne_plugin.web.errors import HttpError

POLL_SECONDS = 0.25
MAX_REVISION = 2**31 - 1


def read(app: Application, request: Request) -> Response:
    """The current labels, in row order."""
    run, tensor = app.tensor(request.args)
    problem = None
    try:
        snapshot = app.store(run).snapshot()
    except LabelError as error:
        # Reading goes on where nothing can be stored: the labels that the run came with are shown.
        problem, snapshot = str(error), _snapshot_of_metadata(tensor)
    ids = tensor.metadata.sample_ids
    known = run.sample_ids
    value = {
        "revision": snapshot.revision,
        "can_undo": snapshot.can_undo,
        "can_redo": snapshot.can_redo,
        "problem": problem,
        "orphans": sum(sample_id not in known for sample_id in snapshot.labels),
        "classes": classes_value(snapshot.classes),
        "labels": [snapshot.labels.get(sample_id, -1) for sample_id in ids],
    }
    return json_answer(request, value)


def changes(app: Application, request: Request) -> Response:
    """What changed since a revision; waits for a change if asked to."""
    run = app.run(request.args)
    after = parsing.whole(request.args, "after", 0, MAX_REVISION)
    deadline = time.monotonic() + parsing.wait_seconds(request.args, 0)
    store = app.existing_store(run)
    # Asking the file four times a second sees every writer: this process, another TensorBoard, another machine.
    while store.revision() == after and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    edit = store.changes_since(after)
    if edit.revision != after:
        app.feed(run)
    return json_answer(request, edit_value(edit))


@writes
def apply(app: Application, request: Request) -> Response:
    """Gives samples a class, or clears them."""
    body = parsing.body_of(request)
    run = app.run(body)
    ids = parsing.sample_ids(body)
    unknown = [sample_id for sample_id in ids if sample_id not in run.sample_ids]
    if unknown:
        raise HttpError(422, "invalid", f"{len(unknown):,} of the samples are not in this run; nothing was labelled.")
    edit = app.store(run).apply(
        _operation(app, request, body),
        parsing.optional_id(body, "class_id"),
        ids,
        only_unlabeled=parsing.flag(body, "only_unlabeled", True),
        selection=parsing.selection(body),
    )
    return _edited(app, request, run, edit)


@writes
def undo(app: Application, request: Request) -> Response:
    """Takes back the last edit."""
    body = parsing.body_of(request)
    run = app.run(body)
    return _edited(app, request, run, app.store(run).undo(_operation(app, request, body)))


@writes
def redo(app: Application, request: Request) -> Response:
    """Makes the edit undone last again."""
    body = parsing.body_of(request)
    run = app.run(body)
    return _edited(app, request, run, app.store(run).redo(_operation(app, request, body)))


@writes
def change_classes(app: Application, request: Request) -> Response:
    """Adds, renames, recolours, moves, merges or deletes a class."""
    body = parsing.body_of(request)
    run = app.run(body)
    action = parsing.text(body, "action")
    return _edited(app, request, run, app.store(run).change_classes(_operation(app, request, body), action, body))


def history(app: Application, request: Request) -> Response:
    """The newest entries of the history."""
    run = app.run(request.args)
    limit = parsing.whole(request.args, "limit", 1, MAX_HISTORY, 50)
    before = parsing.whole(request.args, "before", 1, MAX_REVISION) if "before" in request.args else None
    entries = app.existing_store(run).history(limit, before)
    value = {"entries": [asdict(entry) for entry in entries], "more": bool(entries) and entries[-1].revision > 1}
    return json_answer(request, value)


def download(app: Application, request: Request) -> Response:
    """All metadata with the current labels, as a TSV file."""
    run, tensor = app.tensor(request.args)
    table = labeled_table(tensor.metadata, _names(app, run, tensor))
    name = "".join(character if character.isalnum() and character.isascii() else "_" for character in run.name)
    return text_answer(request, table, "text/tab-separated-values", f"{name.strip('_') or 'labels'}.tsv")


@writes
def save(app: Application, request: Request) -> Response:
    """Writes the current labels into the run's own metadata file."""
    run, tensor = app.tensor(parsing.body_of(request))
    snapshot = app.store(run).snapshot()
    file = save_labels(tensor.metadata_file, tensor.metadata, snapshot.names())
    return json_answer(request, {"file": file, "revision": snapshot.revision})


def _operation(app: Application, request: Request, body: dict[str, Any]) -> Operation:
    base = parsing.whole(body, "base_revision", 0, MAX_REVISION)
    return Operation(parsing.op_id(body), base, app.author(request))


def _edited(app: Application, request: Request, run: Run, edit: Edit) -> Response:
    app.feed(run)
    return json_answer(request, edit_value(edit))


def _names(app: Application, run: Run, tensor: Tensor) -> dict[str, str]:
    store = app.existing_store(run)
    return store.snapshot().names() if store.path.exists() else tensor.metadata.labels


def _snapshot_of_metadata(tensor: Tensor) -> Snapshot:
    """The labels that a run came with, where no store can be made."""
    labels, classes = imported(import_change(tensor.metadata.labels))
    return Snapshot(0, labels, classes, can_undo=False, can_redo=False)
