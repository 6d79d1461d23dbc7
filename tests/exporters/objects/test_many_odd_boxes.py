"""However many boxes are odd: the report stays small enough to be read, and a table lists all of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from exporters import ExportOptions, ObjectChoice, RunSummary, export_images
from exporters.images.outcomes import Skipped
from exporters.run.report import MOST_LISTED, MOST_OF_A_KIND, listed, read_summary
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.report import MAX_REPORT_BYTES, export_notes, export_setting
from tests.exporters.drawn import draw

GOOD = "a.png,0,0,20,20"
ABSENT = "a" * 200 + ".png"


def export(tmp_path: Path, *rows: str) -> RunSummary:
    draw(tmp_path / "in" / "a.png", (200, 0, 0), (100, 50))
    (tmp_path / "boxes.csv").write_text("\n".join(["file,x,y,width,height", *rows]) + "\n")
    options = ExportOptions(["pix"], objects=ObjectChoice(f"csv:{tmp_path / 'boxes.csv'}"))
    return export_images(tmp_path / "in", tmp_path / "run", options)


def table_of(run: Path) -> list[list[str]]:
    return [line.split("\t") for line in (run / "left_out.tsv").read_text().splitlines()]


def test_a_report_of_very_many_odd_boxes_is_still_read(tmp_path: Path) -> None:
    gone = [f"{ABSENT},1,1,9,9"] * 70_000
    summary = export(tmp_path, GOOD, *(f"a.png,1,1,{-number},3" for number in range(200)), *gone)
    run = tmp_path / "run"
    assert (summary.images, len(summary.skipped), summary.left_out, summary.found) == (1, 70_200, 70_200, 70_201)
    assert sum(len(image.name) + len(image.reason) for image in summary.skipped) > MAX_REPORT_BYTES
    assert (run / "export_report.json").stat().st_size < MAX_REPORT_BYTES / 100
    report = json.loads((run / "export_report.json").read_text())
    assert Counter(each["reason"][:14] for each in report["left_out"]) == {"its box has no": 100, "its picture is": 100}
    assert (report["more_left_out"], report["found"]) == (70_000, 70_201)
    header, *rows = table_of(run)
    assert (header, rows) == (["file", "reason"], [list(image) for image in summary.skipped])
    first = summary.skipped[0]
    assert export_notes(run)[0] == (
        f"70,200 images were left out, the first: {first.name}: {first.reason}. left_out.tsv in its folder lists all."
    )
    assert export_setting(run, "objects") == f"csv:{tmp_path / 'boxes.csv'}"  # what write-back and classifiers ask for
    again = read_summary(Folder(run))
    assert (again.left_out, again.account) == (summary.left_out, summary.account)
    assert again.skipped == listed(summary.skipped)


def test_few_are_listed_in_the_report_alone_and_the_table_of_an_earlier_export_goes(tmp_path: Path) -> None:
    export(tmp_path, GOOD, *(f"a.png,1,1,{-number},3" for number in range(MOST_OF_A_KIND + 1)))
    assert len(table_of(tmp_path / "run")) == MOST_OF_A_KIND + 2
    export(tmp_path, GOOD, *(f"a.png,1,1,{-number},3" for number in range(MOST_OF_A_KIND)))
    assert not (tmp_path / "run" / "left_out.tsv").exists()
    report = json.loads((tmp_path / "run" / "export_report.json").read_text())
    assert (len(report["left_out"]), report["more_left_out"]) == (MOST_OF_A_KIND, 0)


def test_reasons_of_very_many_kinds_are_bounded_too() -> None:
    skipped = [Skipped(f"{number}", "because of " + "x" * number) for number in range(2 * MOST_LISTED)]
    assert listed(skipped) == skipped[:MOST_LISTED]


@pytest.mark.parametrize(("count", "name"), [(50, "export_report.json"), (500, "left_out.tsv")])
def test_the_command_says_where_all_are_listed(count: int, name: str, tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.png", (200, 0, 0), (100, 50))
    rows = [GOOD, *(f"a.png,1,1,{-number},3" for number in range(count))]
    (tmp_path / "boxes.csv").write_text("\n".join(["file,x,y,width,height", *rows]) + "\n")
    arguments = ["--objects", f"csv:{tmp_path / 'boxes.csv'}", "--logdir", tmp_path / "run", "--features", "pix"]
    done = CliRunner().invoke(cli, ["export", str(tmp_path / "in"), *map(str, arguments)])
    assert done.exit_code == 0, done.output
    assert f"left out: {count - 10:,} more, see {name}\n" in done.stderr
    assert f"1 object ({count:,} left out) in " in done.stdout
