"""Forged requests: what another site, another name or another machine can have sent; none of it does anything.

Each is a good write in all but one or two things; what they were made from is sent too, and is answered.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.access.tokens import hash_of, ticket_of
from tb_tsne_plugin.web.routes import ROUTES
from tests.builders import make_run, sample_id
from tests.web.conftest import Api

pytestmark = pytest.mark.slow

HOST = "localhost:6006"
OWN = {"Host": HOST, "Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
JSON = {"X-TSNE-Request": "1", "Content-Type": "application/json"}
STORE = "5" * 32
"""Stands in bodies for the store of the run, which is known when they are sent."""
EDIT: dict[str, Any] = {
    "run": "run",
    "tensor": "im",
    "store": STORE,
    "op_id": "operation-forged",
    "base_revision": 1,
}
COCO = {
    "images": [{"id": 1, "file_name": "class/0.png"}],
    "annotations": [{"id": 0, "image_id": 1, "category_id": 1}],
    "categories": [{"id": 1, "name": "thing"}],
}
SENT: dict[str, Any] = {
    "format": "coco",
    "files": [{"name": "a.json", "content": b64encode(json.dumps(COCO).encode()).decode()}],
}
MORE: dict[str, dict[str, Any]] = {
    "/labels/annotations": SENT,
    "/labels/annotations/preview": SENT,
    "/labels/apply": {"class_id": 1, "sample_ids": [sample_id(7)]},
    "/labels/restore": {"revision": 0},
    "/labels/import": {"table": f"sample_id\tlabel\n{sample_id(7)}\tant\n"},
    "/labels/columns/add": {"name": "forged"},
    "/labels/columns/open": {"column": "eyes"},
    "/classes": {"action": "add", "name": "forged"},
    "/labels/here": {"tab": "tab-of-a-browser"},
    "/labels/leave": {"tab": "tab-of-a-browser"},
    "/labels/take": {"tab": "tab-of-a-browser", "kind": "group", "choices": [[sample_id(7)]]},
    "/session/start": {"force": True, "parameters": {"n_epochs": 1}},
    "/session/parameters": {"parameters": {"n_epochs": 1}},
}
WRITES = {route.path: {**EDIT, **MORE.get(route.path, {})} for route in ROUTES if route.writes and route.right}

ORIGINS = [
    "null",
    "",
    "http://evil.example",
    "https://evil.example",
    "http://evil.example:6006",
    "HTTP://EVIL.EXAMPLE",
    "http://localhost..:6006",
    "http://localhost.evil.example:6006",
    "http://localhost:6006.evil.example",
    "http://localhost:6006@evil.example",
    "http://evil.example@localhost:6006",
    "http://localhost:6006/",
    "http://localhost:6006, http://evil.example",
    "http://localhost:600600",
    "http://localhost:6006:6006",
    "http://localhost:evil",
    "http://localhost%00.evil.example:6006",
    "http://127.0.0.1.nip.io:6006",
    "http://127.1:6006",
    "http://2130706433:6006",
    "http://0x7f.0.0.1:6006",
    "http://192.0.2.7:6006",
    "http://[2001:db8::1]:6006",
    "http://[::ffff:192.0.2.7]:6006",
    "http://[::1:6006",
    "http://::1:6006",
    "ftp://localhost:6006",
    "file://localhost:6006",
    "chrome-extension://localhost:6006",
    "localhost:6006",
    "//localhost:6006",
    "*",
]
OTHER_PORTS = ["http://localhost:9999", "https://localhost:6006", "http://127.0.0.1:9999", "http://[::1]:6006"]
"""Of this machine: a proxy's, or a page of another server's, for which the browser says so."""
SITES = ["cross-site", "same-site", "none", "", "Same-Origin", "same-origin, cross-site", "nonsense"]
HOSTS = [
    "",
    "evil.example",
    "evil.example:6006",
    "EVIL.example",
    "localhost.evil.example",
    "localhost.evil.example:6006",
    "localhost.evil.com:6006",
    "127.0.0.1.nip.io",
    "127.0.0.1.nip.io:6006",
    "7f000001.rbndr.us",
    "localhost..",
    "localhost:6006:6006",
    "localhost:evil",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost/evil.example",
    "localhost evil.example",
    "localhost,evil.example",  # how a server hands on two headers
    "evil.example, localhost",
    "[::1",
    "[::1]evil.example",
    "[::1]:evil",
    "[evil.example]",
    "::1",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0177.0.0.1",
    "localhost%2eevil.example",
    "\xe9vil.example",
]
METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "FOO"]
OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]
TYPES = [
    "text/plain",
    "text/plain;charset=UTF-8",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/csp-report",
    "application/json-patch+json",
    "application/jsonp",
    "text/plain; application/json",
    "text/plain, application/json",
    "",
]
PATHS = [  # below our mount, with the route for {}; none is the route itself
    "/{}",
    "/..;/{}",
    "/%2e%2e{}",
    "/./{}",
    "/../tsne{}",
    "/%2f{}",
    "/data/plugin/tsne{}",
    "{};x=1",
    "{}%00",
    "{}.json",
    "{}/..",
    "{}%20",
    "\\{}",
]
PROXIES = ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP", "X-Forwarded-Host"]


@dataclass(frozen=True)
class Forged:
    """One request that nobody meant.

    Attributes:
      what: What is wrong with it.
      path: Below our mount.
      headers: All of them.
      body: As it is sent.
      method: As it is sent.
      environ: What the server adds.
      query: Behind the path.
    """

    what: str
    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"
    environ: dict[str, Any] = field(default_factory=dict)
    query: str = ""


def forged(path: str, body: dict[str, Any]) -> Iterator[Forged]:
    """Everything that is tried with one write."""
    sent = json.dumps(body).encode()
    good = {**OWN, **JSON}
    bare = {**JSON, "Host": HOST}  # what no browser sends: guards must not lean on its headers

    def without(*names: str, **others: str) -> dict[str, str]:
        return {name: value for name, value in good.items() if name not in names} | others

    for origin in ORIGINS:
        yield Forged(f"Origin {origin}", path, {**good, "Origin": origin}, sent)
        yield Forged(f"Origin {origin} alone", path, {**bare, "Origin": origin}, sent)
    for origin in OTHER_PORTS:
        for site in ("same-site", "cross-site", "none"):
            other = {**good, "Origin": origin, "Sec-Fetch-Site": site}
            yield Forged(f"Origin {origin} as {site}", path, other, sent)
        simple = {"Host": HOST, "Origin": origin, "Content-Type": "text/plain"}
        yield Forged(f"a form of {origin}", path, simple, sent)
        preflight = {"Host": HOST, "Origin": origin, "Access-Control-Request-Method": "POST"}
        yield Forged(f"asks whether {origin} may", path, preflight, b"", method="OPTIONS")
    for site in SITES:
        yield Forged(f"Sec-Fetch-Site {site}", path, {**good, "Sec-Fetch-Site": site}, sent)
    for host in HOSTS:
        yield Forged(f"Host {host}", path, {**bare, "Host": host}, sent)
        yield Forged(f"Host and Origin {host}", path, {**good, "Host": host, "Origin": f"http://{host}"}, sent)
    for method in METHODS:
        yield Forged(f"method {method}", path, good, sent, method=method)
    for name in OVERRIDES:
        yield Forged(f"a GET with {name}", path, {**good, name: "POST"}, sent, method="GET", query="_method=POST")
        yield Forged(f"no header of ours, and {name}", path, without("X-TSNE-Request", **{name: "POST"}), sent)
    for value in ("", "0", "true", "01", "1,1", "11"):
        yield Forged(f"our header is {value!r}", path, {**good, "X-TSNE-Request": value}, sent)
    yield Forged("our header is missing", path, without("X-TSNE-Request"), sent)
    yield Forged("our header is a parameter", path, without("X-TSNE-Request"), sent, query="X-TSNE-Request=1")
    for kind in TYPES:
        yield Forged(f"content type {kind}", path, {**good, "Content-Type": kind}, sent)
        simple = {"Host": HOST, "Content-Type": kind, "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
        yield Forged(f"a form of another site as {kind}", path, simple, sent)
    form = b'{"x":"=' + sent[1:-1] + b'"}'
    yield Forged("a form whose text is JSON", path, {"Host": HOST, "Content-Type": "text/plain"}, form)
    yield Forged("an empty beacon", path, {"Host": HOST, "Origin": "http://evil.example"}, b"")
    yield Forged("too long", path, good, sent + b" " * (1 << 20))
    yield Forged("says that it is too long", path, good, sent, environ={"CONTENT_LENGTH": str(1 << 40)})
    yield Forged("a length that is none", path, good, sent, environ={"CONTENT_LENGTH": "-1"})
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    yield Forged("chunked", path, good, sent, environ=chunked)
    yield Forged("not the gzip that it says", path, {**good, "Content-Encoding": "gzip"}, sent)
    for encoding in ("deflate", "br", "gzip, gzip", "x-gzip"):
        yield Forged(f"encoded by {encoding}", path, {**good, "Content-Encoding": encoding}, gzip.compress(sent))
    yield Forged("two objects", path, good, sent + sent)
    yield Forged("a key twice", path, good, sent[:-1] + b',"run":"run","run":7}')
    yield Forged("a key twice, broken at first", path, without("X-TSNE-Request"), b'{"run":7,' + sent[1:])
    yield Forged("a list", path, good, b"[" + sent + b"]")
    yield Forged("UTF-16", path, good, sent.decode().encode("utf-16"))
    yield Forged("a script callback", path, good, b"f(" + sent + b")", query="callback=f")
    for trick in PATHS:
        yield Forged(f"path {trick}", trick.format(path), good, sent)
    yield Forged("from another machine", path, good, sent, environ={"REMOTE_ADDR": "203.0.113.9"})
    yield Forged("from another machine by IPv6", path, good, sent, environ={"REMOTE_ADDR": "2001:db8::9"})
    for proxy in PROXIES:
        yield Forged(f"through a proxy ({proxy})", path, {**good, proxy: "127.0.0.1"}, sent)
    yield Forged("through a proxy of old", path, good, sent, environ={"SERVER_PROTOCOL": "HTTP/1.0"})


ALLOWED = "https://lab.example,gpu01.example:8443,*.app.example,plain.example"
NEARLY_ALLOWED = [
    "http://lab.example",
    "https://lab.example:8443",
    "https://x.lab.example",
    "https://lab.example.evil.example",
    "https://lab.example@evil.example",
    "https://evil.example/lab.example",
    "http://gpu01.example",
    "https://gpu01.example",
    "https://gpu01.example:8444",
    "https://gpu01.example:84430",
    "https://app.example",
    "https://xapp.example",
    "https://x.app.example.evil.example",
    "https://.app.example",
    "https://x@y.app.example",
    "https://*.app.example",
    "https://xplain.example",
    "https://plain.example, https://evil.example",
    "ftp://plain.example",
    "null",
]


def nearly_allowed(path: str, body: dict[str, Any]) -> Iterator[Forged]:
    """What is tried where names are allowed: others, and these from other sites."""
    sent = json.dumps(body).encode()
    for host in (HOST, "plain.example"):
        for origin in NEARLY_ALLOWED:
            headers = {**JSON, "Host": host, "Origin": origin}
            yield Forged(f"Origin {origin} at {host}", path, headers, sent)
            same = {**headers, "Sec-Fetch-Site": "same-origin"}
            yield Forged(f"Origin {origin} at {host}, as if the same", path, same, sent)
        for site in SITES:
            allowed = {**JSON, "Host": host, "Origin": "https://lab.example", "Sec-Fetch-Site": site}
            yield Forged(f"an allowed origin as {site}", path, allowed, sent)
    for host in ("lab.example.evil.example", "app.example", "evil.example"):
        rebound = {**JSON, "Host": host, "Origin": "https://lab.example", "Sec-Fetch-Site": "same-origin"}
        yield Forged(f"Host {host} of an allowed origin", path, rebound, sent)


FORGED = [each for path, body in WRITES.items() for each in forged(path, body)]


def send(api: Api, request: Forged, store: str | None = None) -> TestResponse:
    return api.client.open(
        request.path,
        method=request.method,
        headers=request.headers,
        data=request.body.replace(STORE.encode(), (api.store() if store is None else store).encode()),
        query_string=request.query,
        environ_overrides=request.environ,
    )


def state(api: Api) -> dict[str, Any]:
    """Every file of the log dir by its content, and all that routes tell of labels and sessions."""
    files = {
        str(path.relative_to(api.logdir)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(api.logdir.rglob("*"))
    }
    told = {
        route: api.get(route, run="run", tensor="im").get_json()
        for route in ("labels", "labels/history", "session/state")
    }
    return {"files": files, **told}


@pytest.fixture
def settled(tmp_path: Path) -> Iterator[Api]:
    """A run of objects with labels, whose t-SNE has not been started."""
    boxes = {name: ["0"] * 60 for name in ("object", "x", "y", "width", "height")}
    make_run(tmp_path / "logs" / "run", labels=["ant", *["unlabeled"] * 59], columns=boxes)
    api = Api(tmp_path / "logs")
    api.post("labels/columns/add", run="run", store=api.store(), name="eyes")
    yield api
    api.close()


@pytest.mark.timeout(300)
def test_no_forged_request_does_anything(settled: Api, capsys: pytest.CaptureFixture[str]) -> None:
    before = state(settled)
    statuses: dict[int, int] = {}
    for request in FORGED:
        answer = send(settled, request)
        assert 400 <= answer.status_code < 500, (request, answer.status_code, answer.text[:300])
        assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control-")]  # noqa: SIM118
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
    assert state(settled) == before
    assert len(FORGED) >= 300
    with capsys.disabled():
        print(f"\n{len(FORGED):,} forged requests, all refused: {dict(sorted(statuses.items()))}")


@pytest.mark.timeout(300)
def test_nor_where_names_are_allowed(settled: Api) -> None:
    api = Api(settled.logdir, tsne_allowed_hosts=ALLOWED, tsne_allow_remote_edit=True)
    before, tried = state(settled), [each for path, body in WRITES.items() for each in nearly_allowed(path, body)]
    for request in tried:
        answer = send(api, request)
        assert answer.status_code == 403, (request, answer.status_code, answer.text[:300])
    assert state(settled) == before
    assert len(tried) >= 300
    api.close()


TOKENS = [
    "",
    "auto",
    "x" * 43,
    "null",
    "undefined",
    "*",
    "0" * 64,
    "../people.jsonl",
    "%00",
    "' OR 1=1 --",
    "{}",
    "looker",
    "manager",
    "Bearer",
    "Basic bWFuYWdlcjptYW5hZ2Vy",
]
"""None of them is anybody's; the hashes and names of the people file are tried besides."""
NEAR_COOKIES = ["tb-tsne-6006", "tb-tsne-ticket", "tb-tsne-", "tb-tsne-6007", "tb_tsne_6006", "token", "session"]


def without_a_token(path: str, body: dict[str, Any], others: list[str]) -> Iterator[Forged]:
    """Everything that is tried with one write to come in without a token that allows it."""
    sent, good = json.dumps(body).encode(), {**OWN, **JSON}
    yield Forged("no token", path, good, sent)
    for token in (*TOKENS, *others):
        for scheme in ("Bearer", "bearer", "Token", "Basic", ""):
            yield Forged(f"{scheme} {token}", path, {**good, "Authorization": f"{scheme} {token}".strip()}, sent)
        for name in NEAR_COOKIES:
            yield Forged(f"cookie {name}", path, {**good, "Cookie": f'{name}="{token}"'}, sent)
        for query in ("token", "access_token"):
            yield Forged(f"{query} in the address", path, good, sent, query=f"{query}={quote(token)}")
    for name in ("X-Remote-User", "X-TSNE-Author", "X-TSNE-Client", "X-TSNE-Account", "Remote-User"):
        yield Forged(f"{name} of a manager", path, {**good, name: "manager"}, sent)
    for field_name in ("token", "account", "right", "author"):
        told = json.dumps({**body, field_name: "manager"}).encode()
        yield Forged(f"{field_name} in the body", path, good, told)
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.5"):
        yield Forged(f"from {address}", path, good, sent, environ={"REMOTE_ADDR": address})


@pytest.fixture
def guarded(settled: Api, tmp_path: Path) -> Iterator[tuple[Api, dict[str, str]]]:
    """The same run where tokens are in use, and who holds which."""
    people = PeopleFile(tmp_path / "people.jsonl")
    tokens = {name: people.add(name, right) for name, right in (("looker", Right.LOOK), ("manager", Right.MANAGE))}
    api = Api(settled.logdir, tsne_people=str(people.path), tsne_allowed_hosts=ALLOWED)
    yield api, tokens
    api.close()


@pytest.mark.timeout(300)
def test_nor_without_a_token(
    settled: Api, guarded: tuple[Api, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    (api, tokens), before = guarded, state(settled)
    hashes = [hash_of(ticket_of(token)) for token in tokens.values()]
    near = [token[:-1] for token in tokens.values()] + [token.swapcase() for token in tokens.values()]
    tried = [each for path, body in WRITES.items() for each in without_a_token(path, body, [*hashes, *near])]
    for number, request in enumerate(tried):
        place = {"REMOTE_ADDR": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", **request.environ}
        answer = send(api, replace(request, environ=place), settled.store())
        assert answer.status_code in (401, 429), (request, answer.status_code, answer.text[:300])
    assert state(settled) == before
    assert len(tried) >= 300
    with capsys.disabled():
        print(f"\n{len(tried):,} writes without a token, all refused")


@pytest.mark.timeout(300)
def test_nor_with_a_lookers_token(settled: Api, guarded: tuple[Api, dict[str, str]]) -> None:
    """All that is forged, sent by the browser or the script of somebody who may look: good writes too."""
    (api, tokens), before = guarded, state(settled)
    given = tokens["looker"]
    ways = ({"Authorization": f"Bearer {given}"}, {"Cookie": f"tb-tsne-6006={ticket_of(given)}"})
    good = {**OWN, **JSON}
    tried = [each for path, body in WRITES.items() for each in forged(path, body)]
    tried += [each for path, body in WRITES.items() for each in nearly_allowed(path, body)]
    tried += [Forged("nothing but the right", path, good, json.dumps(body).encode()) for path, body in WRITES.items()]
    for number, request in enumerate(tried):
        with_token = replace(request, headers={**request.headers, **ways[number % 2]})
        answer = send(api, with_token, settled.store())
        assert 400 <= answer.status_code < 500, (request, answer.status_code, answer.text[:300])
    assert state(settled) == before
    assert len(tried) >= 300


@pytest.mark.timeout(300)
def test_nor_does_another_site_with_a_managers_cookie(settled: Api, guarded: tuple[Api, dict[str, str]]) -> None:
    """A browser sends its cookie along, whoever has it ask."""
    (api, tokens), before = guarded, state(settled)
    cookie = {"Cookie": f"tb-tsne-6006={ticket_of(tokens['manager'])}"}
    harmless = ("from another machine", "through a proxy")  # who has the token may come from there
    tried = [
        replace(each, headers={**each.headers, **cookie})
        for path, body in WRITES.items()
        for each in forged(path, body)
        if not each.what.startswith(harmless)
    ]
    entering = {"token": tokens["looker"]}
    tried += [each for path in ("/sign_in", "/sign_out") for each in nearly_allowed(path, entering)]
    for request in tried:
        answer = send(api, request, settled.store())
        assert 400 <= answer.status_code < 500, (request, answer.status_code, answer.text[:300])
        assert not answer.headers.getlist("Set-Cookie")
    assert state(settled) == before
    assert len(tried) >= 300


@pytest.mark.parametrize("path", WRITES)
def test_what_they_were_forged_from_is_good(settled: Api, guarded: tuple[Api, dict[str, str]], path: str) -> None:
    if path in ("/labels/undo", "/labels/redo", "/labels/restore"):
        edit = {
            **EDIT,
            "store": settled.store(),
            "op_id": "operation-before",
            "class_id": 1,
            "sample_ids": [sample_id(9)],
        }
        assert settled.post("labels/apply", **edit).status_code == 200
    if path == "/labels/redo":
        undo = {**EDIT, "store": settled.store(), "op_id": "operation-undo", "base_revision": 2}
        assert settled.post("labels/undo", **undo).status_code == 200
    if path.startswith("/session/"):
        assert settled.post("session/start", run="run", tensor="im").status_code == 200
    body = {**WRITES[path], "base_revision": settled.labels()["revision"]}
    answer = send(settled, Forged("nothing", path, {**OWN, **JSON}, json.dumps(body).encode()))
    if path == "/labels/columns/add_blind":  # for somebody who has a token
        (api, tokens), sent = guarded, json.dumps({**body, "store": settled.store()}).encode()
        assert answer.status_code == 422
        bearer = {"Authorization": f"Bearer {tokens['manager']}"}
        answer = send(api, Forged("nothing", path, {**OWN, **JSON, **bearer}, sent), settled.store())
    assert answer.status_code == 200, answer.text
