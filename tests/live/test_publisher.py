"""What is published, and what is not: nothing twice, and nothing kept where nothing can be."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple

import numpy as np

from tb_tsne_plugin.live import SessionParameters
from tb_tsne_plugin.live.checkpoint import CheckpointFile, CheckpointHeader, read_checkpoint
from tb_tsne_plugin.live.frames import FrameBuffer
from tb_tsne_plugin.live.protocol import Event, FrameWritten, Progress
from tb_tsne_plugin.live.publisher import NOT_KEPT, Moment, Publisher
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.tsne import Embedding, compute_affinities
from tb_tsne_plugin.tsne.finite_rows import FiniteRows
from tests.builders import blobs

MOMENT = Moment(5, "label", 3, 0)


class Published(NamedTuple):
    publisher: Publisher
    events: list[Event]
    place: CheckpointFile

    @property
    def path(self) -> Path:
        return self.place.folder.path / self.place.name


def publisher(folder: Path) -> Published:
    events: list[Event] = []
    with TemporaryFile() as file:
        frames = FrameBuffer(file, 20)
    checkpoint = CheckpointFile(Folder(folder), "kept/t-sne.npz")
    rows = FiniteRows(blobs(20)[0])
    return Published(Publisher(events.append, frames, rows, checkpoint=checkpoint), events, checkpoint)


def header(**changes: Any) -> CheckpointHeader:
    values: dict[str, Any] = {"version": "1", "column": "label", "revision": 3, "epoch": 5, "run_until": 9}
    values |= {"parameters": SessionParameters(), "paused": False, "cost_curve": ((1, 2.5),)}
    return CheckpointHeader(**{**values, **changes})


def embedding() -> Embedding:
    features = blobs(20)[0]
    return Embedding(compute_affinities(features, 5.0), np.zeros((20, 3)), SessionParameters())


def test_every_moment_is_shown_once(tmp_path: Path) -> None:
    publisher_, events, _ = publisher(tmp_path)
    moments = [MOMENT, MOMENT, MOMENT._replace(epoch=6), MOMENT._replace(revision=4), MOMENT._replace(jumps=1)]
    for moment in moments:
        publisher_.frame(moment, np.zeros((3, 20), dtype=np.float32))
    assert events == [FrameWritten(number=number) for number in (1, 2, 3, 4)]


def test_the_cost_is_the_last_of_its_curve(tmp_path: Path) -> None:
    publisher_, events, _ = publisher(tmp_path)
    publisher_.progress("paused", MOMENT, ((1, 2.5), (2, 2.25)), "A note.")
    curve = ((1, 2.5), (2, 2.25))
    assert events == [Progress(status="paused", epoch=5, revision=3, cost=2.25, cost_curve=curve, notes=("A note.",))]


def test_a_checkpoint_is_written_when_something_changed(tmp_path: Path) -> None:
    published = publisher(tmp_path)
    publisher_, path = published.publisher, published.path
    labels, found = np.full(20, -1, dtype=np.int32), embedding()
    publisher_.checkpoint(header(), MOMENT, found, labels)
    assert read_checkpoint(published.place, "1", np.ones(20, dtype=bool)) is not None
    path.unlink()
    publisher_.checkpoint(header(), MOMENT, found, labels)
    assert not path.exists()
    for head, moment in [(header(paused=True), MOMENT), (header(paused=True), MOMENT._replace(jumps=1))]:
        publisher_.checkpoint(head, moment, found, labels)
        assert path.exists()
        path.unlink()


def test_where_nothing_can_be_kept_it_is_said_until_there_is_room(tmp_path: Path) -> None:
    published = publisher(tmp_path)
    publisher_, events, path = published.publisher, published.events, published.path
    path.parent.write_text("in the way")
    labels = np.full(20, -1, dtype=np.int32)
    for epoch in (5, 6):
        publisher_.checkpoint(header(epoch=epoch), MOMENT, embedding(), labels)
    publisher_.progress("running", MOMENT, note="Another note.")
    assert events == [Progress(status="running", epoch=5, revision=3, notes=("Another note.", NOT_KEPT))]
    events.clear()
    path.parent.unlink()  # there is room again
    publisher_.checkpoint(header(epoch=7), MOMENT, embedding(), labels)
    assert path.exists()
    publisher_.progress("running", MOMENT)
    assert events == [Progress(status="running", epoch=5, revision=3)]
