"""A password is never taken from where everybody reads it, and stays secret where it is kept."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from tensorboard.plugins import base_plugin

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.loader import Loader
from tb_tsne_plugin.passwords import password_problem
from tests.builders import make_run
from tests.e2e.tensorboard_server import MAIN, TensorBoard
from tests.test_docs import commands

WITH_PASSWORD = [
    "postgresql://ann:secret@host/name",
    "postgresql+psycopg://:secret@host/name",
    "postgresql://ann:s/e?c@ret@host/name",
    "postgresql://ann:s%65cret@host/name",
    "postgresql://host/name?user=ann&password=secret",
    "postgresql://host/name?p%61ssword=secret",
    "postgresql://host/name?PASSWORD=secret",
    "postgresql://host/name?sslpassword=secret",
    "mysql+pymysql://ann@host/name?passwd=secret",
    "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7Bx%7D%3BUID%3Dann%3BPWD%3Dsecret",
]
WITHOUT = [
    "postgresql://ann@host:5432/name",
    "postgresql://host/name?passfile=/home/ann/pass&application_name=a",
    "postgresql:///?service=labels",
    "postgresql://ann:@host/name",
    "postgresql://[::1]:5432/name",
    "sqlite:////home/ann:b/labels@home.sqlite",
    "nonsense",
]
ASKING = [name for name, command in commands().items() if "labels_db" in [each.name for each in command.params]]


@pytest.mark.parametrize("address", WITH_PASSWORD)
def test_an_address_with_a_password_is_refused_and_not_told(address: str, tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    Loader().define_flags(parser)
    with pytest.raises(base_plugin.FlagsError) as raised:
        Loader().fix_flags(parser.parse_args(["--tsne_labels_db", address]))
    run = make_run(tmp_path / "run")
    done = CliRunner().invoke(cli, ["labels", "history", str(run), "--labels-db", address])
    assert done.exit_code == 2
    for told in (str(raised.value), done.output):
        assert "secret" not in told
        for way in ("~/.pgpass", "PGPASSFILE", "?service=NAME", "TB_TSNE_LABELS_DB"):
            assert way in told.replace("\n", " ")


@pytest.mark.parametrize("command", ASKING)
def test_every_command_refuses_it(command: str) -> None:
    done = CliRunner().invoke(cli, [*command.split(), "run", "--labels-db", WITH_PASSWORD[0]])
    assert done.exit_code == 2
    assert "Everybody on this machine can read a password in --labels-db" in done.output


@pytest.mark.parametrize("address", WITHOUT)
def test_an_address_without_one_is_taken(address: str) -> None:
    assert password_problem(address, "--labels-db") is None


@pytest.mark.tensorboard
def test_tensorboard_does_not_start_with_a_password_and_keeps_that_of_the_environment(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    address = "postgresql://ann:secret@127.0.0.1:1/private"
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "--logdir", str(tmp_path), "--port", "0", "--tsne_labels_db", address],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "can read a password in --tsne_labels_db" in done.stderr
    assert "secret" not in done.stdout + done.stderr
    server = TensorBoard(tmp_path, environment={"TB_TSNE_LABELS_DB": address, "TMPDIR": str(tmp_path)}).start()
    try:
        told = requests.get(f"{server.address}/data/environment", timeout=60).text
        told += server.get("labels", run="run", tensor="im").text
        told += server.post("labels/save", run="run", tensor="im").text
        files = [path.read_text() for path in (tmp_path / ".tensorboard-info").glob("*.info")]
    finally:
        server.stop()
    assert files, f"TensorBoard writes no file about itself into {tempfile.gettempdir()} any more"
    assert "cannot be reached" in told
    for text in (told, server.log(), *files):
        for part in ("secret", "private", "127.0.0.1:1/"):
            assert part not in text
