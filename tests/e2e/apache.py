"""A real Apache before a TensorBoard."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from tests.e2e.program import Program, find_program
from tests.missing import missing

MODULES = Path("/usr/lib/apache2/modules")
ENABLED = ("mpm_event", "auth_basic", "authn_core", "authn_file", "authz_core", "authz_user", "deflate", "filter")
"""What Debian's Apache has as it comes."""
NEEDS = {"proxy_http": ("proxy",), "ssl": ("socache_shmcb",)}
"""What `a2enmod` enables with a module."""
CONFIG = """
{load}
{user}
ServerRoot {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
Mutex file:{folder}
Listen 127.0.0.1:{port}
{host}
"""


class Apache(Program):
    """An Apache with one host, from when it is made until `stop`."""

    def __init__(self, folder: Path, host: str, port: int, modules: Sequence[str]) -> None:
        """Starts it.

        Args:
          folder: Where its files are; its user may read them.
          host: Its `VirtualHost` block, whole.
          port: Where that listens.
          modules: What `a2enmod` is told to enable.
        """
        program = find_program("apache2")
        if program is None:
            missing("there is no Apache")
        wanted = [*ENABLED, *(needed for name in modules for needed in (*NEEDS.get(name, ()), name))]
        load = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in wanted)
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        config = folder / "apache.conf"
        config.write_text(CONFIG.format(load=load, user=user, folder=folder, port=port, host=host))
        super().__init__([program, "-D", "FOREGROUND", "-f", config], folder / "apache.log", port)


def readable_folder() -> Path:
    """A folder that the user may read as whom Apache answers, which is not the tests' own; the caller removes it."""
    folder = Path(mkdtemp(prefix="tsne-apache-"))
    folder.chmod(0o755)
    return folder
