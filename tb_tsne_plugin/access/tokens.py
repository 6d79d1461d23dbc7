"""Tokens: made, turned into tickets, and compared.

    token   what a person is given, and types or opens once
      │ HMAC-SHA256
    ticket  what their browser keeps in its place: it lets in, and leads to no token
      │ SHA-256
    hash    what the people file keeps: it leads to no ticket, so whoever reads the file gets in nowhere

Each step is one way, and quick: what makes guessing hopeless is a token's length.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from tb_tsne_plugin.access.errors import AccessError

TOKEN_BYTES = 32
"""Of chance in a token that is made here."""
LEAST_LENGTH = 24
LEAST_KINDS = 10
"""How many different characters a token that somebody chose has at least."""
LONGEST = 256

_TOKEN = re.compile(r"[A-Za-z0-9._~-]+")
"""What an address, a header and a shell take as it is."""
_PURPOSE = b"tb-tsne ticket 1"


def make_token() -> str:
    """A new token: 256 bits of chance, in 43 characters that an address takes as they are."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def checked_token(token: str) -> str:
    """A token that somebody chose.

    Raises:
      AccessError: If it could be guessed, or cannot stand in an address. The message does not hold it.
    """
    if not LEAST_LENGTH <= len(token) <= LONGEST or len(set(token)) < LEAST_KINDS or not _TOKEN.fullmatch(token):
        raise AccessError(
            f"An access token has {LEAST_LENGTH} to {LONGEST} letters, digits, and - _ . ~, at least {LEAST_KINDS} "
            "different ones, so that nobody guesses it: give auto, and one is made."
        )
    return token


def ticket_of(token: str) -> str:
    """What a browser keeps in a token's place, as 43 characters."""
    made = hmac.digest(token.encode("utf-8", "surrogatepass"), _PURPOSE, "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def hash_of(ticket: str) -> str:
    """What is kept of a ticket, as 64 hexadecimal digits."""
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Whether two hashes are the same, whatever was sent as one; takes as long wherever they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
