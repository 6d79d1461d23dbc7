"""What leaves as a dataset is read by the programs that it is for, with the same classes on the same pictures."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from exporters import ExportOptions, ObjectChoice, export_images
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.datasets.catalog import NAMES
from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME
from tests.builders import blobs, make_run, sample_id
from tests.exporters.drawn import read_metadata
from tests.peers import peer, run_beside
from tests.peers.camtrapdp import MISSING, read_camtrapdp
from tests.peers.detection import Objects, read_by_pycocotools, read_coco, read_voc, read_yolo, supervision
from tests.peers.ecotaxa import read_ecotaxa
from tests.peers.fiftyone import Classified, read_fiftyone

pytestmark = pytest.mark.peers
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")

CLASSES = (
    *("Löwe", "Löwe 猫", "zwei, drei", 'say "a"', '"quoted"', '"open', "a/b", "a\\b", "=1+1", "CON", "it's <b>&amp;"),
    *("1.0", "007", "NA", "nan", "None", "true", "human", "x" * 128),
)
"""Names that programs take for something else: numbers, missing values, quotes, paths, formulas, markup."""
NUMBERS = ("1", "2", "10")
N = 2 * len(CLASSES)
SUGGESTED, UNSURE, IGNORED = N, N + 3, N + 4


def name(row: int) -> str:
    return f"é {row}.png"


def export(run: Path, form: str, out: Path, *options: object) -> Path:
    arguments = ["labels", "export", run, "--format", form, "--out", out, *options]
    done = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture
def images(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "class").mkdir(parents=True)
    for row in range(N + 5):
        Image.new("RGB", (4, 4), (row, 0, 0)).save(tmp_path / "photos" / "class" / name(row))
    return tmp_path / "photos"


def labeled_run(folder: Path, classes: Sequence[str], columns: dict[str, list[str]] | None = None) -> Path:
    """Two samples of each class in turn, then three without a label, one unsure and one ignored."""
    make_run(folder, blobs(N + 5, classes=len(classes), d=len(classes) + 2)[0], columns=columns)
    table = (folder / "metadata.tsv").read_text(encoding="utf-8")
    (folder / "metadata.tsv").write_text(table.replace("class/", "class/é "), encoding="utf-8")
    store = LabelStore(folder / STORE_NAME)
    names = {sample_id(row): classes[row % len(classes)] for row in range(N)}
    store.create(names, {sample_id(UNSURE): "unsure", sample_id(IGNORED): "ignored"})
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    times = {end: [f"2026-05-0{1 + row % 9}T10:00:00Z" for row in range(N + 5)] for end in ("eventStart", "eventEnd")}
    return labeled_run(tmp_path / "run", CLASSES, {"deploymentID": ["d1"] * (N + 5), **times})


def expected(classes: Sequence[str] = CLASSES) -> dict[str, str]:
    return {name(row): classes[row % len(classes)] for row in range(N)}


def test_the_documents_say_of_each_format_who_read_it() -> None:
    table = PAGE.split("## Who reads it")[1].split("\n## ")[0]
    said = [word for cell in re.findall(r"^\| ([^|]*) \|", table, flags=re.MULTILINE) for word in cell.split("`")[1::2]]
    assert sorted(said) == sorted(["--format", *NAMES])


def test_folders_are_read_by_torchvision(run: Path, images: Path, tmp_path: Path) -> None:
    out = export(run, "folders", tmp_path / "out", "--images", images)
    (found,) = run_beside("torchvision", "image_folder", out)
    with (out / "classes.csv").open(newline="", encoding="utf-8") as file:
        meant = {row["folder"]: row["class"] for row in csv.DictReader(file)}
    assert {picture: meant.get(folder, folder) for picture, folder in found["pictures"].items()} == expected()
    assert len(found["classes"]) == len(CLASSES)


def test_parts_of_folders_are_read_by_torchvision_with_the_same_numbers(tmp_path: Path, images: Path) -> None:
    """The layout of Ultralytics' classification, too: train, val and test, each with a folder for each class."""
    run = labeled_run(tmp_path / "run", NUMBERS)
    out = export(run, "folders", tmp_path / "out", "--images", images, "--split", "train=.6,val=.2,test=.2")
    assert sorted(path.name for path in out.iterdir()) == ["test", "train", "val"]
    parts = run_beside("torchvision", "image_folder", *(out / part for part in ("train", "val", "test")))
    assert [part["classes"] for part in parts] == [sorted(NUMBERS)] * 3
    found = [item for part in parts for item in part["pictures"].items()]
    assert len(found) == N
    assert dict(found) == expected(NUMBERS)


@pytest.mark.tensorflow
def test_folders_are_read_by_keras(tmp_path: Path, images: Path) -> None:
    keras = peer("keras")
    run = labeled_run(tmp_path / "run", NUMBERS)
    out = export(run, "folders", tmp_path / "out", "--images", images)
    found = keras.utils.image_dataset_from_directory(str(out), image_size=(4, 4), shuffle=False, verbose=False)
    numbers = np.concatenate([labels for _, labels in found])
    classes = [found.class_names[number] for number in numbers]
    assert {Path(path).name: label for path, label in zip(found.file_paths, classes, strict=True)} == expected(NUMBERS)


@pytest.fixture
def hugging_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`datasets.load_dataset`, which asks nobody and keeps what it makes in a folder of its own."""
    datasets = peer("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    return lambda kind, **options: datasets.load_dataset(kind, cache_dir=str(tmp_path / "cache"), **options)


@pytest.mark.parametrize("classes", [CLASSES, NUMBERS, ("ant", "bee")], ids=["odd names", "numbers", "words"])
def test_hugging_faces_folder_is_read_by_datasets(
    tmp_path: Path, images: Path, hugging_face: Callable[..., Any], classes: Sequence[str]
) -> None:
    run = labeled_run(tmp_path / "run", classes)
    out = export(run, "hf", tmp_path / "out", "--images", images)
    found = hugging_face("imagefolder", data_dir=str(out), split="train")
    rows = dict(zip(found["sample_id"], found["label"], strict=True))
    assert rows == {sample_id(row): classes[row % len(classes)] for row in range(N)}
    pixels = {row["sample_id"]: row["image"].getpixel((0, 0)) for row in found}
    assert pixels == {sample_id(row): (row, 0, 0) for row in range(N)}
    assert (out / "metadata.csv").exists() == (classes == ("ant", "bee"))  # what most programs read, where it will do


def test_parts_of_hugging_faces_folder_are_read_by_datasets(
    run: Path, images: Path, tmp_path: Path, hugging_face: Callable[..., Any]
) -> None:
    out = export(run, "hf", tmp_path / "out", "--images", images, "--split", "train=.5,test=.5")
    found = hugging_face("imagefolder", data_dir=str(out))
    assert {part: len(rows) for part, rows in found.items()} == {"train": len(CLASSES), "test": len(CLASSES)}
    assert [Counter(rows["label"]) for rows in found.values()] == [Counter(CLASSES)] * 2


@pytest.mark.parametrize("classes", [CLASSES, ("ant", "bee")], ids=["odd names", "words"])
def test_suggestions_are_read_by_datasets_as_such(
    tmp_path: Path, images: Path, hugging_face: Callable[..., Any], classes: Sequence[str]
) -> None:
    run = labeled_run(tmp_path / "run", classes)
    out = export(run, "hf", tmp_path / "out", "--images", images, "--with-suggestions", "0.01")
    found = hugging_face("imagefolder", data_dir=str(out), split="train")
    labels = dict(zip(found["sample_id"], found["label"], strict=True))
    suggested = {row["sample_id"]: row["suggestion"] for row in found if row["suggestion"] is not None}
    assert suggested.keys() == {sample_id(row) for row in range(SUGGESTED, SUGGESTED + 3)}
    assert {key for key, label in labels.items() if label is None} == suggested.keys()
    assert all(0.01 <= value <= 1 for value in found["suggestion_probability"] if value is not None)


def test_parquet_is_read_by_datasets(run: Path, tmp_path: Path, hugging_face: Callable[..., Any]) -> None:
    out = export(run, "parquet", tmp_path / "out.parquet")
    found = hugging_face("parquet", data_files=str(out), split="train")
    rows = {PurePosixPath(row["file"]).name: row["label"] for row in found}
    assert rows == {**expected(), **{name(row): None for row in range(N, N + 5)}}


@pytest.mark.parametrize("form", ["tsv", "csv"])
def test_tables_are_read_by_pandas(form: str, run: Path, tmp_path: Path) -> None:
    pandas = peer("pandas")
    out = export(run, form, tmp_path / "out")
    plain = {"sep": "\t", "quoting": csv.QUOTE_NONE} if form == "tsv" else {}
    found = pandas.read_csv(out, dtype=str, keep_default_na=False, **plain)
    rows = {PurePosixPath(file).name: label for file, label in zip(found["file"], found["label"], strict=True)}
    assert rows == {**expected(), **{name(row): "unlabeled" for row in range(N, N + 5)}}


def test_fiftyones_folder_is_as_its_importer_takes_it(run: Path, images: Path, tmp_path: Path) -> None:
    out = export(run, "fiftyone", tmp_path / "out", "--images", images)
    assert read_fiftyone(out) == {picture: Classified(label) for picture, label in expected().items()}
    out = export(run, "fiftyone", tmp_path / "suggested", "--images", images, "--with-suggestions", "0.01")
    found = read_fiftyone(out)
    assert found.keys() == expected().keys() | {name(row) for row in range(SUGGESTED, SUGGESTED + 3)}
    for row in range(SUGGESTED, SUGGESTED + 3):
        _, confidence, attributes = found[name(row)]
        assert confidence is not None
        assert 0.01 <= confidence <= 1
        assert attributes == {"suggested": True}


def test_tasks_are_read_by_label_studio(run: Path, tmp_path: Path) -> None:
    out = export(run, "labelstudio", tmp_path / "out.json", "--with-suggestions", "0.01")
    choices = "".join(f"<Choice value={quoteattr(label)}/>" for label in CLASSES)
    image = '<Image name="image" value="$image"/>'
    configuration = f'<View>{image}<Choices name="choice" toName="image">{choices}</Choices></View>'
    found = run_beside("label_studio_sdk", "label_studio", out, configuration, tmp_path / "converted")
    assert {PurePosixPath(file).name: label for file, label in found["annotated"].items()} == expected()
    suggested = {PurePosixPath(file).name for file in found["predicted"]}
    assert suggested == {name(row) for row in range(SUGGESTED, SUGGESTED + 3)}


def test_ecotaxas_table_is_as_its_import_takes_it(run: Path, tmp_path: Path) -> None:
    out = export(run, "ecotaxa", tmp_path / "out.tsv", "--with-suggestions", "0.01")
    found = read_ecotaxa(out.read_bytes())
    said = {PurePosixPath(file).name: (row.category, row.status) for file, row in found.items()}
    suggested = {name(row): said.pop(name(row)) for row in range(SUGGESTED, SUGGESTED + 3)}
    assert said == {**{picture: (label, "validated") for picture, label in expected().items()}, name(UNSURE): ("", "")}
    assert {status for _, status in suggested.values()} == {"predicted"}


def test_observations_follow_the_standard_of_camera_traps(run: Path, tmp_path: Path) -> None:
    found = read_camtrapdp(export(run, "camtrapdp", tmp_path / "observations.csv", "--with-suggestions", "0.01"))
    labels = {}
    for row in found:
        if row["classificationMethod"] == "human" and row["observationType"] != "unknown":
            is_animal = row["observationType"] == "animal"
            labels[PurePosixPath(row["mediaID"]).name] = row["scientificName"] if is_animal else row["observationType"]
    missing = {picture: None for picture, label in expected().items() if label in MISSING}
    assert labels == {**expected(), **missing}  # the standard has no way to write a name such as NA
    assert [row["classifiedBy"] for row in found if row["classificationMethod"] == "machine"] == ["tb-tsne"] * 3


PICTURES = {"a.png": 3, "b 1.png": 1, "ü.png": 2}
"""How many objects are in each picture."""


@pytest.fixture
def drawn(tmp_path: Path) -> Any:
    """A dataset of two classes as supervision holds it."""
    module = supervision()
    (tmp_path / "drawn").mkdir()
    annotations = {}
    for picture, count in PICTURES.items():
        path = tmp_path / "drawn" / picture
        Image.effect_noise((80, 60), 60).convert("RGB").save(path)
        corners = np.array([[20.0 * number, 5, 20 * number + 15, 40] for number in range(count)])
        annotations[str(path)] = module.Detections(xyxy=corners, class_id=np.arange(count) % 2)
    return module.DetectionDataset(classes=["thing", "Ding"], images=list(annotations), annotations=annotations)


ODD = ("thing", "Löwe 猫", "a/b <&>", "yes", "1")


def written_back(source: str, images: Path, folder: Path, names: Sequence[str]) -> tuple[Path, Objects]:
    """Exports objects, gives two of three a class in turn, and writes them back.

    Args:
      source: The annotations, as `--objects` takes them.
      images: Their pictures.
      folder: For the run and what comes out.
      names: The classes.

    Returns:
      What came out, and what there is to be read in it of the objects of the run.
    """
    folder.mkdir()
    choice = ObjectChoice(source, min_side=0)
    export_images(images, folder / "run", ExportOptions(["pix"], true_labels=True, max_samples=None, objects=choice))
    rows = read_metadata(folder / "run")
    given = {row["sample_id"]: names[at % len(names)] for at, row in enumerate(rows) if at % 3}
    LabelStore(folder / "run" / STORE_NAME).create(given)
    form = source.partition(":")[0]
    out = export(folder / "run", form, folder / ("out.json" if form == "coco" else "out"), "--objects", source)
    return out, Counter((row["file"], given.get(row["sample_id"], row["true_label"])) for row in rows)


def test_coco_that_was_written_back_is_read(drawn: Any, tmp_path: Path) -> None:
    drawn.as_coco(images_directory_path=None, annotations_path=str(tmp_path / "coco.json"))
    out, expected = written_back(f"coco:{tmp_path / 'coco.json'}", tmp_path / "drawn", tmp_path / "made", ODD)
    assert read_by_pycocotools(out) == expected
    assert read_coco(out, tmp_path / "drawn") == expected


def test_yolo_that_was_written_back_is_read(drawn: Any, tmp_path: Path) -> None:
    (tmp_path / "yolo" / "labels").mkdir(parents=True)
    drawn.as_yolo(None, str(tmp_path / "yolo" / "labels"), str(tmp_path / "yolo" / "data.yaml"))
    out, expected = written_back(f"yolo:{tmp_path / 'yolo'}", tmp_path / "drawn", tmp_path / "made", ODD)
    assert read_yolo(out, tmp_path / "drawn") == expected


def test_pascal_voc_that_was_written_back_is_read(drawn: Any, tmp_path: Path) -> None:
    drawn.as_pascal_voc(None, str(tmp_path / "voc"))
    out, expected = written_back(f"voc:{tmp_path / 'voc'}", tmp_path / "drawn", tmp_path / "made", ODD)
    assert read_voc(out, tmp_path / "drawn") == expected


def test_the_whole_of_bccd_is_written_back_and_read(data_dir: Path, tmp_path: Path) -> None:
    bccd = data_dir / "bccd"
    sources = {"coco": bccd / "coco.json", "yolo": bccd / "data.yaml", "voc": bccd / "Annotations"}
    outs, counts = {}, {}
    for form, path in sources.items():
        outs[form], counts[form] = written_back(f"{form}:{path}", bccd / "images", tmp_path / form, ("WBC", "smudge"))
    # Two boxes have no area: they are in no run, and keep their class.
    odd = Counter({("BloodImage_00338.jpg", "RBC"): 1, ("BloodImage_00343.jpg", "RBC"): 1})
    assert counts["coco"] == counts["yolo"] == counts["voc"]
    assert sum(counts["coco"].values()) == 4886
    assert read_by_pycocotools(outs["coco"]) == counts["coco"] + odd
    assert read_coco(outs["coco"], bccd / "images") == counts["coco"] + odd
    assert read_yolo(outs["yolo"], bccd / "images") == counts["yolo"] + odd
    assert read_voc(outs["voc"], bccd / "images") == counts["voc"] + odd
