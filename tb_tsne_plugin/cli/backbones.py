"""`tb-tsne backbones`: which networks can be named."""

from __future__ import annotations

import click

from tb_tsne_plugin.cli.group import verbose
from tb_tsne_plugin.cli.output import say


@click.command(epilog="Example: tb-tsne backbones dinov2")
@click.argument("part", default="", metavar="[FILTER]")
@verbose
def backbones(part: str) -> None:
    """List the networks that `tb-tsne export --backbone` takes here, all or those with FILTER in their names.

    A tab-separated table: name, features an image, side of the input in pixels, megabytes of the download, licence of
    the weights, and whether they are on this machine. What is empty is not known before the network is there.
    """
    from exporters.backbones import list_backbones, notes_on_schemes

    found = list_backbones(part)
    say("name", "width", "pixels", "MB", "licence", "here")
    for each in found:
        numbers = ("" if number is None else str(number) for number in (each.width, each.side, each.megabytes))
        say(each.name, *numbers, each.licence, "yes" if each.is_here else "")
    for note in notes_on_schemes():
        say(note, err=True)
