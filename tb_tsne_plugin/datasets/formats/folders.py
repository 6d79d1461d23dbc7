"""Image folders: a folder for each class, as Keras, torchvision and Ultralytics' classification read them."""

from __future__ import annotations

from tb_tsne_plugin.datasets.csv_text import csv_rows, csv_text
from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Written
from tb_tsne_plugin.datasets.names import portable_names
from tb_tsne_plugin.datasets.splits import absent_classes
from tb_tsne_plugin.labels.tables import TableLabels
from tb_tsne_plugin.runs.class_names import shown

CLASSES_NAME = "classes.csv"
"""Which class a folder is for, where one has another name than its class. Readers of image folders pass it over."""


def written(dataset: Dataset) -> Written:
    """The labeled samples' pictures."""
    labeled = dataset.labeled
    names = [name for name in dataset.classes if name in {sample.label for sample in labeled}]
    folders = dict(zip(names, portable_names(names, [CLASSES_NAME]), strict=True))
    files: list[File] = []
    notes: list[str] = []
    if changed := [name for name in names if folders[name] != name]:
        files.append(File(CLASSES_NAME, csv_text(("folder", "class"), [(folders[name], name) for name in names])))
        are = "1 class is" if len(changed) == 1 else f"{len(changed):,} classes are"
        notes.append(
            f"{are} called otherwise as a folder, the first {shown(changed[0])} {folders[changed[0]]}: {CLASSES_NAME} "
            "tells them."
        )
    for sample in labeled:
        parts = (sample.split, folders[sample.label or ""], dataset.picture_name(sample))
        files.append(File("/".join(filter(None, parts)), sample))
    if dataset.shares:
        notes += absent_classes([s.label or "" for s in labeled], [s.split for s in labeled], dataset.shares)
    return Written(files, len(labeled), notes)


def read(files: GivenFiles, about: About) -> TableLabels:
    """The class of each picture: what the folder that it lies in is called, or what `classes.csv` says of that."""
    if not files.is_folder:
        raise DatasetError(f"{files.name} is a file, and no folder of folders of images.")
    meant: dict[str, str] = {}
    if files.holds(CLASSES_NAME):
        rows = csv_rows(files.read(CLASSES_NAME), CLASSES_NAME, "folder", "class")
        meant = {row["folder"]: row["class"] for row in rows}
    found = [name.split("/") for name in files.names() if "/" in name]
    if not found:
        raise DatasetError(f"{files.name} holds no folders with images.")
    given = [Given(meant.get(folder, folder), file=f"{folder}/{file}") for *_, folder, file in found]
    return match(Read(given, files="names"), about)
