"""`tb-tsne labels`: a run's labels, looked at and carried on without a browser."""

from __future__ import annotations

import click

from tb_tsne_plugin.cli.label_agreement import agreement
from tb_tsne_plugin.cli.label_classifier import classifier
from tb_tsne_plugin.cli.label_export import export
from tb_tsne_plugin.cli.label_guidance import check, propagate
from tb_tsne_plugin.cli.label_import import import_labels
from tb_tsne_plugin.cli.label_tables import history, save


@click.group(epilog="Example: tb-tsne labels check runs/photos")
def labels() -> None:
    """Look at a run's labels, bring them in and out, and carry them on to images without."""


for _command in (export, import_labels, save, history, agreement, check, propagate, classifier):
    labels.add_command(_command)
