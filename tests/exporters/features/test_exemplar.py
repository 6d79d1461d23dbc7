from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pytest

from exporters import NetworkChoice, extract_features
from exporters.features.backbones.keras_networks import Network, find_architecture
from exporters.features.checkpoint import Checkpoint
from exporters.features.exemplar import Exemplar, estimate_statistics
from exporters.features.trained import extract, train
from exporters.features.training import Epoch, TrainingOptions, is_over
from exporters.features.turned import TurnedFeatures
from tb_tsne_plugin.runs.folder import Folder

pytestmark = pytest.mark.tensorflow

WEIGHTS = "mobilenet_7_5_224_tf_no_top.h5"


def noise(count: int, side: int) -> npt.NDArray[np.uint8]:
    """Pictures of smooth noise, all different."""
    coarse = np.random.default_rng(0).integers(0, 255, (count, 8, 8, 3), dtype=np.uint8)
    return np.repeat(np.repeat(coarse, side // 8, axis=1), side // 8, axis=2)


def weights_of(network: Network) -> dict[str, npt.NDArray[Any]]:
    return {variable.path: np.asarray(variable).copy() for variable in network.layers.variables}


def changed(before: dict[str, npt.NDArray[Any]], after: dict[str, npt.NDArray[Any]]) -> set[str]:
    return {path for path in before if not np.array_equal(before[path], after[path])}


# Inception-ResNet-v2 takes no smaller input than 75 pixels; to compile its gradients takes a minute and a half.
@pytest.mark.parametrize(("name", "side", "width"), [("vgg16", 32, 512), ("inception_resnet_v2", 80, 1536)])
def test_the_papers_networks_have_the_papers_widths_and_the_one_of_its_tables_trains(
    name: str, side: int, width: int
) -> None:
    pictures = noise(4, side)
    network = find_architecture(name).build("none", side)
    before = weights_of(network)
    exemplar = Exemplar(network, 4, frozen=False, untrained=True)
    if name == "vgg16":
        exemplar.train(pictures, 0, 4)
        kernels = {path for path in before if "kernel" in path}
        assert kernels <= changed(before, weights_of(network))
    assert exemplar.extractor().features(pictures).shape == (4, width)


def test_tf_keeps_the_network_and_tr_changes_it_slowly_but_not_its_statistics(keras_dir: Path) -> None:
    backbone, file = find_architecture("mobilenet"), str(keras_dir / "models" / WEIGHTS)
    pictures = noise(8, 32)
    network = backbone.build(file, 32)
    before = weights_of(network)
    pooled = network.extractor().features(pictures)
    frozen = Exemplar(network, 8, frozen=True)
    np.testing.assert_array_equal(frozen.extractor().features(pictures), pooled)  # It starts as the identity.
    frozen.imprint(pictures)
    loss, accuracy = frozen.train(pictures, 0, 8)
    assert np.isfinite(loss)
    assert 0 <= accuracy <= 1
    assert changed(before, weights_of(network)) == set()
    assert not np.array_equal(frozen.extractor().features(pictures), pooled)

    whole = Exemplar(network, 8, frozen=False, network_learning_rate=1e-5)
    whole.train(pictures, 0, 8)
    after = weights_of(network)
    moved = changed(before, after)
    assert {path for path in before if "moving" not in path} == moved
    # Adam's first step is as long as its rate.
    assert max(np.abs(after[path] - before[path]).max() for path in moved) == pytest.approx(1e-5, rel=0.1)


def test_an_untrained_networks_activations_do_not_vanish() -> None:
    pictures = noise(20, 32)
    network = find_architecture("mobilenet:0.25").build("none", 32)
    assert network.extractor().features(pictures).std() < 1e-9
    estimate_statistics(network, pictures)
    features = network.extractor().features(pictures)
    assert features.std() > 0.01
    assert len(np.unique(features.round(4), axis=0)) == 20
    through_the_stage = extract_features(
        list(pictures), ["im"], backbone="mobilenet:0.25", weights="none", image_size=32
    )
    np.testing.assert_allclose(through_the_stage["im"], features, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("stage", "rotations"), [("rn", 0), ("tf", 0), ("tf", 2)])
def test_training_goes_on_from_a_checkpoint_as_if_it_had_never_stopped(
    stage: str, rotations: int, tmp_path: Path
) -> None:
    pictures = noise(24, 32)
    backbone = find_architecture("mobilenet:0.25")

    def run(epochs: int, path: Path) -> tuple[list[Epoch], npt.NDArray[np.float32]]:
        history, extractor = train(
            stage,
            backbone,
            "none",
            32,
            5,
            pictures,
            TrainingOptions(epochs, 8, rotations=rotations),
            Checkpoint(Folder(path.parent), path.name),
            lambda _: lambda _: None,
        )
        return history, np.concatenate(list(extract(extractor, pictures)))

    whole, features = run(3, tmp_path / "whole.npz")
    assert whole[0].loss < 20  # Guessing has log(24): the softmax starts from features, not from what has vanished.
    run(1, tmp_path / "parts.npz")
    parts, same = run(3, tmp_path / "parts.npz")
    assert [epoch[:2] for epoch in parts] == [epoch[:2] for epoch in whole]
    np.testing.assert_array_equal(same, features)


def test_a_frozen_network_computes_every_rotation_once(tmp_path: Path) -> None:
    pictures = np.repeat(noise(1, 32), 300, axis=0)
    network = find_architecture("mobilenet:0.25").build("none", 32)
    estimate_statistics(network, pictures)

    def turned(file: BinaryIO) -> TurnedFeatures:
        shown.clear()
        return TurnedFeatures(file, network, pictures, 2, "reflect", 3, shown.append)

    shown: list[int] = []
    rows = np.arange(300)
    with (tmp_path / "whole").open("w+b") as file:
        features = turned(file)
        assert shown == [256, 44, 256, 44]
        epoch, again, other = (features.of_epoch(number)[rows] for number in (0, 0, 1))
    every = np.fromfile(tmp_path / "whole", "<f4").reshape(2, 300, network.width)
    # The same picture 600 times: only angles make a difference.
    assert len(np.unique(every.reshape(600, -1).round(3), axis=0)) > 550
    np.testing.assert_array_equal(epoch, again)
    first = (epoch == every[0]).all(axis=1)
    assert 100 < first.sum() < 200
    assert ((epoch == every[1]).all(axis=1) | first).all()
    assert not np.array_equal(epoch, other)
    whole = (tmp_path / "whole").read_bytes()
    for kept in (0, len(whole) // 2 - 1, len(whole) // 2, len(whole)):
        (tmp_path / "cut").write_bytes(whole[:kept])
        with (tmp_path / "cut").open("r+b") as file:
            turned(file)
        assert (tmp_path / "cut").read_bytes() == whole


def test_training_stops_on_a_plateau_or_when_all_epochs_are_done() -> None:
    def history(*losses: float) -> list[Epoch]:
        return [Epoch(loss, 0.0, 0.0) for loss in losses]

    options = TrainingOptions(epochs=6, patience=2)
    assert not is_over(history(5, 4, 3, 2), options)
    assert is_over(history(5, 4, 4.1, 3.99), options)
    assert not is_over(history(5, 4, 4.1, 3.9), options)
    assert not is_over(history(5, 5, 5, 5), TrainingOptions(epochs=6, patience=0))
    assert is_over(history(6, 5, 4, 3, 2, 1), options)
    assert is_over([], TrainingOptions(epochs=0))


def test_mixed_precision_gives_nearly_the_same_features() -> None:
    from exporters.features.devices import compute_scope

    pictures = noise(6, 32)
    features = {}
    for precision in ("float32", "mixed"):
        with compute_scope(precision):
            network = find_architecture("vgg16").build("none", 32)
            features[precision] = network.extractor().features(pictures)
    assert features["mixed"].dtype == np.float32
    scale = np.abs(features["float32"]).max()
    assert 0 < np.abs(features["mixed"] - features["float32"]).max() < 0.05 * scale
    assert NetworkChoice().precision == "auto"
