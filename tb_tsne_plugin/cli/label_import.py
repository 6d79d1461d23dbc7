"""`tb-tsne labels import`: the labels of a table or a dataset, brought in as one edit."""

from __future__ import annotations

import uuid
import zipfile
from pathlib import Path

import click

from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import DatasetPath
from tb_tsne_plugin.cli.run_options import (
    RunOptions,
    column_option,
    existing_labels,
    run_options,
    tensor_of,
    tensor_option,
)
from tb_tsne_plugin.datasets.catalog import NAMES, format_named

WITH_COLUMNS = ("tsv", "csv", "parquet")
"""Formats in which a column is chosen to take labels from."""


@click.command("import", epilog="Example: tb-tsne labels import runs/photos metadata-edited.tsv --dry-run")
@run_options
@tensor_option
@column_option
@click.argument("path", type=DatasetPath())
@click.option(
    "--format",
    "name",
    type=click.Choice(NAMES),
    default="tsv",
    show_default=True,
    help="Of what form it is; tsv is any table, whatever stands between its cells.",
)
@click.option("--table-column", metavar="NAME", help="The table's column with the labels.  [default: that of --column]")
@click.option("--overwrite", is_flag=True, help="Also change samples that have a label, or are unsure or ignored.")
@click.option("--clear", is_flag=True, help="With --overwrite: where it says that there is no label, take it away.")
@click.option("--many-classes", is_flag=True, help="Make new classes however many: else more than 200 are refused.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
def import_labels(
    options: RunOptions,
    tensor: str | None,
    column: str,
    path: Path,
    name: str,
    table_column: str | None,
    overwrite: bool,
    clear: bool,
    many_classes: bool,
    dry_run: bool,
) -> None:
    """Bring in the labels of a table or a dataset as one edit, which the page can undo.

    PATH is a table, a file with a header, and tabs, commas or semicolons between the cells: what `export` or the page
    wrote, a spreadsheet, or the stock Projector's metadata-edited.tsv. A column `state` in it is taken in too. With
    --format it is what `export` writes in that format, or another program does. Samples that have a label, or are
    unsure or ignored, stay as they are without --overwrite.
    """
    from tb_tsne_plugin.datasets.given_files import GivenFiles
    from tb_tsne_plugin.datasets.matching import About
    from tb_tsne_plugin.datasets.sources import check_scheme
    from tb_tsne_plugin.labels import Operation, local_author
    from tb_tsne_plugin.labels.model import SET_ASIDE
    from tb_tsne_plugin.labels.rules import check_new_classes, new_class_names
    from tb_tsne_plugin.labels.tables import about_run, current_names

    if clear and not overwrite:
        raise click.UsageError("--clear takes labels away, so it needs --overwrite.")
    if table_column and name not in WITH_COLUMNS:
        raise click.UsageError(f"--table-column has no place in --format {name}; it has in {', '.join(WITH_COLUMNS)}.")
    workspace, found = options.open()
    store = existing_labels(workspace, found, column)  # says that there is none, before anything about the file
    metadata = tensor_of(found, tensor).metadata
    about = About(metadata, table_column or column, current_names(store, found), store.columns())
    form = format_named(name)
    if form.out == "folder" and zipfile.is_zipfile(path):
        raise click.ClickException(f"{path.name} is an archive: unpack it, and name the folder.")
    if form.written_back:
        check_scheme(found.folder, form.name)
    read = form.module().read(GivenFiles(path), about)
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
            operation, names, states, only_unlabeled=not overwrite, many_classes=many_classes, source=path.name
        ),
    )
    say(f"{count}. The history in the page takes it back.")
