from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporters import ExportError, write_run
from exporters.run.sprites import fitting_tile_side, grid_side
from tests.exporters.conftest import Stock
from tests.exporters.drawn import RED, read_tiles


def test_the_sprite_sheet_stays_within_8192_pixels() -> None:
    assert [grid_side(count) for count in (1, 2, 4, 5, 9, 10, 1369)] == [1, 2, 2, 3, 3, 4, 37]
    for count in (1, 3000, 16384, 16385, 100_000, 1_000_000):
        side = fitting_tile_side(count)
        assert 1 <= side <= 64
        assert side * grid_side(count) <= 8192
    with pytest.raises(ExportError, match="do not fit"):
        fitting_tile_side(8193**2)


def test_a_large_sheet_of_photographs_is_a_jpeg_whose_tiles_do_not_bleed(tmp_path: Path, stock: Stock) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (64, 64, 3), dtype=np.uint8) for _ in range(1100)]
    pictures[5] = np.full((64, 64, 3), RED, np.uint8)
    write_run(tmp_path / "run", {"im": np.arange(1100.0)[:, None]}, images=pictures)
    assert stock(tmp_path).sprite("run", "im")[0] == "image/jpeg"
    assert np.abs(read_tiles(tmp_path / "run", 1100)[5].astype(int) - RED).max() <= 6
