"""Where runs are, and which labels kept elsewhere are theirs.

Below a folder or in a database, labels are found by the run's name alone, and two log dirs may each have a run of that
name. So the place of the run's folder is kept with its labels; a run at another place gets them only if it is the same:

    seen from this machine, another run is at the known place   no
    the log dir was moved, or is mounted elsewhere there        if the labels are (mostly) of this run's samples
    nobody knows a place (an earlier version made the labels)   if any label is
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from urllib.parse import quote_from_bytes, unquote, unquote_to_bytes, urlsplit

from tb_tsne_plugin.labels.sql import KnownPlace
from tb_tsne_plugin.runs import Run
from tb_tsne_plugin.runs.format import CONFIG_NAME


class RunPlace:
    """The place of a run's folder, on this machine."""

    def __init__(self, run: Run, admitted: set[str]) -> None:
        """Names the place.

        Args:
          run: The run.
          admitted: Where this process remembers the identities of labels that are the run's.
        """
        self._run = run
        self.admitted = admitted

    @cached_property
    def name(self) -> str:
        """It as a URL, `file://machine/folder`: a folder of that name on another machine is another place."""
        return f"file://{_machine()}{quote_from_bytes(os.fsencode(os.path.realpath(self._run.folder)))}"

    @property
    def samples(self) -> int:
        """How many samples the run has."""
        return len(self._run.sample_ids)

    def may_have(self, known: Sequence[KnownPlace], labeled: AbstractSet[str]) -> bool:
        """Whether labels are this run's, as far as anybody can tell (`labels.identity.Place`)."""
        if any(self._is_another_run(folder_at(each.place)) for each in known):
            return False
        if not labeled:
            return True
        own = len(labeled & self._run.sample_ids)
        if not known:
            return own > 0
        # Row numbers name no samples: only a run of as many can be the same.
        named = not self._run.is_numbered or any(each.samples == self.samples for each in known)
        return named and 2 * own > len(labeled)

    def _is_another_run(self, folder: bytes | None) -> bool:
        if folder is None or not os.path.isfile(os.path.join(folder, os.fsencode(CONFIG_NAME))):
            return False
        try:
            return not os.path.samefile(folder, self._run.folder)
        except OSError:
            return False


def folder_at(place: str) -> bytes | None:
    """The folder of a place; None where that is on another machine."""
    try:
        parts = urlsplit(place)
    except ValueError:
        return None
    folder = unquote_to_bytes(parts.path)
    is_here = parts.netloc == _machine() and folder != b"" and b"\0" not in folder
    return folder if is_here else None


def shown(place: str) -> str:
    """A place as people write it: the folder, and the machine where that is another one."""
    folder = folder_at(place)
    if folder is not None:
        return os.fsdecode(folder)
    try:
        parts = urlsplit(place)
    except ValueError:
        return "another run"
    return f"{unquote(parts.path)} on {unquote(parts.netloc) or 'another machine'}"


def _machine() -> str:
    return quote_from_bytes(os.fsencode(socket.gethostname()), safe="").lower()
