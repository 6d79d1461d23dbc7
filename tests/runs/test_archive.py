"""images.zip, as any program writes it and as nobody should: looked up in little memory, read in bounds."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tb_tsne_plugin.runs.archive import MAX_DIRECTORY_BYTES, ArchiveError, Index, read_entry, read_index


def zipped(entries: dict[str, bytes], comment: bytes = b"", method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
        archive.comment = comment
    return file.getvalue()


def content_of(raw: bytes, name: str) -> bytes | None:
    file = io.BytesIO(raw)
    return read_entry(file, read_index(file), name)


ENTRIES = {f"{name}.jpg": name.encode() * 3 for name in ("s0", "class/s1", "größe", "日本語", "../secret", "a b")}


@pytest.mark.parametrize("before", [b"", b"#!/bin/sh\n" * 100], ids=["plain", "behind a script"])
@pytest.mark.parametrize("comment", [b"", b"made PK by hand" * 100])
def test_entries_are_found_as_zipfile_finds_them(before: bytes, comment: bytes) -> None:
    raw = before + zipped(ENTRIES, comment)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name, content in ENTRIES.items():
            assert content_of(raw, name) == archive.read(name) == content
    assert content_of(raw, "nobody.jpg") is None


def test_compressed_entries_and_other_characters_are_as_ever() -> None:
    assert content_of(zipped(ENTRIES, method=zipfile.ZIP_DEFLATED), "s0.jpg") is None
    raw = zipped({"größe.jpg": b"x"}).replace("größe".encode(), "gr\u2524\u00dfe".encode("cp437") + b"~~")
    assert content_of(raw.replace(struct.pack("<H", 0x800), struct.pack("<H", 0)), "gr\u2524\u00dfe~~.jpg") == b"x"


def test_of_two_entries_of_one_name_the_last_counts() -> None:
    raw = zipped({"a.jpg": b"one", "b.jpg": b"two"}).replace(b"b.jpg", b"a.jpg")
    assert content_of(raw, "a.jpg") == b"two"


def test_archives_of_more_than_65_535_entries_are_read(tmp_path: Path) -> None:
    entries = {f"s{number}.jpg": b"%d" % number for number in range(70_000)}
    (tmp_path / "images.zip").write_bytes(zipped(entries))
    with (tmp_path / "images.zip").open("rb") as file:
        index = read_index(file)
        for name in ("s0.jpg", "s69999.jpg", "s12345.jpg"):
            assert read_entry(file, index, name) == entries[name]


def test_places_above_four_gigabytes_are_read(tmp_path: Path) -> None:
    """A file with a hole: the entry lies behind it, and eight bytes say where."""
    hole = 5 << 30
    inner = zipped({"a.jpg": b"one"})
    central = inner.index(b"PK\x01\x02")
    end = inner.index(b"PK\x05\x06")
    entry = bytearray(inner[central:end])
    entry[30:32] = struct.pack("<H", 12)
    entry[42:46] = b"\xff" * 4
    entry += struct.pack("<HHQ", 1, 8, hole)
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(entry), hole + central)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, hole + central + len(entry), 1)
    with (tmp_path / "images.zip").open("w+b") as file:
        file.seek(hole)
        file.write(inner[:central] + entry + end64 + locator + inner[end:-10] + b"\xff" * 8 + b"\0\0")
        assert read_entry(file, read_index(file), "a.jpg") == b"one"


@pytest.mark.timeout(60)
def test_a_million_entries_take_twenty_bytes_each() -> None:
    one = zipped({"0000000.jpg": b"x"})
    central = one[one.index(b"PK\x01\x02") : one.index(b"PK\x05\x06")]
    count = 300_000
    directory = b"".join(central.replace(b"0000000", b"%07d" % number) for number in range(count))
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 42, 0)
    file = io.BytesIO(one[:42] + directory + end)
    tracemalloc.start()
    try:
        index = read_index(file)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert index.nbytes == 20 * count
    assert kept < 21 * count
    assert peak < 90 * count


def test_a_list_of_entries_has_a_largest_size(tmp_path: Path) -> None:
    with (tmp_path / "images.zip").open("w+b") as file:
        file.truncate(MAX_DIRECTORY_BYTES + 1)
        file.seek(0, io.SEEK_END)
        file.write(struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0, 0, MAX_DIRECTORY_BYTES + 1, 0, 0))
        with pytest.raises(ArchiveError, match="more than 128 MiB"):
            read_index(file)


def entry(name: bytes, extra: bytes) -> bytes:
    """A line of the list whose place is in its extra data."""
    numbers = (20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), len(extra), 0, 0, 0, 0, 0xFFFFFFFF)
    return struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *numbers) + name + extra


def listed(entries: bytes) -> io.BytesIO:
    """An archive of nothing but a list."""
    return io.BytesIO(entries + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0, 0, len(entries), 0, 0))


PLACE = struct.pack("<HHQ", 1, 8, 1 << 40)


@pytest.mark.parametrize("before", [b"", b"\x99\x99\x02\0ab" * 3, bytes(4 * 3)])
def test_a_place_is_found_among_the_first_blocks(before: bytes) -> None:
    index = read_index(listed(entry(b"a.jpg", before + PLACE) * 2))
    assert index.offsets.tolist() == [1 << 40] * 2


def test_no_entry_has_thousands_of_blocks_looked_through() -> None:
    began = time.process_time()
    with pytest.raises(ArchiveError, match="damaged"):
        read_index(listed(entry(b"a.jpg", bytes(4 * 16_000) + PLACE) * 500))
    assert time.process_time() - began < 0.5


def test_an_entry_that_is_listed_often_is_looked_at_once() -> None:
    file = io.BytesIO(zipped({"a.jpg": b"x"}))
    index = read_index(file)
    many = Index(*np.repeat(index, 100_000, axis=1).astype(np.int64))
    file.getbuffer()[30:35] = b"b.jpg"
    began = time.process_time()
    with pytest.raises(ArchiveError, match="not where the list says"):
        read_entry(file, many, "a.jpg")
    assert time.process_time() - began < 0.01


@pytest.mark.timeout(120)
def test_damaged_archives_are_said_or_read_in_bounds() -> None:
    random = np.random.default_rng(0)
    whole, refused = zipped(ENTRIES, b"comment"), 0
    for _ in range(5_000):
        raw = bytearray(whole[: random.integers(len(whole) // 2, len(whole) + 1)])
        for place in random.integers(0, len(raw), random.integers(1, 6)):
            raw[place] = (0, 0xFF, int(random.integers(256)))[int(random.integers(3))]
        for name in ENTRIES:
            try:
                content = content_of(bytes(raw), name)
            except ArchiveError:
                refused += 1
                break
            assert content is None or len(content) < len(whole)
    assert 1_000 < refused < 5_000
