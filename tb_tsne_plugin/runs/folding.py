"""How text is compared where people look for it: the page folds the same way (`state/folding.ts`)."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """A text as it is looked for: in any case, and with each accent in the one way that it is written on the web."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).lower()
