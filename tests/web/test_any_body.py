"""Whatever a write is sent, the answer is never a fault of ours, and everything can be read afterwards.

50 examples a route with every test run; `TSNE_EXAMPLES=500 pytest tests/web/test_any_body.py` for more.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from tb_tsne_plugin.web.routes import ROUTES
from tb_tsne_plugin.web.routing import Route
from tests.builders import make_run, sample_id
from tests.web.conftest import Api

pytestmark = pytest.mark.slow

WRITES = [route for route in ROUTES if route.writes]
READS = [route for route in ROUTES if not route.writes]
HEADERS = {"X-TSNE-Request": "1", "Content-Type": "application/json"}
EXAMPLES = int(os.environ.get("TSNE_EXAMPLES", "50"))
NUMBERS = itertools.count()
HUGE = 10**400
ODD_NUMBERS = [0, 1, -1, 2**31 - 1, 2**31, 2**53, 2**63, 2**64, -(2**63), HUGE, 1e308, -1e308, 5e-324, 0.5, -0.0]
ODD_TEXTS = [
    "",
    " ",
    "run",
    "im",
    "label",
    "unlabeled",
    "ant",
    "\0",
    "\x1b[31m",
    "\u202e",
    "\ufeff",
    "=1+1",
    "__proto__",
]
ODD_TEXTS += [
    "..",
    "/",
    "../x",
    "a\tb",
    "a\nb",
    "\ud800",
    "x" * 129,
    "x" * 5_000,
    "%ED%A0%80",
    "é" * 600,
    "NaN",
    "1e999",
]
RAW = [
    "1e999",
    "-1e999",
    "NaN",
    "[" * 200 + "]" * 200,
    '{"a":' * 200 + "1" + "}" * 200,
    '"\\ud800"',
    "9" * 5_000,
    "1e-999",
    "",
]


class Raw:
    """JSON as it is written, which Python would write in another way or not at all."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Raw({self.text[:20]!r})"


def written(value: Any) -> str:
    """A value as JSON."""
    match value:
        case Raw():
            return value.text
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{written(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(written(each) for each in value) + "]"
        case _:
            return json.dumps(value)


ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from(ODD_TEXTS),
    st.text(max_size=20),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(RAW).map(Raw),
    st.recursive(
        st.integers(0, 9), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
    ),
)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "run": st.just("run"),
    "tensor": st.just("im"),
    "column": st.sampled_from(["label"] * 6 + ["eyes", "nope"]),
    "op_id": st.builds(lambda number: f"operation-{number}-{next(NUMBERS)}", st.integers(0, 9)),
    "sample_ids": st.lists(st.integers(0, 61).map(sample_id), min_size=1, max_size=5),
    "sample_id": st.integers(0, 61).map(sample_id),
    "class_id": st.integers(1, 4),
    "into": st.integers(1, 4),
    "name": st.sampled_from(["ant", "bee", "cat", "dog", "=1+1", "\u00e9"]),
    "store": st.just("its own"),
    "base_revision": st.just("now"),
    "table": st.sampled_from(
        ["sample_id\tlabel\ns0001\tant\n", "label\nant\n", "sample_id\tlabel\ns0002\t\ud800\n", "\n", "a\tb"]
    ),
}


def like(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a type, within its bounds."""
    match kind:
        case inspect.Metadata():
            return like(kind.type)
        case inspect.UnionType():
            return st.one_of([like(each) for each in kind.types])
        case inspect.StructType():
            return values_of(kind)
        case inspect.ListType():
            return st.lists(like(kind.item_type), max_size=3)
        case inspect.TupleType():
            return st.tuples(*(like(each) for each in kind.item_types))
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.IntType():
            return st.integers(min(int(kind.ge or 0), 5), min(int(kind.le or 50), 50))
        case inspect.FloatType():
            return st.floats(kind.ge if kind.ge is not None else 0, kind.le if kind.le is not None else 50)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case _:
            return st.sampled_from(["euclidean", "auto", "#E69F00", "im", "x"])


def values_of(kind: inspect.StructType) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of a struct's fields; often with a value that is odd, or one key more."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in kind.fields:
        known = GOOD.get(field.encode_name)
        value = like(field.type) if known is None else known
        maybe_odd = st.sampled_from([value] * 15 + [ODD]).flatmap(lambda chosen: chosen)
        (required if field.required else optional)[field.encode_name] = maybe_odd
    if kind.tag_field is not None:
        required[kind.tag_field] = st.just(kind.tag)
    optional["another"] = st.integers(0, 9) | ODD
    return st.fixed_dictionaries(required, optional=optional)


def bodies(route: Route) -> st.SearchStrategy[dict[str, Any]]:
    parts = [like(inspect.type_info(part)) for part in route.takes]
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One run for all bodies, with labels, a second column and a session."""
    folder: Path = tmp_path_factory.mktemp("any") / "logs"
    make_run(folder / "run", labels=["ant", "bee", *["unlabeled"] * 58])
    api = Api(folder)
    api.post("labels/columns/add", run="run", store=api.store(), name="eyes")
    api.post("session/start", run="run", tensor="im", parameters={"n_epochs": 20})
    yield api
    api.close()


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.path)
def test_no_body_is_answered_with_a_fault_or_spoils_what_is_read(one: Api, route: Route) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(bodies(route))
    def answer(body: dict[str, Any]) -> None:
        if body.get("base_revision") == "now":
            body = {**body, "base_revision": one.labels()["revision"]}
        if body.get("store") == "its own":
            body = {**body, "store": one.store()}
        sent = written(body).encode("utf-8", "surrogatepass")
        found = one.client.post(route.path, data=sent, headers=HEADERS)
        assert found.status_code in (200, 400, 404, 409, 413, 422, 503), (found.status_code, found.text[:300])
        assert found.is_json
        assert len(found.data) < 100_000

    answer()
    assert one.get("labels", run="run", tensor="im").status_code == 200
    for column in ("label", "eyes"):
        history = one.get("labels/history", run="run", column=column, limit=500)
        assert history.status_code == 200, history.text
        json.loads(history.data, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


QUERIES = [
    f"{name}={value}"
    for name in ("run", "tensor", "after", "wait", "column", "k", "sample_id", "limit")
    for value in (
        "",
        "%00",
        "%ED%A0%80",
        "%FF",
        "\xff",
        "nan",
        "inf",
        "1e999",
        "-1",
        "9" * 5_000,
        "%F0%9F%98%80",
        "x" * 20_000,
        "a&a",
        "%",
    )
]


@pytest.mark.parametrize("route", READS, ids=lambda route: route.path)
def test_no_query_is_answered_with_a_fault(one: Api, route: Route) -> None:
    good = "run=run&tensor=im&sample_id=s0001&page=0&after=0&wait=0"
    path = route.path.replace("<name>", "%ED%A0%80\xff")
    for odd in QUERIES:
        for query in (odd, f"{good}&{odd}", f"{odd}&{good}"):
            found = one.client.get(path, environ_overrides={"QUERY_STRING": query})
            assert found.status_code in (200, 204, 400, 404, 422), (query, found.text[:300])
            found.close()


@pytest.mark.parametrize(
    "header", ["If-None-Match", "Host", "Origin", "Accept-Encoding", "Range", "X-Forwarded-For", "Cookie"]
)
def test_no_header_is_answered_with_a_fault(one: Api, header: str) -> None:
    for value in ("", "\xff", "\xed\xa0\x80", '"', 'W/"\xe9', "x" * 20_000, "gzip;q=nan", "bytes=0-", "*", ",", ";"):
        for path in ("/labels", "/samples", "/sprite", "/runs"):
            environ = {f"HTTP_{header.upper().replace('-', '_')}": value}
            found = one.client.get(f"{path}?run=run&tensor=im", environ_overrides=environ)
            assert found.status_code < 500, (header, value, path, found.text[:300])
            found.close()
