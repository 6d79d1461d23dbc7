"""Where tb-tsne does not run it says so, and TensorBoard starts all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.builders import blobs, make_run
from tests.e2e.tensorboard_server import MAIN, TensorBoard

ROOT = Path(__file__).resolve().parents[1]
ON_WINDOWS = """
import sys
from tensorboard import default
load, platform = default.get_dynamic_plugins, sys.platform

def load_on_windows():
    sys.platform = "win32"  # only now: most of the standard library would look for what is not here
    try:
        return load()
    finally:
        sys.platform = platform

default.get_dynamic_plugins = load_on_windows
"""


@pytest.mark.parametrize("package", ["tb_tsne_plugin", "tb_tsne_plugin.labels", "exporters"])
def test_windows_is_refused_in_a_sentence(package: str) -> None:
    code = f"import sys; sys.platform = 'win32'; import {package}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last == "ImportError: tb-tsne runs on Linux and macOS; Windows is not supported."


@pytest.mark.tensorboard
def test_tensorboard_shows_the_tab(tmp_path: Path) -> None:
    make_run(tmp_path / "run", blobs(30)[0])
    server = TensorBoard(tmp_path).start()
    try:
        listing = requests.get(f"{server.address}/data/plugins_listing", timeout=60).json()
        assert listing["tsne"]["tab_name"] == "Label Projector"
        assert [run["run"] for run in server.get("runs").json()["runs"]] == ["run"]
        assert len(server.first_frame(run="run", tensor="im")) == 16 + 30 * 3 * 4
    finally:
        server.stop()


@pytest.mark.tensorboard
def test_tensorboard_starts_without_the_tab_where_the_plugin_refuses(tmp_path: Path) -> None:
    server = TensorBoard(tmp_path, main=ON_WINDOWS + MAIN).start()
    try:
        listing = requests.get(f"{server.address}/data/plugins_listing", timeout=60).json()
        assert "scalars" in listing
        assert "tsne" not in listing
        assert "There is no Label Projector tab: tb-tsne runs on Linux and macOS" in server.log()
    finally:
        server.stop()
