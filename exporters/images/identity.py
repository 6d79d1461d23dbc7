"""Names samples by what they are, so that labels follow the picture and never the row number."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable

from exporters.images.listing import ImageFile

ID_DIGITS = 16


def file_sample_id(image: ImageFile, content: bytes) -> str:
    """The stable id of an image file.

    The first 16 hexadecimal digits of SHA-256 over the file's base name, a NUL and its bytes. It stays the same when
    files are exported in another order, when there are fewer or more of them, and when folders are renamed or moved.
    Of files with the same base name *and* the same bytes, the first (sorted by relative path) has that id; the later
    ones also hash a NUL and their relative path.

    Args:
        image: The file; `is_twin` says whether it is one of the later ones.
        content: Its bytes.

    Returns:
        16 hexadecimal digits.
    """
    parts = [os.fsencode(image.base_name), content]
    if image.is_twin:
        parts.append(os.fsencode(image.name))
    return content_sample_id(parts)


def content_sample_id(parts: Iterable[bytes | memoryview]) -> str:
    """The first 16 hexadecimal digits of SHA-256 over `parts` with a NUL between them."""
    digest = hashlib.sha256()
    for number, part in enumerate(parts):
        digest.update(b"\0" if number else b"")
        digest.update(part)
    return digest.hexdigest()[:ID_DIGITS]


def distinct(ids: Iterable[str]) -> list[str]:
    """Makes ids of identical contents different: the later ones also hash which repetition they are."""
    seen: Counter[str] = Counter()
    different: list[str] = []
    for name in ids:
        repetition = seen[name]
        seen[name] += 1
        different.append(content_sample_id([name.encode(), str(repetition).encode()]) if repetition else name)
    return different
