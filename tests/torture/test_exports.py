"""One export of few images, killed once; `make torture` makes twenty of more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.torture.exports import torture

pytestmark = pytest.mark.slow


@pytest.mark.timeout(1800)
def test_an_export_that_was_killed_goes_on_to_the_same_run(tmp_path: Path) -> None:
    counts = torture(tmp_path, cycles=1, seed=int(time.time()), images=240)
    assert counts["kills"] == 1
