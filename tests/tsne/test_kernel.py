"""Kernels where nothing that is compiled can be kept: a package and a home that cannot be written, or a full disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import tb_tsne_plugin

COMPUTES = """
import numpy as np
from tb_tsne_plugin.tsne.perplexity import conditional_similarities
print(conditional_similarities(np.array([[1.0, 1.0]]), 1.5).sum().round(6))
"""
FILLS_UP = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
"""


def compute(code: str, cwd: Path, **environment: str) -> None:
    """What it should compute, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "1.0\n"), done.stderr


def test_they_are_compiled_anew_where_they_cannot_be_kept(tmp_path: Path) -> None:
    """Files stand where folders would be made, so that not even root can."""
    package = tmp_path / "tb_tsne_plugin"
    ignored = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(Path(tb_tsne_plugin.__file__).parent, package, ignore=ignored)
    for folder in ("tsne", "guidance"):
        (package / folder / "__pycache__").touch()
    compute(COMPUTES, tmp_path, PYTHONPATH=str(tmp_path), HOME=os.devnull, XDG_CACHE_HOME=os.devnull)


def test_a_disk_that_takes_no_more_costs_the_keeping_and_nothing_else(tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk, or a quota: they are refused in the same place."""
    root = Path(tb_tsne_plugin.__file__).parents[1]
    kept = tmp_path / "kept"
    compute(FILLS_UP + COMPUTES, root, NUMBA_CACHE_DIR=str(kept))
    assert not list(kept.rglob("*.nbc"))
    compute(COMPUTES, root, NUMBA_CACHE_DIR=str(kept))
    assert list(kept.rglob("*.nbc"))
