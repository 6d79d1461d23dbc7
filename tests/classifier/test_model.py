"""The saved model computes what suggestions for further samples are computed with."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.classifier import model as model_module
from tb_tsne_plugin.classifier.errors import ClassifierError
from tb_tsne_plugin.classifier.model import build_model
from tb_tsne_plugin.guidance import kernel
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.suggestions import Learned
from tb_tsne_plugin.tsne import compute_affinities

onnx: Any = pytest.importorskip("onnx", reason="needs the extra [onnx]")
onnxruntime: Any = pytest.importorskip("onnxruntime", reason="needs the extra [onnx]")

KINDS = ("a layer's", "signed", "far from zero", "huge", "copies")


def draw(kind: str, n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(n, 40) features of four overlapping groups, and each sample's group.

    Of copies, there are four of each sample of seed 0, whose labels are not all known.
    """
    centers = np.random.default_rng(7).standard_normal((4, 40))
    random = np.random.default_rng(seed)
    group = random.integers(0, 4, n)
    if kind == "copies" and seed == 0:
        values, group = draw("signed", n // 4, seed)
        return np.tile(values, (4, 1)), np.tile(group, 4)
    drawn = 0.4 * centers[group] + random.standard_normal((n, 40))
    shaped = {"a layer's": np.maximum(drawn, 0), "far from zero": drawn + 3e3, "huge": 1e20 * drawn}
    return shaped.get(kind, drawn).astype(np.float32), group


def learn(kind: str) -> tuple[Guide, Learned]:
    features, group = draw(kind, 200, 0)
    guide = Guide(features, compute_affinities(features, 20.0).P)
    labels = np.where(np.arange(200) % 3 == 0, group, -1)
    return guide, guide.suggester.for_further_samples(labels)


def probabilities(model: bytes, features: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (found,) = session.run(["probabilities"], {"features": features})
    return np.asarray(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("has_kernel", [True, False], ids=["few labels", "too many for the kernel"])
def test_the_model_gives_the_same_probabilities(kind: str, has_kernel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_kernel:
        monkeypatch.setattr(kernel, "MOST_LABELS", 10)
    guide, learned = learn(kind)
    assert (learned.models.kernel is not None) == has_kernel
    features = draw(kind, 300, 1)[0]
    features[0] = 0.0
    expected = learned(guide.components(features)).probabilities
    assert expected.max(axis=1).std() > 0.1
    found = probabilities(build_model(guide.components, learned, list("abcd")), features)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_model_says_its_classes() -> None:
    guide, learned = learn("signed")
    saved = onnx.load_model_from_string(build_model(guide.components, learned, ["é", "b", "c", "d"]))
    assert {each.key: json.loads(each.value) for each in saved.metadata_props} == {"classes": ["é", "b", "c", "d"]}


def test_too_much_for_one_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "MOST_BYTES", 10_000)
    guide, learned = learn("signed")
    with pytest.raises(ClassifierError, match="too many samples and classes"):
        build_model(guide.components, learned, list("abcd"))
