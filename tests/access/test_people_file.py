"""The people file: written whole, for its owner alone, with no token in it; and refused where it is not that."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tb_tsne_plugin.access.access import READ_AGAIN_SECONDS, Access, Place
from tb_tsne_plugin.access.errors import AccessError, PeopleUnread, TooManyTries
from tb_tsne_plugin.access.people_file import MAX_PEOPLE, Listed, PeopleFile, checked_name
from tb_tsne_plugin.access.rights import Right, right_named
from tb_tsne_plugin.access.tokens import hash_of, ticket_of
from tb_tsne_plugin.access.tries import MOST_OF_A_PLACE

HERE = Place("here")
SHARED = "thought-up-by-somebody-0123456789"
LINE = {"name": "ann", "right": "label", "token_hash": "0" * 64}


@pytest.fixture
def people(tmp_path: Path) -> PeopleFile:
    return PeopleFile(tmp_path / "people.jsonl")


def test_people_are_added_changed_and_removed(people: PeopleFile) -> None:
    first = people.add("ann", Right.LOOK)
    people.add("Zoë  M.", Right.MANAGE)
    second = people.add("ann", Right.LABEL)
    assert first != second
    assert [(each.name, each.right) for each in people.read()] == [("Zoë M.", Right.MANAGE), ("ann", Right.LABEL)]
    assert people.read()[1].token_hash == hash_of(ticket_of(second))
    people.remove("Zoë M.")
    assert [each.name for each in people.read()] == ["ann"]
    with pytest.raises(AccessError, match=r"Nobody in .* is named 'ben'"):
        people.remove("ben")


def test_the_file_holds_no_token_and_is_its_owners_alone(people: PeopleFile) -> None:
    before = os.umask(0)
    try:
        token = people.add("ann", Right.LABEL)
    finally:
        os.umask(before)
    content = people.path.read_text()
    assert people.path.stat().st_mode & 0o777 == 0o600
    assert token not in content
    assert ticket_of(token) not in content
    assert list(people.path.parent.iterdir()) == [people.path]


@pytest.mark.parametrize("name", ["", "  ", "n" * 65, "ann (self-named)", "a\u202eb", "a\x1bb", "a)"])
def test_a_name_that_the_history_could_not_say_is_refused(people: PeopleFile, name: str) -> None:
    with pytest.raises(AccessError, match="A name has 1 to 64 characters"):
        people.add(name, Right.LABEL)
    assert not people.path.exists()


def test_two_people_of_nearly_one_name_are_refused(people: PeopleFile) -> None:
    people.add("ann", Right.LABEL)
    for name in ("Ann", "ａｎｎ"):
        with pytest.raises(AccessError, match="nearly the name"):
            people.add(name, Right.LABEL)
    assert checked_name(" a\tb ") == "a b"


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "null",
        json.dumps({**LINE, "right": "all"}),
        json.dumps({**LINE, "right": 3}),
        json.dumps({**LINE, "name": " ann"}),
        json.dumps({**LINE, "name": "ann (self-named)"}),
        json.dumps({**LINE, "token_hash": "0" * 63}),
        json.dumps({**LINE, "token_hash": "G" * 64}),
        json.dumps({**LINE, "token": "secret"}),
        json.dumps({"name": "ann"}),
        "[" * 100_000,
        "\ud800",
    ],
)
def test_a_line_that_is_none_is_named_and_its_content_is_not(people: PeopleFile, line: str) -> None:
    people.path.write_bytes(b"\n" + line.encode("utf-8", "surrogatepass") + b"\n")
    with pytest.raises(AccessError, match=r"^Line 2 of the people file") as raised:
        people.read()
    assert "secret" not in str(raised.value)


def test_what_is_no_people_file_is_refused_in_a_sentence(people: PeopleFile, tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="There is no people file"):
        people.read()
    with pytest.raises(AccessError, match="cannot be read"):
        PeopleFile(tmp_path).read()
    with pytest.raises(AccessError, match="cannot be written"):
        PeopleFile(tmp_path / "missing" / "people").add("ann", Right.LABEL)
    people.path.write_text(json.dumps(LINE) + "\n" + json.dumps({**LINE, "name": "ANN"}))
    with pytest.raises(AccessError, match="a second time"):
        people.read()
    people.path.write_text("\n".join(json.dumps({**LINE, "name": f"n{each}"}) for each in range(MAX_PEOPLE + 1)))
    with pytest.raises(AccessError, match="more than 1,000"):
        people.read()
    people.path.write_text(json.dumps(LINE))
    people.path.chmod(0o666)
    with pytest.raises(AccessError, match="Everybody may write"):
        people.read()


def test_a_link_that_is_named_means_what_it_leads_to(people: PeopleFile, tmp_path: Path) -> None:
    people.add("ann", Right.LABEL)
    link = tmp_path / "link"
    link.symlink_to(people.path)
    PeopleFile(link).add("ben", Right.LOOK)
    assert link.is_symlink()
    assert len(people.read()) == 2


def test_rights_include_each_other_and_have_words() -> None:
    assert Right.LOOK < Right.LABEL < Right.MANAGE
    assert right_named("label") is Right.LABEL
    with pytest.raises(AccessError, match="one of look, label, manage"):
        right_named("everything")


def test_who_could_read_the_file_can_read_the_next(people: PeopleFile, monkeypatch: pytest.MonkeyPatch) -> None:
    people.add("ann", Right.LABEL)
    people.path.chmod(0o644)
    people.add("ben", Right.LABEL)
    assert people.path.stat().st_mode & 0o777 == 0o640
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(people.path, 4_321, 4_322)
    people.remove("ben")
    found = people.path.stat()
    assert (found.st_uid, found.st_gid) == (4_321, 4_322)

    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(AccessError, match="do this as its owner"):
        people.add("zoe", Right.LABEL)
    assert [each.name for each in people.read()] == ["ann"]
    assert list(people.path.parent.iterdir()) == [people.path]


def test_of_two_who_change_the_file_at_once_one_is_told(people: PeopleFile) -> None:
    class Slow(PeopleFile):
        def read(self) -> tuple[Listed, ...]:
            found = super().read()
            if len(found) == 1:
                people.add("ben", Right.LABEL)
            return found

    people.add("ann", Right.LABEL)
    with pytest.raises(AccessError, match="changed meanwhile"):
        Slow(people.path).add("zoe", Right.LABEL)
    assert [each.name for each in people.read()] == ["ann", "ben"]


def test_a_change_of_the_file_acts_at_once(people: PeopleFile) -> None:
    token = people.add("ann", Right.LABEL)
    access = Access(people=people)
    ticket = ticket_of(token)
    holder = access.holder_of_ticket(ticket, HERE)
    assert holder is not None
    assert (holder.name, holder.right) == ("ann", Right.LABEL)
    assert access.holder_of_ticket(token, HERE) is None
    newer = people.add("ann", Right.LOOK)
    assert access.holder_of_ticket(ticket, HERE) is None
    assert access.holder_of_ticket(ticket_of(newer), HERE) is not None


def test_a_file_that_cannot_be_read_lets_nobody_in_and_calls_nobody_unknown(people: PeopleFile) -> None:
    token = people.add("ann", Right.LABEL)
    now = [0.0]
    access = Access(SHARED, people, clock=lambda: now[0])
    ticket = ticket_of(token)
    assert access.holder_of_ticket(ticket, HERE) is not None
    good = people.path.read_bytes()
    people.path.unlink()
    people.path.mkdir()
    for _ in range(2 * MOST_OF_A_PLACE):
        with pytest.raises(PeopleUnread):
            access.holder_of_ticket(ticket, HERE)
        with pytest.raises(PeopleUnread):
            access.holder_of_token(token, HERE)
    assert access.holder_of_token(SHARED, HERE) is not None
    people.path.rmdir()
    people.path.write_bytes(good)
    now[0] += READ_AGAIN_SECONDS
    assert access.holder_of_ticket(ticket, HERE) is not None
    people.path.write_text("nonsense")
    with pytest.raises(PeopleUnread):
        access.holder_of_ticket(ticket, HERE)


def test_one_failed_read_is_not_for_ever(people: PeopleFile) -> None:
    class Full(PeopleFile):
        fails = True

        def read(self) -> tuple[Listed, ...]:
            if self.fails:
                raise AccessError("The people file cannot be read: Too many open files.")
            return super().read()

    token = people.add("ann", Right.LABEL)
    now, file = [0.0], Full(people.path)
    access = Access(people=file, clock=lambda: now[0])
    with pytest.raises(PeopleUnread):
        access.holder_of_token(token, HERE)
    file.fails = False
    now[0] += READ_AGAIN_SECONDS
    assert access.holder_of_token(token, HERE) is not None


def test_a_right_token_is_let_in_whatever_was_tried_unless_it_could_be_guessed(people: PeopleFile) -> None:
    made = people.add("ann", Right.LABEL)
    access = Access(SHARED, people, is_chosen=True)
    for number in range(MOST_OF_A_PLACE):
        assert access.holder_of_token(f"wrong {number}", HERE) is None
    with pytest.raises(TooManyTries):
        access.holder_of_token("wrong", HERE)
    with pytest.raises(TooManyTries):
        access.holder_of_token(SHARED, HERE)
    assert access.holder_of_token(made, HERE) is not None
    assert access.holder_of_token(SHARED, Place("there")) is not None


def test_tickets_made_of_guesses_are_counted_and_one_given_here_always_holds(people: PeopleFile) -> None:
    made = people.add("ann", Right.LABEL)
    access = Access(SHARED, people, is_chosen=True)
    given = access.ticket_for(SHARED)
    assert access.holder_of_ticket(ticket_of(SHARED), HERE) is not None
    for number in range(MOST_OF_A_PLACE):
        assert access.holder_of_ticket(ticket_of(f"guess {number}"), HERE) is None
    assert access.holder_of_ticket(ticket_of(SHARED), HERE) is None
    assert access.holder_of_ticket(f"{ticket_of(SHARED)}.nonsense", HERE) is None
    assert access.holder_of_ticket(given, HERE) is not None
    assert access.holder_of_ticket(access.ticket_for(made), HERE) is not None
    another_server = Access(SHARED, people, is_chosen=True)
    assert another_server.holder_of_ticket(given, HERE) is not None  # a restart signs nobody out


def test_a_bearer_of_others_is_no_try(people: PeopleFile) -> None:
    made = people.add("ann", Right.LABEL)
    access = Access(SHARED, people, is_chosen=True)
    for number in range(2 * MOST_OF_A_PLACE):
        assert access.made_for(f"of a proxy {number}") is None
    assert access.made_for(SHARED) is None
    assert access.made_for(made) is not None
    assert access.holder_of_token(SHARED, HERE) is not None
