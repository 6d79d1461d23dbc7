"""Reads annotation files, which may have come from anybody: regular ones of a bounded size, in the folder named."""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from exporters.errors import ExportError
from exporters.images.find import runs_below, walk
from exporters.images.inside import Inside
from exporters.images.outcomes import Skipped

MAX_BYTES = 2**30
"""Of one file with the annotations of many pictures."""
MAX_PICTURE_BYTES = 2**26
"""Of a file with the annotations of one picture."""

OUTSIDE = "leads out of the folder of annotations"


def read_file(path: Path) -> bytes:
    """The bytes of a file that the user names.

    Raises:
        ExportError: In one sentence, if they cannot be had.
    """
    found = _read(path, MAX_BYTES)
    if isinstance(found, str):
        raise ExportError(f"The annotations {path}: {found}.")
    return found


def read_files(
    folder: Path, suffix: str, choose: Callable[[Sequence[str]], Collection[str]] = lambda names: names
) -> Iterator[tuple[str, bytes | Skipped]]:
    """The files of a suffix below a folder, in the order of their names; what links lead to outside of it is skipped.

    Args:
        folder: The folder.
        suffix: What the files' names end with.
        choose: Which of all names of such files are meant.

    Yields:
        A file's path below the folder, and its bytes, or why it has none.

    Raises:
        ExportError: If the folder cannot be read, or holds no such file.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise ExportError(f"The folder of annotations {folder} {what}.")
    inside = Inside(folder)
    found = sorted(walk(folder, inside, runs_below(folder)))
    # Links to folders that are not entered are among what is found.
    named = [(name, path) for name, path in found if name.lower().endswith(suffix) or path.is_dir()]
    if not named:
        raise ExportError(f"The folder of annotations {folder} holds no {suffix} file.")
    chosen = set(choose([name for name, _ in named]))
    for name, path in named:
        if name not in chosen:
            continue
        content = _read(path, MAX_PICTURE_BYTES) if inside.holds(path) else OUTSIDE
        yield name, Skipped(name, content) if isinstance(content, str) else content


def _read(path: Path, most: int) -> bytes | str:
    """A file's bytes, or why it has none."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return "not a regular file"
        with path.open("rb") as file:  # It takes memory for as much as is asked for.
            content = file.read(min(status.st_size, most) + 1)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return content if len(content) <= most else f"over the limit of {most // 2**20:,} MiB"
