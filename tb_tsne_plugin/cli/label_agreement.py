"""`tb-tsne labels agreement`: how far those agree who labeled the same images, and where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath
from tb_tsne_plugin.cli.run_options import (
    RunOptions,
    check_out,
    existing_labels,
    labels_now,
    run_options,
    tensor_of,
    tensor_option,
)

if TYPE_CHECKING:
    from tb_tsne_plugin.labels.agreement import Ratings
    from tb_tsne_plugin.labels.store import LabelStore
    from tb_tsne_plugin.runs import Tensor

NOTHING = "-"
NOT_COMMON, ONE_CLASS = "undefined: no image in common", "undefined: all gave one class"


class _Compared(NamedTuple):
    """What is compared with one another: label columns, or the people of one."""

    what: str
    ratings: Ratings


@click.command(epilog="Example: tb-tsne labels agreement runs/photos --disagreements to-settle.tsv")
@run_options
@tensor_option
@click.option(
    "--column", "wanted", multiple=True, metavar="NAME", help="Which label columns, once each.  [default: all]"
)
@click.option(
    "--disagreements",
    "out",
    type=LocalPath(dir_okay=False),
    metavar="FILE",
    help="Where to write a TSV of the images that were given several classes, and who gave which.",
)
def agreement(options: RunOptions, tensor: str | None, wanted: tuple[str, ...], out: Path | None) -> None:
    """Tell how far label columns agree, and the people who labeled the same images in one; as tab-separated lines.

    Cohen's kappa of each two, Fleiss' of three or more, over the images that all of them labeled; and agreement on
    each class. In one column the label counts that each person gave to an image last, as far as it was not undone:
    whoever comes second sees the first one's label, and agreeing in silence leaves no trace. Columns of their own tell
    more.
    """
    from tb_tsne_plugin.labels.agreement import pairs_of
    from tb_tsne_plugin.runs.format import counted

    workspace, run = options.open()
    check_out(run, out)
    found = tensor_of(run, tensor)
    first = existing_labels(workspace, run, wanted[0] if wanted else "label")
    names = list(dict.fromkeys(wanted)) or first.columns() or [first.column]
    stores = {name: existing_labels(workspace, run, name) for name in names}
    compared = [each for each in _compared(stores, found) if len(each.ratings) > 1]
    if not any(pair.samples for each in compared for pair in pairs_of(each.ratings)):
        raise click.ClickException(
            f"No image in {options.folder} was labeled twice, in two label columns or by two people in one."
        )
    say("of", "between", "measure", "images", "agreement", "kappa", "note")
    for each in compared:
        for line in _lines(each):
            say(each.what, *line)
    if out is not None:
        count = _write(out, compared, found)
        say(f"{counted(count, 'image')} to settle {'is' if count == 1 else 'are'} in {out}.", err=True)


def _compared(stores: Mapping[str, LabelStore], tensor: Tensor) -> Iterator[_Compared]:
    known = set(tensor.metadata.sample_ids)

    def here(names: Mapping[str, str]) -> dict[str, str]:
        return {key: name for key, name in names.items() if key in known}

    yield _Compared("columns", {name: here(labels_now(tensor, store).names()) for name, store in stores.items()})
    for name, store in stores.items():
        people = {author: here(theirs) for author, theirs in store.own_labels().items()}
        yield _Compared(f"people in {name}", {author: theirs for author, theirs in people.items() if theirs})


def _lines(compared: _Compared) -> Iterator[Sequence[str]]:
    """What is told of a comparison, a line each."""
    from tb_tsne_plugin.labels.agreement import classes_of, of_all, pairs_of

    ratings = compared.ratings
    several = of_all(ratings)
    for each in [*pairs_of(ratings), *([] if several is None else [several])]:
        note = "" if each.kappa is not None else (ONE_CLASS if each.samples else NOT_COMMON)
        names, measure = ", ".join(each.raters), "Cohen" if len(each.raters) == 2 else "Fleiss"
        yield names, measure, str(each.samples), _figure(each.agreement), _figure(each.kappa), note
    for of_class in classes_of(ratings):
        yield "all", f"class {of_class.name}", str(of_class.samples), _figure(of_class.agreement), NOTHING, ""


def _figure(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4f}"


def _write(out: Path, compared: Sequence[_Compared], tensor: Tensor) -> int:
    """Writes the images that were given several classes, a file whole or not at all; returns how many there are."""
    from tb_tsne_plugin.labels.agreement import disagreements
    from tb_tsne_plugin.labels.tables import harmless_columns
    from tb_tsne_plugin.runs.folder import replacing_file
    from tb_tsne_plugin.runs.format import FILE, SAMPLE_ID, UNLABELED, clean_text, format_table, unused_name

    differ = [disagreements(each.ratings) for each in compared]
    ids = tensor.metadata.sample_ids
    files = tensor.metadata.columns.get(FILE, ids)
    rows = [row for row, key in enumerate(ids) if any(key in found for found in differ)]
    columns = {SAMPLE_ID: [ids[row] for row in rows], FILE: [files[row] for row in rows]}
    for each in compared:
        for rater, theirs in each.ratings.items():
            called = rater if each.what == "columns" else f"{rater} ({each.what.removeprefix('people ')})"
            cells = [theirs.get(ids[row], UNLABELED) for row in rows]
            columns[unused_name(clean_text(called), columns)] = cells
    try:
        with replacing_file(out) as file:
            file.write(format_table(harmless_columns(columns)).encode("utf-8"))
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error
    return len(rows)
