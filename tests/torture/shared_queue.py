"""People at two servers and one PostgreSQL, of which all end now and then: nobody does what somebody else does.

    python -m tests.torture.shared_queue [--minutes 30] [--people 5]

Each takes a group, or now and then a page, looks at it, labels it, and takes the next. Servers are killed, and the
database too, while they do; whoever gets no answer asks the other server, under the same name. Nothing may be held by
two at a time, and nobody may find labeled what they hold.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import requests

from tests.builders import blobs, make_run, sample_id
from tests.e2e.tensorboard_server import TensorBoard
from tests.labels.postgres_server import PostgresServer

GROUP = 10
CHOICES = 8
RUN = {"run": "run"}


class Hold(NamedTuple):
    """What somebody had, from when they knew of it until they gave it back."""

    person: int
    since: float
    until: float
    sample_ids: frozenset[str]


class Person(threading.Thread):
    """One of those who label."""

    def __init__(self, number: int, servers: list[TensorBoard], store: str, samples: int, until: float) -> None:
        super().__init__(daemon=True)
        self.number, self.servers, self.until, self.samples = number, servers, until, samples
        self.store = store
        self.random = np.random.default_rng(number)
        self.holds: list[Hold] = []
        self.statuses: Counter[int] = Counter()
        self.lost: list[str] = []
        self.labeled = 0

    def run(self) -> None:
        """Labels until the time is over, or nothing is left."""
        while time.monotonic() < self.until:
            seen, found = self._open()
            if not found:
                return
            op_id = uuid.uuid4().hex
            page = self.random.random() < 0.3
            choices = [found] if page else self._groups(found)
            ask = {"op_id": op_id, "kind": "page" if page else "group", "choices": choices, "most": GROUP}
            ask["revision"] = seen
            taken = self._post("labels/take", tab=f"tab-of-{self.number}", **ask)
            since, ids = time.monotonic(), taken["sample_ids"]
            if not ids:
                time.sleep(0.05)
                continue
            time.sleep(float(self.random.exponential(0.2)))
            self._post("labels/here", tab=f"tab-of-{self.number}", kind="group", op_id=op_id)
            edit = {"op_id": f"label-{op_id}", "base_revision": 2**31 - 1, "store": self.store}
            given = self._post("labels/apply", **edit, class_id=1, sample_ids=ids, state="seen")
            changes = given.get("changes", [])  # none where somebody labeled some of it meanwhile
            if {key for key, *_ in changes} != set(ids):
                self.lost.append(op_id)
            self.labeled += len(changes)
            self.holds.append(Hold(self.number, since, time.monotonic(), frozenset(ids)))
            self._post("labels/here", tab=f"tab-of-{self.number}", done=op_id)

    def _open(self) -> tuple[int, list[str]]:
        """The labels' revision, and the first samples without one."""
        answer = self._ask(lambda server: server.get("labels", **RUN, tensor="im"))
        return answer["revision"], [sample_id(row) for row, label in enumerate(answer["labels"]) if label < 0][:500]

    def _groups(self, found: list[str]) -> list[list[str]]:
        starts = sorted(int(each) for each in self.random.integers(0, len(found), CHOICES))
        return [found[start : start + GROUP] for start in starts[:2] + starts]

    def _post(self, route: str, **body: Any) -> dict[str, Any]:
        if "base_revision" in body:
            body["base_revision"] = self._ask(lambda server: server.get("labels/changes", **RUN, after=0))["revision"]
        return self._ask(lambda server: server.post(route, tag=f"client-{self.number}", **RUN, **body))

    def _ask(self, ask: Callable[[TensorBoard], requests.Response]) -> dict[str, Any]:
        """Asks one server, or the other, until there is an answer."""
        for turn in itertools.count(int(self.random.integers(2))):
            try:
                answer = ask(self.servers[turn % len(self.servers)])
            except requests.RequestException:
                self.statuses[0] += 1
            else:
                self.statuses[answer.status_code] += 1
                if answer.status_code in (200, 409):
                    value: dict[str, Any] = answer.json()
                    return value
                assert answer.status_code == 503, answer.text
            time.sleep(0.1)
        raise AssertionError


def torture(
    folder: Path,
    postgres: PostgresServer,
    seconds: float,
    people: int = 5,
    samples: int = 2_000,
    say: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Lets people label while servers are killed.

    Args:
      folder: Where the run is made.
      postgres: The database, which is ended once.
      seconds: How long.
      people: How many.
      samples: Of the run.
      say: Told what happens.

    Returns:
      What came of it: `doubled` and `lost` must be empty.
    """
    make_run(folder / "logs" / "run", blobs(samples)[0])
    servers = [TensorBoard(folder / "logs", "--tsne_labels_db", address) for address in [postgres.new_database()] * 2]
    for server in servers:
        server.start()
    try:
        store = servers[0].store("run")
        tag = {"op_id": "class-first", "base_revision": 0, "store": store}
        assert servers[1].post("classes", **RUN, **tag, action="add", name="ant").status_code == 200
        until = time.monotonic() + seconds
        crew = [Person(number, servers, store, samples, until) for number in range(people)]
        for person in crew:
            person.start()
        for what in ("a server", "the database", "a server"):
            time.sleep(seconds / 4)
            say(f"{what} is killed")
            if what == "a server":
                servers[0].kill()
                servers[0].start()
            else:
                postgres.stop()
                time.sleep(min(5.0, seconds / 20))
                postgres.start()
        for person in crew:
            person.join(seconds + 120)
        assert not any(person.is_alive() for person in crew)
    finally:
        for server in servers:
            server.stop()
    holds = [hold for person in crew for hold in person.holds]
    return {
        "pieces": len(holds),
        "labeled": sum(person.labeled for person in crew),
        "by": [len(person.holds) for person in crew],
        "doubled": doubled(holds),
        "lost": [op_id for person in crew for op_id in person.lost],
        "statuses": dict(sum((person.statuses for person in crew), Counter())),
    }


def doubled(holds: list[Hold]) -> list[str]:
    """The samples that two had at a time."""
    by_sample: dict[str, list[Hold]] = {}
    for hold in sorted(holds, key=lambda each: each.since):
        for each in hold.sample_ids:
            by_sample.setdefault(each, []).append(hold)
    return [
        sample
        for sample, found in by_sample.items()
        if any(first.person != then.person and then.since < first.until for first, then in itertools.pairwise(found))
    ]


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--samples", type=int, default=100_000)
    chosen = parser.parse_args(arguments)
    postgres = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            told = torture(Path(folder), postgres, 60 * chosen.minutes, chosen.people, chosen.samples, print)
    finally:
        postgres.close()
    print(told)
    return 1 if told["doubled"] or told["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
