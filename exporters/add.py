"""`tb-tsne add`: new images join a run that `tb-tsne export` made. What it has stays: rows, ids, labels, metadata."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from exporters.chunks import chunks
from exporters.errors import ExportUsageError
from exporters.export import file_columns, places
from exporters.first_labels import FOLDERS, NONE, FirstLabels, LabelFile, folder_labels
from exporters.images.decode import ignoring_metadata_warnings
from exporters.images.identity import earlier_sample_id, file_sample_id
from exporters.images.listing import ImageFile, Listing, describe_kinds
from exporters.images.outcomes import Outcome, Sample, Skipped, none_usable
from exporters.images.pages import with_pages
from exporters.images.read import local_reader, map_ahead, read_sample
from exporters.images.sample import Picked, StratifiedSample
from exporters.images.sources import Source, describe, open_source
from exporters.prediction.recipe import Recipe, for_run, open_recipe
from exporters.run.archive import PICTURE_SIDE
from exporters.run.folder import finish_publishing
from exporters.run.metadata import Columns
from exporters.run.report import ADDED, PAGES, PICTURE_SIZE
from exporters.run.sprites import fitting_tile_side
from exporters.run.standing import StandingRun
from exporters.run.tiles import PAGE
from exporters.run.writer import RunWriter
from tb_tsne_plugin.runs.format import (
    FILE,
    LABEL,
    SAMPLE_ID,
    SOURCE,
    TRUE_LABEL,
    UNLABELED,
    counted,
    unused_name,
)

BOOKMARKS_GONE = "Positions that tb-tsne embed kept for the stock Projector are of the images before: run it again."


@dataclass(frozen=True)
class AddOptions:
    """What to add to a run, and how.

    Attributes:
        labels: `none`, `folders` (the first folder level), or a table with `label` and `file` or `sample_id`; None for
            what the run was exported with, if that was none or folders.
        max_samples: At most so many newcomers, drawn class by class in proportion; None takes all.
        seed: Seed of that draw.
        backbones: Names of the run's networks where these have other ones here, as `onnx:FILE`.
        weights: The file of a Keras network's weights, where these are not ImageNet's.
        outside: Whether links, and rows of a table, may lead out of the folder of the images.
    """

    labels: str | None = None
    max_samples: int | None = None
    seed: int = 0
    backbones: Sequence[str] = ()
    weights: str | None = None
    outside: bool = False


@dataclass(frozen=True)
class AddSummary:
    """What was added.

    Attributes:
        run_dir: The run's folder.
        added: How many images are in the run now that were not before.
        images: How many it has now.
        already: How many of the images it had already.
        not_drawn: How many were left where they are by `max_samples`.
        skipped: Images that could not be used, and why.
        passed_over: How many files among the images were of other kinds, by kind.
        notes: Sentences that the user should read.
    """

    run_dir: Path
    added: int
    images: int
    already: int = 0
    not_drawn: int = 0
    skipped: Sequence[Skipped] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def others(self) -> str:
        """What became of the images that were not added, in words; empty where there are none."""
        parts = [f"{counted(self.already, 'image')} already there"] if self.already else []
        parts += [f"{len(self.skipped):,} left out"] if self.skipped else []
        parts += [f"{self.not_drawn:,} not drawn (--max-samples)"] if self.not_drawn else []
        parts += [f"of other kinds passed over: {describe_kinds(self.passed_over)}"] if self.passed_over else []
        return ", ".join(parts)


class _Newcomers:
    """Tells newcomers from images that the run has, by their sample ids."""

    def __init__(self, ids: Sequence[str]):
        self._known = set(ids)
        self.already = 0

    def of(self, images: Sequence[ImageFile]) -> list[int]:
        """The places of those that the run does not have, as far as their bytes tell; none is decoded."""
        found = []
        for place, is_known in enumerate(map_ahead(self._is_known, images)):
            if is_known:
                self.already += 1
            else:
                found.append(place)
        return found

    def only(self, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
        """Outcomes but those of images that the run has after all, or that came before."""
        for outcome in outcomes:
            if isinstance(outcome, Sample):
                if not self._known.isdisjoint({outcome.sample_id, outcome.earlier_id} - {""}):
                    self.already += 1
                    continue
                self._known.add(outcome.sample_id)
            yield outcome

    def _is_known(self, image: ImageFile) -> bool:
        try:
            content = image.content()
        except OSError:  # who reads it says why
            return False
        return file_sample_id(image, content) in self._known or earlier_sample_id(image, content) in self._known


@ignoring_metadata_warnings()
def add_images(
    images: Source, run_dir: Path, options: AddOptions | None = None, progress: bool = False, resume: bool = False
) -> AddSummary:
    """Adds images to a run.

    Only newcomers are computed, in the way that the run's report tells; an image that the run has, by its sample id, is
    passed over. They come behind the rows that there are. Killed at any moment, the folder holds the run as it was, the
    whole new one, or a run that nobody lists and that the next `add_images` into it completes.

    Args:
        images: A folder, or anything else that `open_source` reads.
        run_dir: The run's folder.
        options: What to add.
        progress: Whether to show a progress bar on a terminal.
        resume: Whether to go on with the same addition that was interrupted here.

    Returns:
        What was added.

    Raises:
        ExportError: In one sentence, if anything is wrong; the run is as it was then.
    """
    options = options or AddOptions()
    if options.max_samples is not None and options.max_samples < 1:
        raise ExportUsageError("--max-samples must be a number from 1 on, or all.")
    finish_publishing(run_dir)
    standing = StandingRun(run_dir)
    labels = _labels_of(options, standing)
    label_file = None if labels in (NONE, FOLDERS) else LabelFile.read(Path(labels))
    listing = open_source(images, options.outside)
    listing = with_pages(listing) if standing.report.settings.get(PAGES) else listing
    if not listing.images:
        raise none_usable(listing.skipped)
    newcomers = _Newcomers(standing.ids)
    new = Picked(listing.images, newcomers.of(listing.images))
    sample = StratifiedSample(new, options.max_samples, options.seed)
    if not len(new):
        return _nothing_new(standing, listing, newcomers)
    tensors = list(standing.report.tensors)
    recipe = open_recipe(standing.report.settings, tensors, options.backbones, options.weights)
    full_side = standing.report.settings.get(PICTURE_SIZE, PICTURE_SIDE) if standing.has_archive else None
    tile_side = fitting_tile_side(standing.rows + len(sample.chosen))
    spec = for_run(recipe.spec, tile_side, standing.page_side, full_side if isinstance(full_side, int) else None)
    plan = _plan(listing, options, standing)
    with RunWriter(run_dir, tensors, spec, plan, resume, standing) as writer:
        started = time.monotonic()
        _stream(writer, recipe, newcomers, sample, progress)
        rows, skipped = writer.journal.rows, [*listing.skipped, *writer.journal.skipped]
        if not rows and skipped:
            raise none_usable(skipped)
        if not rows:
            return _nothing_new(standing, listing, newcomers)
        files = Picked(listing.images, places(rows, listing.images))
        ids = [row.sample_id for row in rows]
        first = FirstLabels([UNLABELED] * len(ids), []) if labels == NONE else folder_labels(files)
        first = first if label_file is None else label_file.of(ids, files)
        columns = _columns(ids, files, first, standing)
        not_drawn = len(new) - len(sample.chosen)
        notes = [*listing.notes, *first.notes, *([BOOKMARKS_GONE] if standing.has_bookmarks else [])]
        addition = {SOURCE: describe(images), "images": len(rows), "seconds": round(time.monotonic() - started, 1)}
        before = standing.report.settings.get(ADDED)
        settings = {**standing.report.settings, ADDED: [*(before if isinstance(before, list) else []), addition]}
        whole = writer.join(columns, settings, sorted(skipped), notes, listing.passed_over, not_drawn)
        return AddSummary(
            run_dir, len(rows), whole.images, newcomers.already, not_drawn, sorted(skipped), listing.passed_over, notes
        )


def _stream(writer: RunWriter, recipe: Recipe, newcomers: _Newcomers, sample: StratifiedSample, progress: bool) -> None:
    """Reads newcomers, computes their features and writes both, chunk by chunk; goes on where it was."""
    usable = {row.name for row in writer.journal.rows}
    skipped = {image.name for image in writer.journal.skipped}
    outcomes = newcomers.only(read_sample(sample, local_reader(writer.spec), usable, skipped))
    # disable=None hides the bar where standard error is no terminal; delay leaves short ones quiet.
    bar: tqdm[Any] = tqdm(
        total=len(sample.chosen), initial=len(usable), unit="image", delay=2.0, disable=None if progress else True
    )
    # Writing a chunk overlaps with reading and computing the next.
    with bar, ThreadPoolExecutor(1, thread_name_prefix="writer") as pool:
        pending: Future[None] | None = None
        for chunk in chunks(outcomes, PAGE if usable else writer.first_chunk):
            features = recipe.compute([sample.renditions for sample in chunk.samples]) if chunk.samples else {}
            if pending is not None:
                pending.result()
            pending = pool.submit(writer.append, features, chunk.samples, chunk.skipped)
            bar.update(len(chunk.samples))
        if pending is not None:
            pending.result()


def _labels_of(options: AddOptions, standing: StandingRun) -> str:
    if options.labels is not None:
        return options.labels
    return FOLDERS if standing.report.settings.get("labels") == FOLDERS else NONE


def _columns(ids: list[str], files: Sequence[ImageFile], first: FirstLabels, standing: StandingRun) -> Columns:
    """The newcomers' metadata. Their files have names of their own: two of one name would be parts of one picture."""
    columns, _ = file_columns(files)
    taken = set(standing.files)
    for number, cell in enumerate(columns[FILE]):
        columns[FILE][number] = unused_name(cell, taken)
        taken.add(columns[FILE][number])
    return {SAMPLE_ID: ids, **columns, LABEL: first.labels, TRUE_LABEL: folder_labels(files).labels}


def _nothing_new(standing: StandingRun, listing: Listing, newcomers: _Newcomers) -> AddSummary:
    return AddSummary(
        standing.path, 0, standing.rows, newcomers.already, 0, listing.skipped, listing.passed_over, listing.notes
    )


def _plan(listing: Listing, options: AddOptions, standing: StandingRun) -> dict[str, object]:
    """All that rows and features depend on: an interrupted addition goes on only where none of it has changed."""
    return {
        "images": listing.fingerprint,
        "the run": standing.fingerprint,
        "--max-samples": options.max_samples,
        "--seed": options.seed,
        "--backbone": ", ".join(options.backbones),
        "--weights": options.weights,
    }
