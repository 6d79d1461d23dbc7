"""Handlers: the labels as they are, and every edit of them."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.labels.edits import Edit, Snapshot
from tb_tsne_plugin.labels.errors import ColumnMissing, LabelError
from tb_tsne_plugin.labels.imports import import_change, imported
from tb_tsne_plugin.labels.store import LabelStore
from tb_tsne_plugin.labels.transaction import NewClass, Operation
from tb_tsne_plugin.runs import Run, Tensor
from tb_tsne_plugin.web import fields, parsing, schemas
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import classes_value, edit_value, is_fresh, json_answer, not_modified
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.fields import Values, reads, writes
from tb_tsne_plugin.web.neighbors import GROUP, group_of

ROWS = fields.anything("rows", {"type": "array", "maxItems": parsing.MAX_SAMPLES})
SAMPLE_IDS = fields.anything("sample_ids", {"type": "array", "items": {"type": "string"}, "minItems": 1})
CLASS_ID = fields.anything("class_id", {"type": ["integer", "null"], "minimum": 1, "maximum": parsing.MAX_CLASS_ID})
CLASS_WANTED = fields.Field("class_id", CLASS_ID.schema, parsing.class_wanted)
NEW_CLASS = fields.anything(
    "new_class",
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "color": {"type": ["string", "null"]}},
        "required": ["name"],
    },
)


@reads(fields.RUN, fields.TENSOR, fields.COLUMN, answers=schemas.LABELS)
def read(app: Application, request: Request, values: Values) -> Response:
    """The current labels, in row order."""
    run, tensor = app.tensor(values)
    problem, columns = None, [values["column"]]
    try:
        store = app.store(run, values["column"])
        etag = f"{tensor.version}-{store.column}-{store.revision()}"
        if is_fresh(request, etag):
            return not_modified(etag)
        snapshot, columns = store.snapshot(), store.columns()
    except LabelError as error:
        # Reading goes on where nothing can be stored: the labels that the run came with are shown.
        problem, snapshot, etag = str(error), _snapshot_of_metadata(tensor, values["column"]), ""
    known = run.sample_ids
    value = {
        "revision": snapshot.revision,
        "version": tensor.version,
        "can_undo": snapshot.can_undo,
        "can_redo": snapshot.can_redo,
        "problem": problem,
        "orphans": sum(sample_id not in known for sample_id in snapshot.labels),
        "columns": columns,
        "classes": classes_value(snapshot.classes),
        "labels": [snapshot.labels.get(sample_id, -1) for sample_id in tensor.metadata.sample_ids],
    }
    return json_answer(request, value, etag=etag)


@reads(fields.RUN, fields.COLUMN, fields.AFTER_REVISION, fields.WAIT_FOR_CHANGES, answers=schemas.EDIT)
def changes(app: Application, request: Request, values: Values) -> Response:
    """What changed since a revision; waits for a change if asked to."""
    run, after = app.run(values), values["after"]
    store = app.existing_store(run, values["column"])
    if values["wait"] > 0:
        app.watch(store).wait(after, values["wait"])
    edit = store.changes_since(after)
    if edit.revision != after:
        app.feed(run)
    return json_answer(request, edit_value(edit))


@writes(
    *fields.EDIT,
    CLASS_WANTED,
    NEW_CLASS,
    SAMPLE_IDS,
    fields.text("tensor", required=False),
    fields.text("version", required=False),
    ROWS,
    GROUP,
    fields.flag("only_unlabeled", True),
    fields.SELECTION,
    answers=schemas.EDIT,
)
def apply(app: Application, request: Request, values: Values) -> Response:
    """Gives samples a class, a new one or none."""
    run = app.run(values)
    to = _class_or_new(values)
    ids = _samples_wanted(app, run, values)
    options = {"only_unlabeled": values["only_unlabeled"], "selection": values["selection"]}
    return edited(app, request, values, run, lambda store, operation: store.apply(operation, to, ids, **options))


@writes(*fields.EDIT, answers=schemas.EDIT)
def undo(app: Application, request: Request, values: Values) -> Response:
    """Takes back the last edit."""
    return edited(app, request, values, app.run(values), LabelStore.undo)


@writes(*fields.EDIT, answers=schemas.EDIT)
def redo(app: Application, request: Request, values: Values) -> Response:
    """Makes the edit undone last again."""
    return edited(app, request, values, app.run(values), LabelStore.redo)


@writes(*fields.EDIT, fields.whole("revision", 0, fields.MAX_REVISION, required=True), answers=schemas.EDIT)
def restore(app: Application, request: Request, values: Values) -> Response:
    """Makes everything as it was at a revision."""
    revision = values["revision"]
    return edited(app, request, values, app.run(values), lambda store, operation: store.restore(operation, revision))


@writes(
    *fields.EDIT,
    fields.text("action"),
    CLASS_ID,
    *(fields.anything(name, {}) for name in ("name", "color", "position", "into")),
    answers=schemas.EDIT,
)
def change_classes(app: Application, request: Request, values: Values) -> Response:
    """Adds, renames, recolours, moves, merges or deletes a class."""
    return edited(
        app,
        request,
        values,
        app.run(values),
        lambda store, operation: store.change_classes(operation, values["action"], values),
    )


def edited(
    app: Application, request: Request, values: Values, run: Run, edit: Callable[[LabelStore, Operation], Edit]
) -> Response:
    """Makes an edit, tells everybody else, and answers with it."""
    operation = Operation(values["op_id"], values["base_revision"], app.author(request))
    store = app.existing_store(run, values["column"])
    try:
        made = edit(store, operation)
    except ColumnMissing:  # nobody looked at the labels yet; asking beforehand would cost every edit a transaction
        made = edit(app.store(run, values["column"]), operation)
    app.watch(store).tell(made.revision)
    app.feed(run, (store.column, made))
    return json_answer(request, edit_value(made))


def _class_or_new(values: Values) -> int | NewClass | None:
    new = values["new_class"]
    if new is None:
        class_id: int | None = values["class_id"]
        return class_id
    if not isinstance(new, dict) or values["class_id"] is not None:
        raise HttpError(422, "invalid", "new_class must be an object with a name, and then there is no class_id.")
    return NewClass(new.get("name"), new.get("color"))


def _samples_wanted(app: Application, run: Run, values: Values) -> list[str]:
    """The samples of an operation: named, or rows of features as they were at a version, or a group of neighbours."""
    ways = [name for name in ("sample_ids", "rows", "group") if values[name] is not None]
    if len(ways) > 1:
        raise HttpError(422, "invalid", f"Give one of sample_ids, rows and group, not {' and '.join(ways)}.")
    if ways == ["group"]:
        return group_of(app, run, values["group"])
    if ways == ["rows"]:
        tensor = run.tensor(parsing.text(values, "tensor"))
        if parsing.text(values, "version") != tensor.version:
            raise HttpError(409, "run_changed", "The run was exported again since the page was loaded; reload it.")
        ids = tensor.metadata.sample_ids
        return [ids[row] for row in parsing.rows(values["rows"], len(ids))]
    wanted = parsing.sample_ids(values)
    unknown = [sample_id for sample_id in wanted if sample_id not in run.sample_ids]
    if unknown:
        raise HttpError(422, "invalid", f"{len(unknown):,} of the samples are not in this run; nothing was labelled.")
    return wanted


def _snapshot_of_metadata(tensor: Tensor, column: str) -> Snapshot:
    """The labels that a run came with, where no store can be made."""
    labels, classes = imported(import_change(tensor.metadata.labels_in(column)))
    return Snapshot(0, labels, classes, can_undo=False, can_redo=False)
