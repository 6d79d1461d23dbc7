"""What can be wrong with a run.

RunError           a run, or one of its files, cannot be read; the message says why
├── UnknownRun     there is no run of that name
└── UnknownTensor  the run has no features of that name
"""

from __future__ import annotations


class RunError(Exception):
    """A run, or one of its files, cannot be read. The message is a sentence without absolute paths."""

    exit_code = 1


class UnknownRun(RunError):
    """There is no run of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no run named {name!r} in this log directory.")


class UnknownTensor(RunError):
    """The run has no features of that name."""

    def __init__(self, run: str, name: str) -> None:
        super().__init__(f"Run {run!r} has no features named {name!r}.")
