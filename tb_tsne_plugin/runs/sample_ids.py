"""What names a sample: the picture's own name and bytes.

This module imports the standard library only: `exporters` give the ids, and the plugin finds a picture again by them.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterable
from typing import Literal

ID_DIGITS = 16


def content_sample_id(parts: Iterable[bytes | memoryview | Iterable[bytes]]) -> str:
    """The first 16 hexadecimal digits of SHA-256 over `parts`, each whole or in pieces, with a NUL between them."""
    digest = hashlib.sha256()
    for number, part in enumerate(parts):
        digest.update(b"\0" if number else b"")
        for piece in [part] if isinstance(part, (bytes, memoryview)) else part:
            digest.update(piece)
    return digest.hexdigest()[:ID_DIGITS]


def encoded_name(name: str, form: Literal["NFC", "NFD"] = "NFC") -> bytes:
    """A file's name as its id takes it."""
    return os.fsencode(name if name.isascii() else unicodedata.normalize(form, name))
