"""The one door to the files in somebody's folder: by name, below it, regular files only, no link at any step.

A log dir may come from anybody: unpacked from an archive, it may hold links, FIFOs and sockets under names that we are
going to open, write, rename or remove. Everything that `runs`, `labels`, `live`, the exporters and the commands do with
files of a run goes through here (tests/test_door.py finds what does not). Each step down is taken from the descriptor
of the step before, so that nothing swapped in meanwhile is followed either; temporary names cannot be guessed.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

Buffer: TypeAlias = "bytes | memoryview"
Kind: TypeAlias = Literal["file", "folder", "link", "special"]

TEMPORARY_BYTES = 8
"""Of chance in a temporary name."""

_NEEDED = ("O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_CLOEXEC")
_IS_PLAIN = not all(hasattr(os, name) for name in _NEEDED)
"""Whether this system cannot be told to open no link: then what was opened is compared with what was seen before."""
_NOFOLLOW, _DIRECTORY, _NONBLOCK, _CLOEXEC = (getattr(os, name, 0) for name in _NEEDED)
_FOLDER = os.O_RDONLY | _DIRECTORY | _NOFOLLOW | _CLOEXEC
# A FIFO would block a plain open.
_FILE = _NOFOLLOW | _CLOEXEC | _NONBLOCK
_BY_EFFECTIVE_IDS = os.access in os.supports_effective_ids
"""As files are opened, and not by whoever started the process."""
_WORDS: dict[Kind, str] = {
    "folder": "a folder",
    "link": "a link, and links are not followed here",
    "special": "no regular file",
}


class UnsafeFile(OSError):
    """Something is there under the name that is not what it must be; it was neither opened nor changed.

    `strerror` says what, beginning with the name.
    """

    def __init__(self, name: str, what: str) -> None:
        super().__init__(errno.EPERM, f"{name} is {what}", name)


class Folder:
    """A folder and what lies below it. Names are relative, with forward slashes: `tiles/0001.jpg`.

    The folder itself is taken as its path leads to it: whoever names it, the user or a walk over the log dir, answers
    for that.

    Attributes:
      path: Where it is.
    """

    def __init__(self, path: str | os.PathLike[str], below: str = "") -> None:
        """Names the folder, which need not be there yet.

        Args:
          path: Taken as it leads.
          below: The name of a folder in that one, if it is meant: by a name of ours, so no link.
        """
        self.path = Path(path, below)
        self._base = path
        self._below = below.split("/") if below else []

    def __repr__(self) -> str:
        return f"Folder({os.fspath(self.path)!r})"

    def kind(self, name: str) -> Kind | None:
        """What there is under a name, not followed if it is a link; None where there is nothing.

        Raises:
          OSError: If a folder on the way cannot be entered, or is a link.
        """
        found = self._stat(name)
        return None if found is None else _kind(found.st_mode)

    def beside(self, name: str, suffixes: Sequence[str]) -> dict[str, os.stat_result]:
        """What the system tells of a name with each of some suffixes, in one look; not followed where it is a link.

        Returns:
          By suffix; nothing where there is nothing.

        Raises:
          OSError: If a folder on the way cannot be entered, or is a link.
        """
        found: dict[str, os.stat_result] = {}
        with suppress(FileNotFoundError), self._within(name) as (folder, last):
            for suffix in suffixes:
                with suppress(FileNotFoundError):
                    found[suffix] = os.stat(last + suffix, dir_fd=folder, follow_symlinks=False)
        return found

    def may_write(self, name: str) -> bool:
        """Whether this process may read and write what is there under a name.

        Raises:
          OSError: If a folder on the way cannot be entered, or is a link.
        """
        with self._within(name) as (folder, last):
            return os.access(last, os.R_OK | os.W_OK, dir_fd=folder, effective_ids=_BY_EFFECTIVE_IDS)

    def may_write_beside(self, name: str) -> bool:
        """Whether this process may make a file where a name is. Raises as `may_write` does."""
        with self._within(name) as (folder, _):
            return os.access(".", os.W_OK | os.X_OK, dir_fd=folder, effective_ids=_BY_EFFECTIVE_IDS)

    def group_beside(self, name: str) -> int:
        """The group of the folder that a name is in. Raises as `may_write` does."""
        with self._within(name) as (folder, _):
            return os.fstat(folder).st_gid

    def status(self, name: str) -> os.stat_result | None:
        """What the system tells of a file that somebody is going to change; None where there is none.

        The file is not opened.

        Raises:
          UnsafeFile: If it, or a folder on the way, is something else, or it has further names (hard links).
          OSError: If a folder on the way cannot be entered.
        """
        found = self._stat(name)
        if found is not None:
            check_single(name, found)
        return found

    def open(self, name: str) -> BinaryIO:
        """A file, open for reading.

        Raises:
          UnsafeFile: If it, or a folder on the way, is something else.
          OSError: If it cannot be opened; FileNotFoundError if it is missing.
        """
        return os.fdopen(self._open(name, os.O_RDONLY), "rb")

    def update(self, name: str) -> BinaryIO:
        """A file, open for reading and writing at its start; an empty one where there is none.

        Raises:
          UnsafeFile: If it, or a folder on the way, is something else, or it has further names (hard links): who else
            holds it would see it change.
          OSError: If it cannot be opened.
        """
        descriptor = self._open(name, os.O_RDWR | os.O_CREAT)
        try:
            check_single(name, os.fstat(descriptor))
        except UnsafeFile:
            os.close(descriptor)
            raise
        return os.fdopen(descriptor, "r+b")

    def create(self, name: str) -> BinaryIO:
        """A new file, open for writing.

        Raises:
          UnsafeFile: If a folder on the way is something else.
          OSError: If it cannot be made; FileExistsError if anything of that name is there.
        """
        with self._within(name) as (folder, last):
            descriptor = os.open(last, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FILE, 0o666, dir_fd=folder)
        return os.fdopen(descriptor, "w+b")

    @contextmanager
    def replacing(self, name: str, *, durable: bool = True) -> Iterator[BinaryIO]:
        """A file to write that takes the place of `name`, whole, when the context ends without an error.

        A reader, or a crash at any moment, meets the old content or the new. A link of that name is itself replaced;
        what it leads to stays as it is.

        Args:
          name: The file.
          durable: Whether the new content must survive a power cut.

        Raises:
          OSError: If it cannot be written; the old file is then untouched.
        """
        with self._within(name) as (folder, last):
            temporary = temporary_name(last)
            try:
                descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FILE, 0o666, dir_fd=folder)
            except OSError as error:
                error.filename = name  # nobody knows the other name
                raise
            try:
                with os.fdopen(descriptor, "w+b") as file:
                    yield file
                    file.flush()
                    if durable:
                        sync(file.fileno())
                os.rename(temporary, last, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=folder)
                raise
            if durable:
                sync(folder)

    def replace(self, name: str, content: Buffer, *, durable: bool = True) -> None:
        """Writes a file whole; as `replacing`."""
        with self.replacing(name, durable=durable) as file:
            file.write(content)

    def rename(self, name: str, to: str) -> None:
        """Gives a file another name below this folder, in place of what has it.

        Raises:
          UnsafeFile: If it is no regular file, or a folder on the way is something else.
          OSError: If it cannot be renamed.
        """
        with self._within(name) as (source, old), self._within(to) as (target, new):
            _check(name, os.stat(old, dir_fd=source, follow_symlinks=False).st_mode, "file")
            os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)

    def move_folder(self, name: str, to: str) -> None:
        """Gives a folder another name below this one, whole, where nothing or an empty folder has it.

        Raises:
          UnsafeFile: If it is no folder, or a folder on the way is something else.
          OSError: If something else has the name, or it cannot be renamed.
        """
        with self._within(name) as (source, old), self._within(to) as (target, new):
            _check(name, os.stat(old, dir_fd=source, follow_symlinks=False).st_mode, "folder")
            os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)

    def link(self, file: BinaryIO, path: Path, name: str) -> bool:
        """Gives an open file a further name (a hard link), if that can be.

        Args:
          file: The file.
          path: Where it was opened.
          name: The new name below this folder, which nothing has yet.

        Returns:
          Whether it has it now: another file system, or a system without such links, takes none.

        Raises:
          UnsafeFile: If a folder on the way is something else.
          FileExistsError: If anything of that name is there.
        """
        with self._within(name) as (folder, last):
            try:
                os.link(path, last, dst_dir_fd=folder, follow_symlinks=False)
            except FileExistsError:
                raise
            except (OSError, NotImplementedError):
                return False
            if os.path.samestat(os.stat(last, dir_fd=folder, follow_symlinks=False), os.fstat(file.fileno())):
                return True
            os.unlink(last, dir_fd=folder)  # something else took its place meanwhile
            return False

    def remove_tree(self, name: str) -> None:
        """Removes a folder with all that is in it; of a link in it the link itself.

        Raises:
          OSError: If something cannot be removed.
        """
        for each in self.names(name):
            inner = f"{name}/{each}"
            if self.kind(inner) == "folder":
                self.remove_tree(inner)
            else:
                self.remove(inner)
        self.remove_folder(name)

    def remove(self, name: str) -> None:
        """Removes a file, or a link itself, if there is one.

        Raises:
          UnsafeFile: If a folder on the way is something else.
          OSError: If it cannot be removed.
        """
        with suppress(FileNotFoundError), self._within(name) as (folder, last):
            os.unlink(last, dir_fd=folder)

    def make_folder(self, name: str) -> bool:
        """Makes a folder where there is none; the one that it lies in must be there.

        Returns:
          Whether it is new.

        Raises:
          UnsafeFile: If something else has that name.
          OSError: If it cannot be made.
        """
        with self._within(name) as (folder, last):
            try:
                os.mkdir(last, 0o777, dir_fd=folder)
            except FileExistsError:
                _check(name, os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode, "folder")
                return False
            return True

    def make_folders(self, name: str) -> None:
        """Makes a folder and those on the way to it, this one too, where they are missing; "" is this one.

        Raises:
          UnsafeFile: If something else has the name of one.
          OSError: If one cannot be made.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        parts = name.split("/")
        for depth in range(1, len(parts) + 1) if name else ():
            self.make_folder("/".join(parts[:depth]))

    def remove_folder(self, name: str) -> None:
        """Removes an empty folder.

        Raises:
          OSError: If it cannot be removed: it is not empty, or no folder.
        """
        with self._within(name) as (folder, last):
            os.rmdir(last, dir_fd=folder)

    def names(self, name: str = "") -> list[str]:
        """Sorted names of everything directly in a folder below this one; "" is this one.

        Raises:
          UnsafeFile: If it is something else.
          OSError: If it cannot be read.
        """
        descriptor = self._enter(name.split("/") if name else [])
        try:
            return sorted(os.listdir(descriptor))
        finally:
            os.close(descriptor)

    def sync(self, name: str = "") -> None:
        """Brings the names in a folder (a new file, a renamed one) onto the disk."""
        descriptor = self._enter(name.split("/") if name else [])
        try:
            sync(descriptor)
        finally:
            os.close(descriptor)

    def _stat(self, name: str) -> os.stat_result | None:
        return self.beside(name, ("",)).get("")

    def _open(self, name: str, flags: int) -> int:
        with self._within(name) as (folder, last):
            # Looked at first: opening alone does something to some devices.
            seen = None
            with suppress(FileNotFoundError):
                seen = os.stat(last, dir_fd=folder, follow_symlinks=False)
                _check(name, seen.st_mode, "file")
            if _IS_PLAIN and seen is None:
                flags |= _only_new(name, flags)
            try:
                descriptor = os.open(last, flags | _FILE, 0o666, dir_fd=folder)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.EMLINK):  # a link took its place meanwhile
                    raise UnsafeFile(name, _WORDS["link"]) from None
                raise
        try:
            _check(name, os.fstat(descriptor).st_mode, "file")
            _check_same(name, descriptor, seen)
        except UnsafeFile:
            os.close(descriptor)
            raise
        return descriptor

    @contextmanager
    def _within(self, name: str) -> Iterator[tuple[int, str]]:
        """A descriptor of the folder that a name's last part lies in, and that part."""
        *folders, last = name.split("/")
        _check_part(name, last)
        descriptor = self._enter(folders)
        try:
            yield descriptor, last
        finally:
            os.close(descriptor)

    def _enter(self, folders: list[str]) -> int:
        """A descriptor of a folder below this one."""
        here = os.open(self._base, os.O_RDONLY | _DIRECTORY | _CLOEXEC)
        folders = [*self._below, *folders]
        try:
            for depth, part in enumerate(folders, 1):
                name = "/".join(folders[:depth])
                _check_part(name, part)
                inner = _open_folder(name, part, here)
                os.close(here)
                here = inner
        except BaseException:
            os.close(here)
            raise
        return here


def _open_folder(name: str, part: str, within: int) -> int:
    """A descriptor of the folder of a name in another one."""
    seen = None
    if _IS_PLAIN:
        seen = os.stat(part, dir_fd=within, follow_symlinks=False)
        _check(name, seen.st_mode, "folder")
    try:
        descriptor = os.open(part, _FOLDER, dir_fd=within)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
            mode = os.stat(part, dir_fd=within, follow_symlinks=False).st_mode
            _check(name, mode, "folder")
        raise
    try:
        _check_same(name, descriptor, seen)
    except UnsafeFile:
        os.close(descriptor)
        raise
    return descriptor


def _only_new(name: str, flags: int) -> int:
    """The flag with which a file where there was nothing is made, and no link that took its place is followed."""
    if not flags & os.O_CREAT:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    return os.O_EXCL


def _check_same(name: str, descriptor: int, seen: os.stat_result | None) -> None:
    """Where links are followed whatever we say: refuses what took the place of what was looked at."""
    if _IS_PLAIN and seen is not None and not os.path.samestat(seen, os.fstat(descriptor)):
        raise UnsafeFile(name, "not what it was a moment ago")


def temporary_name(of: str) -> str:
    """A name, which nobody can guess, for what is to take the place of a file in the same folder."""
    return f".{of[:200]}.{secrets.token_hex(TEMPORARY_BYTES)}.tmp"


def is_temporary(name: str, of: str) -> bool:
    """Whether a name is a `temporary_name` of what is to take the place of a file."""
    begin, end = f".{of[:200]}.", ".tmp"
    return name.startswith(begin) and name.endswith(end) and len(name) == len(begin) + 2 * TEMPORARY_BYTES + len(end)


@contextmanager
def replacing_file(path: Path) -> Iterator[BinaryIO]:
    """A file that the user named, to write whole (`Folder.replacing`), or to write into where it is no regular file.

    A FIFO, a terminal, /dev/null and /dev/stdout, and a link to such, are written as they are. A link to a regular
    file, or to nothing, is itself replaced.

    Raises:
      UnsafeFile: If it is a disk.
      OSError: If it cannot be written; an old file is then untouched.
    """
    if _takes_bytes(path):
        with os.fdopen(_open_as_it_is(path), "wb") as file:
            yield file
    else:
        with Folder(path.parent).replacing(path.name) as file:
            yield file


def check_new_folder(path: Path) -> None:
    """Refuses the place of a folder that is to be made.

    Raises:
      FileExistsError: If anything but an empty folder is there.
    """
    is_empty = os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)
    if os.path.lexists(path) and not is_empty:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path.name)


@contextmanager
def new_folder(path: Path) -> Iterator[Folder]:
    """A folder that the user named, to fill; it is there, whole, when the context ends without an error.

    Raises:
      FileExistsError: If anything but an empty folder is there.
      OSError: If it cannot be written; nothing is left then.
    """
    check_new_folder(path)
    place = path.absolute()
    above, temporary = Folder(place.parent), temporary_name(place.name)
    above.make_folder(temporary)
    filled = Folder(place.parent, temporary)
    try:
        yield filled
        filled.sync()
        check_new_folder(path)
        above.move_folder(temporary, place.name)
        above.sync()
    except BaseException:
        with suppress(OSError):
            above.remove_tree(temporary)
        raise


def replace_file(path: Path, content: Buffer) -> None:
    """Writes what the user named; as `replacing_file`."""
    with replacing_file(path) as file:
        file.write(content)


def _takes_bytes(path: Path) -> bool:
    """Whether there is something that must stay what it is: it passes on what is written."""
    try:
        mode = os.stat(path).st_mode
    except OSError:  # nothing, or a link to nothing
        return False
    return _kind(mode) == "special" or _leads_to_a_descriptor(path)


def _leads_to_a_descriptor(path: Path) -> bool:
    """Whether it is /dev/stdout or the like, which may lead to a regular file too: the system's links, and nobody's."""
    folder = os.path.realpath(path.parent)
    return path.is_symlink() and (folder == "/dev" or folder.startswith("/proc/"))


def _open_as_it_is(path: Path) -> int:
    found = os.stat(path)
    if stat.S_ISBLK(found.st_mode):
        raise UnsafeFile(path.name, "a disk, and no place for a file")
    for descriptor in (1, 2):
        # Opened anew it would be written from its beginning, and what else is said there would be written over it.
        with suppress(OSError):
            if os.path.samestat(found, os.fstat(descriptor)):
                return os.dup(descriptor)
    opened = os.open(path, os.O_WRONLY | os.O_NOCTTY | _CLOEXEC)
    if stat.S_ISREG(os.fstat(opened).st_mode) and not _leads_to_a_descriptor(path):  # it took its place meanwhile
        os.close(opened)
        raise UnsafeFile(path.name, "not what it was a moment ago")
    return opened


def sync(descriptor: int) -> None:
    """Brings an open file onto the disk itself: `fsync`, and where that stops at the drive's cache (macOS) further."""
    import fcntl

    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        with suppress(OSError):  # not every file system there knows it
            fcntl.fcntl(descriptor, full)
            return
    os.fsync(descriptor)


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "special"


def _check(name: str, mode: int, wanted: Kind) -> None:
    found = _kind(mode)
    if found != wanted:
        raise UnsafeFile(name, _WORDS.get(found, "a file, and no folder"))


def check_single(name: str, found: os.stat_result) -> None:
    """Refuses what somebody is going to change.

    Raises:
      UnsafeFile: If it is no regular file, or one with further names (hard links): who else holds it would see it
        change.
    """
    _check(name, found.st_mode, "file")
    if found.st_nlink > 1:
        raise UnsafeFile(name, "a file with more than one name (a hard link)")


def _check_part(name: str, part: str) -> None:
    try:
        is_name = part not in ("", ".", "..") and b"\0" not in os.fsencode(part)
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        is_name = False
    if not is_name:
        raise UnsafeFile(name, "no name of a file in this folder")
