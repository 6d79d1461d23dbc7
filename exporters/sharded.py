"""Features, and predicted labels, of very many images: shard by shard, by this machine or a Ray cluster.

Whoever makes a shard writes it, so that no more than a count comes back, and only names or numbers of rows go there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from exporters.chunks import pieces_of
from exporters.cluster import BACKENDS, LOCAL, RAY, map_on_ray, started_ray
from exporters.errors import ExportError, ExportUsageError
from exporters.features.stages import FeatureStages
from exporters.images.decode import ignoring_metadata_warnings
from exporters.images.listing import ImageFile, Listing
from exporters.images.outcomes import Skipped, none_usable
from exporters.images.pages import with_pages
from exporters.images.read import local_reader, serial_reader
from exporters.images.sources import open_source
from exporters.images.storage import Storage
from exporters.objects.grid import list_grid, parse_grid
from exporters.predict import check_shards, encoder_of
from exporters.prediction import recipe
from exporters.prediction.classifier import Classifier
from exporters.prediction.description import Encoder
from exporters.prediction.encoder import CLASSIFIER, RUN, Owner, open_encoder
from exporters.prediction.piece import Piece
from exporters.run.report import PAGES, TILES, read_report
from exporters.shards.folder import Plan, Shards, find_shards
from exporters.shards.shard import FEATURES, Told, features_shard, labels_shard, shard_name
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import OBJECTS

ROWS = 4096
"""Images of a shard."""
LISTED = 1000
"""How many of the images left out are told by name."""


@dataclass
class ShardsSummary:
    """What a folder of shards holds now.

    Attributes:
        place: The folder.
        shards: How many shards there are.
        already: How many of them were there before.
        rows: How many samples they have.
        width: Features a sample; 0 of labels.
        labeled: Of labels, how many samples of each class there seem to be.
        right: Of labels, how many of them should be right: the sum of their probabilities.
        left_out: How many images have no row.
        skipped: The first of them, and why.
        notes: Sentences that the user should read.
        noun: What a sample is called.
    """

    place: str
    shards: int
    already: int = 0
    rows: int = 0
    width: int = 0
    labeled: Counter[str] = field(default_factory=Counter)
    right: float = 0.0
    left_out: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    notes: Sequence[str] = ()
    noun: str = "image"

    def count(self, told: Told) -> None:
        """Adds what a shard tells."""
        self.right += told.expected
        self.rows += told.rows
        self.labeled.update(told.labeled)
        self.leave_out(told.skipped)

    def leave_out(self, skipped: Sequence[Skipped]) -> None:
        """Adds images without a row."""
        self.left_out += len(skipped)
        self.skipped += skipped[: LISTED - len(self.skipped)]


class _Images:
    """Computes the features of images; where it is sent to, the network is opened anew."""

    def __init__(self, encoder: Encoder, backbone: str | None, weights: str | None, owner: Owner, alone: bool):
        self._settings = encoder, backbone, weights, owner, alone

    def __reduce__(self) -> tuple[Any, ...]:
        return _Images, self._settings

    @cached_property
    def computed(self) -> FeatureStages:
        return open_encoder(*self._settings[:4])

    def __call__(self, images: Sequence[ImageFile]) -> Iterator[Piece]:
        encoder, *_, alone = self._settings
        spec = replace(self.computed.input, intensity=encoder.shown)
        return pieces_of(self.computed, (local_reader if alone else serial_reader)(spec)(images))


class _Made:
    """Features that were made already, of the shards with some numbers."""

    def __init__(self, shards: Shards):
        self._shards = shards

    def __call__(self, numbers: Iterable[int]) -> Iterator[Piece]:
        return map(self._shards.read, numbers)


class _Work:
    """Makes a shard: what happens on whatever machine."""

    def __init__(self, shards: Shards, rows: _Images | _Made, classifier: Classifier | None):
        self._shards = shards
        self._rows = rows
        self._classifier = classifier

    @ignoring_metadata_warnings()
    def __call__(self, task: tuple[int, Any]) -> Told:
        number, items = task
        names: list[tuple[str, str]] = []
        skipped: list[Skipped] = []
        found = []
        for piece in self._rows(items):
            names_of, features, others = piece.finite()
            names += names_of
            skipped += others
            if features is not None:
                found.append(features if self._classifier is None else self._classifier.probabilities(features))
        classes = [] if self._classifier is None else self._classifier.description.classes
        width = self._shards.plan.width if self._classifier is None else len(classes)
        rows = np.concatenate([np.zeros((0, width), np.float32), *found])
        if self._classifier is None:
            content, told = features_shard(names, rows, skipped)
        else:
            content, told = labels_shard(names, classes, rows, skipped)
        self._shards.replace(shard_name(number), content)
        return told


def compute_shards(
    run_dir: Path,
    images: str | Path,
    place: str,
    *,
    tensor: str | None = None,
    backbone: str | None = None,
    weights: str | None = None,
    backend: str = LOCAL,
    outside: bool = False,
    progress: bool = False,
) -> ShardsSummary:
    """Computes features of further images as those of a run, in shards; goes on where it was interrupted.

    Args:
        run_dir: The run; where its samples are tiles or pages, so are these.
        images: As `export_images` takes them.
        place: The folder of the shards, or its address.
        tensor: Which features of the run; None for the first.
        backbone: The network's name where it has another one here; see `open_encoder`.
        weights: The file of a Keras network's weights, where these are not ImageNet's.
        backend: Who makes shards: `local`, or a `ray` cluster.
        outside: Whether links, and rows of a table, may lead out of the folder of the images.
        progress: Whether to show a progress bar on a terminal.

    Raises:
        ExportError: In one sentence, if anything is wrong; the shards that were made stay.
    """
    _check_backend(backend)
    try:
        report = read_report(Folder(run_dir))
    except (OSError, ExportError) as error:
        raise ExportError(f"{run_dir} is no run that tb-tsne export made.") from error
    name = tensor or next(iter(report.tensors))
    if name not in report.tensors:
        raise ExportUsageError(f"{run_dir} has no features {name}; it has {', '.join(report.tensors)}.")
    encoder = recipe.encoder_of(report.settings, name)
    rows = _Images(encoder, backbone, weights, RUN, backend == LOCAL)
    listing = _listed(images, outside, report.settings)
    depends = {"images": listing.fingerprint, "features": name, "rows of a shard": ROWS}
    plan = Plan(
        holds=FEATURES,
        shards=-(-len(listing.images) // ROWS),
        images=len(listing.images),
        depends=depends,
        width=report.tensors[name][1],
        encoder=encoder,
    )
    return _make(Shards(Storage(place), plan), rows, None, listing, backend, progress)


def predict_shards(
    images: str | Path,
    classifier: Path,
    place: str,
    *,
    backbone: str | None = None,
    weights: str | None = None,
    backend: str = LOCAL,
    outside: bool = False,
    pages: bool = False,
    progress: bool = False,
) -> ShardsSummary:
    """Predicts labels in shards, with the columns of the table of predictions; goes on where it was interrupted.

    Args:
        images: As `export_images` takes them, or shards of features.
        classifier: The folder that `tb-tsne labels classifier` made.
        place: The folder of the shards, or its address.
        backbone: As for `predict_images`, as all that follows.
        weights: As there.
        backend: As there.
        outside: As there.
        pages: As there.
        progress: As there.

    Raises:
        ExportError: In one sentence, if anything is wrong; the shards that were made stay.
    """
    _check_backend(backend)
    opened = Classifier(classifier)
    depends: dict[str, Any] = {"classifier": opened.description.model_sha256}
    features = find_shards(str(images))
    if features is not None:
        check_shards(features, opened.description)
        depends |= {"features": features.fingerprint}
        plan = Plan(holds="labels", shards=features.plan.shards, images=features.plan.images, depends=depends)
        return _make(Shards(Storage(place), plan), _Made(features), opened, None, backend, progress)
    encoder = encoder_of(opened)
    rows = _Images(encoder, backbone, weights, CLASSIFIER, backend == LOCAL)
    listing = _listed(images, outside, {PAGES: pages})
    depends |= {"images": listing.fingerprint, "rows of a shard": ROWS}
    listing = replace(listing, notes=[*filter(None, [opened.description.note]), *listing.notes])
    count = len(listing.images)
    plan = Plan(holds="labels", shards=-(-count // ROWS), images=count, depends=depends)
    return _make(Shards(Storage(place), plan), rows, opened, listing, backend, progress)


def _check_backend(backend: str) -> None:
    if backend not in BACKENDS:
        raise ExportUsageError(f"--backend must be {LOCAL} or {RAY}.")


def _listed(images: str | Path, outside: bool, settings: Any) -> Listing:
    """The images, cut as the settings of a run say."""
    if OBJECTS in settings:
        raise ExportError("Features of further images are those of whole pictures or tiles, and the run has objects.")
    tiles = settings.get(TILES)
    listing = open_source(images, outside, tiles is not None)
    if settings.get(PAGES):
        listing = with_pages(listing)
    if tiles is not None:
        listing = list_grid(parse_grid(str(tiles)), listing, settings.get("skip blank") is True)
    if not listing.images:
        raise none_usable(listing.skipped, listing.noun)
    return listing


def _make(
    shards: Shards,
    rows: _Images | _Made,
    classifier: Classifier | None,
    listing: Listing | None,
    backend: str,
    progress: bool,
) -> ShardsSummary:
    """Makes the shards that are not there yet."""
    # What is wrong with a network, or a cluster, is said before anything is written.
    if isinstance(rows, _Images):
        _ = rows.computed
    if backend == RAY:
        started_ray()
    plan = shards.plan
    there = shards.begin()
    summary = ShardsSummary(str(shards.storage), plan.shards, len(there), width=plan.width if classifier is None else 0)
    if listing is not None:
        summary.leave_out(listing.skipped)
        summary.notes, summary.noun = listing.notes, listing.noun
    for told in there.values():
        summary.count(told)

    def tasks() -> Iterator[tuple[int, Any]]:
        for number in range(plan.shards):
            if number not in there:
                first = number * ROWS
                yield number, [number] if listing is None else listing.images[first : first + ROWS]

    work = _Work(shards, rows, classifier)
    # disable=None hides the bar where standard error is no terminal; delay leaves short ones quiet.
    hidden = None if progress else True
    with tqdm(total=plan.images, initial=summary.rows, unit="image", delay=2.0, disable=hidden) as bar:
        for told in map_on_ray(work, tasks()) if backend == RAY else map(work, tasks()):
            summary.count(told)
            bar.update(told.rows + len(told.skipped))
    shards.storage.tidy()
    if not summary.rows:
        raise none_usable(summary.skipped, summary.noun)
    return summary
