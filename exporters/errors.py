"""What can go wrong in an export, as sentences.

Exception
+ ExportError           the export failed: one sentence that says what to do (exit status 1)
  + ExportUsageError    an option or argument is wrong: nothing was tried (exit status 2)
"""

from __future__ import annotations

from collections.abc import Sequence


class ExportError(Exception):
    """An export that cannot go on; its text is one sentence for the person who asked for it."""

    exit_code = 1


class ExportUsageError(ExportError):
    """An argument that cannot be right, whatever the files hold."""

    exit_code = 2


def some_of(values: Sequence[object], most: int = 5) -> str:
    """Names the first few of `values` and how many more there are: `a, b and 7 more`."""
    shown = ", ".join(str(value) for value in values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most:,} more"
