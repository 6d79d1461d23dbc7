"""`tb-tsne people`: tokens are shown once, and what cannot be done is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.access.access import Access, Place
from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.cli import cli


def run(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, ["people", *words], env=environment)


def test_people_are_added_listed_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    done = run("add", "Zoë M.", str(file), "--right", "look", "--address", "https://gpu01.lab.example/board/")
    assert done.exit_code == 0, done.output
    assert done.stderr == "Zoë M. may look. To come in, once in each browser:\n"
    address, _, token = done.stdout.strip().partition("#tsne&token=")
    assert address == "https://gpu01.lab.example/board/"
    holder = Access(people=PeopleFile(file)).holder_of_token(token, Place("here"))
    assert holder is not None
    assert holder.name == "Zoë M."
    assert run("add", "ann", TB_TSNE_PEOPLE=str(file)).stdout.startswith("http://localhost:6006/#tsne&token=")
    assert run("list", str(file)).stdout == "name\tright\nZoë M.\tlook\nann\tlabel\n"
    assert run("remove", "Zoë M.", str(file)).exit_code == 0
    assert run("list", str(file)).stdout == "name\tright\nann\tlabel\n"


def test_a_new_token_leaves_the_right_as_it_is_unless_another_is_given(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.jsonl")
    for given, right in (("look", "look"), ("", "look"), ("manage", "manage"), ("", "manage")):
        done = run("add", "ann", str(file.path), *(["--right", given] if given else []))
        assert done.stderr.startswith(f"ann may {right}. ")
        assert [each.right.word for each in file.read()] == [right]


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (["list", "missing"], 1, "There is no people file"),
        (["add", "ann (x)", "file"], 1, "A name has 1 to 64 characters"),
        (["add", "ann", "file", "--right", "everything"], 2, "'everything' is not one of 'look', 'label', 'manage'"),
        (["add", "ann", "file", "--address", "gpu01"], 2, "gpu01 is no address"),
        (["add", "ann"], 2, "Missing argument 'FILE'"),
        (["add", "ann", "https://gpu01/people"], 2, "is an address: give a path"),
        (["remove", "ben", "people"], 1, "Nobody in"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], status: int, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    run("add", "ann", "people")
    done = run(*words)
    assert done.exit_code == status
    assert expected in done.output
    assert done.output.count("\n") == 1
