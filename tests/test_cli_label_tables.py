"""`tb-tsne labels export`, `import`, `save` and `history`: what they write, change and say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.labels import LabelStore, NewClass, Operation
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.labels.rules import MOST_NEW_CLASSES
from tests.builders import make_run, sample_id


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["labels", *(str(argument) for argument in arguments)])


def succeeded(*arguments: object) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def column(table: str, name: str = "label") -> list[str]:
    header, *rows = [line.split("\t") for line in table.splitlines()]
    return [row[header.index(name)] for row in rows]


@pytest.fixture
def labeled(tmp_path: Path) -> Path:
    """Four samples: one came with a label, one got another in the page."""
    folder = make_run(
        tmp_path / "run", [[0, 1], [1, 0], [2, 2], [3, 1]], ["ant", "unlabeled", "unlabeled", "unlabeled"]
    )
    store = LabelStore(folder / STORE_NAME)
    store.create({sample_id(0): "ant"})
    store.apply(Operation("operation-1", 1, "me"), NewClass("=bee"), [sample_id(1)])
    return folder


def test_export_writes_the_current_labels(labeled: Path, tmp_path: Path) -> None:
    assert column(succeeded("export", labeled)) == ["ant", "=bee", "unlabeled", "unlabeled"]
    out = tmp_path / "out.tsv"
    assert succeeded("export", labeled, "--out", out, "--spreadsheet") == f"4 samples are in {out}.\n"
    assert column(out.read_text()) == ["ant", "'=bee", "unlabeled", "unlabeled"]


def test_export_tells_who_gave_the_labels_and_import_passes_over_it(labeled: Path, tmp_path: Path) -> None:
    store = LabelStore(labeled / STORE_NAME)
    store.apply(Operation("operation-2", 2, "=1+1"), 1, [sample_id(2)])
    out = tmp_path / "out.tsv"
    succeeded("export", labeled, "--out", out, "--authors", "--spreadsheet")
    table = out.read_text()
    assert column(table, "label_author") == ["'-", "me", "'=1+1", "'-"]
    assert [len(cell) for cell in column(table, "label_time")] == [2, 20, 20, 2]
    assert succeeded("import", labeled, out, "--dry-run").startswith("0 of 4 rows")


def test_columns_of_who_gave_labels_take_no_column_of_the_run(labeled: Path) -> None:
    metadata = labeled / "metadata.tsv"
    header, *rows = metadata.read_text().splitlines()
    lines = [f"{header}\tlabel_author", *(f"{row}\tmine" for row in rows)]
    metadata.write_text("".join(f"{line}\n" for line in lines))
    store = LabelStore(labeled / STORE_NAME, column="label_time")
    store.create({})
    table = succeeded("export", labeled, "--authors")
    assert column(table, "label_author") == ["mine"] * 4
    assert column(table, "label_author~2") == ["-", "me", "-", "-"]
    assert column(table, "label_time") == ["unlabeled"] * 4
    assert column(table, "label_time~2")[0] == "-"


def test_a_table_is_utf_8_whatever_the_terminal_speaks(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "new", [[0.0], [1.0]], ["猿", "fourmi à feu"])
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", "labels", "export", str(folder)]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "latin-1"}, check=True)
    assert column(done.stdout.decode("utf-8")) == ["猿", "fourmi à feu"]


def test_a_run_that_was_never_opened_has_the_labels_it_came_with(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "new", [[0.0], [1.0]], ["ant", "unlabeled"])
    assert column(succeeded("export", folder)) == ["ant", "unlabeled"]
    assert not (folder / STORE_NAME).exists()
    (tmp_path / "edited.tsv").write_text("dog\ndog\n")
    told = succeeded("import", folder, tmp_path / "edited.tsv")
    assert told.startswith("1 of 2 rows change a label, and 1 new class is made.")
    assert column(succeeded("export", folder)) == ["ant", "dog"]


def test_states_are_exported_and_imported(labeled: Path, tmp_path: Path) -> None:
    table = tmp_path / "edited.tsv"
    rows = [(0, "ant", "verified"), (1, "", "ignored"), (2, "", "unsure"), (3, "dog", "soon")]
    table.write_text("".join(f"{sample_id(row)}\t{label}\t{state}\n" for row, label, state in rows))
    table.write_text("sample_id\tlabel\tstate\n" + table.read_text())
    done = run("import", labeled, table, "--overwrite", "--dry-run")
    assert done.stdout == (
        "4 of 4 rows change a label, 2 of them to be set aside, and 1 new class is made. Nothing was changed.\n"
    )
    assert done.stderr == "note: 1 cell of the column 'state' says no state, the first 'soon': passed over.\n"
    assert column(succeeded("export", labeled), "state") == ["labeled", "labeled", "unlabeled", "unlabeled"]
    assert succeeded("import", labeled, table).startswith("2 of 4 rows change a label, 1 of them to be set aside")
    assert column(succeeded("export", labeled), "state") == ["labeled", "labeled", "unsure", "labeled"]
    succeeded("import", labeled, table, "--overwrite")
    exported = succeeded("export", labeled)
    assert column(exported, "state") == ["verified", "ignored", "unsure", "labeled"]
    assert column(exported) == ["ant", "unlabeled", "unlabeled", "dog"]
    succeeded("save", labeled)
    (labeled / STORE_NAME).unlink()  # what was saved is what a new store begins with
    assert column(succeeded("export", labeled), "state") == ["verified", "ignored", "unsure", "labeled"]
    again = LabelStore(labeled / STORE_NAME)
    (tmp_path / "one.tsv").write_text(f"sample_id\tlabel\n{sample_id(3)}\tant\n")
    succeeded("import", labeled, tmp_path / "one.tsv", "--overwrite")
    assert [mark.state for _, mark in sorted(again.snapshot().marks.items())] == [
        *("verified", "ignored", "unsure", "labeled")
    ]


def test_every_label_column_is_exported_and_saved(labeled: Path) -> None:
    LabelStore(labeled / STORE_NAME, "", "second").create({sample_id(3): "cat"})
    assert column(succeeded("export", labeled), "second") == ["unlabeled"] * 3 + ["cat"]
    before = (labeled / "metadata.tsv").read_bytes()
    assert succeeded("save", labeled) == f"The labels are in {labeled / 'metadata.tsv'}.\n"
    assert column((labeled / "metadata.tsv").read_text()) == ["ant", "=bee", "unlabeled", "unlabeled"]
    assert column((labeled / "metadata.tsv").read_text(), "second")[3] == "cat"
    assert (labeled / "metadata.tsv.original").read_bytes() == before


def test_import_is_one_edit_that_can_be_looked_at_first(labeled: Path, tmp_path: Path) -> None:
    table = tmp_path / "edited.tsv"
    rows = [(sample_id(0), "dog"), (sample_id(1), "unlabeled"), (sample_id(2), "dog"), ("gone", "dog")]
    table.write_text("sample_id\tlabel\n" + "".join(f"{key}\t{name}\n" for key, name in rows))
    store = LabelStore(labeled / STORE_NAME)
    unknown = "1 are about samples that the run does not have, the first 'gone'"
    changes = f"1 of 4 rows change a label, and 1 new class is made; {unknown}."
    assert succeeded("import", labeled, table, "--dry-run") == f"{changes} Nothing was changed.\n"
    assert store.revision() == 2
    assert succeeded("import", labeled, table) == f"{changes} The history in the page takes it back.\n"
    assert store.snapshot().names() == {sample_id(0): "ant", sample_id(1): "=bee", sample_id(2): "dog"}
    assert succeeded("import", labeled, table, "--overwrite", "--clear").startswith("2 of 4 rows")
    assert store.snapshot().names() == {sample_id(0): "dog", sample_id(2): "dog"}
    assert "Nothing was changed" in succeeded("import", labeled, table, "--overwrite", "--clear")
    assert store.revision() == 4
    store.undo(Operation("operation-2", 4, "me"), 4)
    assert store.snapshot().names()[sample_id(1)] == "=bee"


def test_import_makes_very_many_classes_only_where_they_are_meant(tmp_path: Path) -> None:
    count = MOST_NEW_CLASSES + 1
    folder = make_run(tmp_path / "run", [[float(row)] for row in range(count)])
    table = tmp_path / "words.tsv"
    table.write_text("sample_id\tlabel\n" + "".join(f"{sample_id(row)}\tword {row}\n" for row in range(count)))
    told = f"{count} of {count} rows change a label, and {count} new classes are made."
    assert succeeded("import", folder, table, "--dry-run") == f"{told} Nothing was changed.\n"
    done = run("import", folder, table)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert f"{count} new classes, such as 'word 0'" in done.stderr
    assert "--many-classes" in done.stderr
    assert not (folder / STORE_NAME).exists()
    assert succeeded("import", folder, table, "--many-classes").startswith(told)
    assert len(LabelStore(folder / STORE_NAME).snapshot().classes) == count


def test_history_lists_edits_newest_first_and_what_was_undone(labeled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_tsne_plugin.labels.store.MAX_HISTORY", 2)
    LabelStore(labeled / STORE_NAME).undo(Operation("operation-2", 2, "you"), 2)
    table = succeeded("history", labeled)
    assert column(table, "revision") == ["3", "2", "1"]
    assert column(table, "author") == ["you", "me", "metadata"]
    assert column(table, "undone") == ["", "undone", ""]
    assert column(succeeded("history", labeled, "--limit", 1), "revision") == ["3"]
    by_one = column(succeeded("history", labeled, "--author", "me"), "author")
    assert by_one
    assert set(by_one) == {"me"}
    assert column(succeeded("history", labeled, "--author", "nobody"), "author") == []


def test_labels_kept_elsewhere_are_found_there(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", [[0.0], [1.0]])
    elsewhere = tmp_path / "elsewhere"
    LabelStore(elsewhere / "run" / STORE_NAME).create({sample_id(1): "ant"})
    assert column(succeeded("export", folder, "--labels-dir", elsewhere)) == ["unlabeled", "ant"]


def test_what_is_wrong_is_said_in_one_line_and_nothing_is_changed(labeled: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.tsv"
    table.write_text("sample_id\tkind\ns0001\tdog\n")
    for arguments, status, words in [
        (("export", tmp_path / "nowhere"), 1, "There is no folder"),
        (("export", labeled, "--out", tmp_path / "no" / "out.tsv"), 1, "cannot be written"),
        (("import", labeled, tmp_path / "none.tsv"), 2, "does not exist"),
        (("import", labeled, table), 1, "The table has no column 'label'; it has sample_id, kind."),
        (("import", labeled, table, "--clear"), 2, "so it needs --overwrite"),
        (("import", labeled, table, "--column", "second"), 1, "has no label column 'second'; it has label."),
        (("history", labeled, "--column", "second"), 1, "has no label column 'second'; it has label."),
    ]:
        done = run(*arguments)
        assert done.exit_code == status, done.output
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    assert LabelStore(labeled / STORE_NAME).revision() == 2


@pytest.mark.parametrize("header", ["Image Path", "file-name", "ImageName", "img", "anything", "sample"])
def test_a_table_is_about_the_images_that_it_names_whatever_the_column_is_called(tmp_path: Path, header: str) -> None:
    folder = make_run(tmp_path / "run", [[0.0], [1.0], [2.0]])
    table = tmp_path / "table.csv"
    table.write_text(f"{header},label\nclass/2.png,L2\nclass/0.png,L0\n class/1.png ,L1\n")
    succeeded("import", folder, table)
    assert column(succeeded("export", folder)) == ["L0", "L1", "L2"]


def test_rows_in_another_order_are_not_taken_in_order(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", [[0.0], [1.0], [2.0]])
    table = tmp_path / "table.csv"
    table.write_text("number,label\n2,L2\n1,L1\n0,L0\n")
    done = run("import", folder, table)
    assert done.exit_code == 1
    assert "by its column 'number' the rows are in another order" in done.stderr
    table.write_text("number,label\n0,L0\n1,L1\n2,L2\n")
    done = run("import", folder, table)
    assert "note: The table names no samples: its rows are taken for them in order." in done.stderr
    assert column(succeeded("export", folder)) == ["L0", "L1", "L2"]


def test_ids_of_another_run_give_way_to_files_that_are_known(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", [[0.0], [1.0]])
    (tmp_path / "table.tsv").write_text("sample_id\tfile\tlabel\nx1\tclass/1.png\tdog\nx0\tclass/0.png\tcat\n")
    succeeded("import", folder, tmp_path / "table.tsv")
    assert column(succeeded("export", folder)) == ["cat", "dog"]


@pytest.mark.parametrize("name", ["projector_config.pbtxt", "metadata.tsv", "im.bytes", "labels.sqlite"])
def test_export_writes_over_no_file_of_the_run(labeled: Path, name: str) -> None:
    before = (labeled / name).read_bytes()
    done = run("export", labeled, "--out", labeled / name)
    assert done.exit_code == 1
    assert "is the name of another file of the run, which is not overwritten" in done.stderr
    assert (labeled / name).read_bytes() == before
    assert run("export", labeled, "--out", labeled / "mine.tsv").exit_code == 0
