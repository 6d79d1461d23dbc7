"""What the commands about one run share: its folder, where its labels live, and opening both."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tb_tsne_plugin.cli.group import verbose
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath, RunPath
from tb_tsne_plugin.passwords import password_problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tb_tsne_plugin.labels import LabelStore, Snapshot
    from tb_tsne_plugin.runs import Run, Tensor
    from tb_tsne_plugin.tsne.finite_rows import FiniteRows
    from tb_tsne_plugin.workspace import Workspace


@dataclass(frozen=True)
class RunOptions:
    """The argument RUN and the options that say where its labels live.

    Attributes:
      folder: The run's folder.
      labels_dir: `--labels-dir`.
      labels_db: `--labels-db`.
      logdir: `--logdir`.
    """

    folder: Path
    labels_dir: Path | None
    labels_db: str | None
    logdir: Path | None

    def open(self) -> tuple[Workspace, Run]:
        """The workspace, and the run in it.

        Raises:
          RunError: If there is no run in the folder.
          LabelsPlaceUnknown: If it cannot be known where its labels live.
        """
        from tb_tsne_plugin.workspace import open_workspace

        return open_workspace(self.folder, labels_dir=self.labels_dir, labels_db=self.labels_db, logdir=self.logdir)


def _without_password(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value == "":
        raise click.UsageError("--labels-db is empty. Is a variable unset?")
    if value and (problem := password_problem(value, "--labels-db")):
        raise click.UsageError(problem)
    return value


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the argument RUN, the options about its labels (as `options`) and `--verbose`."""

    @functools.wraps(command)
    def gathered(run: Path, labels_dir: Path | None, labels_db: str | None, logdir: Path | None, **others: Any) -> None:
        command(RunOptions(run, labels_dir, labels_db, logdir), **others)

    options = (
        click.argument("run", type=RunPath()),
        click.option(
            "--labels-dir",
            type=LocalPath(),
            metavar="DIR",
            help="Where the labels are, if TensorBoard keeps them elsewhere: its --tsne_labels_dir.  "
            "[environment: TB_TSNE_LABELS_DIR]",
        ),
        click.option(
            "--labels-db",
            metavar="URL",
            callback=_without_password,
            help="The database where they are: its --tsne_labels_db, without a password.  "
            "[environment: TB_TSNE_LABELS_DB]",
        ),
        click.option(
            "--logdir",
            type=LocalPath(),
            metavar="DIR",
            help="The folder that TensorBoard is started on, or its --logdir_spec, where labels are kept elsewhere "
            "and there are none of the run yet or they may be another run's.",
        ),
        verbose,
    )
    found: Callable[..., None] = gathered
    for option in reversed(options):
        found = option(found)
    return found


tensor_option = click.option("--tensor", metavar="NAME", help="Which features.  [default: the first of the run]")
column_option = click.option("--column", default="label", show_default=True, metavar="NAME", help="Which label column.")


def tensor_of(run: Run, name: str | None) -> Tensor:
    """The features of a name in a run, or its first; what is unusual about them is said.

    Raises:
      RunError: If there are none, or they cannot be opened.
    """
    tensor = run.tensors[0] if name is None else run.tensor(name)
    for note in tensor.notes:
        say(f"note: {note}", err=True)
    return tensor


def finite_rows(features: NDArray[np.float32]) -> FiniteRows:
    """Which samples can be worked with; that the others are left out is said."""
    from tb_tsne_plugin.tsne.finite_rows import FiniteRows

    rows = FiniteRows(features)
    if rows.note is not None:
        say(f"note: {rows.note}", err=True)
    return rows


def check_out(run: Run, out: Path | None) -> None:
    """Refuses a file that is the run's own, before anything is computed.

    Raises:
      RunError: In that case.
    """
    with suppress(ValueError, OSError):  # elsewhere anything may be written
        if out is not None:
            run.writable(out.resolve().relative_to(run.folder.resolve()).as_posix())


def labels_now(tensor: Tensor, store: LabelStore) -> Snapshot:
    """The current labels; those that some features' metadata came with where there is no store."""
    from tb_tsne_plugin.labels.rules import initial_snapshot
    from tb_tsne_plugin.labels.state_columns import states_given

    if store.exists:
        return store.snapshot()
    return initial_snapshot(tensor.metadata.labels_in(store.column), states_given(tensor.metadata, store.column))


def label_numbers(tensor: Tensor, snapshot: Snapshot) -> tuple[list[str], NDArray[np.int32]]:
    """The labels of some features' samples.

    Returns:
      Names of the classes in use, in alphabetical order, and (N,) their numbers, -1 where there is no label.
    """
    import numpy as np

    by_id = snapshot.names()
    names = sorted(set(by_id.values()))
    number = {name: place for place, name in enumerate(names)}
    ids = tensor.metadata.sample_ids
    return names, np.array([number.get(by_id.get(sample_id, ""), -1) for sample_id in ids], dtype=np.int32)


def existing_labels(workspace: Workspace, run: Run, column: str) -> LabelStore:
    """A run's label column to read from; the first one need not be there yet, and is not made.

    Raises:
      click.ClickException: If the run has no column of that name.
    """
    from tb_tsne_plugin.labels.store import DEFAULT_COLUMN

    store = workspace.stores.of(run, column)
    if column != DEFAULT_COLUMN and not store.exists:
        there = ", ".join(store.columns()) or DEFAULT_COLUMN
        raise click.ClickException(f"{run.folder} has no label column {column!r}; it has {there}.")
    return store
