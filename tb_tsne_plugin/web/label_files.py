"""Handlers: history, label columns, orphans, and the ways in and out as tables."""

from __future__ import annotations

from dataclasses import asdict

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.labels.edits import Change
from tb_tsne_plugin.labels.table_import import about_run, read_table
from tb_tsne_plugin.labels.tsv import labeled_table, names_by_column, save_labels
from tb_tsne_plugin.web import fields, parsing, schemas
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import json_answer, text_answer
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.fields import Values, reads, writes
from tb_tsne_plugin.web.labels import edited

MAX_ORPHANS = 1_000
SHOWN = 10


@reads(fields.RUN, fields.COLUMN, fields.LIMIT, fields.BEFORE, answers=schemas.HISTORY)
def history(app: Application, request: Request, values: Values) -> Response:
    """The newest entries of the history."""
    store = app.existing_store(app.run(values), values["column"])
    entries = store.history(values["limit"], values["before"])
    value = {"entries": [asdict(entry) for entry in entries], "more": bool(entries) and entries[-1].revision > 1}
    return json_answer(request, value)


@reads(fields.RUN, fields.COLUMN, answers=schemas.ORPHANS)
def orphans(app: Application, request: Request, values: Values) -> Response:
    """The labelled samples that the run no longer has."""
    run = app.run(values)
    snapshot, known = app.existing_store(run, values["column"]).snapshot(), run.sample_ids
    names = snapshot.names()
    found = [
        {"sample_id": sample_id, "class_id": class_id, "name": names[sample_id]}
        for sample_id, class_id in sorted(snapshot.labels.items())
        if sample_id not in known
    ]
    return json_answer(request, {"count": len(found), "orphans": found[:MAX_ORPHANS]})


@reads(fields.RUN, answers=schemas.COLUMNS)
def columns(app: Application, request: Request, values: Values) -> Response:
    """The run's label columns."""
    return json_answer(request, {"columns": app.store(app.run(values)).columns()})


@writes(fields.RUN, fields.text("name", max_length=128), answers=schemas.COLUMNS)
def add_column(app: Application, request: Request, values: Values) -> Response:
    """Adds a label column; one that is there already stays as it is."""
    run = app.run(values)
    app.store(run)
    store = app.existing_store(run, values["name"])
    store.create(run.labels(values["name"]))
    return json_answer(request, {"columns": store.columns()})


@reads(fields.RUN, fields.TENSOR, fields.choice("format", ["tsv", "spreadsheet"]), answers="text/tab-separated-values")
def download(app: Application, request: Request, values: Values) -> Response:
    """All metadata with the current labels, as a TSV file."""
    run, tensor = app.tensor(values)
    names, _ = names_by_column(app.existing_store(run), tensor.metadata)
    table = labeled_table(tensor.metadata, names, spreadsheet=values["format"] == "spreadsheet")
    name = "".join(character if character.isalnum() and character.isascii() else "_" for character in run.name)
    return text_answer(request, table, "text/tab-separated-values", f"{name.strip('_') or 'labels'}.tsv")


@writes(fields.RUN, fields.TENSOR, answers=schemas.SAVED)
def save(app: Application, request: Request, values: Values) -> Response:
    """Writes the current labels into the run's own metadata file."""
    run, tensor = app.tensor(values)
    names, revision = names_by_column(app.store(run), tensor.metadata)
    file = save_labels(tensor.metadata_file, tensor.metadata, names)
    return json_answer(request, {"file": file, "revision": revision})


@writes(
    *fields.EDIT,
    fields.TENSOR,
    fields.text("table"),
    fields.text("table_column", required=False, max_length=128),
    fields.text("file_name", required=False, max_length=128),
    fields.flag("only_unlabeled", True),
    fields.flag("clear", False),
    fields.flag("preview", False),
    answers=schemas.IMPORTED,
)
def import_table(app: Application, request: Request, values: Values) -> Response:
    """Brings in the labels of a table, or tells what that would change."""
    run, tensor = app.tensor(values)
    try:
        raw = values["table"].encode("utf-8")
    except UnicodeEncodeError:
        raise HttpError(422, "invalid", "table holds characters that are no text (lone surrogates).") from None
    found = read_table(raw, tensor.metadata, values["table_column"] or values["column"])
    names, unknown = about_run(found, run.sample_ids, clear=values["clear"])
    if len(names) > parsing.MAX_SAMPLES:
        raise HttpError(422, "invalid", f"An operation is about at most {parsing.MAX_SAMPLES:,} samples.")
    if values["preview"]:
        store = app.store(run, values["column"])
        change = store.planned_import(names, only_unlabeled=values["only_unlabeled"])
        return json_answer(request, _preview(change, store.revision(), len(found), len(names), unknown))
    options = {"only_unlabeled": values["only_unlabeled"], "source": values["file_name"] or "a table"}
    return edited(app, request, values, run, lambda store, operation: store.import_labels(operation, names, **options))


def _preview(change: Change, revision: int, rows: int, named: int, unknown: list[str]) -> dict[str, object]:
    return {
        "revision": revision,
        "rows": rows,
        "labelled": sum(item.before is None and item.after is not None for item in change.labels),
        "changed": sum(item.before is not None and item.after is not None for item in change.labels),
        "cleared": sum(item.after is None for item in change.labels),
        "unchanged": named - len(change.labels),
        "unknown": len(unknown),
        "unknown_examples": unknown[:SHOWN],
        "new_classes": [item.after.name for item in change.classes if item.after is not None],
    }
