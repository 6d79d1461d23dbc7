"""Second looks: strays that were overlooked come first, and only labels that were seen."""

from __future__ import annotations

import numpy as np

from tb_tsne_plugin.guidance.states import SampleState
from tests.guidance.conftest import World


def test_overlooked_strays_come_first(world: World) -> None:
    overlooked = np.random.default_rng(0).permutation(500)[:15]
    labels = world.true_labels.copy()
    labels[overlooked] = (labels[overlooked] + 1) % 6
    found = world.guide.second_looks(labels, np.ones(500, bool))
    assert np.isin([look.row for look in found[:20]], overlooked).sum() >= 12
    assert all(look.label == labels[look.row] != look.expected for look in found)
    chances = [look.confidence for look in found]
    assert chances == sorted(chances)


def test_only_labels_that_were_seen_are_looked_at_again(world: World) -> None:
    labels = (world.true_labels + (np.arange(500) % 20 == 0)) % 6
    seen = np.arange(500) % 40 == 0
    found = world.guide.second_looks(labels, seen)
    assert found
    assert all(seen[look.row] for look in found)
    assert world.guide.second_looks(world.unlabeled, seen) == []
    assert world.guide.second_looks(np.zeros(500, int), seen) == []


def test_doubtful_groups_are_verified_before_single_labels(world: World) -> None:
    labels, batches = world.true_labels.copy(), np.arange(500)
    batches[:30] = 0
    batches[400:] = 1
    labels[:30] = 4
    labels[450] = 1
    states = np.where(np.arange(500) >= 400, SampleState.SEEN, SampleState.LABELED)
    found = world.guide.to_verify(labels, batches, states)
    np.testing.assert_array_equal(np.sort(found.groups[0].rows), np.arange(30))
    assert 450 in [look.row for look in found.second_looks]
    rows = found.rows
    assert [len(each) for each in rows[: len(found.groups)]] == [len(issue.rows) for issue in found.groups]
    assert all(len(each) == 1 for each in rows[len(found.groups) :])
    states[rows[0]] = states[450] = SampleState.VERIFIED
    after = world.guide.to_verify(labels, batches, states).rows
    assert not np.isin([*range(30), 450], np.concatenate(after)).any()


def test_chances_leave_out_what_was_labelled_together(world: World) -> None:
    labels, batches = world.true_labels.copy(), np.arange(500)
    batches[:40] = 0
    labels[:40] = 4
    together, alone = world.guide.label_chances(labels, batches), world.guide.label_chances(labels)
    assert together[:40].mean() < alone[:40].mean()
    assert together[40:].mean() > 0.7
    labels[100:] = -1
    assert (world.guide.label_chances(labels)[100:] == 1).all()


def test_strays_that_were_named_by_themselves_are_not_doubted(world: World) -> None:
    labels = (world.true_labels + (np.arange(500) % 20 == 0)) % 6
    batches = np.where(np.arange(500) % 40 == 0, 1000 + np.arange(500), np.arange(500) // 50)
    found = world.guide.second_looks(labels, np.ones(500, bool), batches)
    assert {look.row % 40 for look in found if look.row % 20 == 0} == {20}
