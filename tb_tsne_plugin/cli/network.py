"""The options that say where the network of a run, or of a classifier, is on this machine."""

from __future__ import annotations

import click

from tb_tsne_plugin.cli.paths import LocalPath

backbone_option = click.option(
    "--backbone",
    metavar="SCHEME:NAME",
    help="The network's name where its file or folder lies elsewhere here (onnx:FILE, hf:FOLDER), or is a function.",
)
weights_option = click.option(
    "--weights",
    type=LocalPath(exists=True, dir_okay=False),
    metavar="FILE",
    help="Of a Keras network, the file of its weights where these are not ImageNet's.",
)
