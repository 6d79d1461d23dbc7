from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from exporters import ExportError, write_run
from exporters.errors import ExportUsageError
from tb_tsne_plugin.runs.class_names import clean_label
from tests.exporters.conftest import Stock
from tests.exporters.drawn import RED, color, draw, read_metadata, read_tiles

FEATURES = {"im": np.arange(15.0).reshape(5, 3) + 0.1, "pix": np.eye(5) + 0.3}


def test_the_stock_projector_opens_the_run_and_agrees_with_it(tmp_path: Path, stock: Stock) -> None:
    frame = pd.DataFrame({"sample_id": list("abcde"), "label": ["x", None, "", "y", np.nan], "size": [1, 2, 3, 4, 5]})
    pictures = [Image.new("RGB", (30, 20), color(n)) for n in range(5)]
    write_run(tmp_path / "logs" / "mine", FEATURES, images=pictures, metadata=frame, tile_size=32)
    projector = stock(tmp_path / "logs")
    assert projector.runs() == ["mine"]
    assert projector.tensors("mine") == {"im": (5, 3), "pix": (5, 5)}
    for name, rows in FEATURES.items():
        np.testing.assert_allclose(projector.tensor("mine", name), rows, rtol=1e-4)
        header, *cells = projector.metadata("mine", name)
        assert header == ["sample_id", "label", "size"]
        assert cells == [
            ["a", "x", "1"],
            ["b", "unlabeled", "2"],
            ["c", "unlabeled", "3"],
            ["d", "y", "4"],
            ["e", "unlabeled", "5"],
        ]
        kind, content = projector.sprite("mine", name)
        assert kind == "image/png"
        assert content == (tmp_path / "logs" / "mine" / "sprite.png").read_bytes()
    tiles = read_tiles(tmp_path / "logs" / "mine", 5)
    assert [tuple(tile[16, 16]) for tile in tiles] == [color(n) for n in range(5)]


def test_a_run_can_be_the_log_dir_itself(tmp_path: Path, stock: Stock) -> None:
    write_run(tmp_path, FEATURES)
    assert stock(tmp_path).runs() == ["."]


@pytest.mark.parametrize(
    ("features", "others", "message"),
    [
        ({}, {}, "no features"),
        ({"im": np.zeros((0, 3))}, {}, "im has no rows"),
        ({"im": np.zeros(3)}, {}, r"rows x values, not of shape \(3,\)"),
        ({"im": np.zeros((3, 0))}, {}, r"not of shape \(3, 0\)"),
        ({"im": [["a"], ["b"]]}, {}, "real numbers"),
        ({"im": np.zeros((3, 2)), "pix": np.zeros((4, 2))}, {}, "pix has 4 rows, but im has 3"),
        ({"im": np.zeros((3, 2))}, {"images": [np.zeros((2, 2, 3), np.uint8)]}, "images has 1 rows, but im has 3"),
        (
            {"im": np.zeros((3, 2))},
            {"metadata": pd.DataFrame({"label": ["a"]})},
            "column label has 1 rows, but im has 3",
        ),
        ({"im": np.zeros((2, 2))}, {"metadata": {"sample_id": ["a", "a"]}}, "sample_id must be .* different .*: a"),
        ({"im": np.zeros((2, 2))}, {"metadata": {"sample_id": ["a", ""]}}, "an empty one"),
        ({"im": [[1, np.nan], [1, 2], [np.inf, 2]]}, {}, r"im: 2 of 3 rows hold NaN .* from 0: 0, 2\)"),
        ({"im": [[1.0, 2], [1e300, 2]]}, {}, "1 of 2 rows"),
        (
            {"im": np.zeros((2, 2))},
            {"images": ["/no/such.png", np.zeros((2, 2))]},
            "2 images cannot .*/no/such.png: cannot",
        ),
        ({"../im": np.zeros((2, 2))}, {}, "cannot name features"),
    ],
)
def test_wrong_input_is_one_sentence_and_leaves_nothing_behind(
    tmp_path: Path, features: dict[str, Any], others: dict[str, Any], message: str
) -> None:
    with pytest.raises(ExportError, match=message) as raised:
        write_run(tmp_path / "logs" / "run", features, **others)
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_unsafe_cells_are_replaced_and_stay_different(tmp_path: Path) -> None:
    files = ["a\tb", "a\nb", "a_b", "c\x85\u202ed", "\udcffe", " "]
    labels = ["x\ty", "\x00", "  ", "ok" * 100, "=cmd()", "<img onerror>"]
    write_run(tmp_path, {"im": np.ones((6, 2))}, metadata={"file": files, "label": labels})
    rows = read_metadata(tmp_path)
    assert [row["file"] for row in rows] == ["a_b", "a_b~2", "a_b~3", "c__d", "_e", "-"]
    assert [row["label"] for row in rows] == [
        "x_y",
        "_",
        "unlabeled",
        clean_label("ok" * 100),
        "=cmd()",
        "<img onerror>",
    ]
    assert [row["sample_id"] for row in rows] == [row["file"] for row in rows]


def test_ids_come_from_content_where_there_is_nothing_else(tmp_path: Path) -> None:
    pictures = [np.full((4, 4, 3), shade, np.uint8) for shade in (1, 2, 1)]
    write_run(tmp_path / "a", {"im": np.ones((3, 2))}, images=pictures)
    ids = [row["sample_id"] for row in read_metadata(tmp_path / "a")]
    assert len(set(ids)) == 3
    write_run(tmp_path / "b", {"im": np.ones((2, 2))}, images=pictures[1::-1])
    assert [row["sample_id"] for row in read_metadata(tmp_path / "b")] == [ids[1], ids[0]]
    write_run(tmp_path / "c", {"im": [[1, 2], [3, 4], [1, 2]]})
    assert len({row["sample_id"] for row in read_metadata(tmp_path / "c")}) == 3


def test_ids_of_paths_are_those_of_an_export(tmp_path: Path) -> None:
    from exporters.images.identity import file_sample_id
    from exporters.images.listing import ImageFile

    path = draw(tmp_path / "in" / "x.png", RED)
    write_run(tmp_path / "run", {"im": [[1, 2]]}, images=[path])
    (row,) = read_metadata(tmp_path / "run")
    assert row["sample_id"] == file_sample_id(ImageFile(path, "x.png"), path.read_bytes())
    assert row["file"] == path.as_posix()


def test_states_are_kept_when_a_run_is_written_again(tmp_path: Path) -> None:
    ids = list("abcde")
    write_run(tmp_path, FEATURES, metadata={"sample_id": ids})
    before = {"a": "cat\tverified", "b": "unlabeled\tignored", "c": "dog\tlabeled", "d": "unlabeled\tunsure"}
    told = {"e": "unlabeled\tunlabeled", **before}
    rows = "".join(f"{sample_id}\t{told[sample_id]}\n" for sample_id in ids)
    (tmp_path / "metadata.tsv").write_text("sample_id\tlabel\tstate\n" + rows)
    again = write_run(
        tmp_path, {"im": FEATURES["im"][:3]}, metadata={"sample_id": ["e", "a", "b"], "label": ["new"] * 3}
    )
    assert (again.labels_kept, again.labels_orphaned) == (1, 2)
    found = {row["sample_id"]: (row["label"], row["state"]) for row in read_metadata(tmp_path)}
    assert found == {"e": ("new", "labeled"), "a": ("cat", "verified"), "b": ("new", "ignored")}
    write_run(tmp_path, FEATURES, metadata={"sample_id": ids})
    assert {row["sample_id"]: f"{row['label']}\t{row['state']}" for row in read_metadata(tmp_path)} == {
        **told,
        "b": "new\tignored",
        "e": "new\tlabeled",
    }


def test_a_column_state_of_another_meaning_is_no_state_of_labels(tmp_path: Path) -> None:
    write_run(tmp_path, FEATURES, metadata={"sample_id": list("abcde"), "label": ["cat"] * 5, "state": ["Ohio"] * 5})
    write_run(tmp_path, FEATURES, metadata={"sample_id": list("abcde")})
    assert "state" not in read_metadata(tmp_path)[0]
    write_run(tmp_path, FEATURES, metadata={"sample_id": list("abcde"), "state": ["Iowa"] * 5})
    assert [(row["label"], row["state"]) for row in read_metadata(tmp_path)] == [("cat", "Iowa")] * 5


def test_labels_are_kept_when_a_run_is_written_again(tmp_path: Path) -> None:
    ids = list("abcde")
    write_run(tmp_path, FEATURES, metadata={"sample_id": ids})
    table = (tmp_path / "metadata.tsv").read_text()
    (tmp_path / "metadata.tsv.original").write_text(table)
    (tmp_path / "metadata.tsv").write_text(table.replace("b\tunlabeled", "b\tcat").replace("d\tunlabeled", "d\tdog"))
    (tmp_path / "labels.sqlite").write_bytes(b"precious")
    again = write_run(tmp_path, {"im": FEATURES["im"][:3]}, metadata={"sample_id": ["e", "b", "x"]})
    assert (again.labels_kept, again.labels_orphaned) == (1, 1)
    assert {row["sample_id"]: row["label"] for row in read_metadata(tmp_path)} == {
        "e": "unlabeled",
        "b": "cat",
        "x": "unlabeled",
    }
    assert not (tmp_path / "pix.bytes").exists()
    assert len(list(tmp_path.glob("events.*"))) == 1
    assert (tmp_path / "labels.sqlite").read_bytes() == b"precious"
    assert (tmp_path / "metadata.tsv.original").read_text() == table
    back = write_run(tmp_path, FEATURES, metadata={"sample_id": ids, "label": ["new"] * 5})
    assert (back.labels_kept, back.labels_orphaned) == (2, 0)
    assert [row["label"] for row in read_metadata(tmp_path)] == ["new", "cat", "new", "dog", "new"]
    assert not (tmp_path / "orphaned_labels.tsv").exists()


def test_labels_that_cannot_be_read_are_not_overwritten(tmp_path: Path) -> None:
    write_run(tmp_path, FEATURES)
    (tmp_path / "metadata.tsv").write_bytes(b"sample_id\tlabel\nbroken line\n")
    with pytest.raises(ExportError, match=r"line 2: 1 values, but there are 2 columns\. Its labels would be lost"):
        write_run(tmp_path, FEATURES)
    assert (tmp_path / "metadata.tsv").read_bytes() == b"sample_id\tlabel\nbroken line\n"


def test_usage_errors_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ExportUsageError):
        write_run(tmp_path / "r", {"im": np.ones((2, 2))}, images="one.png")


def test_names_in_another_unicode_form_keep_their_labels_and_ids(tmp_path: Path) -> None:
    for form in ("NFD", "NFC"):
        files = [unicodedata.normalize(form, name) for name in ("müde.png", "b.png")]
        write_run(tmp_path, {"im": np.ones((2, 2))}, metadata={"file": files, "label": ["cat", None]})
        rows = read_metadata(tmp_path)
        assert [row["label"] for row in rows] == ["cat", "unlabeled"]
        assert rows[0]["sample_id"] == unicodedata.normalize("NFD", "müde.png")
        table = (tmp_path / "metadata.tsv").read_text().replace("unlabeled", "dog")
    (tmp_path / "metadata.tsv").write_text(table)
    assert write_run(tmp_path, {"im": np.ones((2, 2))}, metadata={"file": files}).labels_kept == 2


def test_states_are_kept_beside_a_column_state_of_another_meaning(tmp_path: Path) -> None:
    places = {"sample_id": list("abcde"), "state": ["Ohio"] * 5}
    write_run(tmp_path, FEATURES, metadata=places)
    rows = ["a\tcat\tOhio\tseen", "b\tunlabeled\tOhio\tignored", "c\tcat\tOhio\tlabeled"]
    rows += [f"{name}\tunlabeled\tOhio\tunlabeled" for name in "de"]
    (tmp_path / "metadata.tsv").write_text("\n".join(["sample_id\tlabel\tstate\tstate~2", *rows, ""]))
    for _ in range(2):
        write_run(tmp_path, FEATURES, metadata=places)
        found = [(row["label"], row["state"], row["state~2"]) for row in read_metadata(tmp_path)]
        assert found == [tuple(row.split("\t")[1:]) for row in rows]
    # States that are given now stand below those that were there, as labels do.
    given = {"label": ["dog"] * 5, "state": ["verified"] * 5}
    write_run(tmp_path, FEATURES, metadata={"sample_id": list("abcde"), **given})
    now = [(row["label"], row["state"]) for row in read_metadata(tmp_path)]
    assert now == [("cat", "seen"), ("dog", "ignored"), ("cat", "labeled"), ("dog", "verified"), ("dog", "verified")]


def test_states_have_their_name_to_themselves_where_nothing_else_has_it_any_more(tmp_path: Path) -> None:
    write_run(tmp_path, FEATURES, metadata={"sample_id": list("abcde"), "state": ["Ohio"] * 5})
    table = "sample_id\tlabel\tstate\tstate~2\na\tcat\tOhio\tseen\nb\tunlabeled\tOhio\tignored\n"
    (tmp_path / "metadata.tsv").write_text(table)
    write_run(tmp_path, FEATURES, metadata={"sample_id": list("abcde")})
    states = ["seen", "ignored", "unlabeled", "unlabeled", "unlabeled"]
    assert [row["state"] for row in read_metadata(tmp_path)] == states
