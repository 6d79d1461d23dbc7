"""`tb-tsne export`: from images to a run, in one pass over the files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from exporters.cluster import BACKENDS, LOCAL, RAY, RayReader
from exporters.decode import our_pixel_limit
from exporters.errors import ExportError, ExportUsageError
from exporters.events import event_file_name
from exporters.features import AHEAD, SHOWN, FeatureStages, NetworkChoice, batches, check_stages
from exporters.images import ImageFile, LeftOut, Listing
from exporters.labels import FOLDERS, NONE, LabelFile, check_folders, describe_unknown, folder_labels
from exporters.metadata import FILE, LABEL, SAMPLE_ID, TRUE_LABEL, UNLABELED, Columns, clean_unique
from exporters.pages import PAGE, PICTURE_SIDE, larger_tile_side
from exporters.pixels import Views, Wanted
from exporters.progress import TrainingWatch
from exporters.reader import LocalReader, Outcome, Sample, read_samples
from exporters.run_writer import RunSummary, RunWriter
from exporters.sampling import StratifiedSample
from exporters.sources import Source, describe, open_source
from exporters.sprites import fitting_tile_side
from exporters.trained import IM, Checkpoint
from exporters.training import History, TrainingOptions


@dataclass(frozen=True)
class ExportOptions:
    """What to export of a folder of images.

    Attributes:
        features: Stages, any of `pix`, `pre`, `rn`, `im`, `tf`, `tr`.
        network: The network of all but `pix`.
        labels: `none`, `folders` (the first folder level), or a TSV file with `label` and `file` or `sample_id`.
        true_labels: Whether to write the folder names as `true_label` too, for evaluations.
        max_samples: At most so many images, drawn class by class in proportion; None takes all.
        seed: Seed of that draw.
        training: How `rn`, `tf` and `tr` are trained.
        picture_size: Longest side, in pixels, of the pictures kept for looking at; 0 keeps none.
        backend: Who reads images and computes streamed stages: `local` threads, or a `ray` cluster.
    """

    features: Sequence[str] = (IM,)
    network: NetworkChoice = field(default_factory=NetworkChoice)
    labels: str = NONE
    true_labels: bool = False
    max_samples: int | None = 3000
    seed: int = 0
    training: TrainingOptions = field(default_factory=TrainingOptions)
    picture_size: int = PICTURE_SIDE
    backend: str = LOCAL


Reader: TypeAlias = "Callable[[Sequence[ImageFile]], Iterable[tuple[ImageFile, Outcome]]]"


class Chunk(NamedTuple):
    """Consecutive samples on their way into the run.

    Attributes:
        features: (n, D) by streamed stage.
        views: What there is of their n pictures.
        rows: (name, sample id) of each.
        left_out: (name, reason) of each image that was read between them and cannot be used.
    """

    features: dict[str, npt.NDArray[np.float32]]
    views: list[Views]
    rows: list[tuple[str, str]]
    left_out: list[tuple[str, str]]


def export_images(
    images: Source, run_dir: Path, options: ExportOptions, progress: bool = False, resume: bool = False
) -> RunSummary:
    """Exports images as a run.

    Every file is read and decoded once; what all outputs say about it comes from that one reading, and a file that
    cannot be used is in none of them. Images are in the order of their relative paths.

    Args:
        images: A folder, or anything else that `open_source` reads.
        run_dir: The run's folder; an earlier export there is replaced whole and its labels kept (see
            `RunWriter.finish`).
        options: What to export.
        progress: Whether to show progress bars on a terminal.
        resume: Whether to go on with an export of the same images and options that was interrupted here; where there
            is none, it begins at the beginning.

    Returns:
        What was written, and what was left out.

    Raises:
        ExportError: In one sentence, if anything is wrong; nothing is left half-written then.
    """
    stages = check_stages(options.features)
    if options.max_samples is not None and options.max_samples < 1:
        raise ExportUsageError("--max-samples must be a number from 1 on, or all.")
    if options.backend not in BACKENDS:
        raise ExportUsageError(f"--backend must be {LOCAL} or {RAY}.")
    label_file = LabelFile.read(Path(options.labels)) if options.labels not in (NONE, FOLDERS) else None
    listing = open_source(images)
    if options.labels == FOLDERS:
        check_folders(listing.images, "--labels folders", describe(images))
    if options.true_labels:
        check_folders(listing.images, "--true-labels", describe(images))
    sample = StratifiedSample(listing.images, options.max_samples, options.seed)
    computed = FeatureStages(stages, options.network, options.training)
    wanted = _wanted(sample.chosen, computed, options)
    shown = sorted(stages, key=SHOWN.index)
    with RunWriter(run_dir, shown, wanted, _plan(listing, options, computed, wanted), resume) as writer:
        if writer.summary is not None:
            return writer.summary
        started = time.monotonic()
        left_out = list(listing.left_out)
        reader: Reader = RayReader(computed, wanted) if options.backend == RAY else LocalReader(wanted, AHEAD)
        rows = _stream(writer, computed, sample, reader, left_out, progress)
        if not rows:
            first = left_out[0]
            raise ExportError(f"None of the {len(left_out):,} images can be used; {first.name}: {first.reason}.")
        training = _train(writer, computed, progress)
        by_name = {image.name: image for image in listing.images}
        files = [(sample_id, by_name[name]) for name, sample_id in rows]
        columns = _columns(files, options, label_file)
        unknown = describe_unknown(label_file, columns[SAMPLE_ID], [file for _, file in files]) if label_file else None
        settings = _settings(images, options, computed, training)
        settings |= {"seconds": round(time.monotonic() - started, 1)}
        left_out.sort(key=lambda file: file.name)
        return writer.finish(columns, settings, left_out, [unknown] if unknown else [], training)


def _wanted(chosen: Sequence[ImageFile], computed: FeatureStages, options: ExportOptions) -> Wanted:
    tile_side = fitting_tile_side(max(1, len(chosen)))
    page_side = larger_tile_side([image.source for image in chosen], tile_side)
    return computed.wanted(tile_side, page_side, options.picture_size or None)


def _stream(
    writer: RunWriter,
    computed: FeatureStages,
    sample: StratifiedSample,
    reader: Reader,
    left_out: list[LeftOut],
    progress: bool,
) -> list[tuple[str, str]]:
    """Reads, computes and writes chunk by chunk; (name, sample id) of the samples, row by row."""
    done: dict[str, str | None] = {}
    written: list[tuple[str, str]] = []
    for entry in writer.journal.entries:
        written += [(name, sample_id) for name, sample_id in entry.get("rows", [])]
        done |= dict(entry.get("left_out", []))
    done |= {name: None for name, _ in written}
    total = len(sample.chosen)
    # disable=None hides the bar where standard error is no terminal; delay leaves short exports quiet.
    bar = tqdm(total=total, initial=len(written), unit="image", delay=2.0, disable=None if progress else True)
    # Writing a chunk overlaps with reading and computing the next.
    with our_pixel_limit(), bar, ThreadPoolExecutor(1, thread_name_prefix="writer") as pool:
        pending: Future[None] | None = None
        for chunk in _chunks(computed, sample, reader, left_out, done, bar.update):
            if pending is not None:
                pending.result()
            pending = pool.submit(writer.append, chunk.features, chunk.views, chunk.rows, chunk.left_out)
            written += chunk.rows
        if pending is not None:
            pending.result()
    return written


def _chunks(
    computed: FeatureStages,
    sample: StratifiedSample,
    reader: Reader,
    left_out: list[LeftOut],
    done: dict[str, str | None],
    seen: Callable[[int], object],
) -> Iterator[Chunk]:
    told = len(left_out)
    for samples in batches(read_samples(sample, reader, left_out, done), PAGE):
        views = [item.views for item in samples]
        features = _computed_elsewhere(samples) or computed.compute(views)
        new = [(file.name, file.reason) for file in left_out[told:] if file.name not in done]
        told = len(left_out)
        yield Chunk(features, views, [(item.file.name, item.sample_id) for item in samples], new)
        seen(len(samples))


def _computed_elsewhere(samples: Sequence[Sample]) -> dict[str, npt.NDArray[np.float32]]:
    rows = [item.features for item in samples if item.features]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]} if rows else {}


def _train(writer: RunWriter, computed: FeatureStages, progress: bool) -> dict[str, History]:
    """Computes and writes the stages that take all pictures at once."""
    histories: dict[str, History] = {}
    for earlier in writer.scratch("").glob("events.out.tfevents.*"):
        earlier.unlink()  # Of a session that was killed; this one tells its epochs again.
    for name in computed.later:
        checkpoint = Checkpoint(writer.scratch(f"{name}.npz"))
        if writer.is_complete(name):
            kept = checkpoint.load()
            histories |= {name: kept[0]} if kept else {}
            continue
        pictures = writer.pictures.read()
        live = writer.scratch(f"{event_file_name()}.{name}")
        with TrainingWatch(name, len(pictures), computed.training, live, progress) as watch:
            rows, history = computed.compute_all(name, pictures, checkpoint, watch)
            writer.add(name, rows)
        histories |= {name: history} if history else {}
    return histories


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


def _plan(listing: Listing, options: ExportOptions, computed: FeatureStages, wanted: Wanted) -> dict[str, object]:
    """All that rows and features depend on: an interrupted export goes on only where none of it has changed."""
    weights = Path(options.network.weights)
    return {
        "images": listing.fingerprint,
        "--features": ",".join(computed.names),
        "--max-samples": options.max_samples,
        "--seed": options.seed,
        "--picture-size": options.picture_size,
        **{f"--{name.replace('_', '-')}": value for name, value in asdict(options.network).items()},
        **{f"--{name.replace('_', '-')}": value for name, value in asdict(options.training).items()},
        "the weights file": weights.stat().st_mtime_ns if weights.is_file() else None,
        "the tiles' size": [wanted.tile_side, wanted.page_side],
    }


def _settings(
    images: Source, options: ExportOptions, computed: FeatureStages, training: dict[str, History]
) -> dict[str, object]:
    settings: dict[str, object] = {
        "made by": "tb-tsne export",
        "source": describe(images),
        "features": ", ".join(computed.names),
        "labels": options.labels,
        "max samples": "all" if options.max_samples is None else options.max_samples,
        "seed": options.seed,
    }
    if computed.backbone is not None:
        settings["backbone"] = computed.backbone.name
    if computed.network is not None:
        weights = Path(options.network.weights).name
        settings |= {"weights": weights, "image size": computed.network.side, "precision": options.network.precision}
        settings |= {"alpha": computed.network.alpha} if computed.network.alpha is not None else {}
    if training:
        settings |= {name.replace("_", " "): value for name, value in asdict(options.training).items()}
        settings |= {f"{name} epochs done": len(history) for name, history in training.items()}
    return settings
