"""What the commands about one run's labels share: their options, and opening the run and its labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tb_tsne_plugin.cli.group import verbose

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tb_tsne_plugin.labels import LabelStore
    from tb_tsne_plugin.runs.run import Run, Tensor


def run_options(command: Any) -> Any:
    """Adds the argument RUN and the options `--labels-dir` and `--verbose`."""
    options = (
        click.argument("run", type=click.Path(path_type=Path)),
        click.option(
            "--labels-dir",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The folder of this run's labels.sqlite, where TensorBoard keeps labels elsewhere.",
        ),
        verbose,
    )
    for option in reversed(options):
        command = option(command)
    return command


tensor_option = click.option("--tensor", metavar="NAME", help="Which features.  [default: the first of the run]")
column_option = click.option("--column", default="label", show_default=True, metavar="NAME", help="Which label column.")


def tensor_of(run: Run, name: str | None) -> Tensor:
    """The features of a name in a run, or its first.

    Raises:
      RunError: If there are none.
    """
    return run.tensors[0] if name is None else run.tensor(name)


def open_tensor(folder: Path, name: str | None) -> Tensor:
    """`tensor_of` the run in a folder.

    Raises:
      RunError: If there is none.
    """
    from tb_tsne_plugin.runs import open_run

    return tensor_of(open_run(folder), name)


def label_numbers(tensor: Tensor, store: LabelStore) -> tuple[list[str], NDArray[np.int32]]:
    """The current labels of some features' samples.

    Returns:
      Names of the classes in use, in alphabetical order, and (N,) their numbers, -1 where there is no label.
    """
    import numpy as np

    from tb_tsne_plugin.labels.reading import current_names

    by_id = current_names(store, tensor.metadata)
    names = sorted(set(by_id.values()))
    number = {name: place for place, name in enumerate(names)}
    ids = tensor.metadata.sample_ids
    return names, np.array([number.get(by_id.get(sample_id, ""), -1) for sample_id in ids], dtype=np.int32)


def open_store(folder: Path, column: str, labels_dir: Path | None) -> LabelStore:
    """A run's label column, which is there already or (the first one) may be made.

    Raises:
      click.ClickException: If the run has no column of that name.
    """
    from tb_tsne_plugin.labels import LabelStore
    from tb_tsne_plugin.labels.database import STORE_NAME
    from tb_tsne_plugin.labels.store import DEFAULT_COLUMN

    store = LabelStore((labels_dir or folder) / STORE_NAME, "", column)
    if column != DEFAULT_COLUMN and not store.exists:
        there = ", ".join(store.columns()) or DEFAULT_COLUMN
        raise click.ClickException(f"{folder} has no label column {column!r}; it has {there}.")
    return store
