"""A lab of three as docs/places.md sets it up: servers on one folder, and on PostgreSQL; and its backups."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tb_tsne_plugin.labels import read_labels
from tests.builders import sample_id
from tests.documents import Section, changed
from tests.e2e.program import find_program
from tests.e2e.tensorboard_server import Start, TensorBoard, free_port
from tests.e2e.visits import make_logdir
from tests.labels.postgres_server import PostgresServer
from tests.missing import missing

pytestmark = pytest.mark.tensorboard

PAGE = "places.md"
PASSWORD = "a password: of the test"
GROUP = "users"
BACKUP = Section(PAGE, "## What to back up")


def do(command: list[str], *, says: str = "", environment: Mapping[str, str] | None = None) -> None:
    """Runs a command that must succeed, and is asked for nothing at a terminal."""
    found = find_program(command[0]) or missing(f"there is no {command[0]}")
    given = {**os.environ, **(environment or {})}
    whole = [found, *command[1:]]
    done = subprocess.run(
        whole, input=says, text=True, capture_output=True, env=given, check=False, start_new_session=True
    )
    assert done.returncode == 0, done.stderr


def label(server: TensorBoard, *rows: int) -> None:
    """Gives samples the first class."""
    store, revision = server.store("run"), server.get("labels", run="run", tensor="im").json()["revision"]
    body = {"run": "run", "store": store, "op_id": f"label-after-{revision}", "base_revision": revision}
    answer = server.post("labels/apply", **body, class_id=1, sample_ids=[sample_id(row) for row in rows])
    assert answer.status_code == 200, answer.text


def labeled(server: TensorBoard) -> list[int]:
    """The rows that are of the first class."""
    labels = server.get("labels", run="run", tensor="im").json()["labels"]
    return [row for row, given in enumerate(labels) if given == 1]


def test_three_servers_of_three_users_share_a_folder(start: Start, until_the_end: ExitStack) -> None:
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        missing("only root can be three users")
    folder = Path(mkdtemp(prefix="tsne-lab-"))
    until_the_end.callback(shutil.rmtree, folder)
    folder.chmod(0o755)
    logdir = make_logdir(folder / "runs")
    section = Section(PAGE, "### Several servers on one folder")
    for program in ("chgrp", "chmod", "find"):
        words = section.command(program)
        assert "runs" in words
        do([GROUP if word == "lab" else str(logdir) if word == "runs" else word for word in words])
    umask = shlex.join(section.command("umask"))
    servers = [start(logdir, python=as_user(user, umask, folder)) for user in ("games", "mail", "news")]
    for row, server in enumerate(servers):
        label(server, row + 1)
    assert [labeled(server) for server in servers] == [[0, 1, 2, 3]] * 3
    authors = {entry["author"] for entry in servers[0].get("labels/history", run="run").json()["entries"]}
    assert {"games", "mail", "news"} <= authors


def as_user(user: str, umask: str, folder: Path) -> str:
    """A Python that runs as somebody else of the group: it reads what we may read, and writes what they may write."""
    rights = "--inh-caps=+dac_read_search --ambient-caps=+dac_read_search"
    script, home = folder / f"python-of-{user}", folder / user
    home.mkdir()
    shutil.chown(home, user)
    become = f"exec setpriv --reuid={user} --regid={user} --groups={GROUP} {rights} {shlex.quote(sys.executable)}"
    script.write_text(f'#!/bin/sh\n{umask}\nexport HOME={home} LOGNAME={user}\n{become} "$@"\n')
    script.chmod(0o755)
    return str(script)


@pytest.fixture
def asking_for_passwords() -> Iterator[tuple[PostgresServer, int]]:
    """A PostgreSQL that asks who comes over the network for a password, and its port."""
    port = free_port()
    try:
        server = PostgresServer(port)
    except FileNotFoundError as error:
        missing(str(error))
    yield server, port
    server.close()


@pytest.mark.postgresql
def test_two_servers_share_a_database_which_is_backed_up(
    asking_for_passwords: tuple[PostgresServer, int], start: Start, tmp_path: Path
) -> None:
    section, (postgres, port) = Section(PAGE, "### On PostgreSQL"), asking_for_passwords
    for program, says in (("createuser", f"{PASSWORD}\n{PASSWORD}\n"), ("createdb", "")):
        words = section.command("-u", "postgres", program)[2:]
        do([str(postgres.binaries / program), *words[1:]], says=says, environment=postgres.administrator())
    passwords = tmp_path / "pgpass"
    written = PASSWORD.replace(":", "\\:")
    changes = {"db.lab.example:5432": f"127.0.0.1:{port}", "PASSWORD": written}
    passwords.write_text(changed(section.block("pgpass"), changes))
    passwords.chmod(0o600)
    knowing = {"PGPASSFILE": str(passwords), "PGPORT": str(port)}
    here = {"db.lab.example": "127.0.0.1"}
    flags = [changed(flag, here) if "://" in flag else flag for flag in section.flags()]
    logdir = make_logdir(tmp_path / "logs")
    ann, ben = (start(logdir, *flags, environment=knowing) for _ in range(2))
    label(ann, 1, 2)
    label(ben, 3)
    assert labeled(ann) == labeled(ben) == [0, 1, 2, 3]
    assert not (logdir / "run" / "labels.sqlite").exists()

    dump = tmp_path / "labels.dump"
    there = {"db.lab.example": "127.0.0.1", "labels.dump": str(dump)}
    words = [there.get(word, word) for word in BACKUP.command("pg_dump")]
    do([str(postgres.binaries / "pg_dump"), *words[1:]], environment=knowing)
    label(ann, 4)
    for server in (ann, ben):
        server.stop()
    words = [there.get(word, word) for word in BACKUP.command("pg_restore")]
    do([str(postgres.binaries / "pg_restore"), *words[1:]], environment=knowing)
    assert labeled(ben.start()) == [0, 1, 2, 3]
    label(ben, 5)


def test_a_backup_that_was_made_meanwhile_can_be_gone_back_to(start: Start, tmp_path: Path) -> None:
    logdir = make_logdir(tmp_path / "runs")
    server = start(logdir)
    label(server, 1)
    places = {"runs/photos": str(logdir / "run"), "photos-labels": str(tmp_path / "photos-labels")}

    def said(*command: str) -> list[str]:
        return [_elsewhere(word, places) for word in BACKUP.command(*command)]

    do(said("sqlite3"))
    table = said("tb-tsne", "labels", "export")
    do([sys.executable, "-m", "tb_tsne_plugin.cli", *table[1:]])
    assert (tmp_path / "photos-labels.tsv").read_text().count("\tant\t") == 2
    label(server, 2)
    server.stop()
    do(said("cp"))
    assert labeled(server.start()) == [0, 1]
    label(server, 3)
    assert (read_labels(logdir / "run")["label"] == "ant").sum() == 3


def _elsewhere(word: str, places: dict[str, str]) -> str:
    for before, after in places.items():
        word = word.replace(before, after)
    return word
