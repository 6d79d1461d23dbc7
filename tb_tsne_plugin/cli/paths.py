"""Paths that commands are given: refused in a sentence where they would be taken for something else."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_SHOWN = 5


def is_address(text: str) -> bool:
    """Whether a text is an address, as `s3://bucket/folder`."""
    return _ADDRESS.match(text) is not None


class LocalPath(click.Path):
    """A path of this machine; `~` is the home folder also where the shell leaves it, as in `--logdir=~/runs`.

    An address would make a folder called `s3:`, and nothing (an unset variable) would be the working directory.

    Args:
      options: Those of `click.Path`.
    """

    def __init__(self, **options: Any):
        super().__init__(path_type=Path, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if isinstance(value, str):
            if not value:
                self.fail("it is empty. Is a variable unset?", param, ctx)
            if is_address(value):
                self.fail(f"{value} is an address: give a path of this machine.", param, ctx)
            value = os.path.expanduser(value)
        return super().convert(value, param, ctx)


class RunPath(LocalPath):
    """The folder of a run; where it is one of several runs, these are named."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        from tb_tsne_plugin.runs.discovery import run_folders
        from tb_tsne_plugin.runs.format import CONFIG_NAME

        folder = super().convert(value, param, ctx)
        if folder.is_dir() and not os.path.lexists(folder / CONFIG_NAME):
            names = [name for name, _ in islice(run_folders(folder), _SHOWN + 1)]
            if names:
                shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
                self.fail(f"{folder} is no run itself. There are runs below: {shown}.", param, ctx)
        return folder


class DatasetPath(LocalPath):
    """A file or folder to read. What a shell passes as /dev/fd/63 is one, a pipe that waits for a writer is none."""

    def __init__(self) -> None:
        super().__init__(exists=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        path = super().convert(value, param, ctx)
        folder = os.path.realpath(path.parent)
        is_passed = folder.startswith(("/dev/fd", "/proc/")) or (folder == "/dev" and path.is_symlink())
        if not path.is_file() and not path.is_dir() and not is_passed:
            self.fail(f"{path} is not a regular file.", param, ctx)
        return path


class ObjectsPath(LocalPath):
    """Annotations of objects, as `SCHEME:PATH`; what is given on is the scheme and the path."""

    name = "scheme:path"

    def __init__(self, schemes: Sequence[str]) -> None:
        super().__init__(exists=True)
        self._schemes = schemes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The scheme and the path."""
        scheme, _, path = str(value).partition(":")
        if scheme not in self._schemes:
            self.fail(f"{value} does not begin with {', '.join(f'{each}:' for each in self._schemes)}.", param, ctx)
        return scheme, super().convert(path, param, ctx)
