"""Every combination of Host, Origin, Sec-Fetch-Site, content type, method and our header: one kind may write."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.web.conftest import Api
from tests.web.test_guards import _add_class

HOSTS = {"localhost:6006": True, "127.0.0.1:6006": True, "evil.example": False, "localhost.evil.example:6006": False}
# A proxy of this machine is another port of it, too; which of both it is, the browser says in Sec-Fetch-Site.
ORIGINS = {"own": True, None: True, "http://evil.example": False, "null": False, "http://localhost:9999": True}
SITES = {"same-origin": True, None: True, "cross-site": False, "same-site": False, "none": False}
TYPES = {"application/json": True, "text/plain": False, "application/x-www-form-urlencoded": False}
METHODS = {"POST": True, "GET": False, "PUT": False}
HEADERS = {"1": True, None: False}
CASES = list(itertools.product(HOSTS, ORIGINS, SITES, TYPES, METHODS, HEADERS))


def is_allowed(case: tuple[Any, ...]) -> bool:
    tables: tuple[dict[Any, bool], ...] = (HOSTS, ORIGINS, SITES, TYPES, METHODS, HEADERS)
    return all(table[value] for table, value in zip(tables, case, strict=True))


def test_only_the_page_itself_may_write_in_every_combination(api: Api) -> None:
    refused, add = 0, _add_class(api)
    allowed: list[tuple[Any, ...]] = []
    for case in CASES:
        host, origin, site, content_type, method, header = case
        headers = {"Host": host, "Content-Type": content_type}
        headers |= {} if origin is None else {"Origin": f"http://{host}" if origin == "own" else origin}
        headers |= {} if site is None else {"Sec-Fetch-Site": site}
        headers |= {} if header is None else {"X-TSNE-Request": header}
        body = {**add, "op_id": f"operation-{len(allowed)}", "name": f"class {len(allowed)}"}
        body["base_revision"] = len(allowed)
        answer = api.client.open("/classes", method=method, json=body, headers=headers)
        if is_allowed(case):
            assert answer.status_code == 200, (case, answer.text)
            allowed.append(case)
        else:
            assert answer.status_code in (403, 405, 415), (case, answer.text)
            assert "Access-Control-Allow-Origin" not in answer.headers
            refused += 1
    assert refused >= 200
    assert len(allowed) == 12
    assert api.labels()["revision"] == 12


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PATCH", "DELETE", "FOO"])
@pytest.mark.parametrize("route", ["classes", "labels", "runs"])
def test_other_methods_are_none(api: Api, method: str, route: str) -> None:
    answer = api.client.open("/" + route, method=method, headers={"X-TSNE-Request": "1"})
    assert answer.status_code == 405
    assert "Access-Control-Allow-Methods" not in answer.headers
