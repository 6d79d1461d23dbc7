"""Who can read which label column: one that is blind only its owner, and those who may manage, until it is opened."""

from __future__ import annotations

from typing import NamedTuple


class LabelColumn(NamedTuple):
    """A label column of a run.

    Attributes:
      name: Its name.
      owner: Who added it for themselves; empty where it is everybody's.
      is_blind: Whether nobody else can read it.
    """

    name: str
    owner: str = ""
    is_blind: bool = False


class Reader(NamedTuple):
    """Somebody who reads labels.

    Attributes:
      name: As their token says it; empty where none proves it.
      may_manage: Whether they may manage.
    """

    name: str = ""
    may_manage: bool = False

    def can_read(self, owner: str, *, is_blind: bool) -> bool:
        """Whether a column is there for them."""
        return not is_blind or (self.name != "" and (self.may_manage or self.name == owner))
