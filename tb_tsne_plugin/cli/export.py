"""`tb-tsne export` and `tb-tsne demo`."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tb_tsne_plugin.cli.elsewhere import elsewhere
from tb_tsne_plugin.cli.group import Command, verbose
from tb_tsne_plugin.cli.output import say
from tb_tsne_plugin.cli.paths import LocalPath

if TYPE_CHECKING:
    from exporters import RunSummary

SHOWN = 10
RAY = "ray"
_EXPORT_EXAMPLE = """\b
Example:
  tb-tsne export photos --logdir runs/photos --features pix,im
  tb-tsne export smears --objects coco:smears/boxes.json --logdir runs/cells
  tensorboard --logdir runs"""


def count_or_all(_ctx: click.Context, _parameter: click.Parameter, value: str) -> int | None:
    """How many samples to take; None for all."""
    if value == "all":
        return None
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"{value!r} is neither a number from 1 on nor all.")
    return int(value)


def _source(ctx: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> str | None:
    if not value and ctx.params.get("objects"):
        return None
    if not value:
        raise click.UsageError("Missing argument 'IMAGES'.")
    if len(value) > 1:
        raise click.UsageError(
            f"IMAGES is one folder, file or pattern, and there are {len(value):,}, the first {value[0]}: write a "
            "pattern in quotes, so that the shell does not replace it."
        )
    return value[0] if "://" in value[0] else os.path.expanduser(value[0])


def _with_home(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    return os.path.expanduser(value)


images_argument = click.argument("images", nargs=-1, required=True, metavar="IMAGES", callback=_source)
outside_option = click.option(
    "--outside",
    is_flag=True,
    help="Also take images outside of IMAGES, or of the table's folder: where links, `..` and absolute paths lead.",
)


def backend_option(does: str) -> Callable[[Command], Command]:
    """`--backend`, of a command that does something on this machine or on a Ray cluster."""
    return click.option(
        "--backend",
        default="local",
        show_default=True,
        type=click.Choice(["local", RAY]),
        help=f"Who {does}: this machine, or a Ray cluster.",
    )


@click.command(epilog=_EXPORT_EXAMPLE)
@click.argument("images", nargs=-1, metavar="[IMAGES]", callback=_source)
@click.option(
    "--logdir",
    required=True,
    type=LocalPath(),
    metavar="RUN",
    help="The run's own folder: a sub-folder of what `tensorboard --logdir` gets, or that itself.",
)
@click.option(
    "--objects",
    is_eager=True,
    metavar="FORMAT:PATH",
    help="Make a sample of every object in the pictures, as annotated in coco:FILE, yolo:FOLDER|data.yaml, voc:FOLDER, "
    "csv:FILE, labelstudio:FILE or cvat:FILE. IMAGES is the pictures' folder then; without it, the annotations'.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 10),
    metavar="SHARE",
    help="Of objects: how much of the surroundings is cut out too, as a share of the box on each side.  [default: 0.1]",
)
@click.option("--square", is_flag=True, help="Of objects: cut out a square; outside of the picture it is grey.")
@click.option(
    "--min-side",
    type=click.IntRange(min=0),
    metavar="PIXELS",
    help="Of objects: pass over those whose shorter side is shorter.  [default: 8]",
)
@click.option(
    "--tiles",
    metavar="SIZE[:OVERLAP]",
    help="Cut large pictures into squares of so many pixels, which may overlap, and make a sample of each.",
)
@click.option(
    "--skip-blank", is_flag=True, help="Of tiles: pass over those on which nothing is seen, as of bare glass."
)
@click.option("--classes", metavar="A,B", help="Of objects: take only those of these classes.")
@click.option(
    "--features",
    default="im",
    show_default=True,
    metavar="STAGES",
    help="Comma-separated: pix (raw pixels, 32 x 32), pre (the same after the network's preprocessing), "
    "im (the network's pooled features), tf (a layer behind the network, trained on your images without labels), "
    "tr (the network trained too), rn (all of it from random weights).",
)
@click.option(
    "--backbone",
    multiple=True,
    default=["mobilenet"],
    show_default=True,
    metavar="[SCHEME:]NAME",
    help="The network: any of keras.applications (vgg16, mobilenet:0.75 …), hf:ORG/NAME, kerashub:PRESET, onnx:FILE or "
    "python:MODULE:CALLABLE; `tb-tsne backbones` lists many. Given several times, im is a tensor for each.",
)
@click.option(
    "--pooling",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "cls", "mean", "pooler"]),
    help="What becomes one row of a network's tokens: the class token, their mean, or the network's own way; auto is "
    "the usual one for its kind.",
)
@click.option(
    "--normalization",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "imagenet", "symmetric", "unit", "none"]),
    help="Of values for an onnx:FILE that does not tell: ImageNet's mean and deviation, -1 to 1, 0 to 1, 0 to 255.",
)
@click.option(
    "--weights",
    default="imagenet",
    show_default=True,
    metavar="imagenet|none|FILE",
    callback=_with_home,
    help="Of Keras' networks: ImageNet weights through Keras' cache (KERAS_HOME), random ones, or a weights file "
    "without top.",
)
@click.option(
    "--labels",
    default="none",
    show_default=True,
    metavar="none|folders|given|FILE.tsv",
    callback=_with_home,
    help="First labels: none, the names of the class folders, the given classes of objects, or a TSV with the columns "
    "label and file (or sample_id).",
)
@click.option(
    "--true-labels",
    is_flag=True,
    help="Also write the class folders, or the given classes of objects, as true_label, for evaluations.",
)
@click.option(
    "--max-samples",
    default="3000",
    show_default=True,
    metavar="N|all",
    callback=count_or_all,
    help="At most so many images, drawn from every class folder in proportion.",
)
@click.option(
    "--image-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Side of the network's input in pixels.  [default: the network's own, 224 or 299]",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(min=0, max=2**32 - 1),
    help="Of the draw for --max-samples, of random weights, and of training.",
)
@click.option(
    "--epochs",
    default=10,
    show_default=True,
    type=click.IntRange(min=0),
    help="Training of rn, tf and tr: at most so many times over all images.",
)
@click.option(
    "--patience",
    default=3,
    show_default=True,
    type=click.IntRange(min=0),
    help="Training stops when the loss has not fallen by 1 % for so many epochs; 0 never stops early.",
)
@click.option("--batch-size", default=32, show_default=True, type=click.IntRange(min=1), help="Images a training step.")
@click.option("--learning-rate", default=1e-4, show_default=True, help="Adam's, for the layers behind the network.")
@click.option(
    "--network-learning-rate",
    type=float,
    help="Adam's, for the network's own layers in tr and rn.  [default: 0.00001 pretrained, 0.001 from random weights]",
)
@click.option(
    "--fill-mode",
    default="reflect",
    show_default=True,
    type=click.Choice(["reflect", "nearest", "wrap", "constant"]),
    help="What the corners of turned images show while training.",
)
@click.option(
    "--rotations",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="tf sees every image in so many rotations, which are computed once; 0 turns them anew in each epoch.",
)
@click.option(
    "--precision",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "float32", "mixed"]),
    help="Of the network's arithmetic; auto is mixed on GPUs and TPUs that are faster with it.",
)
@click.option(
    "--picture-size",
    default=512,
    show_default=True,
    type=click.IntRange(min=0),
    help="Longest side, in pixels, of the pictures kept in the run for a closer look; 0 keeps none.",
)
@click.option(
    "--whole-size",
    default=1600,
    show_default=True,
    type=click.IntRange(min=0),
    help="Of objects and tiles: longest side, in pixels, of the whole pictures kept in the run to see where each lies; "
    "0 keeps none.",
)
@backend_option("decodes images and computes features (training stays here)")
@outside_option
@click.option(
    "--pages", is_flag=True, help="Make a sample of every page of TIFF, DICOM and HEIC files, not of the first."
)
@click.option(
    "--intensity",
    default="set",
    show_default=True,
    type=click.Choice(["set", "full", "each"]),
    help="Pictures of more than 8 bits a value are shown from black to white between the values that the set "
    "holds, in the full range of their type, or between what each holds itself.",
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted export of the same images and options.")
@verbose
def export(
    images: str | None,
    objects: str | None,
    logdir: Path,
    features: str,
    max_samples: int | None,
    true_labels: bool,
    resume: bool,
    **chosen: Any,
) -> None:
    """Make a run from images.

    IMAGES is a folder of images (flat, or one sub-folder a class), a pattern in quotes, a .tsv or .csv table of paths
    and labels, .parquet files, an .npz file, a folder of CIFAR's batches, or an address (s3://…). JPEG, PNG, WebP,
    BMP, GIF, TIFF and AVIF are read, HEIC with the extra [heif], DICOM with [dicom].

    Images that cannot be used are left out of everything and listed; files of other kinds are counted. Exporting
    again into the same RUN replaces the run and keeps its labels. After Ctrl+C or a kill, the same command with
    --resume goes on where it was.
    """
    from exporters import ExportOptions, NetworkChoice, ObjectChoice, TrainingOptions, export_images
    from exporters.backbones import absolute

    def pick(kind: type[Any]) -> Any:
        return kind(**{item.name: chosen[item.name] for item in fields(kind) if item.name in chosen})

    stages = [name.strip() for name in features.split(",") if name.strip()]
    cut = {name: chosen.pop(name) for name in ("margin", "square", "min_side", "classes")}
    cut = {name: value for name, value in cut.items() if value not in (None, False)}
    if cut and objects is None:
        raise click.UsageError(f"--{next(iter(cut)).replace('_', '-')} needs --objects.")
    if "classes" in cut:
        cut["classes"] = [name.strip() for name in cut["classes"].split(",") if name.strip()]
    if chosen["backend"] == RAY:
        logdir = logdir.absolute()
        images = images if images is None or "://" in images else os.path.abspath(images)
        scheme, colon, place = (objects or "").partition(":")
        objects = f"{scheme}:{os.path.abspath(os.path.expanduser(place))}" if colon else objects
        chosen |= {
            name: os.path.abspath(path) for name in ("labels", "weights") if os.path.isfile(path := chosen[name])
        }
        chosen["backbone"] = [absolute(name) for name in chosen["backbone"]]
    options = ExportOptions(
        stages,
        pick(NetworkChoice),
        chosen["labels"],
        true_labels,
        max_samples,
        chosen["seed"],
        pick(TrainingOptions),
        chosen["picture_size"],
        chosen["backend"],
        chosen["outside"],
        chosen["pages"],
        chosen["intensity"],
        None if objects is None else ObjectChoice(objects, **cut),
        chosen["tiles"],
        chosen["whole_size"],
        chosen["skip_blank"],
    )
    try:
        with elsewhere() if options.backend == RAY else nullcontext():
            _print_summary(export_images(images, logdir, options, progress=True, resume=resume))
    except KeyboardInterrupt:
        raise click.ClickException("Interrupted: the same command with --resume goes on from here.") from None


@click.command(epilog="Example: tb-tsne demo")
@click.option(
    "--logdir",
    default="demo_run",
    show_default=True,
    type=LocalPath(),
    help="The log dir to make, or to go on with: a demo that is there already keeps its labels.",
)
@click.option("--no-serve", is_flag=True, help="Only write the log dir.")
@click.option(
    "--port",
    type=click.IntRange(min=1, max=65535),
    help="TensorBoard's port.  [default: 6006, or a free one where that is taken]",
)
@verbose
def demo(logdir: Path, no_serve: bool, port: int | None) -> None:
    """Open the Label Projector on 1,797 handwritten digits that come with scikit-learn."""
    from exporters.demo import write_demo
    from exporters.serve import serve

    run_dir, is_new = write_demo(logdir)
    say(f"{'Wrote' if is_new else 'Using'} {run_dir}.")
    if no_serve:
        say(f"Next: tensorboard --logdir {logdir}")
    else:
        serve(logdir, port, lambda address: say(f"Label Projector: {address}  (Ctrl+C ends it)"))


def _print_summary(summary: RunSummary) -> None:
    from tb_tsne_plugin.runs.format import LEFT_OUT_NAME, REPORT_NAME, counted

    for image in summary.skipped[:SHOWN]:
        say(f"left out: {image.name}: {image.reason}", err=True)
    if summary.left_out > SHOWN:
        name = LEFT_OUT_NAME if (summary.run_dir / LEFT_OUT_NAME).exists() else REPORT_NAME
        say(f"left out: {summary.left_out - SHOWN:,} more, see {name}", err=True)
    for note in summary.notes:
        say(f"note: {note}", err=True)
    tensors = ", ".join(f"{name} {rows:,} x {width:,}" for name, (rows, width) in summary.tensors.items())
    samples = counted(summary.images, summary.noun)
    say(f"{samples} ({summary.left_out:,} left out) in {summary.run_dir}: {tensors}.")
    if summary.passed_over or summary.not_drawn:
        say(summary.account)
    if summary.labels_kept or summary.labels_orphaned:
        say(
            f"{summary.labels_kept:,} labels of the earlier run kept; {summary.labels_orphaned:,} more wait in "
            f"orphaned_labels.tsv for {summary.noun}s that are not in this one."
        )
    say(f"Next: tensorboard --logdir {summary.run_dir}")
