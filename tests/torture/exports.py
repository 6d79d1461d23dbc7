"""kill -9 of `tb-tsne export` at random moments: --resume ends with the same run as if nothing had happened.

    make torture        or        python -m tests.torture.exports [--cycles 20]

One export is left alone. Others of the same images and options are killed somewhere between their first file and their
last, so that every stage has its share, and go on with --resume. No projector may list what a kill left behind; what
comes out in the end must be the first export's files, to the byte (tensors, metadata, pictures).
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tb_tsne_plugin.runs import run_names
from tests.exporters.conftest import StockProjector

OPTIONS = ["--features", "pix,im,tf,rn", "--backbone", "mobilenet:0.25", "--weights", "none", "--image-size", "32"]
TRAINING = ["--epochs", "2", "--batch-size", "64"]
IMAGES = 1200
# What tells of time, and how the training went with it.
DIFFERENT = ("export_report.json", "events.out.tfevents")


def draw_images(folder: Path, count: int) -> Path:
    """JPEG files of smooth noise, two of them cut short."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (5, 7, 3), dtype=np.uint8))
        coarse.resize((160, 120), Image.Resampling.BICUBIC).save(folder / f"{number:04d}.jpg")
    for number in (7, 3 * count // 4):
        path = folder / f"{number:04d}.jpg"
        path.write_bytes(path.read_bytes()[:1000])
    return folder


def start(images: Path, run: Path, *more: str) -> subprocess.Popen[str]:
    """The command, in a process of its own."""
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", "export", str(images), "--logdir", str(run)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.Popen(
        [*command, *OPTIONS, *TRAINING, *more],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=environment,
    )


def finish(process: subprocess.Popen[str]) -> None:
    """Waits for an export that must succeed."""
    _, said = process.communicate(timeout=900)
    assert process.returncode == 0, said


def content(run: Path) -> dict[str, bytes]:
    """The run's files that do not depend on time."""
    paths = [path for path in run.rglob("*") if path.is_file() and not path.name.startswith(DIFFERENT)]
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in paths}


def wait_for_first_file(staging: Path, process: subprocess.Popen[str]) -> None:
    """Until the export has begun to write."""
    while not (staging / "journal.jsonl").exists() and process.poll() is None:
        time.sleep(0.01)


def torture(
    folder: Path, cycles: int, seed: int, say: Callable[[str], object] = lambda _text: None, images: int = IMAGES
) -> dict[str, int]:
    """Kills and resumes.

    Args:
      folder: Where images and runs are made.
      cycles: How many exports, each killed once (every third a second time while it resumes).
      seed: Of the moments.
      say: Told how far it is.
      images: How many there are.

    Returns:
      Kills, and how many of them came while something was unfinished.
    """
    random = np.random.default_rng(seed)
    source, logs = draw_images(folder / "images", images), folder / "logs"
    whole = start(source, folder / "whole")
    wait_for_first_file(folder / "whole" / ".exporting", whole)
    begun = time.monotonic()
    finish(whole)
    duration = time.monotonic() - begun
    expected = content(folder / "whole")
    counts = {"kills": 0, "unfinished": 0}
    for cycle in range(cycles):
        run = logs / "run"
        process = start(source, run)
        for _ in range(2 if cycle % 3 == 2 else 1):
            wait_for_first_file(run / ".exporting", process)
            time.sleep(random.uniform(0, duration))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            counts["kills"] += 1
            if not (run / "projector_config.pbtxt").exists():
                counts["unfinished"] += 1
                assert StockProjector(logs).runs() == [], "TensorBoard lists an unfinished run"
                assert run_names(logs) == [], "the Label Projector lists an unfinished run"
            process = start(source, run, "--resume")
        finish(process)
        found = content(run)
        different = sorted(name for name in found.keys() | expected if found.get(name) != expected.get(name))
        assert not different, f"{different} differ from an export that was left alone"
        assert not (run / ".exporting").exists()
        shutil.rmtree(run)
        say(f"{time.strftime('%H:%M:%S')} {counts}")
    return counts


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        counts = torture(Path(folder), options.cycles, options.seed, lambda text: print(text, flush=True))
    print(f"every run is the same as that of an export which was left alone: {counts}")


if __name__ == "__main__":
    main()
