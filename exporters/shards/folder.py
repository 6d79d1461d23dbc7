"""A folder of shards, here or behind an address, with shards.json: what they hold, and of what they were made."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal, TypeAlias

import msgspec

from exporters.errors import ExportError
from exporters.images.storage import Storage
from exporters.prediction.description import Encoder
from exporters.prediction.piece import Piece
from exporters.shards.shard import Told, read_features, shard_name, told_by
from tb_tsne_plugin.runs.format import MADE_BY

PLAN_NAME = "shards.json"
FORMAT = 1
MAX_BYTES = 1 << 24

Holds: TypeAlias = Literal["features", "labels"]


class Plan(msgspec.Struct, kw_only=True):
    """What the shards of a folder are.

    Attributes:
        holds: Features, or labels that were predicted.
        shards: How many there are once all are made.
        images: Of how many images.
        depends: All that their rows depend on, by what people call it: others are not put among them.
        width: Features an image.
        encoder: What computes them; None where it is not known.
    """

    holds: Holds
    shards: int
    images: int
    depends: dict[str, Any]
    width: int = 0
    encoder: Encoder | None = None
    made_by: str = MADE_BY
    format: int = FORMAT


class Shards:
    """A folder of shards, whole or not yet.

    Args:
        storage: Where it is.
        plan: What it holds, or is to hold.
    """

    def __init__(self, storage: Storage, plan: Plan):
        self.storage = storage
        self.plan = plan

    @property
    def fingerprint(self) -> str:
        """Tells what its rows depend on."""
        return hashlib.sha256(_encoded(self.plan)).hexdigest()

    def begin(self) -> dict[int, Told]:
        """Makes the folder, or goes on with it.

        Returns:
            What the shards that are there already tell, by their numbers.

        Raises:
            ExportError: If it holds something else, or cannot be written.
        """
        try:
            self.storage.make()
            self.storage.tidy()
            there = set(self.storage.names())
            found = self.storage.read(PLAN_NAME, MAX_BYTES) if PLAN_NAME in there else _encoded(self.plan)
        except OSError as error:
            raise ExportError(f"{self.storage} cannot be written ({error.strerror}).") from error
        if there and PLAN_NAME not in there:
            raise ExportError(f"{self.storage} holds other files: name a new folder for the shards.")
        if not there:
            self.replace(PLAN_NAME, found)
        if changed := _changed(_parse(found, self.storage), _parse(_encoded(self.plan), self.storage)):
            raise ExportError(
                f"{self.storage} holds other shards ({', '.join(changed)} changed): name a new folder for these."
            )
        numbers = [number for number in range(self.plan.shards) if shard_name(number) in there]
        return {number: told for number in numbers if (told := self._told(number)) is not None}

    def check_whole(self) -> None:
        """Refuses a folder of which shards are missing.

        Raises:
            ExportError: If that is so.
        """
        there = set(self.storage.names())
        missing = sum(shard_name(number) not in there for number in range(self.plan.shards))
        if missing:
            raise ExportError(
                f"{self.storage} is not whole, {missing:,} of {self.plan.shards:,} shards are missing: repeat the "
                "command that made it, which goes on."
            )

    def read(self, number: int) -> Piece:
        """The rows of a shard of features.

        Raises:
            ExportError: If it is none.
        """
        name = shard_name(number)
        try:
            with self.storage.open(name) as file:
                return read_features(file, self.plan.width)
        except OSError as error:
            raise ExportError(f"{self.storage.at(name)} cannot be read ({error.strerror}).") from error
        except ValueError as error:
            raise ExportError(f"{self.storage.at(name)} cannot be read: {error}.") from error

    def replace(self, name: str, content: bytes) -> None:
        """Writes a file whole.

        Raises:
            ExportError: If it cannot be written.
        """
        try:
            self.storage.replace(name, content)
        except OSError as error:
            raise ExportError(f"{self.storage.at(name)} cannot be written ({error.strerror}).") from error

    def _told(self, number: int) -> Told | None:
        """What a shard tells; None where it is to be made again."""
        name = shard_name(number)
        try:
            with self.storage.open(name) as file:
                return told_by(file)
        except ValueError:
            return None
        except OSError as error:
            raise ExportError(f"{self.storage.at(name)} cannot be read ({error.strerror}).") from error


def find_shards(place: str) -> Shards | None:
    """The shards in a folder, or behind an address; None where none were begun.

    Raises:
        ExportError: If what is there is something else.
    """
    storage = Storage(place)
    try:
        return Shards(storage, _parse(storage.read(PLAN_NAME, MAX_BYTES), storage))
    except OSError:  # nothing, or nothing that can be read: whoever takes it for images says so
        return None


def _parse(content: bytes, storage: Storage) -> Plan:
    name = storage.at(PLAN_NAME)
    try:
        told = json.loads(content)
        if told.get("made_by") != MADE_BY:
            raise ValueError("it is none of tb-tsne's")
        if told.get("format", 0) > FORMAT:
            raise ExportError(f"{name} was written by a later version of tb-tsne: update this one.")
        plan = msgspec.convert(told, Plan)
        if min(plan.shards, plan.images, plan.width) < 0:
            raise ValueError("its numbers are none")
        return plan
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise ExportError(f"{name} does not describe shards ({error}).") from error


def _changed(found: Plan, wanted: Plan) -> list[str]:
    """What is not the same, in the words of the plan."""
    if found == wanted:
        return []
    names = sorted(found.depends.keys() | wanted.depends.keys())
    changed = [name for name in names if found.depends.get(name) != wanted.depends.get(name)]
    return changed if changed and found.holds == wanted.holds else ["what they hold"]


def _encoded(plan: Plan) -> bytes:
    return msgspec.json.format(msgspec.json.encode(plan), indent=1)
