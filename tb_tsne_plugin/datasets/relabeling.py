"""The labels of a run's objects, as they go into the user's own annotations."""

from __future__ import annotations

from collections.abc import Iterable

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import AnnotatedSamples
from tb_tsne_plugin.datasets.model import Dataset, File, Written
from tb_tsne_plugin.runs.class_names import clean_label, shown
from tb_tsne_plugin.runs.format import counted


class Relabeling:
    """Which class each annotation gets, and what became of them.

    Of an annotation whose object has no label, was set aside, or is not in the run, nothing is changed.
    """

    def __init__(self, dataset: Dataset) -> None:
        """Takes the labels.

        Raises:
          DatasetError: If the run is one of whole pictures.
        """
        objects = [sample for sample in dataset.samples if sample.object]
        if not objects:
            raise DatasetError(
                "The run is one of whole pictures, and these formats are about objects in pictures: take another "
                "format, or export the run with --objects."
            )
        self._samples = AnnotatedSamples((each.sample_id, each.file, each.object) for each in objects)
        self._labels = {each.sample_id: each.label for each in objects}
        self._of_picture: dict[str, dict[str, str]] = {}
        self._of_file: dict[str, dict[str, str]] = {}
        self._met: set[str] = set()
        self._changed = 0

    def look_up(self, pictures: Iterable[str] = (), annotations: Iterable[str] = ()) -> None:
        """Finds the samples of all pictures that there are annotations of.

        Args:
          pictures: The pictures' files.
          annotations: The files of their annotations, which share their names but for the suffix.
        """
        self._of_picture = self._samples.of(pictures)
        self._of_file = self._samples.of(annotations, by_stem=True)

    def change(self, annotation: str, current: str | None, picture: str = "", file: str = "") -> str | None:
        """The class that an annotation gets; None where it keeps its own.

        Args:
          annotation: The annotation's id.
          current: The class that it has.
          picture: The picture's file, as looked up.
          file: The file of its annotations, as looked up: it counts where no picture of the run is meant by the other.
        """
        sample_id = (self._of_picture.get(picture) or self._of_file.get(file, {})).get(annotation)
        if sample_id is None:
            return None
        self._met.add(sample_id)
        label = self._labels[sample_id]
        if label is None or label in (current, clean_label(current or "")):
            return None
        self._changed += 1
        return label

    def written(self, files: list[File], source: str) -> Written:
        """What came of it.

        Args:
          files: All annotation files.
          source: What they are called.

        Raises:
          DatasetError: If none of the annotations is about a sample of the run.
        """
        if not self._met:
            raise DatasetError(f"No annotation in {source} is about an object of the run: nothing was written.")
        labeled = [key for key, label in self._labels.items() if label is not None]
        absent = [key for key in labeled if key not in self._met]
        left = sum(self._labels[key] is None for key in self._met)
        notes = [f"{counted(self._changed, 'annotation')} got another class."]
        if left:
            notes.append(f"{counted(left, 'object')} without a label kept the class that the annotation had.")
        if absent:
            notes.append(f"{counted(len(absent), 'labelled object')} not in {source}, the first {shown(absent[0])}.")
        return Written(files, len(labeled) - len(absent), notes)


def annotations_of(dataset: Dataset) -> GivenFiles:
    """The user's own annotations.

    Raises:
      DatasetError: If nobody said where they are.
    """
    if dataset.annotations is None:
        raise DatasetError(
            "Only the classes of your own annotations are written: say with --objects SCHEME:PATH where they are."
        )
    return dataset.annotations
