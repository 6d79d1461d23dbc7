"""The application that TensorBoard's flags describe."""

from __future__ import annotations

import argparse

from tb_tsne_plugin.access.flags import access_from
from tb_tsne_plugin.runs.logdirs import LogDirs
from tb_tsne_plugin.web.allowed_hosts import AllowedHosts
from tb_tsne_plugin.web.application import Application
from tb_tsne_plugin.web.entrance import Entrance
from tb_tsne_plugin.web.guards import Guards
from tb_tsne_plugin.web.stalled import limit_request_heads
from tb_tsne_plugin.workspace import LabelStores, Workspace


def application_from(logdirs: LogDirs, flags: argparse.Namespace) -> Application:
    """The application for what TensorBoard is started on.

    Args:
      logdirs: The log dir, or several.
      flags: What its command line says (`loader.py`).
    """
    access = access_from(flags)
    entrance = None if access is None else Entrance(access)
    guards = Guards(AllowedHosts.listed(flags.tsne_allowed_hosts), flags.tsne_allow_remote_edit, entrance)
    stores = LabelStores.chosen(flags.tsne_labels_dir, flags.tsne_labels_db)
    limit_request_heads()
    return Application(Workspace(logdirs, stores), guards, flags.tsne_author_header)
