"""`tb-tsne predict`: labels for further images, by what was learned from a run's labels."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tb_tsne_plugin.cli.elsewhere import elsewhere
from tb_tsne_plugin.cli.export import RAY, backend_option, images_argument, outside_option
from tb_tsne_plugin.cli.group import verbose
from tb_tsne_plugin.cli.network import backbone_option, weights_option
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath
from tb_tsne_plugin.cli.shards import ShardsPlace, from_root, making, print_shards

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
    type=LocalPath(dir_okay=False),
    metavar="FILE",
    help="Where to write the TSV with the columns sample_id, file, label, probability, second and second_probability.",
)
@click.option(
    "--shards",
    type=ShardsPlace(),
    metavar="FOLDER|ADDRESS",
    help="Where to write the same in Parquet files instead, of many millions of images.",
)
@backbone_option
@weights_option
@backend_option("decodes images and computes features")
@outside_option
@click.option("--pages", is_flag=True, help="Label every page of TIFF, DICOM and HEIC files, not the first.")
@verbose
def predict(
    images: str,
    classifier: Path,
    out: Path | None,
    shards: str | None,
    backbone: str | None,
    weights: Path | None,
    backend: str,
    outside: bool,
    pages: bool,
) -> None:
    """Label further images by a classifier that was saved from a run.

    IMAGES is what `tb-tsne export` takes: a folder, a pattern in quotes, a table, an address …; shards that `tb-tsne
    features` made; or an .npy file of features, one row a sample, for a run with features of your own. Images that
    cannot be used are left out and listed. The table can be brought into a run of these images by `tb-tsne labels
    import`. Shards are Parquet files of 4,096 images, each there whole or not at all: after Ctrl+C or a kill, the same
    command goes on. Needs pip install 'tb-tsne[onnx]', and what the classifier's network needs.
    """
    from exporters.backbones import absolute

    if (out is None) is (shards is None):
        raise click.UsageError("Say where to write: --out FILE, or --shards FOLDER.")
    if backend == RAY:
        images, classifier = from_root(images), classifier.absolute()
    chosen: dict[str, Any] = {
        "backbone": None if backbone is None else absolute(backbone),
        "weights": None if weights is None else str(weights.absolute()),
        "backend": backend,
        "outside": outside,
        "pages": pages,
        "progress": True,
    }
    if shards is not None:
        from exporters.sharded import predict_shards

        with making(backend):
            made = predict_shards(images, classifier, shards, **chosen)
        print_shards(made, f"{made.right / made.rows:.0%} of their labels should be right.")
    elif out is not None:
        from exporters import predict_images

        with elsewhere() if backend == RAY else nullcontext():
            summary = predict_images(images, classifier, out.absolute() if backend == RAY else out, **chosen)
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
