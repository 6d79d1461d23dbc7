from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters import ExportError
from exporters.images.outcomes import Skipped
from exporters.run.journal import Entry, Journal, Row, TensorState
from tb_tsne_plugin.runs.folder import Folder

# As the first exports with --resume wrote it.
EARLIER = (
    b'{"rows": [["a/1.png", "0123456789abcdef"], ["\\udcff.png", "456789abcdef0123"]], '
    b'"left_out": [["a/2.png", "empty file"]], "pages": 1, '
    b'"shards": ["images0.zip"], "tensors": {"pix": [[2, 3072], []]}}\n'
    b'{"added": ["im"], "tensors": {"im": [[2, 8], [1]]}}\n'
)


def test_a_journal_is_read_as_it_was_written_and_as_earlier_exports_wrote_it(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(EARLIER)
    journal = Journal(Folder(tmp_path))
    assert journal.rows == [Row("a/1.png", "0123456789abcdef"), Row("\udcff.png", "456789abcdef0123")]
    assert journal.skipped == [Skipped("a/2.png", "empty file")]
    assert [entry.tensors for entry in journal.entries] == [
        {"pix": TensorState((2, 3072), [])},
        {"im": TensorState((2, 8), [1])},
    ]
    journal.write(Entry(skipped=[Skipped("\udcfe", "empty file")]))
    assert Journal(Folder(tmp_path)).entries == journal.entries
    assert len(journal.entries) == 3


@pytest.mark.parametrize("cut", range(1, 40, 6))
def test_a_line_that_was_cut_short_was_never_said(tmp_path: Path, cut: int) -> None:
    (tmp_path / "journal.jsonl").write_bytes(EARLIER[:-cut])
    journal = Journal(Folder(tmp_path))
    assert len(journal.entries) == 1
    journal.write(Entry(added=["tf"]))
    assert [entry.added for entry in Journal(Folder(tmp_path)).entries] == [[], ["tf"]]


ROW = '["a.png", "0123456789abcdef"]'


@pytest.mark.parametrize(
    "line",
    [
        "",
        "7",
        "[" * 10**5,
        '{"pages": 1000000000}',
        '{"pages": -1}',
        '{"rows": 7}',
        f'{{"rows": [{ROW}, {ROW}]}}',
        '{"rows": [["a.png", "../../x"]]}',
        '{"shards": ["../../photos/1.jpg"]}',
        '{"shards": ["images1.zip"]}',
        '{"shards": ["images0.zip", "images0.zip"]}',
        f'{{"rows": [{ROW}], "tensors": {{"pix": [[1, {2**60}], []]}}}}',
        f'{{"rows": [{ROW}], "tensors": {{"pix": [[{10**9}, 3], []]}}}}',
        '{"tensors": {"pix": [[0, 1e9], []]}}',
        '{"tensors": {"pix": [[-1, -1], []]}}',
    ],
)
def test_what_no_export_says_is_refused_before_anything_is_done(tmp_path: Path, line: str) -> None:
    (tmp_path / "journal.jsonl").write_text(line + "\n{cut short")
    with pytest.raises(ExportError, match=r"journal.jsonl.*\): start over without --resume"):
        Journal(Folder(tmp_path))
    assert (tmp_path / "journal.jsonl").read_text() == line + "\n{cut short"


def names(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.dictionaries(
        st.sampled_from(["rows", "left_out", "pages", "shards", "tensors", "added"]) | st.text(), inner
    )


@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | names(inner)))
def test_any_json_is_a_journal_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    folder = Folder(tmp_path_factory.mktemp("journal"))
    folder.replace("journal.jsonl", json.dumps(value).encode() + b"\n", durable=False)
    with suppress(ExportError):
        assert sum(entry.pages for entry in Journal(folder).entries) <= 1
