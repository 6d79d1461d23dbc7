"""What docs/places.md tells people to do where they are, done: with the real programs, by its own words."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.documents import Section, changed
from tests.e2e.apache import Apache, readable_folder
from tests.e2e.caddy import Caddy
from tests.e2e.certificate import make_certificate
from tests.e2e.jupyter import TOKEN, Jupyter
from tests.e2e.jupyterhub import JupyterHub
from tests.e2e.nginx import Nginx
from tests.e2e.program import Program, find_program
from tests.e2e.secure_shell import SecureShellServer
from tests.e2e.tensorboard_server import HEADERS, Start, free_port
from tests.e2e.visits import NAME, OpenAt, keeps_its_label, make_logdir, visits
from tests.missing import missing

pytestmark = pytest.mark.browser

PAGE = "places.md"
PASSWORD = "a password of the test"
CERTIFICATE = ("/etc/ssl/certs/gpu01.pem", "/etc/ssl/private/gpu01.key")


@pytest.fixture
def open_page(knowing: Browser) -> Iterator[OpenAt]:
    yield from visits(knowing)


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    return make_logdir(tmp_path / "logs")


def name_somebody(section: Section, file: Path) -> None:
    """Does what the section says to make a file with the password of ann."""
    program, *words = section.command("htpasswd")
    found = find_program(program)
    if found is None:
        missing("there is no htpasswd")
    assert (words[0], words[2]) == ("-c", "ann")
    subprocess.run([found, "-i", "-c", file, "ann"], input=PASSWORD, text=True, check=True, capture_output=True)
    file.chmod(0o644)


def before_nginx(folder: Path, port: int, behind: int) -> Nginx:
    section, made = Section(PAGE, "### nginx"), make_certificate(folder, NAME)
    named = section.command("htpasswd")[2]
    name_somebody(section, folder / "passwords")
    changes = {"listen 443": f"listen 127.0.0.1:{port}", "localhost:6006": f"localhost:{behind}"}
    changes |= {named: str(folder / "passwords"), CERTIFICATE[0]: str(made.certificate), CERTIFICATE[1]: str(made.key)}
    return Nginx(folder, changed(section.block("nginx"), changes), port)


def before_caddy(folder: Path, port: int, behind: int) -> Caddy:
    section = Section(PAGE, "### Caddy")
    command = [Caddy.program(), "hash-password", "--plaintext", PASSWORD]
    hashed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    changes = {f"{NAME} {{": f"{NAME}:{port} {{", "localhost:6006": f"localhost:{behind}", "HASH": hashed}
    return Caddy(folder, changed(section.block("caddy"), changes), port)


def before_apache(folder: Path, port: int, behind: int) -> Apache:
    section, made = Section(PAGE, "### Apache"), make_certificate(folder, NAME)
    named = section.command("htpasswd")[2]
    name_somebody(section, folder / "passwords")
    changes = {"*:443": f"*:{port}", "localhost:6006": f"localhost:{behind}"}
    changes |= {named: str(folder / "passwords"), CERTIFICATE[0]: str(made.certificate), CERTIFICATE[1]: str(made.key)}
    modules = section.command("a2enmod")[1:]
    return Apache(folder, changed(section.block("apache"), changes), port, modules)


@pytest.mark.parametrize("place", [before_nginx, before_caddy, before_apache])
def test_behind_a_proxy_that_asks_for_a_password_labels_stay_and_have_a_name(
    logdir: Path,
    until_the_end: ExitStack,
    start: Start,
    open_page: OpenAt,
    place: Callable[[Path, int, int], Program],
) -> None:
    folder = readable_folder()
    until_the_end.callback(shutil.rmtree, folder)
    server = start(logdir, *Section(PAGE, "## Behind a proxy that asks for a password").flags())
    port = free_port()
    until_the_end.callback(place(folder, port, server.port).stop)
    there = f"{NAME}:{port}"
    signed_in = f"https://ann:{PASSWORD.replace(' ', '%20')}@{there}/data/environment"
    projector = open_page(f"https://{there}", first=signed_in)
    keeps_its_label(projector, server)
    entries = server.get("labels/history", run="run").json()["entries"]
    assert entries[0]["author"] == "ann"
    expect(projector.find("history").locator("li").first).to_contain_text("ann")
    assert ask(port, "GET", "labels/history?run=run", {}) == 401
    forged = {"X-Remote-User": "eve", "Authorization": f"Basic {b64encode(f'ann:{PASSWORD}'.encode()).decode()}"}
    last = entries[0]["revision"]
    body = {
        "run": "run",
        "store": server.store("run"),
        "op_id": "forged-by-eve",
        "base_revision": last,
        "revision": last,
    }
    assert ask(port, "POST", "labels/undo", {**forged, **HEADERS}, body) == 200
    newest = server.get("labels/history", run="run").json()["entries"][0]
    assert (newest["kind"], newest["author"]) == ("undo", "ann")


def ask(port: int, method: str, route: str, headers: dict[str, str], body: Any = None) -> int:
    """The status of an answer by https, under the name."""
    trusting = ssl._create_unverified_context()
    with trusting.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname=NAME) as secured:
        asked = http.client.HTTPConnection(NAME, port)
        asked.sock = secured
        content = None if body is None else json.dumps(body)
        asked.request(method, f"/data/plugin/tsne/{route}", content, {"Content-Type": "application/json", **headers})
        return asked.getresponse().status


def test_on_the_network_a_token_lets_in_and_gives_the_name(logdir: Path, start: Start, tmp_path: Path) -> None:
    section, people = Section(PAGE, "## On the network, with tokens"), tmp_path / "people.jsonl"
    words = [str(people) if word == people.name else word for word in section.command("tb-tsne", "people", "add")]
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", *words[1:]]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(rf"http://{NAME}:6006/#tsne&token=([\w-]+)", printed)
    assert found, printed
    flags = section.flags()
    server = start(logdir, *(str(people) if flag == people.name else flag for flag in flags))
    assert server.get("runs").status_code == 401
    ann, ours = requests.Session(), f"http://127.0.0.1:{server.port}/data/plugin/tsne"
    ann.headers.update({**HEADERS, "Authorization": f"Bearer {found[1]}", "Host": f"{NAME}:{server.port}"})
    store = ann.post(f"{ours}/labels/create", json={"run": "run"}).json()["store"]
    body = {"run": "run", "store": store, "op_id": "the-first-of-ann", "sample_ids": ["s0001"]}
    revision = ann.get(f"{ours}/labels", params={"run": "run", "tensor": "im"}).json()["revision"]
    done = ann.post(f"{ours}/labels/apply", json={**body, "class_id": 1, "base_revision": revision})
    assert done.status_code == 200, done.text
    history = ann.get(f"{ours}/labels/history", params={"run": "run"}).json()
    assert history["entries"][0]["author"] == "ann"


def test_through_ssh_labels_stay(
    logdir: Path, until_the_end: ExitStack, start: Start, open_page: OpenAt, tmp_path: Path
) -> None:
    server = start(logdir, *Section(PAGE, "## The machine itself").flags())
    far = SecureShellServer(tmp_path / "ssh", NAME)
    until_the_end.callback(far.stop)
    near = free_port()
    _, *words = Section(PAGE, "## ssh").command("ssh")
    assert words[-1] == NAME
    options = [word.replace("6006:localhost:6006", f"{near}:localhost:{server.port}") for word in words]
    assert options != words
    until_the_end.callback(far.forward(options, near).stop)
    keeps_its_label(open_page(f"http://localhost:{near}"), server)


def test_in_jupyterlab_labels_stay(
    logdir: Path, until_the_end: ExitStack, start: Start, open_page: OpenAt, tmp_path: Path
) -> None:
    section = Section(PAGE, "## JupyterLab")
    server = start(logdir, *section.flags())
    jupyter = Jupyter(tmp_path / "jupyter")
    until_the_end.callback(jupyter.stop)
    there = f"http://localhost:{jupyter.port}"
    assert "<http://localhost:8888/proxy/6006/>" in section.text
    first = f"{there}/api/status?token={TOKEN}"
    keeps_its_label(open_page(f"{there}/proxy/{server.port}", first=first), server)


@pytest.mark.parametrize("name", ["localhost", NAME])
def test_on_a_jupyterhub_labels_stay(
    logdir: Path, until_the_end: ExitStack, start: Start, open_page: OpenAt, tmp_path: Path, name: str
) -> None:
    flags = [NAME if flag == "hub.lab.example" else flag for flag in Section(PAGE, "## JupyterHub").flags()]
    assert NAME in flags
    server = start(logdir, *flags)
    hub = JupyterHub(tmp_path / "hub")
    until_the_end.callback(hub.stop)
    there = f"http://{name}:{hub.port}"
    projector = open_page(f"{there}/user/ann/proxy/{server.port}", before=lambda page: hub.sign_in(page, there))
    keeps_its_label(projector, server)
