"""The page under names that people give a machine, and behind proxies that rename it: it works, or says what to do."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, expect

from tests.builders import make_run
from tests.e2e.install_browser import find_chromium
from tests.e2e.page import FLAGS, LabelProjector
from tests.e2e.tensorboard_server import Start

pytestmark = pytest.mark.browser

NAME = "gpu01.lab.example"


class OpenAt(Protocol):
    """Opens the page at an address."""

    def __call__(self, address: str, *, running: bool = True) -> LabelProjector:
        """`running` waits for a picture of a running t-SNE."""


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenAt]:
    """In a browser of its own, for which the name leads to this machine."""
    flags = [*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    knowing = browser.browser_type.launch(executable_path=find_chromium(), args=flags)
    yield lambda address, *, running=True: LabelProjector(knowing, address).open(running=running)
    knowing.close()


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    make_run(tmp_path / "run", labels=["ant", *["unlabeled"] * 59])
    return tmp_path


class Proxy(http.server.ThreadingHTTPServer):
    """A plain reverse proxy, which asks by a name of its own as nginx does, and adds nothing."""

    def __init__(self, behind: int) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                inner = http.client.HTTPConnection("localhost", behind, timeout=60)
                length = int(self.headers.get("Content-Length") or 0)
                passed = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                inner.request(self.command, self.path, self.rfile.read(length) if length else None, passed)
                answer = inner.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                inner.close()

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Nothing: the test says what is wrong."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def test_a_name_that_is_not_allowed_gets_a_sentence_with_the_flag(
    logdir: Path, open_page: OpenAt, start: Start
) -> None:
    server = start(logdir, "--bind_all")
    projector = open_page(f"http://{NAME}:{server.port}", running=False)
    expect(projector.frame.locator("body")).to_contain_text(f"start TensorBoard with --tsne_allowed_hosts {NAME}.")


def test_below_a_name_that_the_flag_allows_it_works(logdir: Path, open_page: OpenAt, start: Start) -> None:
    server = start(logdir, "--bind_all", "--tsne_allowed_hosts", "*.lab.example", "--tsne_allow_remote_edit")
    projector = open_page(f"http://{NAME}:{server.port}")
    label_one(projector)
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=20_000)


def test_behind_a_proxy_that_renames_it_the_page_loads_and_says_why_it_only_shows(
    logdir: Path, open_page: OpenAt, start: Start
) -> None:
    server = start(logdir)
    with Proxy(server.port) as proxy:
        projector = open_page(f"http://{NAME}:{proxy.server_address[1]}", running=False)
        expect(projector.frame.locator("body")).to_contain_text("Through a proxy you may look, but not edit")
        proxy.shutdown()


def test_behind_a_proxy_at_a_trustworthy_address_editing_works_with_both_flags(
    logdir: Path, open_page: OpenAt, start: Start
) -> None:
    """To a browser `localhost` is as good as https: it says what site a page is of."""
    server = start(logdir, "--tsne_allowed_hosts", "localhost", "--tsne_allow_remote_edit")
    with Proxy(server.port) as proxy:
        projector = open_page(f"http://localhost:{proxy.server_address[1]}")
        label_one(projector)
        expect(projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=20_000)
        proxy.shutdown()


def label_one(projector: LabelProjector) -> None:
    projector.wait_for("t.labels().length === 60")
    projector.press("g")
    projector.wait_for("t.selection().rows.length > 0")
    projector.press("1")
