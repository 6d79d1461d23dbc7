"""What tests of objects count."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from exporters.images import decode as decode_module
from exporters.images import listing as listing_module


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> Counter[bytes]:
    """How often pictures were decoded, by their files' content."""
    counts: Counter[bytes] = Counter()
    decode = decode_module.decode

    def counted(content: bytes, *arguments: Any, **settings: Any) -> Any:
        counts[content] += 1
        return decode(content, *arguments, **settings)

    monkeypatch.setattr(listing_module, "decode", counted)
    return counts
