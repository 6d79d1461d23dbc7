"""Who may ask what: every way in that TensorBoard leaves open."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from tb_tsne_plugin.web.routes import PAGE, ROUTES
from tests.web.conftest import Api

PARAMETERLESS_READS = ["runs"]
WRITES = [route.path[1:] for route in ROUTES if route.writes]
GOOD = {"X-TSNE-Request": "1", "Content-Type": "application/json"}


def test_routes_that_change_something_are_posts_and_no_others() -> None:
    expected = {"labels/apply", "labels/undo", "labels/redo", "labels/restore", "labels/import", "labels/columns/add"}
    expected |= {
        "labels/save",
        "labels/create",
        "classes",
        "session/start",
        "session/pause",
        "session/resume",
        "session/step",
    }
    expected |= {"labels/annotations", "labels/annotations/preview"}  # they take what a query cannot hold
    expected |= {"sign_in", "sign_out", "labels/columns/add_blind", "labels/columns/open"}
    expected |= {"session/restart", "session/perturb", "session/parameters"}
    expected |= {"labels/here", "labels/take", "labels/leave"}
    assert set(WRITES) == expected


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


@pytest.mark.parametrize("route", WRITES)
def test_writes_are_posts_of_json_with_our_header(api: Api, route: str) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert api.client.open("/" + route, method=method, headers=GOOD).status_code == 405
    assert code(api.client.post("/" + route, data="{}", content_type="application/json")) == (403, "header_missing")
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = api.client.post("/" + route, data="{}", headers={**GOOD, "Content-Type": content_type})
        assert code(answer) == (415, "content_type")
    assert code(api.client.post("/" + route, data=b"{" + b" " * (1 << 20), headers=GOOD)) == (413, "too_large")
    assert code(api.client.post("/" + route, data="[1]", headers=GOOD)) == (400, "bad_request")
    assert code(api.client.post("/" + route, data='{"run": NaN}', headers=GOOD)) == (400, "bad_request")
    assert code(api.client.post("/" + route, data="[" * 100_000, headers=GOOD)) == (400, "bad_request")


ORIGINS = [
    None,
    "http://localhost",
    "http://evil.example",
    "null",
    "http://localhost.evil.example",
    "ftp://localhost",
    "",
]
SITES = [None, "same-origin", "same-site", "cross-site", "none"]


@pytest.mark.parametrize(("origin", "site"), list(itertools.product(ORIGINS, SITES)))
def test_only_the_page_itself_may_write(api: Api, origin: str | None, site: str | None) -> None:
    headers = dict(GOOD)
    if origin is not None:
        headers["Origin"] = origin
    if site is not None:
        headers["Sec-Fetch-Site"] = site
    answer = api.client.post("/classes", json=_add_class(api), headers=headers)
    if origin in (None, "http://localhost") and site in (None, "same-origin"):
        assert answer.status_code == 200
    else:
        assert code(answer) == (403, "origin_refused")
        assert api.labels()["classes"] == []


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:6006", "127.0.0.1:6006", "[::1]:6006", "192.168.1.7:80", "localhost.", "0.0.0.0:6006"],
)
def test_own_names_and_addresses_are_hosts(api: Api, host: str) -> None:
    assert api.client.get("/runs", headers={"Host": host}).status_code == 200
    same = {**GOOD, "Host": host, "Origin": f"http://{host.upper()}"}
    answer = api.client.post("/classes", json=_add_class(api), headers=same)
    if host == "192.168.1.7:80":  # and yet the connection comes from a loopback address: it was forwarded
        assert code(answer) == (403, "read_only_client")
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:6006", "localhost.evil.example", "", "[::1", "localhost:x"]
)
def test_other_names_are_refused_on_reads_too(api: Api, host: str) -> None:
    for route in PARAMETERLESS_READS:
        assert code(api.client.get("/" + route, headers={"Host": host})) == (403, "host_refused")
    assert code(api.client.post("/classes", json=_add_class(api), headers={**GOOD, "Host": host})) == (
        403,
        "host_refused",
    )


def test_a_flag_allows_a_name(logdir: Path) -> None:
    api = Api(logdir, tsne_allowed_hosts="lab.example, Other.example")
    for host in ("lab.example:6006", "other.example"):
        assert api.client.get("/runs", headers={"Host": host}).status_code == 200
    assert api.client.get("/runs", headers={"Host": "third.example"}).status_code == 403


@pytest.mark.parametrize(
    ("address", "may"), [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.5", False)]
)
def test_other_machines_may_look_but_not_edit(api: Api, logdir: Path, address: str, may: bool) -> None:
    remote = {"REMOTE_ADDR": address}
    value = api.client.get("/runs", environ_overrides=remote).get_json()
    assert value["can_edit"] is may
    assert (value["edit_problem"] is None) is may
    answer = api.client.post("/classes", json=_add_class(api), headers=GOOD, environ_overrides=remote)
    assert answer.status_code == (200 if may else 403)
    open_api = Api(logdir, tsne_allow_remote_edit=True)
    assert open_api.client.get("/runs", environ_overrides=remote).get_json()["can_edit"]


@pytest.mark.parametrize("route", ["runs", "samples", "sprite", "labels.tsv", "index.js"])
def test_answers_cannot_be_sniffed_or_framed(api: Api, route: str) -> None:
    for query in ({"run": "run", "tensor": "im"}, {"run": "nope", "tensor": "im"}):
        headers = api.get(route, **query).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers


READS = [route.path[1:] for route in ROUTES if not route.writes]


@pytest.mark.parametrize("route", READS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_other_site_reads_or_finds_out_whether_a_run_exists(api: Api, route: str, method: str) -> None:
    elsewhere: list[dict[str, str]] = [{"Sec-Fetch-Site": site} for site in ("cross-site", "same-site", "nonsense")]
    elsewhere += [{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}]
    elsewhere += [{"Origin": origin} for origin in ("null", "http://evil.example", "http://192.0.2.7", "")]
    elsewhere += [{"Origin": "http://localhost:9999", "Sec-Fetch-Site": "same-site"}]
    for headers in elsewhere:
        refusals = set()
        for run in ("run", "nope"):
            query = {"run": run, "tensor": "im", "after": "0", "page": "0", "sample_id": "s0000"}
            answer = api.client.open("/" + route, method=method, query_string=query, headers=headers)
            # The page's own files tell nothing; what may run them is the browser's to say (CORS, and the header above).
            is_page_file = f"/{route}".startswith(PAGE) and "Sec-Fetch-Site" not in headers
            assert answer.status_code == 403 or (is_page_file and answer.status_code in (200, 404))
            refusals.add((answer.data, *sorted(answer.headers.items())))
        assert len(refusals) == 1
    assert not (api.logdir / "run" / "labels.sqlite").exists()


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_and_a_typed_address_may_read(api: Api, site: str) -> None:
    assert api.client.get("/runs", headers={"Sec-Fetch-Site": site, "Origin": "http://localhost"}).status_code == 200


FORWARDED = {
    "Forwarded": "for=127.0.0.1;host=localhost",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "localhost",
    "X-Forwarded-Proto": "http",
    "x_forwarded_for": "",
    "X-Real-IP": "127.0.0.1",
    "Via": "1.1 Caddy",
    "CF-Connecting-IP": "203.0.113.1",
    "CF-Ray": "1-AMS",
    "CDN-Loop": "cloudflare",
    "True-Client-IP": "203.0.113.1",
    "X-Client-IP": "::1",
    "X-Envoy-External-Address": "127.0.0.1",
    "X-Forwarded-Context": "/user/ann/proxy/6006",
    "X-ProxyContextPath": "/user/ann/proxy/6006",
    "Tailscale-User-Login": "ann@example.org",
    "X-Original-Host": "localhost:6006",
    "Fly-Client-IP": "127.0.0.1",
    "Proxy-Client-IP": "127.0.0.1",
    "WL-Proxy-Client-IP": "127.0.0.1",
    "X-Forward-For": "127.0.0.1",
    "X-Forwarder-For": "127.0.0.1",
    "X-Remote-Host": "127.0.0.1",
    "X-Remote-Addr": "127.0.0.1",
    "X-Webauth-User": "127.0.0.1",
    "X-Auth-Request-User": "127.0.0.1",
    "X-Auth-Request-Email": "127.0.0.1",
    "X-Nginx-Proxy": "127.0.0.1",
    "X-Cloud-Trace-Context": "127.0.0.1",
    "X-NF-Client-Connection-IP": "127.0.0.1",
    "Incap-Client-IP": "127.0.0.1",
    "Ali-CDN-Real-IP": "127.0.0.1",
    "Disguised-Host": "127.0.0.1",
    "Max-Forwards": "127.0.0.1",
}


@pytest.mark.parametrize("header", FORWARDED)
def test_what_a_proxy_forwards_does_not_come_from_this_machine(api: Api, logdir: Path, header: str) -> None:
    added = {header: FORWARDED[header]}
    _may_look_only(api, logdir, added, {}, "127.0.0.1 (forwarded)")


def test_nor_does_what_speaks_as_only_proxies_do(api: Api, logdir: Path) -> None:
    _may_look_only(api, logdir, {}, {"SERVER_PROTOCOL": "HTTP/1.0"}, "127.0.0.1 (forwarded)")


@pytest.mark.parametrize("host", ["lab.example", "192.168.1.7:6006", "[2001:db8::1]:6006"])
def test_nor_does_what_asked_for_another_name(logdir: Path, host: str) -> None:
    """As nginx passes on what it was told to leave as it is, or `ssh -g -L`."""
    api = Api(logdir, tsne_allowed_hosts="lab.example")
    value = api.client.get("/runs", headers={"Host": host}).get_json()
    assert not value["can_edit"]
    assert value["edit_problem"].startswith("Through a proxy you may look, but not edit")


def test_nor_does_what_comes_from_nowhere(api: Api, logdir: Path) -> None:
    _may_look_only(api, logdir, {}, {"REMOTE_ADDR": "/run/proxy"}, "/run/proxy")


def test_a_forwarded_name_is_no_authors_name(api: Api, logdir: Path) -> None:
    added = {"X-Forwarded-For": "ann, <b>\x1b[31m" + "x" * 4000}
    _may_look_only(api, logdir, added, {"REMOTE_ADDR": "10.0.0.5"}, "10.0.0.5 (forwarded)")


def _may_look_only(api: Api, logdir: Path, headers: dict[str, str], environ: dict[str, str], author: str) -> None:
    """Without the flag nothing may be changed, and with it the history does not name this machine's user."""
    value = api.client.get("/runs", headers=headers, environ_overrides=environ).get_json()
    assert not value["can_edit"]
    assert "--tsne_allow_remote_edit" in value["edit_problem"]
    sent: Any = {"json": _add_class(api), "headers": {**GOOD, **headers}, "environ_overrides": environ}
    assert code(api.client.post("/classes", **sent)) == (403, "read_only_client")
    shared = Api(logdir, tsne_allow_remote_edit=True)
    assert shared.client.post("/classes", **sent).status_code == 200
    assert shared.get("labels/history", run="run").get_json()["entries"][0]["author"] == author


def _add_class(api: Api) -> dict[str, Any]:
    return {
        "run": "run",
        "store": api.store(),
        "op_id": "operation-guards",
        "base_revision": 0,
        "action": "add",
        "name": "ant",
    }
