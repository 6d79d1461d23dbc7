"""`tb-tsne evaluate`: scores features, t-SNE settings and methods on runs whose true labels are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tb_tsne_plugin.cli.elsewhere import Elsewhere
from tb_tsne_plugin.cli.group import verbose
from tb_tsne_plugin.cli.output import say, say_lines
from tb_tsne_plugin.cli.paths import LocalPath, RunPath
from tb_tsne_plugin.cli.run_options import finite_rows

if TYPE_CHECKING:
    from tb_tsne_plugin.evaluation.datasets import Dataset
    from tb_tsne_plugin.evaluation.studies import Plan

Command = TypeVar("Command", bound=Callable[..., Any])
_SETTINGS_HELP = (
    "unsupervised, slight, strong, or changes in the paper's letters: f=0.1:r=0.1:s=200:ramp=10 (also theta, "
    "perplexity, dim); a preset may come first."
)


def _names(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> list[str]:
    names = [name.strip() for name in (value or "").split(",") if name.strip()]
    if not names:
        raise click.BadParameter("Give one name at least.")
    return names


def _share(_ctx: click.Context, _parameter: click.Parameter, value: float) -> float:
    if math.isnan(value):  # which a range of numbers lets through
        raise click.BadParameter("'nan' is no share.")
    return value


def _options(default_features: str, *, scales: bool = True) -> Callable[[Command], Command]:
    """What all evaluations take; those that emulate the page take features as they are, and no `--raw`."""
    options = [
        click.argument("runs", nargs=-1, required=True, type=RunPath()),
        click.option("--out", required=True, type=LocalPath(file_okay=False), help="Where results go."),
        click.option(
            "--features",
            default=default_features,
            show_default=True,
            metavar="NAMES",
            callback=_names,
            help="Comma-separated names of the runs' features; all of them: all.",
        ),
        click.option(
            "--true-labels",
            default="true_label",
            show_default=True,
            metavar="COLUMN",
            help="Metadata column with the truth.",
        ),
        click.option(
            "--folds", default=5, show_default=True, type=click.IntRange(2, 100), help="Of the cross-validation."
        ),
        click.option(
            "--seed", default=0, show_default=True, type=click.IntRange(0, 1_000_000), help="Of everything random."
        ),
        click.option(
            "--jobs", default=-1, show_default=True, metavar="N", help="Processes on this machine; -1 for one a core."
        ),
        click.option(
            "--backend",
            default="joblib",
            show_default=True,
            type=click.Choice(["joblib", "ray"]),
            help="Where jobs run: on this machine, or on a Ray cluster (RAY_ADDRESS; else Ray on this machine).",
        ),
        verbose,
    ]

    if scales:
        scaling = "Take features as they are; else centred, each row scaled to length 1."
        options.insert(4, click.option("--raw", is_flag=True, help=scaling))

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.group(epilog="Example: tb-tsne evaluate embedding runs/photos --out scores")
def evaluate() -> None:
    """Score features, t-SNE settings and methods on runs whose true labels are known.

    Results of finished jobs are kept under OUT/jobs: the same command again goes on where it stopped.
    """


@evaluate.command(cls=Elsewhere, epilog="Example: tb-tsne evaluate embedding runs/photos --out scores")
@_options("all")
@click.option("--epochs", default=1000, show_default=True, type=click.IntRange(min=1), help="Of the t-SNE.")
@click.option("--setting", default="unsupervised", show_default=True, help=f"Of the t-SNE: {_SETTINGS_HELP}")
def embedding(epochs: int, setting: str, **common: Any) -> None:
    """4-NN accuracy in the t-SNE of each set of features (the paper's Table 1)."""
    from tb_tsne_plugin.evaluation import report, studies

    _check([setting])
    plan = _plan(**common)
    with _writing(plan.out):
        report.save_embedding(plan.out, studies.embedding_table(plan, setting, epochs))
    _tell(plan.out)


@evaluate.command(
    cls=Elsewhere,
    epilog="Example: tb-tsne evaluate labeling runs/photos --settings presets,f=0.05:ramp=10 --out scores",
)
@_options("im")
@click.option(
    "--settings",
    default="presets",
    show_default=True,
    callback=_names,
    metavar="SETTINGS",
    help=f"Comma-separated; the paper's studies are presets, f, r and s; or {_SETTINGS_HELP}",
)
def labeling(settings: list[str], **common: Any) -> None:
    """Labels per action of the emulated annotator, over the epochs (the paper's Figure 4)."""
    from tb_tsne_plugin.evaluation import report, studies

    panels = studies.panels_of(settings)
    chosen = list(dict.fromkeys(setting for panel in panels.values() for setting in panel))
    _check(chosen)
    plan = _plan(**common)
    with _writing(plan.out):
        report.save_labeling(plan.out, studies.labeling_table(plan, chosen), panels)
    _tell(plan.out)


@evaluate.command(
    "active-learning", cls=Elsewhere, epilog="Example: tb-tsne evaluate active-learning runs/photos --out scores"
)
@_options("im")
@click.option(
    "--methods",
    default="paper",
    show_default=True,
    callback=_names,
    metavar="METHODS",
    help="Comma-separated: randselect, uncertainty, margin, entropy, tsne:SETTING; paper for the paper's seven; "
    "kmeans, kmeans-margin, badge, typiclust, probcover, dropquery, maxherding, uherding, guided, each with :names "
    "(one at a time), :groups, :suggestions or :groups+suggestions; guided (best k) and others of docs/results.md. "
    f"A SETTING is {_SETTINGS_HELP}",
)
@click.option(
    "--judge",
    default="network",
    show_default=True,
    type=click.Choice(["network", "linear"]),
    help="What learns from the labels: the paper's network, or logistic regression to convergence.",
)
@click.option(
    "--actions", default=100, show_default=True, type=click.IntRange(min=0), help="Actions that every curve goes to."
)
@click.option(
    "--max-actions",
    default=1000,
    show_default=True,
    type=click.IntRange(min=10),
    help="Where a curve ends that has not come to 80 % of full accuracy.",
)
def active_learning(methods: list[str], judge: str, actions: int, max_actions: int, **common: Any) -> None:
    """Actions to 80 % of full accuracy, and accuracy against actions (the paper's Table 2 and Figure 5)."""
    from tb_tsne_plugin.evaluation import report, studies
    from tb_tsne_plugin.evaluation.methods import PAPER_METHODS, find_method

    chosen = list(dict.fromkeys(one for name in methods for one in (PAPER_METHODS if name == "paper" else [name])))
    for method in chosen:
        _or_usage(find_method, method)
    plan = _plan(**common)
    with _writing(plan.out):
        tables = studies.learning_tables(plan, chosen, judge=judge, at_least=actions, at_most=max_actions)
        report.save_learning(plan.out, tables)
    _tell(plan.out)


@evaluate.command(cls=Elsewhere, epilog="Example: tb-tsne evaluate finishing runs/photos --out scores")
@_options("im", scales=False)
@click.option(
    "--policies",
    default="groups,accept,pages,guided",
    show_default=True,
    callback=_names,
    metavar="POLICIES",
    help="Comma-separated: one-by-one, groups, accept, pages, guided and others of docs/results.md.",
)
@click.option(
    "--share",
    default=0.99,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True),
    callback=_share,
    help="Of all images that must carry the right label.",
)
@click.option("--page-size", default=50, show_default=True, type=click.IntRange(1, 1000), help="Images a page.")
@click.option(
    "--overlook",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    callback=_share,
    help="Share of the strays on a page that are not noticed.",
)
@click.option(
    "--slip",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    callback=_share,
    help="Share of groups, and of single names, that get a wrong class as a whole.",
)
def finishing(policies: list[str], share: float, page_size: int, overlook: float, slip: float, **common: Any) -> None:
    """Actions of an emulated person until everything is labelled, and right."""
    from tb_tsne_plugin.evaluation import report, studies
    from tb_tsne_plugin.evaluation.finishing import Habits, find_policy

    for policy in policies:
        _or_usage(find_policy, policy)
    plan = _plan(raw=True, **common)
    habits = Habits(share, page_size, overlook, slip)
    with _writing(plan.out):
        report.save_finishing(plan.out, studies.finishing_tables(plan, list(dict.fromkeys(policies)), habits))
    _tell(plan.out)


def _plan(
    runs: tuple[Path, ...],
    out: Path,
    features: list[str],
    true_labels: str,
    raw: bool,
    folds: int,
    seed: int,
    jobs: int,
    backend: str,
) -> Plan:
    from tb_tsne_plugin.evaluation.folds import stratified_folds
    from tb_tsne_plugin.evaluation.jobs import on_ray, on_this_machine
    from tb_tsne_plugin.evaluation.studies import Plan

    names = [run.resolve().name for run in runs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise click.UsageError(f"Two runs are named {twice}; each needs a folder name of its own.")
    execute = on_ray() if backend == "ray" else on_this_machine(jobs)
    datasets = [found for run in runs for found in _datasets(run, features, true_labels, normalize=not raw)]
    for dataset in datasets:
        try:
            stratified_folds(dataset.labels, folds, seed)
        except ValueError as error:
            raise click.UsageError(f"{dataset.run}: {error}") from error
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{out} cannot be made: {error.strerror}.") from error
    return Plan(datasets, out, execute, folds, seed)


def _datasets(folder: Path, features: list[str], column: str, *, normalize: bool) -> list[Dataset]:
    """The named features of a run, with the classes of a metadata column."""
    from tb_tsne_plugin.evaluation.datasets import make_dataset
    from tb_tsne_plugin.runs.run import Run

    run = Run(folder.resolve().name, folder)
    there = [tensor.name for tensor in run.tensors]
    found = []
    for name in there if features == ["all"] else features:
        if name not in there:
            raise click.UsageError(f"{folder} has no features {name!r}; there are {', '.join(there)}.")
        tensor = run.tensor(name)
        classes = tensor.metadata.columns.get(column)
        if classes is None:
            raise click.UsageError(
                f"{folder} has no metadata column {column!r}; export with --true-labels, or name one with "
                f"--true-labels: there are {', '.join(tensor.metadata.columns)}."
            )
        values = tensor.features()
        rows = finite_rows(values)
        known = [classes[row] for row in rows.embedded]
        found.append(make_dataset(run.name, name, rows.of(values), known, normalize=normalize))
    return found


def _check(settings: list[str]) -> None:
    from tb_tsne_plugin.evaluation.settings import parse_setting

    for setting in settings:
        _or_usage(parse_setting, setting)


def _or_usage(read: Callable[[str], object], text: str) -> None:
    try:
        read(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Says in a sentence what cannot be written, or stands there already and is no file of ours."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror or error}.") from error


def _tell(out: Path) -> None:
    from tb_tsne_plugin.runs.folder import Folder

    with Folder(out).open("report.md") as report:
        say_lines(report.read().decode())
    say()
    say(f"Wrote {out / 'report.md'}, tables and figures. The curves: tensorboard --logdir {out}")
