"""Pascal VOC: the user's own XML files with other names of objects, all else to the byte."""

from __future__ import annotations

from typing import NamedTuple
from xml.sax.saxutils import escape

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Annotation, Dataset, Drawn, File, Given, Read, Written
from tb_tsne_plugin.datasets.relabeling import Relabeling, annotations_of
from tb_tsne_plugin.datasets.text_given import GivenText, given_text
from tb_tsne_plugin.datasets.xml_names import Annotated, annotated, declared_encoding
from tb_tsne_plugin.labels.tables import TableLabels


def written(dataset: Dataset) -> Written:
    """All XML files with the classes of the labels."""
    source = annotations_of(dataset)
    found = {name: _read(source, name) for name in _xml_files(source)}
    relabeling = Relabeling(dataset, [each for name in found for each in _annotations(name, found[name])], source.name)
    place = 0
    files: list[File] = []
    for name, each in found.items():
        text, changes = each.text.text.encode(), []
        for known in each.annotated.named.values():
            label = relabeling.change(place, known.name)
            changes += [] if label is None else [(known, escape(label))]
            place += 1
        pieces: list[bytes] = []
        last = 0
        for known, content in changes:
            piece = f"<name>{content}</name>" if known.is_empty else content
            pieces += (text[last : known.begin], piece.encode())
            last = known.end
        changed = b"".join([*pieces, text[last:]]).decode()
        files.append(File(name, each.text.written(changed, "xmlcharrefreplace") if changes else source.read(name)))
    return relabeling.written(files)


def read(files: GivenFiles, about: About) -> TableLabels:
    """The name of each object."""
    given: list[Given] = []
    for name in _xml_files(files):
        file = _read(files, name)
        objects = zip(file.annotated.named.values(), _annotations(name, file), strict=True)
        given += [Given(each.name, annotation=annotation) for each, annotation in objects if each.name]
    return match(Read(given), about)


def _annotations(name: str, file: _File) -> list[Annotation]:
    """The objects of a file that have a name, even an empty one."""
    picture, size, objects = file.annotated.picture, file.annotated.size, file.annotated.named
    return [Annotation(str(number), picture, name, Drawn(each.box, size)) for number, each in objects.items()]


class _File(NamedTuple):
    """An XML file: its text, and what it tells."""

    text: GivenText
    annotated: Annotated


def _xml_files(files: GivenFiles) -> list[str]:
    found = files.names(".xml") if files.is_folder else []
    if not found:
        raise DatasetError(f"{files.name} is no folder with XML files.")
    return found


def _read(files: GivenFiles, name: str) -> _File:
    raw = files.read(name)
    try:
        text = given_text(raw, declared_encoding(raw))
        return _File(text, annotated(text.text.encode()))
    except ValueError as error:
        raise DatasetError(f"{name} cannot be read as an annotation of Pascal VOC: {error}.") from None
