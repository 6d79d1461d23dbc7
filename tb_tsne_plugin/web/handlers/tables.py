"""Labels as tables: the download, the run's own metadata file, and tables made elsewhere."""

from __future__ import annotations

from werkzeug.wrappers import Response

from tb_tsne_plugin.datasets.catalog import format_named
from tb_tsne_plugin.datasets.matching import About
from tb_tsne_plugin.datasets.sources import check_scheme
from tb_tsne_plugin.labels.model import SET_ASIDE, Change
from tb_tsne_plugin.labels.rules import MOST_NEW_CLASSES, new_class_names
from tb_tsne_plugin.labels.tables import (
    TableLabels,
    about_run,
    current_names,
    labeled_table,
    read_table,
    save_labels,
    snapshots_of,
)
from tb_tsne_plugin.runs import Run, Tensor
from tb_tsne_plugin.runs.format import file_name
from tb_tsne_plugin.runs.given_tables import SEPARATORS
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.handlers.datasets import taken_files
from tb_tsne_plugin.web.handlers.labels import edited, meant_for, operation_of
from tb_tsne_plugin.web.messages import (
    MAX_SAMPLES,
    MAX_TABLE_CELLS,
    MAX_TABLE_COLUMNS,
    MAX_TABLE_ROWS,
    DownloadRequest,
    EditAnswer,
    ImportPreview,
    ImportRequest,
    OfTensor,
    SavedAnswer,
)
from tb_tsne_plugin.web.responses import download_response

SHOWN = 10


def download(call: Call, request: DownloadRequest) -> Response:
    """All metadata with the current labels, as a TSV file."""
    run, tensor = call.tensor(request)
    labels = snapshots_of(call.workspace.stores.of(run), run, givers=request.authors)
    table = labeled_table(tensor.metadata, labels, spreadsheet=request.format == "spreadsheet")
    name = file_name("labels" if run.name == "." else run.name, ".tsv")
    return download_response(call.request, table, "text/tab-separated-values", name)


def save(call: Call, request: OfTensor) -> SavedAnswer:
    """Writes the current labels into the run's own metadata file."""
    run, tensor = call.tensor(request)
    labels = snapshots_of(call.workspace.stores.of(run), run, blind=False)
    return SavedAnswer(save_labels(run, tensor, labels), next(iter(labels.values())).revision)


def import_table(call: Call, request: ImportRequest) -> ImportPreview | EditAnswer:
    """Brings in the labels of a table or a dataset, or tells what that would change."""
    run = call.workspace.run(request.run)
    with meant_for(call, run, request):
        tensor = run.tensor(request.tensor)
        read = _read(call, run, tensor, request)
        names, states, unknown = about_run(read, run.sample_ids, clear=request.clear)
        if len({**names, **states}) > MAX_SAMPLES:
            raise HttpError(422, "invalid", f"An operation is about at most {MAX_SAMPLES:,} samples.")
    only_unlabeled, many_classes = request.only_unlabeled, request.many_classes
    if request.preview:
        change, revision = call.workspace.planned_import(
            run, request.column, names, states, only_unlabeled=only_unlabeled
        )
        return _preview(change, revision, read, len({**names, **states}), unknown)
    operation, source = operation_of(call, "import", request), request.file_name or request.format or "a table"
    return edited(
        call,
        run,
        request,
        lambda store: store.import_labels(
            operation, names, states, only_unlabeled=only_unlabeled, many_classes=many_classes, source=source
        ),
    )


def _read(call: Call, run: Run, tensor: Tensor, request: ImportRequest) -> TableLabels:
    """What a table, or files of a format, say about a run."""
    store = call.workspace.stores.of(run, request.column)
    column = request.table_column or request.column
    if request.files is None:
        if request.table is None:
            raise HttpError(400, "bad_request", "table is missing.")
        _check_size(request.table)
        table, current = request.table.encode("utf-8"), current_names(store, run)
        return read_table(table, tensor.metadata, column, current, store.columns())
    if request.table is not None or request.format is None:
        raise HttpError(422, "invalid", "An import is of a table, or of files with their format.")
    form = format_named(request.format)
    if form.written_back:
        check_scheme(run.folder, form.name)
    files = taken_files(request.files, "tb-tsne labels import")
    return form.module().read(files, About(tensor.metadata, column, current_names(store, run), store.columns()))


def _check_size(table: str) -> None:
    """Refuses a table whose rows and cells would take much memory, before it is taken apart."""
    rows = table.count("\n") + table.count("\r")
    cells = rows + max(map(table.count, SEPARATORS))
    columns = max(table.count(mark, 0, table.find("\n")) for mark in SEPARATORS)
    if rows > MAX_TABLE_ROWS or cells > MAX_TABLE_CELLS or columns >= MAX_TABLE_COLUMNS:
        raise HttpError(
            422,
            "invalid",
            f"A table has at most {MAX_TABLE_ROWS:,} rows, {MAX_TABLE_COLUMNS:,} columns and {MAX_TABLE_CELLS:,} cells "
            "here; `tb-tsne labels import` takes larger ones.",
        )


def _preview(change: Change, revision: int, read: TableLabels, named: int, unknown: list[str]) -> ImportPreview:
    new_classes = new_class_names(change)
    return ImportPreview(
        revision=revision,
        rows=len(read.names),
        labeled=sum(item.before.label is None and item.after.label is not None for item in change.labels),
        changed=sum(item.before.label is not None and item.after.label is not None for item in change.labels),
        cleared=sum(item.after.state == "unlabeled" for item in change.labels),
        set_aside=sum(item.after.state in SET_ASIDE for item in change.labels),
        unchanged=named - len(change.labels),
        unknown=len(unknown),
        unknown_examples=unknown[:SHOWN],
        new_classes=new_classes,
        many_classes=len(new_classes) > MOST_NEW_CLASSES,
        notes=read.notes,
    )
