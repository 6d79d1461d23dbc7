"""Builds the page into tb_tsne_plugin/static, where what stands there was not made from today's sources.

Whether it was is told by a hash of the sources, kept beside the page, and not by times: a checkout, a copy and an unpacked
sdist give files the time of the day. So a wheel is made from an sdist without Node, unless somebody changed the page.
Standard library only: setup.py imports this file before anything is installed.

    python projector_frontend/build_page.py
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import npm

FOLDER = Path(__file__).resolve().parent
STATIC = FOLDER.parent / "tb_tsne_plugin" / "static"
STAMP = STATIC / "sources.sha256"
"""The hash of the sources that the page beside it was made from."""


def is_stale() -> bool:
    """Whether the page is not there, or was made from other sources."""
    if not (STATIC / "index.js").is_file() or not STAMP.is_file():
        return True
    return STAMP.read_text().strip() != hash_of_sources()


def build() -> None:
    """Installs what the build needs and builds the page.

    Raises:
        npm.NodeMissingError: there is no Node that is new enough.
        subprocess.CalledProcessError: npm failed; what it had to say is on the terminal.
    """
    STAMP.unlink(missing_ok=True)
    npm.run_npm("ci")
    npm.run_npm("run", "build")
    STAMP.write_text(hash_of_sources() + "\n")


def has_node() -> bool:
    """Whether there is a Node to build with."""
    try:
        npm.find_npm()
    except npm.NodeMissingError:
        return False
    return True


def hash_of_sources() -> str:
    """SHA-256 over the name and content of all that the page is made from."""
    found = hashlib.sha256()
    for path in _sources():
        content = path.read_bytes()
        found.update(f"{path.relative_to(FOLDER).as_posix()}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()


def _sources() -> Iterator[Path]:
    settings = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
    yield from (FOLDER / name for name in settings)
    yield from sorted(path for path in (FOLDER / "src").rglob("*") if path.is_file() and path.name != ".DS_Store")


def main() -> int:
    """Builds the page where needed and answers with an exit status."""
    if not is_stale():
        return 0
    try:
        build()
    except npm.NodeMissingError as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
