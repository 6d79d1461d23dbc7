"""`tb-tsne labels export`: a run's labels as a dataset that other programs read."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tb_tsne_plugin.cli.elsewhere import CALLED_IN, Elsewhere
from tb_tsne_plugin.cli.label_guidance import suggested_labels
from tb_tsne_plugin.cli.output import say, say_lines, write_out
from tb_tsne_plugin.cli.paths import LocalPath, ObjectsPath
from tb_tsne_plugin.cli.run_options import (
    RunOptions,
    check_out,
    column_option,
    existing_labels,
    labels_now,
    run_options,
    tensor_of,
    tensor_option,
)
from tb_tsne_plugin.datasets.catalog import FORMATS, NAMES, TEXT_TABLES, Format, format_named

if TYPE_CHECKING:
    from tb_tsne_plugin.datasets.given_files import GivenFiles
    from tb_tsne_plugin.datasets.model import Dataset, PictureSource, Suggestion
    from tb_tsne_plugin.labels import LabelStore
    from tb_tsne_plugin.runs import Run, Tensor


@click.command(cls=Elsewhere, epilog="Example: tb-tsne labels export runs/photos --format folders --out dataset")
@run_options
@tensor_option
@column_option
@click.option("--format", "name", type=click.Choice(NAMES), default="tsv", show_default=True, help="Of what form.")
@click.option(
    "--out",
    type=LocalPath(),
    metavar="PATH",
    help="Where to write, a file or a folder.  [default: standard output, of a table]",
)
@click.option("--spreadsheet", is_flag=True, help="Put an apostrophe before what a spreadsheet would run as a formula.")
@click.option("--authors", is_flag=True, help="Also who gave each label, and when.")
@click.option("--split", metavar="SHARES", help="Parts with a share of each class: train=.8,val=.1,test=.1")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw for --split.")
@click.option(
    "--with-suggestions",
    "least",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Also what is suggested with this probability at least, marked as such.",
)
@click.option(
    "--images",
    type=LocalPath(exists=True, file_okay=False),
    metavar="FOLDER",
    help="Where the images are.  [default: where the run's report says, if they are the ones that were exported]",
)
@click.option("--run-pictures", is_flag=True, help="Take the pictures that the run keeps, of the size it keeps them.")
@click.option(
    "--objects",
    type=ObjectsPath(tuple(each.name for each in FORMATS if each.written_back)),
    metavar="SCHEME:PATH",
    help="Your own annotations, to be written with other classes.  [default: where the run's report says]",
)
@click.pass_context
def export(
    context: click.Context,
    options: RunOptions,
    tensor: str | None,
    column: str,
    name: str,
    out: Path | None,
    spreadsheet: bool,
    authors: bool,
    split: str | None,
    seed: int,
    least: float | None,
    images: Path | None,
    run_pictures: bool,
    objects: tuple[str, Path] | None,
) -> None:
    """Write the labels as a dataset, whole or not at all.

    A table holds all metadata, with the current labels of every label column. docs/datasets.md tells what the other
    formats hold, and what becomes of it when `import` reads it again.
    """
    from tb_tsne_plugin.datasets.gathering import gather
    from tb_tsne_plugin.datasets.output import check_place
    from tb_tsne_plugin.datasets.splits import parse_shares
    from tb_tsne_plugin.labels.tables import snapshots_of

    form = format_named(name)
    _check(form, out, spreadsheet, authors, split, least, images, run_pictures, objects)
    shares = None if split is None else parse_shares(split)
    workspace, run = options.open()
    check_out(run, out)
    if out is not None and form.name != "tsv":
        check_place(out, is_folder=form.out == "folder")
    found = tensor_of(run, tensor)
    store = existing_labels(workspace, run, column)
    here = Path(context.meta.get(CALLED_IN, "/"))
    labels = snapshots_of(store, run, givers=authors)
    dataset = gather(
        found.metadata,
        labels,
        labels[column] if column in labels else labels_now(found, store),
        column,
        suggestions=None if least is None else _suggestions(found, store, options.folder, least),
        shares=shares,
        seed=seed,
        spreadsheet=spreadsheet,
        annotations=_annotations(form, run, objects, here) if form.written_back else None,
    )
    if form.has_pictures:
        dataset = replace(dataset, pictures=_pictures(run, dataset, images, run_pictures, here, out))
    _write(form, dataset, out)


def _check(
    form: Format,
    out: Path | None,
    spreadsheet: bool,
    authors: bool,
    split: str | None,
    least: float | None,
    images: Path | None,
    run_pictures: bool,
    objects: tuple[str, Path] | None,
) -> None:
    """Refuses options that mean nothing together.

    Raises:
      click.UsageError: If there are any.
    """
    if out is None and form.name not in TEXT_TABLES:
        raise click.UsageError(f"--format {form.name} needs --out, the {form.out} to write.")
    if out is not None and form.out == "file" and out.is_dir():
        raise click.UsageError(f"--format {form.name} is written into a file, and {out} is a folder.")
    if images and run_pictures:
        raise click.UsageError("The pictures come from one place: give --images or --run-pictures.")
    refused = (
        (spreadsheet, "--spreadsheet", form.name in TEXT_TABLES, TEXT_TABLES),
        (authors, "--authors", form.has_givers, [each.name for each in FORMATS if each.has_givers]),
        (split is not None, "--split", form.has_splits, [each.name for each in FORMATS if each.has_splits]),
        (least is not None, "--with-suggestions", form.has_suggestions, [f.name for f in FORMATS if f.has_suggestions]),
        (images or run_pictures, "--images", form.has_pictures, [each.name for each in FORMATS if each.has_pictures]),
        (objects, "--objects", form.written_back, [each.name for each in FORMATS if each.written_back]),
    )
    for is_given, option, has_place, others in refused:
        if is_given and not has_place:
            raise click.UsageError(f"{option} has no place in --format {form.name}; it has in {', '.join(others)}.")
    if objects is not None and objects[0] != form.name:
        raise click.UsageError(f"--format {form.name} is written into annotations of the same format.")


def _suggestions(tensor: Tensor, store: LabelStore, folder: Path, least: float) -> dict[str, Suggestion]:
    from tb_tsne_plugin.datasets.model import Suggestion

    found = suggested_labels(tensor, store, folder)
    return {
        sample_id: Suggestion(label, probability) for sample_id, label, probability in found if probability >= least
    }


def _annotations(form: Format, run: Run, objects: tuple[str, Path] | None, here: Path) -> GivenFiles:
    """The user's own annotations: those that are named, else those that the run was exported from."""
    from tb_tsne_plugin.datasets.given_files import GivenFiles
    from tb_tsne_plugin.datasets.sources import check_scheme, reported_annotations

    check_scheme(run.folder, form.name)
    if objects is not None:
        return GivenFiles(objects[1])
    found = reported_annotations(run.folder, form.name, here)
    say(f"note: The annotations are {found.path}, from which the run was exported.", err=True)
    return found


def _pictures(
    run: Run, dataset: Dataset, images: Path | None, run_pictures: bool, here: Path, out: Path | None
) -> PictureSource:
    """Where the pictures are: in the folder that is named, in the run where that is asked for, else where it says."""
    from tb_tsne_plugin.datasets.pictures import RunPictures, UsersPictures
    from tb_tsne_plugin.datasets.sources import reported_pictures

    leaving = dataset.labeled_or_suggested
    if run_pictures:
        kept = RunPictures(run.pictures)
        kept.check(leaving)
        return kept
    if any(sample.object for sample in leaving):
        raise click.ClickException(
            "The samples are objects in larger pictures: take the pictures of them that the run keeps with "
            "--run-pictures."
        )
    if images is not None:
        found = UsersPictures(images)
        found.check(leaving)
    else:
        found = reported_pictures(run.folder, leaving, here)
        say(f"note: The images are those in {found.folder}, from which the run was exported.", err=True)
    if out is not None and out.resolve().is_relative_to(found.folder.resolve()):
        raise click.ClickException(
            f"{out} lies among the images in {found.folder}, and the next export would take its pictures for further "
            "ones: write it elsewhere."
        )
    return found


def _write(form: Format, dataset: Dataset, out: Path | None) -> None:
    """Writes a dataset, and says what came of it."""
    from tb_tsne_plugin.datasets.output import made_of, write_file, write_folder

    written = made_of(form, dataset)
    for note in written.notes:
        say(f"note: {note}", err=True)
    if form.out == "folder" and out is not None:
        write_folder(out, written.files, dataset.pictures)
    else:
        content = written.files[0].content
        assert isinstance(content, bytes), "a format that is a file has no pictures"
        if out is None:
            if sys.stdout.isatty():
                say_lines(content.decode("utf-8"))
            else:
                write_out(content)
            return
        write_file(out, content)
    left = len(dataset.samples) - written.count
    left_out = f"; {left:,} {form.left_out} were left out" if left and form.left_out else ""
    say(f"{written.count:,} samples are in {out}{left_out}.")
