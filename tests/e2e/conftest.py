"""A browser, TensorBoards, and real images exported once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.install_browser import find_chromium
from tests.e2e.page import FLAGS
from tests.e2e.tensorboard_server import TensorBoard


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium with WebGL2."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def start() -> Iterator[Callable[..., TensorBoard]]:
    """Starts TensorBoards and ends them after the test."""
    started: list[TensorBoard] = []

    def start_one(logdir: Path, *flags: str, **options: object) -> TensorBoard:
        started.append(TensorBoard(logdir, *flags, **options))
        return started[-1].start()

    yield start_one
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def monkeys(tmp_path_factory: pytest.TempPathFactory, data_dir: Path, keras_dir: Path) -> Path:
    """A log dir of the monkeys set, made by the command a user would type."""
    logdir = tmp_path_factory.mktemp("logs")
    weights = keras_dir / "models" / "mobilenet_7_5_224_tf_no_top.h5"
    command = [
        str(Path(sys.executable).with_name("tb-tsne")),
        *("export", str(data_dir / "monkeys"), "--logdir", str(logdir / "monkeys"), "--features", "pix,im"),
        *("--backbone", "mobilenet", "--weights", str(weights), "--labels", "none"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1,369" in done.stdout
    return logdir
