from __future__ import annotations

from pathlib import Path

import pytest

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
