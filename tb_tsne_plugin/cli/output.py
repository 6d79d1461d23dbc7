"""What commands print. Names, labels and reasons come from files that anybody can have made."""

from __future__ import annotations

import click

from tb_tsne_plugin.terminal import harmless


def say(*cells: str, err: bool = False) -> None:
    """Prints a line.

    Args:
      cells: What stands in it, with tabs between.
      err: Print it on standard error.
    """
    click.echo("\t".join(harmless(cell) for cell in cells), err=err)


def say_lines(text: str, *, err: bool = False) -> None:
    """Prints tab-separated lines, such as a table or a report; on standard error if so wanted."""
    click.echo(harmless(text.removesuffix("\n"), but="\t\n"), err=err)


def write_out(data: bytes) -> None:
    """Writes data to standard output as it is: into a file or a program, which are no terminals."""
    click.echo(data, nl=False)
