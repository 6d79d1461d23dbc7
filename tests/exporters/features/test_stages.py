from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters import ExportError, ExportOptions, NetworkChoice, export_images, extract_features
from exporters.errors import ExportUsageError
from tests.exporters.drawn import RED, color, draw, draw_folder, read_metadata, read_tensor

pytestmark = pytest.mark.tensorflow

WEIGHTS = "mobilenet_7_5_224_tf_no_top.h5"


TINY: dict[str, Any] = {"backbone": "mobilenet:0.25", "weights": "none", "image_size": 32}


@pytest.fixture(scope="module")
def weights(keras_dir: Path) -> str:
    return str(keras_dir / "models" / WEIGHTS)


def photographs(data_dir: Path, count: int) -> list[Path]:
    return sorted((data_dir / "monkeys").rglob("*.jpg"))[:: 1369 // count][:count]


def test_features_are_those_of_keras_itself_in_the_images_order(data_dir: Path, weights: str) -> None:
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
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)
    untrained = extract_features(paths[:5], ["im"], backbone="mobilenet:0.75", weights="none")["im"]
    assert np.abs(untrained - features[:5]).max() > 0.1


@pytest.mark.parametrize(
    ("choice", "error", "message"),
    [
        ({"weights": "/no/such.h5"}, ExportError, "--weights /no/such.h5: there is no such file"),
        ({"weights": "none", "image_size": 8}, ExportUsageError, "MobileNet at 8 pixels: Input size must be at least"),
    ],
)
def test_a_network_that_cannot_be_had_is_one_sentence(
    tmp_path: Path, choice: dict[str, Any], error: type[ExportError], message: str
) -> None:
    folder = draw_folder(tmp_path / "in", 2)
    with pytest.raises(error, match=message):
        export_images(folder, tmp_path / "run", ExportOptions(network=NetworkChoice(**choice)))
    assert not (tmp_path / "run").exists()


def test_pre_is_pix_after_the_networks_own_preprocessing() -> None:
    pictures = [Image.new("RGB", (50, 40), RED)]
    features = extract_features(pictures, ["pix", "pre"], backbone="vgg16")
    pix, pre = (features[name].reshape(32, 32, 3) for name in ("pix", "pre"))
    np.testing.assert_array_equal(pix[0, 0], RED)
    # VGG's: blue, green, red, minus ImageNet's means.
    np.testing.assert_allclose(pre[0, 0], np.subtract(RED[::-1], (103.939, 116.779, 123.68)), atol=1e-3)


def test_every_row_of_network_features_belongs_to_its_image(tmp_path: Path, weights: str) -> None:
    choice: dict[str, Any] = {"weights": weights, "image_size": 64}
    folder = draw_folder(tmp_path / "in", 45)
    (folder / "class_0" / "0000_broken.png").write_bytes(b"broken")
    options = ExportOptions(["pix", "pre", "im"], NetworkChoice(**choice))
    export_images(folder, tmp_path / "run", options)
    rows = read_metadata(tmp_path / "run")
    for stage, width in (("pix", 3072), ("pre", 3072), ("im", 768)):
        written = read_tensor(tmp_path / "run", stage, 45)
        assert written.shape == (45, width)
        alone = extract_features([folder / row["file"] for row in rows], [stage], **choice)[stage]
        np.testing.assert_allclose(written, alone, rtol=1e-4, atol=1e-4)
        assert len(np.unique(written.round(4), axis=0)) == 45


def test_random_weights_follow_the_seed(tmp_path: Path) -> None:
    picture = [draw(tmp_path / "1.png", color(77))]
    one, same, other = (extract_features(picture, seed=seed, **TINY)["im"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other, rtol=0.1, atol=0)


def test_a_broken_image_among_given_ones_is_named(tmp_path: Path) -> None:
    good = draw(tmp_path / "good.png", RED)
    (tmp_path / "bad.png").write_bytes(b"no")
    with pytest.raises(ExportError, match=r"1 images cannot be used: .*bad.png: not a picture"):
        extract_features([good, tmp_path / "bad.png"], ["pix"])
    with pytest.raises(ExportError, match="no images"):
        extract_features([], ["pix"])
    with pytest.raises(ExportUsageError, match="not one path"):
        extract_features(str(good), ["pix"])
