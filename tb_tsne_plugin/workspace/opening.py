"""From a run's folder, as commands and scripts name it, to the workspace that a TensorBoard would serve it from."""

from __future__ import annotations

import os
from pathlib import Path

from tb_tsne_plugin.labels.errors import OtherRunsLabels
from tb_tsne_plugin.runs import Run, open_run
from tb_tsne_plugin.runs.discovery import name_of, run_folders
from tb_tsne_plugin.runs.format import CONFIG_NAME
from tb_tsne_plugin.runs.logdirs import LogDirs
from tb_tsne_plugin.workspace.errors import LabelsPlaceUnknown
from tb_tsne_plugin.workspace.label_stores import LabelStores
from tb_tsne_plugin.workspace.places import shown
from tb_tsne_plugin.workspace.workspace import Workspace


def open_workspace(
    run_dir: str | os.PathLike[str],
    *,
    labels_dir: str | os.PathLike[str] | None = None,
    labels_db: str | None = None,
    logdir: str | os.PathLike[str] | None = None,
) -> tuple[Workspace, Run]:
    """The workspace that a run belongs to, and the run.

    Where labels do not live in the run's own folder, they live under its name in the log dir. That is known where
    `logdir` is given; else from the labels that are there already, if only one of the paths that it could be has any,
    and no other run may be meant by that path.

    Args:
      run_dir: The run's folder.
      labels_dir: The folder below which labels are kept (TensorBoard's `--tsne_labels_dir`).
      labels_db: The database where they are kept (TensorBoard's `--tsne_labels_db`).
      logdir: What TensorBoard is given as `--logdir`, or as `--logdir_spec`.

    Raises:
      RunError: If the folder holds no run.
      LabelsPlaceUnknown: If it cannot be known where the run's labels live.
      LabelsBusy, LabelsNotStored: If the database cannot be asked.
    """
    folder = Path(run_dir).expanduser()
    run = open_run(folder)
    stores = LabelStores.chosen(labels_dir, labels_db)
    logdirs = None if logdir is None else LogDirs.given(logdir)
    below = None if logdirs is None else _name_in(logdirs, folder)
    if stores.kept_in == "run":
        return Workspace(folder, stores), run
    names = _possible_names(folder)
    found = [name for name in names if stores.hold(Run(name, folder))]
    if below is None:
        below = _only(found, stores, folder)
    elif below not in found and (others := [name for name in found if _other_run(name, folder) is None]):
        raise LabelsPlaceUnknown(
            f"{stores.name} holds labels of {_listed(others)}, but none of {below!r}: give the --logdir that "
            "TensorBoard is started on (or what it has as --logdir_spec). If that is another run, open this one in "
            "TensorBoard once."
        )
    run = Run(below, folder)
    try:
        stores.of(run).columns()
    except OtherRunsLabels as error:
        places = " and ".join(shown(place) for place in error.places) or "other samples"
        raise LabelsPlaceUnknown(
            f"{stores.name} holds labels of {below!r}, but they are those of {places}: give each log dir a folder or a "
            "database of its own for its labels."
        ) from None
    return Workspace(logdirs or folder, stores), run


def _name_in(logdirs: LogDirs, folder: Path) -> str:
    """A run's name in a log dir, as the page lists it."""
    here = os.path.realpath(folder)
    for name, found in run_folders(logdirs):
        if os.path.realpath(found) == here:
            return name
    for name, logdir in logdirs.folders:  # one that the page passes over: it is hidden, or far down
        below = os.path.relpath(here, os.path.realpath(logdir))
        if below.split(os.sep)[0] != os.pardir:
            return name_of(f"{name}/{below}" if name else below)
    given = " or ".join(str(logdir) for _, logdir in logdirs.folders)
    raise LabelsPlaceUnknown(f"The run {folder} is not inside the log dir {given}.")


def _ways(folder: Path) -> list[Path]:
    """The ways to a folder: as it was named, and without links."""
    return [Path(path) for path in dict.fromkeys((os.path.realpath(folder), os.path.abspath(folder)))]


def _possible_names(folder: Path) -> list[str]:
    """What a run may be called, whatever folder above it TensorBoard is started on."""
    parts = [way.parts[1:] for way in _ways(folder)]
    names = [name_of("/".join(each[-length:])) for each in parts for length in range(1, len(each) + 1)]
    return list(dict.fromkeys([".", *names]))


def _other_run(name: str, folder: Path) -> Path | None:
    """Another run of the same name, if TensorBoard is started on another folder on the way to this one."""
    here = os.path.realpath(folder)
    others = (above / name for way in _ways(folder) for above in (way, *way.parents))
    found = (other for other in others if os.path.isfile(other / CONFIG_NAME) and os.path.realpath(other) != here)
    return next(found, None)


def _only(found: list[str], stores: LabelStores, folder: Path) -> str:
    """The one name that a run can have.

    Raises:
      LabelsPlaceUnknown: If there is none, or another run may be meant by it.
    """
    ask = "say with --logdir which folder TensorBoard is started on (or what it has as --logdir_spec)."
    if not found:
        raise LabelsPlaceUnknown(f"{stores.name} holds no labels of {folder} yet: {ask}")
    if len(found) > 1:
        raise LabelsPlaceUnknown(f"{stores.name} holds labels of {_listed(found)}, and each may be {folder}: {ask}")
    (name,) = found
    if name == ".":  # every run may be a log dir of its own
        raise LabelsPlaceUnknown(
            f"{stores.name} holds labels of a log dir that is itself a run: if that is {folder}, say --logdir {folder}."
        )
    if other := _other_run(name, folder):
        raise LabelsPlaceUnknown(f"{stores.name} holds labels of {name!r}, which {other} may be as well: {ask}")
    return name


def _listed(names: list[str]) -> str:
    return " and ".join(repr(name) for name in names)
