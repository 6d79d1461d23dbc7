"""Checkpoints: what is kept is what is found, and what does not fit is passed over."""

from __future__ import annotations

import io
import json
import os
import time
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tb_tsne_plugin.live import SessionParameters
from tb_tsne_plugin.live.checkpoint import (
    ARRAYS,
    FARTHEST,
    FORMAT,
    LARGEST_GAIN,
    Checkpoint,
    CheckpointFile,
    CheckpointHeader,
    read_checkpoint,
    read_header,
    remove_unfinished,
)
from tb_tsne_plugin.runs.folder import Folder, is_temporary
from tb_tsne_plugin.tsne import Embedding, compute_affinities
from tb_tsne_plugin.tsne.kernel import available_threads, use_threads
from tb_tsne_plugin.tsne.parameters import Method
from tests.builders import blobs

FINITE = np.array([True] * 4 + [False] + [True] * 6)
EMBEDDED = np.array([True] * 4 + [False] + [True] * 5 + [False])
"""Of eleven samples one is not finite, and one is left out although it is."""
PARAMETERS = SessionParameters(perplexity=7.0, n_components=2, speed_limit=30)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """On a busy machine, threads that wait for each other take longest for the smallest of arrays."""
    use_threads(1)
    yield
    use_threads(available_threads())


def place(folder: Path, name: str = "kept.npz") -> CheckpointFile:
    return CheckpointFile(Folder(folder), name)


def checkpoint() -> Checkpoint:
    header = CheckpointHeader(
        version="1",
        column="label",
        revision=3,
        parameters=PARAMETERS,
        epoch=50,
        run_until=300,
        paused=True,
        cost_curve=((50, 1.25),),
    )
    positions, velocity, gains = np.random.default_rng(0).standard_normal((3, 2, 9)).astype(np.float32)
    return Checkpoint(header, EMBEDDED, positions, velocity, np.abs(gains) + 1, np.arange(11, dtype=np.int32))


def arrays_of(kept: Checkpoint) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in ARRAYS}


def test_what_is_kept_is_what_is_found(tmp_path: Path) -> None:
    kept = checkpoint()
    kept.save(place(tmp_path / "new", "below/kept.npz"))
    assert [path.name for path in (tmp_path / "new" / "below").iterdir()] == ["kept.npz"]
    found = read_checkpoint(place(tmp_path / "new", "below/kept.npz"), "1", FINITE)
    assert found is not None
    assert found.header == kept.header
    for name in ARRAYS:
        assert np.array_equal(getattr(found, name), getattr(kept, name))


def test_one_that_does_not_say_what_is_embedded_is_passed_over(tmp_path: Path) -> None:
    """As versions wrote it that embedded whatever is finite, the ignored too."""
    arrays = arrays_of(checkpoint())
    del arrays["embedded"]
    about = np.frombuffer(header(format=1, parameters={"n_components": 2}), dtype=np.uint8)
    np.savez(tmp_path / "kept.npz", about=about, **arrays)
    assert read_checkpoint(place(tmp_path), "1", EMBEDDED) is None
    assert read_header(place(tmp_path)) is None


def test_one_of_nothing_but_what_is_left_out_is_found(tmp_path: Path) -> None:
    nothing = np.zeros((2, 0), dtype=np.float32)
    kept = checkpoint()._replace(embedded=FINITE & False, positions=nothing, velocity=nothing, gains=nothing)
    kept.save(place(tmp_path))
    found = read_checkpoint(place(tmp_path), "1", FINITE)
    assert found is not None
    assert found.positions.shape == (2, 0)
    assert found.labels.tolist() == kept.labels.tolist()


@pytest.mark.parametrize(
    ("version", "is_finite"),
    [("2", FINITE), ("1", np.append(FINITE, True)), ("1", np.roll(FINITE, 1)), ("1", FINITE & False)],
    ids=["version", "N", "others are finite", "none is finite"],
)
def test_other_features_are_not_its(tmp_path: Path, version: str, is_finite: npt.NDArray[np.bool_]) -> None:
    checkpoint().save(place(tmp_path))
    assert read_checkpoint(place(tmp_path), version, is_finite) is None


def header(**changes: Any) -> bytes:
    about: dict[str, Any] = {"version": "1", "column": "label", "revision": 3, "format": FORMAT, "parameters": {}}
    about |= {"epoch": 5, "run_until": 300, "paused": False, "curve": []}
    return json.dumps(about | changes).encode()


def archive(about: bytes | None = None, **arrays: Any) -> bytes:
    """A checkpoint's file with another header or other arrays; a member of None is left out."""
    raw, kept = io.BytesIO(), arrays_of(checkpoint())
    kept["about"] = np.frombuffer(header(parameters={"n_components": 2}) if about is None else about, dtype=np.uint8)
    np.savez(raw, **{name: value for name, value in {**kept, **arrays}.items() if value is not None})
    return raw.getvalue()


def of_2_by_9(value: float) -> npt.NDArray[np.float32]:
    values = np.ones((2, 9), dtype=np.float32)
    values[1, 4] = value
    return values


def a_label(value: int) -> npt.NDArray[np.int32]:
    return np.array([value, *range(10)], dtype=np.int32)


def embedded(**changes: int) -> npt.NDArray[np.uint8]:
    """The bytes of which samples are embedded, some of them others: `row_3=2`."""
    found = EMBEDDED.astype(np.uint8)
    for name, value in changes.items():
        found[int(name.removeprefix("row_"))] = value
    return found


def with_parameters(**parameters: Any) -> bytes:
    return header(parameters={"n_components": 2, **parameters})


def zipped(**changes: Any) -> bytes:
    """The same members in another archive."""
    raw = io.BytesIO()
    members = zipfile.ZipFile(io.BytesIO(archive()))
    with warnings.catch_warnings(), zipfile.ZipFile(raw, "w", changes.get("compression", zipfile.ZIP_STORED)) as other:
        warnings.simplefilter("ignore")  # of a name that is there twice
        for name in [*members.namelist(), *changes.get("more", ())]:
            other.writestr(name, members.read(name) if name in members.namelist() else b"")
        other.comment = changes.get("comment", b"")
    return raw.getvalue()


def declaring(name: str, about: str) -> bytes:
    """A file one of whose arrays says of itself what we choose, in a header of the same length."""
    raw = archive()
    start = raw.index(b"{'descr'", raw.index(f"{name}.npy".encode()))
    return raw[:start] + about.ljust(raw.index(b"\n", start) - start).encode() + raw[raw.index(b"\n", start) :]


def with_longer_directory() -> bytes:
    """One whose end says that the directory of members is 4 GiB long."""
    raw = bytearray(archive())
    raw[-10:-6] = b"\xff\xff\xff\xff"
    return bytes(raw)


FORGED = {
    "another format": archive(header(format=FORMAT + 1, parameters={"n_components": 2})),
    "epoch of 10**18": archive(header(epoch=10**18, run_until=10**18, parameters={"n_components": 2})),
    "negative epoch": archive(header(epoch=-1, parameters={"n_components": 2})),
    "epoch in words": archive(header(epoch="five", parameters={"n_components": 2})),
    "years to run": archive(header(run_until=5 + 1_000_001, parameters={"n_components": 2})),
    "revision too large for a frame": archive(header(revision=2**32, parameters={"n_components": 2})),
    "a curve of a million": archive(header(curve=[[1, 1.0]] * 1_000_000, parameters={"n_components": 2})),
    "a curve of a thousand": archive(header(curve=[[1, 1.0]] * 1_000, parameters={"n_components": 2})),
    "a cost that is infinite": archive(header(parameters={"n_components": 2}).replace(b"[]", b"[[1, 1e999]]")),
    "a cost that is not a number": archive(header(curve=[[1, float("nan")]], parameters={"n_components": 2})),
    "a column without end": archive(header(column="x" * 60_000, parameters={"n_components": 2})),
    "nested deeply": archive(b"[" * 60_000),
    "not even text": archive(b"\xff\xfe" * 50),
    "a header of 2 MB": archive(header(more="x" * 2_000_000, parameters={"n_components": 2})),
    "seven dimensions": archive(with_parameters(n_components=7)),
    "perplexity": archive(with_parameters(perplexity=1e9)),
    "speed_limit": archive(with_parameters(speed_limit=1e-9)),
    "random_state": archive(with_parameters(random_state=2**40)),
    "metric": archive(with_parameters(metric="../../x")),
    "n_epochs": archive(with_parameters(n_epochs=10**12)),
    "gains are nan": archive(gains=of_2_by_9(np.nan)),
    "gains are 0": archive(gains=of_2_by_9(0.0)),
    "gains are huge": archive(gains=of_2_by_9(1e30)),
    "positions are infinite": archive(positions=of_2_by_9(np.inf)),
    "positions overflow when squared": archive(positions=of_2_by_9(-1e38)),
    "velocity overflows": archive(velocity=of_2_by_9(1e38)),
    "label below none": archive(labels=a_label(-2)),
    "label beyond 32 bits": archive(labels=a_label(1).astype(np.int64)),
    "embedded but not finite": archive(embedded=embedded(row_4=1, row_3=0).view(bool)),
    "embedded neither true nor false": archive(embedded=embedded(row_3=2).view(bool)),
    "embedded as numbers": archive(embedded=embedded()),
    "embedded of another shape": archive(embedded=EMBEDDED[:10]),
    "embedded of rows and columns": archive(embedded=EMBEDDED[None]),
    "fewer embedded than have positions": archive(embedded=embedded(row_3=0).view(bool)),
    "more embedded than have positions": archive(embedded=FINITE),
    "positions of another type": archive(positions=of_2_by_9(1).astype(np.float64)),
    "positions in columns": archive(positions=np.asfortranarray(of_2_by_9(1))),
    "positions of objects": archive(positions=np.array([[{}] * 9] * 2, dtype=object)),
    "positions of another shape": archive(positions=of_2_by_9(1).T),
    "a member missing": archive(velocity=None),
    "a member more": zipped(more=["labels.npy.npy"]),
    "a member twice": zipped(more=["labels.npy"]),
    "an archive in it": zipped(more=["../../inner.zip"]),
    "compressed": zipped(compression=zipfile.ZIP_DEFLATED),
    "a comment": zipped(comment=b"PK" * 1_000),
    "a directory without end": with_longer_directory(),
    "a huge shape": declaring("positions", "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 9999999)}"),
    "code for a shape": declaring("positions", "{'descr': '<f4', 'fortran_order': False, 'shape': (exit(),)}"),
    "a type of objects": declaring("labels", "{'descr': '|O', 'fortran_order': False, 'shape': (11,), }"),
    "cut off": archive()[:-50],
    "nothing": b"",
    "no archive": b"\0" * 5_000,
}


def test_what_the_forged_are_made_of_is_a_checkpoint(tmp_path: Path) -> None:
    for content in (archive(), zipped(), archive(with_parameters(), gains=of_2_by_9(0.01))):
        (tmp_path / "kept.npz").write_bytes(content)
        assert read_checkpoint(place(tmp_path), "1", FINITE) is not None


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_one_is_passed_over(tmp_path: Path, forged: str) -> None:
    (tmp_path / "kept.npz").write_bytes(FORGED[forged])
    assert read_checkpoint(place(tmp_path), "1", FINITE) is None


def test_whatever_is_found_in_a_mutated_one_can_be_gone_on_from(tmp_path: Path) -> None:
    """Bytes changed and cut off, with checksums that fit again: none stops us, or makes what is not finite."""
    random, features = np.random.default_rng(0), blobs(9)[0]
    affinities, first = compute_affinities(features, 2.0), np.zeros((9, 2))
    whole, found = np.frombuffer(archive(), dtype=np.uint8), 0
    for _ in range(600):
        raw = whole.copy()
        at = random.integers(0, len(raw), random.integers(1, 8))
        raw[at] = random.choice(np.array([0, 1, 0x7F, 0x80, 0xFF, 0x2C, 0x39], dtype=np.uint8), len(at))
        (tmp_path / "kept.npz").write_bytes(
            with_true_checksums(raw.tobytes())[: len(raw) - random.choice([0, 0, 0, 9])]
        )
        kept = read_checkpoint(place(tmp_path), "1", FINITE)
        if kept is None:
            continue
        found += 1
        embedding = Embedding(affinities, first, kept.header.parameters)
        embedding.resume(kept.header.epoch, kept.positions, kept.velocity, kept.gains)
        embedding.set_labels(np.arange(9), kept.labels[EMBEDDED])
        embedding.step(20)
        assert np.isfinite(embedding.positions).all()
        assert np.isfinite(embedding.cost)
        CheckpointHeader(**{name: getattr(kept.header, name) for name in kept.header.__struct_fields__})
    assert 20 < found < 500, "the mutations are too harmful, or do too little, to show anything"


def with_true_checksums(raw: bytes) -> bytes:
    """The file with checksums of what its members are now, so that what they hold is looked at."""
    fixed = bytearray(raw)
    try:
        for member in zipfile.ZipFile(io.BytesIO(raw)).infolist():
            name = member.filename.encode()
            data = raw.find(name, member.header_offset) + len(name)
            data += int.from_bytes(raw[member.header_offset + 28 : member.header_offset + 30], "little")
            checksum = zlib.crc32(raw[data : data + member.file_size]).to_bytes(4, "little")
            fixed[member.header_offset + 14 : member.header_offset + 18] = checksum
            entry = raw.rfind(name) - 46
            fixed[entry + 16 : entry + 20] = checksum
    except (ValueError, zipfile.BadZipFile, NotImplementedError, OverflowError):
        return raw
    return bytes(fixed)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", ["exact", "barnes_hut"])
def test_the_farthest_that_is_taken_stays_finite(method: Method, dimensions: int) -> None:
    random, (features, groups) = np.random.default_rng(0), blobs(60)
    parameters = SessionParameters(n_components=dimensions, method=method, learning_rate=1e6, early_exaggeration=100)
    embedding = Embedding(compute_affinities(features, 5.0), np.zeros((60, dimensions)), parameters)
    far = (random.uniform(-1, 1, (dimensions, 60)) * FARTHEST).astype(np.float32)
    embedding.resume(0, far, far, np.full_like(far, LARGEST_GAIN))
    embedding.set_labels(np.arange(30), groups[:30])
    embedding.step(300)
    assert np.isfinite(embedding.positions).all()
    assert np.isfinite(embedding.cost)


def test_one_that_is_a_fifo_a_link_or_in_a_linked_folder_is_passed_over(tmp_path: Path) -> None:
    real = tmp_path / "real"
    checkpoint().save(place(real))
    (tmp_path / "link.npz").symlink_to(real / "kept.npz")
    (tmp_path / ".tsne").symlink_to(real)
    os.mkfifo(tmp_path / "fifo.npz")
    assert read_header(place(real)) is not None
    for name in ("link.npz", ".tsne/kept.npz", "fifo.npz", "real", "none.npz", "none/kept.npz"):
        assert read_header(place(tmp_path, name)) is None


def test_ten_gigabytes_of_nothing_before_one_are_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "kept.npz", "wb") as file:
        file.truncate(10 << 30)
        file.seek(0, os.SEEK_END)
        file.write(archive())
    began = time.monotonic()
    read_header(place(tmp_path))
    assert time.monotonic() - began < 1.0


def test_keeping_one_writes_nothing_where_a_link_leads(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("precious")
    run = tmp_path / "run"
    run.mkdir()
    (run / "kept.npz").symlink_to(outside / "precious")
    (run / f".kept.npz.{os.getpid()}.tmp").symlink_to(outside / "precious")  # what it was once written through
    checkpoint().save(place(run))
    assert read_header(place(run)) is not None
    (run / ".tsne").symlink_to(outside)
    with pytest.raises(OSError, match="a link, and links are not followed"):
        checkpoint().save(place(run, ".tsne/kept.npz"))
    assert [path.read_text() for path in outside.iterdir()] == ["precious"]


def test_what_a_killed_worker_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    left, fresh, other = (f".{name}.0123456789abcdef.tmp" for name in ("kept.npz", "kept.npz", "notes.npz"))
    fresh = fresh.replace("0", "f")
    for name in (left, fresh, other, ".kept.npz.tmp", "kept.npz"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    os.utime(tmp_path / fresh)
    (tmp_path / left.replace("0", "e")).symlink_to(tmp_path / "kept.npz")
    remove_unfinished(place(tmp_path))
    remove_unfinished(place(tmp_path, "none/kept.npz"))
    assert {path.name for path in tmp_path.iterdir()} == {
        fresh,
        other,
        ".kept.npz.tmp",
        "kept.npz",
        left.replace("0", "e"),
    }


def test_what_is_left_of_a_write_is_known_as_such(tmp_path: Path) -> None:
    with Folder(tmp_path).replacing("kept.npz"):
        (name,) = (path.name for path in tmp_path.iterdir())
    assert is_temporary(name, "kept.npz")
    assert not is_temporary("kept.npz", "kept.npz")
