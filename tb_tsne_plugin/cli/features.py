"""`tb-tsne features`: features of further images, however many, as those of a run."""

from __future__ import annotations

from pathlib import Path

import click

from tb_tsne_plugin.cli.export import RAY, backend_option, images_argument, outside_option
from tb_tsne_plugin.cli.group import verbose
from tb_tsne_plugin.cli.network import backbone_option, weights_option
from tb_tsne_plugin.cli.paths import RunPath
from tb_tsne_plugin.cli.shards import ShardsPlace, from_root, making, print_shards


@click.command(
    epilog="Example: tb-tsne features runs/sample s3://bucket/all --shards s3://bucket/features --backend ray"
)
@click.argument("run", type=RunPath(exists=True, file_okay=False))
@images_argument
@click.option(
    "--shards",
    required=True,
    type=ShardsPlace(),
    metavar="FOLDER|ADDRESS",
    help="Where to write Parquet files with the columns sample_id, file and features.",
)
@click.option("--tensor", metavar="NAME", help="Which features of the run.  [default: the first]")
@backbone_option
@weights_option
@backend_option("makes the shards")
@outside_option
@verbose
def features(
    run: Path,
    images: str,
    shards: str,
    tensor: str | None,
    backbone: str | None,
    weights: Path | None,
    backend: str,
    outside: bool,
) -> None:
    """Compute features of further images as those of a run that `tb-tsne export` made.

    IMAGES is what `tb-tsne export` takes, also many millions in .parquet files. They are computed in shards of 4,096
    images, each a Parquet file that is there whole or not at all: `tb-tsne predict` labels them. After Ctrl+C or a
    kill, the same command goes on. Where the run's samples are tiles or pages, so are these.
    """
    from exporters.backbones import absolute
    from exporters.sharded import compute_shards

    if backend == RAY:
        run, images = run.absolute(), from_root(images)
    backbone = None if backbone is None else absolute(backbone)
    file = None if weights is None else str(weights.absolute())
    with making(backend):
        summary = compute_shards(
            run,
            images,
            shards,
            tensor=tensor,
            backbone=backbone,
            weights=file,
            backend=backend,
            outside=outside,
            progress=True,
        )
    print_shards(summary, f"{summary.width:,} features each.")
