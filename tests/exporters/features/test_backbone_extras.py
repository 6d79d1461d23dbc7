from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from exporters import ExportError, extract_features

PICTURE = np.zeros((8, 8, 3), np.uint8)


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("hf:facebook/dinov2-small", "torch", "hf"),
        ("onnx:model.onnx", "onnxruntime", "onnx"),
        pytest.param("kerashub:dinov2_small", "keras_hub", "kerashub", marks=pytest.mark.tensorflow),
    ],
)
def test_a_missing_extra_is_one_sentence_with_what_to_type(
    name: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    with pytest.raises(ExportError) as raised:
        extract_features([PICTURE], backbone=name)
    scheme = name.partition(":")[0]
    assert str(raised.value).startswith(f"Backbones of {scheme}: need {module} (")
    assert str(raised.value).endswith(f"): pip install 'tb-tsne[{extra}]'.")


def test_a_backbone_of_ones_own_needs_no_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("keras", "tensorflow", "torch", "onnxruntime"):
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "own.py").write_text("def mean(batch): return batch.mean(axis=(1, 2))")
    features = extract_features([PICTURE], backbone=f"python:{tmp_path}/own.py:mean")
    np.testing.assert_array_equal(features["im"], [[0, 0, 0]])
