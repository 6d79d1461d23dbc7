"""Labels leave as datasets over HTTP: every format, whole, of the run's own files only; and the same comes back."""

from __future__ import annotations

import io
import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from PIL import Image
from werkzeug.test import TestResponse

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.datasets.catalog import FORMATS, TEXT_TABLES, Format, format_named
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About
from tb_tsne_plugin.datasets.model import File, Sample
from tb_tsne_plugin.datasets.sent_files import sent_files
from tb_tsne_plugin.datasets.zipped import zipped
from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.web.messages import AnnotationsName, DatasetName, ImportedName
from tests.builders import WORDS, blobs, make_run, sample_id
from tests.web.conftest import Api

N = 12
LABELS = {row: WORDS[row % 3] for row in range(9)}
RUN = {"run": "run", "tensor": "im"}
MADE = [form for form in FORMATS if not form.written_back]
WRITTEN_BACK = [form for form in FORMATS if form.written_back]
PAGE = Path(__file__).resolve().parents[2] / "projector_frontend" / "src" / "state" / "datasets.ts"


def picture(row: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (row, 0, 0)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    """A run of objects with its pictures; nine of twelve have a label, and one is ignored."""
    numbers = [str(row) for row in range(N)]
    boxes = {"object": ["0"] * N, "x": numbers, "y": numbers, "width": ["2.5"] * N, "height": ["3"] * N}
    boxes |= {"picture_width": ["100"] * N, "picture_height": ["50"] * N}
    folder = make_run(tmp_path / "logs" / "run", blobs(N)[0], columns=boxes)
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for row in range(N):
            archive.writestr(f"{sample_id(row)}.png", picture(row))
    store = LabelStore(folder / STORE_NAME)
    store.create({sample_id(row): label for row, label in LABELS.items()}, {sample_id(11): "ignored"})
    return tmp_path / "logs"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Annotations of the objects in three formats, each by its name: one object in each of twelve pictures."""
    folder = tmp_path / "own"
    (folder / "yolo" / "labels" / "class").mkdir(parents=True)
    (folder / "yolo" / "data.yaml").write_text("names: [thing]  # mine\n")
    (folder / "voc").mkdir()
    for row in range(N):
        (folder / "yolo" / "labels" / "class" / f"{row}.txt").write_text(
            f"0 {row / 100 + 0.0125} {row / 50 + 0.03} .025 .06\n"
        )
        sides = f"<xmin>{row}</xmin><ymin>{row}</ymin><xmax>{row + 2.5}</xmax><ymax>{row + 3}</ymax>"
        text = f"<annotation><object><name>thing</name><bndbox>{sides}</bndbox></object></annotation>\n"
        (folder / "voc" / f"{row}.xml").write_text(text)
    coco = {
        "images": [{"id": row, "file_name": f"class/{row}.png"} for row in range(N)],
        "annotations": [{"id": 0, "image_id": row, "category_id": 1} for row in range(N)],
        "categories": [{"id": 1, "name": "thing"}],
    }
    (folder / "coco").write_text(json.dumps(coco, indent=1))
    return folder


def sent(path: Path) -> list[dict[str, str]]:
    """A file, or all files of a folder, as a browser names them."""
    files = [path] if path.is_file() else [each for each in sorted(path.rglob("*")) if each.is_file()]
    return [
        {"name": each.relative_to(path.parent).as_posix(), "content": b64encode(each.read_bytes()).decode()}
        for each in files
    ]


def unpacked(answer: TestResponse, form: Format, out: Path) -> Path:
    """What was downloaded, as its reader takes it: a file, or the folder that an archive holds."""
    assert answer.status_code == 200, answer.text
    content = answer.get_data()
    if form.out == "file":
        out.write_bytes(content)
        return out
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        archive.extractall(out)
    return out


def refusal(answer: TestResponse) -> tuple[int, str]:
    """The status and the sentence of an error, which names no path of this machine."""
    message = answer.get_json()["error"]["message"]
    assert not re.search(r"(?<![\w.])/(?:tmp|home|root|etc|work)\b", message), message
    return answer.status_code, message


def test_the_routes_take_every_format_once() -> None:
    assert set(get_args(DatasetName)) == {form.name for form in MADE}
    assert set(get_args(AnnotationsName)) == {form.name for form in WRITTEN_BACK}
    tables = {*TEXT_TABLES, "parquet"}
    assert set(get_args(ImportedName)) == {form.name for form in FORMATS} - tables


def test_the_page_offers_every_format_with_the_options_that_it_has() -> None:
    entries = re.findall(
        r"^  (\w+): \{\n(.*?)^  \},\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    found = {
        name: set(re.findall(r"(splits|suggestions|spreadsheet|authors|annotations):", entry))
        for name, entry in entries
    }
    with_pictures = {name for name, entry in entries if "'With pictures'" in entry}
    assert with_pictures == {form.name for form in FORMATS if form.has_pictures}
    assert found == {
        form.name: {
            name
            for name, is_there in (
                ("splits", form.has_splits),
                ("suggestions", form.has_suggestions),
                ("spreadsheet", form.name in TEXT_TABLES),
                ("authors", form.has_givers),
                ("annotations", form.written_back),
            )
            if is_there
        }
        for form in FORMATS
    }


@pytest.mark.parametrize("form", MADE, ids=lambda form: form.name)
def test_every_format_leaves_and_holds_the_labels(api: Api, form: Format, tmp_path: Path) -> None:
    answer = api.get("labels/dataset", **RUN, format=form.name)
    out = unpacked(answer, form, tmp_path / "out")
    about = About(api.workspace.run("run").tensor("im").metadata, "label", {})
    found = form.module().read(GivenFiles(out), about)
    assert {key: label for key, label in found.names.items() if label} == {
        sample_id(row): label for row, label in LABELS.items()
    }
    name = form.download.format("run")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    told = api.get("labels/dataset/preview", **RUN, format=form.name).get_json()
    leaving = {"labeled": 9, "all but ignored": 11}.get(form.holds, N)
    assert (told["file"], told["count"], told["left_out"]) == (name, leaving, N - leaving)
    assert [note.split(",")[0] for note in told["notes"]] == (
        ["The standard asks for deploymentID"] if form.name == "camtrapdp" else []
    )


def test_pictures_are_the_runs_own_whatever_its_report_says(api: Api, tmp_path: Path) -> None:
    (tmp_path / "secret" / "class").mkdir(parents=True)
    for row in range(N):
        (tmp_path / "secret" / "class" / f"{row}.png").write_bytes(b"secret")
    (tmp_path / "secret.json").write_text('{"images": [], "annotations": [], "categories": []}')
    settings = {"source": str(tmp_path / "secret"), "objects": f"coco:{tmp_path / 'secret.json'}"}
    report = {"made_by": "tb-tsne", "settings": settings}
    run = api.logdir / "run"
    (run / "export_report.json").write_text(json.dumps(report))
    folder = unpacked(api.get("labels/dataset", **RUN, format="folders"), format_named("folders"), tmp_path / "out")
    pictures = {path.name: path.read_bytes() for path in folder.rglob("*.png")}
    assert pictures == {f"{row}.png": picture(row) for row in LABELS}
    (run / "images.zip").unlink()
    for name in ("folders", "hf", "fiftyone"):
        status, message = refusal(api.get("labels/dataset", **RUN, format=name))
        assert (status, message.split(":")[0]) == (422, "The run keeps no picture of 's0000'")
    assert refusal(api.get("labels/dataset", **RUN, format="coco"))[0] == 422
    assert api.post("labels/annotations", **RUN, format="coco", files=[]).status_code == 422


@pytest.mark.parametrize("form", WRITTEN_BACK, ids=lambda form: form.name)
def test_sent_annotations_come_back_as_the_command_writes_them(
    api: Api, form: Format, own: Path, tmp_path: Path
) -> None:
    asked = {**RUN, "format": form.name, "files": sent(own / form.name)}
    out = unpacked(api.post("labels/annotations", **asked), form, tmp_path / "out")
    options = ["--objects", f"{form.name}:{own / form.name}", "--out", str(tmp_path / "written")]
    done = CliRunner().invoke(cli, ["labels", "export", str(api.logdir / "run"), "--format", form.name, *options])
    assert done.exit_code == 0, done.output
    assert contents(out) == contents(tmp_path / "written")
    assert contents(out) != contents(own / form.name)
    told = api.post("labels/annotations/preview", **asked).get_json()
    assert (told["file"], told["count"], told["left_out"]) == (form.download.format("run"), 9, 0)
    assert told["notes"] == [
        "9 annotations got another class.",
        "3 objects without a label kept the class that the annotation had.",
    ]


@pytest.mark.parametrize("name", get_args(ImportedName))
def test_what_leaves_comes_back_by_files(api: Api, name: str, own: Path, tmp_path: Path) -> None:
    form = format_named(name)
    if form.written_back:
        answer = api.post("labels/annotations", **RUN, format=name, files=sent(own / name))
    else:
        answer = api.get("labels/dataset", **RUN, format=name)
    files = sent(unpacked(answer, form, tmp_path / "out"))
    (api.logdir / "run" / STORE_NAME).unlink()
    asked = {"tensor": "im", "format": name, "files": files, "file_name": "mine"}
    told = api.edit("labels/import", **asked, preview=True).get_json()
    rest = N - len(LABELS) if form.written_back else 0
    assert (told["labeled"], told["unknown"]) == (9 + rest, 0)
    assert api.labels()["revision"] == 0
    assert api.edit("labels/import", **asked).status_code == 200
    found = api.labels()
    names = {info["id"]: info["name"] for info in found["classes"]}
    assert [names.get(class_id) for class_id in found["labels"]] == [
        LABELS.get(row, "thing" if rest else None) for row in range(N)
    ]
    assert api.get("labels/history", run="run").get_json()["entries"][0]["summary"].endswith("mine")


def test_an_import_is_of_one_thing(api: Api) -> None:
    files = [text("a.json", "[]")]
    for asked, status, words in (
        ({}, 400, "table is missing."),
        ({"format": "coco"}, 400, "table is missing."),
        ({"files": files}, 422, "An import is of a table, or of files with their format."),
        ({"files": files, "format": "labelstudio", "table": "label"}, 422, "An import is of a table"),
        ({"files": files, "format": "parquet"}, 422, "format must be one of camtrapdp, coco"),
        ({"files": [text("../a.json", "[]")], "format": "labelstudio"}, 422, "is no name of a file"),
        ({"files": [text("a.json", "{" * 500_001)], "format": "labelstudio"}, 422, "`tb-tsne labels import` takes"),
        ({"files": [text("a.json", "[" * 200_000)], "format": "labelstudio"}, 422, "a.json is no JSON."),
    ):
        found = refusal(api.edit("labels/import", tensor="im", **asked))
        assert found[0] == status
        assert words in found[1]
    assert api.labels()["revision"] == 1


def contents(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in files}


def text(name: str, content: str | bytes) -> dict[str, str]:
    raw = content if isinstance(content, bytes) else content.encode()
    return {"name": name, "content": b64encode(raw).decode()}


BOMB = "<!DOCTYPE a [<!ENTITY b 'bbbb'>]><annotation>&b;</annotation>"


@pytest.mark.parametrize(
    ("name", "files", "words"),
    [
        ("voc", [text("../voc/1.xml", "<a/>")], "'../voc/1.xml' is no name of a file in a folder."),
        ("voc", [text("/x/1.xml", "<a/>")], "'/x/1.xml' is no name of a file"),
        ("voc", [text("voc//1.xml", "<a/>")], "is no name of a file"),
        ("voc", [text("voc\\..\\1.xml", "<a/>")], "is no name of a file"),
        ("voc", [text("voc/\0.xml", "<a/>")], "is no name of a file"),
        ("voc", [text("a/1.xml", "<a/>"), text("b/1.xml", "<a/>")], "Choose one file, or one folder."),
        ("voc", [text("1.xml", "<a/>")], "1.xml is no folder with XML files."),
        ("voc", [text("voc/1.xml", BOMB)], "declares a document type"),
        ("voc", [text("voc/1.xml", "<a>")], "1.xml cannot be read as an annotation of Pascal VOC"),
        ("voc", [text("voc/1.xml", "<a>" * 65 + "</a>" * 65)], "it is nested more than 64 deep"),
        ("voc", [text("voc/1.xml", "<a>" * 100_000)], "it is nested more than 64 deep"),
        ("yolo", [text("yolo/data.yaml", "names: [a]")], "There are no files of labels"),
        ("yolo", [text("yolo/0.txt", "0" * 5_000 + " .5 .5 .1 .1\n")], "No annotation in yolo is about an object"),
        ("yolo", [text("yolo/0.txt", "0 0 0 0 0"), text("yolo/data.yaml", "[" * 50_000)], "holds no names of classes"),
        ("coco", [text("coco/1.json", "{}")], "coco is a folder, and not one file."),
        ("coco", [text("a.json", "[" * 200_000)], "a.json is no COCO detection file"),
        ("coco", [text("a.json", b"\xff\xfe\x00")], "a.json is no COCO detection file"),
        ("coco", [{"name": "a.json", "content": "no Base64"}], "files[0].content must be Base64."),
        ("coco", [text("a.json", "{" * 500_001)], "Files hold at most 500,000 lines, elements and objects here"),
        ("voc", [text("voc/1.xml", "\n" * 500_001)], "`tb-tsne labels export` takes larger ones."),
        ("coco", [], "files must be a list with 1 to 100,000 entries."),
        ("tsv", [text("a.tsv", "")], "format must be one of coco, voc, yolo."),
    ],
)
def test_annotations_that_mean_harm_are_refused_in_a_sentence(
    api: Api, name: str, files: list[dict[str, str]], words: str
) -> None:
    for route in ("labels/annotations", "labels/annotations/preview"):
        status, message = refusal(api.post(route, **RUN, format=name, files=files))
        assert status == 422
        assert words in message


def test_annotations_of_another_form_than_the_runs_are_refused(api: Api, own: Path) -> None:
    report = {"made_by": "tb-tsne", "settings": {"objects": "yolo:somewhere"}}
    (api.logdir / "run" / "export_report.json").write_text(json.dumps(report))
    status, message = refusal(api.post("labels/annotations", **RUN, format="coco", files=sent(own / "coco")))
    assert (status, "another format (yolo)" in message) == (422, True)


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"format": "exe"}, 422, "format must be one of camtrapdp, csv"),
        ({}, 400, "format is missing."),
        ({"format": "csv", "split": "../a=1"}, 422, "is no split; write for example"),
        ({"format": "csv", "split": "train=.5"}, 422, "they must make 1."),
        ({"format": "csv", "split": "a" * 129}, 422, "split must be text of at most 128 characters."),
        ({"format": "csv", "seed": "-1"}, 422, "seed must be a whole number from 0"),
        ({"format": "csv", "suggestions": "nan"}, 422, "suggestions must be"),
        ({"format": "csv", "suggestions": "0.9"}, 404, "The t-SNE is not running; start it."),
        ({"format": "folders", "suggestions": "0.9"}, 422, "image folders has no place for suggestions."),
        ({"format": "labelstudio", "split": "train=1"}, 422, "Label Studio JSON has no place for parts."),
        ({"format": "parquet", "spreadsheet": "true"}, 422, "Parquet has no place for apostrophes before formulas."),
        ({"format": "csv", "column": "nope"}, 404, "has no label column 'nope'"),
        ({"format": "csv", "run": "../run"}, 404, "There is no run"),
        ({"format": "csv", "tensor": "nope"}, 404, "nope"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    api: Api, asked: dict[str, str], status: int, words: str
) -> None:
    for route in ("labels/dataset", "labels/dataset/preview"):
        found, message = refusal(api.get(route, **{**RUN, **asked}))
        assert found == status
        assert words in message


def test_parts_are_drawn_as_by_the_command(api: Api, tmp_path: Path) -> None:
    asked: dict[str, Any] = {**RUN, "format": "csv", "split": "train=.5,val=.5", "seed": 3}
    page = api.get("labels/dataset", **asked).get_data()
    options = ["--split", "train=.5,val=.5", "--seed", "3", "--out", str(tmp_path / "out.csv")]
    done = CliRunner().invoke(cli, ["labels", "export", str(api.logdir / "run"), "--format", "csv", *options])
    assert done.exit_code == 0, done.output
    assert page == (tmp_path / "out.csv").read_bytes()
    assert page != api.get("labels/dataset", **{**asked, "seed": 4}).get_data()


def test_what_nobody_labeled_does_not_leave_as_folders(api: Api) -> None:
    (api.logdir / "run" / STORE_NAME).unlink()
    status, message = refusal(api.get("labels/dataset/preview", **RUN, format="folders"))
    assert (status, message) == (422, "No sample that can leave as folders: labeled ones do. Label some first.")


def test_a_formula_is_disarmed_for_a_spreadsheet(api: Api) -> None:
    api.add_class("=cmd()")
    classes = api.labels()["classes"]
    api.edit("labels/apply", class_id=classes[-1]["id"], sample_ids=[sample_id(10)])
    plain, harmless = (
        api.get("labels/dataset", **RUN, format="csv", spreadsheet=spreadsheet).text
        for spreadsheet in ("false", "true")
    )
    assert ",=cmd()," in plain
    assert ",'=cmd()," in harmless


def test_who_gave_the_labels_leaves_where_that_is_asked_for(api: Api) -> None:
    headers = {"X-TSNE-Request": "1", "X-TSNE-Author": "cleo@example.org"}
    edit = {"run": "run", "op_id": "operation-of-cleo", "store": api.store(), "base_revision": api.labels()["revision"]}
    body = {**edit, "new_class": {"name": "wasp"}, "sample_ids": [sample_id(10)]}
    assert api.client.post("/labels/apply", json=body, headers=headers).status_code == 200
    plain, told = (
        api.get("labels/dataset", **RUN, format="csv", authors=authors).text.splitlines()
        for authors in ("false", "true")
    )
    assert "cleo" not in "".join(plain)
    assert told[0].endswith(",label_author,label_time")
    assert re.fullmatch(r".*,cleo@example.org \(self-named\),\d{4}-\d\d-\d\dT[\d:]+Z", told[11])
    assert "\tcleo@example.org (self-named)\t" in api.get("labels.tsv", **RUN, authors="true").text
    refused = api.get("labels/dataset", **RUN, format="folders", authors="true")
    assert refusal(refused) == (422, "image folders has no place for who gave the labels.")


def test_those_who_may_only_look_download_and_send_nothing(logdir: Path, own: Path) -> None:
    api = Api(logdir)
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}, "headers": {"Host": "192.0.2.1:6006"}}
    answer = api.client.get("/labels/dataset", query_string={**RUN, "format": "hf"}, **elsewhere)
    assert answer.status_code == 200
    elsewhere["headers"] = {**elsewhere["headers"], "X-TSNE-Request": "1"}
    body = {**RUN, "format": "coco", "files": sent(own / "coco")}
    answer = api.client.post("/labels/annotations", json=body, **elsewhere)
    assert answer.get_json()["error"]["code"] == "read_only_client"


def test_an_archive_that_cannot_be_finished_breaks_off(api: Api) -> None:
    path = api.logdir / "run" / "images.zip"
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        content[archive.getinfo(f"{sample_id(8)}.png").header_offset] = 0
    path.write_bytes(content)
    query = {**RUN, "format": "folders"}
    taken: list[Any] = []
    pieces = iter(api.client.get("/labels/dataset", query_string=query).response)
    with pytest.raises(ConnectionAbortedError):
        taken.extend(pieces)
    assert taken
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(taken)))


def test_an_archive_holds_one_picture_at_a_time() -> None:
    samples = [Sample(str(number), f"{number}.png", str(number)) for number in range(100)]
    read: list[str] = []

    def content(sample: Sample) -> bytes:
        read.append(sample.sample_id)
        return bytes([len(read)]) * 10_000

    files = [*(File(f"a/{sample.stem}.png", sample) for sample in samples), File("ü.csv", b"a,b\n" * 1_000)]
    pieces: Iterator[bytes] = zipped(files, content)
    first = next(pieces)
    assert read == ["0"]
    rest = list(pieces)
    assert max(map(len, rest)) < 20_000
    whole = first + b"".join(rest)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [file.name for file in files]
        assert archive.read("ü.csv") == b"a,b\n" * 1_000
        assert not any(entry.flag_bits & 0x08 for entry in archive.infolist())  # sizes stand before the content
    assert b"".join(zipped(files, lambda _: b"1")) == b"".join(zipped(files, lambda _: b"1"))


def test_what_is_sent_is_read_as_what_is_there(own: Path) -> None:
    names = [path.relative_to(own).as_posix() for path in (own / "yolo").rglob("*") if path.is_file()]
    files = sent_files({**{name: (own / name).read_bytes() for name in names}, "yolo/.hidden.txt": b"0"})
    there = GivenFiles(own / "yolo")
    assert (files.name, files.is_folder) == (there.name, there.is_folder)
    assert files.names(".txt") == there.names(".txt")
    assert [files.read(name) for name in files.names()] == [there.read(name) for name in there.names()]
    assert files.holds("data.yaml")
    assert not files.holds("data.yml")
    alone = sent_files({"a.json": b"{}"})
    assert (alone.is_folder, alone.name, alone.json(), alone.names()) == (False, "a.json", {}, [])
