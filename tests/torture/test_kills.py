"""Twenty-five kills of the real server under load; `make torture` makes a thousand."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.torture.kills import torture

pytestmark = [pytest.mark.slow, pytest.mark.tensorboard]


@pytest.mark.timeout(1800)
def test_no_acknowledged_label_is_lost_or_doubled(tmp_path: Path) -> None:
    counts = torture(tmp_path, cycles=25, seed=int(time.time()), real_every=25)
    assert counts["kills"] == 25
    assert counts["acknowledged"] > 100
    assert counts["sent again"] > 10
