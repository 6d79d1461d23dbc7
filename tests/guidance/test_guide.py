"""All guidance together: what it does where there is nothing to be learned."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.guidance import guide
from tests.guidance.conftest import World


def test_with_as_many_classes_as_samples_nothing_is_worked_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number for each sample and class: with 20,000 of each, they took 8 GB."""
    labels = np.arange(len(world.features))
    monkeypatch.setattr(guide, "MOST_CLASSES", 6)
    monkeypatch.setattr(guide, "MOST_CHANCES", len(labels) * 100)
    found = world.guide.guidance(world.Y, labels)
    assert (found.candidates, found.suggestions.probabilities.shape) == ([], (len(labels), 0))
    assert set(found.suggestions.labels) == {-1}
    assert not world.guide.calibrate(labels)
    assert world.guide.label_issues(labels) == []
    few = np.where(labels < 100, labels, -1)
    assert len(world.guide.guidance(world.Y, few).suggestions.classes) == 100


def test_many_samples_of_few_classes_are_no_hindrance(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guide, "MOST_CHANCES", 0)
    assert len(world.guide.guidance(world.Y, world.true_labels).suggestions.classes) == 6
