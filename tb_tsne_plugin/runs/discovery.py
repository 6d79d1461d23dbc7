"""Finds the runs in a log dir, afresh each time, without reading what did not change."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

from tb_tsne_plugin.runs.errors import RunError, UnknownRun
from tb_tsne_plugin.runs.files import contained_path
from tb_tsne_plugin.runs.format import ARCHIVE_NAME, CONFIG_NAME, REPORT_NAME, TILES_NAME, WHOLES_NAME, unused_name
from tb_tsne_plugin.runs.logdirs import LogDirs
from tb_tsne_plugin.runs.run import Run
from tb_tsne_plugin.runs.walking import walk

MAX_NAME = 4_096
"""Characters, which a request may have in a name too."""
_Fingerprint = tuple[tuple[str, int, int, int], ...]
# Held for a look only, never while a file is read: one run on a slow disk keeps nobody from the others.
_lock = Lock()
_cache: dict[Path, tuple[_Fingerprint, Run]] = {}
_known: dict[LogDirs, dict[str, Path]] = {}


def run_folders(logdir: Path | LogDirs) -> Iterator[tuple[str, Path]]:
    """Every folder with a projector config, by name; cheap enough to ask often.

    Each folder comes once: by its own name where it is in the log dir, else by that of the first link to it.

    Args:
      logdir: The log dir, or several.

    Yields:
      Name and folder. The name is the path below the log dir ("." for that itself), after the log dir's own name where
      it has one. Bytes that are no UTF-8 stand in it as hexadecimal digits; where two names would be the same, the
      second has a number behind it. The folder of a run behind a link is the one that it led to.
    """
    names: set[str] = set()
    for relative, folder in walk(LogDirs.of(logdir), CONFIG_NAME):
        name = unused_name(name_of(relative), names, "{} ({})")
        names.add(name)
        yield name, Path(folder)


def name_of(relative: str) -> str:
    """The name of a run by its path below the log dir, as text that can be sent and stored."""
    name = os.fsencode(relative).decode("utf-8", "backslashreplace")
    if len(name) > MAX_NAME:
        name = f"{name[: MAX_NAME - 50]}~{hashlib.blake2b(os.fsencode(relative), digest_size=16).hexdigest()}"
    return name


def run_names(logdir: Path | LogDirs) -> list[str]:
    """The names of all runs, in order; none of them is read."""
    return list(_look(LogDirs.of(logdir)))


def find_run(logdir: Path | LogDirs, name: str) -> Run:
    """The run of a name, as `run_names` lists it: no path is ever built from the name.

    Args:
      logdir: The log dir, or several.
      name: The run's name.

    Returns:
      The run, the same object until one of its files changes.

    Raises:
      UnknownRun: If there is none.
    """
    logdir = LogDirs.of(logdir)
    folder = _known.get(logdir, {}).get(name)
    if folder is None or not (folder / CONFIG_NAME).exists():
        folder = _look(logdir).get(name)
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


def _look(logdir: LogDirs) -> dict[str, Path]:
    """The runs that there are now, in order; what was kept of others is let go of."""
    found = dict(sorted(run_folders(logdir), key=lambda found: [] if found[0] == "." else found[0].split("/")))
    with _lock:
        for folder in set(_known.get(logdir, {}).values()) - set(found.values()):
            _cache.pop(folder, None)
        _known[logdir] = found
    return found


def _current(name: str, folder: Path) -> Run:
    """The cached run, as long as its files are the ones it was read from."""
    known = _cache.get(folder)
    if known is not None and _holds(known, name, folder):
        return known[1]
    run = Run(name, folder)
    # The config's own state before it is read, that of the files it names afterwards: none is older than it seems.
    fingerprint = _fingerprint(folder, _OF_EVERY_RUN)
    fingerprint += _fingerprint(folder, run.named_files)
    run.fingerprint = hashlib.blake2b(repr(fingerprint).encode(), digest_size=12).hexdigest()
    with _lock:
        known = _cache.get(folder)
        if known is None or known[0] != fingerprint or known[1].name != name:
            known = _cache[folder] = (fingerprint, run)  # else another thread was faster
        return known[1]


_OF_EVERY_RUN = (CONFIG_NAME, TILES_NAME, ARCHIVE_NAME, WHOLES_NAME, REPORT_NAME)


def _holds(known: tuple[_Fingerprint, Run], name: str, folder: Path) -> bool:
    fingerprint, run = known
    return run.name == name and fingerprint == _fingerprint(folder, (*_OF_EVERY_RUN, *run.named_files))


def _fingerprint(folder: Path, names: Iterable[str]) -> _Fingerprint:
    """Names, sizes, times and inodes of files; of a link inside the folder also those of what it leads to."""
    found = []
    place = f"{folder}{os.sep}"  # a request looks at every file: paths joined by `pathlib` take as long as the looks
    for name in names:
        with suppress(OSError, ValueError, RunError):
            at = os.lstat(place + name)
            found.append((name, at.st_size, at.st_mtime_ns, at.st_ino))
            if stat.S_ISLNK(at.st_mode):
                at = os.stat(contained_path(folder, name))
                found.append((name, at.st_size, at.st_mtime_ns, at.st_ino))
    return tuple(found)
