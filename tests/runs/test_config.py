"""Configs that were made to hold everybody up: each is refused, or read, in a moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_tsne_plugin.runs.config import MAX_CONFIG_BYTES, read_config
from tb_tsne_plugin.runs.errors import RunError

FEATURES = 'embeddings { tensor_path: "a" '


def filled(piece: str, before: str = "", after: str = "") -> str:
    return before + piece * ((MAX_CONFIG_BYTES - len(before) - len(after)) // len(piece)) + after


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (filled('embeddings { tensor_path: "a" }\n'), "lists 8,192 features; at most 256"),
        (filled("embeddings{}"), "lists no features"),
        (filled("tensor_shape: 1 ", FEATURES, "}"), ""),
        (filled("1,", FEATURES + "tensor_shape: [", "1] }"), ""),
        (filled("9", FEATURES + "tensor_shape: ", "}"), "cannot be read, line 1:"),
        (filled('"a" ', "embeddings { tensor_path: ", "}"), "a name of more than 1,024 characters"),
        (filled("n", FEATURES + 'tensor_name: "', '" }'), "a name of more than 1,024 characters"),
        (filled("\\\\", 'embeddings { tensor_path: "', '" }'), "no path has so many backslashes"),
        (filled("\\" * 62 + "n", 'embeddings { tensor_path: "', '" }'), "more than 1,024|cannot be read"),
        (filled("["), "cannot be read, line 1:"),
        (filled("x {"), "cannot be read, line 1:"),
        (filled("sprite { "), "cannot be read, line 1:"),
        (filled("#"), "lists no features"),
    ],
)
def test_a_config_of_the_largest_size_takes_moments(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "projector_config.pbtxt").write_text(text)
    if not sentence:
        assert len(read_config(tmp_path)) == 1
        return
    with pytest.raises(RunError, match=sentence) as caught:
        read_config(tmp_path)
    assert len(str(caught.value)) < 300
