"""A few of the folders of `tests.torture.hostile`, and that what it looks for is found where it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from tb_tsne_plugin.web.routes import ROUTES
from tests.missing import missing
from tests.torture import hostile
from tests.torture.hostile_folders import PLANTERS, Outside, plant, whole_run

pytestmark = pytest.mark.slow


def test_nothing_planted_in_a_run_gets_out_of_it(tmp_path: Path) -> None:
    found = hostile.open_folders(list(range(60)), 0.02, tmp_path)
    assert not found, "\n".join(f"seed {each.seed}: {each.wrong} {each.planted}" for each in found)


def test_no_changing_system_call_leads_out_of_the_log_dir() -> None:
    if shutil.which("strace") is None:
        missing("strace is not installed")
    assert hostile.traced(folders=15, first=1_000) == []


def test_every_route_is_asked() -> None:
    known = {route.path for route in ROUTES}
    assert known >= set(hostile.QUERIES)
    assert hostile.STARTS in known


def test_what_sqlite_does_with_a_planted_journal_is_what_is_guarded_against(tmp_path: Path) -> None:
    """With plain `sqlite3`, the file that the journal names is gone: the planters plant the real thing."""
    (planter,) = [each for each in PLANTERS if each.__name__ == "_super_journal"]
    outside, run = Outside(tmp_path / "outside"), whole_run(tmp_path / "run")
    before = outside.snapshot()
    random = np.random.default_rng(0)
    for _ in range(20):
        planter(random, run, outside)
        with closing(sqlite3.connect(run / "labels.sqlite")) as connection, suppress(sqlite3.Error):
            connection.execute("SELECT * FROM about").fetchall()
    assert outside.changes(before)


def test_planting_alone_changes_nothing_outside(tmp_path: Path) -> None:
    outside, whole = Outside(tmp_path / "outside"), whole_run(tmp_path / "whole")
    before = outside.snapshot()
    for seed in range(40):
        run = tmp_path / "run"
        shutil.copytree(whole, run)
        assert plant(np.random.default_rng(seed), run, outside)
        shutil.rmtree(run)
        assert not outside.changes(before), seed


def test_changed_paths_are_read_out_of_a_trace(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        '7 openat(AT_FDCWD</work>, "a/b", O_RDONLY) = 3</work/a/b>\n'
        '7 openat(5</run>, "new", O_RDWR|O_CREAT, 0666) = 3</run/new>\n'
        '7 unlink("/etc/passwd") = -1 ENOENT (No such file or directory)\n'
        '8 renameat(5</run>, "x", 6</other>, "y") = 0\n'
        '8 mkdir("here", 0777) = 0\n'
        '8 symlink("/outside/file", "/run/link") = 0\n'
        '8 linkat(AT_FDCWD</work>, "/outside/file", AT_FDCWD</work>, "hard", 0) = 0\n'
    )
    found = list(hostile.changed_paths(log))
    assert found == [
        ("openat", "/run/new"),
        ("renameat", "/run/x"),
        ("renameat", "/other/y"),
        ("mkdir", os.path.join("/", "here")),
        ("symlink", "/run/link"),
        ("linkat", "/work/hard"),
    ]
