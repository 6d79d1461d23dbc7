"""Finds the runs in a log dir, afresh each time, without reading what did not change."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

from tb_tsne_plugin.runs.errors import RunError, UnknownRun
from tb_tsne_plugin.runs.format import CONFIG_NAME
from tb_tsne_plugin.runs.run import Run

MAX_DEPTH = 8
_Fingerprint = tuple[tuple[str, int, int, int], ...]
_cache: dict[Path, tuple[_Fingerprint, Run]] = {}
_known: dict[tuple[Path, str], Path] = {}
_lock = Lock()


def run_folders(logdir: Path) -> Iterator[tuple[str, Path]]:
    """Every folder with a projector config, by name; cheap enough to ask often.

    Args:
      logdir: The log dir.

    Yields:
      Name ("." for the log dir itself, else the path below it) and folder. Linked folders are not followed.
    """
    root = str(logdir)
    for folder, subfolders, files in os.walk(root):
        relative = os.path.relpath(folder, root)
        depth = 0 if relative == "." else relative.count(os.sep) + 1
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".")) if depth < MAX_DEPTH else []
        if CONFIG_NAME in files:
            yield relative.replace(os.sep, "/"), Path(folder)


def list_runs(logdir: Path) -> list[Run]:
    """All runs, in the order of their names."""
    return [_current(name, folder) for name, folder in run_folders(logdir)]


def find_run(logdir: Path, name: str) -> Run:
    """The run of a name, as `list_runs` lists it: no path is ever built from the name.

    Args:
      logdir: The log dir.
      name: The run's name.

    Returns:
      The run, the same object until one of its files changes.

    Raises:
      UnknownRun: If there is none.
    """
    folder = _known.get((logdir, name))
    if folder is None or not (folder / CONFIG_NAME).exists():
        _known.update({(logdir, found): where for found, where in run_folders(logdir)})
        folder = _known.get((logdir, name))
        if folder is None or not (folder / CONFIG_NAME).exists():
            raise UnknownRun(name)
    return _current(name, folder)


def open_run(folder: Path) -> Run:
    """The run in a folder, whatever log dir it is in.

    Raises:
      RunError: If there is no such folder, or no run in it that can be read.
    """
    if not folder.is_dir():
        raise RunError(f"There is no folder {os.fspath(folder)!r}.")
    return Run(folder.resolve().name, folder)


def _current(name: str, folder: Path) -> Run:
    """The cached run, as long as its files are the ones it was read from."""
    with _lock:
        known = _cache.get(folder)
        if known is not None and known[1].name == name and known[0] == _fingerprint(folder, known[1].deep_files):
            return known[1]
        fingerprint = _fingerprint(folder, ())
        run = Run(name, folder)
        if run.deep_files:
            fingerprint = _fingerprint(folder, run.deep_files)
        run.fingerprint = hashlib.blake2b(repr(fingerprint).encode(), digest_size=12).hexdigest()
        _cache[folder] = (fingerprint, run)
        return run


def _fingerprint(folder: Path, deep_files: Iterable[str]) -> _Fingerprint:
    """Names, sizes, times and inodes of the files directly in a folder, and of further ones."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(("labels.sqlite", ".", "events.out")):
                found.append((entry.name, entry.stat(follow_symlinks=False)))
    for name in deep_files:
        with suppress(OSError, ValueError):
            found.append((name, os.stat(folder / name)))
    return tuple(sorted((name, at.st_size, at.st_mtime_ns, at.st_ino) for name, at in found))
