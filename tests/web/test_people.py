"""Who asks: names that nobody can gain anything by, everybody's own undo, and a picture that several look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tensorboard.plugins import base_plugin

from tb_tsne_plugin.labels import local_author
from tests.web.conftest import Api, parsed_flags

GOOD = {"X-TSNE-Request": "1"}
ANN = {"X-Remote-User": "ann", "X-TSNE-Client": "tag-of-ann"}
BEN = {"X-Remote-User": "ben", "X-TSNE-Client": "tag-of-ben"}
RUN = {"run": "run", "tensor": "im"}
HEADER = "X-Remote-User"
LONG = "n" * 64


@pytest.fixture
def shared(logdir: Path) -> Any:
    """A plugin behind a proxy that says who has signed in."""
    found = Api(logdir, tsne_allow_remote_edit=True, tsne_author_header=HEADER)
    yield found
    found.close()


def ask(api: Api, who: dict[str, str], route: str, /, **query: Any) -> Any:
    return api.client.get(f"/{route}", query_string=query, headers=who).get_json()


def tell(api: Api, who: dict[str, str], route: str, /, **body: Any) -> Any:
    answer = api.client.post(f"/{route}", json={**RUN, **body}, headers={**GOOD, **who})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def edit(api: Api, who: dict[str, str], route: str, op: str, /, **body: Any) -> Any:
    base = ask(api, who, "labels", **RUN)["revision"]
    tag = {"op_id": f"operation-{op}", "base_revision": base, "store": api.store()}
    return tell(api, who, route, **{**tag, **body})


def author(api: Api, headers: dict[str, str], address: str = "127.0.0.1") -> str:
    told = api.client.get("/runs", headers=headers, environ_overrides={"REMOTE_ADDR": address}).get_json()
    return f"{told['author']} {'known' if told['is_named'] else 'unknown'}"


@pytest.mark.parametrize(
    ("headers", "address", "expected"),
    [
        ({}, "127.0.0.1", f"{local_author()} known"),
        ({}, "::ffff:127.0.0.1", f"{local_author()} known"),
        ({}, "::ffff:10.0.0.5", "10.0.0.5 unknown"),
        ({"X-Forwarded-For": "9.9.9.9"}, "::ffff:10.0.0.5", "10.0.0.5 (forwarded) unknown"),
        # The proxy's word, from this machine only.
        ({HEADER: "ann"}, "127.0.0.1", "ann known"),
        ({HEADER: "ann"}, "::1", "ann known"),
        ({HEADER: "ann"}, "::ffff:127.0.0.1", "ann known"),
        ({HEADER: "ann"}, "10.0.0.5", "10.0.0.5 (forwarded) unknown"),
        ({HEADER: "Zoë".encode().decode("latin-1")}, "127.0.0.1", "Zoë known"),
        ({HEADER: ""}, "127.0.0.1", "127.0.0.1 (forwarded) unknown"),
        ({HEADER: "ann (self-named)"}, "127.0.0.1", "127.0.0.1 (forwarded) unknown"),
        # What somebody says of themselves is shown as that.
        ({"X-TSNE-Author": "ben"}, "10.0.0.5", "ben (self-named) known"),
        ({"X-TSNE-Author": "Zo%C3%AB%20M."}, "10.0.0.5", "Zoë M. (self-named) known"),
        ({"X-TSNE-Author": "ben"}, "127.0.0.1", "ben (self-named) known"),
        ({"X-TSNE-Author": "ben", HEADER: "ann"}, "127.0.0.1", "ann known"),
        ({"X-TSNE-Author": "10.0.0.9 (forwarded)"}, "10.0.0.5", "10.0.0.9 forwarded (self-named) known"),
        ({"X-TSNE-Author": "ann%20(self-named)"}, "10.0.0.5", "ann self-named (self-named) known"),
        ({"X-TSNE-Author": "%20a%09%0Ab%20"}, "10.0.0.5", "a b (self-named) known"),
        ({"X-TSNE-Author": "%E2%80%AEnna"}, "10.0.0.5", "10.0.0.5 unknown"),
        ({"X-TSNE-Author": "%1B[31mred"}, "10.0.0.5", "10.0.0.5 unknown"),
        ({"X-TSNE-Author": "%00"}, "10.0.0.5", "10.0.0.5 unknown"),
        ({"X-TSNE-Author": "()"}, "10.0.0.5", "10.0.0.5 unknown"),
        ({"X-TSNE-Author": "n" * 5000}, "10.0.0.5", f"{LONG} (self-named) known"),
    ],
)
def test_a_name_is_what_is_known_best(shared: Api, headers: dict[str, str], address: str, expected: str) -> None:
    assert author(shared, headers, address) == expected


def test_a_proxys_header_is_not_believed_unless_it_was_named(api: Api) -> None:
    assert author(api, {HEADER: "ann"}) == "127.0.0.1 (forwarded) unknown"


@pytest.mark.parametrize("headers", [{HEADER: "root"}, {"X-TSNE-Author": "root"}, {"X-TSNE-Client": "tag-of-root"}])
def test_no_name_is_a_right(logdir: Path, headers: dict[str, str]) -> None:
    api = Api(logdir, tsne_author_header=HEADER)
    body = {"run": "run", "op_id": "operation-1", "base_revision": 0, "action": "add", "name": "ant"}
    elsewhere = {"REMOTE_ADDR": "10.0.0.5"}
    answer = api.client.post("/classes", json=body, headers={**GOOD, **headers}, environ_overrides=elsewhere)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "read_only_client")
    assert not api.client.get("/runs", headers=headers, environ_overrides=elsewhere).get_json()["can_edit"]


def test_what_is_no_headers_name_is_refused_at_the_start() -> None:
    assert parsed_flags("--tsne_author_header", "X-Remote-User").tsne_author_header == "X-Remote-User"
    for name in ("X-Remote-User:", "two words", "X\nY", "-"):
        with pytest.raises(base_plugin.FlagsError, match="takes the name of a header"):
            parsed_flags(f"--tsne_author_header={name}")


def test_undo_is_of_whoever_asks_and_who_is_touched_is_told(shared: Api) -> None:
    edit(shared, ANN, "classes", "class-1", action="add", name="ant")
    edit(shared, BEN, "classes", "class-2", action="add", name="bee")
    edit(shared, ANN, "labels/apply", "ann-labels", class_id=1, sample_ids=["s0001", "s0002", "s0003"])
    edit(shared, BEN, "labels/apply", "ben-labels", class_id=2, sample_ids=["s0003", "s0004"], only_unlabeled=False)
    (mine,) = ask(shared, ANN, "labels/history", run="run", limit=1)["entries"]
    assert (mine["author"], mine["own"], mine["yours"]) == ("ben", False, 1)
    (mine,) = ask(shared, BEN, "labels/history", run="run", limit=1)["entries"]
    assert (mine["own"], mine["yours"]) == (True, 0)
    undone = edit(shared, ANN, "labels/undo", "ann-undoes")
    assert undone["changes"] == [["s0001", None, "unlabeled"], ["s0002", None, "unlabeled"]]
    assert (undone["target"], undone["stayed"]) == (3, [{"author": "ben", "count": 1}])
    assert ask(shared, BEN, "labels/changes", run="run", after=4)["can_redo"] is False
    assert ask(shared, ANN, "labels/changes", run="run", after=4)["can_redo"] is True
    taken = edit(shared, ANN, "labels/undo", "ann-takes-back", revision=4)
    assert taken["changes"] == [["s0003", None, "unlabeled"], ["s0004", None, "unlabeled"]]
    (entry,) = ask(shared, BEN, "labels/history", run="run", limit=1)["entries"]
    assert (entry["author"], entry["kind"], entry["yours"]) == ("ann", "undo", 2)
    told = shared.client.post(
        "/labels/undo",
        json={"run": "run", "op_id": "operation-again", "base_revision": 6, "revision": 4},
        headers={**GOOD, **BEN},
    )
    assert (told.status_code, told.get_json()["error"]["code"]) == (409, "nothing_to_undo")


def test_labels_are_not_the_same_answer_for_two_people(shared: Api) -> None:
    """What there is to undo is everybody's own: an answer kept for one is none for the other."""
    edit(shared, ANN, "classes", "class-1", action="add", name="ant")
    first = shared.client.get("/labels", query_string=RUN, headers=ANN)
    kept = {"If-None-Match": first.headers["ETag"]}
    assert shared.client.get("/labels", query_string=RUN, headers={**ANN, **kept}).status_code == 304
    other = shared.client.get("/labels", query_string=RUN, headers={**BEN, **kept})
    assert (first.get_json()["can_undo"], other.get_json()["can_undo"]) == (True, False)


def test_who_looks_at_one_picture_knows_of_the_others(shared: Api) -> None:
    tell(shared, ANN, "session/start", parameters={"n_epochs": 5})
    shared.get("session/state", **RUN)  # a script sees no picture
    assert ask(shared, ANN, "session/state", **RUN)["others"] == []
    told = ask(shared, BEN, "session/state", **RUN)
    assert (told["others"], told["last_change"]) == (["ann"], None)
    assert ask(shared, ANN, "session/state", **RUN)["others"] == ["ben"]
    tell(shared, BEN, "session/parameters", parameters={"n_components": 2})
    expected = {"number": 1, "author": "ben", "doing": "dimensions"}
    assert ask(shared, ANN, "session/state", **RUN)["last_change"] == {**expected, "own": False}
    assert ask(shared, BEN, "session/state", **RUN)["last_change"] == {**expected, "own": True}


def test_opening_a_page_turns_nobodys_picture_to_another_column(shared: Api) -> None:
    tell(shared, ANN, "session/start", column="label", parameters={"n_epochs": 5})
    tell(shared, BEN, "labels/columns/add", name="eyes", store=shared.store())
    ask(shared, ANN, "session/state", **RUN)
    assert tell(shared, BEN, "session/start", column="eyes")["column"] == "label"
    assert tell(shared, BEN, "session/start", column="eyes", for_all=True)["column"] == "eyes"
    assert ask(shared, ANN, "session/state", **RUN)["last_change"]["doing"] == "column"


def test_a_group_that_somebody_looks_at_is_not_given_to_the_next(shared: Api) -> None:
    tell(shared, ANN, "session/start", parameters={"n_epochs": 5})
    assert tell(shared, ANN, "guidance/take", sample_id="s0001") == {"taken": True, "by": None}
    assert tell(shared, ANN, "guidance/take", sample_id="s0001") == {"taken": True, "by": None}
    assert tell(shared, BEN, "guidance/take", sample_id="s0001") == {"taken": False, "by": "ann"}
    assert [ask(shared, who, "session/state", **RUN)["taken"] for who in (ANN, BEN)] == [[], ["s0001"]]
    assert tell(shared, ANN, "guidance/take", sample_id="s0002") == {"taken": True, "by": None}
    assert tell(shared, BEN, "guidance/take", sample_id="s0001") == {"taken": True, "by": None}
    unknown = shared.client.post("/guidance/take", json={**RUN, "sample_id": "nobody"}, headers={**GOOD, **ANN})
    assert unknown.status_code == 422
