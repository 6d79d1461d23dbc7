"""Tables as people have them: separators, quotes, encodings, lines that are blank, short or long."""

from __future__ import annotations

import codecs
import csv
import io

import pytest

from tb_tsne_plugin.runs.format import TableError
from tb_tsne_plugin.runs.given_tables import GivenTable, read_given_table

WANTED = ("file", "label")
ROWS = [["1.png", "cat"], ["2, left.png", "big; black dog"], ["3.png", 'say "x"']]


def read(raw: bytes | str, rows: int | None = None) -> GivenTable:
    return read_given_table(raw.encode() if isinstance(raw, str) else raw, "t", WANTED, rows)


def written(mark: str, end: str = "\n") -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=mark, lineterminator=end)
    writer.writerows([["file", "label"], *ROWS])
    return file.getvalue()


@pytest.mark.parametrize("mark", ["\t", ",", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_table_is_read_whatever_program_wrote_it(mark: str, end: str, encoding: str) -> None:
    table = read(written(mark, end).encode(encoding))
    assert [list(row) for row in zip(table.columns["file"], table.columns["label"], strict=True)] == ROWS
    assert table.lines == [2, 3, 4]
    assert table.notes == []


def test_excel_may_say_which_separator_it_used() -> None:
    assert read("sep=;\nfile;label\n1.png;a,b\n").columns == {"file": ["1.png"], "label": ["a,b"]}


def test_quotes_of_our_own_tables_are_part_of_the_cells() -> None:
    assert read('file\tlabel\n1.png\t"cat"\n2.png\t5" pipe\n').columns["label"] == ['"cat"', '5" pipe']
    assert read('file\tlabel\n1.png\t"cat\n2.png\tdog\n').columns["label"] == ['"cat', "dog"]


def test_two_cells_of_a_row_that_are_quotes_are_not_one_cell() -> None:
    table = read('file\tlabel\tsuggestion\tprobability\n"\tunlabeled\t"\t0.9\n2.png\tcat\t-\t-\n')
    assert table.columns["file"] == ['"', "2.png"]
    assert table.columns["label"] == ["unlabeled", "cat"]


def test_a_cell_may_hold_line_breaks_and_lines_are_counted_on() -> None:
    table = read('file,label\n"a\nb",cat\n\n c ,dog\n')
    assert table.columns == {"file": ["a\nb", "c "], "label": ["cat", "dog"]}
    assert table.lines == [2, 5]


def test_another_encoding_is_guessed_and_said() -> None:
    table = read("file,label\nmüde.png,größer\n".encode("cp1252"))
    assert table.columns["label"] == ["größer"]
    assert len(table.notes) == 1
    assert "1 line that is not UTF-8 and read as Windows-1252, the first 'müde.png,größer'" in table.notes[0]


def test_one_bad_byte_costs_one_line() -> None:
    table = read("file,label\n猫.png,é\n".encode() + b"2.png,\xff\n")
    assert table.columns == {"file": ["猫.png", "2.png"], "label": ["é", "ÿ"]}


def test_lone_quotes_of_our_own_tables_are_part_of_the_cells() -> None:
    table = read('file\tlabel\np\t"\nq\tx\nr\t"\ns\tz\n')
    assert table.columns["label"] == ['"', "x", '"', "z"]
    assert read('file\tlabel\n"p\ta\nq"\tb\n').columns["file"] == ['"p', 'q"']


@pytest.mark.parametrize("first", ["sep=;", "sep=;;;", '"sep=;"', "SEP = ;"])
def test_excels_first_line_is_understood_in_all_its_forms(first: str) -> None:
    assert read(f"{first}\nfile;label\na;b\n").columns == {"file": ["a"], "label": ["b"]}
    assert read("sep=\t\nfile\tlabel\na\tb\n").columns == {"file": ["a"], "label": ["b"]}


def test_blanks_before_quotes_and_separators_at_the_end_are_no_part_of_cells() -> None:
    assert read('file, label\n"0.png", "a, b"\n').columns == {"file": ["0.png"], "label": ["a, b"]}
    assert read("label;\na;\nb;\n").columns == {"label": ["a", "b"]}


def test_the_exact_name_of_a_column_comes_before_another_way_to_write_it() -> None:
    table = read("Label,label,Image Path\nx,y,1.png\n")
    assert table.find(("label",)) == "label"
    assert table.find(("image_path",)) == "Image Path"


def test_short_rows_are_filled_and_blank_ones_passed_over() -> None:
    table = read("file,label,note\n1.png,cat\n\n,,\n2.png\n3.png,dog,x,,\n")
    assert table.columns == {"file": ["1.png", "2.png", "3.png"], "label": ["cat", "", "dog"], "note": ["", "", "x"]}
    assert table.notes == [
        "t has 2 rows with fewer values than columns, the first in line 2: the missing ones are taken as empty."
    ]


def test_columns_without_a_name_get_one() -> None:
    assert list(read(",file,label,\n0,1.png,cat,\n").columns) == ["column 1", "file", "label"]


@pytest.mark.parametrize(
    ("names", "column"), [(("label",), "Label"), (("class", "label"), "Label"), (("FILE",), "file"), (("x",), None)]
)
def test_columns_are_found_in_capitals_or_not(names: tuple[str, ...], column: str | None) -> None:
    assert read("file,Label\n1.png,cat\n").find(names) == column


@pytest.mark.parametrize(
    ("raw", "rows", "columns", "lines"),
    [
        ("cat\n\ndog\n", 3, {"": ["cat", "", "dog"]}, [1, 2, 3]),
        ("cat\ndog\n\n\n", 4, {"": ["cat", "dog", "", ""]}, [1, 2, 3, 4]),
        ("label\ncat\n\n\n", 2, {"label": ["cat", ""]}, [2, 3]),
        ("\nlabel\ncat\n", 1, {"label": ["cat"]}, [3]),
        ('label\n"a, b"\nc, d\n', 2, {"label": ["a, b", "c, d"]}, [2, 3]),
        ("a, b\nc\nd\n", 3, {"": ["a, b", "c", "d"]}, [1, 2, 3]),
        ("name,class\na,b\n", 2, {"name": ["a"], "class": ["b"]}, [2]),
    ],
)
def test_a_column_alone_has_a_row_a_line(raw: str, rows: int, columns: dict[str, list[str]], lines: list[int]) -> None:
    table = read(raw, rows)
    assert table.columns == columns
    assert table.lines == lines


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("", "t is empty."),
        ("file,label\n1.png,cat,dog\n", "t, line 2: 3 values, but there are 2 columns (with commas between them)"),
        ("file\tfile\tlabel\n", "t has the column 'file' more than once."),
        (b"\x89PNG\r\n\x1a\n\0\0\xff", "t is not text."),
        ('file,label\n0.png,"a\n1.png,b\n2.png,c\n', "t, line 2: a quote is opened and never closed."),
        (b"PK\x03\x04\x14\0", "t is an Excel workbook or another archive; save it as CSV (UTF-8)."),
        (b"\xd0\xcf\x11\xe0", "t is an old Excel workbook; save it as CSV (UTF-8)."),
        ('[{"label": "a"}]', "t is JSON; save it as CSV (UTF-8)."),
        (b"file,label\na,b\n" + bytes(40), "t is not text."),
        (codecs.BOM_UTF16_LE + b"a", "t begins as UTF-16 text, but cannot be read as such."),
        ("file,label\n" + "x" * 200_000 + ",cat\n", "t, line 2: field larger than field limit (131072)."),
        ("file\tlabel\n" + "x" * (2 << 20) + "\tcat\n", "t has a line of more than 1 MiB."),
        (",".join(["file", *map(str, range(1_000))]), "t has 1,001 columns; at most 1,000 can be read"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(raw: str | bytes, sentence: str) -> None:
    with pytest.raises(TableError) as caught:
        read(raw)
    assert str(caught.value).startswith(sentence)
