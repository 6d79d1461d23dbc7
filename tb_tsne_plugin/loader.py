"""What TensorBoard loads at its start: the plugin's flags. Nothing heavy may be imported here."""

from __future__ import annotations

import argparse
from typing import Any

from tensorboard.plugins import base_plugin

from tb_tsne_plugin.plugin import LabelProjectorPlugin


class Loader(base_plugin.TBLoader):  # type: ignore[misc]
    """Defines the flags and makes the plugin."""

    def define_flags(self, parser: argparse.ArgumentParser) -> None:
        """Adds the plugin's flags to the `tensorboard` command."""
        group = parser.add_argument_group("label projector plugin")
        group.add_argument(
            "--tsne_labels_dir",
            metavar="FOLDER",
            default="",
            help="Keep the labels of every run below this folder instead of in the run's own (for read-only log dirs).",
        )
        group.add_argument(
            "--tsne_labels_db",
            metavar="URL",
            default="",
            help="Keep the labels of every run in this database, which several servers may share (for example "
            "postgresql://user@host/name).",
        )
        group.add_argument(
            "--tsne_allowed_hosts",
            metavar="HOSTS",
            default="",
            help="Comma-separated host names, besides this machine's own, under which the page may be opened.",
        )
        group.add_argument(
            "--tsne_allow_remote_edit",
            action="store_true",
            help="Let other machines edit labels too (with --bind_all); otherwise they may only look.",
        )

    def load(self, context: Any) -> base_plugin.TBPlugin:
        """Makes the plugin for a TensorBoard."""
        return LabelProjectorPlugin(context)
