"""Labels of a whole column: gaps, numbers, long sentences, spellings; and the order of classes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_tsne_plugin.runs.class_names import clean_label, clean_labels, in_order
from tb_tsne_plugin.runs.format import MAX_LABEL_LENGTH

DECOMPOSED = unicodedata.normalize("NFD", "müde")


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["0.000000000000000000e+00", "1.000000000000000000e+00", ""], ["0", "1", None]),
        (["1.0", "nan", "2.0", "-0.0"], ["1", None, "2", "0"]),
        (["1.0", "None", "2"], ["1", None, "2"]),
        (["1.0", "1", "10."], ["1", "1", "10"]),
        (["007", "08"], ["007", "08"]),
        (["1", "2"], ["1", "2"]),
        (["1.0", "2.5"], ["1.0", "2.5"]),
        (["1.0", "cat"], ["1.0", "cat"]),
        (["1e20", "2.0"], ["1e20", "2.0"]),
        (["cat", "nan", "<NA>", "unlabeled", " "], ["cat", None, None, None, None]),
        (["cat", "None", "n/a"], ["cat", "None", "n/a"]),
        (["müde", DECOMPOSED, " müde"], ["müde"] * 3),
    ],
)
def test_a_column_of_labels_becomes_class_names(texts: list[str], names: list[str | None]) -> None:
    assert clean_labels(texts).names == names


def test_long_labels_stay_different_and_are_clean_labels_themselves() -> None:
    start = "the same words at the beginning, " * 10
    first, second = clean_labels([start + "a", start + "b"]).names
    assert first is not None
    assert second is not None
    assert first != second
    assert len(first) == len(second) == MAX_LABEL_LENGTH
    assert first.startswith("the same words at the beginning")
    assert clean_label(first) == first


@given(st.lists(st.text(max_size=300), max_size=5))
def test_what_was_cleaned_is_clean(texts: list[str]) -> None:
    names = clean_labels(texts).names
    known = {name for name in names if name is not None}
    assert clean_labels([name or "" for name in names], known).names == names


def test_a_class_that_is_there_keeps_its_name() -> None:
    assert clean_labels(["1.0", "2.0", "nan"], known={"1.0", "nan"}).names == ["1.0", "2", "nan"]


@pytest.mark.parametrize(
    ("texts", "notes"),
    [
        (["cat", "dog", "", "unlabeled"], []),
        (["1.0", "2.0"], ["The labels are whole numbers and are written so: 1 for 1.0."]),
        (["cat", "nan", "nan"], ["2 labels say 'nan', which is taken as no label."]),
        (["cat", "None"], ["1 label says 'None', which is a class here; delete it if it means no label."]),
        (
            ["x" * 200, "y" * 200],
            [f"2 labels have more than 128 characters and a shorter name here, the first '{'x' * 60}…'."],
        ),
        (["müde", DECOMPOSED], ["Labels that are written in several ways but look alike are one class: 'müde'."]),
    ],
)
def test_what_became_of_labels_is_said_once_with_the_first(texts: list[str], notes: list[str]) -> None:
    assert clean_labels(texts).notes == notes


@pytest.mark.parametrize(
    "names",
    [
        [str(number) for number in range(1, 13)],
        [f"slide {number}" for number in range(1, 13)],
        ["-3", "0.5", "1", "1e2", "120"],
        ["9", "10 kinds", "ant", "Bee", "bee", "cat"],
        ["a", "a1b2", "a1b10", "a02", "a10"],
    ],
)
def test_classes_are_in_the_order_in_which_people_look_for_them(names: list[str]) -> None:
    assert in_order(reversed(names)) == names
