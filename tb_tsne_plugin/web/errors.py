"""The one error shape, and which status each layer's errors have."""

from __future__ import annotations

from msgspec import UNSET, UnsetType
from werkzeug.exceptions import ClientDisconnected, HTTPException, MethodNotAllowed, NotFound

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.labels.errors import Conflict, LabelError, LabelErrorCode
from tb_tsne_plugin.live import SessionError
from tb_tsne_plugin.runs.errors import RunError, UnknownRun, UnknownTensor
from tb_tsne_plugin.web.messages import ErrorAnswer, ErrorCode, ErrorDetails, ErrorInfo
from tb_tsne_plugin.workspace import FeaturesChanged, NoSession, SessionNotStarted, TooLittleMemory, UnknownColumn

LABEL_STATUS: dict[LabelErrorCode, int] = {
    "invalid": 422,
    "conflict": 409,
    "class_exists": 409,
    "many_classes": 422,
    "nothing_to_undo": 409,
    "nothing_to_redo": 409,
    "other_store": 409,
    "labels_busy": 503,
    "labels_not_stored": 507,
}
NEEDS_PEOPLE = "start TensorBoard with --tsne_people, so that tokens tell who asks"
"""What blind label columns need."""


class HttpError(Exception):
    """An answer that is an error.

    Attributes:
      status: HTTP status.
      code: A word for programs.
      message: A sentence for people, without absolute paths.
      details: Further data, where there are any.
    """

    def __init__(self, status: int, code: ErrorCode, message: str, details: ErrorDetails | UnsetType = UNSET) -> None:
        super().__init__(message)
        self.status = status
        self.code: ErrorCode = code
        self.message = message
        self.details = details

    def answer(self) -> ErrorAnswer:
        """The JSON body."""
        return ErrorAnswer(ErrorInfo(self.code, self.message, self.details))


def as_http_error(error: Exception) -> HttpError | None:  # noqa: PLR0912 (one case an error)
    """What an error of a layer below, or of the server, is on the wire; None for a fault of ours."""
    text = str(error)
    match error:
        case HttpError():
            return error
        case Conflict():
            details = ErrorDetails(
                revision=error.revision, changes=[(key, *mark) for key, mark in error.changes.items()]
            )
            return HttpError(409, "conflict", text, details)
        case DatasetError():
            return HttpError(422, "invalid", text)
        case LabelError():
            return HttpError(LABEL_STATUS[error.code], error.code, text)
        case UnknownRun():
            return HttpError(404, "unknown_run", text)
        case UnknownTensor():
            return HttpError(404, "unknown_tensor", text)
        case RunError():
            return HttpError(422, "bad_run", text)
        case UnknownColumn():
            return HttpError(404, "unknown_column", text)
        case SessionNotStarted():
            return HttpError(503, "no_session", text)
        case NoSession() | SessionError():
            return HttpError(404, "no_session", text)
        case FeaturesChanged():
            return HttpError(409, "run_changed", text)
        case TooLittleMemory():
            details = ErrorDetails(bytes=error.needed, available=error.available)
            return HttpError(503, "too_little_memory", text, details)
        case MethodNotAllowed():
            return HttpError(405, "method_not_allowed", f"Only {_methods(error)} works here.")
        case NotFound():
            return HttpError(404, "bad_request", "There is no such route.")
        case ClientDisconnected() | TimeoutError():
            return HttpError(408, "bad_request", "The request did not come to its end.")
        case HTTPException():
            return HttpError(error.code or 400, "bad_request", "The request is malformed.")
        case _:
            return None


def _methods(error: MethodNotAllowed) -> str:
    return " or ".join(sorted(set(error.valid_methods or ()) - {"HEAD"}))
