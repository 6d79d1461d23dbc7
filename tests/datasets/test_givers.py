"""Who gave the labels, in the formats that have a place for it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tb_tsne_plugin.datasets.catalog import format_named
from tb_tsne_plugin.datasets.formats import labelstudio
from tb_tsne_plugin.datasets.gathering import gather
from tb_tsne_plugin.datasets.model import Dataset
from tb_tsne_plugin.labels.model import Giver, Mark
from tests.datasets.made import Labeled, labeled, written

AT = "2026-11-30T19:05:09Z"
GIVERS = {"id0": Giver("cleo@example.org", AT), "id1": Giver("ben", AT), "id2": Giver("", ""), "id3": Giver("ben", AT)}


def told(run: Labeled) -> Dataset:
    snapshot = replace(run.snapshot, givers=GIVERS)
    return gather(run.metadata, {"label": snapshot}, snapshot, "label")


def four() -> Labeled:
    """A label of each of two people, one that the run came with, and what somebody was unsure of."""
    run = labeled(["a.jpg", "b.jpg", "c.jpg", "d.jpg"], ["ant", "ant", "ant", None])
    return run._replace(marks={**run.marks, "id3": Mark(1, "unsure")})


def rows(name: str, dataset: Dataset, where: Path, between: str = ",") -> list[dict[str, str]]:
    written(format_named(name), dataset, where / name)
    text = (where / name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=between))


def test_camera_traps_have_a_field_for_each(tmp_path: Path) -> None:
    found = rows("camtrapdp", told(four()), tmp_path)
    names = ["cleo@example.org", "ben", "", "ben"]
    assert [(row["classifiedBy"], row["classificationTimestamp"]) for row in found] == [
        (name, AT if name else "") for name in names
    ]
    assert {row["classifiedBy"] for row in rows("camtrapdp", four().dataset(), tmp_path)} == {""}


def test_ecotaxa_has_dates_and_times_of_digits(tmp_path: Path) -> None:
    types, *found = rows("ecotaxa", told(four()), tmp_path, "\t")
    fields = [f"object_annotation_{what}" for what in ("person_name", "date", "time")]
    assert [types[field] for field in fields] == ["[t]"] * 3
    by = [[row[field] for field in fields] for row in found]
    assert by[1:] == [["ben", "20261130", "190509"], ["", "", ""], ["ben", "20261130", "190509"]]


def test_label_studio_knows_people_by_their_addresses(tmp_path: Path) -> None:
    made = written(format_named("labelstudio"), told(four()), tmp_path / "tasks.json")
    assert made.notes == [labelstudio.ADDRESSES]
    tasks: list[dict[str, Any]] = json.loads((tmp_path / "tasks.json").read_text())
    assert [task["data"].get("label_author") for task in tasks] == ["cleo@example.org", "ben", None, "ben"]
    assert tasks[0]["annotations"][0]["completed_by"] == {"email": "cleo@example.org"}
    assert "completed_by" not in tasks[1]["annotations"][0]


def test_an_annotation_of_several_people_is_completed_by_nobody(tmp_path: Path) -> None:
    of_one_picture = ["a.jpg"] * 2
    run = labeled(of_one_picture, ["ant", "ant"], ["0", "1"], picture_size=(640, 480))
    written(format_named("labelstudio"), told(run), tmp_path / "tasks.json")
    (task,) = json.loads((tmp_path / "tasks.json").read_text())
    (annotation,) = task["annotations"]
    assert "completed_by" not in annotation
    assert [each["meta"]["label_author"] for each in annotation["result"]] == ["cleo@example.org", "ben"]


def test_parquet_has_no_value_where_nobody_is_known(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    written(format_named("parquet"), told(four()), tmp_path / "table")
    table = pq.ParquetFile(tmp_path / "table").read(use_threads=False)
    assert table.column("label_author").to_pylist() == ["cleo@example.org", "ben", None, "ben"]
    assert table.column("label_time").to_pylist() == [AT, AT, None, AT]
