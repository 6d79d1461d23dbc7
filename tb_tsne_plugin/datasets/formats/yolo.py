"""YOLO detection: the user's own files of labels with other class numbers, and the names in `data.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Written
from tb_tsne_plugin.datasets.relabeling import Relabeling, annotations_of
from tb_tsne_plugin.datasets.text_given import given_text
from tb_tsne_plugin.datasets.yaml_names import YamlNames
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.class_names import clean_label

YAML_NAMES = ("data.yaml", "data.yml")
CLASS_LISTS = ("classes.txt", "obj.names", "labels.txt")
"""Files with the name of a class in each line."""
LABELS = "labels"
_ROW = re.compile(rb"([ \t]*)(\d{1,9})(?=\s|$)")
"""No class has a number of more digits."""


def written(dataset: Dataset) -> Written:
    """All files of labels with the classes of the labels; classes that are new stand at the end of the names."""
    relabeling = Relabeling(dataset)
    source = annotations_of(dataset)
    layout = _layout(source)
    names = _Names(layout)
    relabeling.look_up(annotations=layout.labels)
    files: list[File] = []
    for name in layout.labels:
        pieces: list[bytes] = []
        for row in _rows(layout.folder.read(name)):
            label = None
            if row.kind is not None:
                label = relabeling.change(str(row.number), names.name_of(row.kind), file=name)
            kind = str(names.number_of(label)).encode() if label is not None else row.token
            pieces += (row.before, kind, row.rest)
        files.append(File(name, b"".join(pieces)))
    if layout.names:
        files.append(File(layout.names, names.written()))
    return relabeling.written(files, source.name)


def read(files: GivenFiles, about: About) -> TableLabels:
    """The class of each row of each file of labels."""
    layout = _layout(files)
    names = _Names(layout)
    given = [
        Given(names.name_of(row.kind), object=str(row.number), annotations=name)
        for name in layout.labels
        for row in _rows(layout.folder.read(name))
        if row.kind is not None
    ]
    return match(Read(given), about)


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


class _Names:
    """The classes' names, and those to be added; without a file of names a class is called by its number."""

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
