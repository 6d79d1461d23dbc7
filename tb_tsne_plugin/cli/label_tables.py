"""`tb-tsne labels export`, `import`, `save` and `history`: labels as tables, and what was done to them."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import click

from tb_tsne_plugin.cli.output import say, say_lines, write_out
from tb_tsne_plugin.cli.paths import LocalPath, TablePath
from tb_tsne_plugin.cli.run_options import (
    RunOptions,
    check_out,
    column_option,
    existing_labels,
    run_options,
    tensor_of,
    tensor_option,
)


@click.command(epilog="Example: tb-tsne labels export runs/photos --out labels.tsv")
@run_options
@tensor_option
@click.option(
    "--out",
    type=LocalPath(dir_okay=False),
    metavar="FILE",
    help="Where to write.  [default: standard output]",
)
@click.option("--spreadsheet", is_flag=True, help="Put an apostrophe before what a spreadsheet would run as a formula.")
def export(options: RunOptions, tensor: str | None, out: Path | None, spreadsheet: bool) -> None:
    """Write all metadata with the current labels, of every label column, as a TSV table."""
    from tb_tsne_plugin.labels.tables import labeled_table, snapshots_of
    from tb_tsne_plugin.runs.folder import replace_file

    workspace, run = options.open()
    check_out(run, out)
    found = tensor_of(run, tensor)
    table = labeled_table(found.metadata, snapshots_of(workspace.stores.of(run), run), spreadsheet=spreadsheet)
    if out is None:
        if sys.stdout.isatty():
            say_lines(table)
        else:
            write_out(table.encode("utf-8"))
        return
    try:
        replace_file(out, table.encode("utf-8"))
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error
    say(f"{len(found.metadata.sample_ids):,} samples are in {out}.")


@click.command("import", epilog="Example: tb-tsne labels import runs/photos metadata-edited.tsv --dry-run")
@run_options
@tensor_option
@column_option
@click.argument("table", type=TablePath())
@click.option("--table-column", metavar="NAME", help="The table's column with the labels.  [default: that of --column]")
@click.option("--overwrite", is_flag=True, help="Also change samples that have a label, or are unsure or ignored.")
@click.option("--clear", is_flag=True, help="With --overwrite: where the table says unlabeled, take the label away.")
@click.option("--many-classes", is_flag=True, help="Make new classes however many: else more than 200 are refused.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
def import_table(
    options: RunOptions,
    tensor: str | None,
    column: str,
    table: Path,
    table_column: str | None,
    overwrite: bool,
    clear: bool,
    many_classes: bool,
    dry_run: bool,
) -> None:
    """Bring in the labels of a table as one edit, which the page can undo.

    TABLE is a file with a header, and tabs, commas or semicolons between the cells: what `export` or the page wrote, a
    spreadsheet, or the stock Projector's metadata-edited.tsv. A column `state` in it is taken in too. Samples that have
    a label, or are unsure or ignored, stay as they are without --overwrite.
    """
    from tb_tsne_plugin.labels import Operation, local_author
    from tb_tsne_plugin.labels.model import SET_ASIDE
    from tb_tsne_plugin.labels.rules import check_new_classes, new_class_names
    from tb_tsne_plugin.labels.tables import about_run, current_names, read_table

    if clear and not overwrite:
        raise click.UsageError("--clear takes labels away, so it needs --overwrite.")
    workspace, found = options.open()
    store = existing_labels(workspace, found, column)  # says that there is none, before anything about the table
    metadata = tensor_of(found, tensor).metadata
    current = current_names(store, found)
    read = read_table(table.read_bytes(), metadata, table_column or column, current, store.columns())
    names, states, unknown = about_run(read, found.sample_ids, clear=clear)
    planned, base = workspace.planned_import(found, column, names, states, only_unlabeled=not overwrite)
    for note in read.notes:
        say(f"note: {note}", err=True)
    changes = planned.labels
    count = f"{len(changes):,} of {len(read.names):,} rows change a label"
    if aside := sum(change.after.state in SET_ASIDE for change in changes):
        count += f", {aside:,} of them to be set aside"
    if new := len(new_class_names(planned)):
        count += f", and {new:,} new {'class is' if new == 1 else 'classes are'} made"
    if unknown:
        count += f"; {len(unknown):,} are about samples that the run does not have, the first {unknown[0]!r}"
    if len(unknown) == len(read.names):
        raise click.ClickException(f"{count}: nothing was changed.")
    if dry_run or not changes:
        say(f"{count}. Nothing was changed.")
        return
    if not many_classes:
        check_new_classes(planned)
    if base == 0:
        workspace.create_labels(found)
        base = workspace.labels(found, column).revision()
    operation = Operation(uuid.uuid4().hex, base, local_author())
    workspace.edit(
        found,
        column,
        lambda store: store.import_labels(
            operation, names, states, only_unlabeled=not overwrite, many_classes=many_classes, source=table.name
        ),
    )
    say(f"{count}. Undo in the page takes it back.")


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
    name = save_labels(run, found, snapshots_of(workspace.stores.of(run), run))
    say(f"The labels are in {options.folder / name}.")


@click.command(epilog="Example: tb-tsne labels history runs/photos --limit 10")
@run_options
@column_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="At most so many edits.")
def history(options: RunOptions, column: str, limit: int) -> None:
    """List the edits, newest first, as tab-separated lines."""
    workspace, run = options.open()
    store = existing_labels(workspace, run, column)
    say("revision", "time", "author", "samples", "undone", "edit")
    before = None
    while limit > 0 and (entries := store.history(limit, before)):
        for entry in entries:
            undone = "undone" if entry.undone else ""
            say(str(entry.revision), entry.time, entry.author, str(entry.count), undone, entry.summary)
        limit -= len(entries)
        before = entries[-1].revision
