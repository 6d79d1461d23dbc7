"""Handlers: the running t-SNE."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.live import Session
from tb_tsne_plugin.tsne.parameters import Parameters
from tb_tsne_plugin.web import parsing
from tb_tsne_plugin.web.application import Application, writes
from tb_tsne_plugin.web.encodings import bytes_answer, empty_answer, json_answer
from tb_tsne_plugin.web.errors import HttpError

MAX_FRAME = 2**32 - 1
MAX_STEPS = 1_000
SPEED_LIMITS = (0.1, 1e6)


def state(app: Application, request: Request) -> Response:
    """What the t-SNE is doing."""
    return json_answer(request, app.session(request.args).state())


def frame(app: Application, request: Request) -> Response:
    """The newest positions."""
    after = parsing.whole(request.args, "after", 0, MAX_FRAME, 0)
    seconds = parsing.wait_seconds(request.args, 10)
    encoded = app.session(request.args).wait_for_frame(after, seconds)
    return empty_answer() if encoded is None else bytes_answer(encoded)


@writes
def start(app: Application, request: Request) -> Response:
    """Starts a session where none runs."""
    body = parsing.body_of(request)
    run, tensor = app.tensor(body)
    changes = body.get("parameters", {})
    with app.sessions.lock:
        session = app.sessions.get(run.name, tensor.name)
        if session is None or not session.is_alive:
            before = Parameters() if session is None else session.parameters
            limit = None if session is None else session.speed_limit
            parameters, limit = _changed(before, limit, changes)
            first_frame = 0 if session is None else session.last_frame
            session = Session(
                tensor.features(), tensor.metadata.sample_ids, parameters, speed_limit=limit, first_frame=first_frame
            )
            app.sessions.put(run.name, tensor.name, session)
    app.feed(run)
    return json_answer(request, session.state())


@writes
def pause(app: Application, request: Request) -> Response:
    """Stops stepping until resumed."""
    return _sent(app, request, "pause")


@writes
def resume(app: Application, request: Request) -> Response:
    """Steps on."""
    return _sent(app, request, "resume")


@writes
def step(app: Application, request: Request) -> Response:
    """Makes some epochs, then pauses."""
    body = parsing.body_of(request)
    return _sent(app, request, "step", body, epochs=parsing.whole(body, "epochs", 1, MAX_STEPS, 1))


@writes
def restart(app: Application, request: Request) -> Response:
    """Starts again from epoch 0."""
    return _sent(app, request, "restart")


@writes
def perturb(app: Application, request: Request) -> Response:
    """Adds noise to the positions."""
    body = parsing.body_of(request)
    return _sent(app, request, "perturb", body, scale=parsing.number(body, "scale", 0, 10, 0.1))


@writes
def parameters(app: Application, request: Request) -> Response:
    """Changes parameters while it runs."""
    body = parsing.body_of(request)
    session = app.session(body)
    session.change_parameters(*_changed(session.parameters, session.speed_limit, body.get("parameters", {})))
    return json_answer(request, session.state())


def _sent(
    app: Application, request: Request, command: str, body: dict[str, Any] | None = None, **arguments: Any
) -> Response:
    session: Session = app.session(parsing.body_of(request) if body is None else body)
    session.send(command, **arguments)
    return json_answer(request, session.state())


def _changed(before: Parameters, speed_limit: float | None, changes: Any) -> tuple[Parameters, float | None]:
    """Parameters and speed limit after a client's changes."""
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
    except ValueError as error:
        raise HttpError(422, "invalid", str(error)) from None
