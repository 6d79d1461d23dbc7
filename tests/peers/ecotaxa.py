"""EcoTaxa's table as its import checks and takes it; the server itself is no package.

https://github.com/ecotaxa/ecotaxa_back, `py/BO/TSVFile.py`: what is said there of encoding, quotes, the line of types,
obligatory columns, and of categories and statuses.
"""

from __future__ import annotations

import codecs
import csv
import io
from typing import NamedTuple

PREDEFINED = {"object_id", "img_file_name", "object_annotation_category", "object_annotation_status"}
STATUSES = {"", "predicted", "dubious", "validated", "discarded"}


class Annotated(NamedTuple):
    """What the import takes of a row.

    Attributes:
      category: The class.
      status: What is said of it.
      numbers: The free columns with numbers.
    """

    category: str
    status: str
    numbers: dict[str, float | None]


def read_ecotaxa(raw: bytes) -> dict[str, Annotated]:
    """The objects of a table by `img_file_name`."""
    encoding = "utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else "latin-1"
    reader = csv.DictReader(io.StringIO(raw.decode(encoding), newline=""), delimiter="\t", quotechar='"')
    columns = list(reader.fieldnames or [])
    assert set(columns) >= PREDEFINED
    types = next(reader)
    free = [name for name in columns if name not in PREDEFINED]
    assert all(name.startswith("object_") for name in free), "a column belongs to an object"
    assert all(types[name] in ("[t]", "[f]") for name in columns)
    found: dict[str, Annotated] = {}
    ids: set[str] = set()
    for row in reader:
        assert None not in row, "a value without a column"
        assert None not in row.values(), "a column without a value"
        assert row["object_id"] not in ids
        ids.add(row["object_id"])
        category, status = row["object_annotation_category"], row["object_annotation_status"]
        assert status in STATUSES
        assert bool(category) == bool(status), "a category without a status, or the other way round"
        numbers = {name: float(row[name]) if row[name] else None for name in free if types[name] == "[f]"}
        found[row["img_file_name"]] = Annotated(category, status, numbers)
    return found
