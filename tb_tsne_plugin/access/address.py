"""The address that brings a token along: behind the #, which a browser sends to nobody."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"https?://[^/?#\s]+(/[^?#\s]*)?")


def address_with(token: str, of: str) -> str | None:
    """Where somebody opens the Label Projector and comes in.

    Args:
      token: Theirs.
      of: TensorBoard's own address, as people type it.

    Returns:
      The address; None if `of` is none.
    """
    return f"{of.rstrip('/')}/#tsne&token={token}" if _WHOLE.fullmatch(of) else None
