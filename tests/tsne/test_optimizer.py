"""One step of the optimiser, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.tsne.optimizer import descend

f = np.float32


def test_gains_rise_where_signs_differ_and_fall_to_a_floor_elsewhere() -> None:
    slope = np.array([[1.0, -1.0, 1.0, 0.5]], dtype=f)  # 4 (alpha F_attr - F_rep / Z), from the attraction alone
    attraction = slope / 4
    velocity = np.array([[-1.0, -1.0, 2.0, 0.0]], dtype=f)
    gains = np.array([[1.0, 1.0, 0.011, 2.0]], dtype=f)
    Y = np.zeros((1, 4), dtype=f)
    descend(Y, velocity, gains, attraction, np.zeros_like(Y), f(1), f(1), f(0.5), f(10))
    assert gains[0] == pytest.approx([1.2, 0.8, 0.01, 1.6])
    assert velocity[0] == pytest.approx([-0.5 - 12.0, -0.5 + 8.0, 1.0 - 0.1, -8.0])
    assert Y[0] == pytest.approx(velocity[0])


def test_the_step_goes_down_the_exaggerated_attraction_and_the_normalised_repulsion() -> None:
    Y, velocity, gains = np.zeros((2, 1), dtype=f), np.zeros((2, 1), dtype=f), np.ones((2, 1), dtype=f)
    attraction, repulsion = np.array([[1.0], [0.0]], dtype=f), np.array([[0.0], [6.0]], dtype=f)
    descend(Y, velocity, gains, attraction, repulsion, f(3), f(0.5), f(0.8), f(1))
    assert Y[:, 0] == pytest.approx([-4 * 3 * 0.8, 4 * 6 * 0.5 * 0.8])
