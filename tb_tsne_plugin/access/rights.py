"""What somebody may do. Each right includes those before it."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal, TypeAlias

from tb_tsne_plugin.access.errors import AccessError

RightName: TypeAlias = Literal["look", "label", "manage"]


class Right(IntEnum):
    """What somebody may do.

    Attributes:
      LOOK: See runs, images, labels, history, and take labels along as files.
      LABEL: Also label, undo, change classes, steer the t-SNE, and add a blind label column of one's own.
      MANAGE: Also what changes the run for everybody: its own files, its label columns, and imports; and to read
        everybody's blind ones.
    """

    LOOK = 1
    LABEL = 2
    MANAGE = 3

    @property
    def word(self) -> RightName:
        """As files, commands and answers say it."""
        return _WORDS[self]


_WORDS: dict[Right, RightName] = {Right.LOOK: "look", Right.LABEL: "label", Right.MANAGE: "manage"}
WORDS: tuple[RightName, ...] = tuple(_WORDS.values())


def right_named(word: object) -> Right:
    """The right of a word.

    Raises:
      AccessError: If there is none of that name.
    """
    for right, known in _WORDS.items():
        if word == known:
            return right
    raise AccessError(f"A right is one of {', '.join(WORDS)}, but not {str(word)[:64]!r}.")
