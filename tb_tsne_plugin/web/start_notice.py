"""What TensorBoard says of tokens when it starts: the address with a token that was made, and who could read tokens."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from tensorboard import program

from tb_tsne_plugin.access.address import address_with
from tb_tsne_plugin.web.hosts import is_loopback
from tb_tsne_plugin.web.own_names import LOOPBACK_NAMES

PLAIN_HTTP = (
    "Tokens go over plain http here: whoever is on the way, in the same network too, can read them and come in with "
    "them. Let a proxy with https stand before TensorBoard, or an ssh tunnel."
)


def tell_at_start(flags: argparse.Namespace) -> None:
    """Has TensorBoard print, below its own address, what its user must know of tokens.

    Its port is known only then: it takes another one where the usual one is taken.

    Args:
      flags: Those that were checked.
    """
    server: Any = program.WerkzeugServer
    say = server.print_serving_message

    def say_more(self: Any) -> None:
        server.print_serving_message = say
        say(self)
        for line in notice(flags, self.get_url()):
            print(line, file=sys.stderr, flush=True)

    server.print_serving_message = say_more


def notice(flags: argparse.Namespace, address: str) -> list[str]:
    """What is to be said, line by line.

    Args:
      flags: Those that were checked.
      address: Where TensorBoard serves.
    """
    lines = []
    hidden = flags.tsne_access_token
    if hidden and hidden.is_made:
        lines.append(f"Label Projector, with its token: {address_with(hidden.token, address)}")
    host = getattr(flags, "host", None) or ""
    is_near = is_loopback(host) if host and host not in LOOPBACK_NAMES else True
    if getattr(flags, "bind_all", False) or not is_near:
        lines.append(f"Warning: {PLAIN_HTTP}")
    return lines
