"""Where tokens are in use: every route lets in who has its right, nobody else, and tells no token to anybody."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tensorboard.plugins import base_plugin
from werkzeug.test import Client, TestResponse

from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.access.tokens import ticket_of
from tb_tsne_plugin.access.tries import MOST_IN_ALL, MOST_OF_A_PLACE
from tb_tsne_plugin.web.routes import PAGE, ROUTES
from tb_tsne_plugin.web.routing import Route
from tb_tsne_plugin.web.start_notice import PLAIN_HTTP, notice
from tests.builders import make_run, sample_id
from tests.web.conftest import Api, parsed_flags

SHARED = "one-token-for-everybody-0123456789"
GOOD = {"X-TSNE-Request": "1"}
OWN = {"Host": "localhost:6006", "Origin": "http://localhost:6006", "Sec-Fetch-Site": "same-origin", **GOOD}
RUN = {"run": "run", "tensor": "im"}
GUARDED = [route for route in ROUTES if route.right is not None]


class Lab:
    """A plugin with a people file: one person of each right."""

    def __init__(self, folder: Path, **flags: Any) -> None:
        self.people = PeopleFile(folder / "people.jsonl")
        self.tokens = {right.word: self.people.add(f"{right.word}er", right) for right in Right}
        make_run(folder / "logs" / "run")
        self.api = Api(folder / "logs", tsne_people=str(self.people.path), **flags)

    def browser(self, token: str = "") -> Client:
        """A browser, in which a token was given."""
        client = Client(self.api.client.application)
        if token:
            assert enter(client, token).status_code == 200
        return client


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    found = Lab(tmp_path)
    yield found
    found.api.close()


def enter(client: Client, token: str, **headers: str) -> TestResponse:
    return client.post("/sign_in", json={"token": token}, headers={**OWN, **headers})


def ask(client: Client, route: Route, headers: dict[str, str]) -> TestResponse:
    if route.writes:
        return client.post(route.path, json={}, headers={**OWN, **headers})
    return client.get(route.path, headers={"Host": OWN["Host"], **headers})


def code(answer: TestResponse) -> tuple[int, str]:
    error = answer.get_json(silent=True) or {}
    return answer.status_code, error.get("error", {}).get("code", "")


def test_a_route_that_changes_something_says_which_right_it_needs() -> None:
    free = {route.path for route in ROUTES if route.right is None}
    assert free == {"/sign_in", "/sign_out", "/index.js", "/assets/<name>"}
    assert all(route.path.startswith(PAGE) for route in ROUTES if route.right is None and not route.writes)
    assert {route.right for route in GUARDED if not route.writes} == {Right.LOOK}
    manage = {route.path for route in GUARDED if route.right == Right.MANAGE}
    assert manage == {"/labels/save", "/labels/columns/add", "/labels/import"}
    assert {route.right for route in GUARDED if route.writes} == {Right.LABEL, Right.MANAGE}


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.path)
def test_every_route_lets_in_who_has_its_right(lab: Lab, route: Route) -> None:
    assert route.right is not None
    assert code(ask(lab.browser(), route, {})) == (401, "token_needed")
    assert code(ask(lab.browser(), route, bearer("wrong" * 8))) == (401, "token_refused")
    for right in Right:
        token = lab.tokens[right.word]
        by_cookie, by_header = ask(lab.browser(token), route, {}), ask(lab.browser(), route, bearer(token))
        assert code(by_cookie) == code(by_header)
        if right < route.right:
            assert code(by_cookie) == (403, "right_missing"), by_cookie.text
        else:
            assert by_cookie.status_code not in (401, 403), by_cookie.text


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_pages_own_files_need_no_token(lab: Lab) -> None:
    for path in ("/index.js", "/assets/nothing.js"):
        assert lab.browser().get(path).status_code != 401


def test_a_token_counts_from_anywhere_and_no_place_counts_without(lab: Lab) -> None:
    for place in ({"REMOTE_ADDR": "10.0.0.5"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, {}):
        told = lab.browser(lab.tokens["label"]).get("/runs", headers={"Host": OWN["Host"]}, environ_overrides=place)
        assert told.get_json()["can_edit"] is True
        assert code(lab.browser().get("/runs", environ_overrides=place)) == (401, "token_needed")


def test_the_cookie_is_a_ticket_for_this_browser_and_port_alone(lab: Lab) -> None:
    answer = enter(lab.browser(), lab.tokens["label"])
    assert answer.get_json() == {"name": "labeler", "right": "label"}
    (cookie,) = answer.headers.getlist("Set-Cookie")
    ticket, *attributes = cookie.split("; ")
    assert ticket == f"tb-tsne-6006={ticket_of(lab.tokens['label'])}"
    assert {each.partition("=")[0] for each in attributes} == {"Expires", "Max-Age", "HttpOnly", "SameSite"}
    assert "SameSite=Strict" in attributes
    assert lab.tokens["label"] not in cookie
    secure = enter(lab.browser(), lab.tokens["label"], Origin="https://localhost:6006").headers["Set-Cookie"]
    assert "; Secure" in secure


@pytest.mark.parametrize("ticket", ["\xe9", "ticket.\xe9", "\xff.\xff", ".", "\x00", '"\\351.\\351"'])
def test_a_cookie_that_is_no_ticket_is_nobodys(lab: Lab, ticket: str) -> None:
    headers = {"Host": OWN["Host"], "Cookie": f"tb-tsne-6006={ticket}"}
    client = Client(lab.api.client.application, use_cookies=False)
    assert code(client.get("/runs", headers=headers)) == (401, "token_needed")


def test_a_ticket_holds_over_a_restart_and_ends_with_its_person(lab: Lab, tmp_path: Path) -> None:
    browser = lab.browser(lab.tokens["label"])
    again = Api(tmp_path / "logs", tsne_people=str(lab.people.path))
    browser.application = again.client.application
    host = {"Host": OWN["Host"]}
    assert browser.get("/runs", headers=host).get_json()["author"] == "labeler"
    newer = lab.people.add("labeler", Right.LABEL)
    assert code(browser.get("/runs", headers=host)) == (401, "token_needed")
    assert enter(browser, newer).status_code == 200
    assert browser.get("/runs", headers=host).status_code == 200
    lab.people.remove("labeler")
    assert code(browser.get("/runs", headers=host)) == (401, "token_needed")
    again.close()


def test_who_leaves_is_out(lab: Lab) -> None:
    browser = lab.browser(lab.tokens["label"])
    assert browser.post("/sign_out", json={}, headers=OWN).get_json() == {"name": "", "right": None}
    assert code(browser.get("/runs", headers={"Host": OWN["Host"]})) == (401, "token_needed")


def test_the_history_has_the_name_of_the_token_and_no_other(lab: Lab) -> None:
    browser = lab.browser(lab.tokens["manage"])
    lies = {"X-TSNE-Author": "root", "X-Remote-User": "root", "X-TSNE-Client": "tag-of-root"}
    made = browser.post("/labels/create", json=RUN, headers={**OWN, **lies}).get_json()
    store = made["store"]
    edit = {**RUN, "store": store, "op_id": "operation-1", "base_revision": 0, "action": "add", "name": "ant"}
    assert browser.post("/classes", json=edit, headers={**OWN, **lies}).status_code == 200
    host = {"Host": OWN["Host"], "X-TSNE-Client": "another-tag"}
    other = lab.browser(lab.tokens["manage"])
    (entry,) = other.get("/labels/history", query_string=RUN, headers=host).get_json()["entries"]
    assert (entry["author"], entry["own"]) == ("manageer", True)
    told = other.get("/runs", headers=host).get_json()
    assert [told[name] for name in ("author", "account", "right", "token", "is_named")] == [
        *("manageer", "manageer", "manage", "given", True)
    ]


def test_one_person_in_two_browsers_is_one_and_takes_back_everywhere(lab: Lab) -> None:
    first, second = (lab.browser(lab.tokens["label"]) for _ in range(2))
    tags = [{**OWN, "X-TSNE-Client": f"browser-{each}"} for each in range(2)]
    first.post("/labels/create", json=RUN, headers=tags[0])
    edit = {**RUN, "op_id": "operation-1", "base_revision": 0, "action": "add", "name": "ant"}
    assert first.post("/classes", json=edit, headers=tags[0]).status_code == 200
    undo = {**RUN, "op_id": "operation-2", "base_revision": 1}
    assert second.post("/labels/undo", json=undo, headers=tags[1]).status_code == 200
    assert first.post("/session/start", json=RUN, headers=tags[0]).status_code == 200
    for browser, tag in zip((first, second), tags, strict=True):
        assert browser.get("/session/state", query_string=RUN, headers=tag).get_json()["others"] == []
    tabs = [{"run": "run", "tab": f"tab-number-{each}"} for each in range(2)]
    assert first.post("/labels/here", json=tabs[0], headers=tags[0]).get_json()["others"] == []
    (seen,) = second.post("/labels/here", json=tabs[1], headers=tags[1]).get_json()["others"]
    assert (seen["author"], seen["own"]) == ("labeler", True)
    boss = lab.browser(lab.tokens["manage"])
    told = boss.post("/labels/here", json={**tabs[1], "tab": "tab-of-boss"}, headers=tags[1]).get_json()["others"]
    assert [(each["author"], each["own"]) for each in told] == [("labeler", False)] * 2


def test_every_poll_tells_whose_the_browser_is_by_now(lab: Lab) -> None:
    browser = lab.browser(lab.tokens["label"])
    host = {"Host": OWN["Host"]}
    browser.post("/labels/create", json=RUN, headers=OWN)

    def accounts() -> set[str | None]:
        answers = [
            browser.get("/session/state", query_string=RUN, headers=host),  # none runs
            browser.get("/labels/changes", query_string={"run": "run", "after": 0}, headers=host),
        ]
        return {answer.headers.get("X-TSNE-Account") for answer in answers}

    assert accounts() == {"labeler"}
    lab.people.add("änn", Right.LOOK)
    assert enter(browser, lab.people.add("änn", Right.LOOK)).headers.get("X-TSNE-Account") is None
    assert accounts() == {"%C3%A4nn"}
    kept = browser.get("/labels", query_string=RUN, headers=host)
    assert "X-TSNE-Account" not in kept.headers  # a browser keeps it, and may show it to the next


def test_who_is_here_is_told_to_those_who_may_label(tmp_path: Path) -> None:
    lab = Lab(tmp_path, tsne_allow_look=True)
    labeler, looker = lab.browser(lab.tokens["label"]), lab.browser(lab.tokens["look"])
    tag = {**OWN, "X-TSNE-Client": "some-browser", "X-TSNE-Author": "santa"}
    assert labeler.post("/session/start", json=RUN, headers=tag).status_code == 200
    assert labeler.post("/session/pause", json=RUN, headers=tag).status_code == 200

    def told(browser: Client) -> tuple[Any, Any]:
        state = browser.get("/session/state", query_string=RUN, headers=tag).get_json()
        return state["others"], state["last_change"]

    assert told(labeler)[0] == []
    assert told(lab.browser()) == ([], None)
    assert told(looker) == ([], None)
    assert told(labeler)[0] == ["looker"]  # of the one without a token nothing is told
    lab.api.close()


def test_a_change_is_not_taken_for_somebody_elses(lab: Lab) -> None:
    browser = lab.browser(lab.tokens["label"])
    browser.post("/labels/create", json=RUN, headers=OWN)
    edit = {**RUN, "op_id": "operation-1", "base_revision": 0, "action": "add", "name": "ant"}
    assert code(browser.post("/classes", json={**edit, "account": "looker"}, headers=OWN)) == (409, "other_person")
    assert code(browser.post("/classes", json={**edit, "account": ""}, headers=OWN)) == (409, "other_person")
    answer = browser.post("/classes", json={**edit, "account": "labeler"}, headers=OWN)
    assert answer.status_code == 200
    again = browser.post("/classes", json=edit, headers=OWN)
    assert again.get_json()["repeated"] is True


def test_wrong_tokens_have_a_limit_for_a_place_and_shut_nobody_out(lab: Lab) -> None:
    inside = lab.browser(lab.tokens["label"])
    for number in range(MOST_OF_A_PLACE):
        assert code(enter(lab.browser(), f"wrong {number}")) == (401, "token_refused")
    assert code(enter(lab.browser(), "wrong")) == (429, "too_many_tries")
    wrong = lab.browser().get("/runs", headers={"Host": OWN["Host"], **bearer("wrong")})
    assert code(wrong) == (429, "too_many_tries")
    elsewhere = {"REMOTE_ADDR": "10.0.0.5"}
    answer = lab.browser().post("/sign_in", json={"token": "wrong"}, headers=OWN, environ_overrides=elsewhere)
    assert code(answer) == (401, "token_refused")
    assert inside.get("/runs", headers={"Host": OWN["Host"]}).status_code == 200
    assert enter(lab.browser(), lab.tokens["look"]).status_code == 200


def test_behind_a_proxy_each_place_has_tries_of_its_own(lab: Lab) -> None:
    def forwarded(chain: str, number: int) -> TestResponse:
        return enter(lab.browser(), f"wrong {number}", **{"X-Forwarded-For": chain})

    for number in range(MOST_OF_A_PLACE):
        forwarded(f"10.9.8.{number}, 203.0.113.7", number)
    assert code(forwarded("10.9.8.99, 203.0.113.7", 99)) == (429, "too_many_tries")
    assert code(forwarded("203.0.113.7, 203.0.113.8", 99)) == (401, "token_refused")
    for number in range(MOST_OF_A_PLACE):
        forwarded(f"2001:db8::{number}", number)
    assert code(forwarded("2001:db8::ffff:1", 99)) == (429, "too_many_tries")


def test_a_header_that_anybody_can_write_evades_no_limit(lab: Lab) -> None:
    def forged(number: int) -> TestResponse:
        return enter(lab.browser(), f"wrong {number}", **{"X-Forwarded-For": f"203.0.{number // 256}.{number % 256}"})

    assert {code(forged(number)) for number in range(MOST_IN_ALL)} == {(401, "token_refused")}
    assert code(forged(MOST_IN_ALL)) == (429, "too_many_tries")
    answer = enter(lab.browser(), lab.tokens["look"], **{"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 200


def test_a_page_behind_a_proxy_that_sends_a_bearer_of_its_own_asks_for_a_token(lab: Lab) -> None:
    browser, page = lab.browser(), {"Host": OWN["Host"], "X-TSNE-Client": "a-browser"}
    for number in range(2 * MOST_OF_A_PLACE):
        answer = browser.get("/runs", headers={**page, **bearer(f"of.the.proxy-{number}")})
        assert code(answer) == (401, "token_needed")
    assert enter(browser, lab.tokens["label"], **bearer("of.the.proxy")).status_code == 200
    assert browser.get("/runs", headers={**page, **bearer("of.the.proxy")}).status_code == 200
    assert lab.browser().get("/runs", headers={**page, **bearer(lab.tokens["look"])}).status_code == 200


def test_whose_a_token_is_can_be_asked_without_signing_in(lab: Lab) -> None:
    browser = lab.browser(lab.tokens["label"])
    answer = browser.post("/sign_in", json={"token": lab.tokens["manage"], "only_ask": True}, headers=OWN)
    assert answer.get_json() == {"name": "manageer", "right": "manage"}
    assert browser.get("/runs", headers={"Host": OWN["Host"]}).get_json()["account"] == "labeler"


def test_who_is_taken_out_gets_no_answer_to_what_they_asked_before(lab: Lab) -> None:
    browser = lab.browser(lab.tokens["label"])
    store = browser.post("/labels/create", json=RUN, headers=OWN).get_json()["store"]
    answers: list[TestResponse] = []

    def ask_for_changes() -> None:
        query = {**RUN, "after": 0, "wait": 2}
        answers.append(browser.get("/labels/changes", query_string=query, headers={"Host": OWN["Host"]}))

    revision = browser.get("/labels", query_string=RUN, headers={"Host": OWN["Host"]}).get_json()["revision"]
    assert (bool(store), revision) == (True, 0)
    waiting = threading.Thread(target=ask_for_changes)
    waiting.start()
    waiting.join(0.5)
    assert waiting.is_alive()
    lab.people.remove("labeler")
    waiting.join()
    assert code(answers[0]) == (401, "token_needed")


def test_a_people_file_that_cannot_be_read_is_told_as_that(lab: Lab) -> None:
    browser = lab.browser(lab.tokens["label"])
    lab.people.path.write_text("nonsense")
    assert code(browser.get("/runs", headers={"Host": OWN["Host"]})) == (503, "people_unread")
    assert code(enter(lab.browser(), lab.tokens["label"])) == (503, "people_unread")


def test_the_one_token_of_all_allows_everything_and_names_nobody(logdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_TSNE_ACCESS_TOKEN", SHARED)
    api = Api(logdir)
    browser = Client(api.client.application)
    assert enter(browser, SHARED).get_json() == {"name": "", "right": "manage"}
    named = {"Host": OWN["Host"], "X-TSNE-Author": "ben"}
    elsewhere = {"REMOTE_ADDR": "10.0.0.5"}
    told = browser.get("/runs", headers=named, environ_overrides=elsewhere).get_json()
    assert [told[name] for name in ("author", "account", "right", "token")] == [
        *("ben (self-named)", "", "manage", "given")
    ]
    api.close()


def test_looking_without_a_token_can_be_allowed_and_nothing_else(tmp_path: Path) -> None:
    lab = Lab(tmp_path, tsne_allow_look=True)
    browser = lab.browser()
    told = browser.get("/runs").get_json()
    assert (told["right"], told["token"], told["can_edit"]) == ("look", "missing", False)
    assert "sign in" in told["edit_problem"]
    for route in GUARDED:
        found = code(ask(browser, route, {}))
        if route.writes:
            assert found == (401, "token_needed")
        else:
            assert found[0] not in (401, 403)
    lab.api.close()


def test_without_tokens_everything_is_as_it_was(api: Api) -> None:
    told = api.get("runs").get_json()
    assert (told["account"], told["right"], told["token"]) == ("", "manage", "none")
    assert code(api.post("sign_in", token=SHARED)) == (404, "bad_request")
    assert api.client.get("/runs", headers=bearer("wrong")).status_code == 200
    elsewhere = api.client.get("/runs", environ_overrides={"REMOTE_ADDR": "10.0.0.5"}).get_json()
    assert (elsewhere["right"], elsewhere["token"]) == ("look", "none")


def test_no_token_is_in_an_answer_or_a_log(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "secret-that-nobody-may-read-0123456789"
    answers = [
        enter(lab.browser(), secret),
        lab.browser().post(
            "/sign_in", data=json.dumps({"token": [secret]}), headers=OWN, content_type="application/json"
        ),
        lab.browser().post("/sign_in", json={"token": secret * 10}, headers=OWN),
        lab.browser().get("/runs", headers={"Host": OWN["Host"], **bearer(secret)}),
        lab.browser().get(f"/{sample_id(1)}", headers={"Host": OWN["Host"], **bearer(secret)}),
    ]
    lab.people.path.write_text(secret)
    answers.append(enter(lab.browser(), lab.tokens["label"]))
    for answer in answers:
        assert answer.status_code in (400, 401, 404, 422, 503), answer.text
        assert secret not in answer.text + str(answer.headers)
    told = caplog.text
    assert "people file" in told
    for token in (secret, *lab.tokens.values(), *map(ticket_of, lab.tokens.values())):
        assert token not in told


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--tsne_allow_look"], "means nothing without"),
        (["--tsne_access_token", SHARED], "give it in the environment variable TB_TSNE_ACCESS_TOKEN"),
        (["--tsne_access_token", "auto", "--tsne_allow_remote_edit"], "leave out --tsne_allow_remote_edit"),
        (["--tsne_people", "missing.jsonl"], "There is no people file"),
        (["--tsne_people", "missing.jsonl", "--tsne_author_header", "X-User"], "Names come from one place"),
    ],
)
def test_flags_that_contradict_each_other_are_refused(words: list[str], expected: str) -> None:
    with pytest.raises(base_plugin.FlagsError, match=expected):
        parsed_flags(*words)


def test_a_token_is_hidden_in_the_flags_that_tensorboard_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_TSNE_ACCESS_TOKEN", SHARED)
    flags = parsed_flags()
    assert SHARED not in str(flags) + repr(vars(flags))
    assert flags.tsne_access_token.token == SHARED
    monkeypatch.setenv("TB_TSNE_ACCESS_TOKEN", "short")
    with pytest.raises(base_plugin.FlagsError, match="24 to 256 letters"):
        parsed_flags()


def test_the_start_tells_the_address_and_who_could_read_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = parsed_flags("--tsne_access_token", "auto")
    (line,) = notice(flags, "http://localhost:6006/")
    assert line.endswith(f"http://localhost:6006/#tsne&token={flags.tsne_access_token.token}")
    flags.bind_all = True
    assert notice(flags, "http://gpu01:6006/")[1:] == [f"Warning: {PLAIN_HTTP}"]
    monkeypatch.setenv("TB_TSNE_ACCESS_TOKEN", SHARED)
    given = parsed_flags()
    for host, expected in {"localhost": 0, "127.0.0.1": 0, "192.168.1.7": 1, "gpu01": 1}.items():
        given.host = host
        assert len(notice(given, f"http://{host}:6006/")) == expected
