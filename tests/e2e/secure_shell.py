"""A real sshd, and the ssh that goes to it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.program import Program, find_program
from tests.e2e.tensorboard_server import free_port
from tests.missing import missing

SERVER = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM {pam}
PasswordAuthentication no
PermitRootLogin prohibit-password
"""
CLIENT = """
Host {name}
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentityFile {folder}/key
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known_hosts
    StrictHostKeyChecking accept-new
"""


class SecureShellServer(Program):
    """An sshd for this very user, with a key of its own, from when it is made until `stop`."""

    def __init__(self, folder: Path, name: str) -> None:
        """Starts it.

        Args:
          folder: Where it keeps its files.
          name: The name by which its `config` leads to it.
        """
        program = find_program("sshd")
        if program is None or not shutil.which("ssh"):
            missing("there is no ssh, or no sshd")
        folder.mkdir()
        for key in ("host_key", "key"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        as_root = os.geteuid() == 0
        if as_root:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # Debian's service makes it
        port, user = free_port(), pwd.getpwuid(os.geteuid()).pw_name
        config = folder / "sshd_config"
        config.write_text(SERVER.format(port=port, folder=folder, pam="yes" if as_root else "no"))
        self._config = folder / "config"
        self._config.write_text(CLIENT.format(name=name, port=port, user=user, folder=folder))
        super().__init__([program, "-D", "-e", "-f", config], folder / "sshd.log", port)

    def forward(self, options: Sequence[str], port: int) -> Program:
        """Starts an `ssh` that opens a port of this machine."""
        return Program(["ssh", "-F", self._config, *options], self._config.with_name("ssh.log"), port)
