"""Names of images in tables from elsewhere."""

from __future__ import annotations

import unicodedata

import pytest

from tb_tsne_plugin.runs.given_names import match_names

DECOMPOSED = unicodedata.normalize("NFD", "müde/1.png")


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (DECOMPOSED, "müde/1.png"),
        ("müde/1.png", DECOMPOSED),
        ("cat\\1.png", "cat/1.png"),
        ("./cat/1.png", "cat/1.png"),
        ("cat//1.png", "cat/1.png"),
    ],
)
def test_another_spelling_is_the_same_name(given: str, known: str) -> None:
    assert match_names([given], ["other.png", known]) == ({given: known}, [])


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("/home/somebody/photos/cat/1.png", "cat/1.png"),
        ("C:\\photos\\cat\\1.png", "cat/1.png"),
        ("1.png", "cat/1.png"),
        ("cat/1.png", "photos/cat/1.png"),
        ("/data/upload/3/1a2b3c4d-1.png", "1.png"),
        ("1a2b3c4d-1.png", "cat/1.png"),
        ("/data/local-files/?d=photos/cat/big%20one.png", "cat/big one.png"),
        ("https://example.org/sets/cat/m%C3%BCde.png?size=1", "cat/müde.png"),
        ("s3://bucket/photos/cat/1.png", "cat/1.png"),
    ],
)
def test_a_name_is_known_by_a_part_of_it_and_that_is_said(given: str, known: str) -> None:
    found = match_names([given, "gone.png"], [known, "dog/2.png"])
    assert found.names == {given: known}
    assert len(found.notes) == 1
    assert f"{given} is taken for {known}." in found.notes[0]


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (["1.png"], ["cat/1.png", "dog/1.png"]),
        (["a/1.png", "b/1.png"], ["1.png"]),
        (["dog/1.png"], ["cat/1.png"]),
        (["11.png"], ["cat/1.png"]),
        (["1a2b3c4d-1.png", "5e6f7a8b-1.png"], ["1.png"]),
    ],
)
def test_what_could_mean_two_means_none(given: list[str], known: list[str]) -> None:
    assert match_names(given, known) == ({}, [])


def test_names_that_are_known_are_left_alone() -> None:
    assert match_names(["1.png", "x/1.png"], ["1.png", "x/1.png"]) == ({}, [])
