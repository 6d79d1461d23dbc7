"""Five people work at two servers and one PostgreSQL, which are killed: nothing is lost, nor done by two.

    python -m tests.torture.lab [--minutes 30] [--people 5]

Everybody has a token, a tab and an outbox as the page's, and knows the labels as they were a while ago. They take
groups and pages, label what they hold, give it back, label what others are at, undo, redo, rename and merge classes,
and go back to earlier revisions. One server is killed twice, the database once, and answers get lost after what they
answer is stored. `lab_checks` then compares the history, as another program reads it, with what everybody was told.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import requests

from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.access.rights import Right
from tests.builders import blobs, make_run, sample_id
from tests.e2e.tensorboard_server import HEADERS, TensorBoard
from tests.labels.postgres_server import PostgresServer
from tests.torture.lab_checks import Hold, Sent, Taken, Told, faults_of, read_history

NAMES = ("ann", "ben", "zoe", "ida", "kai", "lou", "max", "noa")
RUN = {"run": "run"}
SAMPLES = 5_000
CLASSES = 6
MOST = 10
"""Samples of a group; a page has three times as many."""
FRONTIER = 500
"""Everybody's choices come from the first so many that have no label: they want the same."""
LEASE_S = 60.0
RENEWED_S = 28.0
"""What is held is held for so long yet: half a lease, less what a server remembers without asking the store."""
LOST = 0.03
"""Of the requests, that wait no longer for their answer than it takes to store what it is about."""
RETRIES = 3
"""At one server, before the other is asked."""


class Book:
    """What everybody sent and was told, with times by one clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sent: dict[str, Sent] = {}
        self.told: dict[str, Told] = {}
        self.taken: list[Taken] = []
        self.holds: list[Hold] = []
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self.events: list[dict[str, Any]] = []
        self.revision = 0
        """The newest that anybody was told of."""

    def note(self, **event: Any) -> None:
        """Writes down what happened, for whoever looks into a fault."""
        with self._lock:
            self.events.append({"at": round(time.monotonic(), 4), **event})

    def knows(self, revision: int) -> None:
        """Somebody was told of a revision."""
        with self._lock:
            self.revision = max(self.revision, revision)


class Answer(NamedTuple):
    """What came of a request.

    Attributes:
      status: Its status.
      value: What it says.
      first: When it was sent first.
      at: When it was sent the last time, which is what was answered.
    """

    status: int
    value: dict[str, Any]
    first: float
    at: float


class Person(threading.Thread):
    """One of those who label."""

    def __init__(self, name: str, token: str, servers: list[TensorBoard], store: str, book: Book, until: float) -> None:
        super().__init__(daemon=True)
        self.person, self._servers, self._store, self._book, self._until = name, servers, store, book, until
        self._tab = f"tab-of-{name}-{uuid.uuid4().hex[:8]}"
        self._http = requests.Session()
        self._http.headers.update({**HEADERS, "Authorization": f"Bearer {token}", "X-TSNE-Client": f"client-of-{name}"})
        self._random = np.random.default_rng(list(name.encode()))
        self._at = int(self._random.integers(len(servers)))
        self._marks: dict[str, tuple[int | None, str]] = {}
        self._classes: list[int] = []
        self._seen = 0
        self._looked = 0.0

    def run(self) -> None:
        """Works until the time is over."""
        deeds: list[tuple[float, Callable[[], None]]] = [
            (0.5, self._work),
            (0.12, self._interfere),
            (0.22, self._turn),
            (0.08, self._read_history),
            (0.04, self._clear),
            (0.03, self._change_classes),
            (0.01, self._restore),
        ]
        weights, does = zip(*deeds, strict=True)
        try:
            self._look()
            while time.monotonic() < self._until:
                if time.monotonic() - self._looked > 3 * self._random.random():
                    self._look()
                does[int(self._random.choice(len(does), p=weights))]()
        except Exception as error:
            self._fault(f"{type(error).__name__}: {error}")
            raise

    def _work(self) -> None:
        """Takes a group or a page, labels it and gives it back."""
        found = self._open()
        if not found:
            return
        is_page = self._random.random() < 0.25
        starts = sorted(self._random.integers(0, len(found), 6).tolist())
        choices = [found] if is_page else [found[start : start + MOST] for start in [*starts[:2], *starts]]
        op_id, seen = uuid.uuid4().hex, self._seen
        known = self._book.revision
        most = 3 * MOST if is_page else MOST
        kind = "page" if is_page else "group"
        what = {"op_id": op_id, "kind": kind, "choices": choices, "most": most, "revision": seen}
        taken = self._must("labels/take", **what, tab=self._tab)
        since, ids = time.monotonic(), taken.value["sample_ids"]
        self._book.taken.append(Taken(self.person, op_id, tuple(ids), seen, known))
        if not ids:
            self._book.counts["takes of nothing"] += 1
            self._look()
            return
        self._book.counts["takes"] += 1
        until, is_held = self._hold(op_id, kind, since, taken.first + LEASE_S)
        if is_held:
            self._label(ids, only_unlabeled=True)
            # Until it is labeled it is held as far as anybody told.
            until = min(until, time.monotonic())
        else:
            self._book.counts["leases lost"] += 1
        self._book.holds.append(Hold(self.person, since, until, frozenset(ids)))
        if self._random.random() < 0.8:  # else the next that is taken takes its place
            self._must("labels/here", tab=self._tab, done=op_id)

    def _hold(self, op_id: str, kind: str, since: float, until: float) -> tuple[float, bool]:
        """Looks at what was taken for a while.

        Returns:
          Until when it is known to be held, and whether it was when last asked.
        """
        mood = self._random.random()
        if mood < 0.01 and self._until - since > 2 * LEASE_S:  # the lid is closed
            self._book.counts["lids closed"] += 1
            time.sleep(LEASE_S + 5)
        looks = self._random.exponential(0.2 if mood < 0.85 else 3.0)
        if mood > 0.985 and self._until - since > 2 * LEASE_S:
            looks = 1.5 * LEASE_S
        ends = time.monotonic() + looks
        while True:
            time.sleep(max(0.0, min(3.0, ends - time.monotonic())))
            here = self._must("labels/here", tab=self._tab, kind=kind, op_id=op_id)
            if not here.value["held"]:
                return min(until, here.at), False
            until = max(until, here.at + RENEWED_S)
            if time.monotonic() >= ends:
                return until, True

    def _interfere(self) -> None:
        """Gives a label to what others may be at, or have labeled, whoever holds it."""
        rows = self._random.integers(0, SAMPLES, int(self._random.integers(1, 6)))
        ids = {sample_id(int(row)) for row in rows}
        if self._random.random() < 0.7:
            ids = set(self._random.choice(self._open()[:60] or [sample_id(0)], 3).tolist())
        self._label(sorted(ids), only_unlabeled=bool(self._random.random() < 0.3))

    def _label(self, ids: list[str], *, only_unlabeled: bool) -> None:
        if self._random.random() < 0.1:
            what: dict[str, Any] = {"state": "unsure"}
        else:
            state = str(self._random.choice(["labeled", "seen"]))
            what = {"class_id": int(self._random.choice(self._classes)), "state": state}
        self._edit("labels/apply", **what, sample_ids=ids, only_unlabeled=only_unlabeled)

    def _clear(self) -> None:
        """Makes work where little is left."""
        marked = [key for key, mark in self._marks.items() if mark[1] != "unlabeled"]
        if len(marked) > SAMPLES / 2:
            ids = [str(each) for each in self._random.choice(marked, 400, replace=False)]
            self._edit("labels/apply", class_id=None, sample_ids=ids, only_unlabeled=False)

    def _turn(self) -> None:
        """Takes back what was done last, perhaps more, and does some of it again."""
        for kind in ("undo", "undo", "redo", "redo")[int(self._random.integers(2)) : int(self._random.integers(2, 5))]:
            self._edit(f"labels/{kind}")

    def _restore(self) -> None:
        self._look()
        if self._seen > CLASSES + 1:
            revision = int(self._random.integers(max(CLASSES, self._seen - 12), self._seen))
            self._edit("labels/restore", revision=revision)

    def _change_classes(self) -> None:
        name = f"class {uuid.uuid4().hex[:8]}"
        mood = self._random.random()
        if len(self._classes) < CLASSES:
            self._edit("classes", action="add", name=name)
        elif mood < 0.7:
            self._edit("classes", action="rename", class_id=int(self._random.choice(self._classes)), name=name)
        else:
            one, other = self._random.choice(self._classes, 2, replace=False).tolist()
            self._edit("classes", action="merge", class_id=one, into=other)

    def _read_history(self) -> None:
        for entry in self._get("labels/history", limit=30)["entries"]:
            if entry["own"] != (entry["author"] == self.person):
                self._fault(
                    f"the history says own: {entry['own']} of revision {entry['revision']}, {entry['author']}'s"
                )
        self._book.counts["looks at the history"] += 1

    def _open(self) -> list[str]:
        """What this person knows to have no label; others may have given it one since."""
        found = (sample_id(row) for row in range(SAMPLES))
        return [key for key in found if self._marks.get(key, (None, "unlabeled"))[1] == "unlabeled"][:FRONTIER]

    def _look(self) -> None:
        """Hears of what others did, as the page does all the time; people here are behind by a second or two."""
        value = self._get("labels/changes", after=self._seen)
        self._learn(value)
        self._seen, self._looked = value["revision"], time.monotonic()

    def _learn(self, value: dict[str, Any]) -> None:
        self._marks.update({key: (class_id, state) for key, class_id, state in value["changes"]})
        self._classes = [each["id"] for each in value["classes"]]

    def _edit(self, route: str, **body: Any) -> None:
        """Changes something, and hears what came of it."""
        op_id, base = uuid.uuid4().hex, self._seen
        sent = self._book.sent[op_id] = Sent(self.person, op_id, route, base, body)
        answer = self._send(route, store=self._store, op_id=op_id, base_revision=base, **body)
        value = answer.value
        if answer.status != 200:
            code = value["error"]["code"]
            self._book.told[op_id] = Told(None, None, (), False, ())
            self._book.counts["conflicts" if code == "conflict" else f"refused: {code}"] += 1
            # Somebody merged the class, or took it back: then there is no such class any more.
            expected = {"conflict", "nothing_to_undo", "nothing_to_redo", "class_exists", "invalid"}
            if code not in expected or (code == "invalid" and "class" not in value["error"]["message"]):
                self._fault(f"{sent} was refused: {value}")
            self._look()
            return
        changes = tuple((key, class_id, state) for key, class_id, state in value["changes"])
        stayed = tuple((each["author"], each["count"]) for each in value["stayed"])
        self._book.told[op_id] = Told(value["revision"], value["target"], changes, value["repeated"], stayed)
        self._book.knows(value["revision"])
        self._book.counts[{"undo": "undos", "redo": "redos"}.get(value["kind"], "edits")] += 1
        if value["revision"] == base + 1 and not value["repeated"]:
            self._learn(value)
            self._seen = base + 1
        else:
            self._look()

    def _must(self, route: str, **body: Any) -> Answer:
        answer = self._send(route, **body)
        assert answer.status == 200, (route, body, answer)
        return answer

    def _send(self, route: str, **body: Any) -> Answer:
        """Sends until somebody answers, under the same name, as the page does."""
        first, tries = time.monotonic(), 0
        while True:
            at = time.monotonic()
            wait = 0.02 if self._random.random() < LOST else 60.0
            try:
                found = self._http.post(self._address(route), json={**RUN, **body}, timeout=(5, wait))
                status, value = found.status_code, found.json()
            except requests.RequestException as error:
                status, value = 0, {"lost": type(error).__name__}
            self._book.note(
                by=self.person, sent=at, server=self._at, route=route, body=body, status=status, answer=value
            )
            if status not in (0, 503):
                return Answer(status, value, first, at)
            tries += 1
            self._away(tries, wait < 1)

    def _get(self, route: str, **query: Any) -> dict[str, Any]:
        tries = 0
        while True:
            try:
                found = self._http.get(self._address(route), params={**RUN, **query}, timeout=(5, 60))
            except requests.RequestException:
                pass
            else:
                if found.status_code == 200:
                    value: dict[str, Any] = found.json()
                    return value
                assert found.status_code == 503, found.text
            tries += 1
            self._away(tries, at_once=False)

    def _away(self, tries: int, at_once: bool) -> None:
        """There was no answer: it is asked for again after a while, and at the other server after some more."""
        self._book.counts["answers lost" if at_once else "no answer"] += 1
        if not at_once:
            time.sleep(min(0.25 * 2**tries, 2.0))
        if tries % RETRIES == 0 or (at_once and self._random.random() < 0.5):
            self._at = (self._at + 1) % len(self._servers)

    def _address(self, route: str) -> str:
        return f"{self._servers[self._at].address}/data/plugin/tsne/{route}"

    def _fault(self, text: str) -> None:
        self._book.faults.append(f"{self.person}: {text}")


def lab(
    folder: Path,
    postgres: PostgresServer,
    seconds: float,
    people: int = 5,
    say: Callable[[str], object] = lambda _text: None,
) -> Book:
    """Lets people work while servers are killed.

    Args:
      folder: Where the run and the people file are made, and, after a fault, what tells of it.
      postgres: The database, which is killed once.
      seconds: How long.
      people: How many, at most eight.
      say: Told what happens.

    Returns:
      What happened; `faults` must be empty.
    """
    make_run(folder / "logs" / "run", blobs(SAMPLES)[0], sprite=False)
    listed = PeopleFile(folder / "people.jsonl")
    manager = listed.add("manager", Right.MANAGE)
    tokens = {name: listed.add(name, Right.LABEL) for name in NAMES[:people]}
    database = postgres.new_database()
    flags = ("--tsne_labels_db", database, "--tsne_people", str(listed.path))
    servers = [TensorBoard(folder / "logs", *flags) for _ in range(2)]
    book = Book()
    with started(servers):
        for server in servers:
            server.token = manager
        store = servers[0].store("run")
        for number in range(CLASSES):
            op_id = f"class-{number:03}"
            body = {**RUN, "store": store, "op_id": op_id, "base_revision": number, "action": "add"}
            assert servers[1].post("classes", **body, name=f"class {number}").status_code == 200
        began = time.monotonic()
        crew = [Person(name, token, servers, store, book, began + seconds) for name, token in tokens.items()]
        for person in crew:
            person.start()
        random = np.random.default_rng()
        for third, what in enumerate(("a server", "the database", "a server")):
            moment = seconds * (0.1 + 0.27 * third + 0.17 * random.random())
            time.sleep(max(0.0, began + moment - time.monotonic()))
            say(f"after {time.monotonic() - began:.0f} s {what} is killed")
            book.note(killed=what)
            book.counts["kills"] += 1
            if what == "a server":
                servers[0].kill()
            else:
                postgres.stop()
            time.sleep(min(5.0, seconds / 20))
            (servers[0] if what == "a server" else postgres).start()
            book.note(started=what)
        for person in crew:
            person.join(seconds + 180)
        book.faults += [f"{person.person} does not come to an end" for person in crew if person.is_alive()]
        shown = [server.get("labels", **RUN, tensor="im").json() for server in servers]
    history = read_history(database)
    book.faults += faults_of(history, book.sent, book.told, book.taken, book.holds, shown)
    if book.faults:
        (folder / "faults.txt").write_text("\n".join(book.faults))
        with open(folder / "events.jsonl", "w") as file:
            file.writelines(f"{json.dumps(event)}\n" for event in book.events)
        with open(folder / "history.jsonl", "w") as file:
            file.writelines(f"{json.dumps(edit._asdict())}\n" for edit in history.edits)
        for number, server in enumerate(servers):
            (folder / f"server-{number}.log").write_text(server.log())
    return book


@contextmanager
def started(servers: list[TensorBoard]) -> Iterator[None]:
    """Starts servers, and ends them."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.stop()


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--people", type=int, default=5, choices=range(1, len(NAMES) + 1))
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="tsne-lab-"))
    postgres = PostgresServer()
    try:
        book = lab(folder, postgres, 60 * chosen.minutes, chosen.people, lambda text: print(text, flush=True))
    finally:
        postgres.close()
    for fault in book.faults[:20]:
        print(fault)
    if not book.faults:
        shutil.rmtree(folder)
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(book.counts.items()))
    print(
        f"{told}, {len(book.faults):,} faults" + (f"; {folder} holds what was sent and stored" if book.faults else "")
    )
    return 1 if book.faults else 0


if __name__ == "__main__":
    sys.exit(main())
