"""Commands that work from the root folder, and not where they are called.

The working directory may be a folder from anybody, and libraries take more from it than the user named: numba its
settings (`.numba_config.yaml`), among them where it unpickles compiled code from, and again at each compilation;
matplotlib its own (`matplotlibrc`); the workers of joblib and Ray look there first for the modules that they import.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

_PATHS = (
    *("TB_TSNE_LABELS_DIR", "KERAS_HOME", "HF_HOME", "HF_HUB_CACHE", "KAGGLEHUB_CACHE"),
    *("MPLCONFIGDIR", "NUMBA_CACHE_DIR", "PGPASSFILE", "PGSERVICEFILE"),
)
"""What in the environment names a file or a folder, which must stay the same one."""
CALLED_IN = "called_in"
"""Where `Context.meta` of such a command holds the folder that it was called in."""
_DATABASE = "TB_TSNE_LABELS_DB"
_SQLITE_FILE = re.compile(r"(sqlite(?:\+\w+)?:///)(.+)", re.DOTALL)


class Elsewhere(click.Command):
    """A command that works from the root folder; every one that comes to numba, matplotlib or workers must be one.

    Relative paths, in what it is given and in the environment, are made absolute before.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        with suppress(OSError):  # it was removed
            ctx.meta[CALLED_IN] = os.getcwd()
        ctx.params = {name: _absolute(value) for name, value in ctx.params.items()}
        if url := ctx.params.get("labels_db"):
            ctx.params["labels_db"] = _absolute_address(url)
        with elsewhere():
            return super().invoke(ctx)


@contextmanager
def elsewhere() -> Iterator[None]:
    """Works from the root folder. Other paths than those of the environment must be absolute."""
    before = {name: value for name in (*_PATHS, _DATABASE) if (value := os.environ.get(name))}
    changed = {
        name: _absolute_address(value) if name == _DATABASE else str(_absolute(Path(value)))
        for name, value in before.items()
    }
    here = "/"
    with suppress(OSError):  # it was removed
        here = os.getcwd()
    try:
        os.chdir("/")
        os.environ.update(changed)
        yield
    finally:
        os.environ.update(before)
        with suppress(OSError):
            os.chdir(here)


def _absolute(value: Any) -> Any:
    """A path, or each of several, from the root folder on; anything else as it is."""
    if isinstance(value, tuple):
        return tuple(_absolute(each) for each in value)
    return Path(os.path.expanduser(value)).absolute() if isinstance(value, Path) else value


def _absolute_address(url: str) -> str:
    """A database's address; where it is a file's, from the root folder on."""
    found = _SQLITE_FILE.fullmatch(url)
    # What begins so is no path, and is refused where it is opened.
    if found is None or found[2].startswith((":memory:", "file:", "?")):
        return url
    return found[1] + os.path.join(os.getcwd(), found[2])
