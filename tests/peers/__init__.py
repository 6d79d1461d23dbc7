"""Programs that datasets are made for, as judges of what we write: their own loaders, or what they publish of a format.

`make test` installs them where CI is set. Those that must not stand beside the plugin, for they want other versions of
what it uses, lie in a folder of their own and run as programs of their own.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.missing import missing

BESIDE = Path(sys.prefix) / "peers"
MADE_BY = "`CI=true make test` installs it"


def peer(name: str) -> Any:
    """A module of another project; a test that asks for it is skipped where it is not installed, but never in CI."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing(f"needs {name}: {MADE_BY}")


def run_beside(needs: str, program: str, *arguments: object) -> Any:
    """What a program beside this file prints, as JSON, with the packages that lie apart.

    Args:
      needs: The package that it is about.
      program: Its name, without `.py`.
      arguments: Given to it.
    """
    if not (BESIDE / needs).is_dir():
        missing(f"needs {needs}: {MADE_BY}")
    command = [sys.executable, str(Path(__file__).with_name(f"{program}.py")), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(BESIDE), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout.splitlines()[-1])
