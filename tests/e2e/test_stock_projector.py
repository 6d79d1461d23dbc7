"""TensorBoard's own Projector, on what we write for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from tb_tsne_plugin.cli import cli
from tests.builders import make_run
from tests.e2e.tensorboard_server import FOR_THE_STOCK_PROJECTOR, Start

pytestmark = pytest.mark.browser


def test_the_stock_projector_shows_the_bookmark(tmp_path: Path, browser: Browser, start: Start) -> None:
    run = make_run(tmp_path)  # The log dir itself: it lists no folder below without an event file.
    assert CliRunner().invoke(cli, ["embed", str(run), "--epochs", "50"]).exit_code == 0
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{start(tmp_path, environment=FOR_THE_STOCK_PROJECTOR).address}/#projector")
    frame = page.frame_locator("iframe").frame_locator("iframe")
    frame.locator('paper-icon-button[icon="radio-button-unchecked"]').click(timeout=60_000)
    expect(frame.locator(".ink-tab.active")).to_have_attribute("data-tab", "umap", timeout=20_000)
    page.close()
    assert errors == []
