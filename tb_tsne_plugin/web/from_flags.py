"""The application that TensorBoard's flags describe."""

from __future__ import annotations

import argparse
from pathlib import Path

from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.guards import Guards
from tb_tsne_plugin.web.stalled import limit_request_heads
from tb_tsne_plugin.workspace import LabelStores, Workspace


def application_from(logdir: str, flags: argparse.Namespace) -> Application:
    """The application for a log dir.

    Args:
      logdir: TensorBoard's `--logdir`, as typed.
      flags: What its command line says (`loader.py`).
    """
    hosts = [host.strip().lower() for host in flags.tsne_allowed_hosts.split(",")]
    guards = Guards(frozenset(host for host in hosts if host), flags.tsne_allow_remote_edit)
    stores = LabelStores.chosen(flags.tsne_labels_dir, flags.tsne_labels_db)
    limit_request_heads()
    return Application(Workspace(Path(logdir).expanduser(), stores), guards)
