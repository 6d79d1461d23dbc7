"""A browser, TensorBoards, and real images exported once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.install_browser import find_chromium
from tests.e2e.page import FLAGS, LabelProjector
from tests.e2e.small_run import OPEN, Run, make_small_run, name_of_run
from tests.e2e.tensorboard_server import Start, TensorBoard
from tests.e2e.visits import NAME


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium with WebGL2."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def knowing(browser: Browser) -> Iterator[Browser]:
    """Another, for which a name leads to this machine, and which takes any certificate."""
    flags = [*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1", "--ignore-certificate-errors"]
    found = browser.browser_type.launch(executable_path=find_chromium(), args=flags)
    yield found
    found.close()


@pytest.fixture
def until_the_end() -> Iterator[ExitStack]:
    """What is to be ended after the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts TensorBoards and ends them after the test."""
    started: list[TensorBoard] = []

    def start_one(logdir: Path, *flags: str, **options: Any) -> TensorBoard:
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


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    """One TensorBoard for all; every test has a run of its own in its log dir."""
    server = TensorBoard(tmp_path_factory.mktemp("logs"))
    yield server.start()
    server.stop()


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest) -> Run:
    """Three groups, two classes, and a t-SNE under way."""
    return make_small_run(shared, name_of_run(request.node.name))


@pytest.fixture
def open_page(browser: Browser, run: Run) -> Iterator[OPEN]:
    """Opens pages on the run, and closes them afterwards."""
    opened: list[LabelProjector] = []

    def open_one(*, script: str = "", renderer: str = "auto", deaf: bool = False, **options: Any) -> LabelProjector:
        projector = LabelProjector(browser, run.server.address, **options)
        opened.append(projector)
        if deaf:  # to what others change
            projector.page.route("**/labels/changes*", lambda route: route.abort())
        last = json.dumps({"run": run.name, "painter": renderer})
        projector.page.add_init_script(f"localStorage['tb-tsne'] ??= {json.dumps(last)};{script}")
        projector.open()
        expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)
        return projector

    yield open_one
    for projector in opened:
        projector.close()
