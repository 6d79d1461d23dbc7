"""Pictures that parts are cut out of: decoded whole, or as they are asked for."""

from __future__ import annotations

from typing import Protocol

from PIL import Image

from exporters.images.deep import cropped


class Regions(Protocol):
    """A picture that parts are cut out of.

    Attributes:
        size: Its width and height.
    """

    size: tuple[int, int]

    def region(self, rectangle: tuple[int, int, int, int]) -> Image.Image:
        """A part of it at full resolution, as `decode` makes pictures.

        Args:
            rectangle: Left, top, right and bottom.

        Raises:
            UnreadableImageError: If it cannot be decoded.
        """

    def reduced(self, side: int, lenient: bool = False) -> Image.Image:
        """All of it; a longest side of at least `side` pixels is enough, where it has as many.

        Args:
            side: What is needed.
            lenient: Whether parts that cannot be decoded are left white.

        Raises:
            UnreadableImageError: If a part cannot be decoded.
        """

    def close(self) -> None:
        """Says that no more is asked of it."""


class DecodedPicture:
    """A picture that was decoded whole.

    Args:
        picture: What `decode` made.
    """

    def __init__(self, picture: Image.Image):
        self._picture = picture
        self.size = picture.size

    def region(self, rectangle: tuple[int, int, int, int]) -> Image.Image:
        """A part of it; outside of it a part is black."""
        return cropped(self._picture, rectangle)

    def reduced(self, side: int, lenient: bool = False) -> Image.Image:
        """The picture as it is."""
        return self._picture

    def close(self) -> None:
        """Nothing is open."""
