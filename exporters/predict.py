"""`tb-tsne predict`: labels further images by a classifier that was saved from a run, in one pass over the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from exporters.chunks import pieces_of
from exporters.cluster import BACKENDS, LOCAL, RAY, RayReader
from exporters.errors import ExportError, ExportUsageError
from exporters.features.stages import FeatureStages
from exporters.images.decode import ignoring_metadata_warnings
from exporters.images.listing import Listing
from exporters.images.outcomes import Skipped, none_usable
from exporters.images.pages import with_pages
from exporters.images.read import local_reader
from exporters.images.sources import open_source
from exporters.prediction import features_file, table
from exporters.prediction.classifier import Classifier
from exporters.prediction.description import Description, Encoder
from exporters.prediction.encoder import check_encoder, open_encoder
from exporters.prediction.piece import Piece
from exporters.shards.folder import Shards, find_shards
from exporters.shards.shard import FEATURES
from tb_tsne_plugin.runs.folder import replacing_file


@dataclass(frozen=True)
class PredictionSummary:
    """What was predicted.

    Attributes:
        labeled: How many images of each class there seem to be.
        expected: What share of these labels should be right: their mean probability.
        skipped: Images that have no line in the table, and why.
        notes: Sentences that the user should read.
    """

    labeled: dict[str, int]
    expected: float
    skipped: Sequence[Skipped] = ()
    notes: Sequence[str] = ()


@ignoring_metadata_warnings()
def predict_images(
    images: str | Path,
    classifier: Path,
    out: Path,
    *,
    backbone: str | None = None,
    weights: str | None = None,
    backend: str = LOCAL,
    outside: bool = False,
    pages: bool = False,
    progress: bool = False,
) -> PredictionSummary:
    """Writes a table with the label that each image probably has; it is there whole or not at all.

    Images are read, decoded and computed some at a time: memory does not grow with their number but by their names.

    Args:
        images: As `export_images` takes them; or features: an .npy file, one row a sample, or shards.
        classifier: The folder that `tb-tsne labels classifier` made.
        out: The table's file.
        backbone: The network's name where it has another one here; see `open_encoder`.
        weights: The file of a Keras network's weights, where these are not ImageNet's.
        backend: Who reads images and computes features: `local`, or a `ray` cluster.
        outside: Whether links, and rows of a table, may lead out of the folder of the images.
        pages: Whether each page of a file is a sample of its own.
        progress: Whether to show a progress bar on a terminal.

    Returns:
        What was predicted.

    Raises:
        ExportError: In one sentence, if anything is wrong; an earlier table is then as it was.
    """
    if backend not in BACKENDS:
        raise ExportUsageError(f"--backend must be {LOCAL} or {RAY}.")
    if not out.parent.is_dir():
        raise ExportError(f"{out} cannot be written: there is no folder {out.parent}.")
    opened = Classifier(classifier)
    notes: Sequence[str] = ()
    if str(images).endswith(features_file.SUFFIX):
        rows = features_file.open_features(Path(images), opened.description.width)
        pieces, count = _of_features(rows), len(rows)
    elif (shards := find_shards(str(images))) is not None:
        check_shards(shards, opened.description)
        pieces, count = map(shards.read, range(shards.plan.shards)), shards.plan.images
    else:
        encoder = encoder_of(opened)
        listing = open_source(images, outside)
        listing = with_pages(listing) if pages else listing
        if not listing.images:
            raise none_usable(listing.skipped)
        computed = open_encoder(encoder, backbone, weights)
        pieces, count = _of_images(listing, encoder, computed, backend), len(listing.images)
        notes = [*filter(None, [opened.description.note]), *listing.notes]
    # disable=None hides the bar where standard error is no terminal; delay leaves short ones quiet.
    with tqdm(total=count, unit="image", delay=2.0, disable=None if progress else True) as bar:
        return replace(_write(opened, pieces, out, bar), notes=notes)


def encoder_of(classifier: Classifier) -> Encoder:
    """What computes a classifier's features.

    Raises:
        ExportError: If that is not known.
    """
    encoder = classifier.description.encoder
    if encoder is None:
        raise ExportError(f"{classifier.path} cannot label images. {classifier.description.note}".rstrip())
    return encoder


def check_shards(shards: Shards, description: Description) -> None:
    """Refuses shards that are no features for a classifier.

    Raises:
        ExportError: If they are none.
    """
    plan = shards.plan
    if plan.holds != FEATURES:
        raise ExportError(f"{shards.storage} holds labels: name shards of features, or images.")
    shards.check_whole()
    if plan.width != description.width:
        raise ExportError(
            f"{shards.storage} has features of width {plan.width:,}, the classifier takes {description.width:,}: "
            "compute them as those of the run whose labels it was learned from."
        )
    if plan.encoder is not None and description.encoder is not None:
        check_encoder(plan.encoder, description.encoder)


def _of_images(listing: Listing, encoder: Encoder, computed: FeatureStages, backend: str) -> Iterator[Piece]:
    spec = replace(computed.input, intensity=encoder.shown)
    read = RayReader(computed, spec) if backend == RAY else local_reader(spec)
    yield Piece([], None, listing.skipped)
    yield from pieces_of(computed, read(listing.images))


def _of_features(features: npt.NDArray[np.generic]) -> Iterator[Piece]:
    row = 0
    for rows in features_file.pieces(features):
        names = [str(number) for number in range(row, row + len(rows))]
        row += len(rows)
        yield Piece(list(zip(names, names, strict=True)), rows, [])


def _write(classifier: Classifier, pieces: Iterable[Piece], out: Path, bar: tqdm[Any]) -> PredictionSummary:
    """Writes the table."""
    classes = classifier.description.classes
    counts, expected = np.zeros(len(classes), np.int64), 0.0
    skipped: list[Skipped] = []
    try:
        with replacing_file(out) as file:
            file.write(table.header())
            for piece in pieces:
                names, features, others = piece.finite()
                skipped += others
                if features is not None:
                    probabilities = classifier.probabilities(features)
                    file.writelines(table.lines(names, classes, probabilities))
                    counts += np.bincount(probabilities.argmax(axis=1), minlength=len(classes))
                    expected += float(probabilities.max(axis=1).sum())
                bar.update(len(piece.names))
            if not counts.any():
                raise none_usable(skipped)
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror}.") from error
    return PredictionSummary(
        dict(zip(classes, counts.tolist(), strict=True)), expected / int(counts.sum()), sorted(skipped)
    )
