"""What is wrong with a request is said in one sentence, which names the value and what it may be."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from tests.builders import sample_id
from tests.web.conftest import Api
from tests.web.test_routes import RUN

LONE = "The body holds characters that are no text (lone surrogates)."
GROUP = {"tensor": "im", "sample_id": sample_id(0)}


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"class_id": 0}, 422, "class_id must be a whole number from 1 to 2,147,483,647."),
        ({"class_id": "1"}, 422, "class_id must be a whole number from 1 to 2,147,483,647."),
        ({"op_id": "short"}, 422, "op_id must have 8 to 64 letters, digits, - or _."),
        ({"op_id": "operation-1\n"}, 422, "op_id must have 8 to 64 letters, digits, - or _."),
        ({"op_id": 7}, 422, "op_id must have 8 to 64 letters, digits, - or _."),
        ({"run": 7}, 400, "run is missing."),
        ({"run": ""}, 400, "run is missing."),
        ({"column": "x" * 129}, 422, "column must be text of at most 128 characters."),
        ({"sample_ids": "s0001"}, 422, "sample_ids must be a list with 1 to 100,000 entries."),
        ({"run": "r" * 4_097}, 422, "run must be text of at most 4,096 characters."),
        ({"sample_ids": ["s" * 4_097]}, 422, "sample_ids[0] must be text of at most 4,096 characters."),
        ({"sample_ids": [1]}, 422, "sample_ids[0] must be text of at most 4,096 characters."),
        ({"only_unlabeled": "yes"}, 422, "only_unlabeled must be true or false."),
        ({"selection": "box"}, 422, "selection must be an object whose kind is one of neighbors, box, "),
        ({"selection": {"kind": "magic"}}, 422, "selection.kind must be one of neighbors, box, "),
        ({"selection": {"k": 3}}, 422, "selection.kind is missing."),
        (
            {"selection": {"kind": "neighbors", "k": -1}},
            422,
            "selection.k must be a whole number from 0 to 2,147,483,647.",
        ),
        ({"group": {**GROUP, "k": 0}}, 422, "group.k must be a whole number from 1 to 1,000."),
        ({"group": {**GROUP, "space": "moon"}}, 422, "group.space must be one of embedding, features."),
        ({"group": {"tensor": "im"}}, 422, "group.sample_id is missing."),
        ({"group": {**GROUP, "sample_id": None}}, 422, "group.sample_id is missing."),
        ({"group": GROUP}, 422, "Give one of sample_ids, rows and group, not sample_ids and group."),
        ({"new_class": {"name": "bee"}}, 422, "Where there is a new_class there is no class_id."),
        ({"new_class": {"name": "bee", "color": "red"}}, 422, "new_class.color must be written #RRGGBB."),
        ({"new_class": {}}, 422, "new_class.name is missing."),
        ({"rows": [[1, 2, 3]], "sample_ids": None}, 422, "rows[0] must be a whole number or a pair."),
        ({"rows": [[1, "2"]], "sample_ids": None}, 422, "rows[0][1] must be a whole number."),
    ],
)
def test_a_body_that_will_not_do_is_told_why(api: Api, changes: dict[str, Any], status: int, sentence: str) -> None:
    answer = api.edit("labels/apply", **{"class_id": 1, "sample_ids": [sample_id(1)], **changes}, base_revision=0)
    assert answer.status_code == status
    assert answer.get_json()["error"]["message"].startswith(sentence)


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({}, 400, "action is missing."),
        ({"action": "explode"}, 422, "action must be one of add, rename, recolor, move, merge, delete."),
        ({"action": "rename", "name": "bee"}, 400, "class_id is missing."),
        (
            {"action": "move", "class_id": 1, "position": -1},
            422,
            "position must be a whole number from 0 to 2,147,483,647.",
        ),
        ({"action": "add", "name": "\ud800"}, 422, "The body holds characters that are no text (lone surrogates)."),
    ],
)
def test_a_class_action_that_will_not_do_is_told_why(
    api: Api, body: dict[str, Any], status: int, sentence: str
) -> None:
    answer = api.edit("classes", **body)
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (status, sentence)


@pytest.mark.parametrize(
    ("route", "query", "status", "sentence"),
    [
        ("samples", {"run": "run"}, 400, "tensor is missing."),
        ("runs/tile_page", {"run": "run", "page": "one"}, 422, "page must be a whole number from 0 to 9,999."),
        ("session/frame", {**RUN, "wait": 26}, 422, "wait must be a number from 0 to 25."),
        ("labels/changes", {"run": "run"}, 400, "after is missing."),
        ("labels.tsv", {**RUN, "format": "pdf"}, 422, "format must be one of spreadsheet, tsv."),
    ],
)
def test_a_query_that_will_not_do_is_told_why(
    api: Api, route: str, query: dict[str, Any], status: int, sentence: str
) -> None:
    answer = api.get(route, **query)
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (status, sentence)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b'{"run": "\xff"}', "The body is not valid JSON."),
        (b'\xef\xbb\xbf{"run": "run"}', "The body is not valid JSON."),
        ('{"run": "run"}'.encode("utf-16"), "The body is not valid JSON."),
        (b'{"run": "\xed\xa0\x80"}', LONE),
        (rb'{"run": "\ud83d"}', LONE),
        (rb'{"run": "\ud83d\u0041"}', LONE),
        (rb'{"run": "\\\uDE00"}', LONE),
        (rb'{"\ud83d": 1}', LONE),
        (rb'{"run": "\ud83d\ude00" broken', "The body is not valid JSON."),
        (rb'{"run": "\\ud83d" broken', "The body is not valid JSON."),
    ],
)
def test_a_body_that_cannot_be_read_is_told_why(api: Api, raw: bytes, sentence: str) -> None:
    headers = Headers({"X-TSNE-Request": "1", "Content-Type": "application/json"})
    answer = api.client.post("/session/perturb", data=raw, headers=headers)
    assert answer.get_json()["error"]["message"] == sentence


def test_unknown_parameters_are_named(api: Api) -> None:
    answer = api.post("session/start", **RUN, parameters={"perplexity": 5, "nonsense": 1})
    assert answer.status_code == 422
    assert answer.get_json()["error"]["message"].startswith(
        "parameters have no 'nonsense'; there are early_exaggeration, "
    )
    answer = api.post("session/start", **RUN, parameters={"perplexity": 0})
    assert answer.get_json()["error"]["message"] == "perplexity must be a number from 1 to 1000, not 0.0."


def test_a_query_that_is_no_text_is_said(api: Api) -> None:
    answer = api.client.get("/samples", environ_overrides={"QUERY_STRING": "run=run&tensor=\xff"})
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (
        422,
        "The query parameters are not UTF-8 text.",
    )


@pytest.mark.parametrize(
    "sent",
    [gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"{}", b"{}"],
    ids=["cut short", "with more behind it", "no gzip"],  # gzip writes down the time
)
def test_a_body_that_is_not_one_whole_gzip_stream_is_refused(api: Api, sent: bytes) -> None:
    headers = {"X-TSNE-Request": "1", "Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = api.client.post("/session/perturb", data=sent, headers=headers)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"].startswith("The body is no gzip data")


@pytest.mark.parametrize(
    "table", ["a\tb\n" + "1\t2\n" * 200_001, "\t".join(map(str, range(1_001))) + "\n", "a\tb\n" + "\t" * 1_000_000]
)
def test_a_table_too_large_for_here_names_the_command(api: Api, table: str) -> None:
    body = {**RUN, "store": api.store(), "op_id": "operation-1", "base_revision": 0, "table": table}
    headers = {"X-TSNE-Request": "1", "Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = api.client.post("/labels/import", data=gzip.compress(json.dumps(body).encode()), headers=headers)
    assert answer.status_code == 422
    assert "`tb-tsne labels import` takes larger ones" in answer.get_json()["error"]["message"]
