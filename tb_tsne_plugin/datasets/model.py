"""What goes out in a dataset and what comes back: the one value that every format writes, and the one that it reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.labels.model import NOBODY, Giver, State
from tb_tsne_plugin.runs.boxes import Box
from tb_tsne_plugin.runs.folder import Folder


class Suggestion(NamedTuple):
    """The class that a sample without a label probably has.

    Attributes:
      label: The class.
      probability: How probable it is.
    """

    label: str
    probability: float


class BoxCells(NamedTuple):
    """Where an object is in its picture: pixels from the upper left corner, as the run's metadata spells them."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Sample:
    """A sample on its way out.

    Attributes:
      sample_id: Its name.
      file: Its picture's file, as the run names it; its name where the run names none.
      object: Its annotation's id in the user's own file; empty for a whole picture.
      box: Where it is in the picture.
      picture_size: Width and height of the picture, in pixels, where the run tells them.
      label: Its class.
      state: What became of it.
      kept: The class that a sample which was set aside had before.
      suggestion: What it probably is; only of samples without a label, and only where suggestions are to leave.
      split: The part of the dataset that it belongs to; empty where there are no parts, or it has no label.
      giver: Who gave the label, or set the sample aside; nobody where that is not to leave, or not known.
      stem: What its picture's file is called in a dataset, without the suffix: different for every sample of the run.
    """

    sample_id: str
    file: str
    stem: str
    object: str = ""
    box: BoxCells | None = None
    picture_size: tuple[int, int] | None = None
    label: str | None = None
    state: State = "unlabeled"
    kept: str | None = None
    suggestion: Suggestion | None = None
    split: str = ""
    giver: Giver = NOBODY


class PictureSource(Protocol):
    """Where pictures come from."""

    def check(self, samples: Sequence[Sample]) -> None:
        """Refuses samples that have no picture there.

        Raises:
          DatasetError: If there are any.
        """

    def suffix(self, sample: Sample) -> str:
        """What the name of a sample's picture ends with, as `.jpg`.

        Raises:
          DatasetError: If it has none.
        """

    def put(self, sample: Sample, folder: Folder, name: str) -> None:
        """Puts a sample's picture into a folder.

        Raises:
          DatasetError: If it has none.
          OSError: If it cannot be written.
        """


@dataclass(frozen=True)
class Dataset:
    """All that a format is made of.

    Attributes:
      samples: All samples of the run, in its order.
      classes: The classes of the label column, in its order.
      columns: The run's metadata with all label columns: what a table holds.
      column: The label column.
      shares: The parts that it is split into, by name; empty for none.
      suggests: Whether suggestions are to leave.
      spreadsheet: Whether a table must hold nothing that a spreadsheet would run.
      annotations: The user's own annotation file or files, for formats that are written back.
      pictures: Where the samples' pictures are, for formats that hold them.
      giver_columns: Those of `columns` that tell who gave labels, and when; none where that is not to leave.
    """

    samples: Sequence[Sample]
    classes: Sequence[str]
    columns: Mapping[str, Sequence[str]]
    column: str
    shares: Mapping[str, float] = field(default_factory=dict)
    suggests: bool = False
    spreadsheet: bool = False
    annotations: GivenFiles | None = None
    pictures: PictureSource | None = None
    giver_columns: Collection[str] = ()

    def picture_name(self, sample: Sample) -> str:
        """What the file of a sample's picture is called in a dataset.

        Raises:
          DatasetError: If it has none.
        """
        if self.pictures is None:
            raise DatasetError("Nobody said where the images are.")
        return sample.stem + self.pictures.suffix(sample)

    @property
    def labeled(self) -> list[Sample]:
        """The samples with a label."""
        return [sample for sample in self.samples if sample.label is not None]

    @property
    def labeled_or_suggested(self) -> list[Sample]:
        """The samples with a label, or with a suggestion that is to leave."""
        return [sample for sample in self.samples if sample.label is not None or sample.suggestion is not None]


class File(NamedTuple):
    """A file of a dataset.

    Attributes:
      name: Below the dataset's folder, with forward slashes.
      content: Its bytes, or the sample whose picture it is.
    """

    name: str
    content: bytes | Sample


@dataclass(frozen=True)
class Written:
    """What a format makes of a dataset.

    Attributes:
      files: Its files, made one after the other; the only one of a format that is a file, whatever it is called.
      count: How many samples leave.
      notes: Sentences that the user should read.
    """

    files: Sequence[File]
    count: int
    notes: Sequence[str] = ()


class RunObject(NamedTuple):
    """A sample that is an object in a picture.

    Attributes:
      sample_id: Its name.
      file: The picture's file, as the run names it.
      object: The id of its annotation, or the number that this had when the run was exported.
      box: Where it is, in pixels of the upright picture; None where the run does not tell.
      picture_size: Width and height of that, where the run tells them.
    """

    sample_id: str
    file: str
    object: str
    box: Box | None = None
    picture_size: tuple[int, int] | None = None


class Drawn(NamedTuple):
    """A box as an annotation file has it.

    Attributes:
      box: The box; None where it is none that a sample could be made of.
      picture_size: Width and height of the picture, as the file tells them.
      in_shares: Whether the box is in shares of these, not in pixels.
    """

    box: Box | None
    picture_size: tuple[int, int] | None = None
    in_shares: bool = False


class Annotation(NamedTuple):
    """An object as an annotation file tells of it.

    Attributes:
      object: Its id, or its number.
      picture: The picture's file.
      file: The file of the picture's annotations, which shares its name but for the suffix; it counts where no picture
        of the run is meant by `picture`.
      drawn: Where it is, if it is known by that; None for one with an id of its own.
    """

    object: str
    picture: str = ""
    file: str = ""
    drawn: Drawn | None = None

    @property
    def name(self) -> str:
        """What to call it."""
        return f"{self.picture or self.file}#{self.object}"


class Given(NamedTuple):
    """What a dataset says of one sample, which it names in one of these ways.

    Attributes:
      label: The class; None where it says that there is none.
      sample_id: The sample's name; empty where it does not say.
      file: The picture's file.
      state: What became of it, where it says so.
      annotation: What the sample is made of, where that is an object in a picture.
    """

    label: str | None
    sample_id: str = ""
    file: str = ""
    state: State | None = None
    annotation: Annotation | None = None


@dataclass(frozen=True)
class Read:
    """What a dataset says.

    Attributes:
      given: Of each sample.
      notes: Sentences that the user should read.
      files: How pictures are named: by their `paths`, as the run names them, or by their bare `names` or `stems`, as
        in a dataset of ours (`names.picture_stems`).
    """

    given: Sequence[Given]
    notes: Sequence[str] = ()
    files: Literal["paths", "names", "stems"] = "paths"
