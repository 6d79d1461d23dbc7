"""Which samples of a run a dataset means: by name, by the picture's file, or by the annotation of a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.gathering import files_of, objects_of
from tb_tsne_plugin.datasets.model import Read
from tb_tsne_plugin.datasets.names import picture_stems
from tb_tsne_plugin.labels.model import State
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.class_names import clean_names, shown
from tb_tsne_plugin.runs.given_names import match_names
from tb_tsne_plugin.runs.metadata import Metadata

_LAYOUT = ("images", "jpegimages", "labels", "annotations")
"""Folders that are there for the sake of the layout: `labels/train/1.txt` is about `images/train/1.jpg`."""


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


def annotated_name(name: str) -> str:
    """What the file of a picture's annotations and the picture's own have in common: neither suffix nor layout."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "/".join([*(part for part in path.parts[:-1] if part.casefold() not in _LAYOUT), path.stem])


class AnnotatedSamples:
    """The samples of a run that are objects in pictures, found by picture and annotation."""

    def __init__(self, samples: Iterable[tuple[str, str, str]]) -> None:
        """Takes the samples: the name, the picture's file and the annotation of each."""
        self._ids: dict[str, dict[str, str]] = defaultdict(dict)
        for sample_id, file, annotation in samples:
            if annotation:
                self._ids[file][annotation] = sample_id

    def of(self, pictures: Iterable[str], *, by_stem: bool = False) -> dict[str, dict[str, str]]:
        """The samples of some pictures.

        Args:
          pictures: Their files, as annotations name them.
          by_stem: Whether these are the files of the annotations, which share the pictures' names but for the suffix.

        Returns:
          Sample ids by annotation, for each picture that is the run's.
        """
        form = annotated_name if by_stem else str
        known: dict[str, list[str]] = defaultdict(list)
        for file in self._ids:
            known[form(file)].append(file)
        # Two pictures of one name but for the suffix share a file of annotations, and neither is meant.
        own = {name: files[0] for name, files in known.items() if len(files) == 1}
        given = {picture: form(picture) for picture in pictures}
        matched = match_names(given.values(), list(own)).names
        found = {picture: own.get(matched.get(name, name)) for picture, name in given.items()}
        return {picture: self._ids[file] for picture, file in found.items() if file is not None}


def _ids(read: Read, metadata: Metadata) -> tuple[list[str], list[str]]:
    """The sample that each thing said is about, and what was guessed about that.

    What the run does not have stands for itself.
    """
    ids = metadata.sample_ids
    files, known = files_of(metadata), set(ids)
    by_file = _unique(zip(files, ids, strict=True))
    unknown = [given for given in read.given if given.sample_id not in known]
    objects = AnnotatedSamples(zip(ids, files, objects_of(metadata), strict=True))
    of_picture = objects.of({given.file for given in unknown if given.object and given.file})
    of_file = objects.of({given.annotations for given in unknown if given.annotations}, by_stem=True)
    loose = dict.fromkeys(given.file for given in unknown if not given.object and given.file)
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
        elif given.object:
            meant = of_picture.get(given.file) or of_file.get(given.annotations, {})
            found.append(meant.get(given.object, f"{given.file or given.annotations}#{given.object}"))
        else:
            found.append(called.get(given.file) or given.file or given.sample_id)
    return found, matched.notes


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
