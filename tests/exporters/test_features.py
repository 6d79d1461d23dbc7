from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters import ExportError, ExportOptions, NetworkChoice, export_images, extract_features
from exporters.backbones import Backbone, find_backbone
from exporters.errors import ExportUsageError
from tests.exporters.drawn import RED, color, draw, draw_folder, read_metadata, read_tensor

WEIGHTS = "mobilenet_7_5_224_tf_no_top.h5"
TINY = {"backbone": "mobilenet:0.25", "weights": "none", "image_size": 32}


@pytest.fixture(scope="module")
def weights(keras_dir: Path) -> str:
    return str(keras_dir / "models" / WEIGHTS)


def photographs(data_dir: Path, count: int) -> list[Path]:
    return sorted((data_dir / "monkeys").rglob("*.jpg"))[:: 1369 // count][:count]


def test_features_are_those_of_keras_itself_in_the_images_order(data_dir, weights):
    import keras

    paths = photographs(data_dir, 37)
    features = extract_features(paths, ["im"], backbone="mobilenet", weights=weights)["im"]
    assert features.shape == (37, 768)
    assert features.dtype == np.float32
    network = keras.applications.MobileNet(
        alpha=0.75, include_top=False, weights=weights, pooling="avg", input_shape=(224, 224, 3)
    )
    pixels = []
    for path in paths:
        with Image.open(path) as image:
            pixels.append(np.asarray(image.convert("RGB").resize((224, 224), Image.Resampling.BILINEAR), np.float32))
    expected = network.predict(keras.applications.mobilenet.preprocess_input(np.stack(pixels)), verbose=0)
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-3)
    untrained = extract_features(paths[:5], ["im"], backbone="mobilenet:0.75", weights="none")["im"]
    assert np.abs(untrained - features[:5]).max() > 0.1


def test_the_width_multiplier_is_found_in_the_weights_file_at_any_input_size(weights):
    network = Backbone("MobileNet").build(weights, side=64)
    assert (network.alpha, network.width, network.side) == (0.75, 768, 64)


def test_imagenet_weights_come_through_keras_cache(keras_dir, weights, monkeypatch):
    import keras

    monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(keras_dir))
    cached = find_backbone("mobilenet:0.75").build("imagenet")
    picture = np.random.default_rng(0).integers(0, 255, (1, 224, 224, 3), dtype=np.uint8)
    from_file = Backbone("MobileNet").build(weights)
    np.testing.assert_array_equal(cached.extractor().features(picture), from_file.extractor().features(picture))


def test_without_a_network_the_missing_weights_file_is_named(monkeypatch, tmp_path):
    import keras

    def offline(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setattr(keras.src.utils.file_utils, "urlretrieve", offline)
    with pytest.raises(ExportError, match=r"VGG16.* are not in Keras' cache .* --weights FILE") as raised:
        find_backbone("vgg16").build("imagenet")
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
def test_networks_have_keras_names_in_any_spelling(name, expected, side):
    backbone = find_backbone(name)
    assert (backbone.name, backbone.default_side) == (expected, side)


@pytest.mark.parametrize("name", ["InceptionV3", "EfficientNetB0", "EfficientNetV2B2", "NASNetMobile", "MobileNetV2"])
def test_default_input_sizes_are_those_of_keras(name):
    import keras

    full = getattr(keras.applications, name)(weights=None)
    assert full.input_shape[1] == Backbone(name).default_side


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mobilnet", "did you mean MobileNet"),
        ("quite_another", "any network of keras.applications works"),
        ("vgg16:0.5", "VGG16 has no width multiplier"),
        ("mobilenet:wide", "'wide' is no width multiplier"),
    ],
)
def test_an_unknown_backbone_is_one_sentence(name, message):
    with pytest.raises(ExportUsageError, match=message):
        find_backbone(name)


@pytest.mark.parametrize(
    ("choice", "error", "message"),
    [
        ({"weights": "/no/such.h5"}, ExportError, "--weights /no/such.h5: there is no such file"),
        ({"weights": "none", "image_size": 8}, ExportUsageError, "MobileNet at 8 pixels: Input size must be at least"),
    ],
)
def test_a_network_that_cannot_be_had_is_one_sentence(tmp_path, choice, error, message):
    folder = draw_folder(tmp_path / "in", 2)
    with pytest.raises(error, match=message):
        export_images(folder, tmp_path / "run", ExportOptions(network=NetworkChoice(**choice)))
    assert not (tmp_path / "run").exists()


def test_weights_of_another_network_or_no_weights_at_all_are_refused(tmp_path, weights):
    with pytest.raises(ExportError, match="does not fit ResNet50 without its top"):
        find_backbone("resnet50").build(weights, side=32)
    (tmp_path / "fake.h5").write_text("no HDF5")
    with pytest.raises(ExportError, match="not an HDF5 file"):
        find_backbone("mobilenet").build(str(tmp_path / "fake.h5"))


def test_pre_is_pix_after_the_networks_own_preprocessing():
    pictures = [Image.new("RGB", (50, 40), RED)]
    features = extract_features(pictures, ["pix", "pre"], backbone="vgg16")
    pix, pre = (features[name].reshape(32, 32, 3) for name in ("pix", "pre"))
    np.testing.assert_array_equal(pix[0, 0], RED)
    # VGG's: blue, green, red, minus ImageNet's means.
    np.testing.assert_allclose(pre[0, 0], np.subtract(RED[::-1], (103.939, 116.779, 123.68)), atol=1e-3)


def test_every_row_of_network_features_belongs_to_its_image(tmp_path, weights):
    choice = {"weights": weights, "image_size": 64}
    folder = draw_folder(tmp_path / "in", 45)
    (folder / "class_0" / "0000_broken.png").write_bytes(b"broken")
    options = ExportOptions(["pix", "pre", "im"], NetworkChoice(**choice))
    export_images(folder, tmp_path / "run", options)
    rows = read_metadata(tmp_path / "run")
    for stage, width in (("pix", 3072), ("pre", 3072), ("im", 768)):
        written = read_tensor(tmp_path / "run", stage, 45)
        assert written.shape == (45, width)
        alone = extract_features([folder / row["file"] for row in rows], [stage], **choice)[stage]
        np.testing.assert_allclose(written, alone, rtol=1e-3, atol=1e-4)
        assert len(np.unique(written.round(4), axis=0)) == 45


def test_random_weights_follow_the_seed(tmp_path):
    picture = [draw(tmp_path / "1.png", color(77))]
    one, same, other = (extract_features(picture, seed=seed, **TINY)["im"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other, rtol=0.1, atol=0)


def test_a_broken_image_among_given_ones_is_named(tmp_path):
    good = draw(tmp_path / "good.png", RED)
    (tmp_path / "bad.png").write_bytes(b"no")
    with pytest.raises(ExportError, match=r"1 images cannot be used: .*bad.png: not a JPEG"):
        extract_features([good, tmp_path / "bad.png"], ["pix"])
    with pytest.raises(ExportError, match="no images"):
        extract_features([], ["pix"])
    with pytest.raises(ExportUsageError, match="not one path"):
        extract_features(str(good), ["pix"])
