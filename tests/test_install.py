"""Releases: a fresh clone gives an sdist, the sdist a wheel, and the wheel works in a new environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from tb_tsne_plugin import __version__
from tests.e2e.tensorboard_server import TensorBoard
from tests.interpreters import interpreters

pytestmark = [pytest.mark.install, pytest.mark.tensorboard, pytest.mark.slow, pytest.mark.timeout(1200)]

ROOT = Path(__file__).resolve().parents[1]
NAME = f"tb_tsne-{__version__}"
READ = """
import json, sys
from tb_tsne_plugin.labels import read_labels
labels = read_labels(sys.argv[1])["label"]
print(json.dumps(labels[labels != "unlabeled"].to_dict()))
"""


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Runs a command that must succeed, and answers with what it printed."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, cwd=cwd, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Our environment variables, with a PATH that has everything of ours except node and npm."""
    folder = tmp_path_factory.mktemp("bin")
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*") if Path(place).is_dir() else ():
            link = folder / program.name
            if program.name not in ("node", "nodejs", "npm", "npx") and not link.is_symlink():
                link.symlink_to(program)
    assert shutil.which("node", path=str(folder)) is None
    return {**os.environ, "PATH": str(folder), "PYTHONPATH": ""}


def check_out(folder: Path) -> Path:
    """The sources alone, as a fresh clone has them."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in run(*command, cwd=ROOT).split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def sdist(without_node: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source release of a fresh clone, where there is no Node: pip brings one along for the build."""
    checkout, folder = check_out(tmp_path_factory.mktemp("clone")), tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "build", "--sdist", "--outdir", folder, checkout, env=without_node)
    return folder / f"{NAME}.tar.gz"


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist's files, with the page older than its sources, as some ways of unpacking leave them."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    for path in (folder / NAME / "tb_tsne_plugin" / "static").rglob("*"):
        os.utime(path, (0, 0))
    return folder / NAME


@pytest.fixture(scope="module")
def wheel(unpacked: Path, without_node: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel made from the sdist where there is nothing but setuptools: no Node, and none that pip could bring."""
    folder = tmp_path_factory.mktemp("wheel")
    python = new_environment(folder / "venv", Path(sys.executable))
    run(python, "-m", "pip", "install", "--quiet", "setuptools>=77")
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    run(python, "-m", "pip", "wheel", *options, unpacked, env=without_node)
    return folder / f"{NAME}-py3-none-any.whl"


def new_environment(folder: Path, python: Path) -> Path:
    """An empty virtual environment of a Python, and its interpreter."""
    if python == Path(sys.executable):
        venv.create(folder, with_pip=True)
    else:
        run(python, "-m", "venv", folder)
    return folder / "bin" / "python"


def test_an_sdist_holds_the_sources_and_the_page(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
    tracked = set(run("git", "ls-files", "-z", cwd=ROOT).split("\0")) - {""}
    left_out = {name for name in tracked - names if (ROOT / name).is_file()}
    assert {name.split("/")[0] for name in left_out} <= {".ci", ".github", ".gitignore", ".pre-commit-config.yaml"}
    assert "tb_tsne_plugin/static/index.js" in names
    assert not [name for name in names if "node_modules" in name or name.endswith((".pyc", "labels.sqlite"))]


def test_an_unpacked_sdist_builds_the_page_only_where_somebody_changed_it(unpacked: Path, tmp_path: Path) -> None:
    source = shutil.copytree(unpacked / "projector_frontend", tmp_path / "projector_frontend")
    shutil.copytree(unpacked / "tb_tsne_plugin" / "static", tmp_path / "tb_tsne_plugin" / "static")
    ask = [sys.executable, "-c", "import build_page; print(build_page.is_stale())"]
    assert run(*ask, cwd=source) == "False\n"
    with (source / "src" / "main.tsx").open("a") as changed:
        changed.write("// changed\n")
    assert run(*ask, cwd=source) == "True\n"


def test_a_wheel_from_the_sdist_is_the_one_from_the_clone(
    wheel: Path, without_node: dict[str, str], tmp_path: Path
) -> None:
    checkout = check_out(tmp_path / "clone")
    command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, checkout)
    run(*command, env=without_node)
    assert contents(tmp_path / wheel.name) == contents(wheel)


def contents(wheel: Path) -> dict[str, int]:
    """Its files, with their checksums."""
    return {info.filename: info.CRC for info in zipfile.ZipFile(wheel).infolist()}


def test_a_wheel_carries_the_page_and_the_packages_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"tb_tsne_plugin/static/index.js", "tb_tsne_plugin/static/licenses.md"} <= set(names)
    assert any(name.startswith("tb_tsne_plugin/static/assets/") for name in names)
    top = {name.split("/")[0] for name in names}
    assert top == {"exporters", "tb_tsne_entry.py", "tb_tsne_plugin", f"{NAME}.dist-info"}


@pytest.mark.parametrize("age", ["oldest", "newest"])
def test_the_installed_wheel_labels_a_group(wheel: Path, tmp_path: Path, age: str) -> None:
    found = interpreters()
    if age == "newest" and len(found) == 1:
        pytest.skip("there is one Python only on this machine: the oldest is the newest")
    python = new_environment(tmp_path / "venv", list(found.values())[0 if age == "oldest" else -1])
    run(python, "-m", "pip", "install", "--quiet", wheel)
    outside: dict[str, Any] = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": ""}}
    run(python, "-c", "import importlib.util as i; assert not i.find_spec('tensorflow')", **outside)
    assert run(python.with_name("tb-tsne"), "--version", **outside) == f"tb-tsne, version {__version__}\n"

    shutil.copytree(ROOT / "demo_logs", tmp_path / "logs")
    server = TensorBoard(tmp_path / "logs", python=str(python), environment={"PYTHONPATH": ""}).start()
    try:
        listing = requests.get(f"{server.address}/data/plugins_listing", timeout=30).json()
        assert listing["tsne"]["enabled"]
        assert listing["tsne"]["tab_name"] == "Label Projector"
        assert [run["run"] for run in server.get("runs").json()["runs"]] == ["digits"]
        assert server.get("index.js").status_code == 200
        assert len(server.first_frame(run="digits", tensor="pix")) == 16 + 1797 * 3 * 4
        group = label_a_group(server)
    finally:
        server.stop()
    assert json.loads(run(python, "-c", READ, tmp_path / "logs" / "digits", **outside)) == dict.fromkeys(group, "zero")


def label_a_group(server: TensorBoard) -> list[str]:
    """Gives a sample and its nearest neighbours a new class; the ids of them all."""
    focus = server.get("samples", run="digits", tensor="pix").json()["sample_ids"][0]
    answer = server.post(
        "labels/apply",
        run="digits",
        store=server.store("digits"),
        op_id="the-first-group",
        base_revision=0,
        new_class={"name": "zero"},
        group={"tensor": "pix", "sample_id": focus, "k": 20, "space": "features"},
    )
    assert answer.status_code == 200, answer.text
    return [sample for sample, *_ in answer.json()["changes"]]
