"""Files that a run's config names: inside the run's folder, nothing but regular files."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.folder import Folder, UnsafeFile


def contained_path(folder: Path, relative: str) -> Path:
    """The real path of a file that a config names, checked to lie inside its folder.

    Args:
      folder: The run's folder.
      relative: What the config says.

    Returns:
      The path, symbolic links resolved.

    Raises:
      RunError: If it is absolute, leaves the folder (by `..`, `~` or a link), has no form of a path, or cannot be
        followed, for example as there are more links on the way than the system follows (40 on Linux).
    """
    root, name = _contained(folder, relative)
    return Path(root, name)


def contained_name(folder: Path, relative: str) -> str:
    """The one name below its folder that a file has, however a config spells it and whatever links lead to it.

    Raises:
      RunError: As `contained_path`.
    """
    return _contained(folder, relative)[1]


def open_contained(folder: Path, relative: str) -> BinaryIO:
    """Opens a file that a config names. A link is followed as long as it stays inside.

    Args:
      folder: The run's folder.
      relative: What the config says.

    Returns:
      The file, open for reading.

    Raises:
      RunError: As `contained_path`, or if it is missing, unreadable, or no regular file.
    """
    root, name = _contained(folder, relative)
    try:
        return Folder(root).open(name)
    except FileNotFoundError:
        raise RunError(f"{relative} is missing.") from None
    except UnsafeFile:
        raise RunError(f"{relative} is not a regular file.") from None
    except OSError as error:
        raise RunError(f"{relative} cannot be read: {error.strerror}.") from None


def read_contained(folder: Path, relative: str, limit: int) -> bytes:
    """The content of a file that a config names.

    Args:
      folder: The run's folder.
      relative: What the config says.
      limit: How many bytes it may have.

    Returns:
      The bytes; so many are taken of memory, and not `limit` in advance.

    Raises:
      RunError: As `open_contained`, or if it is larger.
    """
    with open_contained(folder, relative) as file:
        raw = file.read(min(os.fstat(file.fileno()).st_size, limit) + 1)
    if len(raw) > limit:
        raise RunError(f"{relative} is larger than {_size(limit)}.")
    return raw


def _contained(folder: Path, relative: str) -> tuple[str, str]:
    """The real path of a folder, and the name below it of a file that a config names; "." is the folder itself."""
    if not relative or "\0" in relative or os.path.isabs(relative) or relative.startswith("~"):
        raise RunError(f"{relative!r} is not a path inside the run's folder.")
    root = os.path.realpath(folder)
    named = os.path.join(root, relative)
    try:
        _check_links(named)
        path = os.path.realpath(named)
    except OSError as error:  # too many links, or one became a file between two looks at it
        raise RunError(f"{relative} cannot be read: {error.strerror}.") from None
    except RecursionError:  # or many of them between these two lines
        raise RunError(f"{relative} cannot be read: {os.strerror(errno.ELOOP)}.") from None
    if os.path.commonpath([root, path]) != root:
        raise RunError(f"{relative!r} leads outside the run's folder.")
    return root, Path(path).relative_to(root).as_posix()


def _check_links(path: str) -> None:
    """Has the system count the links on the way: `realpath` would follow any number, one call inside the other."""
    try:
        os.stat(path)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise


def _size(count: int) -> str:
    units = [(30, "GiB"), (20, "MiB"), (10, "KiB")]
    return next((f"{count >> shift} {unit}" for shift, unit in units if count >> shift), f"{count} bytes")
