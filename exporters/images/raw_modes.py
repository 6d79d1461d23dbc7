"""How Pillow takes the bytes of a picture file that is opened and not yet decoded: by names in its list of tiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def with_raw_modes(tiles: list[Any], choice: Callable[[str], str]) -> list[Any]:
    """The tiles, their bytes taken for something else.

    Args:
        tiles: Those of an opened file.
        choice: The name of what they are to be taken for, by that of what Pillow takes them for.
    """
    # Tiles have had names since Pillow 11; before, they were tuples.
    return [getattr(type(tile), "_make", type(tile))((*tile[:3], _replaced(tile[3], choice))) for tile in tiles]


def _replaced(arguments: Any, choice: Callable[[str], str]) -> Any:
    return choice(arguments) if isinstance(arguments, str) else (choice(arguments[0]), *arguments[1:])
