"""States of samples over HTTP: given, told, refused, in tables and back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import sample_id
from tests.web.conftest import Api

RUN = {"run": "run", "tensor": "im"}


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def ids(*rows: int) -> list[str]:
    return [sample_id(row) for row in rows]


def give(api: Api, state: str, *rows: int, **more: Any) -> dict[str, Any]:
    """Gives samples a state, whatever they have."""
    answer = api.edit("labels/apply", state=state, sample_ids=ids(*rows), only_unlabeled=False, **more)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_states_are_given_and_told_in_row_order(api: Api) -> None:
    ant = api.add_class("ant")
    assert give(api, "seen", 0, 1, class_id=ant)["changes"] == [["s0000", ant, "seen"], ["s0001", ant, "seen"]]
    give(api, "verified", 1, class_id=ant)
    give(api, "labeled", 2, class_id=ant)
    aside = give(api, "unsure", 2, 3)
    assert aside["changes"] == [["s0002", ant, "unsure"], ["s0003", None, "unsure"]]
    assert (aside["class_id"], aside["kind"]) == (None, "apply")
    give(api, "ignored", 4)
    value = api.labels()
    assert value["labels"][:6] == [ant, ant, -1, -1, -1, -1]
    assert value["states"][:6] == [2, 3, 4, 4, 5, 0]
    assert len(value["states"]) == 60
    assert api.edit("labels/undo").get_json()["changes"] == [["s0004", None, "unlabeled"]]
    changed = api.get("labels/changes", run="run", after=value["revision"] - 2).get_json()["changes"]
    assert sorted(changed) == [["s0002", ant, "unsure"], ["s0003", None, "unsure"], ["s0004", None, "unlabeled"]]


def test_a_new_class_can_be_given_to_what_was_seen(api: Api) -> None:
    assert give(api, "seen", 5, new_class={"name": "bee"})["changes"] == [["s0005", 1, "seen"]]


@pytest.mark.parametrize(
    "body",
    [
        {"state": "unsure", "class_id": 1},
        {"state": "ignored", "class_id": None},
        {"state": "unsure", "new_class": {"name": "bee"}},
        {"state": "seen", "class_id": None},
        {"state": "unlabeled", "class_id": 1},
        {"state": "new", "class_id": 1},
        {"state": 3, "class_id": 1},
    ],
)
def test_a_class_and_a_state_that_do_not_go_together_change_nothing(api: Api, body: dict[str, Any]) -> None:
    api.add_class("ant")
    before = api.labels()
    assert error(api.edit("labels/apply", sample_ids=ids(0), only_unlabeled=False, **body)) == (422, "invalid")
    assert api.labels() == before


def test_a_conflict_tells_the_states_there_are(api: Api) -> None:
    ant = api.add_class("ant")
    give(api, "verified", 3, class_id=ant)
    body = {"state": "ignored", "sample_ids": ids(3), "only_unlabeled": False, "base_revision": 1}
    answer = api.edit("labels/apply", **body)
    assert error(answer) == (409, "conflict")
    assert answer.get_json()["error"]["details"] == {"revision": 2, "changes": [["s0003", ant, "verified"]]}


def test_the_same_op_id_with_another_state_is_another_change(api: Api) -> None:
    ant = api.add_class("ant")
    body = {"class_id": ant, "sample_ids": ids(3), "op_id": "operation-state", "base_revision": 1}
    first = api.edit("labels/apply", **body).get_json()
    again = api.edit("labels/apply", **body, state="labeled").get_json()
    assert (again["repeated"], again["changes"]) == (True, first["changes"])
    assert error(api.edit("labels/apply", **body, state="seen")) == (422, "invalid")


def test_a_page_is_told_in_the_history_and_costs_one(api: Api) -> None:
    ant = api.add_class("ant")
    page = {"kind": "page", "of": "suggestion", "order": "random", "shown": 4, "changed": 1, "population": 40}
    give(api, "seen", 0, 1, 2, class_id=ant, selection=page)
    entry = api.get("labels/history", run="run").get_json()["entries"][0]
    assert (entry["selection"], entry["actions"], entry["labels"]) == (page, 1, 3)
    assert entry["summary"] == "3 images seen as ant"
    give(api, "verified", 0, 1, 2, class_id=ant, selection={**page, "of": "labeled"})
    assert api.get("labels/effort", run="run").get_json() == {"actions": [1, 2], "labels": [3, 3]}
    for wrong in ({"of": "nothing"}, {"order": "any"}, {"shown": -1}, {"population": "many"}):
        answer = api.edit("labels/apply", class_id=ant, sample_ids=ids(9), selection={**page, **wrong})
        assert error(answer) == (422, "invalid")


def table(api: Api) -> list[list[str]]:
    """The download."""
    return [line.split("\t") for line in api.get("labels.tsv", **RUN).text.splitlines()]


def states_now(api: Api) -> dict[str, Any]:
    value = api.labels()
    return {name: value[name] for name in ("labels", "states")}


def test_a_download_that_is_imported_again_brings_every_state_back(api: Api) -> None:
    ant = api.add_class("ant")
    give(api, "seen", 0, class_id=ant)
    give(api, "verified", 1, class_id=ant)
    give(api, "labeled", 2, 3, class_id=ant)
    give(api, "unsure", 3, 4)
    give(api, "ignored", 5)
    header, *rows = table(api)
    assert header == ["sample_id", "file", "label", "state"]
    assert [row[2:] for row in rows[:7]] == [
        *(["ant", "seen"], ["ant", "verified"], ["ant", "labeled"]),
        *(["unlabeled", "unsure"], ["unlabeled", "unsure"], ["unlabeled", "ignored"], ["unlabeled", "unlabeled"]),
    ]
    text, before = api.get("labels.tsv", **RUN).text, states_now(api)
    overwrite = {"tensor": "im", "table": text, "only_unlabeled": False, "clear": True}
    assert api.edit("labels/import", **overwrite).get_json()["changes"] == []
    give(api, "labeled", *range(6), class_id=None)
    preview = api.edit("labels/import", **overwrite, preview=True).get_json()
    assert [preview[name] for name in ("labeled", "changed", "cleared", "set_aside")] == [3, 0, 0, 3]
    assert api.edit("labels/import", tensor="im", table=text).status_code == 200
    assert states_now(api) == before
    assert api.get("labels/history", run="run").get_json()["entries"][0]["summary"] == (
        "3 images labelled and 3 images set aside in a table"
    )
    assert api.post("labels/save", **RUN).status_code == 200
    assert [line.split("\t") for line in (api.logdir / "run" / "metadata.tsv").read_text().splitlines()] == table(api)


def test_the_states_that_were_saved_are_no_classes_of_a_label_column(api: Api) -> None:
    give(api, "seen", 0, new_class={"name": "ant"})
    give(api, "ignored", 1)
    assert api.post("labels/save", **RUN).status_code == 200
    for name in ("state", "state~2"):
        api.post("labels/columns/add", run="run", store=api.store(), name=name)
        value = api.get("labels", **RUN, column=name).get_json()
        assert (value["classes"], set(value["labels"]), set(value["states"])) == ([], {-1}, {0})
    # What is told of that column goes beside it, and what of the first one is found again.
    give_sick = {"column": "state", "sample_ids": ids(0, 1), "new_class": {"name": "sick"}, "base_revision": 0}
    assert api.edit("labels/apply", **give_sick).status_code == 200
    table = api.get("labels.tsv", **RUN).text
    preview = {"table": table, "only_unlabeled": False, "clear": True, "preview": True, "tensor": "im"}
    told = api.edit("labels/import", **preview).get_json()
    assert (told["unchanged"], told["notes"]) == (60, [])
