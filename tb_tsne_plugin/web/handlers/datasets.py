"""The labels of a column as a dataset that other programs read, as a download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from werkzeug.wrappers import Response

from tb_tsne_plugin.datasets.catalog import TEXT_TABLES, Format, format_named
from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.gathering import gather
from tb_tsne_plugin.datasets.model import Dataset, Suggestion, Written
from tb_tsne_plugin.datasets.output import made_of
from tb_tsne_plugin.datasets.pictures import RunPictures
from tb_tsne_plugin.datasets.sent_files import SentFiles, sent_files
from tb_tsne_plugin.datasets.sources import check_scheme
from tb_tsne_plugin.datasets.splits import parse_shares
from tb_tsne_plugin.datasets.zipped import zipped
from tb_tsne_plugin.labels.model import Snapshot
from tb_tsne_plugin.labels.rules import initial_snapshot
from tb_tsne_plugin.labels.state_columns import states_given
from tb_tsne_plugin.labels.tables import snapshots_of
from tb_tsne_plugin.runs import Run, Tensor
from tb_tsne_plugin.runs.format import file_name
from tb_tsne_plugin.terminal import logger_named
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.handlers.session import session_of
from tb_tsne_plugin.web.messages import (
    MAX_FILE_PARTS,
    AnnotationsRequest,
    DatasetPreview,
    DatasetRequest,
    SentFile,
)
from tb_tsne_plugin.web.responses import download_response

logger = logger_named(__name__)

GUIDANCE_SECONDS = 10.0
QUOTES_A_PART = 4
"""Texts are smaller than objects, and there are more of them."""
TYPES = {
    "tsv": "text/tab-separated-values",
    "csv": "text/csv",
    "json": "application/json",
    "zip": "application/zip",
}
"""Media types by the end of a name; others are bytes."""


class _Made(NamedTuple):
    """A dataset, and what a format makes of it."""

    form: Format
    run: Run
    dataset: Dataset
    written: Written

    @property
    def name(self) -> str:
        """What it is called as a download."""
        stem, _, ending = self.form.download.rpartition(".")
        return file_name(stem.format("labels" if self.run.name == "." else self.run.name), f".{ending}")


def download(call: Call, request: DatasetRequest) -> Response:
    """The labels of a column in one of the formats of docs/datasets.md, as a file or an archive."""
    return _sent(call, _dataset(call, request))


def preview(call: Call, request: DatasetRequest) -> DatasetPreview:
    """What a dataset would hold."""
    return _told(_dataset(call, request))


def annotate(call: Call, request: AnnotationsRequest) -> Response:
    """Annotations that the user sends, with the classes of the labels."""
    return _sent(call, _annotations(call, request))


def preview_annotations(call: Call, request: AnnotationsRequest) -> DatasetPreview:
    """What would become of annotations that the user sends."""
    return _told(_annotations(call, request))


def _dataset(call: Call, request: DatasetRequest) -> _Made:
    form = format_named(request.format)
    for is_given, has_place, what in (
        (request.split, form.has_splits, "parts"),
        (request.suggestions is not None, form.has_suggestions, "suggestions"),
        (request.spreadsheet, form.name in TEXT_TABLES, "apostrophes before formulas"),
        (request.authors, form.has_givers, "who gave the labels"),
    ):
        if is_given and not has_place:
            raise DatasetError(f"{form.title} has no place for {what}.")
    run, tensor = call.tensor(request)
    labels = snapshots_of(call.workspace.labels(run, request.column), run, givers=request.authors)
    snapshot = _labels_of(labels, tensor, request.column)
    dataset = gather(
        tensor.metadata,
        labels,
        snapshot,
        request.column,
        suggestions=_suggestions(call, request, tensor, snapshot),
        shares=parse_shares(request.split) if request.split else None,
        seed=request.seed,
        spreadsheet=request.spreadsheet,
        # A report may tell of files elsewhere, and be anybody's: who can look gets what the run itself has.
        pictures=RunPictures(run.pictures) if form.has_pictures else None,
    )
    return _Made(form, run, dataset, made_of(form, dataset))


def _annotations(call: Call, request: AnnotationsRequest) -> _Made:
    form = format_named(request.format)
    run, tensor = call.tensor(request)
    check_scheme(run.folder, form.name)
    labels = snapshots_of(call.workspace.labels(run, request.column), run)
    dataset = gather(
        tensor.metadata,
        labels,
        _labels_of(labels, tensor, request.column),
        request.column,
        annotations=taken_files(request.files, "tb-tsne labels export"),
    )
    return _Made(form, run, dataset, made_of(form, dataset))


def taken_files(files: Sequence[SentFile], command: str) -> SentFiles:
    """Files as they were sent; refused before they are taken apart where that would take much memory.

    Args:
      files: The files.
      command: What takes larger ones.

    Raises:
      HttpError, DatasetError: If they are refused.
    """
    parts = sum(file.content.count(mark) for file in files for mark in (b"\n", b"<", b"{", b"["))
    parts += sum(file.content.count(b'"') for file in files) // QUOTES_A_PART
    if parts > MAX_FILE_PARTS:
        most = f"Files hold at most {MAX_FILE_PARTS:,} lines, elements and objects here"
        raise HttpError(422, "invalid", f"{most}; `{command}` takes larger ones.")
    return sent_files({file.name: file.content for file in files})


def _labels_of(labels: dict[str, Snapshot], tensor: Tensor, column: str) -> Snapshot:
    """The labels of a column; those that the metadata came with where there is no store."""
    if column in labels:
        return labels[column]
    return initial_snapshot(tensor.metadata.labels_in(column), states_given(tensor.metadata, column))


def _suggestions(
    call: Call, request: DatasetRequest, tensor: Tensor, snapshot: Snapshot
) -> dict[str, Suggestion] | None:
    """What the page suggests now, where that is to leave."""
    if request.suggestions is None:
        return None
    found = session_of(call, request).wait_for_guidance(0, GUIDANCE_SECONDS, ask=call.may_edit)
    if found is None:
        raise HttpError(422, "invalid", "Nothing is suggested yet: label images of two classes, and ask again.")
    if found.column != request.column:
        message = f"Suggestions are of the label column that the t-SNE follows, now {found.column!r}."
        raise HttpError(422, "invalid", message)
    by_id = {info.id: info.name for info in snapshot.classes}
    rows = zip(tensor.metadata.sample_ids, found.labels.tolist(), found.chances.tolist(), strict=True)
    return {
        sample_id: Suggestion(by_id[class_id], chance)
        for sample_id, class_id, chance in rows
        if class_id in by_id and chance >= request.suggestions
    }


def _told(made: _Made) -> DatasetPreview:
    form, written = made.form, made.written
    return DatasetPreview(
        file=made.name,
        count=written.count,
        left_out=len(made.dataset.samples) - written.count if form.left_out else 0,
        notes=list(written.notes),
    )


def _sent(call: Call, made: _Made) -> Response:
    content_type = TYPES.get(made.name.rpartition(".")[2], "application/octet-stream")
    if made.form.out == "folder":
        return download_response(call.request, _archive(made), content_type, made.name)
    content = made.written.files[0].content
    assert isinstance(content, bytes), "a format that is a file has no pictures"
    return download_response(call.request, content, content_type, made.name)


def _archive(made: _Made) -> Iterator[bytes]:
    """The archive; one that cannot be finished breaks off, so that no browser takes it for whole."""
    pictures = made.dataset.pictures
    try:
        if isinstance(pictures, RunPictures):
            yield from zipped(made.written.files, pictures.content)
        else:
            yield from zipped(made.written.files)
    except DatasetError as error:
        logger.warning("The download of %r broke off: %s", made.run.name, error)
        raise ConnectionAbortedError from None
