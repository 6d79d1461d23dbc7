"""A hundred thousand paths that a config could name: not a byte comes from outside the run's folder."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained
from tests.runs.test_files import folder as folder  # noqa: PLC0414 (a fixture)

pytestmark = pytest.mark.slow

GENERATED = 100_000
PIECES = [
    *("..", ".", "", "~", "deep", "file", "secret", "run", "run-2", "fifo", "link-in", "link-out", "folder-out"),
    *("loop", "socket", "file\0", "..\\..", "%2e%2e", "..%2f", "....", "C:", "etc", "passwd", "proc", "self", "dev"),
    *("zero", "fd", "0", "~root", "$HOME", "file://", "\u2025", "\uff0e\uff0e", "deep/../..", "x" * 300, "\n"),
]


@pytest.mark.timeout(300)
def test_generated_paths_open_nothing_outside(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    random = np.random.default_rng(0)
    absolute = [str(folder), str(folder.parent), "/", "//", "/proc/self/cwd", f"{folder}/../secret"]
    opened = 0
    for _ in range(GENERATED):
        count = int(random.integers(1, 6))
        parts = [PIECES[place] for place in random.integers(0, len(PIECES), count)]
        path = "/".join(parts)
        if random.random() < 0.1:
            path = absolute[int(random.integers(len(absolute)))] + "/" + path
        try:
            with open_contained(folder, path) as file:
                content = file.read()
        except RunError:
            continue
        opened += 1
        assert content == b"inside", path
    assert opened > 50


@pytest.mark.timeout(60)
def test_a_link_that_is_swapped_while_it_is_read_leads_nowhere(folder: Path) -> None:
    """A file is replaced by a link to the outside, and a folder by one, as fast as it goes, while others read."""
    inside, outside = folder / "deep" / "file", folder.parent / "secret"
    (folder.parent / "elsewhere").mkdir()
    (folder.parent / "elsewhere" / "file").write_text("secret")
    stop = threading.Event()

    def swap() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            temporary = folder / f"new-{number}"
            if number % 2:
                temporary.symlink_to(outside)
            else:
                temporary.write_text("inside")
            os.replace(temporary, inside)

    def swap_folder() -> None:
        while not stop.is_set():
            os.rename(folder / "deep", folder / "away")
            (folder / "deep").symlink_to(folder.parent / "elsewhere")
            (folder / "deep").unlink()
            os.rename(folder / "away", folder / "deep")

    seen: dict[bytes, int] = {}
    for swapper in (swap, swap_folder):
        stop.clear()
        thread = threading.Thread(target=swapper)
        thread.start()
        for _ in range(3_000):
            try:
                with open_contained(folder, "deep/file") as file:
                    content = file.read()
                    seen[content] = seen.get(content, 0) + 1
            except RunError:
                continue
        stop.set()
        thread.join()
    assert set(seen) == {b"inside"}
