"""The live embedding: repeatable to the bit, told things between epochs, and never broken by its input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tb_tsne_plugin.tsne import Embedding, Parameters, compute_affinities, initial_positions
from tb_tsne_plugin.tsne.parameters import Method
from tests.builders import blobs

ROOT = Path(__file__).resolve().parents[2]


def embedding(n: int = 150, **changes: object) -> Embedding:
    parameters = Parameters().updated(changes)
    features = blobs(n, 8)[0]
    start = initial_positions(features, parameters.n_components, parameters.random_state)
    return Embedding(compute_affinities(features, parameters.perplexity), start, parameters)


def agreement(positions: NDArray[np.floating[Any]], group: NDArray[np.integer[Any]]) -> float:
    neighbors = NearestNeighbors(n_neighbors=4).fit(positions).kneighbors(return_distance=False)
    return float((group[neighbors] == group[:, None]).mean())


@pytest.mark.parametrize("n_components", [2, 3])
def test_groups_come_apart(n_components: int) -> None:
    found = embedding(n_components=n_components)
    found.step(400)
    assert found.epoch == 400
    assert found.positions_by_sample.shape == (150, n_components)
    assert agreement(found.positions_by_sample, blobs(150)[1]) > 0.98


def test_cost_falls() -> None:
    found = embedding()
    start = found.cost
    found.step(500)
    assert 0.0 < found.cost < 0.5 * start


def test_same_seed_gives_the_same_positions_to_the_bit() -> None:
    first, again, other = (embedding(random_state=seed) for seed in (0, 0, 1))
    for found in (first, again, other):
        found.step(50)
        found.set_labels(np.arange(30), np.arange(30) % 3)
        found.perturb()
        found.step(50)
    assert np.array_equal(first.positions, again.positions)
    assert not np.array_equal(first.positions, other.positions)


@pytest.mark.parametrize(("method", "n"), [("exact", 300), ("barnes_hut", 1500)])
def test_any_number_of_threads_gives_the_same_positions_to_the_bit(method: str, n: int) -> None:
    # Barnes-Hut shares its work out to threads in pieces of 512 points.
    command = [sys.executable, "-m", "tests.tsne.thread_counts", method, str(n)]
    environment = {**os.environ, "NUMBA_NUM_THREADS": "4"}
    printed = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE).stdout
    found = json.loads(printed)
    assert list(found) == ["1", "2", "3", "4"]
    assert len(set(found.values())) == 1, found


def test_stepping_in_pieces_is_stepping_at_once() -> None:
    whole, pieces = embedding(), embedding()
    whole.step(120)
    for _ in range(12):
        pieces.step(10)
    assert np.array_equal(whole.positions_by_sample, pieces.positions_by_sample)


@pytest.mark.parametrize("method", ["exact", "barnes_hut"])
def test_looking_at_the_cost_changes_nothing(method: str) -> None:
    watched, alone = embedding(method=method), embedding(method=method)
    for _ in range(30):
        watched.step(1)
        assert watched.cost > 0
    alone.step(30)
    assert np.array_equal(watched.positions_by_sample, alone.positions_by_sample)


def test_labels_without_importance_and_emphasis_change_nothing_to_the_bit() -> None:
    plain, labeled = (embedding(label_importance=0.0, repulsion_emphasis=0.0) for _ in range(2))
    labeled.set_labels(np.arange(50), np.arange(50) % 3)
    plain.step(260)
    labeled.step(260)
    assert np.array_equal(plain.positions_by_sample, labeled.positions_by_sample)


def test_cleared_labels_leave_no_trace() -> None:
    plain, cleared = embedding(), embedding()
    cleared.set_labels(np.arange(50), np.arange(50) % 3)
    cleared.set_labels(np.arange(50), np.full(50, -1))
    plain.step(260)
    cleared.step(260)
    assert np.array_equal(plain.positions_by_sample, cleared.positions_by_sample)


def test_equal_labels_pull_together_and_different_labels_push_apart() -> None:
    # Labels across the groups: what they do cannot come from the features.
    rows = np.arange(60)
    labels = (rows // 3) % 2
    plain, labeled = (embedding(label_importance=1.0, repulsion_emphasis=1.0) for _ in range(2))
    labeled.set_labels(rows, labels)
    ratios = []
    for found in (plain, labeled):
        found.step(600)
        Y = found.positions_by_sample[:60]
        group = blobs(150)[1][:60]
        distance = np.linalg.norm(Y[:, None] - Y[None], axis=2)
        inside = group[:, None] == group[None]
        same = distance[inside & (labels[:, None] == labels[None])].mean()
        other = distance[inside & (labels[:, None] != labels[None])].mean()
        ratios.append(same / other)
    assert ratios[1] < 0.7 * ratios[0]


def test_centre_stays_at_the_origin() -> None:
    found = embedding()
    found.step(300)
    found.perturb(0.5)
    found.step(1)
    assert np.abs(found.positions_by_sample.mean(axis=0)).max() < 1e-4


def test_perturbation_is_measured_in_deviations_of_the_embedding() -> None:
    found = embedding()
    found.step(300)
    before = found.positions_by_sample
    found.perturb(0.1)
    moved = (found.positions_by_sample - before).std() / before.std()
    assert moved == pytest.approx(0.1, rel=0.15)


@pytest.mark.parametrize(
    "features",
    [
        np.zeros((0, 5)),
        np.zeros((1, 5)),
        np.ones((2, 5)),
        np.zeros((3, 5)),
        np.ones((40, 5)),
        np.repeat(blobs(20, 5)[0], 2, axis=0),
        blobs(40, 5)[0] * 1e20,
        blobs(40, 1)[0],
        np.vstack([blobs(20, 5)[0], blobs(20, 5)[0] + 1e6]),
    ],
    ids=["none", "one", "two equal", "three zero", "all equal", "duplicates", "huge", "one feature", "far apart"],
)
def test_degenerate_features_never_give_nan(features: NDArray[np.float32]) -> None:
    features = features.astype(np.float32)
    found = Embedding(compute_affinities(features, 20.0), initial_positions(features, 3), Parameters(labeling_start=0))
    found.step(30)
    found.set_labels(np.arange(len(features)), np.zeros(len(features), dtype=np.int32))
    found.step(30)
    assert np.isfinite(found.positions_by_sample).all()
    assert np.isfinite(found.cost)


ARRANGEMENTS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "spread": lambda X: X,
    "equal": np.ones_like,
    "duplicates": lambda X: np.repeat(X, 2, axis=0)[: len(X)],
    "one column constant": lambda X: np.where(np.arange(X.shape[1]) == 0, 7.0, X),
    "far apart": lambda X: X + 1e6 * (np.arange(len(X)) % 3)[:, None],
}
ACTIONS = ("label all", "label one class", "label some", "clear", "perturb", "2 epochs", "40 epochs", "strong")


def act(found: Embedding, action: str, random: np.random.Generator) -> None:
    rows = np.arange(found.n_samples)
    if action == "perturb":
        found.perturb(0.5)
    elif action == "strong":
        found.parameters = found.parameters.updated(
            {"label_importance": 10.0, "repulsion_emphasis": 10.0, "theta": 2.0}
        )
    elif action.endswith("epochs"):
        found.step(int(action.split(maxsplit=1)[0]))
    elif action == "label some":
        some = rows[random.random(len(rows)) < 0.5]
        found.set_labels(some, random.integers(-1, 4, len(some)))
    else:
        found.set_labels(rows, {"label all": rows % 3, "label one class": 0 * rows, "clear": 0 * rows - 1}[action])


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    n=st.integers(0, 60),
    features=st.integers(1, 5),
    exponent=st.integers(-20, 20),
    arrangement=st.sampled_from(sorted(ARRANGEMENTS)),
    method=st.sampled_from(["exact", "barnes_hut"]),
    n_components=st.sampled_from([2, 3]),
    actions=st.lists(st.sampled_from(ACTIONS), max_size=6),
)
def test_nothing_that_happens_between_epochs_breaks_an_embedding(
    seed: int,
    n: int,
    features: int,
    exponent: int,
    arrangement: str,
    method: Method,
    n_components: int,
    actions: list[str],
) -> None:
    random = np.random.default_rng(seed)
    X = (ARRANGEMENTS[arrangement](random.standard_normal((n, features))) * 10.0**exponent).astype(np.float32)
    parameters = Parameters(n_components=n_components, method=method, labeling_start=0, ramp_epochs=3)
    found = Embedding(compute_affinities(X, 20.0), initial_positions(X, n_components), parameters)
    epochs = 0
    for action in [*actions, "2 epochs"]:
        act(found, action, random)
        epochs += int(action.split()[0]) if action.endswith("epochs") else 0
        assert found.epoch == epochs
        assert found.positions_by_sample.shape == (n, n_components)
        assert np.isfinite(found.positions_by_sample).all()
        assert np.isfinite(found.cost)
    if n > 1:
        assert np.abs(found.positions_by_sample.mean(axis=0)).max() <= 1e-4 * max(
            np.abs(found.positions_by_sample).max(), 1e-4
        )


@pytest.fixture(scope="module")
def flowers(
    data_dir: Path, keras_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """MobileNet features of 400 flowers, and their classes."""
    run = tmp_path_factory.mktemp("flowers") / "run"
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", "export", str(data_dir / "flowers"), "--logdir", str(run)]
    weights = keras_dir / "models" / "mobilenet_7_5_224_tf_no_top.h5"
    network = ["--features", "im", "--backbone", "mobilenet:0.75", "--weights", str(weights), "--image-size", "128"]
    subprocess.run([*command, *network, "--max-samples", "400"], check=True)
    classes = pd.read_csv(run / "metadata.tsv", sep="\t")["file"].str.split("/").str[0]
    features = np.fromfile(run / "im.bytes", dtype="<f4").reshape(len(classes), -1)
    return features, np.unique(classes, return_inverse=True)[1]


def test_on_real_features_equal_labels_pull_together_and_different_labels_push_apart(
    flowers: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    features, classes = flowers
    affinities, start = compute_affinities(features, 20.0), initial_positions(features, 3)
    rows = np.arange(0, len(features), 2)
    same = classes[rows][:, None] == classes[rows][None]
    ratios, agreements = [], []
    for strength in (0.0, 1.0):
        parameters = Parameters(label_importance=strength, repulsion_emphasis=strength)
        found = Embedding(affinities, start, parameters)
        found.set_labels(rows, classes[rows])
        found.step(600)
        Y = found.positions_by_sample[rows]
        distance = np.linalg.norm(Y[:, None] - Y[None], axis=2)
        ratios.append(distance[same].mean() / distance[~same].mean())
        agreements.append(agreement(found.positions_by_sample, classes))
    assert ratios[1] < 0.9 * ratios[0]
    assert agreements[1] > agreements[0]


def test_start_is_scaled_principal_components() -> None:
    features = np.random.default_rng(3).standard_normal((300, 5)) * [1.0, 9.0, 3.0, 1.0, 27.0]
    start = initial_positions(features.astype(np.float32), 3)
    assert start[:, 0].std() == pytest.approx(1e-4, rel=1e-3)
    for axis, column in enumerate((4, 1, 2)):
        assert abs(np.corrcoef(start[:, axis], features[:, column])[0, 1]) > 0.98


def test_positions_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="There are 60 samples but 3 starting positions"):
        Embedding(compute_affinities(blobs(60)[0], 5.0), np.zeros((3, 3)), Parameters())
