"""Calibration error and temperature against sums made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.evaluation.policies.temperature import best_temperature, calibration_error


def test_the_error_is_the_gap_between_confidence_and_accuracy_by_bins() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.45, 0.55]])
    # Both halves: all four are in the upper of two bins, with confidence 0.7375 and accuracy 0.75.
    assert calibration_error(probabilities, np.array([0, 0, 0, 1]), 2) == pytest.approx(0.0125)
    # Of ten bins each has its own: 0.1 off, 0.2 off, 0.7 off, 0.45 off.
    assert calibration_error(probabilities, np.array([0, 0, 0, 1]), 10) == pytest.approx((0.1 + 0.2 + 0.7 + 0.45) / 4)


def test_one_that_is_right_half_of_the_time_is_cooled_to_half() -> None:
    logits = np.array([[6.0, 0.0], [6.0, 0.0]])
    chosen = best_temperature(logits, np.array([0, 1]))
    assert chosen == pytest.approx(19.9), "the largest there is comes nearest"
    assert best_temperature(np.array([[2.0, 0.0]] * 4), np.array([0, 0, 0, 1])) == pytest.approx(
        2 / np.log(3), abs=0.05
    )


def test_ties_fall_to_the_lowest() -> None:
    assert best_temperature(np.array([[0.0, -np.inf]]), np.array([0])) == 1.0
