"""The crowd in small; `python -m tests.torture.crowd` sends 100,000 operations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.crowd import crowd

pytestmark = [pytest.mark.slow, pytest.mark.tensorboard]


def test_nobody_overwrites_anybody(tmp_path: Path) -> None:
    counts, statuses, _ = crowd(tmp_path, operations=1_600, clients=16)
    edits = counts.pop("edits")
    assert edits > 200
    assert not any(counts.values()), counts
    assert statuses[409] > 50
    assert not any(status >= 500 and status != 503 for status in statuses)  # 503 is "try again", on a machine too busy
