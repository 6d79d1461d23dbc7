"""Where a t-SNE stood, kept in a file, so that a restart of TensorBoard goes on from there.

The file lies in a log dir, which may come from anybody. One is used only where it is what `Checkpoint.save` writes, to
the byte, with values that a t-SNE can have; every other one is passed over, and no more of it is read than ours has.
"""

from __future__ import annotations

import io
import math
import os
import time
import zipfile
from contextlib import suppress
from typing import Annotated, BinaryIO, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from tb_tsne_plugin.live.cost_curve import MAX_POINTS
from tb_tsne_plugin.live.parameters import SessionParameters
from tb_tsne_plugin.runs.folder import Folder, is_temporary
from tb_tsne_plugin.tsne.parameters import UNLABELED

FORMAT = 2
UNFINISHED_SECONDS = 60.0
ABOUT = "about"
ARRAYS = ("embedded", "positions", "velocity", "gains", "labels")
MAX_HEADER_BYTES = 1 << 16
MAX_DIRECTORY_BYTES = 1 << 10
MAX_WORDS = 512
MAX_NUMBER = 2**31 - 1
"""Epochs and revisions; frames have 32 bits for each."""
MAX_EPOCHS_LEFT = 1_000_000
FARTHEST = 1e7
"""Positions and steps: squares and sums of what is farther out are no longer what they should be in float32."""
SMALLEST_GAIN, LARGEST_GAIN = 1e-30, 1e6

_END = b"PK\x05\x06"
_END_BYTES = 22
_END64 = b"PK\x06\x07"
_END64_BYTES = 20
_Scalar = TypeVar("_Scalar", bound=np.generic)

Words = Annotated[str, Meta(max_length=MAX_WORDS)]
Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]


class CheckpointFile(NamedTuple):
    """The place of a checkpoint. Every step from the folder down is a real folder, and the file a regular one.

    Attributes:
      folder: Where names are relative to.
      name: Of the file; the folders on the way need not be there.
    """

    folder: Folder
    name: str


class CheckpointHeader(msgspec.Struct, frozen=True, kw_only=True, rename={"cost_curve": "curve"}):
    """What a checkpoint says about itself: everything but the arrays."""

    format: int = FORMAT
    version: Words
    """Of the features."""
    column: Words
    """The label column."""
    revision: Number
    """Of its labels."""
    parameters: SessionParameters
    epoch: Number
    run_until: Number
    """The epoch at which it has settled."""
    gentle_until: Number = 0
    """The epoch up to which steps are small, since newcomers joined."""
    paused: bool
    cost_curve: Annotated[tuple[tuple[Number, float], ...], Meta(max_length=MAX_POINTS)]

    def __post_init__(self) -> None:
        """Checks what no type says.

        Raises:
          ValueError: If no t-SNE can stand there.
        """
        if self.run_until - self.epoch > MAX_EPOCHS_LEFT:
            raise ValueError("run_until is too far away")
        if not all(math.isfinite(cost) for _, cost in self.cost_curve):
            raise ValueError("a cost is not finite")


class Checkpoint(NamedTuple):
    """Where a t-SNE stood.

    Attributes:
      header: Everything but the arrays.
      embedded: (N,) which samples are embedded.
      positions: (d, n) of these, as are `velocity` and `gains`.
      velocity: The optimiser's.
      gains: The optimiser's.
      labels: (N,) class ids, -1 where unlabelled.
    """

    header: CheckpointHeader
    embedded: NDArray[np.bool_]
    positions: NDArray[np.float32]
    velocity: NDArray[np.float32]
    gains: NDArray[np.float32]
    labels: NDArray[np.int32]

    def grown_to(self, n_samples: int) -> Checkpoint:
        """The same in a run that has grown: newcomers are not embedded yet, and have no label."""
        n_newcomers = n_samples - len(self.embedded)
        return self._replace(
            embedded=np.pad(self.embedded, (0, n_newcomers)),
            labels=np.pad(self.labels, (0, n_newcomers), constant_values=UNLABELED),
        )

    def save(self, place: CheckpointFile) -> None:
        """Writes the file, whole or not at all.

        Raises:
          OSError: If it cannot be written.
        """
        about = np.frombuffer(msgspec.json.encode(self.header), dtype=np.uint8)
        place.folder.make_folders(place.name.rpartition("/")[0])
        # Not synchronised: it is convenience, and a damaged one is passed over.
        with place.folder.replacing(place.name, durable=False) as file:
            np.savez(file, **{ABOUT: about, **{name: getattr(self, name) for name in ARRAYS}})


class _NotOurs(Exception):
    """It is no checkpoint of ours."""


# Which of these zipfile raises, and for what, is nowhere said.
_UNUSABLE = (_NotOurs, OSError, EOFError, ValueError, RuntimeError, OverflowError, zipfile.BadZipFile)


def remove_unfinished(place: CheckpointFile) -> None:
    """Removes what is left of a worker that was killed while it wrote this checkpoint."""
    below, slash, name = place.name.rpartition("/")
    with suppress(OSError):
        for each in place.folder.names(below):
            if is_temporary(each, name) and _is_old(place.folder, path := below + slash + each):
                place.folder.remove(path)


def _is_old(folder: Folder, name: str) -> bool:
    """Whether nobody writes it any more: another TensorBoard may be working on the same log dir."""
    try:
        with folder.open(name) as file:
            return time.time() - os.fstat(file.fileno()).st_mtime > UNFINISHED_SECONDS
    except OSError:
        return False


def read_header(place: CheckpointFile) -> CheckpointHeader | None:
    """What a checkpoint says about itself, of whatever features; None where there is none that can be used.

    Args:
      place: The file, which need not be there.
    """
    try:
        with place.folder.open(place.name) as file:
            return _header(_archive(file))
    except _UNUSABLE:
        return None


def read_checkpoint(place: CheckpointFile, version: str, is_finite: NDArray[np.bool_]) -> Checkpoint | None:
    """A checkpoint of these features; None where there is none that can be used.

    Args:
      place: The file, which need not be there.
      version: Of the features.
      is_finite: (N,) whose features are finite: no others are embedded.
    """
    try:
        with place.folder.open(place.name) as file:
            archive = _archive(file)
            header = _header(archive)
            if header.version != version:
                raise _NotOurs
            embedded = _array(archive, ARRAYS[0], np.bool_, is_finite.shape)
            if (embedded.view(np.uint8) > is_finite).any():  # no truth either, where a byte is neither 0 nor 1
                raise _NotOurs
            shape = (header.parameters.n_components, int(embedded.sum()))
            positions, velocity, gains = (_array(archive, name, np.float32, shape) for name in ARRAYS[1:4])
            labels = _array(archive, ARRAYS[4], np.int32, is_finite.shape)
    except _UNUSABLE:
        return None
    fits = _within(positions, -FARTHEST, FARTHEST) and _within(velocity, -FARTHEST, FARTHEST)
    fits = fits and _within(gains, SMALLEST_GAIN, LARGEST_GAIN)
    fits = fits and bool((labels >= UNLABELED).all())
    return Checkpoint(header, embedded, positions, velocity, gains, labels) if fits else None


def _archive(file: BinaryIO) -> zipfile.ZipFile:
    """The file as an archive of our members and nothing else, each once and not compressed."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _END64_BYTES - _END_BYTES, 0))
    tail = file.read(_END64_BYTES + _END_BYTES)
    end64, end = tail[:-_END_BYTES], tail[-_END_BYTES:]
    directory_bytes, comment_bytes = int.from_bytes(end[12:16], "little"), int.from_bytes(end[20:22], "little")
    # zipfile reads the whole directory at once, however long it says it is.
    if end[:4] != _END or end64[:4] == _END64 or directory_bytes > MAX_DIRECTORY_BYTES or comment_bytes:
        raise _NotOurs
    archive = zipfile.ZipFile(file)
    members = archive.infolist()
    if sorted(member.filename for member in members) != sorted(f"{name}.npy" for name in (ABOUT, *ARRAYS)):
        raise _NotOurs
    if any(each.compress_type != zipfile.ZIP_STORED or each.compress_size != each.file_size for each in members):
        raise _NotOurs
    return archive


def _header(archive: zipfile.ZipFile) -> CheckpointHeader:
    n_bytes = archive.getinfo(f"{ABOUT}.npy").file_size - len(_npy_header(np.uint8, (0,)))
    if not 0 <= n_bytes <= MAX_HEADER_BYTES:
        raise _NotOurs
    raw = _array(archive, ABOUT, np.uint8, (n_bytes,)).tobytes()
    header = msgspec.json.decode(raw, type=CheckpointHeader)
    if header.format != FORMAT:
        raise _NotOurs
    return header


def _array(archive: zipfile.ZipFile, name: str, kind: type[_Scalar], shape: tuple[int, ...]) -> NDArray[_Scalar]:
    """A member that is an array of one kind and shape: what numpy would write for it, and so nothing to be parsed."""
    head = _npy_header(kind, shape)
    member = archive.getinfo(f"{name}.npy")
    if member.file_size != len(head) + math.prod(shape) * np.dtype(kind).itemsize:
        raise _NotOurs
    raw = archive.read(member)
    if not raw.startswith(head):
        raise _NotOurs
    return np.frombuffer(raw, dtype=kind, offset=len(head)).reshape(shape)


def _npy_header(kind: type[np.generic], shape: tuple[int, ...]) -> bytes:
    raw = io.BytesIO()
    np.lib.format.write_array_header_1_0(raw, {"descr": np.dtype(kind).str, "fortran_order": False, "shape": shape})
    return raw.getvalue()


def _within(values: NDArray[np.float32], low: float, high: float) -> bool:
    """Whether all are in a range; what is not a number is in none."""
    return bool(((values >= low) & (values <= high)).all())
