"""YOLO's format: a text file for each picture, with a row for each object; classes by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from exporters.errors import ExportError
from exporters.images.outcomes import Skipped
from exporters.objects.annotation import Annotation, GivenPicture, Told
from exporters.objects.files import read_file, read_files
from exporters.objects.yolo_names import CLASS_LISTS, Names, names_of_list, names_of_yaml
from tb_tsne_plugin.runs.boxes import box_of_yolo
from tb_tsne_plugin.runs.format import counted

LABELS, IMAGES = "labels", "images"


def read_yolo(path: Path, told: Told) -> Iterator[Annotation]:
    """Reads the objects below a folder, or beside a `data.yaml`, in shares of their pictures.

    A row holds a class, and a box's centre and size (a confidence may follow), or the points of an outline. An object
    goes by its row's number in the file, from 0; blank lines do not count.

    Args:
        path: `data.yaml`, or a folder of label files, which may have a data.yaml, classes.txt or obj.names in it.
        told: What else there is to tell.
    """
    names = _names(path)
    unnamed = 0
    for name, content in read_files(path.parent if path.is_file() else path, ".txt", _label_files):
        if isinstance(content, Skipped):
            told.skipped.append(content)
            continue
        picture = GivenPicture(_picture_names(name))
        try:
            lines = content.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            told.skipped.append(Skipped(name, "not text"))
            continue
        rows = [line.split() for line in lines if line.strip()]
        for number, row in enumerate(rows):
            label = names.names.get(row[0], "")
            unnamed += not label
            yield Annotation(picture, str(number), box_of_yolo(row, has_keypoints=names.has_keypoints), label)
    if unnamed:
        told.notes.append(f"{counted(unnamed, 'object')} of a class that has no name: name it in data.yaml.")


def _label_files(names: Sequence[str]) -> list[str]:
    """Those in folders for labels, if there are such; lists of classes are none."""
    found = [name for name in names if PurePosixPath(name).name not in CLASS_LISTS]
    return [name for name in found if LABELS in PurePosixPath(name).parts] or found


def _names(path: Path) -> Names:
    if path.is_file():
        if path.suffix.lower() not in (".yaml", ".yml"):
            raise ExportError(f"{path} is no data.yaml and no folder of label files.")
        return names_of_yaml(read_file(path), str(path))
    for folder in (path, path.parent):
        for name in ("data.yaml", "data.yml"):
            if (folder / name).is_file():
                return names_of_yaml(read_file(folder / name), str(folder / name))
        for name in CLASS_LISTS:
            if (folder / name).is_file():
                return names_of_list(read_file(folder / name), str(folder / name))
    return Names({})


def _picture_names(name: str) -> tuple[str, ...]:
    """What the picture of a label file may be called: beside it, or in `images` where it is in `labels`."""
    path = PurePosixPath(name).with_suffix("")
    parts = list(path.parts)
    if LABELS not in parts[:-1]:
        return (str(path),)
    place = len(parts) - 2 - parts[-2::-1].index(LABELS)
    return "/".join([*parts[:place], IMAGES, *parts[place + 1 :]]), "/".join(parts[place + 1 :])
