"""What a log dir cannot give.

WorkspaceError          the message is a sentence for the user
├── LabelsPlaceUnknown  it cannot be known where the labels of a run live; an option settles it
├── UnknownColumn       the run has no label column of that name
├── NoSession           no t-SNE was started on these features, or it cannot be started
├── FeaturesChanged     the run was exported again since its t-SNE was started
└── TooLittleMemory     a t-SNE would take more memory than is free
"""

from __future__ import annotations


class WorkspaceError(Exception):
    """The workspace cannot give what was asked for."""

    exit_code = 1


class LabelsPlaceUnknown(WorkspaceError):
    """It cannot be known where the labels of a run live."""

    exit_code = 2


class UnknownColumn(WorkspaceError):
    """There is no label column of that name."""

    def __init__(self, run: str, column: str) -> None:
        super().__init__(f"Run {run!r} has no label column {column!r}.")


class NoSession(WorkspaceError):
    """No t-SNE was started on these features."""


class SessionNotStarted(NoSession):
    """The worker of a t-SNE cannot be started, and why."""


class FeaturesChanged(WorkspaceError):
    """The run was exported again since its t-SNE was started."""


class TooLittleMemory(WorkspaceError):
    """A t-SNE would take more memory than is free."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(
            f"The t-SNE would take about {needed >> 20:,} MiB of memory, and {available >> 20:,} MiB are free: close "
            "something, embed a sample of the images, or start it all the same."
        )
        self.needed = needed
        self.available = available
