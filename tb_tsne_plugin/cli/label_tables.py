"""`tb-tsne labels save` and `history`: labels in the run's own table, and what was done to them."""

from __future__ import annotations

import click

from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.run_options import (
    RunOptions,
    column_option,
    existing_labels,
    run_options,
    tensor_of,
    tensor_option,
)


@click.command(epilog="Example: tb-tsne labels save runs/photos")
@run_options
@tensor_option
def save(options: RunOptions, tensor: str | None) -> None:
    """Write the current labels, of every label column, into the run's own metadata file.

    The file as it was is kept beside it, with .original after its name.
    """
    from tb_tsne_plugin.labels.tables import save_labels, snapshots_of

    workspace, run = options.open()
    found = tensor_of(run, tensor)
    name = save_labels(run, found, snapshots_of(workspace.stores.of(run), run, blind=False))
    say(f"The labels are in {options.folder / name}.")


@click.command(epilog="Example: tb-tsne labels history runs/photos --limit 10")
@run_options
@column_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="At most so many edits.")
@click.option("--author", metavar="NAME", help="Only those of one person, as they are listed.")
def history(options: RunOptions, column: str, limit: int, author: str | None) -> None:
    """List the edits, newest first, as tab-separated lines."""
    workspace, run = options.open()
    store = existing_labels(workspace, run, column)
    say("revision", "time", "author", "samples", "undone", "edit")
    before = None
    while limit > 0 and (entries := store.history(limit, before, author=author)):
        for entry in entries:
            undone = "undone" if entry.undone else ""
            say(str(entry.revision), entry.time, entry.author, str(entry.count), undone, entry.summary)
        limit -= len(entries)
        before = entries[-1].revision
