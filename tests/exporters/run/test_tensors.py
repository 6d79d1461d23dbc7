from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from exporters import write_run
from exporters.run.tensors import keep_from_reading_as_text
from tests.exporters.conftest import Stock
from tests.exporters.drawn import read_tensor

ZEROS = np.zeros((6, 4))


TEXT = np.frombuffer(b"1.5\t2\n3" * 4, "<f4").reshape(-1, 1)


SPARSE = np.concatenate([np.zeros((3, 2)), np.frombuffer(b"A\n\x8a?" * 6, "<f4").reshape(3, 2)])


INTEGERS = np.full((4, 3), 2.0)


@pytest.mark.parametrize("rows", [ZEROS, TEXT, SPARSE, INTEGERS], ids=["zeros", "text", "sparse", "integers"])
def test_features_that_look_like_text_open_in_the_stock_projector(
    tmp_path: Path, stock: Stock, rows: npt.NDArray[np.floating[Any]]
) -> None:
    write_run(tmp_path / "run", {"im": rows})
    np.testing.assert_allclose(stock(tmp_path).tensor("run", "im"), rows, rtol=2e-5)


def test_only_features_that_look_like_text_are_touched(tmp_path: Path) -> None:
    for content in (np.array([1.0, 2.0, 0.0], "<f4").tobytes(), b""):
        file = io.BytesIO(content)
        keep_from_reading_as_text(file)
        assert file.getvalue() == content


def test_a_memory_map_is_written_in_parts(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(5000, 3)).astype(np.float32)
    rows.tofile(tmp_path / "big.f4")
    write_run(tmp_path / "run", {"im": np.memmap(tmp_path / "big.f4", np.float32, shape=(5000, 3))})
    np.testing.assert_array_equal(read_tensor(tmp_path / "run", "im", 5000), rows)
