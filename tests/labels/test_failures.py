"""Disks that fill up or fail, and stores that are busy, damaged or out of reach: no false success, and nothing is lost.

Read-only stores are in tests/web.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import event, make_url

from tb_tsne_plugin.labels import Database, LabelsBusy, LabelsNotStored, LabelStore
from tests.labels.conftest import file_of, labels_of, operation, with_classes
from tests.labels.postgres_server import PostgresServer
from tests.missing import missing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
EDITS = """
import sys
from pathlib import Path
from tb_tsne_plugin.labels import LabelError, LabelStore, Operation
store = LabelStore(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    try:
        edit = store.apply(Operation(f"torn-edit-{number}", store.revision(), "ann"), 1, [f"s{number}"])
        print("stored", f"s{number}", edit.revision, flush=True)
    except LabelError as error:
        print("refused", error.code, error, flush=True)
print("labels", len(store.snapshot().labels), flush=True)
"""


def test_a_disk_that_fills_up_refuses_and_loses_nothing(small_disk: Path) -> None:
    store = with_classes(LabelStore(small_disk / "labels.sqlite"))
    stored: set[str] = set()
    refusals = []
    for number in range(150):
        ids = [f"{number}-{sample}" for sample in range(100)]
        try:
            store.apply(operation(store), 1, ids)
            stored |= set(ids)
        except LabelsNotStored as error:
            refusals.append(str(error))
    assert stored
    assert {refusal.split(";")[0] for refusal in refusals} == {"Labels cannot be stored: the disk is full"}
    assert set(store.snapshot().labels) == stored
    assert set(LabelStore(small_disk / "labels.sqlite").snapshot().labels) == stored


def test_a_full_disk_at_the_start_makes_no_store(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * (256 << 10))
    with pytest.raises(LabelsNotStored):
        LabelStore(small_disk / "labels.sqlite").create({})
    (small_disk / "ballast").unlink()
    store = with_classes(LabelStore(small_disk / "labels.sqlite"))
    assert labels_of(store.apply(operation(store), 1, ["a"])) == {"a": 1}


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64", "unlink"])
@pytest.mark.parametrize("when", ["1+3", "2+3", "3+2"])
def test_a_disk_that_fails_now_and_then_is_never_taken_at_its_word(
    sqlite_store: LabelStore, call: str, error: str, when: str
) -> None:
    """A real process's system calls fail as strace makes them; what it said was stored must be there afterwards."""
    if not shutil.which("strace"):
        missing("there is no strace here")
    path = file_of(sqlite_store)
    calls = "fsync,fdatasync" if call == "fdatasync" else call
    fault = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e"]
    fault.append(f"inject={calls}:error={error}:when={when}")
    command = [*fault, sys.executable, "-c", EDITS, str(path), "8"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    if "ptrace" in done.stderr or "PTRACE" in done.stderr:
        missing("this machine lets nobody trace")
    said = [line.split() for line in done.stdout.splitlines()]
    stored = {words[1] for words in said if words[0] == "stored"}
    refused = [words for words in said if words[0] == "refused"]
    assert refused or call == "unlink", done.stderr
    again = LabelStore(path)
    labels = set(again.snapshot().labels)
    assert stored <= labels
    # An error after the commit is no success to its client, who asks again under the same name: it acts once.
    for words in refused:
        assert words[1] in ("labels_not_stored", "labels_busy")
    assert again.revision() == 2 + len(labels)
    assert said[-1][0] == "labels", done.stderr
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_quota_that_is_used_up_is_said(sqlite_store: LabelStore) -> None:
    if not shutil.which("strace"):
        missing("there is no strace here")
    path = file_of(sqlite_store)
    fault = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=EDQUOT"]
    command = [*fault, sys.executable, "-c", EDITS, str(path), "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    if "ptrace" in done.stderr.lower():
        missing("this machine lets nobody trace")
    sentence = "the disk fails, or a quota is used up; free some space and try again."
    assert done.stdout.splitlines()[0] == f"refused labels_not_stored Labels cannot be stored or read: {sentence}"


@pytest.mark.parametrize("number", range(3))
def test_a_process_that_is_killed_while_it_writes_leaves_all_or_nothing(sqlite_store: LabelStore, number: int) -> None:
    path = file_of(sqlite_store)
    code = EDITS.replace('[f"s{number}"])', "[str(sample) for sample in range(30_000)])")
    process = subprocess.Popen([sys.executable, "-c", code, str(path), "1"], cwd=ROOT, stdout=subprocess.DEVNULL)
    journal = Path(f"{path}-journal")
    while not journal.exists() and process.poll() is None:
        time.sleep(0.001)
    time.sleep(0.05 * number)
    process.kill()
    process.wait()
    assert len(LabelStore(path).snapshot().labels) in (0, 30_000)


def test_a_kill_after_the_answer_loses_nothing(sqlite_store: LabelStore) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path;"
        "from tb_tsne_plugin.labels import LabelStore, Operation;"
        "store = LabelStore(Path(sys.argv[1]));"
        "store.apply(Operation('killed-after', 2, 'ann'), 1, ['a']);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file_of(sqlite_store))], check=False)
    assert done.returncode == -9
    assert sqlite_store.snapshot().labels == {"a": 1}


def test_a_locked_store_says_try_again(sqlite_store: LabelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_tsne_plugin.labels.database.BUSY_SECONDS", 0.05)
    other = sqlite3.connect(file_of(sqlite_store), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LabelsBusy, match="try again"):
        LabelStore(file_of(sqlite_store)).apply(operation(sqlite_store, base=2), 1, ["a"])
    other.execute("ROLLBACK")
    other.close()
    assert labels_of(LabelStore(file_of(sqlite_store)).apply(operation(sqlite_store), 1, ["a"])) == {"a": 1}


def test_a_full_disk_is_refused_and_reading_goes_on(sqlite_store: LabelStore) -> None:
    sqlite_store.apply(operation(sqlite_store), 1, ["a"])
    with sqlite_store.database._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    @event.listens_for(sqlite_store.database._engine, "connect")
    def _limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")  # SQLite then says what it says of a full disk

    with pytest.raises(LabelsNotStored, match="the disk is full"):
        sqlite_store.apply(operation(sqlite_store), 2, [f"sample-{number}" for number in range(5_000)])
    assert sqlite_store.snapshot().labels == {"a": 1}
    assert sqlite_store.revision() == 3


def test_a_damaged_store_says_so(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(LabelsNotStored, match="The label store is damaged"):
        LabelStore(path).snapshot()


def test_a_server_that_went_away_says_try_again_and_comes_back(postgres: PostgresServer) -> None:
    store = with_classes(LabelStore(Database(postgres.new_database())))
    postgres.stop()
    with pytest.raises(LabelsBusy, match="cannot be reached"):
        store.apply(operation(store, base=2), 1, ["a"])
    postgres.start()
    assert labels_of(store.apply(operation(store), 1, ["a"])) == {"a": 1}


def test_a_store_that_may_not_be_looked_at_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for unreachable in (tmp_path / "file" / "labels.sqlite", tmp_path / ("long" * 100) / "labels.sqlite"):
        with pytest.raises(LabelsNotStored, match="cannot be stored"):
            LabelStore(unreachable).columns()


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_sqlite_without_a_file_is_refused(address: str) -> None:
    with pytest.raises(LabelsNotStored, match="is a file; write sqlite:///FILE"):
        Database(address)


@pytest.mark.parametrize("address", ["postgresql://ann:secret@host:port/name", "postgresql://ann:secret@[::1/name"])
def test_an_address_with_a_wrong_port_is_no_url_and_is_not_told(address: str) -> None:
    with pytest.raises(LabelsNotStored, match="is no URL") as raised:
        Database(address)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("address", ["nonsense", "oracle+nothing://host/name", "postgresql://tsne@/none?host=/nowhere"])
def test_addresses_that_lead_nowhere_are_said(address: str) -> None:
    with pytest.raises((LabelsBusy, LabelsNotStored)):
        LabelStore(Database(address)).create({})


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql://someone@localhost:1/private", "The label database cannot be reached; try again"),
        ("postgresql://someone@private.invalid/private", "The label database cannot be reached; try again"),
        ("postgresql://someone@localhost:1/private?private=1", "has an option or a value that its"),
        ("postgresql://someone@localhost:1/private?sslmode=private", "has an option or a value that its"),
        ("postgresql://someone@localhost:1/private?connect_timeout=private", "has an option or a value that its"),
        ("postgresql://someone@localhost:99999999/private", "has an option or a value that its"),
        ("postgresql:///?service=private", "names a service that is not there"),
    ],
)
def test_what_a_driver_says_of_an_address_is_put_into_our_words(address: str, sentence: str) -> None:
    with pytest.raises((LabelsBusy, LabelsNotStored), match=sentence) as raised:
        LabelStore(Database(address)).create({})
    assert "private" not in str(raised.value)
    assert "someone" not in str(raised.value)


def test_a_server_that_refuses_says_why_without_telling_the_address(postgres: PostgresServer) -> None:
    address = make_url(postgres.new_database())
    refused = {
        address.set(database="private"): "There is no database of that name",
        address.set(username="private"): "lets nobody in by that user",
    }
    for wrong, sentence in refused.items():
        with pytest.raises(LabelsNotStored, match=sentence) as raised:
            LabelStore(Database(wrong.render_as_string())).create({})
        assert "private" not in str(raised.value)
