"""The columns of the metadata: what each holds, as Arrow, and the rows with a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tb_tsne_plugin.runs.column_kinds import Measure, kinds_of, measured
from tb_tsne_plugin.runs.columns import Columns
from tb_tsne_plugin.runs.memory import Memory, Shelf
from tb_tsne_plugin.runs.metadata import Metadata

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "projector_frontend/test/state/folding_cases.json").read_text(encoding="utf-8")
)
"""What the page's own search is tested with too."""
HALVES = [str(row / 2) for row in range(40)]
"""Numbers that are surely no names."""
DAYS = [f"2024-03-{day:02}" for day in range(1, 21)]


def columns_of(columns: dict[str, list[str]]) -> Columns:
    n = len(next(iter(columns.values())))
    return Columns(Metadata(columns, [f"s{row}" for row in range(n)], []), Memory(Shelf()), ("metadata.tsv", n))


def kind(cells: list[str], ids: list[str] | None = None) -> str:
    return kinds_of({"of": cells}, ids or [f"s{row}" for row in range(len(cells))])["of"]


def table(stream: bytes | None) -> pa.Table:
    assert stream is not None
    return pa.ipc.open_stream(stream).read_all()


@pytest.mark.parametrize(
    "more",
    [
        ["1e-3", "-2.5E+4", " 7 ", ".5", "+3", "5."],
        ["", " ", "NaN", "None", "nan", "<NA>", "unlabeled", "-inf", "+Infinity"],
    ],
)
def test_numbers_are_a_measure_in_any_spelling_that_programs_write_and_with_gaps(more: list[str]) -> None:
    assert kind([*HALVES, *more]) == "number"


@pytest.mark.parametrize(
    "cell", ["word", "1,234", "0x10", "1_000", "12 px", "1/2", "2020-13-45", "1e999", "\u0661\u0662"]
)
def test_one_cell_that_is_no_number_makes_them_text(cell: str) -> None:
    assert kind([*HALVES, *HALVES, *HALVES, cell]) == "groups"
    assert kind([*(str(row / 2) for row in range(400)), cell]) == "text"


def test_so_few_different_numbers_that_they_are_groups() -> None:
    assert kind([str((row % 11) / 2) for row in range(300)]) == "groups"
    assert kind([str((row % 12) / 2) for row in range(300)]) == "number"


@pytest.mark.parametrize("first", [-1, 0, 1])
def test_whole_numbers_round_0_without_a_gap_name_groups(first: int) -> None:
    assert kind([str(row % 20 + first) for row in range(300)]) == "groups"


def test_whole_numbers_that_number_the_rows_name_them() -> None:
    numbers = [str(row) for row in range(4711, 5011)]
    assert kind(numbers) == kind(numbers[::-1]) == "text"
    ids = [str(7 * row) for row in range(300)]
    assert kind(ids, ids) == "text"
    assert kind(ids, ids[::-1]) == "number"


@pytest.mark.parametrize("wide", [lambda row: 20 + row % 40, lambda row: row % 200, lambda row: row * row])
def test_whole_numbers_that_count_or_last_are_a_measure(wide: Any) -> None:
    assert kind([str(wide(row)) for row in range(300)]) == "number"


def test_days_and_times() -> None:
    assert kind(DAYS) == "time"
    assert kind([*DAYS, "NaT", "2024-03-01T12:30:05.25Z", "2024-03-01 12:30", "2024-03-01T12:30+02:00"]) == "time"
    assert kind([*DAYS, *DAYS, *DAYS, "yesterday"]) == kind([*DAYS, *DAYS, *DAYS, "12"]) == "groups"


def test_groups_are_few_and_more_than_one() -> None:
    assert kind(["f", "m", "f", "m", "f"]) == "groups"
    assert kind(["a", "b", "c", "d", "e"]) == "text"
    assert kind(["x"] * 5) == kind([""] * 300) == kind(["4.5"] * 300) == kind([]) == "text"
    assert kind([f"g{row % 48}" for row in range(300)]) == "groups"
    assert kind([f"g{row % 49}" for row in range(300)]) == "text"


def test_what_a_column_holds_is_told_from_all_of_it_and_not_from_its_beginning() -> None:
    assert kind([*(str(row / 2) for row in range(1_000)), "a word"]) == "text"
    assert kind(["word", *(str(row / 2) for row in range(1_000))]) == "text"
    assert kind([*("" for _ in range(1_000)), *HALVES]) == "number"


def test_states_that_were_saved_beside_labels_are_told_from_others() -> None:
    states = ["seen", "unsure", "seen", "seen", ""] * 2
    places = ["Ohio" if state == "seen" else "Utah" for state in states]
    files = [f"{row}.png" for row in range(10)]

    def of(columns: dict[str, list[str]]) -> dict[str, str]:
        return dict(kinds_of(columns, files))

    found = of({"label": files, "state": states, "eye": files, "eye_state": states})
    assert found == {"label": "text", "state": "states", "eye": "text", "eye_state": "states"}
    assert of({"label": files, "state": places, "state~2": states}) == {
        **{"label": "text", "state": "groups", "state~2": "states"}
    }
    assert of({"label": files, "health_state": states})["health_state"] == "groups"


@pytest.mark.parametrize(
    ("measure", "cell", "value"),
    [
        ("number", " -2.5E+1 ", -25.0),
        ("number", "", np.nan),
        ("number", "inf", np.nan),
        ("time", "1970-01-02", 86_400_000.0),
        ("time", "1970-01-01T00:00:01.25Z", 1250.0),
        ("time", "1970-01-01 02:30+02:00", 1_800_000.0),
        ("time", "1969-12-31T22:00-01:30", -1_800_000.0),
        ("time", "2024-02-30", np.nan),
        ("time", "2024-02-03T24:00", np.nan),
    ],
)
def test_cells_are_read_as_numbers_and_as_milliseconds(measure: Measure, cell: str, value: float) -> None:
    np.testing.assert_array_equal(measured([cell], measure), [value])


def test_a_column_comes_as_codes_of_its_different_cells() -> None:
    cells = ["b", "a", "", "b", "\u00fc"]
    (column,) = table(columns_of({"kind": cells}).text("kind")).itercolumns()
    assert column.to_pylist() == cells
    assert column.type == pa.dictionary(pa.int8(), pa.string())
    assert column.chunk(0).dictionary.to_pylist() == ["b", "a", "", "\u00fc"]
    many = [str(row) for row in range(200)]
    assert table(columns_of({"kind": many}).text("kind"))["kind"].type.index_type == pa.int16()


def test_a_measure_comes_as_numbers_and_words_do_not() -> None:
    columns = columns_of({"size": [*HALVES, ""], "word": ["a"] * 41})
    values = table(columns.numbers("size"))["size"].to_numpy()
    np.testing.assert_array_equal(values, [*(row / 2 for row in range(40)), np.nan])
    assert columns.numbers("word") is None


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_a_text_is_found_as_the_page_finds_it(case: dict[str, Any]) -> None:
    columns = columns_of({"other": ["-"] * len(case["cells"]), "in": case["cells"]})
    assert columns.rows_with(case["text"]).tolist() == case["found"]


def test_a_text_is_found_in_any_column_and_not_across_two_cells() -> None:
    columns = columns_of({"a": ["one", "two", "x"], "b": ["x", "y", "one"]})
    assert columns.rows_with("ONE").tolist() == [0, 2]
    assert columns.rows_with("et").tolist() == []
    assert columns_of({"a": []}).rows_with("a").tolist() == []


def test_cells_of_some_rows() -> None:
    columns = columns_of({"a": ["1", "2", "3"], "b": ["x", "y", "z"]})
    assert columns.cells([2, 0, 2]) == [["3", "z"], ["1", "x"], ["3", "z"]]
