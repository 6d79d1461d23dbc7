"""What all commands share: how errors are told, and `--verbose`."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tb_tsne_plugin.cli.output import say_lines
from tb_tsne_plugin.terminal import harmless

Command = TypeVar("Command", bound=Callable[..., Any])


class _UsageFailure(click.ClickException):
    exit_code = 2


class Commands(click.Group):
    """Turns every error into one sentence on standard error and exit status 1 or 2 (usage).

    Errors of ours carry their status as `exit_code`; anything else is a fault of ours, and says how to see more.
    `--verbose` shows the traceback of either.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "tb-tsne"
            raise _failure(f"{error.format_message()} ({where} --help shows what there is)", 2) from error
        except click.ClickException as error:
            raise _failure(error.format_message(), error.exit_code) from error
        except (click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.meta.get("verbose"):
                say_lines(traceback.format_exc(), err=True)
            status = getattr(error, "exit_code", None)
            if status is None:
                text = f"{type(error).__name__}: {error} (this should not happen; --verbose shows where)"
            else:
                text = str(error)
            raise _failure(text, status) from error


def _failure(text: str, status: int | None) -> click.ClickException:
    return (_UsageFailure if status == 2 else click.ClickException)(harmless(text, but="\t\n"))


def verbose(command: Command) -> Command:
    """Adds `--verbose` to a command."""

    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        ctx.meta["verbose"] = value

    option = click.option(
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=remember,
        is_eager=True,
        help="Show the traceback of an error.",
    )
    return option(command)
