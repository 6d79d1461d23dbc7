"""`tb-tsne people`: who may come in with a token of their own."""

from __future__ import annotations

from pathlib import Path

import click

from tb_tsne_plugin.access.rights import WORDS
from tb_tsne_plugin.cli.group import verbose
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath

_file = click.argument("file", type=LocalPath(dir_okay=False), envvar="TB_TSNE_PEOPLE")


@click.group(epilog="Example: tb-tsne people add ann people.jsonl")
def people() -> None:
    """Say who may look, label or manage, in a file for TensorBoard's --tsne_people.

    FILE may be left out where the environment variable TB_TSNE_PEOPLE names it.
    """


@people.command(epilog="Example: tb-tsne people add ann people.jsonl --right label")
@click.argument("name")
@_file
@click.option(
    "--right",
    type=click.Choice(WORDS),
    show_default="label; of who is there already, what they may",
    help="What they may do.",
)
@click.option(
    "--address",
    default="http://localhost:6006",
    show_default=True,
    metavar="URL",
    help="TensorBoard's address, as they type it.",
)
@verbose
def add(name: str, file: Path, right: str | None, address: str) -> None:
    """Add a person, and print the address with which they come in.

    Who is there already gets a new token, and keeps their right unless another is given.

    The token is shown this once, and kept nowhere; the file holds a hash, from which nobody learns it. A TensorBoard
    that runs knows of it at once.
    """
    from tb_tsne_plugin.access.address import address_with
    from tb_tsne_plugin.access.people_file import PeopleFile, checked_name
    from tb_tsne_plugin.access.rights import Right, right_named

    if address_with("", address) is None:
        raise click.UsageError(f"{address} is no address such as http://localhost:6006.")
    people = PeopleFile(file)
    given = right_named(right) if right else people.right_of(name) or Right.LABEL
    token = people.add(name, given)
    say(f"{checked_name(name)} may {given.word}. To come in, once in each browser:", err=True)
    say(str(address_with(token, address)))


@people.command("list", epilog="Example: tb-tsne people list people.jsonl")
@_file
@verbose
def list_people(file: Path) -> None:
    """List who may come in: a tab-separated table of names and rights."""
    from tb_tsne_plugin.access.people_file import PeopleFile

    found = PeopleFile(file).read()
    say("name", "right")
    for each in found:
        say(each.name, each.right.word)


@people.command(epilog="Example: tb-tsne people remove ann people.jsonl")
@click.argument("name")
@_file
@verbose
def remove(name: str, file: Path) -> None:
    """Take a person out: a TensorBoard that runs lets them in no more. What they labeled stays, with their name."""
    from tb_tsne_plugin.access.people_file import PeopleFile

    PeopleFile(file).remove(name)
