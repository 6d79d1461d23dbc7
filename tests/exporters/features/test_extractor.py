from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exporters import ExportError
from exporters.features.backbones.extractor import Extractor
from exporters.features.backbones.keras_networks import Architecture
from exporters.images.renditions import Bytes

pytestmark = pytest.mark.tensorflow


def pictures(count: int, side: int) -> Bytes:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def means(most: int) -> Any:
    """A model that gives each picture's mean color, and has memory for so many pictures at once."""
    import keras
    import tensorflow as tf

    def refuse(values: Any) -> Any:
        if len(values) > most:
            raise MemoryError  # which TensorFlow turns into its own error
        return values

    class Scarce(keras.layers.Layer):  # type: ignore[misc]
        def call(self, values: Any) -> Any:
            seen = tf.py_function(refuse, [values], tf.float32)
            return tf.ensure_shape(seen, values.shape)

    given = keras.Input((4, 4, 3), dtype="uint8")
    values = Scarce()(keras.ops.cast(given, "float32"))
    return keras.Model(given, keras.ops.mean(values, axis=(1, 2)))


def test_features_are_what_the_model_predicts(keras_dir: Path) -> None:
    import keras

    weights = str(keras_dir / "models" / "mobilenet_7_5_224_tf_no_top.h5")
    network = Architecture("MobileNet").build(weights, side=64)
    given, values = network.input()
    model = keras.Model(given, network.pooled(values))
    seen = pictures(50, 64)
    features = Extractor(model).features(seen)
    np.testing.assert_allclose(features, model.predict(seen, verbose=0), atol=1e-4)
    assert features.std(axis=0).max() > 0.1


def test_weights_are_taken_as_they_are() -> None:
    network = Architecture("MobileNet", 0.25).build("none", side=32)
    seen = pictures(3, 32)
    extractor = network.extractor()
    before = extractor.features(seen)
    for weight in network.layers.weights:
        weight.assign(weight * 2 + 1)
    np.testing.assert_array_equal(extractor.features(seen), before)
    assert not np.array_equal(network.extractor().features(seen), before)


def test_where_memory_is_short_batches_get_smaller() -> None:
    seen = pictures(50, 4)
    np.testing.assert_allclose(Extractor(means(most=5)).features(seen), seen.mean(axis=(1, 2)), rtol=1e-5)
    with pytest.raises(ExportError, match="more memory than there is"):
        Extractor(means(most=0)).features(seen)
