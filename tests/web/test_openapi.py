"""The routes keep what openapi.json says of them, whatever is asked: schemathesis tries.

25 examples a route with every test run; `TSNE_EXAMPLES=500 pytest tests/web/test_openapi.py` for more.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tb_tsne_plugin.web.routes import ROUTES
from tests.builders import make_run, sample_id
from tests.web.conftest import Api

_FOLDER = tempfile.TemporaryDirectory()
EXAMPLES = int(os.environ.get("TSNE_EXAMPLES", "25"))
KNOWN: dict[str, list[Any]] = {
    "store": ["", "0" * 32],
    "run": ["run", "nope"],
    "tensor": ["im", "nope"],
    "column": ["label", "nope"],
    "sample_id": [sample_id(3), "nope"],
    "wait": [0, 0.01],
}


def _api() -> Api:
    make_run(Path(_FOLDER.name) / "run")
    return Api(Path(_FOLDER.name))


def _description() -> dict[str, Any]:
    """The description, with values that lead somewhere where any text would do."""
    found: dict[str, Any] = API.get("openapi.json").get_json()
    for path in found["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] in KNOWN:
                    parameter["schema"] = {"enum": KNOWN[parameter["name"]]}
    schemas = found["components"]["schemas"]
    for component in [schemas[name] for name in schemas if name.endswith("Request") or name in ("Group", "OfTensor")]:
        properties = component["properties"]
        for name in set(properties) & set(KNOWN):
            properties[name] = {"enum": KNOWN[name]}
        if "force" in properties:  # a session with any parameters at all can take the whole machine
            del properties["parameters"]
    return found


API = _api()
KNOWN["store"].append(API.store())
SCHEMA = schemathesis.openapi.from_dict(_description())
SCHEMA.app = API.client.application
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_every_route_is_described() -> None:
    described = set(API.get("openapi.json").get_json()["paths"])
    assert described == {route.path for route in ROUTES if "<" not in route.path}


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_routes_keep_what_they_promise(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS, base_url="http://localhost", headers={"Accept-Encoding": "identity"})


@pytest.fixture(scope="module", autouse=True)
def _end() -> Any:
    yield
    API.close()
    _FOLDER.cleanup()
