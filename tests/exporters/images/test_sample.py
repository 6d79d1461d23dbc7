from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.images.listing import ImageFile
from exporters.images.sample import StratifiedSample, allocate


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 1000), min_size=1, max_size=12), st.integers(0, 3000))
def test_places_are_shared_in_proportion(counts: dict[str, int], total: int) -> None:
    places = allocate(counts, total)
    members = sum(counts.values())
    assert sum(places.values()) == min(total, members)
    for name, count in counts.items():
        assert 0 <= places[name] <= count
        if total < members:
            assert abs(places[name] - count * total / members) < 1


def test_the_largest_remainders_get_the_last_places() -> None:
    assert allocate({"a": 50, "b": 30, "c": 21}, 10) == {"a": 5, "b": 3, "c": 2}
    assert allocate({"a": 1, "b": 1, "c": 1}, 2) == {"a": 1, "b": 1, "c": 0}


def images(count: int) -> list[ImageFile]:
    return [ImageFile(Path(name), name) for name in (f"{'abc'[n % 3]}/{n:03d}.png" for n in range(count))]


def test_the_sample_does_not_depend_on_the_order_of_the_directory() -> None:
    files = images(90)
    shuffled = [files[i] for i in np.random.default_rng(1).permutation(90)]
    one, other = StratifiedSample(files, 30, seed=5), StratifiedSample(shuffled, 30, seed=5)
    assert list(one.chosen) == list(other.chosen)
    assert [file.name for file in one.chosen] == sorted(file.name for file in one.chosen)
    assert {name: sum(f.folder_class == name for f in one.chosen) for name in "abc"} == {"a": 10, "b": 10, "c": 10}


def test_another_seed_draws_others() -> None:
    assert list(StratifiedSample(images(90), 30, 0).chosen) != list(StratifiedSample(images(90), 30, 1).chosen)


def test_one_file_less_changes_the_sample_by_that_file_only() -> None:
    files = images(90)
    before = StratifiedSample(files, 30).chosen
    after = StratifiedSample([file for file in files if file != before[0]], 30).chosen
    assert len(set(after) - set(before)) <= 2


def test_stand_ins_come_from_the_same_class_until_it_is_used_up() -> None:
    sample = StratifiedSample(images(12), 9)
    broken = next(file for file in sample.chosen if file.folder_class == "b")
    (stand_in,) = sample.stand_ins([broken])
    assert stand_in.folder_class == "b"
    assert stand_in not in sample.chosen
    assert sample.stand_ins([broken]) == []


@pytest.mark.parametrize("most", [None, 12, 500])
def test_everybody_is_chosen_where_there_is_room(most: int | None) -> None:
    assert len(StratifiedSample(images(12), most).chosen) == 12
