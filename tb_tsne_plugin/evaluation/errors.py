"""What can be wrong with an evaluation."""

from __future__ import annotations


class EvaluationError(ValueError):
    """Something that the user can put right; the message says what."""

    exit_code = 2
