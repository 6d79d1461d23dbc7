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
        ("a\tb\n1\t2\n3\t4\t5\n", 2, "metadata.tsv, line 3: 3 values, but there are 2 columns."),
        ("a\ta\n1\t2\n3\t4\n", 2, "metadata.tsv has the column 'a' more than once."),
        ("sample_id\tb\n1\t2\n1\t4\n", 2, "metadata.tsv: the sample_id '1' occurs more than once or is empty."),
        (b"\xff\xd8\xff\xe0", 2, "metadata.tsv is not UTF-8 text."),
    ],
)
def test_broken_tables_are_refused_with_the_place(tmp_path: Path, raw: bytes | str, n: int, sentence: str) -> None:
    with pytest.raises(RunError) as caught:
        read(tmp_path, raw, n)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("file,label\n1.png,cat\n2.png,\n", "and was understood"),
        ('file;label\n"1.png";cat\n2.png;\n', "and was understood"),
        ("file\tlabel\n\n1.png\tcat\n\n2.png\t\n", "and was understood"),
        ("file\tlabel\n1.png\tcat\n2.png\n", "1 row with fewer values than columns, the first in line 3"),
        ("file\tlabel\tnote\n1.png\tcat\tmüde\n2.png\t\t\n".encode("cp1252"), "read as Windows-1252"),
    ],
)
def test_tables_that_the_stock_projector_could_not_read_are_understood(
    tmp_path: Path, raw: bytes | str, said: str
) -> None:
    found = read(tmp_path, raw)
    assert found.sample_ids == ["1.png", "2.png"]
    assert found.labels_in() == {"1.png": "cat"}
    assert said in " ".join(found.notes)


def test_one_column_may_have_a_header_after_all(tmp_path: Path) -> None:
    found = read(tmp_path, "label\ncat\ndog\n")
    assert found.columns == {"label": ["cat", "dog"]}


@pytest.mark.timeout(5)
def test_a_file_of_a_million_rows_is_not_looked_at_twice(tmp_path: Path) -> None:
    for _ in range(20):
        with pytest.raises(RunError, match="has 1,000,000 rows, but there are 2 samples"):
            read(tmp_path, b"a,b\n" * 1_000_000)


def test_no_metadata_at_all_is_no_error(tmp_path: Path) -> None:
    found = read_metadata(tmp_path, "", 2)
    assert found.sample_ids == ["row-0", "row-1"]
    assert found.columns == {}


def test_blank_lines_at_the_end_of_one_column_are_samples_without_a_label(tmp_path: Path) -> None:
    found = read(tmp_path, "cat\ndog\n\n\n\n", n=4)
    assert found.columns == {"label": ["cat", "dog", "", ""]}
    assert found.labels_in() == {"row-0": "cat", "row-1": "dog"}


@pytest.mark.timeout(10)
def test_the_first_repeated_id_is_found_in_one_pass(tmp_path: Path) -> None:
    rows = [f"s{row}\tx" for row in range(60_000)]
    rows[-1] = rows[-2] = "twice\tx"
    with pytest.raises(RunError, match="the sample_id 'twice' occurs more than once"):
        read(tmp_path, "\n".join(["sample_id\tlabel", *rows]), n=60_000)


@pytest.mark.parametrize(
    ("labels", "holds"),
    [
        ([f"word-{row}" for row in range(200)], "200 different values in 200 rows"),
        ([f"word-{row % 200}" for row in range(600)], None),
        ([f"word-{row % 201}" for row in range(6_000)], "201 different values in 6,000 rows"),
        ([f"{row % 100 / 7:.3f}" for row in range(1_000)], "100 different numbers"),
        ([f"{row % 100 * 5}" for row in range(1_000)], "100 different numbers"),
        ([f"{1950 + row % 70}" for row in range(1_000)], "70 different numbers"),
        ([f"{row % 100}" for row in range(1_000)], None),
        ([f"{row % 100}.0" for row in range(1_000)], None),
        ([f"{row % 100}.0" if row % 7 else "nan" for row in range(1_000)], None),
        ([str(row % 90 + 1) for row in range(1_000) if row % 9], None),
        ([f"2024-{row % 10 + 1:02}-{row % 28 + 1:02}" for row in range(1_000)], "140 different days"),
        ([f"{row % 28 + 1}.{row % 9 + 1}.2024" for row in range(1_000)], "252 different days"),
        ([f"{row % 60 / 7:.3f}" for row in range(1_000)], None),
        (["ant", "bee", "cat"], None),
        ([f"one-of-{row}" for row in range(64)], None),
        ([f"mine-{row}" if row < 70 else "unlabeled" for row in range(1_000)], None),
    ],
)
def test_words_and_measurements_are_no_classes(tmp_path: Path, labels: list[str], holds: str | None) -> None:
    """Neither a vocabulary nor a regression's target is a class a row; what they say stays, and a note tells."""
    table = "\n".join(["sample_id\tlabel", *(f"s{row}\t{label}" for row, label in enumerate(labels))])
    found = read(tmp_path, table, n=len(labels))
    if holds is None:
        assert found.columns["label"] == labels
        assert len(found.labels_in()) == sum(label not in ("unlabeled", "nan") for label in labels)
        assert [note for note in found.notes if "whole numbers" not in note and "nan" not in note] == []
        return
    assert found.columns["given_label"] == labels
    assert found.labels_in() == found.labels_in("given_label") == {}
    assert f"The column 'label' holds {holds}, not classes" in found.notes[0]


@pytest.mark.parametrize("made_by", ["tb-tsne", "somebody"])
def test_labels_that_were_exported_are_classes_however_many(tmp_path: Path, made_by: str) -> None:
    (tmp_path / "export_report.json").write_text(f'{{"made_by": "{made_by}"}}')
    found = read(tmp_path, "\n".join(f"kind {row % 500}" for row in range(2_000)), n=2_000)
    assert len(found.labels_in()) == (2_000 if made_by == "tb-tsne" else 0)


def test_a_vocabulary_names_points(tmp_path: Path) -> None:
    words = [f"word-{row}" for row in range(100)]
    found = read(tmp_path, "\n".join(words), n=100)
    assert found.columns == {"given_label": words}
    assert found.labels_in() == {}
    assert len(found.notes) == 2
