"""`tb-tsne embed`: a run's t-SNE without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tb_tsne_plugin.cli.elsewhere import Elsewhere
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath
from tb_tsne_plugin.cli.run_options import (
    RunOptions,
    check_out,
    column_option,
    existing_labels,
    finite_rows,
    label_numbers,
    labels_now,
    run_options,
    tensor_of,
    tensor_option,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tb_tsne_plugin.tsne import Parameters

AXES = "xyz"


@click.command(cls=Elsewhere, epilog="Example: tb-tsne embed runs/photos --dims 2")
@run_options
@tensor_option
@column_option
@click.option("--dims", default=3, show_default=True, type=click.IntRange(2, 3), help="Of the picture.")
@click.option("--epochs", default=1000, show_default=True, type=click.IntRange(min=1), help="Of the t-SNE.")
@click.option(
    "--setting",
    default="slight",
    show_default=True,
    help="How labels shape it: unsupervised, slight, strong, or changes in the paper's letters: f=0.1:r=0.1:s=200:"
    "ramp=10 (also theta, perplexity); a preset may come first.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**32 - 1), help="Of the start.")
@click.option(
    "--out",
    type=LocalPath(dir_okay=False),
    metavar="FILE",
    help="Where to write positions.  [default: TENSOR.positions.tsv in the run]",
)
def embed(
    options: RunOptions,
    tensor: str | None,
    column: str,
    dims: int,
    epochs: int,
    setting: str,
    seed: int,
    out: Path | None,
) -> None:
    """Run the semi-supervised t-SNE of a run, with the labels it has, and keep the picture.

    Writes a TSV table of positions, and a bookmark into the run, which the stock Projector shows at a click (there it
    goes by the name of UMAP).
    """
    from tb_tsne_plugin.runs.bookmarks import bookmarks_name, save_bookmark
    from tb_tsne_plugin.runs.folder import Folder, replace_file
    from tb_tsne_plugin.runs.format import file_name

    parameters = _parameters(setting, dims, epochs, seed)
    workspace, run = options.open()
    found = tensor_of(run, tensor)
    store = existing_labels(workspace, run, column)
    name = file_name(found.name, ".positions.tsv")
    if out is None:
        run.writable(name)
    check_out(run, out)
    bookmarks_name(run, found)  # says so at once if it cannot be written
    features, labels = found.features(), label_numbers(found, labels_now(found, store))[1]
    rows = finite_rows(features)
    if rows.count == 0:
        raise click.ClickException(f"{found.name} has no sample whose features are finite numbers.")
    embedded = _embedded(rows.of(features), labels[rows.embedded], parameters)
    positions = rows.spread(embedded.T.astype("f4")).T
    lines = ["\t".join(["sample_id", *AXES[:dims]])]
    for sample_id, row in zip(found.metadata.sample_ids, positions.tolist(), strict=True):
        lines.append("\t".join([sample_id, *(f"{value:.6g}" for value in row)]))
    content = "\n".join([*lines, ""]).encode("utf-8", "surrogatepass")
    place = out or options.folder / name
    try:
        if out is None:
            Folder(run.folder).replace(run.writable(name), content)
        else:
            replace_file(out, content)
    except OSError as error:
        raise click.ClickException(f"{place} cannot be written: {error.strerror}.") from error
    try:
        bookmarks = options.folder / save_bookmark(run, found, positions)
    except OSError as error:
        raise click.ClickException(
            f"{options.folder / (error.filename or '')} cannot be written: {error.strerror}."
        ) from error
    say(f"Positions of {len(positions):,} samples are in {place}, the stock Projector's bookmark in {bookmarks}.")


def _parameters(setting: str, dims: int, epochs: int, seed: int) -> Parameters:
    from tb_tsne_plugin.evaluation.settings import parse_setting

    try:
        return parse_setting(setting).updated({"n_components": dims, "n_epochs": epochs, "random_state": seed})
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _embedded(features: NDArray[np.float32], labels: NDArray[np.int32], parameters: Parameters) -> NDArray[np.floating]:
    """(N, n_components) positions after all epochs."""
    import numpy as np
    from tqdm import tqdm

    from tb_tsne_plugin.evaluation import start
    from tb_tsne_plugin.tsne import UNLABELED

    embedding = start(features, parameters)
    rows = np.flatnonzero(labels != UNLABELED)
    embedding.set_labels(rows, labels[rows])
    for _ in tqdm(range(parameters.n_epochs), unit="epoch", delay=2, disable=None):
        embedding.step(1)
    return embedding.positions_by_sample
