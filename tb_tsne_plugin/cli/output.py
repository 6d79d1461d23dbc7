"""What commands print. Names, labels and reasons come from files that anybody can have made."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

import click

from tb_tsne_plugin.terminal import harmless


def say(*cells: str, err: bool = False) -> None:
    """Prints a line.

    Args:
      cells: What stands in it, with tabs between.
      err: Print it on standard error.
    """
    _print("\t".join(harmless(cell) for cell in cells) + "\n", err=err)


def say_lines(text: str, *, err: bool = False) -> None:
    """Prints tab-separated lines, such as a table or a report; on standard error if so wanted."""
    _print(harmless(text.removesuffix("\n"), but="\t\n") + "\n", err=err)


def write_out(data: bytes) -> None:
    """Writes data to standard output as it is: into a file or a program, which are no terminals."""
    _print(data)


def _print(data: str | bytes, *, err: bool = False) -> None:
    """Prints data, or ends the command in a sentence; silently where nobody reads on, as behind `| head`.

    Raises:
      click.ClickException: If it cannot be written.
      click.exceptions.Exit: If the pipe is closed.
    """
    try:
        click.echo(data, nl=False, err=err)
    except OSError as error:
        _let_go(sys.stderr if err else sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise click.exceptions.Exit(1) from error
        raise click.ClickException(f"The output cannot be written: {error.strerror}.") from error


def _let_go(stream: TextIO) -> None:
    """Sends what a stream still holds to nowhere: Python writes it once more when it ends, and would complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
