"""What an export of pictures costs in processor time: JPEG and PNG files into pixels, in fresh processes.

python benchmarks/bench_pictures.py [--images 1200] [--rounds 5] [--against CHECKOUT]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SIZE = (640, 480)
CODE = """
import json, resource, sys, tempfile
from pathlib import Path
sys.path.insert(0, {root!r})
from exporters import ExportOptions, export_images
images, out = Path({images!r}), Path(tempfile.mkdtemp(dir={out!r}))
before = resource.getrusage(resource.RUSAGE_SELF)
summary = export_images(images, out / "run", ExportOptions(["pix"], max_samples=None))
after = resource.getrusage(resource.RUSAGE_SELF)
used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps([summary.images, used, after.ru_maxrss / 1024]))
"""


def draw(folder: Path, count: int) -> None:
    """As many JPEG files of smooth noise, as large as a photograph on a page, and as many PNG files."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (15, 20, 3), dtype=np.uint8))
        picture = coarse.resize(SIZE, Image.Resampling.BICUBIC)
        picture.save(folder / f"{number:06d}.jpg", quality=90)
        picture.resize((160, 120)).save(folder / f"{number:06d}.png")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path, help="another checkout, measured in turn with this one")
    options = parser.parse_args()
    places = {"this": ROOT} if options.against is None else {"this": ROOT, "the other": options.against.resolve()}
    found: dict[str, list[list[float]]] = {name: [] for name in places}
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder) / "images", options.images)
        for _ in range(options.rounds):
            for name, place in places.items():
                code = CODE.format(root=str(place), images=str(Path(folder) / "images"), out=folder)
                done = subprocess.run(
                    [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=True
                )
                found[name].append(json.loads(done.stdout))
    for name, runs in found.items():
        images, used, memory = (statistics.median(values) for values in zip(*runs, strict=True))
        print(f"{name}: {images:,.0f} images, {used:.2f} s of processor time, {memory:.0f} MiB at most")


if __name__ == "__main__":
    main()
