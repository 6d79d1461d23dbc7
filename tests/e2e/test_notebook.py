"""TensorBoard in a frame of another page, as in a notebook: the keyboard stays with the cell that somebody types in."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, Page

from tests.builders import blobs, make_run
from tests.e2e.small_run import Run
from tests.serving import QuietHandler, serving

pytestmark = pytest.mark.browser

NOTEBOOK = """<!doctype html><title>A notebook</title><h1>A notebook</h1>
<textarea autofocus rows="6" cols="60"></textarea><br>
<iframe src="{address}/#tsne" width="1200" height="700"></iframe>
"""
TYPED = "import numpy as np; " * 15
"""300 characters; many are keys of the page."""


class Empty(QuietHandler):
    """Answers an empty page. A browser must really be sent one, or it may not frame what is on this machine."""

    def do_GET(self) -> None:  # noqa: N802 (its name is asked for)
        """Answers."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()


@pytest.fixture(params=["of another port", "of the same address"])
def notebook(browser: Browser, run: Run, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with a cell, which has the focus, and with the run's TensorBoard in a frame below it."""
    address = run.server.address
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(f"localStorage['tb-tsne'] ??= {json.dumps(json.dumps({'run': run.name}))}")
    with serving(Empty) as elsewhere:
        another = elsewhere.replace("127.0.0.1", "localhost")
        page.goto(another if "another" in request.param else f"{address}/data/environment")
        page.set_content(NOTEBOOK.format(address=address), wait_until="commit")
        yield page
    page.close()


def ours(page: Page) -> Frame:
    """Our page in TensorBoard's in the notebook's, as soon as it shows the run."""
    for _ in range(60):
        found = [frame for frame in page.frames if frame.url.endswith("name=tsne")]
        if found:
            found[0].wait_for_function("() => window.__tsne?.epoch() > 0", timeout=60_000)
            return found[0]
        page.wait_for_timeout(500)
    raise AssertionError("TensorBoard did not open")


def test_a_cell_keeps_the_keyboard_whatever_the_page_does(notebook: Page, run: Run) -> None:
    cell, outer = notebook.locator("textarea"), notebook.locator("iframe")
    notebook.keyboard.type(TYPED[:100], delay=30)  # while it opens
    toast = ours(notebook).locator('[data-testid="toast"]')
    make_run(run.server.logdir / run.name, blobs(150)[0])  # exported again: a message, and all is loaded afresh
    run.server.first_frame(run=run.name, tensor="im")
    notebook.keyboard.type(TYPED[100:150])
    toast.first.wait_for(timeout=30_000)
    notebook.keyboard.type(TYPED[150:200], delay=30)
    # Hidden and shown again, as when the output of a cell is folded.
    outer.evaluate("(frame) => { frame.style.display = 'none'; }")
    notebook.wait_for_timeout(700)
    outer.evaluate("(frame) => { frame.style.display = ''; }")
    notebook.wait_for_timeout(700)
    notebook.keyboard.type(TYPED[200:250])
    run.server.post("session/restart", run=run.name, tensor="im")
    notebook.keyboard.type(TYPED[250:], delay=20)
    assert cell.input_value() == TYPED


def test_the_pointer_brings_the_keyboard_to_the_page_and_back(notebook: Page) -> None:
    cell, frame = notebook.locator("textarea"), ours(notebook)
    overlay = frame.locator('[data-testid="keys-overlay"]')
    notebook.keyboard.type("g")
    frame.locator("canvas").first.click(position={"x": 5, "y": 400})
    notebook.keyboard.press("?")
    overlay.wait_for()
    notebook.keyboard.press("Escape")
    cell.click()
    notebook.keyboard.type("g?")
    assert cell.input_value() == "gg?"
    assert overlay.count() == 0
