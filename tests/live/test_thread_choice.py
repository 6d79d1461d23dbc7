"""The choice of threads: whatever is faster, found out again when it changes."""

from __future__ import annotations

from tb_tsne_plugin.live.thread_choice import ThreadChoice


class Machine:
    """A machine on which an epoch takes as long as we say, by number of threads."""

    def __init__(self, **seconds: float) -> None:
        self.seconds = seconds
        self.now = 0.0
        self.threads = 0
        self.used: list[int] = []

    def use(self, count: int) -> None:
        self.threads = count

    def epoch(self) -> None:
        self.used.append(self.threads)
        self.now += self.seconds[f"with_{self.threads}"]


def run(machine: Machine, choice: ThreadChoice, until: float) -> None:
    while machine.now < until:
        choice.run(machine.epoch)


def test_the_faster_option_is_taken_and_the_choice_follows_the_machine() -> None:
    machine = Machine(with_1=0.010, with_2=0.005)
    choice = ThreadChoice([1, 2], machine.use, lambda: machine.now)
    run(machine, choice, 10.0)
    assert machine.threads == 2
    assert machine.used.count(1) < 0.1 * len(machine.used)
    machine.seconds = {"with_1": 0.010, "with_2": 0.200}
    run(machine, choice, 20.0)
    assert machine.threads == 1
    machine.used.clear()
    run(machine, choice, 40.0)
    assert machine.used.count(2) * 0.2 < 0.35 * 20


def test_one_option_is_no_choice() -> None:
    machine = Machine(with_0=0.1)
    choice = ThreadChoice([1], machine.use, lambda: machine.now)
    run(machine, choice, 10.0)
    assert set(machine.used) == {0}
