"""The main story in the Firefox that people have: its ESR."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.firefox import Firefox
from tests.e2e.small_run import Run

pytestmark = pytest.mark.browser


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    found = Firefox(tmp_path / "profile")
    yield found
    found.stop()


def test_a_group_is_labeled_by_a_key_kept_and_taken_back(firefox: Firefox, run: Run) -> None:
    firefox.open(f"{run.server.address}/#tsne")
    firefox.wait_for("find('run-select')")
    firefox.evaluate(
        f"""const field = document.querySelector("[data-testid='run-select']");
        field.value = {run.name!r};
        field.dispatchEvent(new Event("change", {{ bubbles: true }}));"""
    )
    firefox.wait_for(f"find('run-select').value === {run.name!r} && t.epoch() > 0")
    firefox.wait_for("find('session-status').textContent.includes('Settled')")
    firefox.press("g")
    firefox.wait_for("find('thumb')")
    count = firefox.evaluate("return window.__tsne.selection().rows.length")
    assert count > 1
    firefox.press("1")
    firefox.wait_for(f"find('count-ant').textContent === '{count}'")
    firefox.wait_for("find('saved-state').dataset.state === 'saved'")
    assert run.labels().count(1) == count
    firefox.reload()
    firefox.wait_for("t.epoch() > 0 && find('count-ant')")
    firefox.wait_for(f"find('count-ant').textContent === '{count}'")
    firefox.press("Control+z")
    firefox.wait_for("find('count-ant').textContent === '0'")
    firefox.wait_for("find('saved-state').dataset.state === 'saved'")
    assert set(run.labels()) == {-1}
