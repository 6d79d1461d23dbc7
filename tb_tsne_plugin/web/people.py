"""Who asks, by name: for the history, and to tell people's own edits apart.

A name is not a right. Nothing is allowed by it, so nothing is gained by giving another's: who may edit is for `guards`.
Where a person's token says the name (`--tsne_people`), nothing else does.
What people say of themselves is shown as that, so that it cannot be taken for what a proxy, or this machine, knows.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from werkzeug.wrappers import Request

from tb_tsne_plugin.labels import local_author
from tb_tsne_plugin.labels.model import Person
from tb_tsne_plugin.runs.format import has_unsafe_characters
from tb_tsne_plugin.web.client import is_at_this_machine, is_forwarded
from tb_tsne_plugin.web.hosts import is_loopback

NAME_HEADER = "X-TSNE-Author"
"""What somebody calls themselves, as percent-encoded UTF-8."""
CLIENT_HEADER = "X-TSNE-Client"
"""What tells people of one name apart: a browser makes it up once, and keeps it."""
ACCOUNT_HEADER = "X-TSNE-Account"
"""Tells a page whose it is by now, as percent-encoded UTF-8: another tab of the browser can sign somebody else in."""
MAX_NAME_LENGTH = 64
SELF_NAMED = "(self-named)"

_MAX_HEADER_LENGTH = 1_024
_CLIENT = re.compile(r"[A-Za-z0-9_-]{8,64}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


class Asker(NamedTuple):
    """Somebody who asks.

    Attributes:
      person: Who.
      is_named: Whether anything better is known of them than an address.
      account: Their name where a token or a proxy says it; empty where nobody vouches for it.
      is_proven: Whether it is a token that says it.
    """

    person: Person
    is_named: bool
    account: str = ""
    is_proven: bool = False


def asker_of(request: Request, author_header: str = "", name: str = "") -> Asker:
    """Who asks.

    Args:
      request: The request.
      name: Whose token came with it; empty where it is nobody's own.
      author_header: The header in which a proxy on this machine says who has signed in; empty where none does.

    Returns:
      By what is known best: the token, that header, what they call themselves, this machine's user, or an address.
    """
    if name:  # one person in all browsers: a token tells people apart, and no tag is needed
        return Asker(Person(name), is_named=True, account=name, is_proven=True)
    client = client_of(request)
    if account := _signed_in(request, author_header):
        return Asker(Person(account, client), is_named=True, account=account)
    if found := _self_named(request):
        return Asker(Person(found, client), is_named=True)
    if is_at_this_machine(request):
        return Asker(Person(local_author(), client), is_named=True)
    address = (request.remote_addr or "unknown").removeprefix("::ffff:")
    return Asker(Person(f"{address} (forwarded)" if is_forwarded(request) else address, client), is_named=False)


def client_of(request: Request) -> str:
    """What tells the browser that asks from others; empty where it says nothing."""
    client = request.headers.get(CLIENT_HEADER, "")
    return client if _CLIENT.fullmatch(client) else ""


def checked_header_name(name: str) -> str:
    """The name of the header in which a proxy says who has signed in.

    Raises:
      ValueError: If no header can be named so.
    """
    if name and not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"--tsne_author_header takes the name of a header, such as X-Remote-User, but not {name!r}.")
    return name


def _signed_in(request: Request, author_header: str) -> str:
    """What a proxy on this machine says; of anybody else it is not believed."""
    if not author_header or not is_loopback(request.remote_addr or ""):
        return ""
    name = _clean(request.headers.get(author_header, "").encode("latin-1", "replace"))
    return "" if name.endswith(SELF_NAMED) else name


def _self_named(request: Request) -> str:
    name = _clean(unquote_to_bytes(request.headers.get(NAME_HEADER, "")[:_MAX_HEADER_LENGTH]))
    bare = " ".join(re.sub(r"[()]", " ", name).split())
    return f"{bare} {SELF_NAMED}" if bare else ""


def _clean(given: bytes) -> str:
    """A name in one line, cut to its length; empty where it cannot be one."""
    try:
        name = given[:_MAX_HEADER_LENGTH].decode()
    except UnicodeDecodeError:
        name = given[:_MAX_HEADER_LENGTH].decode("latin-1")
    name = " ".join(unicodedata.normalize("NFC", name).split())[:MAX_NAME_LENGTH].strip()
    return "" if has_unsafe_characters(name) else name
