"""Why a classifier cannot be saved, as sentences."""

from __future__ import annotations


class ClassifierError(Exception):
    """A classifier cannot be saved; the text is one sentence that says what to do."""

    exit_code = 1
