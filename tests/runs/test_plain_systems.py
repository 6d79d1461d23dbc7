"""A system without the flags that the door opens with: it is as shut, by other checks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import make_run

ROOT = Path(__file__).resolve().parents[2]
WITHOUT = """
import os, sys
known = {{name: getattr(os, name) for name in {names}}}
for name in known:
    delattr(os, name)
"""
FLAGS = ("O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_CLOEXEC")
READS = """
from pathlib import Path
from tb_tsne_plugin.runs import open_run
(tensor,) = open_run(Path(sys.argv[1])).tensors
print(tensor.shape, len(tensor.metadata.sample_ids), tensor.features().sum() != 0)
"""
TESTS = """
import pytest
import tb_tsne_plugin.runs.folder
for name, flag in known.items():  # the tests use them too
    setattr(os, name, flag)
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "tests/runs/test_folder.py", "tests/runs/test_attacks.py"]))
"""


def without(names: tuple[str, ...], code: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT.format(names=names) + code, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("names", [FLAGS, *((flag,) for flag in FLAGS)], ids="+".join)
def test_a_run_is_read_without_flags_that_are_missing(tmp_path: Path, names: tuple[str, ...]) -> None:
    done = without(names, READS, str(make_run(tmp_path / "run")))
    assert (done.returncode, done.stdout) == (0, "(60, 8) 60 True\n"), done.stderr


@pytest.mark.slow
def test_the_doors_own_tests_hold_there_too() -> None:
    done = without(FLAGS, TESTS)
    assert done.returncode == 0, done.stdout
