"""The worker's pipes, from both ends: half a line, a foreign line, an end that comes at any time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

import pytest

from tb_tsne_plugin.live import SessionParameters, process
from tb_tsne_plugin.live.process import NOT_UNDERSTOOD, WorkerProcess
from tb_tsne_plugin.live.protocol import Event, Failed, FrameWritten, Pause, Specification, encode
from tb_tsne_plugin.live.worker import NOT_UNDERSTOOD as NOT_UNDERSTOOD_BY_WORKER
from tests.builders import blobs

N = 40


class Heard:
    """What a worker was heard to say, and how it ended."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.status: int | None = None
        self.has_ended = threading.Event()

    def end(self, status: int) -> None:
        self.status = status
        self.has_ended.set()


class Files(NamedTuple):
    """What a worker inherits."""

    features: BinaryIO
    frames: BinaryIO


@pytest.fixture
def files() -> Iterator[Files]:
    with TemporaryFile() as features, TemporaryFile() as frames:
        blobs(N)[0].tofile(features)
        features.flush()
        yield Files(features, frames)


def specification(files: Files) -> Specification:
    return Specification(
        features=f"/dev/fd/{files.features.fileno()}",
        shape=(N, 8),
        version="1",
        frames=f"/dev/fd/{files.frames.fileno()}",
        first_frame=0,
        checkpoint=None,
        column="label",
        parameters=SessionParameters(n_epochs=20),
    )


def says(monkeypatch: pytest.MonkeyPatch, files: Files, code: str) -> Heard:
    """Listens to a worker that runs some code of ours instead, to its end."""

    def launch(files: Files, stdin: int, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-uc", code], stdin=stdin, stdout=stdout, stderr=stderr)

    monkeypatch.setattr(process, "_launch", launch)
    heard = Heard()
    WorkerProcess(specification(files), files, heard.events.append, heard.end)
    assert heard.has_ended.wait(30)
    return heard


def test_a_line_that_is_not_understood_is_said_and_ends_the_worker(
    monkeypatch: pytest.MonkeyPatch, files: Files
) -> None:
    frame = encode(FrameWritten(number=1)).decode()
    code = f"import time; print({frame!r}, end=''); print('Segmentation fault'); print({frame!r}); time.sleep(60)"
    heard = says(monkeypatch, files, code)
    assert heard.events == [FrameWritten(number=1), Failed(message=NOT_UNDERSTOOD, restartable=True)]
    assert heard.status == -9


def test_half_a_line_of_a_worker_that_died_is_no_message(monkeypatch: pytest.MonkeyPatch, files: Files) -> None:
    heard = says(monkeypatch, files, "import os; print('{\"event\":', end=''); os.kill(os.getpid(), 15)")
    assert heard.events == []
    assert heard.status in (-15, -9)


def test_it_is_told_the_specification_and_then_commands_in_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: Files
) -> None:
    code = f"import sys; open({str(tmp_path / 'told')!r}, 'wb').writelines(sys.stdin.buffer.readline() for _ in '12')"

    def launch(files: Files, stdin: int, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", code], stdin=stdin, stdout=stdout, stderr=stderr)

    monkeypatch.setattr(process, "_launch", launch)
    heard, wanted = Heard(), specification(files)
    worker = WorkerProcess(wanted, files, heard.events.append, heard.end)
    worker.send(Pause())
    assert heard.has_ended.wait(30)
    assert (tmp_path / "told").read_bytes() == encode(wanted) + encode(Pause())
    assert worker.exit_status == 0


def run_worker(files: Files, lines: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tb_tsne_plugin.live.worker"]
    keep = [file.fileno() for file in files]
    return subprocess.run(command, input=lines, capture_output=True, pass_fds=keep, check=False)


def test_a_worker_that_is_told_something_else_says_so_and_ends(files: Files) -> None:
    first = encode(specification(files))
    done = run_worker(files, first + b'{"command":"dance"}\n')
    assert encode(Failed(message=NOT_UNDERSTOOD_BY_WORKER, restartable=True)) in done.stdout.splitlines(keepends=True)
    assert done.returncode == 1


def test_a_first_line_that_is_no_specification_is_said(files: Files) -> None:
    done = run_worker(files, b'{"features":"here"}\n')
    assert done.stdout == encode(Failed(message=NOT_UNDERSTOOD_BY_WORKER, restartable=False))
    assert done.returncode == 1


def test_half_a_command_of_a_server_that_was_killed_is_its_end(files: Files) -> None:
    first = encode(specification(files))
    done = run_worker(files, first + b'{"command":"pau')
    assert b"failed" not in done.stdout
    assert done.returncode == 0


def test_a_worker_that_complains_without_end_is_read_and_its_last_words_are_told(
    monkeypatch: pytest.MonkeyPatch, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    code = "import sys; [sys.stderr.write('warning\\n' * 1_000) for _ in range(5_000)]; sys.exit('no more')"
    assert says(monkeypatch, files, code).status == 1
    deadline = time.monotonic() + 10
    while not caplog.messages and time.monotonic() < deadline:
        time.sleep(0.01)
    (told,) = caplog.messages
    assert told.startswith("The t-SNE worker ended with status 1; its last words: ")
    assert told.endswith("warning\nno more")
    assert len(told) < 5_000
