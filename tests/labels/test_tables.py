"""Labels as tables: the download, the run's own metadata file, tables to import."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_tsne_plugin.labels import ClassInfo, InvalidEdit, LabelsNotStored, Mark, Snapshot
from tb_tsne_plugin.labels.rules import import_change, initial_snapshot
from tb_tsne_plugin.labels.state_columns import states_given
from tb_tsne_plugin.labels.tables import labeled_table, read_table, save_labels
from tb_tsne_plugin.runs import Run, RunError, find_run
from tb_tsne_plugin.runs.metadata import Metadata
from tests.builders import make_run


def labels(names: dict[str, str]) -> dict[str, Snapshot]:
    """Labels of the first column."""
    return {"label": initial_snapshot(names)}


def test_table_keeps_every_column_and_fills_every_cell() -> None:
    metadata = Metadata({"sample_id": ["a", "b"], "label": ["old", "old"], "note": ["x", "y"]}, ["a", "b"], [])
    assert labeled_table(metadata, labels({"b": "cat"})) == (
        "sample_id\tlabel\tnote\tstate\na\tunlabeled\tx\tunlabeled\nb\tcat\ty\tlabeled\n"
    )


def test_table_of_a_headerless_file_gets_a_second_column() -> None:
    metadata = Metadata({"label": ["cat", "dog"]}, ["row-0", "row-1"], [])
    table = labeled_table(metadata, labels({"row-0": "cat"}))
    assert table == "sample_id\tlabel\tstate\nrow-0\tcat\tlabeled\nrow-1\tunlabeled\tunlabeled\n"


def test_saving_replaces_the_file_and_keeps_the_original_once(tmp_path: Path) -> None:
    make_run(tmp_path)
    original = (tmp_path / "metadata.tsv").read_bytes()
    for label in ("ant", "bee"):
        run = find_run(tmp_path, ".")
        assert save_labels(run, run.tensor("im"), labels({"s0001": label})) == "metadata.tsv"
        assert find_run(tmp_path, ".").tensor("im").metadata.labels_in() == {"s0001": label}
    assert (tmp_path / "metadata.tsv.original").read_bytes() == original


def test_saving_without_a_metadata_file_says_what_else_to_do(tmp_path: Path) -> None:
    run = renamed_metadata(tmp_path, "")
    with pytest.raises(InvalidEdit, match="download the TSV instead"):
        save_labels(run, run.tensor("im"), {})


def renamed_metadata(folder: Path, name: str) -> Run:
    """A run whose config names another file as its metadata."""
    make_run(folder)
    config = (folder / "projector_config.pbtxt").read_text()
    (folder / "projector_config.pbtxt").write_text(config.replace('"metadata.tsv"', f'"{name}"'))
    return find_run(folder, ".")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "labels.sqlite",
            "labels.sqlite-journal",
            "tiles/0000.jpg",
            "images.zip",
            "pictures.zip",
            "export_report.json",
            ".tsne/x.npz",
        ),
        *("im.bytes", "./im.bytes", "sprite.png", "events.out.tfevents.1", "tiles.json", ".hidden", "deep/.hidden"),
    ],
)
def test_saving_writes_over_nothing_but_the_metadata(tmp_path: Path, name: str) -> None:
    """A config may name any file of the run as its metadata, and that file may look like metadata."""
    run = renamed_metadata(tmp_path, name)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    shutil.copy(tmp_path / "metadata.tsv", tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(RunError, match="the name of another file of the run"):
        run.save_metadata(run.tensor("im"), b"new")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def link(place: Path, outside: Path) -> None:
    place.symlink_to(outside / "secret")


def dangling_link(place: Path, outside: Path) -> None:
    place.symlink_to(outside / "made")


def folder_instead(place: Path, _outside: Path) -> None:
    place.mkdir()


def fifo(place: Path, _outside: Path) -> None:
    os.mkfifo(place)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("plant", [link, dangling_link, folder_instead, fifo])
def test_the_copy_of_the_original_follows_no_link_and_waits_for_nobody(
    tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    make_run(tmp_path / "run")
    plant(tmp_path / "run" / "metadata.tsv.original", outside)
    before = (tmp_path / "run" / "metadata.tsv").read_bytes()
    run = find_run(tmp_path, "run")
    with pytest.raises(
        InvalidEdit, match=r"metadata\.tsv\.original is .*, so nothing is written there; move it away\."
    ):
        save_labels(run, run.tensor("im"), labels({"s0001": "ant"}))
    assert (tmp_path / "run" / "metadata.tsv").read_bytes() == before
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == "secret"


def test_a_metadata_file_that_is_a_link_is_read_but_not_written(tmp_path: Path) -> None:
    make_run(tmp_path)
    (tmp_path / "metadata.tsv").rename(tmp_path / "other.tsv")
    (tmp_path / "metadata.tsv").symlink_to("other.tsv")
    run = find_run(tmp_path, ".")
    with pytest.raises(InvalidEdit, match=r"metadata\.tsv is a link, so nothing is written there"):
        save_labels(run, run.tensor("im"), labels({"s0001": "ant"}))


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(tmp_path)
    before, run = (tmp_path / "metadata.tsv").read_bytes(), find_run(tmp_path, ".")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LabelsNotStored, match="No space left on device"):
        save_labels(run, run.tensor("im"), labels({"s0001": "ant"}))
    assert (tmp_path / "metadata.tsv").read_bytes() == before


STARTS = ["=1+1", "+1", "-1", "@SUM(1)", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201"]
STARTS += ["\ufe661", "\ufe621", "\ufe631", "\ufe6b1"]
UNSEEN = "\u00ad\u061c\u180e\u200b\u200e\u202e\u2060\u2066\ufeff"
BEFORE = ["", " ", "\u00a0", '"', '""', '"x"', "\t", "\r", "x\r", "x\r\n", "\x0b", "\x00", "x\x85", "x\u2028"]
BEFORE += [*UNSEEN, " \u200b ", "x,\ufeff", '\u200b"', "x; \u200b"]
BEFORE += ["x,", "x;", "x, ", "x|", 'x,"', 'x";', '\r"', " \r "]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", BEFORE)
def test_a_spreadsheet_finds_no_formula_whatever_it_takes_for_the_end_of_a_cell(before: str, start: str) -> None:
    cell = before + start
    metadata = Metadata({"file": ["a", "b"], cell: [cell, "x"]}, ["a", "b"], [])
    table = labeled_table(metadata, labels({"a": cell, "b": "ant"}), spreadsheet=True)
    assert table.count("\n") == 3
    formulas = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b")
    for ends_of_cells in ("\t", ",", ";", "|"):
        for row in csv.reader(io.StringIO(table, newline=""), delimiter=ends_of_cells):
            for found in row:
                for line in found.replace("\t", "\n").splitlines():
                    seen = "".join(character for character in line if character not in UNSEEN)
                    assert not seen.strip().startswith(formulas), (ends_of_cells, found)


@pytest.mark.parametrize(
    "cell", ["ant", "a-b", "1 + 1 = 2", "x@y.org", "don't", 'say "x"', "a, b", "a;b", "猿", "a\u200b-b", "\u200bant"]
)
def test_a_spreadsheet_gets_plain_text_as_it_is(cell: str) -> None:
    table = labeled_table(Metadata({"file": ["a"]}, ["a"], []), labels({"a": cell}), spreadsheet=True)
    assert table.splitlines()[1] == f"a\ta\t{cell}\tlabeled"


def snapshot(**marks: tuple[int | None, str]) -> Snapshot:
    """Labels of one column, with the class cat."""
    given = {sample_id: Mark(*mark) for sample_id, mark in marks.items()}  # type: ignore[arg-type]
    return Snapshot(3, given, [ClassInfo(1, "cat", "#000000", 0)], False, False)


GIVEN = snapshot(a=(1, "verified"), b=(1, "ignored"), c=(None, "unsure"), d=(1, "labeled"))
NAMED = Metadata({"sample_id": [*"abcde"], "file": [*"ABCDE"]}, [*"abcde"], [])


@pytest.mark.parametrize("spreadsheet", [False, True])
def test_a_table_tells_states_and_is_read_back(spreadsheet: bool) -> None:
    text = labeled_table(NAMED, {"label": GIVEN, "eyes": snapshot(e=(1, "seen"))}, spreadsheet=spreadsheet)
    header, *rows = [line.split("\t") for line in text.splitlines()]
    assert header == ["sample_id", "file", "label", "state", "eyes", "eyes_state"]
    assert [row[2:4] for row in rows] == [
        *(["cat", "verified"], ["unlabeled", "ignored"], ["unlabeled", "unsure"]),
        *(["cat", "labeled"], ["unlabeled", "unlabeled"]),
    ]
    read = read_table(text.encode(), NAMED)
    assert read.states == {"a": "verified", "b": "ignored", "c": "unsure", "d": "labeled", "e": "unlabeled"}
    assert read.notes == []
    assert read_table(text.encode(), NAMED, "eyes").states == {**dict.fromkeys("abcd", "unlabeled"), "e": "seen"}


def test_a_run_s_own_column_of_that_name_is_neither_lost_nor_misread() -> None:
    states = ["Ohio", "Texas", "seen", "Iowa", "ignored"]
    metadata = Metadata({**NAMED.columns, "state": states}, NAMED.sample_ids, [])
    text = labeled_table(metadata, {"label": GIVEN})
    header, *rows = [line.split("\t") for line in text.splitlines()]
    assert header == ["sample_id", "file", "state", "label", "state~2"]
    assert [row[2] for row in rows] == states
    assert [row[4] for row in rows] == ["verified", "ignored", "unsure", "labeled", "unlabeled"]
    assert read_table(text.encode(), metadata).states["b"] == "ignored"
    alone = labeled_table(metadata, {}).replace("\tstate\n", "\tstate\tlabel\n").replace("\tOhio", "\tOhio\tcat")
    assert read_table(f"{alone}".encode(), metadata).states == {}
    assert states_given(metadata, "label") == {}
    saved = Metadata({**metadata.columns, "label": ["cat"] * 5, "state~2": ["verified"] * 5}, metadata.sample_ids, [])
    assert states_given(saved, "label") == dict.fromkeys("abcde", "verified")
    assert labeled_table(saved, {"label": GIVEN}).splitlines()[0] == "sample_id\tfile\tstate\tlabel\tstate~2"


def test_a_label_column_of_that_name_is_one_of_labels() -> None:
    text = labeled_table(NAMED, {"label": GIVEN, "state": snapshot(e=(1, "seen"))})
    assert text.splitlines()[0] == "sample_id\tfile\tlabel\tstate~2\tstate\tstate_state"
    assert text.splitlines()[1] == "a\tA\tcat\tverified\tunlabeled\tunlabeled"
    # It is read as it was written, by the run that has such a column and by one that has none yet.
    states = {"a": "verified", "b": "ignored", "c": "unsure", "d": "labeled", "e": "unlabeled"}
    for label_columns in ([], ["label", "state"]):
        read = read_table(text.encode(), NAMED, label_columns=label_columns)
        assert (read.states, read.notes) == (states, [])
    assert read_table(text.encode(), NAMED, "state").states["e"] == "seen"
    older = "sample_id\tlabel\tstate\na\tcat\tunlabeled\nb\tunlabeled\tsick\n"
    assert read_table(older.encode(), NAMED, label_columns=["label", "state"]).states == {}
    # So is the file that it was saved into, by a store made anew.
    lines = [line.split("\t") for line in text.splitlines()]
    saved = Metadata(dict(zip(lines[0], map(list, zip(*lines[1:], strict=True)), strict=True)), NAMED.sample_ids, [])
    assert states_given(saved, "label") == {"a": "verified", "b": "ignored", "c": "unsure"}
    assert states_given(saved, "state") == {"e": "seen"}


def test_a_table_is_read_by_a_run_without_the_column_that_ours_stands_beside() -> None:
    metadata = Metadata({**NAMED.columns, "state": ["Ohio", "Texas", "Ohio", "Iowa", "Utah"]}, NAMED.sample_ids, [])
    text = labeled_table(metadata, {"label": GIVEN})
    read = read_table(text.encode(), NAMED)
    assert (read.states["b"], read.notes) == ("ignored", [])
    # Nor is the run's own taken for ours where it is written in capitals.
    own = Metadata({**NAMED.columns, "State": ["Ohio", "Texas", "Seen", "Iowa", "Utah"]}, NAMED.sample_ids, [])
    named = "sample_id\tState\tlabel\na\tOhio\tcat\nc\tSeen\tcat\n"
    read = read_table(named.encode(), own)
    assert (read.states, read.notes) == ({}, [])


def test_a_sample_that_is_named_twice_has_one_state() -> None:
    text = "sample_id\tlabel\tstate\na\tcat\tseen\na\tcat\t{}\n"
    assert read_table(text.format("").encode(), NAMED).states == {"a": "seen"}
    with pytest.raises(InvalidEdit, match=r"'a' more than once, with different states \(line 3\)"):
        read_table(text.format("ignored").encode(), NAMED)


def test_words_that_are_no_states_are_passed_over_with_a_note() -> None:
    text = "sample_id\tlabel\tstate\na\tcat\tseen \nb\t\tSeen\nc\tcat\tdone\nd\tcat\t\ne\t\tlater\n"
    read = read_table(text.encode(), NAMED)
    assert read.states == {"a": "seen", "b": "seen"}
    assert read.names == {"a": "cat", "b": None, "c": "cat", "d": "cat", "e": None}
    (note,) = read.notes
    assert note == "2 cells of the column 'state' say no state, the first 'done': passed over."


def test_a_label_that_does_not_count_is_said() -> None:
    text = "sample_id\tlabel\tstate\na\tcat\tunsure\nb\tcat\tunlabeled\nc\t\tignored\n"
    read = read_table(text.encode(), NAMED)
    assert read.notes == [
        "1 row with a label is set aside by its state, so that the label does not count, the first 'a': empty the cell "
        "of the state where it shall."
    ]
    change = import_change(read.names, read.states)
    assert change.after == {"a": (1, "unsure"), "b": (1, "labeled"), "c": (None, "ignored")}
