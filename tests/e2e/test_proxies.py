"""The page under names that people give a machine, and behind proxies that rename it: it works, or says what to do."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.jupyter import TOKEN, Jupyter
from tests.e2e.nginx import NamedNginx
from tests.e2e.tensorboard_server import Start, free_port
from tests.e2e.visits import NAME, OpenAt, keeps_its_label, label_one, make_logdir, select_some, stored, visits
from tests.serving import QuietHandler, QuietServer

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(knowing: Browser) -> Iterator[OpenAt]:
    yield from visits(knowing)


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Callable[..., NamedNginx]]:
    """Puts an nginx before a TensorBoard, and ends it after the test."""
    started: list[NamedNginx] = []

    def start_one(server: str, *, name: str = NAME, tls: bool = False) -> NamedNginx:
        started.append(NamedNginx(tmp_path / f"nginx{len(started)}", server, name=name, tls=tls))
        return started[-1]

    yield start_one
    for each in started:
        each.stop()


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    return make_logdir(tmp_path / "logs")


class Proxy(QuietServer):
    """A plain reverse proxy, which asks by a name of its own as nginx does, and adds nothing."""

    def __init__(self, behind: int) -> None:
        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802
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

            def do_POST(self) -> None:  # noqa: N802
                self.do_GET()

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


def test_behind_a_proxy_of_the_machines_own_editing_works_without_a_flag(
    logdir: Path, open_page: OpenAt, start: Start
) -> None:
    server = start(logdir)
    with Proxy(server.port) as proxy:
        projector = open_page(f"http://localhost:{proxy.server_address[1]}")
        label_one(projector)
        expect(projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=20_000)
        proxy.shutdown()


BOTH = ("--tsne_allowed_hosts", NAME, "--tsne_allow_remote_edit")
HERE = "proxy_pass http://localhost:{port};"
TUNNEL = (  # as dev tunnels do
    "proxy_set_header Host localhost:{port}; proxy_set_header Origin http://localhost:{port}; "
    "proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Proto $scheme;"
)
NGINX: dict[str, tuple[str, str, dict[str, object]]] = {
    "as it comes": (f"location / {{{{ {HERE} }}}}", "", {}),
    "Host without the port": (f"location / {{{{ {HERE} proxy_set_header Host $host; }}}}", "", {}),
    "Host as it was": (f"location / {{{{ {HERE} proxy_set_header Host $http_host; }}}}", "", {}),
    "below a path that it takes away": ("location /tb/ {{ proxy_pass http://localhost:{port}/; }}", "/tb", {}),
    "below a path that it leaves": (f"location /tb/ {{{{ {HERE} }}}}", "/tb", {"prefix": "/tb"}),
    "by https": (f"location / {{{{ {HERE} }}}}", "", {"tls": True}),
    "as tunnels rename it": (f"location / {{{{ {HERE} {TUNNEL} }}}}", "", {"tls": True}),
    "by HTTP/1.1": (f'location / {{{{ {HERE} proxy_http_version 1.1; proxy_set_header Connection ""; }}}}', "", {}),
}
"""What its `server` block says, the path that people open, and what else is so."""


@pytest.mark.parametrize("way", NGINX)
def test_behind_nginx_a_label_is_there_after_a_reload(
    logdir: Path, open_page: OpenAt, start: Start, before: Callable[..., NamedNginx], way: str
) -> None:
    says, path, others = NGINX[way]
    prefix = str(others.get("prefix", ""))
    server = start(logdir, *BOTH, *(("--path_prefix", prefix) if prefix else ()), prefix=prefix)
    nginx = before(says.format(port=server.port), tls=bool(others.get("tls")))
    keeps_its_label(open_page(nginx.address + path), server)


def test_where_edits_would_be_refused_the_page_says_so_at_once_with_both_names_and_the_flag(
    logdir: Path, open_page: OpenAt, start: Start, before: Callable[..., NamedNginx]
) -> None:
    server = start(logdir, "--tsne_allow_remote_edit")
    nginx = before(NGINX["as it comes"][0].format(port=server.port))
    projector = open_page(nginx.address, running=False)
    problem = projector.find("edit-problem")
    sentence = f"A page at {nginx.address} may not use what is at localhost:{server.port};"
    expect(problem).to_contain_text(sentence)
    expect(problem).to_contain_text(f"start TensorBoard with --tsne_allowed_hosts {NAME}.")
    expect(projector.find("session-status")).to_contain_text("Not started.")
    expect(projector.find("session-status")).to_contain_text(f"--tsne_allowed_hosts {NAME}")
    words = problem.locator(".words")
    assert words.evaluate("(it) => it.scrollWidth <= it.clientWidth && it.scrollHeight <= it.clientHeight")
    asked = len(nginx.requests("POST"))
    projector.page.wait_for_timeout(4000)
    assert len(nginx.requests("POST")) == asked  # what was refused is not asked for again and again
    server.stop()
    start(logdir, *BOTH, port=server.port)  # the page finds out by itself
    expect(problem).to_have_count(0, timeout=30_000)
    projector.wait_for("t.epoch() > 0", 60_000)
    label_one(projector)
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=20_000)


SIGN_IN = """
    default_type text/html;
    location = /sign_in {{ add_header Set-Cookie "session=in; Path=/"; return 200 "<h1>Hello</h1>"; }}
    location = /form {{ return 200 "<h1>Sign in</h1>"; }}
    location / {{ if ($cookie_session != "in") {{ {refuses} }} proxy_pass http://localhost:{port}; }}
"""


@pytest.mark.parametrize(
    "refuses",
    [
        "return 302 /form;",
        "return 302 https://accounts.example/form;",
        "return 401;",
        "return 403;",
        "rewrite ^ /form last;",
    ],
)
def test_a_change_behind_a_sign_on_page_is_kept_until_somebody_signs_in(
    logdir: Path, open_page: OpenAt, start: Start, before: Callable[..., NamedNginx], refuses: str
) -> None:
    server = start(logdir, *BOTH)
    nginx = before(SIGN_IN.format(refuses=refuses, port=server.port))
    projector = open_page(nginx.address, first=f"{nginx.address}/sign_in")
    select_some(projector)
    before_it = stored(server)
    projector.page.context.clear_cookies()  # the session has ended
    projector.press("1")
    problem = projector.find("edit-problem")
    expect(problem).to_have_text("Sign in again in another tab: 1 change is waiting.", timeout=20_000)
    expect(projector.find("saved-state")).to_have_attribute("data-state", "offline")
    assert stored(server) == before_it
    with projector.page.expect_popup():
        projector.page.evaluate("(address) => void window.open(address)", f"{nginx.address}/sign_in")
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=30_000)
    expect(problem).to_have_count(0)
    assert stored(server) == projector.labels().count(1) > before_it


@pytest.mark.parametrize("name", ["localhost", NAME])
@pytest.mark.parametrize("prefix", ["", "/proxy/absolute/{port}"])
def test_behind_jupyters_proxy_a_label_is_there_after_a_reload(
    logdir: Path, open_page: OpenAt, start: Start, tmp_path: Path, name: str, prefix: str
) -> None:
    jupyter = Jupyter(tmp_path / "jupyter")
    try:
        port = free_port()
        whole = prefix.format(port=port)
        server = start(logdir, *BOTH, *(("--path_prefix", whole) if whole else ()), prefix=whole, port=port)
        address = f"http://{name}:{jupyter.port}"
        opened = f"{address}{whole or f'/proxy/{port}'}"
        keeps_its_label(open_page(opened, first=f"{address}/api/status?token={TOKEN}"), server)
    finally:
        jupyter.stop()
