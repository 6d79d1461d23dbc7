"""A PostgreSQL server of the tests' own: in a folder of its own, reached through a socket there, gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.labels.install_tools import find_postgres


class PostgresServer:
    """One server, and as many databases as are asked for."""

    def __init__(self, port: int | None = None) -> None:
        """Starts it.

        Args:
          port: Where it also listens at 127.0.0.1, and asks for passwords; None: only through its socket.
        """
        binaries = find_postgres()
        if binaries is None:
            raise FileNotFoundError("there is no PostgreSQL here (apt-get install postgresql)")
        self.binaries, self._port = binaries, port
        self._folder = Path(tempfile.mkdtemp(prefix="tsne-pg-"))  # short: a socket's path has at most 107 characters
        self._user = _unprivileged_user()
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._numbers = itertools.count()
        self._process: subprocess.Popen[bytes] | None = None
        data = self._folder / "data"
        others = ("--auth-host=scram-sha-256", "--encoding=UTF8", "--no-sync")
        self._run("initdb", "--pgdata", str(data), "--username=tsne", "--auth-local=trust", *others)
        self.start()

    def start(self) -> None:
        """Starts the server and waits until it takes connections."""
        self._process = subprocess.Popen(
            [
                str(self.binaries / "postgres"),
                *("-D", str(self._folder / "data"), "-k", str(self._folder)),
                *(
                    "-c",
                    f"listen_addresses={'' if self._port is None else '127.0.0.1'}",
                    "-c",
                    f"port={self._port or 5432}",
                    "-c",
                    "fsync=off",
                    "-c",
                    "shared_buffers=32MB",
                    "-c",
                    "max_connections=80",
                ),
            ],
            user=self._user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._ask("postgres", "SELECT 1").returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError("PostgreSQL did not start")

    def stop(self) -> None:
        """Ends the server at once; its data stay."""
        assert self._process is not None
        self._process.send_signal(3)  # "immediate": no checkpoint
        self._process.wait(30)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"tsne{next(self._numbers)}"
        done = self._ask("postgres", f"CREATE DATABASE {name}")
        assert done.returncode == 0, done.stderr
        return f"postgresql://tsne@/{name}?host={self._folder}"

    def administrator(self) -> dict[str, str]:
        """The environment variables by which PostgreSQL's own programs come to it as its administrator."""
        return {"PGHOST": str(self._folder), "PGPORT": str(self._port or 5432), "PGUSER": "tsne"}

    def close(self) -> None:
        """Ends the server and removes its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, database: str, statement: str) -> subprocess.CompletedProcess[bytes]:
        command = [str(self.binaries / "psql"), "--dbname", database, "--command", statement]
        environment = {**os.environ, **self.administrator()}
        return subprocess.run(command, capture_output=True, check=False, env=environment)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        done = subprocess.run(command, user=self._user, cwd=self._folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as its own user, or as nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
