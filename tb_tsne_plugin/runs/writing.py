"""Where a run may be written into: names that a config or its features choose must not be those of anything else.

What is named may be written or replaced if it lies inside the run's folder, in no other run's below it, and none of it
is hidden, ours, or something that the run is read from; and if no link, folder or FIFO stands there, which `Folder`
would not follow.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.folder import Buffer, Folder, UnsafeFile
from tb_tsne_plugin.runs.format import CONFIG_NAME, is_own_name

ORIGINAL_SUFFIX = ".original"


def checked_name(folder: Folder, relative: str, needed: Iterable[str]) -> str:
    """The name under which a file can be written into a run.

    Args:
      folder: The run's folder.
      relative: What a config says, or a name made of something else.
      needed: Names of files that it must not be.

    Returns:
      The same in its plain form.

    Raises:
      RunError: If there must be, or is, something else.
    """
    name = posixpath.normpath(relative) if relative else ""
    parts = name.split("/")
    if "\0" in name or name.startswith(("/", "~")) or ".." in parts or name in ("", "."):
        raise RunError(f"{relative!r} is not a path inside the run's folder, so nothing is written there.")
    taken = {_folded(other) for other in needed if other}
    folded = _folded(name)
    if is_own_name(name) or not taken.isdisjoint((folded, folded.removesuffix(ORIGINAL_SUFFIX))):
        raise RunError(f"{relative!r} is the name of another file of the run, which is not overwritten.")
    try:
        kind = folder.kind(name)
        above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        if any(folder.kind(f"{step}/{CONFIG_NAME}") is not None for step in above):
            raise RunError(f"{relative!r} lies in the folder of another run, so nothing is written there.")
    except UnsafeFile as error:
        raise RunError(f"{error.strerror}, so nothing is written there.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no name of a file"
        raise RunError(f"{relative!r} cannot be written: {reason}.") from None
    if kind not in (None, "file"):
        what = {"link": "a link", "folder": "a folder"}.get(str(kind), "no regular file")
        raise RunError(f"{relative} is {what}, so nothing is written there; move it away.")
    return name


def replace_keeping_original(folder: Folder, name: str, content: Buffer, limit: int) -> None:
    """Writes a file whole; the one before the first time is kept beside it as `.original`.

    Args:
      folder: The run's folder.
      name: From `checked_name`.
      content: The new content.
      limit: How many bytes the old one may have.

    Raises:
      RunError: If something else has the name of the copy.
      OSError: If it cannot be written; the old file is then untouched.
    """
    original = checked_name(folder, name + ORIGINAL_SUFFIX, ())
    if folder.kind(original) is None:
        with folder.open(name) as file:
            folder.replace(original, file.read(limit))
    folder.replace(name, content)


def _folded(name: str) -> str:
    """The same for names that some file systems take for one."""
    return unicodedata.normalize("NFC", posixpath.normpath(name)).casefold()
