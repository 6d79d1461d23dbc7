"""Pascal VOC: the user's own XML files with other names of objects, all else to the byte."""

from __future__ import annotations

from xml.sax.saxutils import escape

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Written
from tb_tsne_plugin.datasets.relabeling import Relabeling, annotations_of
from tb_tsne_plugin.datasets.text_given import GivenText, given_text
from tb_tsne_plugin.datasets.xml_names import ObjectName, declared_encoding, object_names
from tb_tsne_plugin.labels.tables import TableLabels


def write(dataset: Dataset) -> Written:
    """All XML files with the classes of the labels."""
    relabeling = Relabeling(dataset)
    source = annotations_of(dataset)
    found = _xml_files(source)
    relabeling.look_up(found, by_stem=True)
    files: list[File] = []
    for name in found:
        raw = source.read(name)
        given, objects = _objects(raw, name)
        text = given.text.encode()
        pieces: list[bytes] = []
        last = 0
        for number, each in enumerate(objects):
            label = relabeling.change(name, str(number), each.name) if each.name is not None else None
            if label is not None:
                content = escape(label)
                piece = f"<name>{content}</name>" if each.is_empty else content
                pieces += (text[last : each.begin], piece.encode())
                last = each.end
        changed = b"".join([*pieces, text[last:]]).decode()
        files.append(File(name, given.written(changed, "xmlcharrefreplace") if pieces else raw))
    return relabeling.written(files, source.name)


def read(files: GivenFiles, about: About) -> TableLabels:
    """The name of each object."""
    given: list[Given] = []
    for name in _xml_files(files):
        _, objects = _objects(files.read(name), name)
        given += [Given(each.name, file=name, object=str(number)) for number, each in enumerate(objects) if each.name]
    return match(Read(given, files="annotations"), about)


def _xml_files(files: GivenFiles) -> list[str]:
    found = files.names(".xml") if files.is_folder else []
    if not found:
        raise DatasetError(f"{files.name} is no folder with XML files.")
    return found


def _objects(raw: bytes, name: str) -> tuple[GivenText, list[ObjectName]]:
    try:
        given = given_text(raw, declared_encoding(raw))
        return given, object_names(given.text.encode())
    except ValueError as error:
        raise DatasetError(f"{name} cannot be read as an annotation of Pascal VOC: {error}.") from None
