"""Metadata files as people have them: encodings, line ends, odd tables, ids."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.metadata import Metadata, read_metadata

PLAIN = "sample_id\tfile\tlabel\na\t1.png\tcat\nb\t2.png\tunlabeled\n"


def read(tmp_path: Path, raw: bytes | str, n: int = 2) -> Metadata:
    (tmp_path / "metadata.tsv").write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return read_metadata(tmp_path, "metadata.tsv", n)


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN.encode(),
        PLAIN.rstrip("\n").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        codecs.BOM_UTF8 + PLAIN.encode(),
        PLAIN.encode("utf-16"),
    ],
    ids=["plain", "no last newline", "CRLF", "BOM", "UTF-16"],
)
def test_tables_are_read_however_they_were_saved(tmp_path: Path, raw: bytes) -> None:
    found = read(tmp_path, raw)
    assert found.sample_ids == ["a", "b"]
    assert found.columns["file"] == ["1.png", "2.png"]
    assert found.labels_in() == {"a": "cat"}
    assert found.notes == []


def test_only_line_feeds_end_a_line(tmp_path: Path) -> None:
    found = read(tmp_path, "sample_id\tnote\na\tone\x0b\u2028two\nb\tthree\n")
    assert found.columns["note"] == ["one\x0b\u2028two", "three"]


def test_one_column_has_no_header(tmp_path: Path) -> None:
    found = read(tmp_path, "cat\ndog\n")
    assert found.columns == {"label": ["cat", "dog"]}
    assert found.sample_ids == ["row-0", "row-1"]
    assert "keep the order of the rows" in found.notes[0]


def test_without_sample_ids_another_naming_column_serves(tmp_path: Path) -> None:
    found = read(tmp_path, "file\tlabel\n1.png\tcat\n2.png\tdog\n")
    assert found.sample_ids == ["1.png", "2.png"]
    assert found.notes == ["No sample_id column: samples are named by file."]


def test_a_naming_column_with_repeats_does_not_serve(tmp_path: Path) -> None:
    found = read(tmp_path, "file\tlabel\n1.png\tcat\n1.png\tdog\n")
    assert found.sample_ids == ["row-0", "row-1"]


@pytest.mark.parametrize(
    ("raw", "n", "sentence"),
    [
        (PLAIN, 3, "metadata.tsv has 2 rows, but there are 3 samples."),
        ("a\tb\n1\t2\n3\n", 2, "metadata.tsv, line 3: 1 values, but there are 2 columns."),
        ("a\ta\n1\t2\n3\t4\n", 2, "metadata.tsv has the column 'a' more than once."),
        ("sample_id\tb\n1\t2\n1\t4\n", 2, "metadata.tsv: the sample_id '1' occurs more than once or is empty."),
        (b"\xff\xd8\xff\xe0", 2, "metadata.tsv is not UTF-8 text."),
    ],
)
def test_broken_tables_are_refused_with_the_place(tmp_path: Path, raw: bytes | str, n: int, sentence: str) -> None:
    with pytest.raises(RunError) as caught:
        read(tmp_path, raw, n)
    assert str(caught.value) == sentence


def test_no_metadata_at_all_is_no_error(tmp_path: Path) -> None:
    found = read_metadata(tmp_path, "", 2)
    assert found.sample_ids == ["row-0", "row-1"]
    assert found.columns == {}
