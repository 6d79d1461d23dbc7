"""`tb-tsne`: the commands, which parse, call one function and print. The one place that knows both halves."""

from __future__ import annotations

import click

from tb_tsne_plugin.cli.add import add
from tb_tsne_plugin.cli.backbones import backbones
from tb_tsne_plugin.cli.embed import embed
from tb_tsne_plugin.cli.evaluate import evaluate
from tb_tsne_plugin.cli.export import demo, export
from tb_tsne_plugin.cli.features import features
from tb_tsne_plugin.cli.group import Commands
from tb_tsne_plugin.cli.labels import labels
from tb_tsne_plugin.cli.people import people
from tb_tsne_plugin.cli.predict import predict


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tb-tsne")
def cli() -> None:
    """Label images through a live, semi-supervised t-SNE inside TensorBoard."""


for _command in (export, add, backbones, demo, embed, evaluate, features, labels, people, predict):
    cli.add_command(_command)


def main() -> None:
    """The console script."""
    cli(prog_name="tb-tsne")
