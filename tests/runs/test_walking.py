"""Which folders of a log dir are its runs, and by what names: links, odd names, very many, very deep."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_tsne_plugin.runs import find_run, run_names, walking
from tb_tsne_plugin.runs.discovery import MAX_NAME, run_folders
from tests.builders import make_run


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """An empty log dir, beside which there are other folders."""
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def test_linked_folders_are_runs_by_the_links_names(logs: Path) -> None:
    make_run(logs / "plain")
    stored = make_run(logs.parent / "store" / "run")
    (logs / "linked").symlink_to("../store/run")
    make_run(logs.parent / "tree" / "one")
    make_run(logs.parent / "tree" / "deep" / "two")
    (logs / "all").symlink_to(logs.parent / "tree")
    assert run_names(logs) == ["all/deep/two", "all/one", "linked", "plain"]
    assert find_run(logs, "linked").folder == stored
    assert find_run(logs, "plain").folder == logs / "plain"


def test_links_of_links_are_followed(logs: Path) -> None:
    make_run(logs.parent / "store" / "run")
    (logs.parent / "chosen").mkdir()
    (logs.parent / "chosen" / "best").symlink_to(logs.parent / "store" / "run")
    (logs / "now").symlink_to(logs.parent / "chosen")
    assert run_names(logs) == ["now/best"]


@pytest.mark.parametrize("target", [".", "..", "../logs", "loop", "a", "a/b", "../missing", "a/b/im.bytes", "/"])
def test_a_link_makes_no_run_come_twice(logs: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MAX_LINKED", 50)  # of what there is below /
    make_run(logs / "a" / "b")
    for name in ("0", "a/0", "a/b/loop", "zz"):
        (logs / name).symlink_to(target if target.startswith("/") else logs / target)
    assert [name for name in run_names(logs) if not name.startswith(("0", "zz"))] == ["a/b"]
    folders = [os.path.realpath(folder) for _, folder in run_folders(logs)]
    assert len(folders) == len(set(folders))
    assert str(logs / "a" / "b") in folders


def test_a_real_folder_has_its_own_name_and_of_two_links_the_first_gives_it(logs: Path) -> None:
    make_run(logs / "zz" / "real")
    (logs / "alias").symlink_to("zz/real")
    make_run(logs.parent / "store")
    (logs / "deep").mkdir()
    for link in ("b", "a", "deep/0"):
        (logs / link).symlink_to(logs.parent / "store")
    assert run_names(logs) == ["a", "zz/real"]
    (logs / "a").unlink()
    assert run_names(logs) == ["b", "zz/real"]


def test_a_run_stays_where_its_link_led_until_runs_are_listed_again(logs: Path) -> None:
    """A page that is open on it goes on with the run that it shows."""
    old, new = make_run(logs.parent / "old"), make_run(logs.parent / "new")
    (logs / "current").symlink_to(old)
    assert run_names(logs) == ["current"]
    (logs / "current").unlink()
    (logs / "current").symlink_to(new)
    assert find_run(logs, "current").folder == old
    assert run_names(logs) == ["current"]
    assert find_run(logs, "current").folder == new


def test_hidden_and_dangling_links_are_passed_over(logs: Path) -> None:
    make_run(logs.parent / "store")
    (logs / ".link").symlink_to(logs.parent / "store")
    (logs / "gone").symlink_to(logs.parent / "nothing")
    (logs / "itself").symlink_to("itself")
    make_run(logs / "run")
    (logs / "projector_config.pbtxt").symlink_to("projector_config.pbtxt")  # no folder, and it leads nowhere
    assert run_names(logs) == [".", "run"]


def test_what_links_lead_to_is_bounded(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MAX_LINKED", 20)
    for number in range(30):
        make_run(logs.parent / "many" / f"{number:02d}", sprite=False)
        make_run(logs / f"own-{number:02d}", sprite=False)
        (logs / f"link-{number:02d}").symlink_to(logs.parent / "many" / f"{number:02d}")
    (logs / "0").symlink_to(logs.parent / "many")
    names = run_names(logs)
    assert sum(name.startswith("own") for name in names) == 30
    assert 10 < sum(name.startswith("0/") for name in names) <= 20


def test_a_link_far_down_is_no_way_further_down(logs: Path) -> None:
    deep = "/".join("abcdefgh")
    make_run(logs / deep)
    make_run(logs / deep / "i")
    make_run(logs.parent / "store")
    (logs / "a/b/c/d/e/f/g/link").symlink_to(logs.parent / "store")
    (logs / deep / "link").symlink_to(logs.parent / "store")
    assert run_names(logs) == ["a/b/c/d/e/f/g/h", "a/b/c/d/e/f/g/link"]


ODD = [
    b"lr=1e-3,wd=+5 #2?&x 100%",
    b"caf\xe9",
    b"dot.",
    b"space ",
    b" x",
    b"line\nline",
    b"\x01\x1b[31m",
    b"a\\b",
    b"(2)",
]


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_a_folder_of_any_name_is_found_by_the_name_listed(logs: Path, name: bytes) -> None:
    make_run(logs / "odd")
    make_run(logs / "good")
    os.rename(logs / "odd", os.path.join(os.fsencode(logs), name))
    listed = run_names(logs)
    assert len(listed) == 2
    (odd,) = set(listed) - {"good"}
    assert odd.encode() == name or "\\x" in odd
    assert os.fsencode(find_run(logs, odd).folder.name) == name
    assert find_run(logs, "good").tensors[0].shape == (60, 8)


def test_names_that_would_be_the_same_are_told_apart(logs: Path) -> None:
    make_run(logs / "a\\xff", sprite=False)
    make_run(logs / "odd", sprite=True)
    os.rename(logs / "odd", os.path.join(os.fsencode(logs), b"a\xff"))
    assert run_names(logs) == ["a\\xff", "a\\xff (2)"]
    assert find_run(logs, "a\\xff").folder == logs / "a\\xff"
    assert os.fsencode(find_run(logs, "a\\xff (2)").folder.name) == b"a\xff"


def test_a_name_that_no_request_could_carry_is_cut(logs: Path) -> None:
    folder = os.fsencode(logs)
    for _ in range(6):
        folder = os.path.join(folder, b"\xff" * 200)
    os.makedirs(folder)
    make_run(logs / "run")
    os.rename(logs / "run", os.path.join(folder, b"1"))
    (name,) = run_names(logs)
    assert MAX_NAME - 100 < len(name) <= MAX_NAME
    assert find_run(logs, name).tensors[0].shape == (60, 8)
