"""Exemplar training finds what stays the same when images are turned."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from exporters import TrainingOptions, extract_features

pytestmark = pytest.mark.tensorflow

SIDE = 64
POLYGONS = {
    "triangle": [(-8, -7), (8, -7), (0, 9)],
    "square": [(-7, -7), (7, -7), (7, 7), (-7, 7)],
    "bar": [(-10, -3), (10, -3), (10, 3), (-10, 3)],
    "plus": [
        (-10, -3),
        (-3, -3),
        (-3, -10),
        (3, -10),
        (3, -3),
        (10, -3),
        (10, 3),
        (3, 3),
        (3, 10),
        (-3, 10),
        (-3, 3),
        (-10, 3),
    ],
    "L": [(-9, -9), (-4, -9), (-4, 4), (9, 4), (9, 9), (-9, 9)],
    "T": [(-9, -9), (9, -9), (9, -4), (3, -4), (3, 9), (-3, 9), (-3, -4), (-9, -4)],
}


def turned_shapes(count: int, seed: int) -> tuple[list[npt.NDArray[np.uint8]], npt.NDArray[np.int64]]:
    """Pictures of the shapes in turn, each turned by an angle of its own, with a little noise; and their classes."""
    random = np.random.default_rng(seed)
    classes = np.arange(count) % len(POLYGONS)
    pictures = []
    for number in classes:
        angle = random.uniform(0, 2 * np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = np.array(list(POLYGONS.values())[number]) @ turn.T * 9 + 128
        image = Image.new("L", (256, 256), 40)
        ImageDraw.Draw(image).polygon([tuple(corner) for corner in corners], fill=220)
        pixels = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX)) + random.normal(0, 5, (SIDE, SIDE))
        pictures.append(np.repeat(pixels.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2))
    return pictures, classes


def neighbor_accuracy(features: npt.NDArray[np.float32], classes: npt.NDArray[np.int64]) -> float:
    """The share of the 4 nearest neighbours that are of the same class."""
    squares = np.square(features).sum(axis=1)
    distances = squares[:, None] - 2 * features @ features.T + squares
    np.fill_diagonal(distances, np.inf)
    nearest = np.argpartition(distances, 4, axis=1)[:, :4]
    return float((classes[nearest] == classes[:, None]).mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_exemplar_training_tells_shapes_apart_whichever_way_they_are_turned(seed: int) -> None:
    pictures, classes = turned_shapes(240, seed)
    training = TrainingOptions(epochs=30, batch_size=16, learning_rate=6e-3, network_learning_rate=6e-3, patience=0)
    features = extract_features(
        pictures, ["im", "rn"], backbone="mobilenet:0.25", weights="none", image_size=SIDE, seed=seed, training=training
    )
    untrained, trained = (neighbor_accuracy(features[stage], classes) for stage in ("im", "rn"))
    assert trained >= untrained + 0.15
