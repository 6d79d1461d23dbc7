"""What goes wrong with tokens and people, in a sentence that never holds a token."""

from __future__ import annotations


class AccessError(Exception):
    """A people file, a name or a token cannot be used, and why."""

    exit_code = 1


class PeopleUnread(Exception):
    """Whose a token is cannot be told now: the people file cannot be read."""


class TooManyTries(Exception):
    """Too many wrong tokens came: this one was wrong too, or was not looked at."""
