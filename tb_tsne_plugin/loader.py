"""What TensorBoard loads at its start: the plugin's flags. Nothing heavy may be imported here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tensorboard.plugins import base_plugin

from tb_tsne_plugin.plugin import LabelProjectorPlugin

if TYPE_CHECKING:
    import argparse


class Loader(base_plugin.TBLoader):  # type: ignore[misc]
    """Defines the flags and makes the plugin."""

    def define_flags(self, parser: argparse.ArgumentParser) -> None:
        """Adds the plugin's flags to the `tensorboard` command."""
        group = parser.add_argument_group("label projector plugin")
        group.add_argument(
            "--tsne_labels_dir",
            metavar="FOLDER",
            default="",
            help="Keep the labels of every run below this folder instead of in the run's own (for read-only log dirs). "
            "The environment variable TB_TSNE_LABELS_DIR does the same.",
        )
        group.add_argument(
            "--tsne_labels_db",
            metavar="URL",
            default="",
            help="Keep the labels of every run in this database, which several servers may share (for example "
            "postgresql://user@host/name, without a password: that belongs into ~/.pgpass). The environment variable "
            "TB_TSNE_LABELS_DB does the same, and may hold one.",
        )
        group.add_argument(
            "--tsne_allowed_hosts",
            metavar="HOSTS",
            default="",
            help="Comma-separated host names, besides this machine's own, under which the page may be opened: "
            "gpu01.lab.example, gpu01.lab.example:8443, https://gpu01.lab.example, or *.lab.example for every name "
            "below it.",
        )
        group.add_argument(
            "--tsne_allow_remote_edit",
            action="store_true",
            help="Let other machines edit labels too (with --bind_all); otherwise they may only look.",
        )
        group.add_argument(
            "--tsne_author_header",
            metavar="NAME",
            default="",
            help="The header in which a proxy on this machine says who has signed in (for example X-Remote-User): the "
            "history then names them. It gives nobody a right, and from other machines it is not believed.",
        )
        group.add_argument(
            "--tsne_access_token",
            metavar="auto",
            default="",
            help="Let in only who has this token, which allows everything; 'auto' makes one and prints an address with "
            "it. One of your own belongs into the environment variable TB_TSNE_ACCESS_TOKEN: on a command line others "
            "of this machine would read it. TensorBoard's other tabs ask for none.",
        )
        group.add_argument(
            "--tsne_people",
            metavar="FILE",
            default="",
            help="Let in only the people in this file, each with a token and a right of their own (tb-tsne people add "
            "NAME FILE); the history then has their names. The environment variable TB_TSNE_PEOPLE does the same.",
        )
        group.add_argument(
            "--tsne_allow_look",
            action="store_true",
            help="With --tsne_access_token or --tsne_people: let everybody look without a token.",
        )

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Refuses flags that contradict each other, mean nothing, or would tell a password, before anything starts.

        An access token is hidden in them from then on: TensorBoard shows its flags to everybody (`data/environment`).

        Raises:
          FlagsError: If labels shall be kept in two places, a database's address holds a password, a host's or
            header's name is none, or tokens cannot be used as the flags say.
        """
        self._fix_access(flags)
        if flags.tsne_author_header:
            from tb_tsne_plugin.web.people import checked_header_name

            try:
                checked_header_name(flags.tsne_author_header)
            except ValueError as error:
                raise base_plugin.FlagsError(str(error)) from None
        if flags.tsne_allowed_hosts:
            from tb_tsne_plugin.web.allowed_hosts import AllowedHosts

            try:
                AllowedHosts.listed(flags.tsne_allowed_hosts)
            except ValueError as error:
                raise base_plugin.FlagsError(str(error)) from None
        if flags.tsne_labels_db:
            from tb_tsne_plugin.passwords import password_problem

            if problem := password_problem(flags.tsne_labels_db, "--tsne_labels_db"):
                raise base_plugin.FlagsError(problem)
        if flags.tsne_labels_dir and flags.tsne_labels_db:
            raise base_plugin.FlagsError("Labels live in one place: give --tsne_labels_dir or --tsne_labels_db.")
        named = flags.tsne_labels_dir or flags.tsne_labels_db
        if not named and os.environ.get("TB_TSNE_LABELS_DIR") and os.environ.get("TB_TSNE_LABELS_DB"):
            raise base_plugin.FlagsError("Labels live in one place: unset TB_TSNE_LABELS_DIR or TB_TSNE_LABELS_DB.")

    def load(self, context: Any) -> base_plugin.TBPlugin:
        """Makes the plugin for a TensorBoard."""
        if getattr(context.flags, "tsne_access_token", "") or getattr(context.flags, "tsne_people", ""):
            from tb_tsne_plugin.web.start_notice import tell_at_start

            tell_at_start(context.flags)
        return LabelProjectorPlugin(context)

    def _fix_access(self, flags: argparse.Namespace) -> None:
        if isinstance(flags.tsne_access_token, str) and flags.tsne_access_token not in ("", "auto"):
            raise base_plugin.FlagsError(
                "Others of this machine can read a token on a command line, which TensorBoard writes into a file, too: "
                "give it in the environment variable TB_TSNE_ACCESS_TOKEN, or give auto, and one is made."
            )
        named = {"tsne_access_token": "TB_TSNE_ACCESS_TOKEN", "tsne_people": "TB_TSNE_PEOPLE"}
        for flag, variable in named.items():
            setattr(flags, flag, getattr(flags, flag) or os.environ.get(variable, ""))
        if flags.tsne_access_token or flags.tsne_people or flags.tsne_allow_look:
            from tb_tsne_plugin.access.errors import AccessError
            from tb_tsne_plugin.access.flags import fix_access_flags

            try:
                fix_access_flags(flags)
            except AccessError as error:
                raise base_plugin.FlagsError(str(error)) from None
