from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters import ExportError, ExportOptions, NetworkChoice, export_images
from exporters import cluster as cluster_module
from exporters import export as export_module
from exporters.images.listing import ImageFile, Listing
from exporters.images.renditions import Encoded
from exporters.images.sources import open_source
from tests.exporters.drawn import draw_folder, read_metadata, spoil

WEIGHTS = "mobilenet_7_5_224_tf_no_top.h5"


@dataclass(frozen=True)
class Deadly(ImageFile):
    """An image whose first reader dies."""

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        marker = self.path.with_suffix(".died")
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read()


def test_a_cluster_writes_the_same_run_also_when_a_worker_is_killed(
    tmp_path: Path, ray_cluster: None, monkeypatch: pytest.MonkeyPatch, keras_dir: Path
) -> None:
    monkeypatch.setattr(cluster_module, "PART", 8)
    folder = draw_folder(tmp_path / "in", 44)
    spoil(folder)
    for number in range(44, 48):  # their range is found here, and shown by the workers
        values = np.full((40, 40), 300 * number, np.uint16)
        Image.fromarray(values).save(folder / f"class_{number % 2}" / f"{number:04d}.png")
    network = NetworkChoice("mobilenet", str(keras_dir / "models" / WEIGHTS), image_size=32)
    options = ExportOptions(["pix", "im"], network, max_samples=44)
    export_images(folder, tmp_path / "local", options)

    def with_a_deadly_one(source: Path, outside: bool, slides: bool) -> Listing:
        listing = open_source(source, outside, slides)
        place = next(place for place, image in enumerate(listing.images) if image.name == "class_1/0021.png")
        images = list(listing.images)
        images[place] = Deadly(images[place].path, images[place].name, given_class=images[place].given_class)
        return replace(listing, images=images)

    monkeypatch.setattr(export_module, "open_source", with_a_deadly_one)
    summary = export_images(folder, tmp_path / "ray", replace(options, backend="ray"))
    assert (folder / "class_1" / "0021.died").exists()
    assert summary.images == 44
    for name in ("metadata.tsv", "pix.bytes", "im.bytes", "sprite.png", "images.zip"):
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "local" / name).read_bytes(), name
    assert len(read_metadata(tmp_path / "ray")) == 44
    report = json.loads((tmp_path / "ray" / "export_report.json").read_text())
    assert report["settings"]["intensity range"]["whole numbers"] == pytest.approx([13_200, 14_100], abs=320)


@pytest.mark.ray
def test_workers_import_nothing_from_the_working_directory(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    draw_folder(tmp_path / "in", 4)
    for name in ("json", "numpy", "pickle", "ray", "exporters"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r} + ' ')")
    code = "import sys; sys.path[:] = [x for x in sys.path if x]; from tb_tsne_plugin.cli import main; main()"
    command = [sys.executable, "-c", code, "export", "in", "--logdir", "run", "--features", "pix", "--backend", "ray"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert not (tmp_path / "ran").exists()
    assert done.returncode == 0, done.stderr
    assert len(read_metadata(tmp_path / "run")) == 4


def die(_: int) -> None:
    """Ends whoever calls it."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_ends_its_worker_again_and_again_is_told_in_a_sentence(ray_cluster: None) -> None:
    with pytest.raises(
        ExportError, match=r"^A worker died 4 times over the same images \(WorkerCrashedError; memory\?\)"
    ):
        list(cluster_module.map_on_ray(die, range(3)))
