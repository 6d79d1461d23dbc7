"""What is kept of runs: made once, by one thread, never holding up another run, and no more than there is room for."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tb_tsne_plugin.runs import Run, discovery, find_run, run_names
from tb_tsne_plugin.runs.files import read_contained
from tb_tsne_plugin.runs.memory import Memory, Shelf, once
from tests.builders import make_run


class Slow:
    def __init__(self, wait: Callable[[], object]) -> None:
        self.wait = wait
        self.calls = 0

    @once
    def value(self) -> int:
        self.calls += 1
        self.wait()
        return self.calls


@pytest.mark.timeout(10)
def test_no_object_waits_for_another() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go_on.wait()

    slow, quick = Slow(wait), Slow(lambda: None)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: slow.value)
        begun.wait()
        assert quick.value == 1
        assert not waiting.done()
        go_on.set()
        assert waiting.result() == 1


def test_a_value_is_worked_out_once_however_many_ask() -> None:
    slow = Slow(lambda: time.sleep(0.05))
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: slow.value, range(8))) == {1}


def test_an_error_is_not_kept() -> None:
    failing = Slow(lambda: 1 / (failing.calls - 1))
    with pytest.raises(ZeroDivisionError):
        _ = failing.value
    assert failing.value == 2


def test_what_was_longest_unused_makes_way_and_a_run_in_use_stays() -> None:
    shelf = Shelf(100)
    first, second, third = (Memory(shelf) for _ in range(3))
    made = []

    def get(memory: Memory, key: str, size: int) -> None:
        memory.get(key, lambda: made.append(key), lambda _: size)

    get(first, "a", 60)
    get(second, "b", 30)
    get(first, "a", 60)
    get(third, "c", 30)  # the second's makes way
    get(first, "a", 60)
    assert made == ["a", "b", "c"]
    get(second, "b", 30)
    get(second, "d", 200)  # a run may take more than all there is: nothing else stays
    get(second, "b", 30)
    assert made == ["a", "b", "c", "b", "d"]
    assert shelf.size == 230
    get(first, "a", 60)
    assert made[-1] == "a"
    del first
    gc.collect()
    assert shelf.size == 0


def test_features_of_one_file_share_what_was_read(tmp_path: Path) -> None:
    make_run(tmp_path, tensors=[f"t{number}" for number in range(60)])
    run = find_run(tmp_path, ".")
    assert len({id(tensor.metadata) for tensor in run.tensors}) == 1
    assert len({id(tensor.rows) for tensor in run.tensors}) == 1


def test_of_one_run_the_values_longest_unused_make_way() -> None:
    memory = Memory(Shelf(50, alone=100))
    made = []
    for key in "abcdabec":
        memory.get(key, lambda key=key: made.append(key), lambda _: 25)  # type: ignore[misc]
    assert made == [*"abcde", "c"]
    assert memory.size == 100


@pytest.mark.parametrize("text", [False, True], ids=["metadata", "text features"])
def test_a_file_of_many_names_is_read_and_kept_once(tmp_path: Path, text: bool) -> None:
    make_run(tmp_path, sprite=False)
    np.savetxt(tmp_path / "im.tsv", np.zeros((60, 8)), delimiter="\t")
    (tmp_path / "deep").mkdir()
    links = {"metadata.tsv": "table", "im.tsv": "numbers.txt"}
    for name, link in links.items():
        (tmp_path / link).symlink_to(name)
    config = ""
    for number in range(40):
        above = "./" * number + "deep/../" * (number % 2)
        metadata, features = (above + (name, link)[number % 3 == 0] for name, link in links.items())
        config += f'embeddings {{ tensor_name: "t{number}" metadata_path: "{metadata}" tensor_path: '
        config += f'"{features}" }}\n' if text else '"im.bytes" tensor_shape: 60 tensor_shape: 8 }\n'
    (tmp_path / "projector_config.pbtxt").write_text(config)
    run = find_run(tmp_path, ".")
    assert len({id(tensor.metadata) for tensor in run.tensors}) == 1
    assert len({id(tensor.rows) for tensor in run.tensors}) == 1
    assert not text or len({id(tensor.features()) for tensor in run.tensors}) == 1


def test_a_run_of_many_tables_takes_no_more_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(tmp_path, np.zeros((2_000, 2)), tensors=[f"t{number}" for number in range(30)], sprite=False)
    config = (tmp_path / "projector_config.pbtxt").read_text()
    for number in range(30):
        table = (tmp_path / "metadata.tsv").read_text().replace("\ns", f"\nn{number}-")
        (tmp_path / f"table-{number}.tsv").write_text(table)
        config = config.replace('"metadata.tsv"', f'"table-{number}.tsv"', 1)
    (tmp_path / "projector_config.pbtxt").write_text(config)
    one = find_run(tmp_path, ".").tensors[0].metadata.memory()
    shelf = Shelf(one, alone=3 * one)
    monkeypatch.setattr("tb_tsne_plugin.runs.run.SHELF", shelf)
    discovery._cache.clear()
    run = find_run(tmp_path, ".")
    for tensor in run.tensors:
        assert tensor.version
        assert shelf.size <= shelf.alone
    assert len(run.sample_ids) > 30_000
    assert run.labels("label") == {}


def test_many_runs_looked_through_leave_memory_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked of thirty runs: there is room for the metadata of three of them."""
    for number in range(30):
        make_run(tmp_path / f"run-{number}", np.zeros((2_000, 2)), sprite=False)
    one = find_run(tmp_path, "run-0").tensors[0].metadata.memory()
    shelf = Shelf(3 * one + 3 * 2 * 2_000 * 100)
    monkeypatch.setattr("tb_tsne_plugin.runs.run.SHELF", shelf)
    discovery._cache.clear()
    sizes = []
    for _ in range(2):
        for name in run_names(tmp_path):
            run = find_run(tmp_path, name)
            assert len(run.tensors[0].rows) == len(run.sample_ids) == 2_000
            assert run.tensors[0].version
            sizes.append(shelf.size)
    assert max(sizes[5:]) <= shelf.capacity
    assert min(sizes[5:]) > one


@pytest.mark.timeout(20)
def test_a_run_that_is_slow_to_read_keeps_nobody_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a network folder that does not answer: its config, and then its metadata."""
    make_run(tmp_path / "slow")
    make_run(tmp_path / "quick")
    begun, go_on = threading.Event(), threading.Event()

    def read(folder: Path, relative: str, limit: int) -> bytes:
        if folder.name == "slow":
            begun.set()
            go_on.wait()
        return read_contained(folder, relative, limit)

    for module in ("config", "metadata"):
        begun.clear()
        go_on.clear()
        with monkeypatch.context() as patched:
            patched.setattr(f"tb_tsne_plugin.runs.{module}.read_contained", read)
            with ThreadPoolExecutor() as pool:
                waiting = pool.submit(lambda: find_run(tmp_path, "slow").sample_ids)
                begun.wait()
                assert len(find_run(tmp_path, "quick").tensor("im").metadata.sample_ids) == 60
                assert not waiting.done()
                go_on.set()
                assert len(waiting.result()) == 60
        discovery._cache.clear()


def test_two_that_find_a_run_at_once_get_one(tmp_path: Path) -> None:
    for round_ in range(10):
        make_run(tmp_path / f"run-{round_}")
        barrier = threading.Barrier(8)

        def find(_: int, name: str = f"run-{round_}", barrier: threading.Barrier = barrier) -> Run:
            barrier.wait()
            return find_run(tmp_path, name)

        with ThreadPoolExecutor(8) as pool:
            assert len({id(run) for run in pool.map(find, range(8))}) == 1


def test_runs_that_are_gone_are_not_kept(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    find_run(tmp_path, "run")
    (tmp_path / "run").rename(tmp_path / "other")
    assert run_names(tmp_path) == ["other"]
    assert not [folder for folder in discovery._cache if folder == tmp_path / "run"]
