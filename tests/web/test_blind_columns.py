"""A blind label column: for all others, by every route, as if it were not there; until its owner opens it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import inspect
from werkzeug.test import Client, TestResponse

from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.labels import read_labels
from tb_tsne_plugin.web.routes import ROUTES
from tb_tsne_plugin.web.routing import Route
from tests.builders import make_run, sample_id
from tests.web.conftest import Api
from tests.web.test_forged import MORE, OWN

OWNER, ABOUT, CLASS = "okapimarker", "zebramarker", "quaggamarker"
BLIND, ABSENT = f"{OWNER} ({ABOUT})", f"{OWNER} (nothing here)"
MARKERS = [word.encode() for word in (OWNER, ABOUT, CLASS)]
RIGHTS = {OWNER: Right.LABEL, "ben": Right.LABEL, "lou": Right.LOOK, "meg": Right.MANAGE}
OTHERS = ["ben", "lou", ""]
"""Who must not read it; the last one has no token, where anybody may look."""
GUARDED = [route for route in ROUTES if route.right is not None]
RUN = {"run": "run", "tensor": "im"}
KNOWN: dict[str, Any] = {
    **RUN,
    "base_revision": 1,
    "sample_id": sample_id(1),
    "format": "tsv",
    "authors": True,
    "table_column": "label",
    "class_id": 1,
    "after": 0,
    "wait": 0,
    "revision": None,
}
"""Values by the name of a field; None for one that is left out."""
_numbers = itertools.count()


class Lab:
    """A run where somebody labels in a blind column, and nothing else was edited."""

    def __init__(self, folder: Path) -> None:
        boxes = {name: ["0"] * 60 for name in ("object", "x", "y", "width", "height")}
        make_run(folder / "logs" / "run", labels=["ant", *["unlabeled"] * 59], columns=boxes)
        self.people = PeopleFile(folder / "people.jsonl")
        tokens = {name: self.people.add(name, right) for name, right in RIGHTS.items()}
        self.logdir = folder / "logs"
        self.api = Api(self.logdir, tsne_people=str(self.people.path), tsne_allow_look=True)
        self.clients = {"": Client(self.api.client.application)}
        for name, token in tokens.items():
            self.clients[name] = Client(self.api.client.application)
            assert self.clients[name].post("/sign_in", json={"token": token}, headers=OWN_HEADERS).status_code == 200
        self.store = self.post("meg", "/labels/create", run="run").get_json()["store"]
        added = self.post(OWNER, "/labels/columns/add_blind", run="run", store=self.store, about=ABOUT)
        assert added.get_json() == {"columns": ["label", BLIND], "blind": {BLIND: OWNER}}
        self.give(new_class={"name": CLASS})

    def get(self, who: str, path: str, headers: dict[str, str] | None = None, /, **query: Any) -> TestResponse:
        headers = {"Host": OWN["Host"], **(headers or {})}
        return self.clients[who].get(path, query_string=query, headers=headers)

    def post(self, who: str, path: str, /, **body: Any) -> TestResponse:
        return self.clients[who].post(path, json=body, headers=OWN_HEADERS)

    def give(self, **to: Any) -> None:
        edit = {"run": "run", "store": self.store, "column": BLIND, "base_revision": self.revision()}
        edit |= {"op_id": f"operation-{next(_numbers)}", "sample_ids": [sample_id(0), sample_id(8)], **to}
        answer = self.post(OWNER, "/labels/apply", **edit)
        assert answer.status_code == 200, answer.text

    def revision(self) -> int:
        return int(self.get(OWNER, "/labels", **RUN, column=BLIND).get_json()["revision"])

    def ask(self, who: str, route: Route, **given: Any) -> TestResponse:
        """Sends what a route takes; of what it does not know, nothing."""
        more = MORE.get(route.path, {})
        values = {**KNOWN, "store": self.store, "op_id": f"operation-{next(_numbers)}", **more, **given}
        if "table" in more:
            del values["format"]  # it is of files
        sent: dict[str, Any] = {}
        for part in route.takes:
            sent |= made(inspect.type_info(part), values)
        if route.writes:
            return self.post(who, route.path, **{**more, **sent})
        return self.get(who, route.path, **{name: written(value) for name, value in sent.items()})


OWN_HEADERS = {**OWN, "X-TSNE-Request": "1"}


def made(kind: inspect.Type, values: dict[str, Any]) -> Any:
    """A value of a type: of a struct's fields those that are named, and whatever it cannot be without."""
    match kind:
        case inspect.Metadata():
            return made(kind.type, values)
        case inspect.UnionType():
            return made(kind.types[0], values)
        case inspect.StructType():
            fields = {each.encode_name: each for each in kind.fields}
            tag = {} if kind.tag_field is None else {kind.tag_field: kind.tag}
            named = {name: values[name] for name in fields if values.get(name) is not None}
            needed = {name: made(each.type, values) for name, each in fields.items() if each.required}
            return {**needed, **named, **tag}
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.IntType() | inspect.FloatType():
            return int(kind.ge or 1)
        case inspect.BoolType():
            return True
        case inspect.ListType() | inspect.TupleType():
            return []
        case _:
            return "x"


def written(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def takes_column(route: Route) -> bool:
    kinds = (inspect.type_info(part) for part in route.takes)
    return any(field.encode_name == "column" for kind in kinds for field in getattr(kind, "fields", ()))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    found = Lab(tmp_path)
    yield found
    found.api.close()


OF_A_COLUMN = [route for route in GUARDED if takes_column(route)]


@pytest.mark.parametrize("who", OTHERS)
def test_for_others_it_is_as_if_it_were_not_there(lab: Lab, who: str) -> None:
    assert len(OF_A_COLUMN) >= 20
    before = lab.revision()
    for route in OF_A_COLUMN:
        found, nothing = (lab.ask(who, route, column=column) for column in (BLIND, ABSENT))
        told = [
            (each.status_code, each.headers.get("ETag"), each.data.replace(ABSENT.encode(), BLIND.encode()))
            for each in (found, nothing)
        ]
        assert told[0] == told[1], (route.path, told)
        assert CLASS.encode() not in found.data, (route.path, found.text)
    assert lab.revision() == before


@pytest.mark.parametrize("who", OTHERS)
def test_no_answer_tells_others_of_it(lab: Lab, who: str) -> None:
    assert lab.post("meg", "/session/start", **RUN, force=True).status_code == 200
    for route in GUARDED:
        answer = lab.ask(who, route)
        told = answer.data + str(answer.headers).encode()
        assert not [word for word in MARKERS if word in told], (route.path, answer.text)
    for route in (each for each in GUARDED if not each.writes and takes_column(each)):
        seen = lab.ask(OWNER, route, column=BLIND).headers.get("ETag")
        answer = lab.get(who, route.path, {"If-None-Match": seen or '"x"'}, **RUN, column=BLIND)
        assert answer.status_code != 304, route.path


@pytest.mark.parametrize("who", [OWNER, "meg"])
def test_its_owner_and_a_manager_can_read_and_write_it(lab: Lab, who: str) -> None:
    columns = lab.get(who, "/labels/columns", run="run").get_json()
    assert columns == {"columns": ["label", BLIND], "blind": {BLIND: OWNER}}
    assert CLASS in lab.get(who, "/labels.tsv", **RUN).text
    for route in OF_A_COLUMN:
        if route.path in ("/session/start", "/labels/columns/open"):
            continue
        answer = lab.ask(who, route, column=BLIND, base_revision=lab.revision())
        may = who == "meg" or route.right != Right.MANAGE
        assert answer.status_code in ((200, 204) if may else (403,)), (route.path, answer.text)
        if route.path == "/labels/restore":  # to the beginning
            lab.give(new_class={"name": CLASS})


def test_waiting_for_its_changes_ends_for_nobody_else(lab: Lab) -> None:
    of: dict[str, Any] = {"run": "run", "column": BLIND, "after": 0, "wait": 0.5}
    assert lab.get(OWNER, "/labels/changes", **of).get_json()["revision"] == lab.revision()
    begun = time.monotonic()
    assert lab.get("ben", "/labels/changes", **of).get_json()["revision"] == 0
    assert time.monotonic() - begun >= of["wait"]


def test_who_may_not_manage_any_more_gets_nothing_of_what_they_waited_for(lab: Lab) -> None:
    answers: list[TestResponse] = []
    of: dict[str, Any] = {"run": "run", "column": BLIND, "after": lab.revision(), "wait": 20}
    waiting = threading.Thread(target=lambda: answers.append(lab.get("meg", "/labels/changes", **of)))
    waiting.start()
    waiting.join(0.5)
    assert waiting.is_alive()
    lines = lab.people.path.read_text()
    lab.people.path.write_text(lines.replace('"manage"', '"label"'))
    lab.give(new_class={"name": "gnu"}, sample_ids=[sample_id(9)])
    waiting.join()
    assert answers[0].status_code == 200
    assert answers[0].get_json()["changes"] == []
    assert answers[0].headers["X-TSNE-Account"] == "meg"


def test_the_shared_picture_never_follows_it(lab: Lab) -> None:
    for who in (OWNER, "meg"):
        answer = lab.post(who, "/session/start", **RUN, column=BLIND)
        assert answer.status_code == 422
        assert "follows a label column that all can read" in answer.text
    assert lab.post(OWNER, "/session/start", **RUN).get_json()["column"] == "label"


def test_it_goes_into_the_log_dir_once_it_is_open(lab: Lab) -> None:
    metadata = lab.logdir / "run" / "metadata.tsv"
    assert lab.post("meg", "/labels/save", **RUN).status_code == 200
    assert CLASS not in metadata.read_text()
    asked = {"run": "run", "store": lab.store, "column": BLIND}
    for who, status in (("ben", 404), ("lou", 403), ("", 401)):
        assert lab.post(who, "/labels/columns/open", **asked).status_code == status
    other = {**asked, "store": "0" * 32}
    assert lab.post(OWNER, "/labels/columns/open", **other).get_json()["error"]["code"] == "other_store"
    before = lab.get(OWNER, "/labels", **RUN).headers["ETag"]
    assert lab.post(OWNER, "/labels/columns/open", **asked).get_json()["blind"] == {}
    assert lab.get(OWNER, "/labels", {"If-None-Match": before}, **RUN).get_json()["blind"] == {}
    for who in OTHERS:
        assert CLASS in lab.get(who, "/labels", **RUN, column=BLIND).text
        assert BLIND in lab.get(who, "/labels/columns", run="run").get_json()["columns"]
    assert lab.post("meg", "/labels/save", **RUN).status_code == 200
    assert CLASS in metadata.read_text()
    again = lab.post(OWNER, "/labels/columns/add_blind", run="run", store=lab.store, about=ABOUT)
    assert again.status_code == 422
    assert "already" in again.text


def test_names_of_blind_columns_do_not_meet(lab: Lab) -> None:
    def add(who: str, about: str = "") -> TestResponse:
        return lab.post(who, "/labels/columns/add_blind", run="run", store=lab.store, about=about)

    assert add("ben").get_json() == {"columns": ["label", "ben"], "blind": {"ben": "ben"}}
    assert add("ben", ABOUT).get_json()["columns"] == ["label", "ben", f"ben ({ABOUT})"]
    assert add("ben").get_json()["columns"] == ["label", "ben", f"ben ({ABOUT})"]
    assert add("lou").status_code == 403
    assert add("ben", "\x07").status_code == 422
    taken = lab.post("meg", "/labels/columns/add", run="run", store=lab.store, name="meg")
    assert taken.status_code == 200
    assert "already" in add("meg").text


@pytest.mark.parametrize("token", ["", "one-token-for-everybody-0123456789"])
def test_where_nobody_is_proven_it_is_there_for_nobody(lab: Lab, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_TSNE_ACCESS_TOKEN", token)
    api = Api(lab.logdir)
    client = Client(api.client.application)
    bearer = {**OWN_HEADERS, "Authorization": f"Bearer {token}"}
    named = {**bearer, "X-TSNE-Author": OWNER}
    assert client.get("/labels/columns?run=run", headers=named).get_json() == {"columns": ["label"], "blind": {}}
    for column in (BLIND, ABSENT):
        answer = client.get("/labels", query_string={**RUN, "column": column}, headers=named)
        assert answer.status_code == 404
        assert ("start TensorBoard with --tsne_people" in answer.text) == (not token)
    add = client.post("/labels/columns/add_blind", json={"run": "run", "store": lab.store}, headers=named)
    assert add.status_code == 422
    assert "start TensorBoard with --tsne_people" in add.text
    taken = client.post("/labels/columns/add", json={"run": "run", "store": lab.store, "name": BLIND}, headers=named)
    assert taken.status_code == 422
    api.close()


def test_whoever_can_read_the_store_can_read_it(lab: Lab) -> None:
    assert read_labels(lab.logdir / "run", column=BLIND)[BLIND].to_list()[8] == CLASS
