"""Names samples by what they are, so that labels follow the picture and never the row number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, Protocol

from tb_tsne_plugin.runs.sample_ids import content_sample_id, encoded_name


class Named(Protocol):
    """A file, as far as its id depends on more than its content."""

    @property
    def name(self) -> str:
        """Its path below the exported folder."""

    @property
    def base_name(self) -> str:
        """Its own name."""

    @property
    def is_twin(self) -> bool:
        """Whether an earlier file has the same name and content."""


def file_sample_id(image: Named, content: bytes | Iterable[bytes], form: Literal["NFC", "NFD"] = "NFC") -> str:
    """The stable id of an image file.

    The first 16 hexadecimal digits of SHA-256 over the file's base name, a NUL and its bytes; the name in Unicode's
    composed form, so that a copy made by way of a Mac, whose names were decomposed, is the same image. It stays the
    same when files are exported in another order, when there are fewer or more of them, and when folders are renamed or
    moved.
    Of files with the same base name *and* the same bytes, the first (sorted by relative path) has that id; the later
    ones also hash a NUL and their relative path.

    Args:
        image: The file; `is_twin` says whether it is one of the later ones.
        content: Its bytes, whole or in pieces.
        form: Unicode's form of the names.

    Returns:
        16 hexadecimal digits.
    """
    parts: list[bytes | Iterable[bytes]] = [encoded_name(image.base_name, form), content]
    if image.is_twin:
        parts.append(encoded_name(image.name, form))
    return content_sample_id(parts)


def earlier_sample_id(image: Named, content: bytes) -> str:
    """The id that an earlier version gave a file whose name was decomposed; empty where that is no other."""
    if image.name.isascii():
        return ""
    earlier = file_sample_id(image, content, "NFD")
    return "" if earlier == file_sample_id(image, content) else earlier


def distinct(ids: Iterable[str]) -> list[str]:
    """Makes ids of identical contents different: the later ones also hash which repetition they are."""
    seen: Counter[str] = Counter()
    different: list[str] = []
    for name in ids:
        repetition = seen[name]
        seen[name] += 1
        different.append(content_sample_id([name.encode(), str(repetition).encode()]) if repetition else name)
    return different
