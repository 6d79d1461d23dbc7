"""The one way to a run's files: nothing outside its folder, nothing but regular files."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from tb_tsne_plugin.runs.errors import RunError


def contained_path(folder: Path, relative: str) -> Path:
    """The real path of a file that a config names, checked to lie inside its folder.

    Args:
      folder: The run's folder.
      relative: What the config says.

    Returns:
      The path, symbolic links resolved.

    Raises:
      RunError: If it is absolute, leaves the folder (by `..`, `~` or a link), has no form of a path, or cannot be
        followed.
    """
    if not relative or "\0" in relative or os.path.isabs(relative) or relative.startswith("~"):
        raise RunError(f"{relative!r} is not a path inside the run's folder.")
    root = os.path.realpath(folder)
    try:
        path = os.path.realpath(os.path.join(root, relative))
    except OSError as error:  # a link became a file between two looks at it
        raise RunError(f"{relative} cannot be read: {error.strerror}.") from None
    if os.path.commonpath([root, path]) != root:
        raise RunError(f"{relative!r} leads outside the run's folder.")
    return Path(path)


def open_contained(folder: Path, relative: str) -> BinaryIO:
    """Opens a file that a config names.

    Args:
      folder: The run's folder.
      relative: What the config says.

    Returns:
      The file, open for reading.

    Raises:
      RunError: As `contained_path`, or if it is missing, unreadable, or no regular file.
    """
    root = Path(os.path.realpath(folder))
    path = contained_path(root, relative)
    try:
        descriptor = _open_below(root, path.relative_to(root).parts)
    except FileNotFoundError:
        raise RunError(f"{relative} is missing.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its folder changed meanwhile"
        raise RunError(f"{relative} cannot be read: {reason}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RunError(f"{relative} is not a regular file.")
    return os.fdopen(descriptor, "rb")


def _open_below(root: Path, parts: tuple[str, ...]) -> int:
    """A descriptor of a file, opened folder by folder, so that no link swapped in after the check is followed."""
    only = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    here = os.open(root, only | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, only | os.O_DIRECTORY, dir_fd=here)
            os.close(here)
            here = inner
        # A FIFO would block a plain open.
        return os.open(parts[-1] if parts else ".", only | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)
