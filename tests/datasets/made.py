"""Runs, labels and annotations for the tests of datasets: made from nothing, of any names that can be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from tb_tsne_plugin.datasets.catalog import Format
from tb_tsne_plugin.datasets.gathering import gather
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About
from tb_tsne_plugin.datasets.model import Dataset, Suggestion, Written
from tb_tsne_plugin.datasets.output import write_file, write_folder
from tb_tsne_plugin.datasets.pictures import UsersPictures
from tb_tsne_plugin.labels.model import ClassInfo, Mark, Snapshot, State
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.boxes import Box
from tb_tsne_plugin.runs.class_names import clean_label
from tb_tsne_plugin.runs.format import BOX, PICTURE_SIZE, clean_text
from tb_tsne_plugin.runs.metadata import Metadata

TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("aAéE\u0301/\\.:*?\"'<>|,;=~ -_0😀ß"),
    min_size=1,
    max_size=12,
)
CLASSES = TEXT.map(lambda text: clean_label(text) or "").filter(bool) | st.sampled_from(
    [
        *(
            "nan",
            "1.0",
            "CON",
            "con",
            "..",
            ".",
            "a/b",
            "a_b",
            "=1+1",
            "Ä",
            "ä",
            "x" * 128,
            "yes",
            "null",
            "0",
            "__pycache__",
        )
    ]
)


def _part(text: str) -> str:
    return clean_text(text.replace("/", "_")).strip(".") or "_"


FILES = st.lists(TEXT.map(_part), min_size=1, max_size=3).map("/".join)


class Labeled(NamedTuple):
    """A run's samples with their labels: what of a run a dataset is made of."""

    files: Sequence[str]
    marks: Mapping[str, Mark]
    classes: Sequence[str]
    objects: Sequence[str] = ()
    boxes: Sequence[Box] = ()
    picture_size: tuple[int, int] | None = None

    @property
    def ids(self) -> list[str]:
        return [f"id{row}" for row in range(len(self.files))]

    @property
    def metadata(self) -> Metadata:
        columns = {"sample_id": self.ids, "file": list(self.files)}
        if self.objects:
            columns |= {"object": list(self.objects)}
            boxes = self.boxes or [own_box(row) for row in range(len(self.files))]
            columns |= {name: [repr(getattr(box, name)) for box in boxes] for name in BOX}
            if self.picture_size is not None:
                sizes = zip(PICTURE_SIZE, self.picture_size, strict=True)
                columns |= {name: [str(side)] * len(self.files) for name, side in sizes}
        return Metadata(columns, self.ids, [], is_ours=True)

    @property
    def snapshot(self) -> Snapshot:
        infos = [ClassInfo(number, name, "#000000", number) for number, name in enumerate(self.classes, 1)]
        return Snapshot(1, dict(self.marks), infos, False, False)

    @property
    def names(self) -> dict[str, str]:
        return self.snapshot.names()

    def dataset(self, images: Path | None = None, **more: object) -> Dataset:
        pictures = None if images is None else UsersPictures(images)
        snapshot = self.snapshot
        return gather(self.metadata, {"label": snapshot}, snapshot, "label", pictures=pictures, **more)  # type: ignore[arg-type]


def own_box(row: int) -> Box:
    """The box of the object in a row, where a test asks for no other."""
    return Box(row + 0.5, row + 0.5, row + 0.5, row + 0.5)


def labeled(
    files: Sequence[str],
    labels: Sequence[str | None],
    objects: Sequence[str] = (),
    boxes: Sequence[Box] = (),
    picture_size: tuple[int, int] | None = None,
) -> Labeled:
    """Samples of which some have a label."""
    classes = list(dict.fromkeys(name for name in labels if name is not None))
    marks = {
        f"id{row}": Mark(classes.index(name) + 1, "labeled") for row, name in enumerate(labels) if name is not None
    }
    return Labeled(files, marks, classes, objects, boxes, picture_size)


STATES: list[State] = ["unlabeled", "labeled", "seen", "verified", "unsure", "ignored"]


@st.composite
def runs(draw: st.DrawFn, objects: bool = False) -> Labeled:
    """A run of any names, labels and states."""
    files = draw(st.lists(FILES, min_size=1, max_size=6, unique=not objects).filter(_are_files))
    classes = draw(st.lists(CLASSES, min_size=1, max_size=4, unique=True))
    marks: dict[str, Mark] = {}
    for row in range(len(files)):
        state = draw(st.sampled_from(STATES))
        if state != "unlabeled":
            marks[f"id{row}"] = Mark(draw(st.integers(1, len(classes))), state)
    numbers: dict[str, int] = {}
    found = []
    for file in files:
        numbers[file] = numbers.get(file, -1) + 1
        found.append(str(numbers[file]))
    size = draw(st.sampled_from([None, (640, 480), (97, 1001)])) if objects else None
    return Labeled(files, marks, classes, found if objects else (), picture_size=size)


def _are_files(names: Sequence[str]) -> bool:
    """Whether they can lie beside one another, none of them a folder of another."""
    folders = {name[:end] for name in names for end, character in enumerate(name) if character == "/"}
    return folders.isdisjoint(names)


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder: hypothesis calls a test many times, and pytest makes one for all of them."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def put_images(run: Labeled, where: Path) -> Path:
    """Files of the run's names, each with its name in it."""
    for name in set(run.files):
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_bytes(name.encode())
    return where


def written(form: Format, dataset: Dataset, out: Path) -> Written:
    """Writes a dataset."""
    made = form.module().written(dataset)
    if form.out == "folder":
        write_folder(out, made.files, dataset.pictures)
    else:
        content = made.files[0].content
        assert isinstance(content, bytes)
        write_file(out, content)
    return made


def read(form: Format, path: Path, run: Labeled, current: Mapping[str, str] | None = None) -> TableLabels:
    """What a dataset says about a run."""
    return form.module().read(GivenFiles(path), About(run.metadata, "label", current or {}, ["label"]))


def suggested(run: Labeled) -> dict[str, Suggestion]:
    """A suggestion for every sample; only those without a label are to leave with it."""
    return dict.fromkeys(run.ids, Suggestion(run.classes[0], 0.8765))
