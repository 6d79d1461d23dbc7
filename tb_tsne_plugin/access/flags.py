"""What TensorBoard's flags say of tokens and people (`loader.py`): checked first, then made into `Access`."""

from __future__ import annotations

import argparse

from tb_tsne_plugin.access.access import Access
from tb_tsne_plugin.access.errors import AccessError
from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.access.tokens import checked_token, make_token

AUTO = "auto"


class HiddenToken:
    """An access token among the flags, which nobody reads by printing them.

    Attributes:
      token: The token.
      is_made: Whether it was made here.
    """

    def __init__(self, token: str, *, is_made: bool) -> None:
        self.token = token
        self.is_made = is_made

    def __repr__(self) -> str:
        return "hidden"


def fix_access_flags(flags: argparse.Namespace) -> None:
    """Checks the flags, and hides the token in them.

    Raises:
      AccessError: If they contradict each other, the token could be guessed, or the people file cannot be used.
    """
    token = flags.tsne_access_token
    if not token and not flags.tsne_people:
        raise AccessError("--tsne_allow_look means nothing without --tsne_access_token or --tsne_people.")
    if flags.tsne_allow_remote_edit:
        raise AccessError("Tokens say who may edit: leave out --tsne_allow_remote_edit.")
    if flags.tsne_people and flags.tsne_author_header:
        raise AccessError("Names come from one place: give --tsne_people or --tsne_author_header.")
    if flags.tsne_people:
        flags.tsne_people = str(PeopleFile(flags.tsne_people).path.absolute())
        PeopleFile(flags.tsne_people).read()
    if token and not isinstance(token, HiddenToken):
        is_made = token == AUTO
        flags.tsne_access_token = HiddenToken(make_token() if is_made else checked_token(token), is_made=is_made)


def access_from(flags: argparse.Namespace) -> Access | None:
    """The tokens that flags name, which were checked; None where they name none."""
    hidden = flags.tsne_access_token or None
    if hidden is None and not flags.tsne_people:
        return None
    people = PeopleFile(flags.tsne_people) if flags.tsne_people else None
    token, is_chosen = (hidden.token, not hidden.is_made) if hidden else ("", False)
    return Access(token, people, is_chosen=is_chosen, allow_look=flags.tsne_allow_look)
