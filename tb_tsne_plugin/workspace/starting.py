"""Starting a session and changing it: with which parameters, from which checkpoint, and whether there is memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tb_tsne_plugin.labels.errors import LabelError
from tb_tsne_plugin.labels.store import DEFAULT_COLUMN
from tb_tsne_plugin.live import Session, Source
from tb_tsne_plugin.live.checkpoint import read_header
from tb_tsne_plugin.live.memory import available_bytes, forecast_bytes, forecast_change_bytes
from tb_tsne_plugin.live.parameters import SessionParameters
from tb_tsne_plugin.runs import Run, RunError, Tensor
from tb_tsne_plugin.workspace.errors import SessionNotStarted, TooLittleMemory
from tb_tsne_plugin.workspace.workspace import Workspace


class MemoryForecast(NamedTuple):
    """How much memory a session would take.

    Attributes:
      needed: Bytes, at most and roughly.
      available: Bytes that are free; None where this system does not say.
    """

    needed: int
    available: int | None

    @property
    def fits(self) -> bool:
        """Whether there is so much, as far as anybody can tell."""
        return self.available is None or self.needed <= self.available


def forecast_memory(tensor: Tensor, parameters: SessionParameters) -> MemoryForecast:
    """How much memory a session on some features would take.

    Args:
      tensor: The features.
      parameters: Of the session.
    """
    return MemoryForecast(forecast_bytes(*tensor.shape, parameters), available_bytes())


def start_session(
    workspace: Workspace,
    run: Run,
    tensor: Tensor,
    *,
    changes: Mapping[str, object],
    column: str | None,
    force: bool,
) -> Session:
    """Starts a session where none runs on these features; lets one that runs follow the label column asked for.

    A new session goes on as the old one was, else as the checkpoint says, else by default.

    Args:
      workspace: Where the run is.
      run: The run.
      tensor: The features.
      changes: Parameters that are to be different, by name.
      column: The label column to follow; None for the one that it followed last.
      force: Start it although there seems to be too little memory.

    Returns:
      The session.

    Raises:
      ValueError: If a parameter is unknown or out of its range, or the label column is blind.
      UnknownColumn: If there is no such label column.
      TooLittleMemory: If there is, and it is not forced.
      SessionNotStarted: If the worker's files cannot be written.
    """
    if column not in (None, DEFAULT_COLUMN):
        store = workspace.labels(run, column)
        if any(each.is_blind for each in store.label_columns() if each.name == column):
            raise ValueError("The picture is shared: it follows a label column that all can read.")
    sessions = workspace.sessions
    # This session's own lock: its files may be slow to read, and nobody else is to wait for that.
    with sessions.starting(run.name, tensor.name):
        session = sessions.get(run.name, tensor.name)
        if session is None or not session.is_alive or session.is_stalled or session.version != tensor.version:
            session = _started(workspace, run, tensor, changes, column, force)
            sessions.put(run.name, tensor.name, session)
        elif column is not None:
            session.follow(column)
    workspace.sync_labels(run)
    return session


def change_parameters(
    workspace: Workspace, run: Run, tensor: Tensor, *, changes: Mapping[str, object], force: bool
) -> Session:
    """Gives the session on some features other parameters.

    Args:
      workspace: Where the run is.
      run: The run.
      tensor: The features.
      changes: Parameters that are to be different, by name.
      force: Change them although there seems to be too little memory.

    Returns:
      The session.

    Raises:
      NoSession: If none was started, or its worker has ended.
      ValueError: If a parameter is unknown or out of its range.
      TooLittleMemory: If there is, and it is not forced.
    """
    session = workspace.session(run, tensor)
    before, after = session.parameters, session.parameters.updated(changes)
    needed = forecast_change_bytes(*tensor.shape, before, after)
    if needed and not force:
        _check_memory(workspace, needed)
    session.change_parameters(after)
    return session


def _started(
    workspace: Workspace,
    run: Run,
    tensor: Tensor,
    changes: Mapping[str, object],
    column: str | None,
    force: bool,
) -> Session:
    checkpoint = workspace.checkpoint(run, tensor)
    header = read_header(checkpoint)
    n_stood = None if header is None else tensor.samples_at(header.version)
    parameters, followed, first_frame = SessionParameters(), DEFAULT_COLUMN, 0
    grown_from = None
    if header is not None and n_stood is not None:
        parameters, followed, grown_from = header.parameters, header.column, (header.version, n_stood)
    if (old := workspace.sessions.remains(run.name, tensor.name)) is not None:
        parameters, followed, first_frame = old
    parameters = parameters.updated(changes)
    followed = _there(workspace, run, column or followed)
    if not force:
        _check_memory(workspace, forecast_bytes(*tensor.shape, parameters))
    file = tensor.open_features()
    features = tensor.features() if file is None else file
    try:
        return Session(
            Source(features, tensor.shape, tensor.metadata.sample_ids, tensor.version),
            parameters,
            first_frame=first_frame,
            column=followed,
            checkpoint=checkpoint,
            grown_from=grown_from,
            ignored=workspace.ignored(run, followed),
        )
    except OSError as error:
        raise SessionNotStarted(f"The t-SNE cannot be started: {error.strerror or error}.") from None
    finally:
        if file is not None:
            file.close()


def _check_memory(workspace: Workspace, needed: int) -> None:
    """Lets sessions that nobody looks at go, until so many bytes are free.

    Raises:
      TooLittleMemory: If there are still too few.
    """
    while (available := available_bytes()) is not None and needed > available:
        if not workspace.sessions.free_one():
            raise TooLittleMemory(needed, available)


def _there(workspace: Workspace, run: Run, column: str) -> str:
    """The label column, or the first one where it is gone; nobody knows while labels cannot be read."""
    try:
        there = [each.name for each in workspace.stores.of(run).label_columns() if not each.is_blind]
        return column if column in there else DEFAULT_COLUMN
    except (LabelError, RunError):
        return DEFAULT_COLUMN
