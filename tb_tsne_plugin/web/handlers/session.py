"""The running t-SNE."""

from __future__ import annotations

import msgspec
from msgspec import UNSET
from werkzeug.wrappers import Response

from tb_tsne_plugin.live import Session, SessionState
from tb_tsne_plugin.live.company import Doing
from tb_tsne_plugin.live.parameters import SessionParameters
from tb_tsne_plugin.live.protocol import Command, Pause, Perturb, Restart, Resume, Step
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.messages import (
    Forecast,
    FrameRequest,
    OfTensor,
    ParameterChanges,
    ParametersRequest,
    PerturbRequest,
    StartRequest,
    StepRequest,
)
from tb_tsne_plugin.web.responses import bytes_response, empty_response
from tb_tsne_plugin.workspace.starting import change_parameters, forecast_memory, start_session


def state(call: Call, request: OfTensor) -> SessionState:
    """What the t-SNE is doing."""
    session = session_of(call, request, may_be_outdated=True)
    if call.visitor is None or call.visitor.token == "given":
        session.company.see(call.onlooker)
    return session.state(call.onlooker if call.may_edit else None)


def frame(call: Call, request: FrameRequest) -> Response:
    """The newest positions."""
    encoded = session_of(call, request).wait_for_frame(request.after, request.wait)
    return empty_response() if encoded is None else bytes_response(encoded)


def forecast(call: Call, request: OfTensor) -> Forecast:
    """How much memory a session would take, and whether there is so much."""
    _, tensor = call.tensor(request)
    found = forecast_memory(tensor, SessionParameters())
    return Forecast(found.needed, found.available, found.fits)


def start(call: Call, request: StartRequest) -> SessionState:
    """Starts a session where none runs; where one runs, lets it follow the label column that was asked for."""
    run, tensor = call.tensor(request)
    changes = {} if request.parameters is None else _changes(request.parameters)
    running, who, column = call.workspace.sessions.get(run.name, tensor.name), call.onlooker, request.column
    before = None if running is None else running.column
    if running is not None and running.is_alive and running.company.others(who) and not request.for_all:
        column = None
    try:
        session = start_session(call.workspace, run, tensor, changes=changes, column=column, force=request.force)
    except ValueError as error:
        raise HttpError(422, "invalid", str(error)) from None
    if session is running and session.column != before:
        session.company.did(who, "column")
    return session.state(who)


def pause(call: Call, request: OfTensor) -> SessionState:
    """Stops stepping until resumed."""
    return _sent(call, request, Pause(), "pause")


def resume(call: Call, request: OfTensor) -> SessionState:
    """Steps on."""
    return _sent(call, request, Resume(), "resume")


def step(call: Call, request: StepRequest) -> SessionState:
    """Makes some epochs, then pauses."""
    return _sent(call, request, Step(request.epochs), "step")


def restart(call: Call, request: OfTensor) -> SessionState:
    """Starts again from epoch 0."""
    return _sent(call, request, Restart(), "restart")


def perturb(call: Call, request: PerturbRequest) -> SessionState:
    """Adds noise to the positions."""
    return _sent(call, request, Perturb(request.scale), "perturb")


def parameters(call: Call, request: ParametersRequest) -> SessionState:
    """Changes parameters while it runs."""
    changes = _changes(request.parameters)
    try:
        session = change_parameters(call.workspace, *call.tensor(request), changes=changes, force=request.force)
    except ValueError as error:
        raise HttpError(422, "invalid", str(error)) from None
    session.company.did(call.onlooker, "dimensions" if "n_components" in changes else "parameters")
    return session.state(call.onlooker)


def session_of(call: Call, request: OfTensor, *, may_be_outdated: bool = False) -> Session:
    """The session on the features that a request is about."""
    return call.workspace.session(*call.tensor(request), may_be_outdated=may_be_outdated)


def _sent(call: Call, request: OfTensor, command: Command, doing: Doing) -> SessionState:
    session = session_of(call, request)
    session.send(command)
    session.company.did(call.onlooker, doing)
    return session.state(call.onlooker)


def _changes(changes: ParameterChanges) -> dict[str, object]:
    """The parameters that a request names."""
    return {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
