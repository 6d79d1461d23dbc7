from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporters import ExportError
from exporters.errors import ExportUsageError
from exporters.features.backbones.keras_networks import Architecture, find_architecture

pytestmark = pytest.mark.tensorflow

WEIGHTS = "mobilenet_7_5_224_tf_no_top.h5"


@pytest.fixture(scope="module")
def weights(keras_dir: Path) -> str:
    return str(keras_dir / "models" / WEIGHTS)


def test_the_width_multiplier_is_found_in_the_weights_file_at_any_input_size(weights: str) -> None:
    network = Architecture("MobileNet").build(weights, side=64)
    assert (network.alpha, network.width, network.side) == (0.75, 768, 64)


def test_imagenet_weights_come_through_keras_cache(
    keras_dir: Path, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(keras_dir))
    cached = find_architecture("mobilenet:0.75").build("imagenet")
    picture = np.random.default_rng(0).integers(0, 255, (1, 224, 224, 3), dtype=np.uint8)
    from_file = Architecture("MobileNet").build(weights)
    np.testing.assert_array_equal(cached.extractor().features(picture), from_file.extractor().features(picture))


def test_without_a_network_the_missing_weights_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import keras

    def offline(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setattr(keras.src.utils.file_utils, "urlretrieve", offline)
    with pytest.raises(ExportError, match=r"VGG16.* are not in Keras' cache .* --weights FILE") as raised:
        find_architecture("vgg16").build("imagenet")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "expected", "side"),
    [
        ("vgg16", "VGG16", 224),
        ("inception_resnet_v2", "InceptionResNetV2", 299),
        ("MobileNetV2", "MobileNetV2", 224),
        ("efficientnet_b3", "EfficientNetB3", 300),
        ("convnext-tiny", "ConvNeXtTiny", 224),
    ],
)
def test_networks_have_keras_names_in_any_spelling(name: str, expected: str, side: int) -> None:
    architecture = find_architecture(name)
    assert (architecture.name, architecture.default_side) == (expected, side)


@pytest.mark.parametrize("name", ["InceptionV3", "EfficientNetB0", "EfficientNetV2B2", "NASNetMobile", "MobileNetV2"])
def test_default_input_sizes_are_those_of_keras(name: str) -> None:
    import keras

    full = getattr(keras.applications, name)(weights=None)
    assert full.input_shape[1] == Architecture(name).default_side


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mobilnet", "did you mean MobileNet"),
        ("quite_another", "any network of keras.applications works"),
        ("vgg16:0.5", "VGG16 has no width multiplier"),
        ("mobilenet:wide", "'wide' is no width multiplier"),
    ],
)
def test_an_unknown_backbone_is_one_sentence(name: str, message: str) -> None:
    with pytest.raises(ExportUsageError, match=message):
        find_architecture(name)


def test_weights_of_another_network_or_no_weights_at_all_are_refused(tmp_path: Path, weights: str) -> None:
    with pytest.raises(ExportError, match="does not fit ResNet50 without its top"):
        find_architecture("resnet50").build(weights, side=32)
    (tmp_path / "fake.h5").write_text("no HDF5")
    with pytest.raises(ExportError, match="not an HDF5 file"):
        find_architecture("mobilenet").build(str(tmp_path / "fake.h5"))
