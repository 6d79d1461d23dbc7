"""`tb-tsne add`: new images for a run that is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tb_tsne_plugin.cli.export import SHOWN, count_or_all, images_argument, outside_option
from tb_tsne_plugin.cli.group import verbose
from tb_tsne_plugin.cli.network import weights_option
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import RunPath

if TYPE_CHECKING:
    from exporters import AddSummary


@click.command(epilog="Example: tb-tsne add runs/photos photos-of-may")
@click.argument("run", type=RunPath(exists=True, file_okay=False))
@images_argument
@click.option(
    "--labels",
    metavar="none|folders|FILE",
    help="What the newcomers' labels are at first: none, the names of the sub-folders, or a table's.  [default: as the "
    "run was exported, if with none or folders]",
)
@click.option(
    "--max-samples",
    default="all",
    show_default=True,
    metavar="N|all",
    callback=count_or_all,
    help="Add at most N newcomers, of each sub-folder in proportion.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1), help="Seed of that draw.")
@click.option(
    "--backbone",
    multiple=True,
    metavar="SCHEME:NAME",
    help="The run's network where its file or folder lies elsewhere here (onnx:FILE, hf:FOLDER), or is a function.",
)
@weights_option
@outside_option
@click.option("--resume", is_flag=True, help="Go on with the same addition that was interrupted.")
@verbose
def add(
    run: Path,
    images: str,
    labels: str | None,
    max_samples: int | None,
    seed: int,
    backbone: tuple[str, ...],
    weights: Path | None,
    outside: bool,
    resume: bool,
) -> None:
    """Add images to a run that `tb-tsne export` made.

    IMAGES is what `tb-tsne export` takes: a folder, a pattern in quotes, a table, an address …. Features are computed
    as the run's were, for newcomers only: images that the run has already are passed over, so the folder that it came
    from can be given again once it has grown. Labels, their history, and where images are in the picture stay; the
    t-SNE goes on with the newcomers near their neighbors.
    """
    from exporters import AddOptions, add_images

    options = AddOptions(labels, max_samples, seed, backbone, None if weights is None else str(weights), outside)
    try:
        summary = add_images(images, run, options, progress=True, resume=resume)
    except KeyboardInterrupt:
        raise click.ClickException("Interrupted: the same command with --resume goes on from here.") from None
    _print_summary(summary)


def _print_summary(summary: AddSummary) -> None:
    from tb_tsne_plugin.runs.format import counted

    for image in summary.skipped[:SHOWN]:
        say(f"left out: {image.name}: {image.reason}", err=True)
    if len(summary.skipped) > SHOWN:
        say(f"left out: {len(summary.skipped) - SHOWN:,} more", err=True)
    for note in summary.notes:
        say(f"note: {note}", err=True)
    what = f" ({summary.others})" if summary.others else ""
    if not summary.added:
        say(f"Nothing is new{what}: {summary.run_dir} stays as it is, with {counted(summary.images, 'image')}.")
        return
    say(f"{counted(summary.added, 'image')} added{what}; {summary.run_dir} has {summary.images:,} now.")
