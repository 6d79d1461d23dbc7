"""A real Jupyter server with jupyter-server-proxy, which leads to any port of its machine."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.e2e.program import Program
from tests.e2e.tensorboard_server import free_port
from tests.missing import missing

TOKEN = "a-token-of-the-test"


def find_jupyter() -> str | None:
    """The `jupyter-server` of an environment of its own beside ours (see the Makefile), or the machine's."""
    own = Path(sys.prefix, "jupyter", "bin", "jupyter-server")
    return str(own) if own.exists() else shutil.which("jupyter-server")


class Jupyter(Program):
    """A Jupyter server, from when it is made until `stop`."""

    def __init__(self, folder: Path) -> None:
        """Starts it, with what it keeps below a folder."""
        program = find_jupyter()
        if program is None:
            missing("there is no Jupyter server")
        port = free_port()
        folder.mkdir()
        homes = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
        options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0"]
        options += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.allow_remote_access=True"]
        command = [program, *options, f"--ServerApp.root_dir={folder}"]
        super().__init__(command, folder / "jupyter.log", port, homes)
