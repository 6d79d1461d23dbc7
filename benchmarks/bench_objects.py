"""`tb-tsne export --objects` on drawn pictures with ten objects each, and on ten times as many.

Each export runs in a process of its own, which counts how often a picture is decoded, and tells its peak memory while
objects are listed, while they stream, and while the run is finished: then the sprite sheet is made, as of whole
pictures. Annotations are COCO's, with outlines of 40 points, as those sets have them. Linux only.

    python benchmarks/bench_objects.py [--pictures 1000] [--objects 10] [--features pix]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench_export import SIZE, draw
from common import header, row, save, seconds
from PIL import Image

from exporters import RunSummary

SIDE = 40


def annotate(folder: Path, objects: int) -> Path:
    """A COCO file of so many objects in each picture of the folder, row by row."""
    names = sorted(path.name for path in folder.glob("*.jpg"))
    random = np.random.default_rng(0)
    across = SIZE[0] // SIDE
    annotations = []
    for number in range(len(names) * objects):
        y, x = divmod(number % objects, across)
        box = [*(SIDE * np.array([x, y]) + random.uniform(0, 8, 2)).round(2).tolist(), SIDE - 8.0, SIDE - 8.0]
        annotation = {"id": number, "image_id": number // objects, "category_id": number % 5, "bbox": box}
        annotations.append(annotation | {"segmentation": [random.uniform(0, 200, 80).round(2).tolist()]})
    images = [{"id": n, "file_name": name, "width": SIZE[0], "height": SIZE[1]} for n, name in enumerate(names)]
    categories = [{"id": n, "name": f"class {n}"} for n in range(5)]
    file = folder / "coco.json"
    file.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return file


class Watch:
    """The peak of this process' own memory, in MiB, in each of some phases; what files are mapped does not count."""

    def __init__(self) -> None:
        self.peaks = {"start": 0.0}
        threading.Thread(target=self._look, daemon=True).start()

    def begin(self, phase: str) -> None:
        """Begins a phase."""
        self.peaks[phase] = 0.0

    def _look(self) -> None:
        while True:
            status = Path("/proc/self/status").read_text()
            used = int(status.split("RssAnon:")[1].split()[0]) / 1024
            phase = list(self.peaks)[-1]
            self.peaks[phase] = max(self.peaks[phase], used)
            time.sleep(0.02)


def export(folder: Path, run: Path, stages: list[str]) -> None:
    """Exports the objects, and prints what it took as JSON."""
    from exporters import ExportOptions, ObjectChoice, export_images
    from exporters.images.listing import ImageFile
    from exporters.run.writer import RunWriter

    decodings = 0
    watch = Watch()
    read, enter, finish = ImageFile.read_full_size, RunWriter.__enter__, RunWriter.finish

    def counted(image: ImageFile) -> tuple[bytes, Image.Image]:
        nonlocal decodings
        decodings += 1
        return read(image)

    def entered(writer: RunWriter) -> RunWriter:
        watch.begin("streaming")
        return enter(writer)

    def finished(writer: RunWriter, *arguments: Any, **settings: Any) -> RunSummary:
        watch.begin("finishing")
        return finish(writer, *arguments, **settings)

    ImageFile.read_full_size = counted  # type: ignore[assignment, method-assign]
    RunWriter.__enter__, RunWriter.finish = entered, finished  # type: ignore[assignment, method-assign]
    options = ExportOptions(stages, max_samples=None, objects=ObjectChoice(f"coco:{folder / 'coco.json'}"))
    watch.begin("listing")
    took, summary = seconds(lambda: export_images(folder, run, options))
    peaks = [watch.peaks[phase] for phase in ("listing", "streaming", "finishing")]
    print(json.dumps([summary.images, decodings, *peaks, took]))


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/objects.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--objects", type=int, default=10, help="in each")
    parser.add_argument("--features", default="pix")
    parser.add_argument("--one", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        export(arguments.one[0], arguments.one[1], arguments.features.split(","))
        return
    columns = ["objects", "pictures", "decodings", "MiB listing", "MiB streaming", "MiB finishing", "seconds"]
    header(*columns)
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "pictures"
        folder.mkdir()
        paths = draw(folder, arguments.pictures)
        for factor in (1, 10):
            for copy in range(1, factor):
                for path in paths:  # What follows the end of a JPEG file is no part of the picture.
                    path.with_name(f"{copy}_{path.name}").write_bytes(path.read_bytes() + bytes([copy]))
            annotate(folder, arguments.objects)
            run = Path(temporary) / "run"
            command = [sys.executable, __file__, "--features", arguments.features, "--one", str(folder), str(run)]
            told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            objects, decodings, *peaks, took = json.loads(told.splitlines()[-1])
            cells = [objects, factor * arguments.pictures, decodings, *map(round, peaks), round(took)]
            row(*(f"{cell:,}" for cell in cells))
            results.append(dict(zip(columns, cells, strict=True)))
    save("objects", results)


if __name__ == "__main__":
    main()
