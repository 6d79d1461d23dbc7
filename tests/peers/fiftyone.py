"""FiftyOne's image classification dataset as its importer takes it; FiftyOne itself wants a database to start with.

https://docs.voxel51.com/user_guide/import_datasets.html#fiftyoneimageclassificationdataset: `data` holds the images,
`labels.json` has `classes` and `labels`, which are by file name without suffix: the number of a class, or an object
with the number as `label`, `confidence` and `attributes`. What has no entry is not imported.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple


class Classified(NamedTuple):
    """What the importer makes of an image.

    Attributes:
      label: The class.
      confidence: How probable it is, where the dataset says so.
      attributes: What else it says.
    """

    label: str
    confidence: float | None = None
    attributes: dict[str, object] | None = None


def read_fiftyone(folder: Path) -> dict[str, Classified]:
    """The images of a dataset by file name."""
    assert sorted(path.name for path in folder.iterdir()) == ["data", "labels.json"]
    files: dict[str, str] = {}
    for path in (folder / "data").iterdir():
        assert not path.name.startswith("."), "hidden files are passed over"
        assert files.setdefault(path.stem, path.name) == path.name, "two images have one name"
    told = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    assert told.keys() == {"classes", "labels"}
    assert len(set(told["classes"])) == len(told["classes"])
    assert told["labels"].keys() == files.keys()
    return {files[stem]: _classified(target, told["classes"]) for stem, target in told["labels"].items()}


def _classified(target: object, classes: list[str]) -> Classified:
    if isinstance(target, dict):
        assert target.keys() <= {"label", "confidence", "attributes"}
        return Classified(classes[_number(target["label"])], target.get("confidence"), target.get("attributes"))
    return Classified(classes[_number(target)])


def _number(value: object) -> int:
    assert type(value) is int
    assert value >= 0
    return value
