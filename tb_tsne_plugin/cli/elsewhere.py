"""Where a command stands while it starts other Python processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def elsewhere() -> Iterator[None]:
    """Works from the root folder.

    The workers of joblib and Ray look for modules in the working directory first, and that may be a folder from
    anybody. What the command has to do with files must have absolute paths.
    """
    here = os.getcwd()
    os.chdir("/")
    try:
        yield
    finally:
        os.chdir(here)
