"""What an advisor says agrees with itself."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.live.advice import Advice, View
from tb_tsne_plugin.tsne.affinities import compute_affinities

N = 300


@pytest.fixture(scope="module")
def guide() -> Guide:
    """Of six clouds that touch."""
    random = np.random.default_rng(0)
    X = np.repeat(random.normal(size=(6, 20)), N // 6, axis=0) + random.normal(size=(N, 20))
    P: sp.csr_matrix = compute_affinities(X.astype(np.float32), 15.0).P
    return Guide(X.astype(np.float32), P)


def view(labels: NDArray[np.int32], batches: NDArray[np.int32], states: NDArray[np.uint8]) -> View:
    return View(1, "label", 1, np.arange(N), np.zeros((3, N), np.float32), labels, states, batches)


@pytest.mark.parametrize("state", [SampleState.LABELED, SampleState.SEEN])
def test_the_step_to_verify_ends_when_what_is_listed_was_verified(guide: Guide, state: SampleState) -> None:
    random = np.random.default_rng(1)
    labels = np.repeat(np.arange(6, dtype=np.int32), N // 6)
    batches = np.arange(N, dtype=np.int32) // 10
    labels[:20] = 3  # a group misnamed as a whole, in two edits: each vouches for the other
    strays = random.choice(np.arange(50, N), 12, replace=False)
    labels[strays] = (labels[strays] + 1) % 6
    states = np.full(N, state, np.uint8)
    advice = Advice()
    for _ in range(20):
        now = view(labels, batches, states)
        first, listed = advice.guidance(guide, now).steps[0], advice.label_issues(guide, now)
        assert (first.n if first.kind == "verify" else 0) == len(listed.groups) + len(listed.second_looks)
        if first.kind == "done":
            break
        for group in listed.groups:
            states[list(group.rows)] = SampleState.VERIFIED
        states[[look.row for look in listed.second_looks]] = SampleState.VERIFIED
    assert first.kind == "done"
    assert (states == SampleState.VERIFIED).any()
