"""`tb-tsne export`: from a folder of images to a run, in one pass over the files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from exporters.decode import our_pixel_limit
from exporters.errors import ExportError, ExportUsageError
from exporters.features import BATCH, IM, FeatureStages, NetworkChoice, batches, check_stages
from exporters.images import ImageFile, LeftOut, find_images
from exporters.labels import FOLDERS, NONE, LabelFile, check_folders, describe_unknown, folder_labels
from exporters.metadata import FILE, LABEL, SAMPLE_ID, TRUE_LABEL, UNLABELED, Columns, clean_unique
from exporters.pixels import Bytes
from exporters.reader import Sample, read_samples
from exporters.run_writer import RunSummary, RunWriter
from exporters.sampling import StratifiedSample
from exporters.sprites import fitting_tile_side


@dataclass(frozen=True)
class ExportOptions:
    """What to export of a folder of images.

    Attributes:
        features: Stages, any of `pix`, `pre`, `im`.
        network: The network of `pre` and `im`.
        labels: `none`, `folders` (the first folder level), or a TSV file with `label` and `file` or `sample_id`.
        true_labels: Whether to write the folder names as `true_label` too, for evaluations.
        max_samples: At most so many images, drawn class by class in proportion; None takes all.
        seed: Seed of that draw.
    """

    features: Sequence[str] = (IM,)
    network: NetworkChoice = field(default_factory=NetworkChoice)
    labels: str = NONE
    true_labels: bool = False
    max_samples: int | None = 3000
    seed: int = 0


def export_images(images: Path, run_dir: Path, options: ExportOptions, progress: bool = False) -> RunSummary:
    """Exports a folder of images as a run.

    Every file is read and decoded once; what all outputs say about it comes from that one reading, and a file that
    cannot be used is in none of them. Images are in the order of their relative paths.

    Args:
        images: A flat folder, or one of class sub-folders.
        run_dir: The run's folder; an earlier export there is replaced whole and its labels kept (see
            `RunWriter.finish`).
        options: What to export.
        progress: Whether to show a progress bar on a terminal.

    Returns:
        What was written, and what was left out.

    Raises:
        ExportError: In one sentence, if anything is wrong; nothing is left half-written then.
    """
    stages = check_stages(options.features)
    if options.max_samples is not None and options.max_samples < 1:
        raise ExportUsageError("--max-samples must be a number from 1 on, or all.")
    label_file = LabelFile.read(Path(options.labels)) if options.labels not in (NONE, FOLDERS) else None
    listing = find_images(images)
    if options.labels == FOLDERS:
        check_folders(listing.images, "--labels folders", images)
    if options.true_labels:
        check_folders(listing.images, "--true-labels", images)
    sample = StratifiedSample(listing.images, options.max_samples, options.seed)
    with RunWriter(run_dir, stages) as writer:
        computed = FeatureStages(stages, options.network)
        left_out = list(listing.left_out)
        started = time.monotonic()
        files = _fill(writer, computed, sample, left_out, progress)
        if not files:
            first = left_out[0]
            raise ExportError(f"None of the {len(left_out):,} images can be used; {first.name}: {first.reason}.")
        columns = _columns(files, options, label_file)
        unknown = describe_unknown(label_file, columns[SAMPLE_ID], [file for _, file in files]) if label_file else None
        settings = _settings(images, options, computed) | {"seconds": round(time.monotonic() - started, 1)}
        left_out.sort(key=lambda file: file.name)
        return writer.finish(columns, settings, left_out, [unknown] if unknown else [])


def _fill(
    writer: RunWriter, computed: FeatureStages, sample: StratifiedSample, left_out: list[LeftOut], progress: bool
) -> list[tuple[str, ImageFile]]:
    """Reads, computes and writes batch by batch; the names of the samples, row by row."""
    written: list[tuple[str, ImageFile]] = []
    total = len(sample.chosen)
    if total == 0:
        return written
    samples = read_samples(sample, computed.wanted(fitting_tile_side(total)), left_out, 2 * BATCH)
    # disable=None hides the bar where standard error is no terminal; delay leaves short exports quiet.
    bar = tqdm(total=total, unit="image", delay=2.0, disable=None if progress else True)
    with our_pixel_limit(), bar:
        for batch in batches(samples, BATCH):
            writer.append(computed.compute([item.views for item in batch]), _tiles(batch))
            written += [(item.sample_id, item.file) for item in batch]
            bar.update(len(batch))
    return written


def _tiles(batch: Sequence[Sample]) -> list[Bytes]:
    return [item.views.tile for item in batch if item.views.tile is not None]


def _columns(samples: Sequence[tuple[str, ImageFile]], options: ExportOptions, label_file: LabelFile | None) -> Columns:
    ids, files = [name for name, _ in samples], [file for _, file in samples]
    if label_file is not None:
        labels = label_file.of(ids, files)
    else:
        labels = folder_labels(files) if options.labels == FOLDERS else [UNLABELED] * len(files)
    columns: Columns = {SAMPLE_ID: ids, FILE: clean_unique(file.name for file in files), LABEL: labels}
    if options.true_labels:
        columns[TRUE_LABEL] = folder_labels(files)
    return columns


def _settings(images: Path, options: ExportOptions, computed: FeatureStages) -> dict[str, object]:
    settings: dict[str, object] = {
        "made by": "tb-tsne export",
        "source": images.name or str(images),
        "features": ", ".join(computed.names),
        "labels": options.labels,
        "max samples": "all" if options.max_samples is None else options.max_samples,
        "seed": options.seed,
    }
    if computed.backbone is not None:
        settings["backbone"] = computed.backbone.name
    if computed.network is not None:
        weights = Path(options.network.weights).name
        settings |= {"weights": weights, "image size": computed.network.side}
        settings |= {"alpha": computed.network.alpha} if computed.network.alpha is not None else {}
    return settings
