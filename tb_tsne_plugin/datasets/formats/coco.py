"""COCO detection: the user's own JSON file with other categories, all else to the letter."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.json_spans import Span, items, members, spliced, top_members
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Annotation, Dataset, Drawn, File, Given, Read, Written
from tb_tsne_plugin.datasets.relabeling import Relabeling, annotations_of
from tb_tsne_plugin.datasets.text_given import GivenText, given_text
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.boxes import Box, box_of_coco, size_of
from tb_tsne_plugin.runs.class_names import clean_label
from tb_tsne_plugin.runs.format import clean_text


def written(dataset: Dataset) -> Written:
    """The file with the classes of the labels; classes that are new stand at the end of `categories`."""
    source = annotations_of(dataset)
    coco = _Coco(source)
    categories = _Categories(coco)
    found = coco.annotations()
    relabeling = Relabeling(dataset, [each.annotation for each in found], source.name)
    changes: list[tuple[int, int, str]] = []
    for place, each in enumerate(found):
        label = relabeling.change(place, categories.names.get(each.category))
        if label is not None:
            places = [span for name, span in members(coco.text, each.begin) if name == "category_id"]
            if not places:
                raise DatasetError(f"{source.name}: the annotation {each.annotation.object} has no category_id.")
            changes += [(span.begin, span.end, categories.id_of(label)) for span in places]
    changes += categories.additions()
    content = coco.given.written(spliced(coco.text, changes))
    return relabeling.written([File("", content)])


def read(files: GivenFiles, about: About) -> TableLabels:
    """The category of each annotation."""
    coco = _Coco(files)
    names = _Categories(coco).names
    given = [
        Given(names[each.category], annotation=each.annotation) for each in coco.annotations() if each.category in names
    ]
    return match(Read(given), about)


class _Annotated(NamedTuple):
    """An annotation, of what its category is the id (empty where it has none), and where it begins in the text."""

    annotation: Annotation
    category: str
    begin: int


class _Coco:
    """A COCO file.

    Attributes:
      given: Its text, and how it is written.
      text: Its text.
      parts: Its lists.
      pictures: The file of each image by its id.
      sizes: Its width and height.
    """

    def __init__(self, files: GivenFiles) -> None:
        raw = files.read()
        try:
            self.given: GivenText = given_text(raw, json.detect_encoding(raw))
            self.text = self.given.text
            self.parts: dict[str, Span] = dict(top_members(self.text))
            images = {_id(each["id"]): each for each in self._list("images")}
            self.pictures = {key: str(each["file_name"]) for key, each in images.items()}
            self.sizes = {key: size_of(each.get("width"), each.get("height")) for key, each in images.items()}
            for name in ("annotations", "categories"):
                self._list(name)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise DatasetError(
                f"{files.name} is no COCO detection file: one has the lists images, annotations and categories."
            ) from None

    def annotations(self) -> list[_Annotated]:
        """The annotations, but for crowds, which are about many objects at once.

        One without an id goes by `@` and its place among all, from 0.
        """
        found: list[_Annotated] = []
        for number, span in enumerate(items(self.text, self.parts["annotations"].begin)):
            value: dict[str, Any] = span.value
            if value.get("iscrowd") in (1, "1"):
                continue
            image, own_id = _id(value.get("image_id")), _id(value.get("id"))
            drawn = None
            if not own_id:
                box = box_of_coco(value.get("bbox"), value.get("segmentation"))
                drawn = Drawn(box if isinstance(box, Box) else None, self.sizes.get(image))
            annotation = Annotation(own_id or f"@{number}", self.pictures.get(image, ""), drawn=drawn)
            found.append(_Annotated(annotation, _id(value.get("category_id")), span.begin))
        return found

    def _list(self, name: str) -> list[dict[str, Any]]:
        value = self.parts[name].value
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise TypeError(name)
        return value


class _New(NamedTuple):
    """A category to be added: its id as it is written, and its name."""

    id: str
    name: str


class _Categories:
    """The categories of a file, and those to be added.

    Attributes:
      names: By id.
    """

    def __init__(self, coco: _Coco) -> None:
        self._coco = coco
        self._span = coco.parts["categories"]
        self.names = {
            _id(each["id"]): str(each["name"]) for each in self._span.value if "id" in each and "name" in each
        }
        self._ids: dict[str, str] = {}
        for each in self._span.value:
            if "id" in each and "name" in each:
                self._ids.setdefault(str(each["name"]), json.dumps(each["id"]))
        for name, written in list(self._ids.items()):
            self._ids.setdefault(clean_label(name) or name, written)
        self._new: list[_New] = []

    def id_of(self, label: str) -> str:
        """The id of a class as it is written; one that is new gets the next."""
        if label not in self._ids:
            numbers = [each["id"] for each in self._span.value if isinstance(each.get("id"), int)]
            self._new.append(_New(str(max(numbers, default=0) + len(self._new) + 1), label))
            self._ids[label] = self._new[-1].id
        return self._ids[label]

    def additions(self) -> list[tuple[int, int, str]]:
        """Where the new categories are to stand, written like the last one there."""
        if not self._new:
            return []
        text, spans = self._coco.text, list(items(self._coco.text, self._span.begin))
        if not spans:
            between, at = ", ", self._span.begin + 1
        elif len(spans) == 1:
            before = text[self._span.begin + 1 : spans[0].begin]
            between, at = f",{before}" if "\n" in before else ", ", spans[-1].end
        else:
            between, at = text[spans[-2].end : spans[-1].begin], spans[-1].end
        form = text[spans[-1].begin : spans[-1].end] if spans else ""
        has_super = bool(spans) and all("supercategory" in span.value for span in spans)
        written = [_written(new, form, has_super=has_super, ascii_only=text.isascii()) for new in self._new]
        return [(at, at, (between if spans else "") + between.join(written))]


def _written(new: _New, form: str, *, has_super: bool, ascii_only: bool) -> str:
    """A category in the form of another: the same blanks between its members."""
    found = list(members(form, 0)) if form else []
    opening, colon, between, closing = "{", ": ", ", ", "}"
    if len(found) > 1:
        first = found[0][1]
        opening = form[: form.index('"')]
        name_end = json.JSONDecoder().raw_decode(form, len(opening))[1]
        colon = form[name_end : first.begin]
        between = form[first.end : form.index('"', first.end)]
        closing = form[found[-1][1].end :]
    cells = {"id": new.id, "name": json.dumps(new.name, ensure_ascii=ascii_only)}
    if has_super:
        cells["supercategory"] = '""'
    return opening + between.join(f'"{name}"{colon}{value}' for name, value in cells.items()) + closing


def _id(value: object) -> str:
    """An id as text, the same for 7, 7.0 and "7"; empty where it is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str):
        return clean_text(value)  # as the run's metadata has it
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
