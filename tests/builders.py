"""Makes log dirs for tests, by hand: what the plugin reads must not depend on what our own exporter writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

WORDS = ("ant", "bee", "cat")


def blobs(
    n: int = 60, d: int = 8, classes: int = 3, seed: int = 0
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """(N, D) features in well separated groups, and each sample's group."""
    random = np.random.default_rng(seed)
    group = np.arange(n) % classes
    return (random.standard_normal((n, d)) + 12.0 * np.eye(classes, d)[group]).astype(np.float32), group


def make_run(
    folder: Path,
    features: npt.ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    *,
    tensors: Sequence[str] = ("im",),
    sprite: bool = True,
    columns: Mapping[str, Sequence[str]] | None = None,
    ids: Sequence[str] | None = None,
) -> Path:
    """Writes a run as any exporter for the stock Projector would; by default ids are s0000, s0001, …"""
    values = np.asarray(blobs()[0] if features is None else features, dtype=np.float32)
    n = len(values)
    folder.mkdir(parents=True, exist_ok=True)
    labels = ["unlabeled"] * n if labels is None else labels
    more = columns or {}
    names = [sample_id(i) for i in range(n)] if ids is None else ids
    rows = [
        "\t".join([names[i], f"class/{i}.png", label, *(column[i] for column in more.values())])
        for i, label in enumerate(labels)
    ]
    head = "\t".join(["sample_id", "file", "label", *more])
    (folder / "metadata.tsv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    config = ""
    for name in tensors:
        (folder / f"{name}.bytes").write_bytes(values.astype("<f4").tobytes())
        config += (
            f'embeddings {{ tensor_name: "{name}" tensor_path: "{name}.bytes" metadata_path: "metadata.tsv" '
            f"tensor_shape: {n} tensor_shape: {values.shape[1]} "
        )
        config += 'sprite { image_path: "sprite.png" single_image_dim: 8 single_image_dim: 8 } }\n' if sprite else "}\n"
    if sprite:
        side = int(np.ceil(np.sqrt(max(n, 1)))) * 8
        pixels = np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "sprite.png")
    (folder / "projector_config.pbtxt").write_text(config)
    return folder


def sample_id(row: int) -> str:
    """The id that `make_run` gives a row."""
    return f"s{row:04d}"
