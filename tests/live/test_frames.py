"""Frames through the mapped file: the latest wins, an overwritten one is never taken for another."""

from __future__ import annotations

import struct
from tempfile import TemporaryFile

import numpy as np
import pytest

from tb_tsne_plugin.live.frames import SLOTS, Frame, FrameBuffer


def frame(number: int, d: int = 3, n: int = 5) -> Frame:
    return Frame(number, 10 * number, 7, np.full((d, n), number, dtype=np.float32))


def mapped(n: int) -> FrameBuffer:
    with TemporaryFile() as file:
        return FrameBuffer(file, n)


@pytest.mark.parametrize("d", [2, 3])
def test_a_frame_is_read_as_the_wire_wants_it(d: int) -> None:
    with TemporaryFile() as file:
        writer, reader = FrameBuffer(file, 5), FrameBuffer(file, 5)
    writer.write(frame(1, d))
    encoded = reader.read(1)
    assert encoded is not None
    assert struct.unpack("<IIIHH", encoded[:16]) == (1, 10, 7, d, 0)
    assert np.frombuffer(encoded[16:], dtype="<f4").tolist() == [1.0] * (5 * d)


def test_an_overwritten_frame_is_gone() -> None:
    buffer = mapped(5)
    for number in range(1, SLOTS + 2):
        buffer.write(frame(number))
    assert buffer.read(1) is None
    assert buffer.read(2) is not None
    assert buffer.read(SLOTS + 2) is None


def test_no_samples_make_a_frame_too() -> None:
    buffer = mapped(0)
    buffer.write(frame(1, n=0))
    assert buffer.read(1) == frame(1, n=0).encoded()
