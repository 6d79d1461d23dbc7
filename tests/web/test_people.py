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


TAB = {"run": "run", "tab": "tab-of-a-browser"}


def taken(api: Api, who: dict[str, str], op: str, *choices: str, **body: Any) -> dict[str, Any]:
    """Takes one of some groups; each names samples by the ends of their ids."""
    named = [[f"s000{end}" for end in choice] for choice in choices]
    found: dict[str, Any] = tell(api, who, "labels/take", **{**TAB, "kind": "group", **body}, op_id=op, choices=named)
    return found


def here(api: Api, who: dict[str, str], **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = tell(api, who, "labels/here", **TAB, **body)
    return found


@pytest.fixture
def servers(shared: Api, logdir: Path) -> Any:
    """Two of them on one log dir."""
    shared.store()
    other = Api(logdir, tsne_allow_remote_edit=True, tsne_author_header=HEADER)
    yield shared, other
    other.close()


def test_two_servers_give_two_people_two_groups(servers: tuple[Api, Api]) -> None:
    first, second = servers
    assert taken(first, ANN, "ask-of-ann", "123", "45") == {"sample_ids": ["s0001", "s0002", "s0003"], "held_by": []}
    assert taken(second, BEN, "ask-of-ben", "123", "45") == {"sample_ids": ["s0004", "s0005"], "held_by": []}
    # Her server ended before it answered.
    assert taken(second, ANN, "ask-of-ann", "45", "123")["sample_ids"] == ["s0001", "s0002", "s0003"]
    nothing = taken(second, {**BEN, "X-TSNE-Client": "another-ben"}, "ask-of-ben-2", "12", "53")
    assert nothing == {"sample_ids": [], "held_by": [{"author": "ann", "count": 3}, {"author": "ben", "count": 1}]}
    assert here(first, ANN, op_id="ask-of-ann")["held"]
    assert not here(first, ANN, op_id="ask-of-old")["held"]
    told = here(second, {**ANN, "X-TSNE-Client": "another-ann"}, kind="view")["others"]
    group = {"kind": "group", "class_id": None, "holds": True, "own": False}
    assert told == [
        {"author": "ann", "count": 3, "sample_ids": ["s0001", "s0002", "s0003"], **group},
        {"author": "ben", "count": 2, "sample_ids": ["s0004", "s0005"], **group},
    ]
    here(second, ANN, done="ask-of-ann")
    assert taken(first, BEN, "ask-of-ben-3", "12")["sample_ids"] == ["s0001", "s0002"]
    assert tell(first, BEN, "labels/leave", **TAB) == {}
    assert taken(second, ANN, "ask-of-ann-2", "12")["sample_ids"] == ["s0001", "s0002"]


def test_a_page_comes_without_what_others_hold(servers: tuple[Api, Api]) -> None:
    first, second = servers
    taken(first, ANN, "ask-of-ann", "1234567", kind="page", most=3, class_id=7)
    found = taken(second, BEN, "ask-of-ben", "1234567", kind="page", most=3)
    assert found == {"sample_ids": ["s0004", "s0005", "s0006"], "held_by": [{"author": "ann", "count": 3}]}
    (ann,) = here(second, BEN)["others"]
    assert (ann["kind"], ann["class_id"], ann["count"]) == ("page", 7, 3)


def test_who_is_here_and_where_is_told_to_the_others_alone(shared: Api) -> None:
    shared.store()
    near = {"kind": "group", "count": 12, "sample_ids": ["s0001"]}
    assert here(shared, ANN, **near) == {"held": False, "others": []}
    (ann,) = here(shared, BEN)["others"]
    assert ann == {"author": "ann", "own": False, "class_id": None, "holds": False, **near}
    same_browser = tell(shared, ANN, "labels/here", run="run", tab="another-tab")
    assert [(each["author"], each["own"]) for each in same_browser["others"]] == [("ann", True), ("ben", False)]
    tell(shared, BEN, "labels/columns/add", name="eyes", store=shared.store())
    assert here(shared, BEN, column="eyes")["others"] == []


@pytest.mark.parametrize(
    ("route", "body", "status"),
    [
        ("labels/take", {"op_id": "ask-of-ann", "kind": "group", "choices": [["nobody"]]}, 422),
        ("labels/take", {"op_id": "ask-of-ann", "kind": "group", "choices": []}, 422),
        ("labels/take", {"op_id": "ask-of-ann", "kind": "view", "choices": [["s0001"]]}, 422),
        ("labels/take", {"op_id": "ask-of-ann", "kind": "page", "choices": [["s0001"]], "most": 1_001}, 422),
        ("labels/here", {"tab": "short"}, 422),
        ("labels/here", {"sample_ids": 9 * ["s0001"]}, 422),
        ("labels/here", {"column": "nowhere"}, 404),
        ("labels/leave", {"column": "nowhere"}, 404),
    ],
)
def test_what_cannot_be_worked_on_is_refused(shared: Api, route: str, body: dict[str, Any], status: int) -> None:
    shared.store()
    answer = shared.client.post(f"/{route}", json={**TAB, **body}, headers={**GOOD, **ANN})
    assert answer.status_code == status, answer.text


def test_whose_each_label_is_and_what_each_did_is_told(shared: Api) -> None:
    edit(shared, ANN, "classes", "class-1", action="add", name="ant")
    edit(shared, ANN, "labels/apply", "ann-labels", class_id=1, sample_ids=["s0001", "s0002"])
    edit(shared, BEN, "labels/apply", "ben-labels", class_id=1, sample_ids=["s0004"])
    edit(
        shared,
        BEN,
        "labels/apply",
        "ben-looks",
        class_id=1,
        sample_ids=["s0001"],
        state="verified",
        only_unlabeled=False,
    )
    told = ask(shared, BEN, "labels/authors", **RUN)
    assert (told["revision"], told["names"], told["authors"][:6]) == (4, ["ann", "ben"], [-1, 0, 0, -1, 1, -1])
    etag = shared.get("labels/authors", **RUN).headers["ETag"]
    again = shared.client.get("/labels/authors", query_string=RUN, headers={"If-None-Match": etag})
    assert again.status_code == 304
    edit(shared, ANN, "labels/undo", "ann-undoes")
    again = shared.client.get("/labels/authors", query_string=RUN, headers={"If-None-Match": etag})
    assert again.get_json()["names"] == ["ben"]
    found = ask(shared, ANN, "labels/history", run="run", author="ben")
    assert [entry["revision"] for entry in found["entries"]] == [4, 3]
    assert found["more"] is False
    first = ask(shared, ANN, "labels/history", run="run", author="ben", limit=1)
    assert (first["entries"][0]["revision"], first["more"]) == (4, True)
    assert ask(shared, ANN, "labels/history", run="run", author="nobody") == {"entries": [], "more": False}


def test_what_was_given_several_classes_is_told_until_it_is_verified(shared: Api) -> None:
    edit(shared, ANN, "classes", "class-1", action="add", name="ant")
    edit(shared, BEN, "classes", "class-2", action="add", name="bee")
    edit(shared, ANN, "labels/apply", "ann-labels", class_id=1, sample_ids=["s0001", "s0002", "s0003"])
    edit(shared, BEN, "labels/apply", "ben-labels", class_id=2, sample_ids=["s0003"], only_unlabeled=False)
    tell(shared, ANN, "labels/columns/add", name="second", store=shared.store())
    second = {"column": "second", "base_revision": 0, "new_class": {"name": "bee"}, "sample_ids": ["s0001"]}
    edit(shared, ANN, "labels/apply", "ann-again", **second)
    told = ask(shared, ANN, "labels/disagreements", **RUN)
    assert told["count"] == 2
    assert told["disagreements"] == [
        {
            "row": 1,
            "given": [
                {"name": "label", "kind": "column", "label": "ant"},
                {"name": "second", "kind": "column", "label": "bee"},
            ],
        },
        {
            "row": 3,
            "given": [
                {"name": "ann", "kind": "person", "label": "ant"},
                {"name": "ben", "kind": "person", "label": "bee"},
            ],
        },
    ]
    settled = {"sample_ids": ["s0001", "s0003"], "state": "verified", "only_unlabeled": False}
    edit(shared, ANN, "labels/apply", "ann-settles", class_id=2, **settled)
    assert ask(shared, ANN, "labels/disagreements", **RUN)["disagreements"] == []
