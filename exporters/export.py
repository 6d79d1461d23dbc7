"""`tb-tsne export`: from images to a run, in one pass over the files."""

from __future__ import annotations

import operator
import os
import time
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from tqdm import tqdm

from exporters.chunks import chunks, features_of
from exporters.cluster import BACKENDS, LOCAL, RAY, RayReader
from exporters.errors import ExportUsageError, some_of
from exporters.features.backbones.backbone import Description
from exporters.features.backbones.choice import NetworkChoice
from exporters.features.backbones.licences import note_on
from exporters.features.backbones.names import KERAS, short_names
from exporters.features.checkpoint import Checkpoint
from exporters.features.stages import PRE, FeatureStages, check_stages
from exporters.features.trained import IM
from exporters.features.training import History, TrainingOptions
from exporters.first_labels import FOLDERS, GIVEN, NONE, FirstLabels, LabelFile, check_classes, folder_labels
from exporters.given import as_list
from exporters.images.decode import ignoring_metadata_warnings
from exporters.images.first_look import find_intensity
from exporters.images.intensity import SET, Intensity, check_choice
from exporters.images.listing import ImageFile, Listing
from exporters.images.outcomes import none_usable
from exporters.images.pages import PageImage, with_pages
from exporters.images.read import Reader, local_reader, read_sample
from exporters.images.renditions import RenditionSpec
from exporters.images.sample import Picked, StratifiedSample
from exporters.images.sources import Source, describe, open_source
from exporters.objects.choice import ObjectChoice
from exporters.objects.grid import list_grid, parse_grid
from exporters.objects.listing import list_objects
from exporters.progress import TrainingWatch, scalars_of
from exporters.run.archive import PICTURE_SIDE, WHOLE_SIDE
from exporters.run.events import EVENT_PREFIX, event_file_name
from exporters.run.journal import Journal, Row
from exporters.run.metadata import Columns, clean_unique
from exporters.run.report import PAGES, PICTURE_SIZE, TILES, RunSummary
from exporters.run.sprites import fitting_tile_side
from exporters.run.tiles import larger_tile_side
from exporters.run.unfinished import damaged
from exporters.run.writer import RunWriter
from tb_tsne_plugin.runs.format import (
    ENCODERS,
    FILE,
    LABEL,
    OBJECTS,
    SAMPLE_ID,
    SOURCE,
    TRUE_LABEL,
    UNLABELED,
    clean_text,
    counted,
)


@dataclass(frozen=True)
class ExportOptions:
    """What to export of a folder of images.

    Attributes:
        features: Stages, any of `pix`, `pre`, `rn`, `im`, `tf`, `tr`.
        network: The network, or networks, of all but `pix`.
        labels: `none`, `folders` (the first folder level), `given` (of objects, what their annotations say), or a TSV
            file with `label` and `file` or `sample_id`.
        true_labels: Whether to write the folder names, or the objects' given classes, as `true_label` too, for
            evaluations.
        max_samples: At most so many images, drawn class by class in proportion; None takes all.
        seed: Seed of that draw.
        training: How `rn`, `tf` and `tr` are trained.
        picture_size: Longest side, in pixels, of the pictures kept for looking at; 0 keeps none.
        backend: Who reads images and computes streamed stages: `local` threads, or a `ray` cluster.
        outside: Whether links, and rows of a table, may lead out of the folder of the images.
        pages: Whether each page of a TIFF, DICOM or HEIC file is a sample of its own; otherwise the first is taken.
        intensity: Between which values pictures of more than 8 bits a value are shown: `set` (what the exported ones
            hold, the same for all), `full` (the whole range of their type), or `each` (what each holds).
        objects: The objects of the pictures that are samples, each by itself; None for whole pictures.
        tiles: `SIZE` or `SIZE:OVERLAP` in pixels: pictures are cut into squares, each a sample; None leaves them whole.
        whole_size: Of objects and tiles: longest side, in pixels, of the whole pictures kept to see where each lies; 0
            keeps none.
        skip_blank: Of tiles: whether those on which nothing is seen are passed over.
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
    outside: bool = False
    pages: bool = False
    intensity: str = SET
    objects: ObjectChoice | None = None
    tiles: str | None = None
    whole_size: int = WHOLE_SIDE
    skip_blank: bool = False


@ignoring_metadata_warnings()
def export_images(
    images: Source | None, run_dir: Path, options: ExportOptions, progress: bool = False, resume: bool = False
) -> RunSummary:
    """Exports images as a run.

    Every file is read and decoded once; what all outputs say about it comes from that one reading, and a file that
    cannot be used is in none of them. Images are in the order of their relative paths.

    Args:
        images: A folder, or anything else that `open_source` reads; of objects the folder with their pictures, or None
            for that of the annotations.
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
    options = _checked(options)
    stages = check_stages(options.features)
    if options.max_samples is not None and options.max_samples < 1:
        raise ExportUsageError("--max-samples must be a number from 1 on, or all.")
    if options.backend not in BACKENDS:
        raise ExportUsageError(f"--backend must be {LOCAL} or {RAY}.")
    check_choice(options.intensity)
    label_file = None if options.labels in (NONE, FOLDERS, GIVEN) else LabelFile.read(Path(options.labels))
    listing, source = _listed(images, options)
    if not listing.images:
        raise none_usable(listing.skipped, listing.noun)
    if options.labels in (FOLDERS, GIVEN):
        check_classes(listing, f"--labels {options.labels}", source)
    if options.true_labels:
        check_classes(listing, "--true-labels", source)
    sample = StratifiedSample(listing.images, options.max_samples, options.seed)
    computed = FeatureStages(stages, options.network, options.training)
    spec = _rendition_spec(sample.chosen, computed, options)
    with RunWriter(run_dir, list(computed.tensors), spec, _plan(listing, options, computed, spec), resume) as writer:
        if writer.summary is not None:
            return writer.summary
        _check_listed(writer.journal.rows, listing)
        started = time.monotonic()
        reader = RayReader(computed, spec) if options.backend == RAY else local_reader(spec)
        _stream(writer, computed, sample, reader, progress)
        rows, skipped = writer.journal.rows, [*listing.skipped, *writer.journal.skipped]
        not_drawn = len(listing.images) - len(rows) - len(writer.journal.skipped)
        if not rows:
            raise none_usable(skipped, listing.noun)
        training = _train(writer, computed, progress)
        ids, files = writer.sample_ids(), Picked(listing.images, places(rows, listing.images))
        first = _first_labels(ids, files, options, label_file)
        of_files, cells = file_columns(files)
        columns: Columns = {SAMPLE_ID: ids, **of_files, LABEL: first.labels}
        if options.true_labels:
            columns[TRUE_LABEL] = folder_labels(files).labels
        settings = _settings(source, options, computed, training)
        notes = [*listing.notes, *_notes(writer.journal, listing, spec.intensity)]
        notes += [note for description in computed.descriptions if (note := note_on(description))]
        settings |= _intensity_settings(writer.journal, spec.intensity)
        settings |= {"seconds": round(time.monotonic() - started, 1)}
        scalars = [point for stage, history in training.items() for point in scalars_of(stage, history)]
        notes += first.notes
        passed_over = listing.passed_over
        return writer.finish(
            columns, settings, sorted(skipped), notes, scalars, passed_over, not_drawn, listing.noun, cells
        )


def _checked(options: ExportOptions) -> ExportOptions:
    """Options with Python's own numbers, whatever library they came from.

    Raises:
        ExportUsageError: If one is of another kind.
    """
    numbers: dict[str, Any] = {}
    for name in ("seed", "picture_size", "whole_size", "max_samples"):
        value = getattr(options, name)
        try:
            numbers[name] = None if value is None and name == "max_samples" else operator.index(value)
        except TypeError:
            raise ExportUsageError(f"{name} must be a whole number, not {value!r}.") from None
    if not isinstance(options.labels, (str, os.PathLike)):
        raise ExportUsageError(
            "labels must be none, folders or the path of a table; write_run takes labels themselves."
        )
    features = [options.features] if isinstance(options.features, str) else as_list(options.features, "features")
    return replace(options, features=features, labels=os.fspath(options.labels), **numbers)


def _source(images: Source) -> Source:
    """What to export: sequences of whatever library as lists."""
    is_named = isinstance(images, (str, os.PathLike)) or hasattr(images, "as_numpy_iterator")
    return images if is_named else as_list(images, "images")


def _listed(images: Source | None, options: ExportOptions) -> tuple[Listing, str]:
    """What there is to export, and a word for where it comes from."""
    if options.objects is not None:
        if options.tiles is not None:
            raise ExportUsageError("--tiles and --objects do not go together: choose one of them.")
        if options.pages:
            raise ExportUsageError("--pages is for whole pictures: of files with --objects the first page is taken.")
        if options.labels == FOLDERS:
            raise ExportUsageError("--labels folders is for whole pictures: --labels given takes the objects' classes.")
        if images is not None and not isinstance(images, (str, os.PathLike)):
            raise ExportUsageError("With objects, images must be the folder of their pictures.")
        folder = None if images is None else Path(images)
        return list_objects(options.objects, folder, options.outside), options.objects.described
    if images is None:
        raise ExportUsageError("Name the images: a folder, a pattern in quotes, a table or an address.")
    if options.labels == GIVEN:
        raise ExportUsageError("--labels given needs --objects; --labels folders takes the names of folders.")
    if options.skip_blank and options.tiles is None:
        raise ExportUsageError("--skip-blank is for tiles: it needs --tiles.")
    grid = None if options.tiles is None else parse_grid(options.tiles)
    listing = open_source(_source(images), options.outside, grid is not None)
    listing = with_pages(listing) if options.pages else listing
    return listing if grid is None else list_grid(grid, listing, options.skip_blank), describe(images)


def file_columns(files: Sequence[ImageFile]) -> tuple[Columns, dict[str, str]]:
    """The file of each sample, and what else is known of it; and what each file's name is as a cell."""
    columns: Columns = {FILE: []}
    names: dict[str, str] = {}
    for file in files:
        columns[FILE].append(names.setdefault(file.file_name, file.file_name))
        for name, cell in file.details.items():
            columns.setdefault(name, []).append(cell)
    cells = dict(zip(names, clean_unique(names), strict=True))
    return {**columns, FILE: [cells[name] for name in columns[FILE]]}, cells


def _check_listed(rows: Sequence[Row], listing: Listing) -> None:
    """Refuses a journal that speaks of images that are not among these."""
    names = {row.name for row in rows}
    if names and sum(image.name in names for image in listing.images) < len(names):
        raise damaged("its journal speaks of other images")


def places(rows: Sequence[Row], images: Sequence[ImageFile]) -> array[int]:
    """Where the images of rows are in a listing.

    Rows are in its order, but for those of images that stand in for others; so it needs no names of all images at once.
    """
    found = array("q")
    walk = enumerate(images)
    for row in rows:
        place = next((place for place, image in walk if image.name == row.name), None)
        if place is None:
            break
        found.append(place)
    left = {row.name: -1 for row in rows[len(found) :]}
    if left:
        left |= {image.name: place for place, image in enumerate(images) if image.name in left}
    found.extend(left[row.name] for row in rows[len(found) :])
    return found


def _rendition_spec(chosen: Sequence[ImageFile], computed: FeatureStages, options: ExportOptions) -> RenditionSpec:
    tile_side = fitting_tile_side(max(1, len(chosen)))
    page_side = larger_tile_side(chosen, lambda image: image.longest_side(), tile_side)
    return replace(
        computed.input,
        tile_side=tile_side,
        page_side=page_side,
        full_side=options.picture_size or None,
        whole_side=(options.whole_size or None) if _has_parts(options) else None,
        intensity=find_intensity(options.intensity, [picture for picture, _ in groupby(map(_picture, chosen))]),
    )


def _has_parts(options: ExportOptions) -> bool:
    """Whether samples are parts of pictures."""
    return options.objects is not None or options.tiles is not None


def _picture(image: ImageFile) -> ImageFile:
    return image.picture


def _notes(journal: Journal, listing: Listing, intensity: Intensity) -> Iterator[str]:
    """What people should know of how pictures were read."""
    more_bits = sum(entry.more_bits for entry in journal.entries)
    if more_bits and intensity.found:
        kinds = len(intensity.found) > 1
        spans = [
            f"{low:,.6g} and {high:,.6g}{f' ({kind})' if kinds else ''}"
            for kind, (low, high) in intensity.found.items()
        ]
        yield (
            f"{counted(more_bits, 'picture')} with more than 8 bits a value: what lies between {', '.join(spans)}, "
            "nearly all of the set, is shown from black to white (--intensity full keeps the whole range, --intensity "
            "each stretches every picture by itself)."
        )
    taken = {image.file.name for image in listing.images if isinstance(image, PageImage)}
    names = [name for entry in journal.entries for name in entry.more_pages if name not in taken]
    if names:
        yield (
            f"{counted(len(names), 'file')} with further pages or frames, of which the first is shown (--pages takes "
            f"every page of TIFF, DICOM and HEIC files): {some_of([clean_text(name) for name in names], 1)}."
        )


def _intensity_settings(journal: Journal, intensity: Intensity) -> dict[str, object]:
    """What the report tells of pictures of more than 8 bits, where there were any."""
    if not any(entry.more_bits for entry in journal.entries):
        return {}
    shown = {"intensity range": _ranges(intensity)} if intensity.found else {}
    return {"intensity": intensity.choice, **shown}


def _ranges(intensity: Intensity) -> dict[str, list[float]]:
    return {kind: list(found) for kind, found in intensity.found.items()}


def _stream(writer: RunWriter, computed: FeatureStages, sample: StratifiedSample, read: Reader, progress: bool) -> None:
    """Reads the sample, computes its streamed features and writes both, chunk by chunk; goes on where it was."""
    usable = {row.name for row in writer.journal.rows}
    skipped = {image.name for image in writer.journal.skipped}
    # disable=None hides the bar where standard error is no terminal; delay leaves short exports quiet.
    bar = tqdm(
        total=len(sample.chosen), initial=len(usable), unit="image", delay=2.0, disable=None if progress else True
    )
    # Writing a chunk overlaps with reading and computing the next.
    with bar, ThreadPoolExecutor(1, thread_name_prefix="writer") as pool:
        pending: Future[None] | None = None
        for chunk in chunks(read_sample(sample, read, usable, skipped)):
            features = features_of(computed, chunk.samples)
            if pending is not None:
                pending.result()
            pending = pool.submit(writer.append, features, chunk.samples, chunk.skipped)
            bar.update(len(chunk.samples))
        if pending is not None:
            pending.result()


def _train(writer: RunWriter, computed: FeatureStages, progress: bool) -> dict[str, History]:
    """Computes and writes the stages that take all pictures at once."""
    histories: dict[str, History] = {}
    for earlier in writer.scratch.names():
        if earlier.startswith(EVENT_PREFIX):
            writer.scratch.remove(earlier)  # Of a session that was killed; this one tells its epochs again.
    for name in computed.later:
        checkpoint = Checkpoint(writer.scratch, f"{name}.npz")
        if writer.is_complete(name):
            kept = checkpoint.load()
            histories |= {name: kept[0]} if kept else {}
            continue
        pictures = writer.pictures(computed.square(name)).read()
        live = writer.scratch.create(f"{event_file_name()}.{name}")
        with TrainingWatch(name, len(pictures), computed.training, live, progress) as watch:
            rows, history = computed.compute_all(name, pictures, checkpoint, watch)
            writer.add(name, rows)
        histories |= {name: history} if history else {}
    return histories


def _first_labels(
    ids: list[str], files: Sequence[ImageFile], options: ExportOptions, label_file: LabelFile | None
) -> FirstLabels:
    if label_file is not None:
        return label_file.of(ids, files)
    if options.labels in (FOLDERS, GIVEN):
        return folder_labels(files)
    return FirstLabels([UNLABELED] * len(files), [])


def _plan(listing: Listing, options: ExportOptions, computed: FeatureStages, spec: RenditionSpec) -> dict[str, object]:
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
        **{
            f"the network {name}": _fingerprint(description)
            for name, description in zip(short_names(options.network.backbones), computed.descriptions, strict=False)
        },
        "the weights file": weights.stat().st_mtime_ns if weights.is_file() else None,
        "--pages": options.pages,
        "--intensity": options.intensity,
        **_cut(options.objects),
        "--tiles": options.tiles,
        **({"--whole-size": options.whole_size} if _has_parts(options) else {}),
        "the range of intensities": _ranges(spec.intensity),
        "the tiles' size": [spec.tile_side, spec.page_side],
    }


def _fingerprint(network: Description) -> str:
    """What a network's features depend on, beside the options."""
    weights = (network.weights_sha256 or "")[:16]
    return ", ".join(filter(None, (network.revision, weights, network.pooling, network.preprocessing)))


def _cut(objects: ObjectChoice | None) -> dict[str, object]:
    """How objects are cut out; which they are, the listing's fingerprint tells."""
    return {} if objects is None else {"--margin": objects.margin, "--square": objects.square}


def _settings(
    source: str, options: ExportOptions, computed: FeatureStages, training: dict[str, History]
) -> dict[str, object]:
    settings: dict[str, object] = {
        "made by": "tb-tsne export",
        SOURCE: source,
        "features": ", ".join(computed.names),
        "labels": options.labels,
        "max samples": "all" if options.max_samples is None else options.max_samples,
        "seed": options.seed,
    }
    if options.objects is not None:
        settings |= {OBJECTS: options.objects.source, "margin": options.objects.margin}
        settings |= {"square": options.objects.square, "min side": options.objects.min_side}
        settings |= {"classes": ", ".join(options.objects.classes) or "all"}
    if options.tiles is not None:
        settings |= {TILES: options.tiles, "skip blank": options.skip_blank}
    if PRE in computed.names:
        settings["backbone"] = ", ".join(options.network.backbones)
    if computed.backbones:
        told = computed.descriptions
        settings["backbone"] = ", ".join(f"{each.scheme}:{each.name}" for each in told)
        settings["precision"] = options.network.precision
        if any(each.scheme == KERAS for each in told):
            settings["weights"] = Path(options.network.weights).name
        sizes = list(dict.fromkeys(backbone.square.side for backbone in computed.backbones))
        settings["image size"] = sizes[0] if len(sizes) == 1 else ", ".join(map(str, sizes))
        settings["backbones"] = [msgspec.to_builtins(each) for each in told]
    settings[ENCODERS] = _encoders(options.network, computed)
    settings[PICTURE_SIZE] = options.picture_size
    if options.pages:
        settings[PAGES] = True
    if training:
        settings |= {name.replace("_", " "): value for name, value in asdict(options.training).items()}
        settings |= {f"{name} epochs done": len(history) for name, history in training.items()}
    return settings


def _encoders(choice: NetworkChoice, computed: FeatureStages) -> dict[str, object]:
    """How features that need no other picture can be computed again, by tensor: the stage, and its network's options.

    `backbone` is the place of the network's description among those of the run.
    """
    encoders: dict[str, object] = {}
    for name in computed.streamed:
        _, stage, number = computed.tensors[name]
        encoders[name] = {"stage": stage}
        if number is not None:
            options = {option: value for option, value in asdict(choice).items() if option != "seed"}  # none is random
            options |= {"backbone": _name_of(choice, computed, number), "weights": Path(choice.weights).name}
            encoders[name] = {"stage": stage, "backbone": number if stage == IM else None, "options": options}
    return encoders


def _name_of(choice: NetworkChoice, computed: FeatureStages, number: int) -> str:
    """A backbone's name, of a file or folder only the last part of its path."""
    if not computed.backbones:
        return choice.backbones[number]
    described = computed.descriptions[number]
    return f"{described.scheme}:{described.name}" if described.name else described.scheme
