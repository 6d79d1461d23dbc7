"""`tb-tsne labels check` and `propagate`: what the labels given so far say about themselves and about the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tb_tsne_plugin.cli.elsewhere import Elsewhere
from tb_tsne_plugin.cli.labeled import Labeled, guide_of, labeled, read_labeled
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath, RunPath
from tb_tsne_plugin.cli.run_options import (
    RunOptions,
    column_option,
    run_options,
    tensor_of,
    tensor_option,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tb_tsne_plugin.guidance.guide import Guide
    from tb_tsne_plugin.labels import LabelStore
    from tb_tsne_plugin.runs.run import Tensor

POOL_ROWS = 4096


@click.command(cls=Elsewhere, epilog="Example: tb-tsne labels check runs/photos --limit 20")
@run_options
@tensor_option
@column_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="At most so many lines.")
def check(options: RunOptions, tensor: str | None, column: str, limit: int) -> None:
    """List the doubtful labels, most doubtful first, as tab-separated lines.

    A label is doubtful when images like it have another one: the probability of each label is estimated by models that
    have not seen it, and another one is more probable. What is verified already is left out.
    """
    from tb_tsne_plugin.guidance.states import SampleState

    found = read_labeled(options, tensor, column)
    needs_a_look = found.states != SampleState.VERIFIED
    say("sample_id", "file", "label", "expected", "self_confidence", "why")
    issues = guide_of(found).label_issues(found.labels)
    doubtful = [issue for issue in issues if issue.expected != issue.label and needs_a_look[issue.row]]
    for issue in doubtful[:limit]:
        why = f"{issue.n_expected} of {issue.n_labeled} labelled neighbours are {found.names[issue.expected]}"
        why += f", {issue.n_same} {found.names[issue.label]}"
        names = found.names[issue.label], found.names[issue.expected]
        say(found.ids[issue.row], found.files[issue.row], *names, f"{issue.self_confidence:.4f}", why)


@click.command(
    cls=Elsewhere, epilog="Example: tb-tsne labels propagate runs/photos --pool runs/all-photos --out suggested.tsv"
)
@run_options
@tensor_option
@column_option
@click.option(
    "--out",
    required=True,
    type=LocalPath(dir_okay=False),
    metavar="FILE",
    help="Where to write the TSV with the columns sample_id, label and probability.",
)
@click.option(
    "--pool",
    type=RunPath(),
    metavar="RUN",
    help="A run of further images, exported with the same features: suggest labels for these. Read piece by piece, so "
    "it may be larger than memory.",
)
def propagate(options: RunOptions, tensor: str | None, column: str, out: Path, pool: Path | None) -> None:
    """Write a suggested label, with its probability, for everything without one that was not set aside."""
    found = read_labeled(options, tensor, column, out)
    guide = guide_of(found)
    lines = _suggested(guide, found) if pool is None else _suggested_in_pool(guide, found, pool)
    say(f"{_write(out, lines):,} suggested labels are in {out}.")


def suggested_labels(tensor: Tensor, store: LabelStore, folder: Path) -> Iterator[tuple[str, str, float]]:
    """The class that each sample without a label probably has, as it is suggested now.

    Args:
      tensor: Features of a run.
      store: The label column.
      folder: The run's folder, for messages.

    Returns:
      Sample id, class name and probability of everything without a label that was not set aside.

    Raises:
      click.ClickException: If there are too few labels to learn from.
    """
    found = labeled(tensor, store, folder)
    return _suggested(guide_of(found), found)


def _suggested(guide: Guide, found: Labeled) -> Iterator[tuple[str, str, float]]:
    from tb_tsne_plugin.guidance.states import SampleState

    suggestions = guide.suggest(found.labels, found.batches)
    is_open = found.states == SampleState.UNLABELED
    rows = zip(found.ids, is_open, suggestions.labels, suggestions.confidence, strict=True)
    for sample_id, is_open, suggested, confidence in rows:
        if is_open:
            yield sample_id, found.names[suggested], float(confidence)


def _suggested_in_pool(guide: Guide, found: Labeled, folder: Path) -> Iterator[tuple[str, str, float]]:
    import numpy as np
    from tqdm import tqdm

    from tb_tsne_plugin.guidance.pool import propagate as propagated
    from tb_tsne_plugin.runs import open_run

    pool = tensor_of(open_run(folder), found.tensor.name)
    if pool.shape[1] != found.tensor.shape[1]:
        raise click.ClickException(
            f"{folder} has features of width {pool.shape[1]:,}, the labelled run of width {found.tensor.shape[1]:,}: "
            "export both with the same features."
        )
    known = set(found.tensor.metadata.sample_ids)
    ids: Sequence[str] = pool.metadata.sample_ids
    finite: list[str] = []

    def chunks() -> Iterator[NDArray[np.float32]]:
        begin = 0
        for chunk in pool.feature_chunks(POOL_ROWS):
            is_finite = np.isfinite(chunk).all(axis=1)
            finite.extend(ids[begin + row] for row in np.flatnonzero(is_finite))
            begin += len(chunk)
            yield chunk[is_finite]

    place = 0
    with tqdm(total=len(ids), unit="image", delay=2) as bar:
        for piece in propagated(guide, found.labels, chunks(), found.batches):
            for label, confidence in zip(piece.labels, piece.confidence, strict=True):
                if finite[place] not in known:
                    yield finite[place], found.names[label], float(confidence)
                place += 1
            bar.update(len(piece.reach))
    if len(finite) < len(ids):
        say(f"note: {len(ids) - len(finite):,} of the further images have features that are not finite.", err=True)


def _write(out: Path, lines: Iterator[tuple[str, str, float]]) -> int:
    """Writes the table, a file whole or not at all; returns its number of rows."""
    from tb_tsne_plugin.runs.folder import replacing_file

    count = 0
    try:
        with replacing_file(out) as file:
            file.write(b"sample_id\tlabel\tprobability\n")
            for sample_id, label, probability in lines:
                file.write(f"{sample_id}\t{label}\t{probability:.4f}\n".encode())
                count += 1
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error
    return count
