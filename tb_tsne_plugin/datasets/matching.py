"""Which samples of a run a dataset means: by name, by the picture's file, or by the annotation of a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tb_tsne_plugin.datasets.annotated import AnnotatedSamples, Found
from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.gathering import files_of, run_objects
from tb_tsne_plugin.datasets.model import Read
from tb_tsne_plugin.datasets.names import picture_stems
from tb_tsne_plugin.labels.model import State
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.class_names import clean_names, shown
from tb_tsne_plugin.runs.given_names import match_names
from tb_tsne_plugin.runs.metadata import Metadata


@dataclass(frozen=True)
class About:
    """The run that a dataset is about.

    Attributes:
      metadata: Its metadata.
      column: The column to take labels from, in formats that have columns.
      current: Class name now by sample id.
      label_columns: All label columns of the run.
    """

    metadata: Metadata
    column: str
    current: Mapping[str, str]
    label_columns: Collection[str] = ()


def match(read: Read, about: About) -> TableLabels:
    """What a dataset says about a run, as a table of labels does.

    Args:
      read: What it says.
      about: The run.

    Raises:
      DatasetError: If it says different things of one sample.
    """
    cleaned = clean_names([given.label or "" for given in read.given], set(about.current.values()))
    ids, notes = _ids(read, about.metadata)
    names: dict[str, str | None] = {}
    states: dict[str, State] = {}
    for given, key, label in zip(read.given, ids, cleaned.names, strict=True):
        if names.setdefault(key, label) != label or (
            given.state and states.setdefault(key, given.state) != given.state
        ):
            raise DatasetError(f"The dataset says different things of {shown(key)}; nothing was changed.")
    return TableLabels(names, [*read.notes, *notes, *cleaned.notes], states)


def _ids(read: Read, metadata: Metadata) -> tuple[list[str], list[str]]:
    """The sample that each thing said is about, and what was guessed about that.

    What the run does not have stands for itself.
    """
    ids = metadata.sample_ids
    files, known = files_of(metadata), set(ids)
    by_file = _unique(zip(files, ids, strict=True))
    unknown = [given for given in read.given if given.sample_id not in known]
    annotations = [given.annotation for given in unknown if given.annotation]
    objects = AnnotatedSamples(run_objects(metadata)).find(annotations) if annotations else Found([], [])
    meant = iter(objects.ids)
    loose = dict.fromkeys(given.file for given in unknown if not given.annotation and given.file)
    called: dict[str, str] = {}
    if read.files in ("names", "stems"):
        ours = _pictures_of_ours(files, ids, with_suffix=read.files == "names")
        called = {name: ours[each] for name in loose if (each := _ours(name, ours)) is not None}
    called = {**{name: by_file[name] for name in loose if name in by_file}, **called}
    matched = match_names([name for name in loose if name not in called], list(by_file))
    called |= {name: by_file[means] for name, means in matched.names.items()}
    found: list[str] = []
    for given in read.given:
        if given.sample_id in known:
            found.append(given.sample_id)
        elif given.annotation:
            found.append(next(meant) or given.annotation.name)
        else:
            found.append(called.get(given.file) or given.file or given.sample_id)
    return found, [*objects.notes, *matched.notes]


def _pictures_of_ours(files: Sequence[str], ids: Sequence[str], *, with_suffix: bool) -> dict[str, str]:
    """The samples by what their pictures are called in a dataset of ours."""
    stems = picture_stems(files, ids)
    found = dict(zip(stems, ids, strict=True))
    if with_suffix:
        found |= {stem + PurePosixPath(file).suffix: key for stem, file, key in zip(stems, files, ids, strict=True)}
    return found


def _ours(name: str, known: Mapping[str, str]) -> str | None:
    """What a picture is called in a dataset of ours, if this is one of them; it may have another suffix."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return next((each for each in (last, PurePosixPath(last).stem) if each in known), None)


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, sample_id in pairs:
        found[name].append(sample_id)
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}
