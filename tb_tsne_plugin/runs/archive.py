"""Where each image lies in an archive of a run, in twenty bytes an entry: the list is looked up, never gone through.

`zipfile` makes an object of half a kilobyte for each entry before anybody can say that there are too many. Only entries
that are stored plain, not encrypted and of a bounded size count; overlapping ones do no harm, as each is read alone.
(PKWARE's APPNOTE.TXT, sections 4.3.7 and 4.3.12 to 4.3.16.)
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_DIRECTORY_BYTES = 1 << 27
MAX_IMAGE_BYTES = 1 << 25

_LOCAL = struct.Struct("<4s2xHH16xHH")
_CENTRAL = struct.Struct("<4s4xHH8xIIHHH8xI")
_END = struct.Struct("<4s4xHHIIH")
_LOCATOR = struct.Struct("<4s4xQ4x")
_END64 = struct.Struct("<4s28xQQQ")
_BLOCK = struct.Struct("<HH")
_OFFSET = struct.Struct("<Q")
_ENCRYPTED, _UTF8 = 0x1, 0x800
_PIECE = 1 << 20
_MAX_COMMENT = 1 << 16
_IN_EXTRA = 0xFFFFFFFF
_MAX_BLOCKS = 4
"""Of extra data that are looked through in an entry; there may be sixteen thousand, and programs write a few."""


class ArchiveError(ValueError):
    """It is no archive that can be read. The message says why, without the archive's name."""


class Index(NamedTuple):
    """Entries in the order of the hashes of their names: (N,) each.

    Attributes:
      hashes: int64; who finds one there compares the name in the file (two names of one hash are as good as never).
      offsets: int64, of the local header.
      sizes: int32.
    """

    hashes: NDArray[np.int64]
    offsets: NDArray[np.int64]
    sizes: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.hashes.nbytes + self.offsets.nbytes + self.sizes.nbytes


def read_index(file: BinaryIO) -> Index:
    """Reads an archive's list of entries.

    Raises:
      ArchiveError: If there is none, it is damaged or too large.
    """
    hashes, offsets, sizes = array("q"), array("q"), array("i")
    for name, offset, size in _entries(file):
        hashes.append(hash(name))
        offsets.append(offset)
        sizes.append(size)
    order = np.argsort(np.frombuffer(hashes, np.int64), kind="stable") if hashes else np.empty(0, np.int64)
    return Index(
        np.array(hashes, np.int64)[order], np.array(offsets, np.int64)[order], np.array(sizes, np.int32)[order]
    )


def holds(index: Index, name: str) -> bool:
    """Whether an archive has an entry of a name, as its list tells."""
    return _last(index, name) is not None


def read_entry(file: BinaryIO, index: Index, name: str) -> bytes | None:
    """The content of an entry; None where there is none of that name. Of several the last counts.

    Raises:
      ArchiveError: If the archive is damaged there.
    """
    wanted, last = _encoded(name), _last(index, name)
    if last is None:
        return None
    file.seek(int(index.offsets[last]))
    signature, flags, method, name_length, extra_length = _unpacked(_LOCAL, file)
    found = _utf8(file.read(name_length), flags)
    if signature != b"PK\x03\x04" or method != 0 or flags & _ENCRYPTED or found != wanted:
        raise ArchiveError("an entry is not where the list says")
    file.seek(extra_length, os.SEEK_CUR)
    size = int(index.sizes[last])
    content = file.read(size)
    if len(content) != size:
        raise ArchiveError("an entry is cut off")
    return content


def _last(index: Index, name: str) -> int | None:
    """The place of the last entry of a name in the list; None where there is none."""
    wanted = hash(_encoded(name))
    end = int(np.searchsorted(index.hashes, wanted, "right"))
    return end - 1 if end and index.hashes[end - 1] == wanted else None


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _entries(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and size of each entry that counts."""
    begin, length, shift = _directory(file)
    file.seek(begin)
    rest, left = b"", length
    unpack, fixed = _CENTRAL.unpack_from, _CENTRAL.size
    while left > 0:
        piece = file.read(min(_PIECE, left))
        if not piece:
            raise ArchiveError("its list of entries is cut off")
        left -= len(piece)
        held, place = rest + piece, 0
        while place + fixed <= len(held):
            signature, flags, method, packed, size, of_name, of_extra, of_comment, offset = unpack(held, place)
            if signature != b"PK\x01\x02":
                raise ArchiveError("its list of entries is damaged")
            name_begin = place + fixed
            name_end = name_begin + of_name
            end = name_end + of_extra + of_comment
            if end > len(held):
                break
            if method == 0 and not flags & _ENCRYPTED and size == packed <= MAX_IMAGE_BYTES:
                if offset == _IN_EXTRA:
                    offset = _offset64(held, name_end, name_end + of_extra)
                yield _utf8(held[name_begin:name_end], flags), offset + shift, size
            place = end
        rest = held[place:]
    if rest:
        raise ArchiveError("its list of entries is cut off")


def _directory(file: BinaryIO) -> tuple[int, int, int]:
    """Where the list of entries begins, how long it is, and by how much all places are moved by what stands before."""
    whole = file.seek(0, os.SEEK_END)
    tail_begin = max(0, whole - _END.size - _MAX_COMMENT)
    file.seek(tail_begin)
    tail = file.read(_END.size + _MAX_COMMENT)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise ArchiveError("it has no end record")
    _, _, _, length, begin, _ = _END.unpack_from(tail, at)
    end = tail_begin + at
    if at >= _LOCATOR.size:
        signature, place = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
        if signature == b"PK\x06\x07":
            # What stands before the archive moves this record too, so it is looked for where it must end.
            end -= _LOCATOR.size + 56
            file.seek(max(0, end))
            signature, _, length, begin = _unpacked(_END64, file)
            if signature != b"PK\x06\x06" or place > end:
                raise ArchiveError("its end record is damaged")
    shift = end - length - begin
    if shift < 0 or length > whole:
        raise ArchiveError("its end record is damaged")
    if length > MAX_DIRECTORY_BYTES:
        raise ArchiveError(f"its list of entries has more than {MAX_DIRECTORY_BYTES >> 20} MiB")
    return begin + shift, length, shift


def _offset64(held: bytes, begin: int, end: int) -> int:
    """An entry's place where it takes eight bytes: the first of its extra block, as sizes that count take four."""
    for _ in range(_MAX_BLOCKS):
        if begin + 4 > end:
            break
        kind, length = _BLOCK.unpack_from(held, begin)
        if kind == 1 and length >= 8 and begin + 12 <= end:
            (offset,) = _OFFSET.unpack_from(held, begin + 4)
            return min(int(offset), (1 << 62) - 1)
        begin += 4 + length
    raise ArchiveError("its list of entries is damaged")


def _utf8(name: bytes, flags: int) -> bytes:
    """A name in UTF-8; older archives have it in the first PC's characters."""
    return name if flags & _UTF8 or name.isascii() else name.decode("cp437").encode("utf-8")


def _unpacked(form: struct.Struct, file: BinaryIO) -> tuple[Any, ...]:
    raw = file.read(form.size)
    if len(raw) < form.size:
        raise ArchiveError("it is cut off")
    return form.unpack(raw)
