"""Epochs a second: held, and measured."""

from __future__ import annotations

import time

import pytest

from tb_tsne_plugin.live.pace import LONGEST_WAIT, SpeedLimit, Speedometer


class Clock:
    """A clock that goes on when somebody sleeps, or when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.advance)

    def advance(self, seconds: float) -> None:
        self.now += seconds


def test_epochs_keep_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limit = Clock(monkeypatch), SpeedLimit()
    limit.wait(10.0)
    began = clock.now
    for _ in range(50):
        limit.wait(10.0)
        clock.advance(0.03)  # the epoch itself
    assert 50 / (clock.now - began) == pytest.approx(10.0, rel=0.06)


def test_no_limit_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limit = Clock(monkeypatch), SpeedLimit()
    limit.wait(None)
    assert clock.now == 1000.0


def test_a_command_never_waits_long_for_a_slow_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limit = Clock(monkeypatch), SpeedLimit()
    limit.wait(0.1)
    began = clock.now
    limit.wait(0.1)
    assert clock.now - began == pytest.approx(LONGEST_WAIT)


def test_the_speed_is_that_of_the_last_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, speedometer = Clock(monkeypatch), Speedometer()
    assert speedometer.at(0) == 0.0
    for epoch in range(10, 200, 10):
        clock.advance(0.5)
        assert speedometer.at(epoch) == pytest.approx(20.0)
    clock.advance(0.5)
    speedometer.stop()
    assert speedometer.at(200) == 0.0


def test_a_new_start_has_no_speed_below_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, speedometer = Clock(monkeypatch), Speedometer()
    speedometer.at(500)
    clock.advance(1.0)
    assert speedometer.at(3) == 0.0
    clock.advance(1.0)
    assert speedometer.at(8) == pytest.approx(5.0)
