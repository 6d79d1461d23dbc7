"""A table of boxes: a row for each object, as pandas or a spreadsheet write it, and as a run's own metadata has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exporters.errors import ExportError
from exporters.images.tables import LABEL_COLUMNS
from exporters.objects.annotation import Annotation, GivenPicture, Told
from exporters.objects.files import read_file
from tb_tsne_plugin.runs.boxes import box_of_corners, box_of_sides, size_of
from tb_tsne_plugin.runs.format import FILE_COLUMNS, PICTURE_SIZE, SAMPLE_ID, TableError
from tb_tsne_plugin.runs.given_tables import read_given_table

ID_COLUMNS = ("object", "object_id", "annotation_id", "box_id")
CORNERS = (("xmin", "x1", "left"), ("ymin", "y1", "top"), ("xmax", "x2", "right"), ("ymax", "y2", "bottom"))
SIDES = (("x",), ("y",), ("width", "w"), ("height", "h"))
SIZE = ("width", "height")
CLASS_COLUMNS = (*LABEL_COLUMNS, "class_name")


def read_table(path: Path, told: Told) -> Iterator[Annotation]:
    """Reads the objects of a table with a column of files, and corners, or an upper left corner and a size, in pixels.

    Beside corners, width and height are the picture's. An object goes by its id where there is a column of them, else
    by its number among the rows of its picture, from 0. A table of a run has such a column whether these are ids or
    numbers; which of both, the sample ids in it tell (`GivenObjects.told_ids`).
    """
    wanted = [name for names in (*CORNERS, *SIDES) for name in names]
    try:
        named = (*FILE_COLUMNS, *CLASS_COLUMNS, *ID_COLUMNS, SAMPLE_ID)
        table = read_given_table(read_file(path), str(path), [*named, *wanted])
    except TableError as error:
        raise ExportError(str(error)) from None
    told.notes += table.notes
    file = table.find(FILE_COLUMNS)
    corners, sides = [table.find(names) for names in CORNERS], [table.find(names) for names in SIDES]
    columns = corners if None not in corners else sides
    if file is None or None in columns:
        raise ExportError(
            f"{path} needs a header with a column {FILE_COLUMNS[0]} and the columns x, y, width and height, or xmin, "
            "ymin, xmax and ymax."
        )
    boxes = zip(*(table.columns[name] for name in columns if name is not None), strict=True)
    sizes = [table.find((name,)) for name in (SIZE if columns is corners else PICTURE_SIZE)]
    ids, label, sample = (table.find(names) for names in (ID_COLUMNS, CLASS_COLUMNS, (SAMPLE_ID,)))
    numbers: dict[str, int] = {}
    for row, (name, values) in enumerate(zip(table.columns[file], boxes, strict=True)):
        number = numbers[name] = numbers.get(name, -1) + 1
        own_id = table.columns[ids][row].strip() if ids else ""
        width, height = (table.columns[column][row] if column else None for column in sizes)
        sample_id = table.columns[sample][row].strip() if sample else ""
        given = [value.strip() or None for value in values]
        yield Annotation(
            GivenPicture((name,), size_of(width, height)),
            own_id or str(number),
            box_of_corners(given) if columns is corners else box_of_sides(given),
            table.columns[label][row] if label else "",
            bool(own_id),
            sample_id,
        )
