"""The curve of the cost stays short."""

from __future__ import annotations

from tb_tsne_plugin.live.cost_curve import MAX_POINTS, CostCurve


def test_points_are_thinned_out_over_the_whole_curve() -> None:
    curve = CostCurve(((50, 3.0),))
    for epoch in range(100, 100_000, 50):
        curve.add(epoch, 1 / 3)
        assert len(curve.points) <= MAX_POINTS
    epochs = [epoch for epoch, _ in curve.points]
    assert epochs[0] == 50
    assert epochs == sorted(epochs)
    assert epochs[-1] == 99_950
    assert curve.points[-1][1] == 0.33333
    assert len(curve.points) > MAX_POINTS // 3
