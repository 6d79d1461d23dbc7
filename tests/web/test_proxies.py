"""Behind a proxy, and under names that nobody allowed: who passes, what is said to who does not, and how that is held.

Each way is what a browser sends through the proxy named, as that hands it on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tensorboard.plugins.base_plugin import FlagsError

from tb_tsne_plugin.web.allowed_hosts import AllowedHosts
from tb_tsne_plugin.web.hosts import parse_origin
from tests.web.conftest import Api, parsed_flags

GOOD = {"X-TSNE-Request": "1", "Content-Type": "application/json"}
OUTER = "studio-6006.app.example"
SAME = {"Sec-Fetch-Site": "same-origin"}


class Way(NamedTuple):
    """How a page is reached: what comes with a read, and with a write beside that."""

    read: dict[str, str]
    write: dict[str, str]


def way(host: str, origin: str, *, opened: str = f"https://{OUTER}", **more: str) -> Way:
    """The Host and Origin that arrive of a page that was opened at an address."""
    added = {name.replace("_", "-"): value for name, value in more.items()}
    return Way({"Host": host, "Referer": f"{opened}/data/plugin_entry.html", **SAME, **added}, {"Origin": origin})


JUPYTER = {"X_Forwarded_Context": "/proxy/6006", "X_ProxyContextPath": "/proxy/6006"}
FORWARDING = {"X_Forwarded_For": "203.0.113.1"}
PROXIES = {
    "the outer name both times": way(OUTER, f"https://{OUTER}"),
    "the inner origin (Codespaces)": way(OUTER, "http://localhost:6006", **FORWARDING),
    "the inner Host (a plain reverse proxy)": way("localhost:6006", f"https://{OUTER}"),
    "an address as Host (a container)": way("172.17.0.2:6006", f"https://{OUTER}"),
    "another port": way("localhost:6006", f"https://{OUTER}:8443"),
    "by plain http, of which browsers tell no site": Way(
        {"Host": "localhost:6006", "Referer": f"http://{OUTER}/"}, {"Origin": f"http://{OUTER}"}
    ),
    "Host without the port": way(OUTER, f"https://{OUTER}:8443"),
    "Host with the port that browsers leave out": way(f"{OUTER}:443", f"https://{OUTER}"),
    "nginx as it comes": way("127.0.0.1:6006", f"https://{OUTER}", Connection="close"),
    "JupyterHub": way(OUTER, f"https://{OUTER}", **JUPYTER),
}
HERE = {
    "the machine itself": way("localhost:6006", "http://localhost:6006", opened="http://localhost:6006"),
    "ssh -L to another port": way("localhost:16006", "http://localhost:16006", opened="http://localhost:16006"),
    "a proxy of the machine's own": way("127.0.0.1:6006", "http://localhost:8080", opened="http://localhost:8080"),
    "one that takes TLS off": way("localhost:6006", "https://localhost:8443", opened="https://localhost:8443"),
    "its other address": way("localhost:6006", "http://[::1]:6006", opened="http://[::1]:6006"),
    "a browser that tells no page": way("localhost:6006", "http://localhost:6006", Referer=""),
}


def add_class(api: Api) -> dict[str, Any]:
    edit = {"store": api.store(), "op_id": "operation-proxies", "base_revision": 0}
    return {"run": "run", **edit, "action": "add", "name": "ant"}


def error(answer: Any) -> tuple[int, str, str]:
    found = answer.get_json()["error"]
    return answer.status_code, found["code"], found["message"]


@pytest.mark.parametrize("name", PROXIES)
def test_what_a_proxy_renames_may_look_and_with_the_flag_edit(logdir: Path, name: str) -> None:
    read, write = PROXIES[name]
    api = Api(logdir, tsne_allowed_hosts=OUTER)
    told = api.client.get("/runs", headers=read).get_json()
    assert [run["run"] for run in told["runs"]] == ["run"]
    sent: dict[str, Any] = {"json": add_class(api), "headers": {**GOOD, **read, **write}}
    status, code, message = error(api.client.post("/classes", **sent))
    assert (status, code) == (403, "read_only_client")
    assert message == "Through a proxy you may look, but not edit (TensorBoard's --tsne_allow_remote_edit allows it)."
    assert told["edit_problem"] == message
    shared = Api(logdir, tsne_allowed_hosts=OUTER, tsne_allow_remote_edit=True)
    assert shared.client.post("/classes", **sent).status_code == 200
    (entry,) = shared.get("labels/history", run="run").get_json()["entries"]
    assert entry["author"] == "127.0.0.1 (forwarded)"


@pytest.mark.parametrize("name", HERE)
def test_what_comes_as_from_here_edits_without_a_flag(api: Api, name: str) -> None:
    read, write = HERE[name]
    assert api.client.get("/runs", headers=read).get_json()["can_edit"]
    assert api.client.post("/classes", json=add_class(api), headers={**GOOD, **read, **write}).status_code == 200


@pytest.mark.parametrize("name", PROXIES)
def test_without_the_name_a_proxy_is_refused_and_told_the_flag(logdir: Path, name: str) -> None:
    read, write = PROXIES[name]
    api = Api(logdir, tsne_allow_remote_edit=True)
    status, code, message = error(api.client.post("/classes", json=add_class(api), headers={**GOOD, **read, **write}))
    assert (status, code) == (403, "host_refused" if read["Host"].startswith(OUTER) else "origin_refused")
    assert message.endswith(f"start TensorBoard with --tsne_allowed_hosts {OUTER}.")
    if code == "origin_refused":
        assert message.startswith(f"A page at {write['Origin']} may not use what is at {read['Host']};")


def test_whoever_may_only_look_is_told_both_flags_at_once(logdir: Path) -> None:
    read, _ = PROXIES["the inner Host (a plain reverse proxy)"]
    assert Api(logdir).client.get("/runs", headers=read).get_json()["edit_problem"] == (
        "Through a proxy you may look, but not edit (TensorBoard's --tsne_allow_remote_edit and "
        f"--tsne_allowed_hosts {OUTER} together allow it)."
    )


@pytest.mark.parametrize(
    ("origin", "said"), [("http://192.0.2.7:8080", "192.0.2.7"), ("http://[2001:DB8::1]", "[2001:db8::1]")]
)
def test_a_page_at_an_address_is_refused_until_the_flag_names_it(logdir: Path, origin: str, said: str) -> None:
    """Names can be told apart by whose they are; an address is anybody's."""
    api = Api(logdir, tsne_allow_remote_edit=True)
    sent: dict[str, Any] = {"json": add_class(api), "headers": {**GOOD, "Host": "localhost:6006", "Origin": origin}}
    *_, message = error(api.client.post("/classes", **sent))
    assert message.endswith(f"start TensorBoard with --tsne_allowed_hosts {said}.")
    named = Api(logdir, tsne_allowed_hosts=said, tsne_allow_remote_edit=True)
    assert named.client.post("/classes", **sent).status_code == 200


NOT_RENAMED = {
    "another site": {"Host": "localhost:6006", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "another site, silent": {"Host": "localhost:6006", "Origin": "https://evil.example"},
    "another site behind the proxy": {"Host": OUTER, "Origin": "https://evil.example"},
    "a site that lies as no browser does": {"Host": OUTER, "Origin": "https://evil.example", **SAME},
    "a rebound name": {"Host": "evil.example", "Origin": "http://evil.example", **SAME},
    "a rebound name behind the outer one": {"Host": "evil.example", "Origin": f"https://{OUTER}", **SAME},
    "a sister of the outer name": {"Host": OUTER, "Origin": "https://other.app.example", "Sec-Fetch-Site": "same-site"},
    "the outer name, from elsewhere": {
        "Host": "localhost:6006",
        "Origin": f"https://{OUTER}",
        "Sec-Fetch-Site": "cross-site",
    },
    "another port": {"Host": "localhost:6006", "Origin": "http://localhost:9999", "Sec-Fetch-Site": "same-site"},
    "an address of another machine": {"Host": "localhost:6006", "Origin": "http://192.0.2.7:6006", **SAME},
    "no web page": {"Host": "localhost:6006", "Origin": f"chrome-extension://{OUTER}", **SAME},
    "a sandboxed page": {"Host": OUTER, "Origin": "null", **SAME},
    "a name before the name": {"Host": "localhost:6006", "Origin": f"https://{OUTER}@evil.example", **SAME},
    "a name behind the name": {"Host": "localhost:6006", "Origin": f"https://{OUTER}.evil.example", **SAME},
    "two names": {"Host": "localhost:6006", "Origin": f"https://{OUTER}, https://evil.example", **SAME},
}


@pytest.mark.parametrize("name", NOT_RENAMED)
@pytest.mark.parametrize("wild", [False, True])
def test_whom_no_proxy_renamed_is_refused(logdir: Path, name: str, wild: bool) -> None:
    api = Api(logdir, tsne_allowed_hosts="*.app.example" if wild else OUTER, tsne_allow_remote_edit=True)
    before = api.labels()
    for route in ("/runs", "/labels", "/openapi.json"):
        assert api.client.get(route, headers=NOT_RENAMED[name]).status_code == 403, route
    answer = api.client.post("/classes", json=add_class(api), headers={**GOOD, **NOT_RENAMED[name]})
    assert answer.status_code == 403
    assert {**api.labels(), "store": ""} == {**before, "store": ""}


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_a_name_that_a_proxy_hides_in_the_host_shows_in_what_the_browser_says(logdir: Path, header: str) -> None:
    """Else whoever comes through a proxy that asks for localhost would edit as this machine's user."""
    api = Api(logdir, tsne_allowed_hosts=OUTER)
    for name in (OUTER, f"{OUTER}:8443", "192.0.2.7", "[2001:db8::1]"):
        headers = {
            "Host": "localhost:6006",
            **SAME,
            header: f"https://{name}/" if header == "Referer" else f"https://{name}",
        }
        assert not api.client.get("/runs", headers=headers).get_json().get("can_edit"), name
    for name in ("localhost:8888", "127.0.0.1:1", "[::1]:6006"):
        headers = {"Host": "localhost:6006", "Referer": f"http://{name}/lab"}
        assert api.client.get("/runs", headers=headers).get_json()["can_edit"], name


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("gpu01.lab.example:6006", "gpu01.lab.example"),
        ("GPU01", "gpu01"),
        ("a_b.example", "a_b.example"),
        ("<b>x</b>.example", "NAME"),
        ("evil.example; --tsne_allow_remote_edit", "NAME"),
        ("x" * 300, "NAME"),
        ("caf\xe9.example", "NAME"),
        ("", "NAME"),
        ("localhost:x", "NAME"),
    ],
)
def test_a_name_that_is_not_allowed_is_told_with_its_flag(api: Api, host: str, said: str) -> None:
    answer = api.client.get("/runs", headers={"Host": host})
    sentence = f"This host name is not allowed; start TensorBoard with --tsne_allowed_hosts {said}."
    assert error(answer) == (403, "host_refused", sentence)


@pytest.mark.parametrize(
    "headers", [*(read | write for read, write in PROXIES.values()), {"Host": "gpu01.lab.example"}]
)
def test_the_page_loads_wherever_it_is_opened_to_say_why_it_gets_nothing_else(
    api: Api, headers: dict[str, str]
) -> None:
    """Modules are asked for with an Origin, by plain names too."""
    index = api.client.get("/index.js", headers=headers)
    assert (index.status_code, index.mimetype) == (200, "text/javascript")
    for site in ("cross-site", "same-site"):
        assert api.client.get("/index.js", headers={**headers, "Sec-Fetch-Site": site}).status_code == 403


def test_under_a_name_that_is_not_allowed_only_the_page_itself_loads(api: Api) -> None:
    from tb_tsne_plugin.web.routes import ROUTES

    headers = {"Host": "gpu01.lab.example:6006"}
    index = api.client.get("/index.js", headers=headers)
    assert (index.status_code, index.mimetype) == (200, "text/javascript")
    assert index.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    paths = [route.path for route in ROUTES if not route.path.startswith(("/index.js", "/assets/"))]
    for path in [*paths, "/assets/../runs", "/index.js/../runs", "//index.js", "/nothing", "/assetsx", "/index.jsx"]:
        for method in ("GET", "POST", "HEAD", "OPTIONS"):
            answer = api.client.open(path, method=method, headers={**GOOD, **headers}, query_string={"run": "run"})
            assert answer.status_code == (404 if path.startswith(("/assets/", "/index.js/", "/index.jsx")) else 403), (
                path
            )
            assert b"im.bytes" not in answer.data


@pytest.mark.parametrize(
    ("flag", "allowed", "refused"),
    [
        ("lab.example", ["lab.example"], ["x.lab.example", "example", "lab.example.evil", "xlab.example"]),
        ("*.lab.example", ["x.lab.example", "x.y.lab.example"], ["lab.example", "xlab.example", "x.lab.example.evil"]),
        (".lab.example", ["x.lab.example"], ["lab.example", ".lab.example", "lab.example."]),
        (" A.Example , *.B.example,", ["a.example", "x.b.example"], ["b.example", "x.a.example", ""]),
        ("b\xfccher.example.", ["xn--bcher-kva.example"], ["b\xfccher.example"]),
        ("localhost,10.0.0.7,a_b,[2001:DB8::1]:6006", ["localhost", "10.0.0.7", "a_b", "2001:db8::1"], []),
        ("https://a.example,http://b.example:80,c.example:8443", ["a.example", "b.example", "c.example"], []),
        ("", [], ["", "x"]),
        (
            "*.app.example",
            ["x.app.example"],
            ["x@y.app.example", "a b.app.example", "<i>.app.example", "-.app.example"],
        ),
    ],
)
def test_names_and_all_names_below_one(flag: str, allowed: list[str], refused: list[str]) -> None:
    hosts = AllowedHosts.listed(flag)
    assert all(hosts.have_name(name) for name in allowed)
    assert not any(hosts.have_name(name) for name in refused)


@pytest.mark.parametrize(
    ("flag", "allowed", "refused"),
    [
        ("a.example", ["http://a.example", "https://A.example:8443", "http://a.example."], ["https://b.example"]),
        ("a.example:8443", ["http://a.example:8443", "https://a.example:8443"], ["https://a.example"]),
        ("a.example:80", ["http://a.example", "https://a.example:80"], ["https://a.example"]),
        ("https://a.example", ["https://a.example", "https://a.example:443"], ["http://a.example"]),
        ("HTTPS://a.example", ["https://a.example"], ["https://a.example:8443", "https://x.a.example"]),
        ("http://a.example:8080", ["http://a.example:8080"], ["https://a.example:8080", "http://a.example"]),
        ("https://*.a.example", ["https://x.a.example"], ["http://x.a.example", "https://a.example"]),
        ("[2001:db8::1]", ["http://[2001:db8::1]:9"], ["http://[2001:db8::2]"]),
    ],
)
def test_a_port_or_a_scheme_means_pages_there_only(flag: str, allowed: list[str], refused: list[str]) -> None:
    hosts = AllowedHosts.listed(flag)
    pages = {origin: parse_origin(origin) for origin in (*allowed, *refused)}
    assert [origin for origin, page in pages.items() if page and hosts.have_origin(page)] == allowed
    assert None not in pages.values()


@pytest.mark.parametrize(
    "flag",
    [
        "*",
        ".",
        "*.",
        "*.com",
        ".com",
        "https://*.com",
        "*example.com",
        "a.*.b",
        "ftp://a.example",
        "https://",
        "https://a.example/",
        "https://a.example/board",
        "a.example:port",
        "a.example:808080",
        "*.127.0.0.1",
        "2001:db8::1",
        "a b",
        "a,*",
        "a/b",
    ],
)
def test_what_is_no_name_ends_the_start_with_a_sentence(flag: str) -> None:
    with pytest.raises(FlagsError, match=r"takes names such as gpu01\.lab\.example"):
        parsed_flags(f"--tsne_allowed_hosts={flag}")
