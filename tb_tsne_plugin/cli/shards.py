"""What the commands share that make shards: where, by whom, and what is printed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from tb_tsne_plugin.cli.elsewhere import elsewhere
from tb_tsne_plugin.cli.export import RAY, SHOWN
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import is_address

if TYPE_CHECKING:
    from exporters.sharded import ShardsSummary


class ShardsPlace(click.Path):
    """The folder of shards, from the root folder on, or an address."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The place."""
        place = str(value)
        if not place:
            self.fail("it is empty. Is a variable unset?", param, ctx)
        return from_root(os.path.expanduser(place))


def from_root(place: str) -> str:
    """A path from the root folder on; an address as it is."""
    return place if is_address(place) else os.path.abspath(place)


@contextmanager
def making(backend: str) -> Iterator[None]:
    """Makes shards; says how to go on where it is interrupted."""
    try:
        with elsewhere() if backend == RAY else nullcontext():
            yield
    except KeyboardInterrupt:
        raise click.ClickException("Interrupted: the same command goes on from here.") from None


def print_shards(summary: ShardsSummary, more: str) -> None:
    """Says what was left out, what is to know, and what there is now; `more` ends the sentence."""
    from tb_tsne_plugin.runs.format import counted

    for image in summary.skipped[:SHOWN]:
        say(f"left out: {image.name}: {image.reason}", err=True)
    if summary.left_out > SHOWN:
        say(f"left out: {summary.left_out - SHOWN:,} more", err=True)
    for note in summary.notes:
        say(f"note: {note}", err=True)
    before = f", {summary.already:,} of them made before" if summary.already else ""
    say(
        f"{counted(summary.rows, summary.noun)} ({summary.left_out:,} left out) are in "
        f"{counted(summary.shards, 'shard')}{before}, in {summary.place}; {more}"
    )
