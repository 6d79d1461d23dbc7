"""YOLO detection: the user's own files of labels with other class numbers, and the names in `data.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Annotation, Dataset, Drawn, File, Given, Read, Written
from tb_tsne_plugin.datasets.relabeling import Relabeling, annotations_of
from tb_tsne_plugin.datasets.text_given import given_text
from tb_tsne_plugin.datasets.yaml_names import YamlNames
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.boxes import Box, box_of_yolo
from tb_tsne_plugin.runs.class_names import clean_label

YAML_NAMES = ("data.yaml", "data.yml")
CLASS_LISTS = ("classes.txt", "obj.names", "labels.txt")
"""Files with the name of a class in each line."""
LABELS = "labels"
_ROW = re.compile(rb"((?:\xef\xbb\xbf)?[ \t]*)(\d{1,9})(?=\s|$)")
"""A class, perhaps after a byte order mark; none has a number of more digits."""


def written(dataset: Dataset) -> Written:
    """All files of labels with the classes of the labels; classes that are new stand at the end of the names."""
    source = annotations_of(dataset)
    layout = _layout(source)
    names = _Names(layout)
    rows = [(name, row) for name in layout.labels for row in _rows(layout.folder.read(name))]
    relabeling = Relabeling(dataset, _annotations(rows, names), source.name)
    place = 0
    pieces: dict[str, list[bytes]] = {name: [] for name in layout.labels}
    for name, row in rows:
        label = None
        if row.kind is not None:
            label = relabeling.change(place, names.name_of(row.kind))
            place += 1
        kind = str(names.number_of(label)).encode() if label is not None else row.token
        pieces[name] += (row.before, kind, row.rest)
    files = [File(name, b"".join(each)) for name, each in pieces.items()]
    if layout.names:
        files.append(File(layout.names, names.written()))
    return relabeling.written(files)


def read(files: GivenFiles, about: About) -> TableLabels:
    """The class of each row of each file of labels."""
    layout = _layout(files)
    names = _Names(layout)
    rows = [(name, row) for name in layout.labels for row in _rows(layout.folder.read(name))]
    kinds = [row.kind for _, row in rows if row.kind is not None]
    found = zip(kinds, _annotations(rows, names), strict=True)
    return match(Read([Given(names.name_of(kind), annotation=each) for kind, each in found]), about)


def _annotations(rows: Iterable[tuple[str, _Row]], names: _Names) -> list[Annotation]:
    """The rows that have a class, with the file of each."""
    return [
        Annotation(str(row.number), file=name, drawn=Drawn(row.box(has_keypoints=names.has_keypoints), in_shares=True))
        for name, row in rows
        if row.kind is not None
    ]


class _Layout(NamedTuple):
    """What lies where.

    Attributes:
      folder: The folder with the files of labels.
      labels: These, by their paths in it.
      names: The name of the file with the classes' names; empty where there is none.
      beside: The folder that this is in.
    """

    folder: GivenFiles
    labels: list[str]
    names: str
    beside: GivenFiles


class _Row(NamedTuple):
    """A line of a file of labels.

    Attributes:
      number: Which object it is, from 0; lines of nothing but blanks are none.
      kind: The number of its class; None where it has none.
      before: What stands before that.
      token: That as it is written.
      rest: What stands behind, with the end of the line.
    """

    number: int
    kind: int | None
    before: bytes
    token: bytes
    rest: bytes

    def box(self, *, has_keypoints: bool) -> Box | None:
        """The box, in shares of the picture; None where there is none."""
        found = box_of_yolo(["", *self.rest.decode("utf-8", "replace").split()], has_keypoints=has_keypoints)
        return found if isinstance(found, Box) else None


class _Names:
    """The classes' names, and those to be added; without a file of names a class is called by its number.

    Attributes:
      has_keypoints: Whether keypoints follow the box in each row.
    """

    def __init__(self, layout: _Layout) -> None:
        self._raw = layout.beside.read(layout.names) if layout.names else b""
        self._file = layout.names
        self._yaml: YamlNames | None = None
        try:
            self._given = given_text(self._raw)
            if layout.names in CLASS_LISTS:
                self._names = dict(enumerate(self._given.text.splitlines()))
            elif layout.names:
                self._yaml = YamlNames(self._given.text)
                self._names = self._yaml.names
            else:
                self._names = {}
        except ValueError:
            raise DatasetError(f"{layout.names} holds no names of classes.") from None
        self.has_keypoints = self._yaml is not None and self._yaml.has_keypoints
        self._numbers: dict[str, int] = {}
        for number, name in self._names.items():
            self._numbers.setdefault(name, number)
        for number, name in self._names.items():
            self._numbers.setdefault(clean_label(name) or name, number)
        self._new: dict[int, str] = {}

    def name_of(self, number: int) -> str:
        """The name of a class."""
        return self._names.get(number, str(number))

    def number_of(self, label: str) -> int:
        """The number of a class; one that is new gets the next.

        Raises:
          DatasetError: If there is no file to name it in.
        """
        if label not in self._numbers:
            if not self._file:
                if label.isdecimal():
                    return int(label)
                raise DatasetError(
                    f"There is no {YAML_NAMES[0]} or {CLASS_LISTS[0]} to name the class {label!r} in: put one beside "
                    "the labels, or name the data.yaml itself."
                )
            number = max([*self._names, *self._new], default=-1) + 1
            self._new[number], self._numbers[label] = label, number
        return self._numbers[label]

    def written(self) -> bytes:
        """The file of names with those that are new."""
        if self._yaml is not None:
            return self._given.written(self._yaml.with_more(self._new))
        text = self._given.text
        end = "\r\n" if "\r\n" in text else "\n"
        if self._new and text and not text.endswith("\n"):
            text += end
        return self._given.written(text + "".join(name + end for name in self._new.values()))


def _layout(files: GivenFiles) -> _Layout:
    """Where the labels are: below the folder of the file that was named, or the folder that was.

    Their names are in that file, or in one of a known name in that folder or the one above. What a `data.yaml` says of
    other folders does not count: it may have come from anybody.
    """
    if files.is_folder:
        folder, above = files, files.above()
        known = [(each, name) for each in (folder, above) for name in (*YAML_NAMES, *CLASS_LISTS) if each.holds(name)]
        beside, names = known[0] if known else (folder, "")
    else:
        folder = beside = files.above()
        names = files.name
    found = [name for name in folder.names(".txt") if name.rpartition("/")[2] not in CLASS_LISTS]
    labels = [name for name in found if LABELS in name.split("/")[:-1]] or found
    if not labels:
        raise DatasetError(f"There are no files of labels (.txt) below {folder.name}.")
    return _Layout(folder, labels, names, beside)


def _rows(raw: bytes) -> Iterator[_Row]:
    number = 0
    for line in raw.splitlines(keepends=True):
        found = _ROW.match(line)
        if found is None:
            yield _Row(number, None, b"", b"", line)
        else:
            yield _Row(number, int(found[2]), found[1], found[2], line[found.end() :])
        number += bool(line.strip())
