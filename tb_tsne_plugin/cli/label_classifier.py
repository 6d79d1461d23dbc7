"""`tb-tsne labels classifier`: what was learned from the labels, to take away."""

from __future__ import annotations

from pathlib import Path

import click

from tb_tsne_plugin.cli.elsewhere import Elsewhere
from tb_tsne_plugin.cli.labeled import guide_of, read_labeled
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath
from tb_tsne_plugin.cli.run_options import RunOptions, column_option, run_options, tensor_option


@click.command(cls=Elsewhere, epilog="Example: tb-tsne labels classifier runs/photos --out birds")
@run_options
@tensor_option
@column_option
@click.option(
    "--out",
    required=True,
    type=LocalPath(),
    metavar="DIR",
    help="The folder to make; one that is there must be empty.",
)
def classifier(options: RunOptions, tensor: str | None, column: str, out: Path) -> None:
    """Save what was learned from the labels, for `tb-tsne predict` and for programs of your own.

    DIR gets classifier.onnx, a model from features to the probability of each class, and classifier.json: the classes,
    how many labels each had, and which network computes the features. Needs pip install 'tb-tsne[onnx]'.
    """
    from tb_tsne_plugin.classifier.encoder import encoder_of
    from tb_tsne_plugin.classifier.save import check_place, save_classifier
    from tb_tsne_plugin.datasets.gathering import has_objects

    check_place(out)
    found = read_labeled(options, tensor, column, out)
    name = found.tensor.name
    saved = save_classifier(
        out,
        guide_of(found),
        found.labels,
        found.batches,
        found.names,
        name,
        column,
        encoder_of(options.folder, name),
        of_parts=has_objects(found.tensor.metadata),
    )
    if saved.note:
        say(f"note: {saved.note}", err=True)
    say(f"A classifier of {len(saved.classes):,} classes, from {sum(saved.labels.values()):,} labels, is in {out}.")
