"""Tokens lead one way: to a ticket, to a hash, and never back."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from tb_tsne_plugin.access.errors import AccessError
from tb_tsne_plugin.access.tokens import checked_token, hash_of, is_same, make_token, ticket_of


def test_a_made_token_has_256_bits_and_is_never_the_same() -> None:
    made = {make_token() for _ in range(100)}
    assert len(made) == 100
    assert {len(token) for token in made} == {43}
    for token in made:
        assert checked_token(token) == token


@pytest.mark.parametrize(
    "token", ["", "short", "a" * 40, "abc" * 10, "two words are none 1234567", "x" * 300, "ü" * 30]
)
def test_what_could_be_guessed_or_stands_in_no_address_is_refused_and_not_told(token: str) -> None:
    with pytest.raises(AccessError, match="24 to 256 letters") as raised:
        checked_token(token)
    assert not token or token not in str(raised.value)


def test_a_ticket_and_a_hash_are_what_others_would_make_of_a_token() -> None:
    token = "abcdefghijklmnopqrstuvwxyz"
    ticket = ticket_of(token)
    expected = hmac.new(token.encode(), b"tb-tsne ticket 1", hashlib.sha256).digest()
    assert len(ticket) == 43
    assert int.from_bytes(expected, "big") == _number(ticket)
    assert hash_of(ticket) == hashlib.sha256(ticket.encode()).hexdigest()
    assert is_same(hash_of(ticket), hash_of(ticket_of(token)))
    assert not is_same(hash_of(ticket), hash_of(token))


def _number(ticket: str) -> int:
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    value = 0
    for character in ticket:
        value = value * 64 + digits.index(character)
    return value >> 2
