"""Guidance in a real browser: to the next group, suggestions accepted by one key, a wrong label found and changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.builders import blobs, make_run, sample_id
from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import Start

pytestmark = pytest.mark.browser
FEATURES, GROUP = blobs(120)


def test_a_set_is_labelled_by_following_the_advice(browser: Browser, start: Start, tmp_path: Path) -> None:
    make_run(tmp_path / "logs" / "run", FEATURES)
    server = start(tmp_path / "logs")
    store = server.store("run")
    for revision, name in enumerate(("ant", "bee", "cow")):
        tag = {"store": store, "op_id": f"class-{name}", "base_revision": revision}
        server.post("classes", run="run", **tag, action="add", name=name)
    page = LabelProjector(browser, server.address).open()
    expect(page.find("candidate").first).to_be_visible(timeout=60_000)

    met = []
    for digit in "123":  # G goes to a group that nothing is known of, three times
        page.press("g")
        page.wait_for("t.selection().focus !== null")
        rows = page.selected()
        met.append(int(GROUP[rows[0]]))
        assert (GROUP[rows] == GROUP[rows[0]]).mean() > 0.9
        before = sum(label > 0 for label in page.labels())
        page.press(digit)
        page.wait_for(f"t.labels().filter((each) => each > 0).length > {before}")
        page.press("Escape")
        expect(page.find("saved-state")).to_have_attribute("data-state", "saved")
        revision = server.get("labels", run="run", tensor="im").json()["revision"]
        page.frame.wait_for_function(  # the advice has heard of it
            "(row) => document.querySelector('[data-testid=candidate]')?.dataset.row !== String(row)", arg=rows[0]
        )
    assert sorted(met) == [0, 1, 2]

    page.press("u")  # suggestions are shown, not given
    expect(page.find("show-suggestions")).to_be_checked()
    labelled = sum(label > 0 for label in page.labels())
    if labelled < 120:
        page.find("sure-slider").fill("50")
        expect(page.find("accept")).to_be_enabled(timeout=20_000)
        page.press("a")
        page.wait_for(f"t.labels().filter((each) => each > 0).length > {labelled}")
    classes = {group: digit for digit, group in enumerate(met, start=1)}
    given = np.array(page.labels())
    assert (given == [classes[group] for group in GROUP])[given > 0].mean() > 0.95

    expect(page.find("saved-state")).to_have_attribute("data-state", "saved")  # the server has what the page shows
    wrong = int(np.flatnonzero(given > 0)[3])
    answer = server.get("labels", run="run", tensor="im").json()
    other = given[wrong] % 3 + 1
    applied = server.post(
        "labels/apply",
        run="run",
        store=store,
        op_id="wrong-label",
        base_revision=answer["revision"],
        class_id=int(other),
        sample_ids=[sample_id(wrong)],
        only_unlabeled=False,
    )
    assert applied.status_code == 200
    assert revision < answer["revision"] or labelled == 120
    page.wait_for(f"t.labels()[{wrong}] === {other}")
    page.press("c")
    issue = page.find("label-issue").first
    expect(issue).to_have_attribute("data-row", str(wrong), timeout=30_000)
    issue.locator('[data-testid="change-label"]').click()
    page.wait_for(f"t.labels()[{wrong}] === {given[wrong]}")
    expect(page.frame.locator(f'[data-testid="label-issue"][data-row="{wrong}"]')).to_have_count(0)
    page.close()
