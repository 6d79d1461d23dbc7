"""The one error shape, and which status each layer's errors have."""

from __future__ import annotations

from typing import Any

from tb_tsne_plugin.labels.errors import LabelError
from tb_tsne_plugin.live import SessionError
from tb_tsne_plugin.runs.errors import RunError, UnknownRun, UnknownTensor

LABEL_STATUS = {
    "invalid": 422,
    "conflict": 409,
    "class_exists": 409,
    "nothing_to_undo": 409,
    "nothing_to_redo": 409,
    "labels_busy": 503,
    "labels_not_stored": 507,
}


class HttpError(Exception):
    """An answer that is an error.

    Attributes:
      status: HTTP status.
      code: A word for programs.
      message: A sentence for people, without absolute paths.
      details: Further data, or None.
    """

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        details = {} if self.details is None else {"details": self.details}
        return {"error": {"code": self.code, "message": self.message, **details}}


def as_http_error(error: Exception) -> HttpError | None:
    """What an error of a layer below is on the wire; None for a fault of ours."""
    if isinstance(error, HttpError):
        return error
    if isinstance(error, LabelError):
        return HttpError(LABEL_STATUS[error.code], error.code, str(error), error.details)
    if isinstance(error, UnknownRun):
        return HttpError(404, "unknown_run", str(error))
    if isinstance(error, UnknownTensor):
        return HttpError(404, "unknown_tensor", str(error))
    if isinstance(error, RunError):
        return HttpError(422, "bad_run", str(error))
    if isinstance(error, SessionError):
        return HttpError(404, "no_session", str(error))
    return None
