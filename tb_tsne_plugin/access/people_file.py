"""The people file: a line of JSON for each person, with a name, a right, and a token's hash; never a token itself."""

from __future__ import annotations

import json
import os
import re
import stat
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tb_tsne_plugin.access.errors import AccessError
from tb_tsne_plugin.access.rights import Right, right_named
from tb_tsne_plugin.access.tokens import hash_of, make_token, ticket_of
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import has_unsafe_characters

MAX_NAME_LENGTH = 64
MAX_PEOPLE = 1_000
MAX_BYTES = 1 << 20

_HASH = re.compile(r"[0-9a-f]{64}")
_KEYS = {"name", "right", "token_hash"}


class Listed(NamedTuple):
    """A person in the file.

    Attributes:
      name: As the history says it.
      right: What they may do.
      token_hash: Of their token.
    """

    name: str
    right: Right
    token_hash: str


class PeopleFile:
    """A file of people, which is replaced whole, and which nobody but its owner may read."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Names the file, which need not be there yet."""
        self.path = Path(os.path.expanduser(path))

    def read(self) -> tuple[Listed, ...]:
        """Everybody in it.

        Raises:
          AccessError: If it is missing, cannot be read, is no such file, or others may write it.
        """
        folder, name = self._where()
        try:
            with folder.open(name) as file:
                mode, content = os.fstat(file.fileno()).st_mode, file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise AccessError(
                f"There is no people file {self.path}: `tb-tsne people add NAME FILE` makes it."
            ) from None
        except OSError as error:
            raise AccessError(f"The people file {self.path} cannot be read: {error.strerror}.") from None
        if mode & stat.S_IWOTH:
            raise AccessError(f"Everybody may write to the people file {self.path}: take that away (chmod 600).")
        if len(content) > MAX_BYTES:
            raise AccessError(f"The people file {self.path} has more than {MAX_BYTES >> 20} MiB.")
        return _parsed(content, self.path)

    def stamp(self) -> object:
        """Changes with the file; cheap enough to be asked for at every request."""
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_ino, found.st_dev, found.st_size, found.st_mtime_ns, found.st_mode

    def right_of(self, name: str) -> Right | None:
        """What a person may do; None if nobody has the name.

        Raises:
          AccessError: If the name cannot be used, or the file cannot be read.
        """
        name = checked_name(name)
        return next((each.right for each in self._read_if_any() if each.name == name), None)

    def add(self, name: str, right: Right) -> str:
        """Adds a person; one who is there gets a new token and this right.

        Returns:
          Their token, which is kept nowhere.

        Raises:
          AccessError: If the name cannot be used, or the file cannot be read or written.
        """
        name, token, seen = checked_name(name), make_token(), self.stamp()
        others = [each for each in self._read_if_any() if each.name != name]
        if any(_folded(each.name) == _folded(name) for each in others):
            raise AccessError(f"Somebody has nearly the name {name}: the history could not tell them apart.")
        if len(others) >= MAX_PEOPLE:
            raise AccessError(f"A people file holds at most {MAX_PEOPLE:,} people.")
        self._write([*others, Listed(name, right, hash_of(ticket_of(token)))], seen)
        return token

    def remove(self, name: str) -> None:
        """Takes a person out: their token is worth nothing from then on.

        Raises:
          AccessError: If nobody has the name, or the file cannot be read or written.
        """
        name, seen = checked_name(name), self.stamp()
        people = self.read()
        left = [each for each in people if each.name != name]
        if len(left) == len(people):
            raise AccessError(f"Nobody in {self.path} is named {name!r}.")
        self._write(left, seen)

    def _where(self) -> tuple[Folder, str]:
        """Where it really is: who names a link means what it leads to."""
        path = Path(os.path.realpath(self.path))
        return Folder(path.parent), path.name

    def _read_if_any(self) -> tuple[Listed, ...]:
        return self.read() if os.path.lexists(self.path) else ()

    def _write(self, people: Sequence[Listed], seen: object) -> None:
        """Writes the file whole, if it is still the one that was seen."""
        lines = [{"name": each.name, "right": each.right.word, "token_hash": each.token_hash} for each in people]
        folder, name = self._where()
        try:
            with folder.replacing(name) as file:
                self._give_to_its_owner(file.fileno())
                file.write("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
                file.flush()
                os.fsync(file.fileno())
                if self.stamp() != seen:
                    raise AccessError(f"The people file {self.path} was changed meanwhile: do it again.")
        except OSError as error:
            raise AccessError(f"The people file {self.path} cannot be written: {error.strerror}.") from None

    def _give_to_its_owner(self, descriptor: int) -> None:
        """Whoever could read the file before can read the new one: TensorBoard may run as somebody else than asks."""
        try:
            before, new = os.stat(self.path), os.fstat(descriptor)
        except FileNotFoundError:
            os.fchmod(descriptor, 0o600)
            return
        if (before.st_uid, before.st_gid) != (new.st_uid, new.st_gid):
            try:
                os.fchown(descriptor, before.st_uid, before.st_gid)
            except OSError:
                raise AccessError(
                    f"The people file {self.path} belongs to another user or group: do this as its owner, or "
                    "TensorBoard could not read it any more."
                ) from None
        os.fchmod(descriptor, 0o600 | before.st_mode & stat.S_IRGRP)


def checked_name(name: str) -> str:
    """A person's name in its plain form.

    Raises:
      AccessError: If the history could not say it, or could say it of somebody else.
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain or len(plain) > MAX_NAME_LENGTH or has_unsafe_characters(plain) or set("()") & set(plain):
        raise AccessError(
            f"A name has 1 to {MAX_NAME_LENGTH} characters, all of which can be seen, and no brackets: "
            f"{name[:MAX_NAME_LENGTH]!r} is none."
        )
    return plain


def _parsed(content: bytes, path: Path) -> tuple[Listed, ...]:
    found: dict[str, Listed] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            each = _listed(json.loads(line))
        except (ValueError, RecursionError, AccessError):
            raise AccessError(
                f"Line {number} of the people file {path} is no person: take it out (`tb-tsne people add` and `remove` "
                "write such lines)."
            ) from None
        if _folded(each.name) in found:
            raise AccessError(f"Line {number} of the people file {path} names somebody a second time.")
        found[_folded(each.name)] = each
        if len(found) > MAX_PEOPLE:
            raise AccessError(f"The people file {path} holds more than {MAX_PEOPLE:,} people.")
    return tuple(found.values())


def _listed(line: Any) -> Listed:
    if not isinstance(line, dict) or set(line) != _KEYS or not all(isinstance(each, str) for each in line.values()):
        raise AccessError("no person")
    if checked_name(line["name"]) != line["name"] or not _HASH.fullmatch(line["token_hash"]):
        raise AccessError("no person")
    return Listed(line["name"], right_named(line["right"]), line["token_hash"])


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
