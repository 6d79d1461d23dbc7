"""From a run, its labels and what guidance suggests to the value that every format writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.model import BoxCells, Dataset, PictureSource, RunObject, Sample, Suggestion
from tb_tsne_plugin.datasets.names import picture_stems
from tb_tsne_plugin.datasets.splits import draw_splits
from tb_tsne_plugin.labels.model import NOBODY, SET_ASIDE, UNMARKED, Snapshot
from tb_tsne_plugin.labels.tables import giver_columns, labeled_columns
from tb_tsne_plugin.runs.boxes import Box, box_of_sides, size_of
from tb_tsne_plugin.runs.format import BOX, FILE, FILE_COLUMNS, OBJECT, PICTURE_SIZE
from tb_tsne_plugin.runs.metadata import Metadata


def gather(
    metadata: Metadata,
    labels: Mapping[str, Snapshot],
    snapshot: Snapshot,
    column: str,
    *,
    suggestions: Mapping[str, Suggestion] | None = None,
    shares: Mapping[str, float] | None = None,
    seed: int = 0,
    spreadsheet: bool = False,
    annotations: GivenFiles | None = None,
    pictures: PictureSource | None = None,
) -> Dataset:
    """All that a format is made of.

    Args:
      metadata: The run's metadata.
      labels: Labels and states for each label column.
      snapshot: Those of the label column that the dataset is about.
      column: Its name.
      suggestions: What samples without a label probably are, by sample id, where that is to leave.
      shares: The share of each part that the dataset is split into.
      seed: What is drawn for them.
      spreadsheet: Whether a table must hold nothing that a spreadsheet would run.
      annotations: The user's own annotations.
      pictures: Where the samples' pictures are.
    """
    names, by_class = snapshot.names(), {info.id: info.name for info in snapshot.classes}
    ids, files = metadata.sample_ids, files_of(metadata)
    objects, boxes, sizes = objects_of(metadata), boxes_of(metadata), _picture_sizes(metadata)
    parts: Mapping[str, str] = {}
    if shares:
        labeled = {sample_id: names[sample_id] for sample_id in ids if sample_id in names}
        parts = draw_splits(labeled, dict(zip(ids, files, strict=True)), shares, seed)
    samples = []
    for row, (sample_id, stem) in enumerate(zip(ids, picture_stems(files, ids), strict=True)):
        mark, label = snapshot.marks.get(sample_id, UNMARKED), names.get(sample_id)
        samples.append(
            Sample(
                sample_id,
                files[row],
                stem,
                objects[row],
                boxes[row] if boxes else None,
                sizes[row],
                label,
                mark.state,
                by_class.get(mark.class_id) if mark.class_id is not None and mark.state in SET_ASIDE else None,
                (suggestions or {}).get(sample_id) if label is None and mark.state not in SET_ASIDE else None,
                parts.get(sample_id, ""),
                (snapshot.givers or {}).get(sample_id, NOBODY),
            )
        )
    return Dataset(
        samples,
        [info.name for info in snapshot.classes],
        labeled_columns(metadata, labels),
        column,
        shares or {},
        suggestions is not None,
        spreadsheet,
        annotations,
        pictures,
        {name for names in giver_columns(labels, metadata.columns).values() for name in names},
    )


def files_of(metadata: Metadata) -> Sequence[str]:
    """The picture's file of each sample; the sample's name where the run names no files."""
    found = next((metadata.columns[name] for name in FILE_COLUMNS if name in metadata.columns), None)
    return metadata.columns.get(FILE, metadata.sample_ids if found is None else found)


def objects_of(metadata: Metadata) -> Sequence[str]:
    """The annotation that each sample is; empty ones in a run of whole pictures."""
    return metadata.columns[OBJECT] if has_objects(metadata) else [""] * len(metadata.sample_ids)


def run_objects(metadata: Metadata) -> Iterator[RunObject]:
    """The samples of a run as objects in pictures; those of a run of whole pictures have no annotation."""
    boxes, sizes = boxes_of(metadata), _picture_sizes(metadata)
    rows = zip(metadata.sample_ids, files_of(metadata), objects_of(metadata), strict=True)
    for row, (sample_id, file, annotation) in enumerate(rows):
        yield RunObject(sample_id, file, annotation, numbers_of(boxes[row]) if boxes else None, sizes[row])


def numbers_of(cells: BoxCells | None) -> Box | None:
    """A box of the run's metadata; None where it is none."""
    box = box_of_sides(cells or ())
    return box if isinstance(box, Box) else None


def boxes_of(metadata: Metadata) -> list[BoxCells] | None:
    """The boxes that samples are, as the metadata has them; None in a run of whole pictures."""
    if not has_objects(metadata):
        return None
    return [BoxCells(*cells) for cells in zip(*(metadata.columns[name] for name in BOX), strict=True)]


def _picture_sizes(metadata: Metadata) -> list[tuple[int, int] | None]:
    """How large the pictures are that samples are parts of, where the run tells it."""
    if not has_objects(metadata) or not all(name in metadata.columns for name in PICTURE_SIZE):
        return [None] * len(metadata.sample_ids)
    return [size_of(*cells) for cells in zip(*(metadata.columns[name] for name in PICTURE_SIZE), strict=True)]


def has_objects(metadata: Metadata) -> bool:
    """Whether samples are objects: a column `object` alone may mean anything."""
    return all(name in metadata.columns for name in (OBJECT, *BOX))
