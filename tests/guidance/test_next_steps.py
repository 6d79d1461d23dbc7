"""What to do next: teach, harvest, look again; never what was set aside."""

from __future__ import annotations

import numpy as np

from tb_tsne_plugin.guidance.next_steps import LESSONS, Step, next_steps, page_of
from tests.guidance.conftest import World


def steps(world: World, labels: np.ndarray, aside: np.ndarray | None = None, **more: object) -> list[Step]:
    found = world.guide.guidance(world.Y, labels, 3, aside)
    return next_steps(labels, found.suggestions, found.candidates, aside=aside, **more)  # type: ignore[arg-type]


def test_first_groups_then_pages_then_nothing(world: World) -> None:
    assert steps(world, world.unlabeled)[0].kind in ("group", "single")
    order = np.random.default_rng(0).permutation(500)
    labels = world.unlabeled
    labels[order[: 2 * LESSONS]] = world.true_labels[order[: 2 * LESSONS]]
    first = steps(world, labels)[0]
    assert first.kind == "page"
    assert first.shown == min(50, first.n)
    assert steps(world, world.true_labels)[0].kind == "done"


def test_labels_of_one_edit_are_one_lesson(world: World) -> None:
    labels = np.where(np.arange(500) % 5 == 0, world.true_labels, -1)
    batches = np.where(labels >= 0, np.arange(500) // 5 % 10, -1)
    assert steps(world, labels, batches=batches)[0].kind in ("group", "single")
    assert steps(world, labels)[0].kind == "page"


def test_a_page_is_the_surest_of_its_class(world: World) -> None:
    labels = np.where(np.arange(500) % 5 == 0, world.true_labels, -1)
    found = world.guide.guidance(world.Y, labels)
    page = page_of(0, labels, found.suggestions, 20)
    assert page is not None
    assert page.shown == 20
    assert (found.suggestions.labels[page.rows] == 0).all()
    assert (labels[page.rows] < 0).all()
    chances = found.suggestions.confidence[page.rows]
    assert (np.diff(chances) <= 0).all()
    assert page.right == float(chances[:20].mean())
    assert page.corrections == (1 - page.right) * 20
    right = (world.true_labels[page.rows[:20]] == 0).mean()
    assert abs(right - page.right) < 0.15
    assert page_of(17, labels, found.suggestions) is None


def test_what_is_doubtful_is_verified_when_all_is_labelled(world: World) -> None:
    found = steps(world, world.true_labels, to_verify=[np.arange(10), np.array([200])])
    assert [step.kind for step in found] == ["verify", "verify", "done"]
    assert (found[0].label, found[0].shown, found[0].n) == (0, 10, 2)


def test_what_is_set_aside_is_in_no_step(world: World) -> None:
    aside = np.arange(500) % 3 == 0
    for labels in (world.unlabeled, np.where(np.arange(500) % 7 == 1, world.true_labels, -1)):
        labels[aside] = -1
        for step in steps(world, labels, aside):
            assert not aside[step.rows].any()
    labels = np.where(aside, -1, world.true_labels)
    assert steps(world, labels, aside)[0].kind == "done"


def test_many_sure_suggestions_may_be_checked_at_random(world: World) -> None:
    labels = np.where(np.arange(500) % 4 == 0, world.true_labels, -1)
    check = next(step for step in steps(world, labels) if step.kind == "check")
    assert check.shown == 60
    assert check.n == len(check.rows) >= 120
    assert check.right >= 0.9
