"""A plain installation: the wheel builds where there is no Node, carries the page, and works without TensorFlow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import requests

from tests.e2e.tensorboard_server import TensorBoard

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources alone, as a fresh clone has them."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def path_without_node(folder: Path) -> str:
    """A PATH with everything that is on ours, except node and npm."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*") if Path(place).is_dir() else ():
            link = folder / program.name
            if program.name not in ("node", "nodejs", "npm", "npx") and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built where there is no Node: pip brings one along for the build."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = {**os.environ, "PATH": path_without_node(tmp_path_factory.mktemp("bin") / "bin")}
    assert shutil.which("node", path=environment["PATH"]) is None
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(checkout)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("tb_tsne-*.whl"))


def test_the_wheel_carries_the_page_and_both_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tb_tsne_plugin/static/index.js" in names
    assert any(name.startswith("exporters/") for name in names)
    assert not any("node_modules" in name or name.startswith(("tests", "projector_frontend")) for name in names)


def test_tensorboard_starts_with_the_plugin_and_without_tensorflow(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True, capture_output=True)
    absent = subprocess.run([python, "-c", "import tensorflow"], check=False, capture_output=True, cwd=tmp_path)
    assert absent.returncode == 1
    shutil.copytree(ROOT / "demo_logs", tmp_path / "logs")
    server = TensorBoard(tmp_path / "logs", python=python, environment={"PYTHONPATH": ""}).start()
    try:
        listing = requests.get(f"{server.address}/data/plugins_listing", timeout=30).json()
        assert listing["tsne"]["enabled"]
        assert listing["tsne"]["tab_name"] == "Label Projector"
        assert [run["run"] for run in server.get("runs").json()["runs"]] == ["digits"]
        assert server.get("index.js").status_code == 200
        assert len(server.first_frame(run="digits", tensor="pix")) == 16 + 1797 * 3 * 4
    finally:
        server.stop()
