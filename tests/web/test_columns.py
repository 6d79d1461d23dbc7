"""The metadata a column, a search and some rows at a time, as docs/http_api.md promises it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tb_tsne_plugin.web.handlers.runs import PREPARING
from tests.builders import make_run, sample_id
from tests.web.conftest import Api

N = 60
RUN: dict[str, Any] = {"run": "run", "tensor": "im"}
SITES = [("Ohio", "Utah", "\u00dcber")[row % 3] for row in range(N)]
WEIGHTS = ["" if row == 7 else str(row / 4) for row in range(N)]


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    make_run(tmp_path / "logs" / "run", columns={"site": SITES, "weight": WEIGHTS})
    return tmp_path / "logs"


def values(content: bytes) -> pa.ChunkedArray:
    (column,) = pa.ipc.open_stream(content).read_all().itercolumns()
    return column


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def test_samples_tell_what_each_column_holds(api: Api) -> None:
    columns = api.get("samples", **RUN).get_json()["columns"]
    assert {each["name"]: each["kind"] for each in columns} == {
        **{"sample_id": "text", "file": "text", "label": "text", "site": "groups", "weight": "number"}
    }
    assert columns[3]["values"] == SITES


def test_of_very_many_samples_no_cell_is_told_before_it_is_asked_for(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_tsne_plugin.web.handlers.runs.MOST_TOLD", N - 1)
    columns = api.get("samples", **RUN).get_json()["columns"]
    assert [each["values"] for each in columns] == [None] * 5
    assert [each["kind"] for each in columns] == ["text", "text", "text", "groups", "number"]


def test_a_search_of_very_many_samples_is_prepared_when_they_are_opened(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tb_tsne_plugin.web.handlers.runs.MOST_TOLD", N - 1)
    api.get("samples", **RUN)
    for thread in threading.enumerate():
        if thread.name == PREPARING:
            thread.join()
    monkeypatch.setattr("tb_tsne_plugin.runs.columns._fold", None)
    assert np.frombuffer(api.get("samples/search", **RUN, text="utah").data, "<i4").tolist() == list(range(1, N, 3))


def test_a_column_is_an_arrow_stream(api: Api) -> None:
    answer = api.get("samples/column", **RUN, name="site")
    assert answer.content_type == "application/vnd.apache.arrow.stream"
    assert values(answer.data).to_pylist() == SITES
    numbers = values(api.get("samples/column", **RUN, name="weight", form="numbers").data)
    np.testing.assert_array_equal(numbers.to_numpy(), [float(weight or "nan") for weight in WEIGHTS])
    assert values(api.get("samples/column", **RUN, name="weight").data).to_pylist() == WEIGHTS


def test_a_column_that_a_browser_has_is_not_sent_again(api: Api) -> None:
    first = api.get("samples/column", **RUN, name="weight")

    def ask(**more: str) -> int:
        query = {**RUN, "name": "weight", **more}
        headers = {"If-None-Match": first.headers["ETag"]}
        return api.client.get("/samples/column", query_string=query, headers=headers).status_code

    assert [ask(), ask(form="numbers"), ask(name="site")] == [304, 200, 200]


def test_a_column_that_cannot_be_had_is_refused_in_a_sentence(api: Api) -> None:
    assert error(api.get("samples/column", **RUN, name="nope")) == (404, "unknown_column")
    assert error(api.get("samples/column", **RUN, name="site", form="numbers")) == (422, "invalid")
    assert error(api.get("samples/column", **RUN, name="site", form="colours")) == (422, "invalid")


def test_a_search_finds_rows_in_any_column_and_any_case(api: Api) -> None:
    def found(text: str) -> list[int]:
        return [*map(int, np.frombuffer(api.get("samples/search", **RUN, text=text).data, "<i4"))]

    assert found("u\u0308BER") == list(range(2, N, 3))
    assert found(sample_id(41).upper()) == [41]
    assert found("class/1") == [1, *range(10, 20)]
    assert found("nowhere") == []
    assert error(api.get("samples/search", **RUN, text="")) == (400, "bad_request")


def test_cells_of_some_rows_come_in_the_order_of_the_columns(api: Api) -> None:
    cells = api.get("samples/cells", **RUN, rows="7,3").get_json()["cells"]
    assert cells == [[sample_id(row), f"class/{row}.png", "unlabeled", SITES[row], WEIGHTS[row]] for row in (7, 3)]
    for rows in (str(N), "", "1,", "-1", "1 2", ",".join(["1"] * 101), "1\n"):
        assert api.get("samples/cells", **RUN, rows=rows).status_code in (400, 422), rows


@pytest.mark.parametrize("asked", [("column", {"name": "site"}), ("search", {"text": "a"}), ("cells", {"rows": "1"})])
def test_rows_of_another_version_are_not_told(api: Api, asked: tuple[str, dict[str, str]]) -> None:
    route, query = f"samples/{asked[0]}", {**RUN, **asked[1]}
    version = api.get("samples", **RUN).get_json()["version"]
    assert api.get(route, **query, version=version).status_code == 200
    make_run(api.logdir / "run", np.ones((N, 8)), columns={"site": SITES, "weight": WEIGHTS})
    assert error(api.get(route, **query, version=version)) == (409, "run_changed")
    assert api.get(route, **query).status_code == 200
