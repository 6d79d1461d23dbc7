"""Handlers: the running t-SNE."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.labels.store import DEFAULT_COLUMN
from tb_tsne_plugin.live import Session, Source
from tb_tsne_plugin.live.checkpoint import read_about
from tb_tsne_plugin.live.forecast import available_bytes, forecast_bytes
from tb_tsne_plugin.runs import Run, RunError, Tensor
from tb_tsne_plugin.runs.files import contained_path
from tb_tsne_plugin.tsne.parameters import Parameters
from tb_tsne_plugin.web import fields, parsing, schemas
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.encodings import bytes_answer, empty_answer, json_answer
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.fields import Values, reads, writes

MAX_STEPS = 1_000
SPEED_LIMITS = (0.1, 1e6)
CHECKPOINTS = ".tsne"
MIB = 1 << 20
SESSION = (fields.RUN, fields.TENSOR)
PARAMETERS = fields.anything("parameters", {"type": "object"})


@reads(*SESSION, answers=schemas.STATE)
def state(app: Application, request: Request, values: Values) -> Response:
    """What the t-SNE is doing."""
    return json_answer(request, app.session(values, may_be_outdated=True).state())


@reads(*SESSION, fields.AFTER_FRAME, fields.WAIT_FOR_FRAME, answers="application/octet-stream")
def frame(app: Application, request: Request, values: Values) -> Response:
    """The newest positions."""
    encoded = app.session(values).wait_for_frame(values["after"], values["wait"])
    return empty_answer() if encoded is None else bytes_answer(encoded)


@reads(*SESSION, answers=schemas.FORECAST)
def forecast(app: Application, request: Request, values: Values) -> Response:
    """How much memory a session would take, and whether there is so much."""
    _, tensor = app.tensor(values)
    return json_answer(request, _forecast(tensor, Parameters())._asdict())


@writes(
    *SESSION,
    PARAMETERS,
    fields.text("column", required=False, max_length=128),
    fields.flag("force", False),
    answers=schemas.STATE,
)
def start(app: Application, request: Request, values: Values) -> Response:
    """Starts a session where none runs; where one runs, lets it follow the label column that was asked for."""
    run, tensor = app.tensor(values)
    if values["column"] not in (None, DEFAULT_COLUMN):
        app.store(run, values["column"])
    with app.sessions.lock:
        session = app.sessions.get(run.name, tensor.name)
        if session is None or not session.is_alive or session.is_stalled or session.version != tensor.version:
            session = _started(app, run, tensor, values, session)
            app.sessions.put(run.name, tensor.name, session)
        elif values["column"] is not None:
            session.follow(values["column"])
    app.feed(run)
    return json_answer(request, session.state())


@writes(*SESSION, answers=schemas.STATE)
def pause(app: Application, request: Request, values: Values) -> Response:
    """Stops stepping until resumed."""
    return _sent(app, request, values, "pause")


@writes(*SESSION, answers=schemas.STATE)
def resume(app: Application, request: Request, values: Values) -> Response:
    """Steps on."""
    return _sent(app, request, values, "resume")


@writes(*SESSION, fields.whole("epochs", 1, MAX_STEPS, 1), answers=schemas.STATE)
def step(app: Application, request: Request, values: Values) -> Response:
    """Makes some epochs, then pauses."""
    return _sent(app, request, values, "step", epochs=values["epochs"])


@writes(*SESSION, answers=schemas.STATE)
def restart(app: Application, request: Request, values: Values) -> Response:
    """Starts again from epoch 0."""
    return _sent(app, request, values, "restart")


@writes(*SESSION, fields.number("scale", 0, 10, 0.1), answers=schemas.STATE)
def perturb(app: Application, request: Request, values: Values) -> Response:
    """Adds noise to the positions."""
    return _sent(app, request, values, "perturb", scale=values["scale"])


@writes(*SESSION, PARAMETERS, answers=schemas.STATE)
def parameters(app: Application, request: Request, values: Values) -> Response:
    """Changes parameters while it runs."""
    session = app.session(values)
    session.change_parameters(*_changed(session.parameters, session.speed_limit, values["parameters"]))
    return json_answer(request, session.state())


class _Forecast(NamedTuple):
    bytes: int
    available: int | None
    fits: bool


def _forecast(tensor: Tensor, wanted: Parameters) -> _Forecast:
    needed, available = forecast_bytes(*tensor.shape, wanted), available_bytes()
    return _Forecast(needed, available, available is None or needed <= available)


def _started(app: Application, run: Run, tensor: Tensor, values: Values, old: Session | None) -> Session:
    """A new session: as the old one was, else as the checkpoint says, else by default; with a client's changes."""
    checkpoint = _checkpoint(app, run, tensor)
    kept = read_about(checkpoint, tensor.version) or {}
    before = Parameters(**kept["parameters"]) if kept else Parameters()
    limit, column, first_frame = kept.get("speed_limit"), kept.get("column"), 0
    if old is not None:
        before, limit, column, first_frame = old.parameters, old.speed_limit, old.column, old.last_frame
    wanted, limit = _changed(before, limit, values["parameters"])
    column = values["column"] or column
    if column not in app.existing_store(run).columns():
        column = DEFAULT_COLUMN
    need = _forecast(tensor, wanted)
    if not need.fits and not values["force"] and need.available is not None:
        message = (
            f"The t-SNE would take about {need.bytes // MIB:,} MiB of memory, and {need.available // MIB:,} MiB are "
            "free: close something, embed a sample of the images, or start it all the same."
        )
        raise HttpError(503, "too_little_memory", message, need._asdict())
    file = tensor.open_features()
    features = tensor.features() if file is None else file
    try:
        return Session(
            Source(features, tensor.shape, tensor.metadata.sample_ids, tensor.version),
            wanted,
            speed_limit=limit,
            first_frame=first_frame,
            column=column,
            checkpoint=checkpoint,
        )
    except OSError as error:
        raise HttpError(503, "no_session", f"The t-SNE cannot be started: {error.strerror or error}.") from None
    finally:
        if file is not None:
            file.close()


def _checkpoint(app: Application, run: Run, tensor: Tensor) -> Path | None:
    """Where a session's state is kept: beside the labels, in a hidden folder that is no link."""
    name = hashlib.blake2b(tensor.name.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    folder = app.labels_folder(run)
    try:
        return contained_path(folder, f"{CHECKPOINTS}/{name}.npz")
    except RunError:
        return None


def _sent(app: Application, request: Request, values: Values, command: str, **arguments: Any) -> Response:
    session: Session = app.session(values)
    session.send(command, **arguments)
    return json_answer(request, session.state())


def _changed(before: Parameters, speed_limit: float | None, changes: Any) -> tuple[Parameters, float | None]:
    """Parameters and speed limit after a client's changes."""
    if changes is None:
        return before, speed_limit
    if not isinstance(changes, dict):
        raise HttpError(422, "invalid", "parameters must be an object.")
    changes = dict(changes)
    if "speed_limit" in changes:
        wanted = changes.pop("speed_limit")
        speed_limit = (
            None if wanted is None else parsing.number({"speed_limit": wanted}, "speed_limit", *SPEED_LIMITS, 0)
        )
    try:
        return before.updated(changes), speed_limit
    except (ValueError, OverflowError) as error:
        raise HttpError(422, "invalid", str(error)) from None
