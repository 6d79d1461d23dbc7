"""The Dockerfile: what it copies is there, what it runs works, and where Docker runs, its image labels."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import time
import venv
from pathlib import Path

import pytest
import requests

from tests.builders import make_run
from tests.documents import Section, changed
from tests.e2e.tensorboard_server import HEADERS, free_port

ROOT = Path(__file__).resolve().parents[1]
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text()).splitlines()
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
NEEDED = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "tb_tsne_plugin/plugin.py", "exporters/export.py")


def said(word: str) -> list[str]:
    """What its instructions of a kind say."""
    return [line.split(maxsplit=1)[1] for line in LINES if line.startswith(f"{word} ")]


def is_ignored(name: str) -> bool:
    """Whether .dockerignore leaves a file out, or a folder above it."""
    parts = name.split("/")
    above = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    return any(fnmatch.fnmatchcase(each, pattern) for each in above for pattern in (*IGNORED, *_at_the_top(IGNORED)))


def _at_the_top(patterns: list[str]) -> list[str]:
    return [pattern.removeprefix("**/") for pattern in patterns if pattern.startswith("**/")]


def test_what_it_copies_is_there() -> None:
    copied = [words.split() for words in said("COPY")]
    own = [source for *sources, _ in copied for source in sources if not sources[0].startswith("--from")]
    assert own
    assert all((ROOT / source).exists() for source in own)
    assert not [name for name in NEEDED if is_ignored(name) or not (ROOT / name).exists()]
    assert all(map(is_ignored, (".git/HEAD", "a/node_modules/b.js", "runs/photos/labels.sqlite", ".venv/bin/python")))


def test_it_runs_as_nobody_in_particular_and_asks_for_remote_edit_by_hand() -> None:
    assert said("USER") == ["labels"]
    assert said("VOLUME") == ["/runs"]
    entry = json.loads(said("ENTRYPOINT")[0])
    assert entry[:3] == ["tensorboard", "--logdir", "/runs"]
    assert "--tsne_allow_remote_edit" not in entry


@pytest.mark.install
@pytest.mark.slow
@pytest.mark.tensorboard
@pytest.mark.timeout(1200)
def test_what_it_runs_makes_a_tensorboard_that_starts(tmp_path: Path) -> None:
    """Its `pip` commands in a new environment, with our folders in the place of the image's."""
    places = {"/source": str(tmp_path / "source"), "/wheels": str(tmp_path / "wheels")}
    _copy_context(tmp_path / "source")
    venv.create(tmp_path / "venv", with_pip=True)
    path = f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "EXTRAS": said("ARG")[0].split("=")[1]}
    environment.pop("PYTHONPATH", None)
    commands = [command for command in said("RUN") if command.startswith("pip ")]
    assert len(commands) == 2
    for command in commands:
        here = re.sub("|".join(places), lambda found: places[found[0]], command)
        done = subprocess.run(["sh", "-c", here], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    make_run(tmp_path / "runs" / "run")
    port = free_port()
    entry = [str(tmp_path / "runs") if word == "/runs" else word for word in json.loads(said("ENTRYPOINT")[0])]
    program = str(tmp_path / "venv" / "bin" / entry[0])
    started = subprocess.Popen([program, *entry[1:], "--port", str(port)], env=environment, cwd=tmp_path)
    try:
        assert _runs_at(port) == ["run"]
    finally:
        started.terminate()
        started.wait(60)


@pytest.mark.install
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_its_image_labels(tmp_path: Path) -> None:
    """By the words of docs/places.md."""
    if not shutil.which("docker") or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker runs here")
    section = Section("places.md", "## Docker")
    subprocess.run(section.command("docker", "build"), cwd=ROOT, check=True)
    make_run(tmp_path / "runs" / "run")
    port = free_port()
    script = changed(next(block for block in section.blocks("sh") if "docker run" in block), {":6006:": f":{port}:"})
    lines, printed = script[script.index("docker run") :], tmp_path / "printed"
    with printed.open("wb") as output:
        started = subprocess.Popen(["sh", "-c", f"exec {lines}"], cwd=tmp_path, stdout=output, stderr=output)
    try:
        assert _runs_at(port) is None  # without a token
        token = re.search(r"token=([\w-]+)", printed.read_text())
        assert token, printed.read_text()
        with_it = {**HEADERS, "Authorization": f"Bearer {token[1]}"}
        assert _runs_at(port, with_it) == ["run"]
        made = requests.post(f"{_ours(port)}/labels/create", json={"run": "run"}, headers=with_it, timeout=60)
        assert made.status_code == 200, made.text
        assert (tmp_path / "runs" / "run" / "labels.sqlite").stat().st_uid == os.geteuid()
    finally:
        started.terminate()
        started.wait(60)


def _ours(port: int) -> str:
    return f"http://localhost:{port}/data/plugin/tsne"


def _runs_at(port: int, headers: dict[str, str] | None = None) -> list[str] | None:
    """The runs that a TensorBoard has, once it answers; None where it asks for a token."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            answer = requests.get(f"{_ours(port)}/runs", headers=headers, timeout=10)
            if answer.ok or answer.status_code == 401:
                return [run["run"] for run in answer.json()["runs"]] if answer.ok else None
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise AssertionError("TensorBoard did not start")


def _copy_context(folder: Path) -> None:
    """What Docker is given: this checkout without what .dockerignore names."""

    def ignored(place: str, names: list[str]) -> list[str]:
        below = Path(place).relative_to(ROOT)
        return [name for name in names if is_ignored((below / name).as_posix())]

    shutil.copytree(ROOT, folder, ignore=ignored, symlinks=True)
