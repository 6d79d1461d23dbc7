"""Parts of a dataset: shares of each class, drawn by a seed, with the objects of a picture together."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tb_tsne_plugin.datasets.splits import absent_classes, draw_splits, parse_shares

SHARES = parse_shares("train=.8, val=.1,test=.1")


def split_of(counts: dict[str, int], seed: int = 0, shares: dict[str, float] = SHARES) -> dict[str, str]:
    labels = {f"{name}{number}": name for name, count in counts.items() for number in range(count)}
    return draw_splits(labels, {key: key for key in labels}, shares, seed)


def test_each_class_is_shared_out() -> None:
    found = split_of({"a": 10, "b": 1})
    counts = Counter((key[0], part) for key, part in found.items())
    assert counts == {("a", "train"): 8, ("a", "val"): 1, ("a", "test"): 1, ("b", "train"): 1}


@given(
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 40)),
    st.integers(0, 20),
    st.sampled_from(
        ["train=.8,val=.1,test=.1", "val=.3,train=.7", "a=.25,b=.25,c=.25,d=.25", "a=1", "a=.999999,b=.000001"]
    ),
)
def test_no_class_is_more_than_one_image_from_its_share(counts: dict[str, int], seed: int, text: str) -> None:
    shares = parse_shares(text)
    found = split_of(counts, seed, shares)
    parts = Counter((key[0], part) for key, part in found.items())
    for name, count in counts.items():
        assert sum(parts[name, part] for part in shares) == count
        assert all(abs(parts[name, part] - count * share) <= 1 for part, share in shares.items())
        assert parts[name, max(shares, key=lambda part: shares[part])] > 0


def test_each_part_gets_its_share_of_many_small_classes() -> None:
    labels = {f"{name} {number}": f"class {name}" for name in range(1000) for number in range(4)}
    found = Counter(draw_splits(labels, {key: key for key in labels}, SHARES, 0).values())
    assert abs(found["val"] - 400) < 60
    assert abs(found["test"] - 400) < 60


def test_the_seed_draws_and_nothing_else() -> None:
    once, again, other = split_of({"a": 50}), split_of({"a": 50}), split_of({"a": 50}, seed=1)
    assert once == again
    assert once != other
    more = split_of({"a": 51})
    assert sum(more[key] != part for key, part in once.items()) <= 3


def test_objects_of_a_picture_stay_together() -> None:
    labels = {f"{picture}#{number}": "ab"[number % 2] for picture in range(40) for number in range(3)}
    pictures = {key: key.partition("#")[0] for key in labels}
    found = draw_splits(labels, pictures, SHARES, 0)
    assert all(len({found[f"{picture}#{number}"] for number in range(3)}) == 1 for picture in range(40))
    assert Counter(found.values()) == {"train": 96, "val": 12, "test": 12}


def test_a_part_without_a_class_is_told() -> None:
    notes = absent_classes(["a", "b", "b"], ["train", "train", "val"], {"train": 0.5, "val": 0.5})
    assert notes == ["The part val holds no 'a': there are too few of them."]
