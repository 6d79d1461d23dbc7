"""How far raters agree: by published examples, by other implementations, and where nothing can be said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_tsne_plugin.labels.agreement import (
    Agreement,
    OfClass,
    classes_of,
    cohen_kappa,
    disagreements,
    fleiss_kappa,
    of_all,
    pairs_of,
)

WORKED = (
    *((0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1)),
    *((7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7)),
)
"""The worked example of Fleiss' kappa: of 14 raters, how many gave each of 10 samples each of five classes; .210."""
PAIRS = st.lists(st.tuples(*[st.sampled_from("abc")] * 2), min_size=1, max_size=30)
TRIPLES = st.lists(st.tuples(*[st.sampled_from("abc")] * 3), min_size=1, max_size=20)


def test_fleiss_by_the_worked_example() -> None:
    rows = [[name for name, count in zip("abcde", row, strict=True) for _ in range(count)] for row in WORKED]
    assert fleiss_kappa(rows) == pytest.approx(0.2099, abs=5e-5)


def test_cohen_by_hand() -> None:
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)


@settings(deadline=None)
@given(pairs=PAIRS)
def test_cohen_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    kappa = cohen_kappa(pairs)
    if len({name for pair in pairs for name in pair}) == 1:
        assert kappa is None
    else:
        assert kappa == pytest.approx(metrics.cohen_kappa_score(*zip(*pairs, strict=True)))


@settings(deadline=None)
@given(rows=TRIPLES)
def test_fleiss_is_that_of_statsmodels(rows: list[tuple[str, str, str]]) -> None:
    rater = pytest.importorskip("statsmodels.stats.inter_rater")
    kappa = fleiss_kappa(rows)
    if len({name for row in rows for name in row}) == 1:
        assert kappa is None
    else:
        table = [[row.count(name) for name in "abc"] for row in rows]
        assert kappa == pytest.approx(rater.fleiss_kappa(table))


@pytest.mark.parametrize("kappa", [cohen_kappa, fleiss_kappa])
def test_where_all_gave_one_class_or_nothing_kappa_is_undefined(kappa: object) -> None:
    assert callable(kappa)
    assert kappa([]) is None
    assert kappa([("a", "a")] * 3) is None
    assert kappa([("a", "a")] * 3 + [("a", "b")]) is not None


def test_raters_are_compared_where_they_labeled_the_same() -> None:
    ratings = {
        "cleo": {"s1": "ant", "s2": "ant", "s3": "bee", "s4": "bee"},
        "ben": {"s1": "ant", "s2": "bee", "s3": "bee"},
        "dora": {"s3": "ant", "s9": "bee"},
    }
    assert pairs_of(ratings) == [
        Agreement(("cleo", "ben"), 3, pytest.approx(2 / 3), pytest.approx(0.4)),  # type: ignore[arg-type]
        Agreement(("cleo", "dora"), 1, 0.0, 0.0),
        Agreement(("ben", "dora"), 1, 0.0, 0.0),
    ]
    assert of_all(ratings) == Agreement(("cleo", "ben", "dora"), 1, pytest.approx(1 / 3), pytest.approx(-0.5))  # type: ignore[arg-type]
    assert of_all({name: ratings[name] for name in ("cleo", "ben")}) is None
    assert disagreements(ratings) == {
        "s2": {"cleo": "ant", "ben": "bee"},
        "s3": {"cleo": "bee", "ben": "bee", "dora": "ant"},
    }


def test_agreement_on_a_class_is_that_of_those_who_gave_it() -> None:
    """Of two raters 2a / (2a + b + c), as of Dice; s4 has one rater, and tells nothing."""
    first = {"s1": "ant", "s2": "ant", "s3": "bee", "s4": "cat"}
    second = {"s1": "ant", "s2": "bee", "s3": "bee"}
    of_ant, of_bee = classes_of({"first": first, "second": second})
    assert of_ant == OfClass("ant", 2, pytest.approx(2 / 3))  # type: ignore[arg-type]
    assert of_bee == OfClass("bee", 2, pytest.approx(2 / 3))  # type: ignore[arg-type]


def test_raters_without_a_sample_in_common_are_told_as_that() -> None:
    assert pairs_of({"cleo": {"a": "x"}, "ben": {"b": "x"}}) == [Agreement(("cleo", "ben"), 0, None, None)]
