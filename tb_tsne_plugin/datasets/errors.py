"""Why a dataset is not written, or not read."""

from __future__ import annotations


class DatasetError(Exception):
    """A dataset cannot be written or read; nothing was. The message is a sentence for the user."""

    exit_code = 1
