"""`tb-tsne labels export --format` and `import --format`: datasets out and in again by the command line."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.datasets.catalog import FORMATS, Format
from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.labels.model import Mark
from tests.builders import WORDS, blobs, make_run, sample_id

N = 12
LABELS = {row: WORDS[row % 3] for row in range(9)}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["labels", *(str(argument) for argument in arguments)])


def succeeded(*arguments: object) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*arguments: object, status: int = 1) -> str:
    done = run(*arguments)
    assert done.exit_code == status, done.output
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """The images of the run: class/0.png and so on, each of another colour."""
    (tmp_path / "photos" / "class").mkdir(parents=True)
    for row in range(N):
        Image.new("RGB", (4, 4), (row, 0, 0)).save(tmp_path / "photos" / "class" / f"{row}.png")
    return tmp_path / "photos"


def content_id(file: Path) -> str:
    return hashlib.sha256(file.name.encode() + b"\0" + file.read_bytes()).hexdigest()[:16]


@pytest.fixture
def folder(tmp_path: Path, images: Path) -> Path:
    """A run of which nine of twelve samples are labeled, and one is ignored."""
    ids = [content_id(images / "class" / f"{row}.png") for row in range(N)]
    folder = make_run(tmp_path / "run", blobs(N)[0], ids=ids)
    report = {"made_by": "tb-tsne", "settings": {"source": "photos"}}
    (folder / "export_report.json").write_text(json.dumps(report))
    store = LabelStore(folder / STORE_NAME)
    store.create({ids[row]: label for row, label in LABELS.items()}, {ids[11]: "ignored"})
    return folder


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """A run of objects, one in each of twelve pictures, and three kinds of annotations of them."""
    numbers = [str(row) for row in range(N)]
    boxes = {"object": ["0"] * N, "x": numbers, "y": numbers, "width": ["2.5"] * N, "height": ["3"] * N}
    boxes |= {"picture_width": ["100"] * N, "picture_height": ["50"] * N}
    (tmp_path / "yolo" / "labels" / "class").mkdir(parents=True)
    (tmp_path / "yolo" / "data.yaml").write_text("names: [thing]\n")
    (tmp_path / "voc").mkdir()
    annotations = []
    for row in range(N):
        (tmp_path / "yolo" / "labels" / "class" / f"{row}.txt").write_text(
            f"0 {row / 100 + 0.0125} {row / 50 + 0.03} .025 .06\n"
        )
        sides = f"<xmin>{row}</xmin><ymin>{row}</ymin><xmax>{row + 2.5}</xmax><ymax>{row + 3}</ymax>"
        text = f"<annotation><object><name>thing</name><bndbox>{sides}</bndbox></object></annotation>"
        (tmp_path / "voc" / f"{row}.xml").write_text(text)
        annotations.append({"id": 0, "image_id": row, "category_id": 1})
    files = [{"id": row, "file_name": f"class/{row}.png"} for row in range(N)]
    coco = {"images": files, "annotations": annotations, "categories": [{"id": 1, "name": "thing"}]}
    (tmp_path / "coco").write_text(json.dumps(coco))
    folder = make_run(tmp_path / "objects", blobs(N)[0], columns=boxes)
    LabelStore(folder / STORE_NAME).create({sample_id(row): label for row, label in LABELS.items()})
    return folder


def labels_in(folder: Path) -> list[str | None]:
    """The label of each sample of a run, in order."""
    rows = [line.split("\t") for line in (folder / "metadata.tsv").read_text().splitlines()]
    names = LabelStore(folder / STORE_NAME).snapshot().names()
    return [names.get(row[0]) for row in rows[1:]]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_labels_go_out_and_come_in_again(
    form: Format, folder: Path, objects: Path, images: Path, tmp_path: Path
) -> None:
    source = objects if form.written_back else folder
    options: list[object] = ["--images", images] if form.has_pictures else []
    if form.written_back:
        options = ["--objects", f"{form.name}:{tmp_path / form.name}"]
    told = succeeded("export", source, "--format", form.name, "--out", tmp_path / "out", *options)
    assert f"samples are in {tmp_path / 'out'}" in told
    (source / STORE_NAME).unlink()
    assert succeeded("import", source, tmp_path / "out", "--format", form.name, "--dry-run").endswith("changed.\n")
    told = succeeded("import", source, tmp_path / "out", "--format", form.name)
    assert told.endswith("The history in the page takes it back.\n")
    rest = "thing" if form.written_back else None
    assert labels_in(source) == [LABELS.get(row, rest) for row in range(N)]
    assert LabelStore(source / STORE_NAME).revision() == 1


@pytest.mark.parametrize("form", [each for each in FORMATS if each.name != "tsv"], ids=lambda form: form.name)
def test_a_place_that_is_taken_is_left_as_it_is(form: Format, folder: Path, objects: Path, images: Path) -> None:
    source = objects if form.written_back else folder
    out = images if form.out == "folder" else images / "class" / "0.png"
    before = sorted(images.rglob("*")), (images / "class" / "0.png").read_bytes()
    words = refused("export", source, "--format", form.name, "--out", out)
    assert words == f"Error: {out} is there already, and not empty: nothing was written. Give another --out.\n"
    assert (sorted(images.rglob("*")), (images / "class" / "0.png").read_bytes()) == before


def test_a_dataset_is_not_written_among_the_images(
    folder: Path, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(images)
    monkeypatch.chdir(tmp_path)
    for out, named in ((images / "out", ["--images", images]), (tmp_path / "link" / "class" / "out", [])):
        words = refused("export", folder, "--format", "folders", "--out", out, *named)
        assert f"{out} lies among the images in {images}" in words
        assert not out.exists()


def test_an_empty_folder_is_a_place(folder: Path, images: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    told = succeeded("export", folder, "--format", "folders", "--out", tmp_path / "out", "--images", images)
    assert told == f"9 samples are in {tmp_path / 'out'}; 3 without a label were left out.\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(WORDS)


def test_images_are_found_where_the_report_says_if_they_are_the_ones(
    folder: Path, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("export", folder, "--format", "folders", "--out", "out")
    assert done.exit_code == 0, done.output
    assert done.stderr == f"note: The images are those in {images}, from which the run was exported.\n"
    (images / "class" / "3.png").write_bytes(b"something else")
    words = refused("export", folder, "--format", "folders", "--out", "out2")
    assert "say with --images where they are" in words
    assert not (tmp_path / "out2").exists()


def test_images_of_a_real_export_are_known_by_their_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from exporters import ExportOptions, export_images

    name = unicodedata.normalize("NFD", "été.png")
    for path in (Path("a") / name, Path("b") / name, Path("b/2.png")):  # the first two are twins
        (tmp_path / "photos" / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (0, 0, len(path.name))).save(tmp_path / "photos" / path)
    monkeypatch.chdir(tmp_path)
    export_images("photos", tmp_path / "run", ExportOptions(features=["pix"], labels="folders"))
    succeeded("export", "run", "--format", "folders", "--out", "out")
    assert len(list((tmp_path / "out").rglob("*.png"))) == 3
    (tmp_path / "photos" / "b" / "2.png").write_bytes((tmp_path / "photos" / "a" / name).read_bytes())
    refused("export", "run", "--format", "folders", "--out", "out2")


def test_a_report_leads_to_no_file_that_was_not_exported(folder: Path, images: Path, tmp_path: Path) -> None:
    """A run of somebody else may name any folder, and any file in it."""
    (tmp_path / "home" / "class").mkdir(parents=True)
    for row in range(N):
        (tmp_path / "home" / "class" / f"{row}.png").write_text("secret")
    report = {"made_by": "tb-tsne", "settings": {"source": str(tmp_path / "home")}}
    (folder / "export_report.json").write_text(json.dumps(report))
    refused("export", folder, "--format", "hf", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../secret.png", "link.png", "/secret.png", "class"])
def test_no_image_outside_of_the_folder_leaves(folder: Path, images: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.png").write_text("secret")
    (images / "link.png").symlink_to(tmp_path / "secret.png")
    table = (folder / "metadata.tsv").read_text()
    (folder / "metadata.tsv").write_text(table.replace("class/0.png", name))
    words = refused("export", folder, "--format", "folders", "--out", tmp_path / "out", "--images", images)
    assert f"1 of 9 images is not in {images}, the first '{name}': nothing was written." in words
    assert not (tmp_path / "out").exists()


def test_a_dataset_that_cannot_be_written_whole_is_not_written(folder: Path, images: Path, tmp_path: Path) -> None:
    there = sorted(path.name for path in tmp_path.iterdir())
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64));"
        "from tb_tsne_plugin.cli import cli; cli(prog_name='tb-tsne')"
    )
    arguments = ["labels", "export", folder, "--format", "fiftyone", "--out", tmp_path / "out", "--images", images]
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"Error: {tmp_path / 'out'} cannot be written: File too large.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == there


def test_suggestions_leave_only_when_asked_and_marked(folder: Path, tmp_path: Path) -> None:
    succeeded("export", folder, "--format", "labelstudio", "--out", tmp_path / "plain.json")
    assert "predictions" not in (tmp_path / "plain.json").read_text()
    succeeded("export", folder, "--format", "labelstudio", "--out", tmp_path / "out.json", "--with-suggestions", "0.1")
    tasks = json.loads((tmp_path / "out.json").read_text())
    assert ["predictions" in task for task in tasks] == [False] * 9 + [True, True, False]
    assert [task["predictions"][0]["result"][0]["value"]["choices"] for task in tasks[9:11]] == [["ant"], ["bee"]]
    assert all(0.1 <= task["predictions"][0]["score"] <= 1 for task in tasks[9:11])
    table = succeeded("export", folder, "--with-suggestions", "0.1")
    header, *rows = [line.split("\t") for line in table.splitlines()]
    assert header[-2:] == ["suggestion", "suggestion_probability"]
    assert [row[-2] for row in rows] == ["-"] * 9 + ["ant", "bee", "-"]
    assert [row[header.index("label")] for row in rows[9:]] == ["unlabeled"] * 3
    assert succeeded("export", folder, "--with-suggestions", "1").count("\t-\t-\n") == N


def test_the_runs_own_pictures_leave_when_asked(objects: Path, images: Path, tmp_path: Path) -> None:
    assert "--run-pictures" in refused(
        "export", objects, "--format", "hf", "--out", tmp_path / "out", "--images", images
    )
    asked = ("export", objects, "--format", "hf", "--out", tmp_path / "out", "--run-pictures")
    assert "The run keeps no picture of 's0000'" in refused(*asked)
    with zipfile.ZipFile(objects / "images.zip", "w") as archive:
        for row in range(N):
            archive.writestr(f"{sample_id(row)}.png", (images / "class" / f"{row}.png").read_bytes())
    succeeded(*asked)
    assert (tmp_path / "out" / "0.png").read_bytes() == (images / "class" / "0.png").read_bytes()
    assert len(list((tmp_path / "out").iterdir())) == 9 + 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "hf"], "--format hf needs --out, the folder to write."),
        (["--format", "coco", "--out", "x", "--split", "train=1"], "--split has no place in --format coco"),
        (["--format", "folders", "--out", "x", "--with-suggestions", "0.5"], "it has in tsv, csv, parquet, hf"),
        (["--format", "parquet", "--out", "x", "--spreadsheet"], "it has in tsv, csv"),
        (["--format", "hf", "--out", "x", "--authors"], "it has in tsv, csv, parquet, labelstudio, ecotaxa, camtrapdp"),
        (
            ["--format", "tsv", "--images", "."],
            "--images has no place in --format tsv; it has in folders, hf, fiftyone",
        ),
        (["--format", "hf", "--out", "x", "--images", ".", "--run-pictures"], "--images or --run-pictures"),
        (["--format", "voc", "--out", "x", "--objects", "coco:."], "annotations of the same format"),
        (["--out", "."], "--format tsv is written into a file, and "),
        (["--objects", "zip:."], "zip:. does not begin with coco:, yolo:, voc:."),
        (["--objects", "coco:nowhere"], "does not exist"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(folder: Path, options: list[str], words: str) -> None:
    assert words in refused("export", folder, *options, status=2)


def test_a_column_is_chosen_where_there_are_columns(folder: Path, tmp_path: Path) -> None:
    rows = "".join(
        line.replace("class/", "") for line in (folder / "metadata.tsv").read_text().splitlines(keepends=True)
    )
    (tmp_path / "t.csv").write_text(rows.replace("\tlabel\n", "\tkind\n").replace("unlabeled", "dog"))
    done = succeeded("import", folder, tmp_path / "t.csv", "--format", "csv", "--table-column", "kind", "--overwrite")
    assert done.startswith("12 of 12 rows")
    words = refused("import", folder, tmp_path, "--format", "folders", "--table-column", "kind", status=2)
    assert "--table-column has no place in --format folders; it has in tsv, csv, parquet." in words


@pytest.mark.parametrize("form", ["hf", "fiftyone"])
def test_suggestions_that_belong_to_no_part_are_told(form: str, folder: Path, images: Path, tmp_path: Path) -> None:
    options = ("--format", form, "--images", images, "--with-suggestions", "0")
    assert "belong to no part" not in run("export", folder, "--out", tmp_path / "whole", *options).stderr
    done = run("export", folder, "--out", tmp_path / "parts", *options, "--split", "a=.5,b=.5")
    assert done.exit_code == 0, done.output
    assert "note: 2 suggestions stay: suggestions belong to no part.\n" in done.stderr


COUNTING = """
import os, sys
import pyarrow.parquet
from tb_tsne_plugin.cli import cli

count = lambda: len(os.listdir("/proc/self/task"))
cli(["labels", "import", sys.argv[1], sys.argv[2], "--dry-run"], standalone_mode=False)
before = count()
cli(["labels", "import", sys.argv[1], sys.argv[3], "--format", "parquet", "--dry-run"], standalone_mode=False)
print(count() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted on Linux")
def test_a_parquet_file_is_read_without_threads_that_may_outlive_the_command(folder: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "out.tsv", tmp_path / "out.parquet"]
    for out in outs:
        succeeded("export", folder, "--format", out.suffix[1:], "--out", out)
    counted = [sys.executable, "-c", COUNTING, str(folder), *map(str, outs)]
    done = subprocess.run(counted, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0"


@pytest.mark.parametrize("form", [each for each in FORMATS if each.out == "folder"], ids=lambda form: form.name)
def test_an_archive_as_the_page_gives_it_is_to_be_unpacked(
    form: Format, folder: Path, objects: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "run.zip", "w") as archive:
        archive.writestr("ant/1.png", b"")
    source = objects if form.written_back else folder
    words = refused("import", source, tmp_path / "run.zip", "--format", form.name)
    assert words == "Error: run.zip is an archive: unpack it, and name the folder.\n"


def test_a_class_may_be_called_like_the_table_of_classes(folder: Path, images: Path, tmp_path: Path) -> None:
    (folder / STORE_NAME).unlink()
    LabelStore(folder / STORE_NAME).create(
        {content_id(images / "class" / f"{row}.png"): name for row, name in enumerate(("a/b", "classes.csv"))}
    )
    out = tmp_path / "out"
    succeeded("export", folder, "--format", "folders", "--out", out, "--images", images)
    (folder / STORE_NAME).unlink()
    assert "2 new classes" in succeeded("import", folder, out, "--format", "folders")
    assert labels_in(folder)[:2] == ["a/b", "classes.csv"]


def test_a_split_that_is_none_is_refused(folder: Path) -> None:
    for text in ("", "train", "train=0,val=1", "train=.5,train=.5", "Val=.5,val=.5", "a/b=1", "train=nan"):
        assert "is no split; write for example" in refused("export", folder, "--split", text)
    assert "make 0.9; they must make 1" in refused("export", folder, "--split", "train=.8,val=.1")


def test_annotations_are_found_where_the_report_says(
    objects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ("export", objects, "--format", "coco", "--out", tmp_path / "out.json")
    assert "The run's report names no annotations: say with --objects coco:PATH" in refused(*export)
    (objects / "export_report.json").write_text(
        json.dumps({"made_by": "tb-tsne", "settings": {"objects": "coco:gone"}})
    )
    assert "no longer where" in refused(*export)
    monkeypatch.chdir(tmp_path)
    (objects / "export_report.json").write_text(
        json.dumps({"made_by": "tb-tsne", "settings": {"objects": "coco:coco"}})
    )
    assert succeeded(*export) == f"9 samples are in {tmp_path / 'out.json'}.\n"
    assert succeeded(*export[:-1], "named.json", "--objects", "coco:coco").startswith("9 samples")
    assert (tmp_path / "named.json").read_bytes() == (tmp_path / "out.json").read_bytes()
    assert run(*export[:-1], tmp_path / "again.json").stderr.splitlines() == [
        f"note: The annotations are {tmp_path / 'coco'}, from which the run was exported.",
        "note: 9 annotations got another class.",
        "note: 3 objects without a label kept the class that the annotation had.",
    ]


def test_objects_of_another_format_are_not_taken_for_these(objects: Path, tmp_path: Path) -> None:
    """The fifth row of a file is not the object whose id is 5."""
    (objects / "export_report.json").write_text(
        json.dumps({"made_by": "tb-tsne", "settings": {"objects": "coco:coco"}})
    )
    words = "another format (coco), and its objects have other ids in yolo: take coco, or a table."
    yolo = tmp_path / "yolo"
    assert words in refused("import", objects, yolo, "--format", "yolo")
    assert words in refused(
        "export", objects, "--format", "yolo", "--out", tmp_path / "out", "--objects", f"yolo:{yolo}"
    )


def test_nothing_labeled_makes_no_dataset(tmp_path: Path, images: Path) -> None:
    folder = make_run(tmp_path / "new", np.eye(3))
    words = refused("export", folder, "--format", "folders", "--out", tmp_path / "out", "--images", images)
    assert "No sample that can leave as folders" in words


def test_a_dataset_of_whole_pictures_is_not_written_into_annotations(
    folder: Path, objects: Path, tmp_path: Path
) -> None:
    source = f"voc:{tmp_path / 'voc'}"
    words = refused("export", folder, "--format", "voc", "--out", tmp_path / "out", "--objects", source)
    assert "The run is one of whole pictures" in words


def test_states_that_a_dataset_says_are_imported(folder: Path, tmp_path: Path) -> None:
    ids = [line.split("\t")[0] for line in (folder / "metadata.tsv").read_text().splitlines()[1:]]
    rows = [f"{ids[0]}\tdog\tvalidated", f"{ids[1]}\tdog\tpredicted", f"{ids[2]}\tcat\tdubious"]
    head = "object_id\tobject_annotation_category\tobject_annotation_status\n[t]\t[t]\t[t]\n"
    (tmp_path / "ecotaxa.tsv").write_text(head + "\n".join(rows) + "\n")
    done = run("import", folder, tmp_path / "ecotaxa.tsv", "--format", "ecotaxa", "--overwrite")
    assert done.exit_code == 0, done.output
    assert "note: 1 row predicted only, by nobody: passed over.\n" in done.stderr
    snapshot = LabelStore(folder / STORE_NAME).snapshot()
    assert [snapshot.names().get(each) for each in ids[:3]] == ["dog", "bee", None]
    assert snapshot.marks[ids[2]] == Mark(3, "unsure")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
def test_what_ecotaxa_itself_exports_is_imported(folder: Path, tmp_path: Path, encoding: str) -> None:
    """It puts all texts into quotes, tells UTF-8 by a byte order mark, and may be asked for Latin-1."""
    ids = [line.split("\t")[0] for line in (folder / "metadata.tsv").read_text().splitlines()[1:]]
    rows = [
        ("object_id", "img_file_name", "object_annotation_category", "object_annotation_status"),
        ("[t]", "[t]", "[t]", "[t]"),
        (ids[0], "0.png", 'Coelentéré "mou"', "validated"),
        (ids[1], "1.png", "détritus", "discarded"),
    ]
    with (tmp_path / "ecotaxa_export.tsv").open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(rows)
    done = run("import", folder, tmp_path / "ecotaxa_export.tsv", "--format", "ecotaxa", "--overwrite")
    assert done.exit_code == 0, done.output
    assert "note: 1 row discarded, so of another class: passed over.\n" in done.stderr
    names = LabelStore(folder / STORE_NAME).snapshot().names()
    assert [names.get(each) for each in ids[:2]] == ['Coelentéré "mou"', "bee"]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_what_is_no_dataset_changes_nothing(form: Format, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"\xff\xfe\x00\xd8 {")
    (tmp_path / "empty").mkdir()
    before = LabelStore(folder / STORE_NAME).revision()
    for path in (tmp_path / "odd", tmp_path / "empty"):
        done = run("import", folder, path, "--format", form.name)
        assert done.exit_code == 1, done.output
        assert done.stderr.count("\n") == 1
        assert "should not happen" not in done.stderr
    assert LabelStore(folder / STORE_NAME).revision() == before
