"""`tb-tsne predict`: labels further images by a classifier that was saved from a run, in one pass over the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from exporters.chunks import chunks, features_of
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
from exporters.prediction.description import Encoder
from exporters.prediction.encoder import open_encoder
from tb_tsne_plugin.runs.folder import replacing_file

NOT_FINITE = "its features are not finite"


class Piece(NamedTuple):
    """Some samples: id and file of each, (n, D) features if there are any, and what was skipped between them."""

    names: list[tuple[str, str]]
    features: npt.NDArray[np.float32] | None
    skipped: list[Skipped]

    def finite(self) -> Piece:
        """The same with finite features only; the others are skipped."""
        if self.features is None:
            return self
        rows = np.asarray(np.isfinite(self.features).all(axis=1))
        names, others = [], list(self.skipped)
        for name, is_finite in zip(self.names, rows, strict=True):
            if is_finite:
                names.append(name)
            else:
                others.append(Skipped(name[1], NOT_FINITE))
        return Piece(names, self.features[rows], others)


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
        images: As `export_images` takes them; or an .npy file of features, one row a sample.
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
    else:
        encoder = opened.description.encoder
        if encoder is None:
            raise ExportError(f"{classifier} cannot label images. {opened.description.note}".rstrip())
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


def _of_images(listing: Listing, encoder: Encoder, computed: FeatureStages, backend: str) -> Iterator[Piece]:
    spec = replace(computed.input, intensity=encoder.shown)
    read = RayReader(computed, spec) if backend == RAY else local_reader(spec)
    (tensor,) = computed.tensors
    yield Piece([], None, listing.skipped)
    for chunk in chunks(read(listing.images)):
        names = [(sample.sample_id, sample.name) for sample in chunk.samples]
        yield Piece(names, features_of(computed, chunk.samples).get(tensor), chunk.skipped)


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
