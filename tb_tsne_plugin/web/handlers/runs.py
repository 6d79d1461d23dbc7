"""Runs, samples, their pictures and neighbours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Thread
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from werkzeug.wrappers import Response

from tb_tsne_plugin import __version__
from tb_tsne_plugin.labels.rules import PALETTE
from tb_tsne_plugin.runs import Run, RunError, Tensor, Tiles, arrow
from tb_tsne_plugin.runs.neighbors import distances_to, nearest
from tb_tsne_plugin.runs.report import export_notes
from tb_tsne_plugin.terminal import logger_named
from tb_tsne_plugin.tsne.parameters import PRESETS
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.messages import (
    CellsAnswer,
    CellsRequest,
    ColumnInfo,
    Group,
    ImageRequest,
    MetadataColumnRequest,
    NeighborsAnswer,
    NeighborsRequest,
    OfRun,
    OfTensor,
    OfVersion,
    Request,
    RunInfo,
    RunsAnswer,
    SamplesAnswer,
    SearchRequest,
    SpriteInfo,
    TensorInfo,
    TilePageRequest,
)
from tb_tsne_plugin.web.responses import (
    bytes_response,
    image_response,
    image_type,
    is_fresh,
    json_response,
    not_modified,
)

logger = logger_named(__name__)

CHUNK = 8_192
MOST_TOLD = 20_000
"""Rows of which all cells are told at once; of more, a page asks for the columns and rows that it shows."""
PREPARING = "tsne_search"
SEARCH_SECONDS = 4.0
"""For one look through features: a file may say that it has more than anybody can read."""


def list_runs(call: Call, _request: Request) -> RunsAnswer:
    """Every run, with what is wrong with it."""
    problem, asker = call.edit_problem, call.asker
    return RunsAnswer(
        version=__version__,
        author=asker.person.author,
        is_named=asker.is_named,
        account=asker.account,
        right=call.right.word,
        token=call.visitor.token if call.visitor else "none",
        can_edit=problem is None,
        edit_problem=problem,
        labels_kept_in=call.workspace.stores.kept_in,
        palette=list(PALETTE),
        presets=PRESETS,
        runs=[_run_info(call, name) for name in call.workspace.run_names()],
    )


def samples(call: Call, request: OfTensor) -> SamplesAnswer | Response:
    """The samples of some features, in row order."""
    run, tensor = call.tensor(request)
    etag = f"{tensor.version}-{run.fingerprint}"
    if is_fresh(call.request, etag):
        return not_modified(etag)
    metadata = tensor.metadata
    if tensor.shape[0] > MOST_TOLD:
        # A second of work for a million samples: whoever searches first would wait for it.
        Thread(target=tensor.columns.prepare, name=PREPARING).start()
    sprite_info, notes = _sprite_info(tensor)
    closed = [f"{name} cannot be opened: {why}" for name, why in run.problems.items()]
    of_run = [*call.workspace.notes_on(run), *run.label_conflicts]
    all_notes = [*of_run, *tensor.notes, *notes, *closed, *export_notes(run.folder)]
    answer = SamplesAnswer(
        count=tensor.shape[0],
        version=tensor.version,
        sample_ids=metadata.sample_ids,
        columns=[
            ColumnInfo(name, kind, metadata.columns[name] if tensor.shape[0] <= MOST_TOLD else None)
            for name, kind in tensor.columns.kinds.items()
        ],
        sprite=sprite_info,
        notes=list(dict.fromkeys(all_notes)),
    )
    return json_response(call.request, answer, etag=etag)


def column(call: Call, request: MetadataColumnRequest) -> Response:
    """A column of the metadata, in row order, as an Arrow stream."""
    run, tensor = _at_version(call, request)
    if request.name not in tensor.metadata.columns:
        raise HttpError(404, "unknown_column", "The metadata have no such column.")
    etag = f"{tensor.version}-{run.fingerprint}-{request.form}-{request.name}"
    if is_fresh(call.request, etag):
        return not_modified(etag)
    columns = tensor.columns
    content = columns.text(request.name) if request.form == "text" else columns.numbers(request.name)
    if content is None:
        raise HttpError(422, "invalid", "This column measures nothing; ask for its text.")
    return bytes_response(content, arrow.MEDIA_TYPE, etag=etag)


def search(call: Call, request: SearchRequest) -> Response:
    """The rows in which any column of the metadata holds a text, in any case: little-endian int32."""
    _, tensor = _at_version(call, request)
    return bytes_response(tensor.columns.rows_with(request.text).astype("<i4").tobytes())


def cells(call: Call, request: CellsRequest) -> CellsAnswer:
    """The cells of some rows."""
    _, tensor = _at_version(call, request)
    rows = [int(row) for row in request.rows.split(",")]
    if max(rows) >= tensor.shape[0]:
        raise HttpError(422, "invalid", f"rows: {max(rows)} is no row of {tensor.shape[0]:,} samples.")
    return CellsAnswer(tensor.columns.cells(rows))


def sprite(call: Call, request: OfTensor) -> Response:
    """The sprite sheet."""
    _, tensor = call.tensor(request)
    if not tensor.has_sprite:
        raise HttpError(404, "no_sprite", "This run has no sprite sheet.")
    return _image(call, tensor.open_sprite(), "The sprite sheet")


def tiles(call: Call, request: OfRun) -> Tiles:
    """How the run's larger tiles are laid out."""
    found = call.run(request).pictures.tiles
    if found is None:
        raise HttpError(404, "no_tiles", "This run has no larger tiles; use the sprite sheet.")
    return found


def tile_page(call: Call, request: TilePageRequest) -> Response:
    """One page of tiles."""
    pictures = call.run(request).pictures
    if pictures.tiles is None or request.page >= pictures.tiles.pages:
        raise HttpError(404, "no_tiles", "There is no such page of tiles.")
    return _image(call, pictures.open_tile_page(request.page), "The page of tiles")


def image(call: Call, request: ImageRequest) -> Response:
    """One sample's own image."""
    run = call.run(request)
    known = request.sample_id in run.sample_ids
    content = run.pictures.image(request.sample_id) if known else None
    if content is None:
        raise HttpError(404, "no_image", "There is no larger image of this sample.")
    return _archived(call, content, f"{run.fingerprint}-{request.sample_id}")


def whole_picture(call: Call, request: ImageRequest) -> Response:
    """The whole picture that a sample is a part of."""
    run = call.run(request)
    file = run.file_of(request.sample_id)
    content = None if file is None else run.pictures.whole(file)
    if content is None:
        raise HttpError(404, "no_picture", "There is no whole picture that this sample is a part of.")
    return _archived(call, content, f"{run.fingerprint}-whole-{request.sample_id}")


def neighbors(call: Call, request: NeighborsRequest) -> NeighborsAnswer:
    """The samples nearest to a sample."""
    run = call.workspace.run(request.run)
    tensor = run.tensor(request.tensor)
    rows, distances = _nearest(call, run, tensor, request)
    ids = tensor.metadata.sample_ids
    shown = [float(f"{distance:.7g}") for distance in distances]
    return NeighborsAnswer([ids[row] for row in rows], shown)


def members_of(call: Call, run: Run, group: Group) -> list[str]:
    """A sample and its k nearest, nearest first."""
    tensor = run.tensor(group.tensor)
    rows, _ = _nearest(call, run, tensor, group)
    return [group.sample_id, *(tensor.metadata.sample_ids[row] for row in rows)]


def _at_version(call: Call, request: OfVersion) -> tuple[Run, Tensor]:
    """The run and the features that rows are of."""
    run, tensor = call.tensor(request)
    if request.version not in (None, tensor.version):
        raise HttpError(409, "run_changed", "The run was exported again since the page was loaded; reload it.")
    return run, tensor


def _nearest(call: Call, run: Run, tensor: Tensor, group: Group) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    row = tensor.rows.get(group.sample_id)
    if row is None:
        raise HttpError(422, "invalid", "There is no such sample in this run.")
    if group.space == "embedding":
        positions = call.workspace.session(run, tensor).positions()
        if positions is None or positions.shape[1] != len(tensor.rows):
            raise HttpError(404, "no_session", "The t-SNE has no positions yet; ask again in a moment.")
        distances = distances_to(positions[:, row], [positions.T])
    else:
        distances = distances_to(tensor.feature_row(row), _in_time(tensor.feature_chunks(CHUNK)), group.metric)
    found = nearest(distances, row, group.k)
    return found, distances[found]


def _in_time(chunks: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    until = time.monotonic() + SEARCH_SECONDS
    for chunk in chunks:
        if time.monotonic() > until:
            message = f"Looking through these features takes more than {SEARCH_SECONDS:g} seconds"
            raise HttpError(422, "invalid", f"{message}; use the neighbours in the embedding.")
        yield chunk


def _image(call: Call, file: BinaryIO, name: str) -> Response:
    try:
        return image_response(call.request, file)
    except ValueError:
        raise HttpError(422, "bad_run", f"{name} is neither PNG, JPEG nor WebP.") from None


def _archived(call: Call, content: bytes, etag: str) -> Response:
    if is_fresh(call.request, etag):
        return not_modified(etag)
    content_type = image_type(content[:4])
    if content_type is None:
        raise HttpError(422, "bad_run", "The image is neither PNG, JPEG nor WebP.")
    return bytes_response(content, content_type, etag=etag)


def _run_info(call: Call, name: str) -> RunInfo:
    """A run, or what is wrong with it: whatever that is, the others are listed."""
    try:
        run = call.workspace.run(name)
        return RunInfo(name, None, [TensorInfo(each.name, each.shape, each.version) for each in run.tensors])
    except RunError as error:
        return RunInfo(name, str(error), [])
    except Exception:
        logger.exception("The Label Projector failed to read the run %r.", name)
        return RunInfo(name, "This run cannot be read; TensorBoard's log says where that failed.", [])


def _sprite_info(tensor: Tensor) -> tuple[SpriteInfo | None, list[str]]:
    """The sprite's layout; a sprite that does not fit costs the pictures, not the run."""
    if not tensor.has_sprite:
        return None, []
    try:
        found = tensor.sprite()
    except RunError as error:
        return None, [str(error)]
    return SpriteInfo(1, found.tile, found.columns), []
