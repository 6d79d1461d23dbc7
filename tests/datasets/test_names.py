"""Names of files and folders in a dataset: such that every system takes, different for what is different."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_tsne_plugin.datasets.names import picture_stems, portable_name, portable_names


@pytest.mark.parametrize("name", ["cat", "Löwe 猫", "two words", "a.b", "it's (big)", "x" * 128, "_hidden", "console"])
def test_what_is_a_name_stays(name: str) -> None:
    assert portable_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("a/b", "a_b~82badf67"), ("..", "_~"), ("", "_~"), (".git", "_git~"), ("a. ", "a~"), ("CON", "_CON~")),
        *(
            ("com1.txt", "_com1.txt~"),
            ("a:b", "a_b~"),
            ("__pycache__", "_pycache__~"),
            ("~", "_~"),
            ("ä" * 101, "ä" * 95),
        ),
    ],
)
def test_what_is_none_becomes_one(text: str, name: str) -> None:
    assert portable_name(text).startswith(name)
    assert portable_name(text) == portable_name(portable_name(text))


@given(st.lists(st.text(min_size=1), unique=True, max_size=8))
def test_names_are_different_wherever_they_are_kept(texts: list[str]) -> None:
    names = portable_names(texts)
    folded = {unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()) for name in names}
    assert len(folded) == len(texts)
    for name in names:
        assert "/" not in name
        assert name not in (".", "..")
        assert 0 < len(name.encode()) <= 255


def test_names_that_differ_in_capitals_only_are_both_marked() -> None:
    cat, other, dog = portable_names(["Cat", "cat", "dog"])
    assert (cat[:4], other[:4], dog) == ("Cat~", "cat~", "dog")


def test_a_name_that_stands_for_something_else_is_marked() -> None:
    table, cat = portable_names(["Classes.csv", "cat"], ["classes.csv"])
    assert (table[:12], cat) == ("Classes.csv~", "cat")


def test_a_picture_is_called_by_its_own_name_where_that_is_the_only_one() -> None:
    files = ["a/1.jpg", "b/1.png", "b/2.jpg", "c/3.JPG", "C/3.jpg"]
    assert picture_stems(files, ["s0", "s1", "s2", "s3", "s4"]) == ["1~s0", "1~s1", "2", "3~s3", "3~s4"]
