"""The tables of docs/results.md on the paper's five sets, from the folders of images on: exports, then evaluations.

Each step is a few `tb-tsne` commands, which are printed before they run. What has ended is not done again, and what was
interrupted goes on. OUT/times.json tells how many seconds each command took, all tries together, and how many of the
processors': on a busy machine, half of these is what two idle cores would take.

    python benchmarks/tables.py IMAGES --mobilenet FILE --vgg16 FILE --out OUT [--list] [STEP...]

IMAGES holds a folder for each set, the files are ImageNet weights without top. Give them as files, and point
KERAS_HOME nowhere near the only copy: Keras deletes a file of its cache whose hash is not the published one when it
cannot download it again. Without a STEP all are run, in the order of `--list`; each report is OUT/STEP/report.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SETS = ("cifar10", "blood_cells", "flowers", "monkeys", "signs")
POLICIES = ("randselect", "margin", "typiclust", "maxherding", "uherding", "guided")
METHODS = ",".join(f"{policy}:{mode}" for mode in ("names", "groups") for policy in POLICIES)
COMPARED = f"evaluate active-learning --judge network --actions 0 --methods {METHODS}"
TRAINED = "--backbone vgg16 --image-size 96 --precision mixed --picture-size 0 --true-labels --epochs 3"
PLAIN = "--features im --image-size 128 --picture-size 0 --true-labels"


class Step(NamedTuple):
    """An evaluation of all sets, or an export of each.

    Attributes:
        command: Of `tb-tsne`, without the images, runs and output.
        runs: The folder of runs that an export makes, or that an evaluation reads.
        network: Of an export.
    """

    command: str
    runs: str
    network: str | None = None


STEPS = {
    "mobilenet": Step(f"export {PLAIN} --backbone mobilenet:0.75", "mobilenet", "mobilenet"),
    "vgg16": Step(f"export {PLAIN} --backbone vgg16 --precision mixed", "vgg16", "vgg16"),
    "policies-mobilenet": Step(COMPARED, "mobilenet"),
    "policies-vgg16": Step(COMPARED, "vgg16"),
    "stages": Step(f"export --features pix,pre,im,tf,tr {TRAINED} --rotations 4", "stages", "vgg16"),
    "table1": Step("evaluate embedding", "stages"),
    "table2": Step("evaluate active-learning --features im,tf,tr", "stages"),
    "figure4": Step("evaluate labeling --features im,tf,tr --settings presets", "stages"),
    "rn": Step(f"export --features rn {TRAINED}", "rn", "vgg16"),
    "table1-rn": Step("evaluate embedding", "rn"),
}


def commands(step: str, images: Path, weights: dict[str, Path], out: Path) -> Iterator[list[str]]:
    """The commands of a step, to be run one after the other."""
    command, runs, network = STEPS[step]
    folder = out / "runs" / runs
    if network is None:
        yield [*shlex.split(command), *(str(folder / name) for name in SETS), "--out", str(out / step)]
        return
    for name in SETS:
        yield [
            *shlex.split(command),
            *("--weights", str(weights[network]), "--logdir", str(folder / name), str(images / name)),
        ]


def processor_seconds() -> float:
    """What ended children have used, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Journal:
    """What has ended, and how long it took."""

    def __init__(self, file: Path) -> None:
        """Reads what was done before."""
        self._file = file
        self.known: dict[str, dict[str, float | bool]] = json.loads(file.read_text()) if file.is_file() else {}

    def run(self, arguments: list[str]) -> None:
        """Runs a command that has not ended yet.

        Raises:
            SystemExit: If it fails.
        """
        key = shlex.join(arguments)
        entry = self.known.setdefault(key, {"seconds": 0.0, "processor_seconds": 0.0, "ended": False})
        if entry["ended"]:
            return
        resume = ["--resume"] if arguments[0] == "export" and entry["seconds"] else []
        print(f"tb-tsne {key}", flush=True)
        began, used = time.monotonic(), processor_seconds()
        try:
            found = subprocess.run([sys.executable, "-m", "tb_tsne_plugin.cli", *arguments, *resume], check=False)
            entry["ended"] = found.returncode == 0
        finally:
            entry["seconds"] = round(entry["seconds"] + time.monotonic() - began, 1)
            entry["processor_seconds"] = round(entry["processor_seconds"] + processor_seconds() - used, 1)
            self._file.write_text(json.dumps(self.known, indent=1))
        if not entry["ended"]:
            raise SystemExit(f"tb-tsne {key} failed.")


def main() -> None:
    """Runs steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path)
    parser.add_argument("steps", nargs="*", metavar="STEP")
    parser.add_argument("--mobilenet", type=Path, required=True)
    parser.add_argument("--vgg16", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--list", action="store_true")
    given = parser.parse_intermixed_args()
    unknown = [step for step in given.steps if step not in STEPS]
    if unknown:
        parser.error(f"there is no step {unknown[0]}: take {', '.join(STEPS)}")
    given.out.mkdir(parents=True, exist_ok=True)
    journal = Journal(given.out / "times.json")
    weights = {"mobilenet": given.mobilenet, "vgg16": given.vgg16}
    for step in given.steps or STEPS:
        for arguments in commands(step, given.images, weights, given.out):
            if given.list:
                print(f"{step}: tb-tsne {shlex.join(arguments)}")
            else:
                journal.run(arguments)


if __name__ == "__main__":
    main()
