"""The labels of a run's objects, as they go into the user's own annotations."""

from __future__ import annotations

from collections.abc import Sequence

from tb_tsne_plugin.datasets.annotated import AnnotatedSamples
from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.gathering import numbers_of
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.model import Annotation, Dataset, File, RunObject, Written
from tb_tsne_plugin.runs.class_names import clean_label, shown
from tb_tsne_plugin.runs.format import counted


class Relabeling:
    """Which class each annotation gets, and what became of them.

    Of an annotation whose object has no label, was set aside, or is not in the run, nothing is changed.
    """

    def __init__(self, dataset: Dataset, annotations: Sequence[Annotation], source: str) -> None:
        """Finds the samples that annotations are about.

        Args:
          dataset: The labels.
          annotations: All annotations.
          source: What they are called.

        Raises:
          DatasetError: If the run is one of whole pictures, or none of the annotations is about a sample of it.
        """
        objects = [sample for sample in dataset.samples if sample.object]
        if not objects:
            raise DatasetError(
                "The run is one of whole pictures, and these formats are about objects in pictures: take another "
                "format, or export the run with --objects."
            )
        found = AnnotatedSamples(
            RunObject(each.sample_id, each.file, each.object, numbers_of(each.box), each.picture_size)
            for each in objects
        ).find(annotations)
        self._ids, self._guessed = found
        if not any(self._ids):
            raise DatasetError(f"No annotation in {source} is about an object of the run: nothing was written.")
        self._labels = {each.sample_id: each.label for each in objects}
        self._by_box = any(each.drawn for each in annotations) and not self._guessed
        self._source = source
        self._changed = 0

    def change(self, place: int, current: str | None) -> str | None:
        """The class that an annotation gets; None where it keeps its own.

        Args:
          place: Which of the annotations it is.
          current: The class that it has.
        """
        label = self._labels.get(self._ids[place] or "")
        if label is None or label in (current, clean_label(current or "")):
            return None
        self._changed += 1
        return label

    def written(self, files: list[File]) -> Written:
        """What came of it; `files` are all annotation files."""
        met = {sample_id for sample_id in self._ids if sample_id is not None}
        labeled = [key for key, label in self._labels.items() if label is not None]
        absent = [key for key in labeled if key not in met]
        left = sum(self._labels[key] is None for key in met)
        notes = [*self._guessed, f"{counted(self._changed, 'annotation')} got another class."]
        if left:
            notes.append(f"{counted(left, 'object')} without a label kept the class that the annotation had.")
        if absent:
            gone = "whose box is no longer" if self._by_box else "not"
            notes.append(
                f"{counted(len(absent), 'labelled object')} {gone} in {self._source}, the first {shown(absent[0])}."
            )
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
