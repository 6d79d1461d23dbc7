"""The folders that TensorBoard is started on: one (`--logdir`), or several with names (`--logdir_spec`)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_URI = re.compile(r"[a-zA-Z][0-9a-zA-Z.]*://")


@dataclass(frozen=True)
class LogDirs:
    """Folders with runs below them.

    Attributes:
      folders: Each with the name that stands before those of its runs; "" for none.
    """

    folders: tuple[tuple[str, Path], ...] = ()

    @classmethod
    def of(cls, logdir: Path | LogDirs) -> LogDirs:
        """One log dir, or what there is already."""
        return logdir if isinstance(logdir, LogDirs) else cls((("", logdir),))

    @classmethod
    def served(cls, logdir: str, spec: str) -> LogDirs:
        """What TensorBoard's `--logdir` and `--logdir_spec` name; neither names nothing, and not the current folder."""
        return cls.of(Path(logdir).expanduser()) if logdir else cls._named(spec)

    @classmethod
    def given(cls, logdir: str | os.PathLike[str]) -> LogDirs:
        """What a command is given as `--logdir`: what TensorBoard was given, as `--logdir` or as `--logdir_spec`."""
        folder, spec = Path(logdir).expanduser(), os.fspath(logdir)
        is_one = folder.is_dir() or not any(sign in spec for sign in ":,")
        return cls.of(folder) if is_one else cls._named(spec)

    @classmethod
    def _named(cls, spec: str) -> LogDirs:
        """Reads `name:folder,name:folder` as TensorBoard does (`data_ingester`), where a name may be left out.

        What begins with a slash has no name, so that its folder may have a colon. Addresses of cloud storage are passed
        over, and so is an empty folder, which would be the current one.
        """
        folders: dict[Path, str] = {}
        for part in spec.split(","):
            name, path = "", part
            if ":" in part and not part.startswith("/") and not _URI.match(part):
                name, _, path = part.partition(":")
            if path and not _URI.match(path):
                folders[Path(os.path.realpath(os.path.expanduser(path)))] = _steps(name)
        return cls(tuple((name, folder) for folder, name in folders.items()))

    def hold(self, folder: Path) -> bool:
        """Whether a folder lies in one of these, by its path."""
        return any(folder.is_relative_to(root) for _, each in self.folders for root in (each, os.path.realpath(each)))


def _steps(name: str) -> str:
    """A name without steps that lead up, or nowhere: labels may be kept below a folder of that name."""
    return "/".join(step for step in name.split("/") if step not in ("", ".", ".."))
