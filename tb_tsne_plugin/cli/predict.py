"""`tb-tsne predict`: labels for further images, by what was learned from a run's labels."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tb_tsne_plugin.cli.elsewhere import elsewhere
from tb_tsne_plugin.cli.export import RAY, images_argument, outside_option
from tb_tsne_plugin.cli.group import verbose
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath

if TYPE_CHECKING:
    from exporters import PredictionSummary


@click.command(epilog="Example: tb-tsne predict more-photos --classifier birds --out predicted.tsv")
@images_argument
@click.option(
    "--classifier",
    required=True,
    type=LocalPath(),
    metavar="DIR",
    help="The folder that `tb-tsne labels classifier` made.",
)
@click.option(
    "--out",
    required=True,
    type=LocalPath(dir_okay=False),
    metavar="FILE",
    help="Where to write the TSV with the columns sample_id, file, label, probability, second and second_probability.",
)
@click.option(
    "--backbone",
    metavar="SCHEME:NAME",
    help="The network's name where its file or folder lies elsewhere here (onnx:FILE, hf:FOLDER), or is a function.",
)
@click.option(
    "--weights",
    type=LocalPath(exists=True, dir_okay=False),
    metavar="FILE",
    help="Of a Keras network, the file of its weights where these are not ImageNet's.",
)
@click.option(
    "--backend",
    default="local",
    show_default=True,
    type=click.Choice(["local", RAY]),
    help="Who decodes images and computes features: this machine, or a Ray cluster.",
)
@outside_option
@click.option("--pages", is_flag=True, help="Label every page of TIFF, DICOM and HEIC files, not the first.")
@verbose
def predict(
    images: str,
    classifier: Path,
    out: Path,
    backbone: str | None,
    weights: Path | None,
    backend: str,
    outside: bool,
    pages: bool,
) -> None:
    """Label further images by a classifier that was saved from a run.

    IMAGES is what `tb-tsne export` takes: a folder, a pattern in quotes, a table, an address …; or an .npy file of
    features, one row a sample, for a run with features of your own. Images that cannot be used are left out and listed.
    The table can be brought into a run of these images by `tb-tsne labels import`. Needs pip install 'tb-tsne[onnx]',
    and what the classifier's network needs.
    """
    from exporters import predict_images
    from exporters.backbones import absolute

    if backend == RAY:
        images = images if "://" in images else os.path.abspath(images)
        classifier, out = classifier.absolute(), out.absolute()
        backbone = None if backbone is None else absolute(backbone)
    with elsewhere() if backend == RAY else nullcontext():
        summary = predict_images(
            images,
            classifier,
            out,
            backbone=backbone,
            weights=None if weights is None else str(weights.absolute()),
            backend=backend,
            outside=outside,
            pages=pages,
            progress=True,
        )
    _print_summary(summary, out)


def _print_summary(summary: PredictionSummary, out: Path) -> None:
    for image in summary.skipped:
        say(f"left out: {image.name}: {image.reason}", err=True)
    for note in summary.notes:
        say(f"note: {note}", err=True)
    say(
        f"{sum(summary.labeled.values()):,} images ({len(summary.skipped):,} left out) are in {out}; "
        f"{summary.expected:.0%} of their labels should be right."
    )
