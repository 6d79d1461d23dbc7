"""The formats of datasets, listed once: the commands' choices and the table in docs/datasets.md come from here.

This module imports the standard library only, so that asking for help loads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

if TYPE_CHECKING:
    from tb_tsne_plugin.datasets.given_files import GivenFiles
    from tb_tsne_plugin.datasets.matching import About
    from tb_tsne_plugin.datasets.model import Dataset, Written
    from tb_tsne_plugin.labels.tables import TableLabels


class FormatModule(Protocol):
    """What the module of a format has."""

    def written(self, dataset: Dataset) -> Written:
        """The files of a dataset.

        Raises:
          DatasetError: If the format cannot hold it.
        """

    def read(self, files: GivenFiles, about: About) -> TableLabels:
        """What a dataset says about a run.

        Raises:
          DatasetError, InvalidEdit: If it is none of this format, or contradicts itself.
        """


@dataclass(frozen=True)
class Format:
    """A format of datasets.

    Attributes:
      name: What it is called on the command line; its module in `formats` has the same name.
      title: What people call it.
      out: Whether a dataset is one file or a folder.
      layout: What lies where: the convention of whoever reads it.
      holds: Which samples leave.
      named_by: What a dataset names samples by when it comes back.
      download: What it is called as a download, `{}` being the run: a file, or an archive of the folder.
      has_pictures: Whether the pictures go with it.
      has_splits: Whether it can be split into parts.
      has_suggestions: Whether it has a place for suggestions and their probabilities.
      has_givers: Whether it has a place for who gave labels, and when.
      written_back: Whether it is the user's own annotations with other classes.
    """

    name: str
    title: str
    out: Literal["file", "folder"]
    layout: str
    holds: str
    named_by: str
    download: str
    has_pictures: bool = False
    has_splits: bool = False
    has_suggestions: bool = False
    has_givers: bool = False
    written_back: bool = False

    @property
    def left_out(self) -> str:
        """What is told of samples that do not leave; empty where all do, or others are meant."""
        return {"labeled": "without a label", "all but ignored": "that are ignored"}.get(self.holds, "")

    def module(self) -> FormatModule:
        """What writes and reads it."""
        return cast(FormatModule, import_module(f"tb_tsne_plugin.datasets.formats.{self.name}"))


FORMATS = (
    Format(
        "tsv",
        "tab-separated table",
        "file",
        "a header, then a row for each sample: all metadata, every label column and its `state`",
        "all",
        "`sample_id`, else file",
        has_splits=True,
        has_suggestions=True,
        has_givers=True,
        download="{}.tsv",
    ),
    Format(
        "csv",
        "comma-separated table",
        "file",
        "the same with commas, and quotes where they are needed",
        "all",
        "`sample_id`, else file",
        has_splits=True,
        has_suggestions=True,
        has_givers=True,
        download="{}.csv",
    ),
    Format(
        "parquet",
        "Parquet",
        "file",
        "the same in typed columns: no value where there is no label, numbers for boxes and probabilities",
        "all",
        "`sample_id`, else file",
        has_splits=True,
        has_suggestions=True,
        has_givers=True,
        download="{}.parquet",
    ),
    Format(
        "folders",
        "image folders",
        "folder",
        "`[split/]<class>/<file>`, as Keras, torchvision's `ImageFolder` and Ultralytics' classification read it",
        "labeled",
        "file's name",
        has_pictures=True,
        has_splits=True,
        download="{}_folders.zip",
    ),
    Format(
        "hf",
        "Hugging Face `imagefolder`",
        "folder",
        "`[split/]metadata.csv` with `file_name`, `label` and `sample_id`, beside the images; `metadata.jsonl` where "
        "classes look like numbers or missing values",
        "labeled",
        "`sample_id`, else file's name",
        has_pictures=True,
        has_splits=True,
        has_suggestions=True,
        download="{}_hf.zip",
    ),
    Format(
        "fiftyone",
        "FiftyOne image classification",
        "folder",
        "`[split/]data/<file>` and `[split/]labels.json`: `classes`, and `labels` by file name without suffix",
        "labeled",
        "file's name",
        has_pictures=True,
        has_splits=True,
        has_suggestions=True,
        download="{}_fiftyone.zip",
    ),
    Format(
        "labelstudio",
        "Label Studio JSON",
        "file",
        "a task for each picture, `data.image`: labels as `annotations` of choices, of objects as a rectangle for "
        "each, suggestions as `predictions`",
        "all",
        "`data.sample_id`, of objects `meta.sample_id`, else `data.image` and the region's `id`",
        has_suggestions=True,
        has_givers=True,
        download="{}_labelstudio.json",
    ),
    Format(
        "ecotaxa",
        "EcoTaxa TSV",
        "file",
        "`object_id`, `img_file_name`, `object_annotation_category` and `object_annotation_status`, a line of types "
        "below the header",
        "all but ignored",
        "`object_id`, else `img_file_name`",
        has_suggestions=True,
        has_givers=True,
        download="ecotaxa_{}.tsv",
    ),
    Format(
        "camtrapdp",
        "Camtrap DP 1.0 observations",
        "file",
        "`observations.csv`, an observation of a medium for each sample",
        "all but ignored",
        "`observationID`, else `mediaID`",
        has_suggestions=True,
        has_givers=True,
        download="{}_observations.csv",
    ),
    Format(
        "coco",
        "COCO detection",
        "file",
        "your own JSON with other `category_id`s; new classes at the end of `categories`",
        "objects",
        "annotation's `id`, else box, and image's `file_name`",
        written_back=True,
        download="{}_coco.json",
    ),
    Format(
        "yolo",
        "YOLO detection",
        "folder",
        "your own `labels/*.txt` with other class numbers; new classes at the end of `names` in `data.yaml`",
        "objects",
        "box and file's name",
        written_back=True,
        download="{}_yolo.zip",
    ),
    Format(
        "voc",
        "Pascal VOC",
        "folder",
        "your own XML files with other `name`s of objects",
        "objects",
        "box and file's name",
        written_back=True,
        download="{}_voc.zip",
    ),
)
NAMES = tuple(each.name for each in FORMATS)
TEXT_TABLES = ("tsv", "csv")
"""Those that can be made harmless for spreadsheets, and go to standard output."""


def format_named(name: str) -> Format:
    """The format of a name of `NAMES`."""
    return FORMATS[NAMES.index(name)]
