"""`tb-tsne predict`: the labels that the run's own suggestions would give, in a table; wrong input gets a sentence."""

from __future__ import annotations

import hashlib
import json
import shutil
import weakref
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from exporters import cluster as cluster_module
from exporters import write_run
from exporters.images import read as read_module
from exporters.images.read import read_image
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.cli.labeled import guide_of, labeled
from tb_tsne_plugin.guidance.pool import propagate
from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.runs import open_run
from tests.exporters.drawn import read_metadata, spoil

onnx: Any = pytest.importorskip("onnx", reason="needs the extra [onnx]")
pytest.importorskip("onnxruntime", reason="needs the extra [onnx]")
helper, TensorProto = onnx.helper, onnx.TensorProto

CLASSES = {"leaf": (40, 160, 60), "sky": (60, 90, 200), "sand": (200, 180, 90)}
HEADER = ["sample_id", "file", "label", "probability", "second", "second_probability"]


def tb_tsne(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def draw_classes(folder: Path, each: int, seed: int = 0, dtype: npt.DTypeLike = np.uint8) -> Path:
    """`each` noisy pictures of each class."""
    random = np.random.default_rng(seed)
    for name, color in CLASSES.items():
        (folder / name).mkdir(parents=True)
        for number in range(each):
            pixels = np.clip(np.array(color) + 25 * random.standard_normal((24, 24, 3)), 0, 255).astype(np.uint8)
            picture: npt.NDArray[Any] = pixels
            if dtype != np.uint8:
                picture = (1000 + 3 * pixels[..., 2].astype(dtype)).astype(dtype)
            Image.fromarray(picture).save(folder / name / f"{seed}-{number:03d}.png")
    return folder


def read_table(path: Path) -> list[dict[str, str]]:
    header, *lines = [line.split("\t") for line in path.read_text().splitlines()]
    assert header == HEADER
    return [dict(zip(header, line, strict=True)) for line in lines]


def save_network(path: Path, factor: float = 1.0) -> Path:
    """Hands on each channel's mean, times a factor."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["pictures"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("Mul", ["flat", "factor"], ["rows"]),
    ]
    graph = helper.make_graph(
        nodes,
        "means",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, 16, 16])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor("factor", TensorProto.FLOAT, [], [factor])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def means(folder: Path) -> str:
    """The network of a file in a folder."""
    path = folder / "means.onnx"
    return f"onnx:{path if path.exists() else save_network(path)}"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Makes a classifier of drawn pictures: an export by the network of means or other options, and what is learned."""

    def made(*options: object, dtype: npt.DTypeLike = np.uint8) -> Path:
        images = draw_classes(tmp_path / "images", 12, dtype=dtype)
        options = options or ("--backbone", means(tmp_path), "--normalization", "unit")
        done = tb_tsne("export", images, "--logdir", tmp_path / "run", "--labels", "folders", *options)
        assert done.exit_code == 0, done.output
        done = tb_tsne("labels", "classifier", tmp_path / "run", "--out", tmp_path / "made")
        assert (done.exit_code, "note:" in done.stderr) == (0, False), done.output
        return tmp_path / "made"

    return made


def predict(folder: Path, *options: object, images: Path | None = None, network: str | None = "") -> Result:
    """Predicts further images; by the network of means, unless another one is named, or none."""
    images = images or folder / "further"
    network = means(folder) if network == "" else network
    options = options if network is None else (*options, "--backbone", network)
    return tb_tsne("predict", images, "--classifier", folder / "made", "--out", folder / "out.tsv", *options)


def test_further_images_get_their_labels_and_what_cannot_be_used_is_listed(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    make()
    draw_classes(tmp_path / "further", 100, seed=1)
    spoiled = spoil_copies(tmp_path / "further")
    done = predict(tmp_path)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"300 images ({len(spoiled)} left out) are in {tmp_path / 'out.tsv'}; ")
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == sorted(spoiled)
    rows = read_table(tmp_path / "out.tsv")
    assert [row["file"] for row in rows] == sorted(row["file"] for row in rows)
    assert all(row["label"] == row["file"].partition("/")[0] for row in rows)
    for row in rows:
        assert 1 >= float(row["probability"]) >= float(row["second_probability"]) >= 0
        assert row["second"] in set(CLASSES) - {row["label"]}


def spoil_copies(folder: Path) -> dict[str, str]:
    """Unusable files in class folders of their own."""
    for name in ("class_0", "class_1"):
        (folder / name).mkdir()
    return spoil(folder)


def test_the_probabilities_are_those_of_the_suggestions_for_a_pool(make: Callable[..., Path], tmp_path: Path) -> None:
    make()
    further = draw_classes(tmp_path / "further", 20, seed=1)
    assert predict(tmp_path).exit_code == 0
    options = ["--backbone", means(tmp_path), "--normalization", "unit"]
    assert tb_tsne("export", further, "--logdir", tmp_path / "pool", *options).exit_code == 0
    pool = ["--pool", tmp_path / "pool", "--out", tmp_path / "propagated.tsv"]
    assert tb_tsne("labels", "propagate", tmp_path / "run", *pool).exit_code == 0
    lines = [line.split("\t") for line in (tmp_path / "propagated.tsv").read_text().splitlines()[1:]]
    suggested = {name: (label, float(probability)) for name, label, probability in lines}
    rows = read_table(tmp_path / "out.tsv")
    assert {row["sample_id"] for row in rows} == suggested.keys()
    for row in rows:
        label, probability = suggested[row["sample_id"]]
        assert row["label"] == label
        assert float(row["probability"]) == pytest.approx(probability, abs=2e-4)


@pytest.mark.slow
def test_raw_pixels_need_no_network(make: Callable[..., Path], tmp_path: Path) -> None:
    make("--features", "pix")
    draw_classes(tmp_path / "further", 5, seed=1)
    done = predict(tmp_path)
    assert (done.exit_code, "leave --backbone and --weights out" in done.stderr) == (2, True)
    done = predict(tmp_path, network=None)
    assert done.exit_code == 0, done.output
    assert all(row["label"] == row["file"].partition("/")[0] for row in read_table(tmp_path / "out.tsv"))


def test_what_was_learned_from_parts_of_pictures_says_so(tmp_path: Path) -> None:
    images = draw_classes(tmp_path / "images", 12)
    cut = ("--tiles", 8, "--features", "pix", "--labels", "folders", "--max-samples", "all")
    assert tb_tsne("export", images, "--logdir", tmp_path / "run", *cut).exit_code == 0
    words = "note: It was learned from parts of larger pictures: tb-tsne predict takes every image whole"
    assert words in tb_tsne("labels", "classifier", tmp_path / "run", "--out", tmp_path / "made").stderr
    done = predict(tmp_path, images=images, network=None)
    assert done.exit_code == 0, done.output
    assert words in done.stderr


def test_the_table_can_be_imported_into_a_run_of_these_images(make: Callable[..., Path], tmp_path: Path) -> None:
    make()
    further = draw_classes(tmp_path / "further", 5, seed=1)
    assert predict(tmp_path).exit_code == 0
    assert tb_tsne("export", further, "--logdir", tmp_path / "other", "--features", "pix").exit_code == 0
    done = tb_tsne("labels", "import", tmp_path / "other", tmp_path / "out.tsv")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("15 of 15 rows change a label, and 3 new classes are made.")
    assert tb_tsne("labels", "save", tmp_path / "other").exit_code == 0
    assert all(row["label"] == row["file"].partition("/")[0] for row in read_metadata(tmp_path / "other"))


def test_pictures_of_more_bits_are_shown_as_those_of_the_run(make: Callable[..., Path], tmp_path: Path) -> None:
    """One of them alone would be stretched from its own black to its own white."""
    made = make(dtype=np.uint16)
    draw_classes(tmp_path / "further", 4, seed=1, dtype=np.uint16)
    shutil.rmtree(tmp_path / "further" / "sky")
    shutil.rmtree(tmp_path / "further" / "sand")
    done = predict(tmp_path)
    assert done.exit_code == 0, done.output
    assert {row["label"] for row in read_table(tmp_path / "out.tsv")} == {"leaf"}
    told = json.loads((made / "classifier.json").read_text())["encoder"]
    assert told["intensity"] == "set"
    assert told["intensity_range"]["whole numbers"][0] >= 1000


def test_a_network_lies_elsewhere_and_another_one_is_refused(make: Callable[..., Path], tmp_path: Path) -> None:
    made = make()
    told = json.loads((made / "classifier.json").read_text())["encoder"]
    assert told["options"]["backbone"] == "onnx:means.onnx"
    assert told["options"]["normalization"] == "unit"
    draw_classes(tmp_path / "further", 3, seed=1)
    done = predict(tmp_path, network=None)
    assert (done.exit_code, done.stderr) == (
        2,
        "Error: The classifier's features come from the file means.onnx: say where it lies, with --backbone "
        "onnx:FILE.\n",
    )
    other = save_network(tmp_path / "other.onnx", factor=2.0)
    done = predict(tmp_path, network=f"onnx:{other}")
    assert (done.exit_code, done.stderr) == (
        1,
        "Error: onnx:other.onnx is not the network that the labels were learned on: its weights are others.\n",
    )
    assert not (tmp_path / "out.tsv").exists()
    moved = shutil.move(tmp_path / "means.onnx", tmp_path / "moved.onnx")
    done = predict(tmp_path, network=f"onnx:{moved}")
    assert done.exit_code == 0, done.output
    assert all(row["label"] == row["file"].partition("/")[0] for row in read_table(tmp_path / "out.tsv"))


def test_a_program_runs_only_where_the_user_names_it(make: Callable[..., Path], tmp_path: Path) -> None:
    """A classifier may come from anybody."""
    (tmp_path / "own.py").write_text(
        "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\n"
        "def means(batch): return batch.mean(axis=(1, 2))\nmeans.input_size = 16\n"
    )
    make("--backbone", f"python:{tmp_path}/own.py:means")
    (tmp_path / "own.ran").unlink()
    draw_classes(tmp_path / "further", 3, seed=1)
    edit(tmp_path / "made", lambda told: told["encoder"]["options"].update(backbone=f"python:{tmp_path}/own.py:means"))
    done = predict(tmp_path, network=None)
    assert done.exit_code == 2
    assert "come from a program" in done.stderr
    assert not (tmp_path / "own.ran").exists()
    done = predict(tmp_path, network=f"python:{tmp_path}/own.py:means")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "own.ran").exists()


def edit(made: Path, change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads((made / "classifier.json").read_text())
    change(told)
    (made / "classifier.json").write_text(json.dumps(told))


def test_features_of_ones_own_are_given_as_a_file(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    group = np.arange(60) % 3
    centers = 10.0 * np.eye(3, 6)
    features = (centers[group] + random.standard_normal((60, 6))).astype(np.float32)
    labels = [["ant", "bee", "cat"][number] for number in group]
    metadata = {"sample_id": [f"s{row}" for row in range(60)], "label": labels}
    write_run(tmp_path / "run", features={"own": features}, metadata=metadata)
    assert tb_tsne("labels", "classifier", tmp_path / "run", "--out", tmp_path / "made").exit_code == 0
    draw_classes(tmp_path / "further", 2)
    done = predict(tmp_path)
    assert done.exit_code == 1
    assert "takes further images as an .npy file of their features" in done.stderr
    further = centers[group] + random.standard_normal((60, 6))
    further[4, 2] = np.nan
    np.save(tmp_path / "further.npy", further)
    done = predict(tmp_path, images=tmp_path / "further.npy")
    assert done.exit_code == 0, done.output
    assert done.stderr == "left out: 4: its features are not finite\n"
    rows = read_table(tmp_path / "out.tsv")
    assert [row["sample_id"] for row in rows] == [str(number) for number in range(60) if number != 4]
    assert [row["label"] for row in rows] == [label for number, label in enumerate(labels) if number != 4]
    for wrong, words in [
        (np.zeros((3, 5)), "has features of width 5, the classifier takes 6"),
        (np.zeros(6), "must hold one row of numbers a sample"),
        (np.array([{}]), "is no .npy file of numbers"),
    ]:
        np.save(tmp_path / "wrong.npy", wrong, allow_pickle=True)
        done = predict(tmp_path, images=tmp_path / "wrong.npy")
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
        assert words in done.stderr


def swap_model(made: Path, *, told: bool) -> None:
    """Puts another model in the classifier's place, perhaps one that its description is of."""
    save_network(made / "classifier.onnx")
    if told:
        digest = hashlib.sha256((made / "classifier.onnx").read_bytes()).hexdigest()
        edit(made, lambda found: found.update(model_sha256=digest))


def write_text(made: Path, text: str) -> None:
    (made / "classifier.json").write_text(text)


@pytest.mark.parametrize(
    ("spoil_it", "words"),
    [
        (shutil.rmtree, "is no classifier: it has no classifier.json"),
        (lambda made: (made / "classifier.onnx").unlink(), "is no classifier: it has no classifier.onnx"),
        (lambda made: swap_model(made, told=False), "is not the one that classifier.json beside it describes"),
        (lambda made: swap_model(made, told=True), "it does not turn 3 features into 3 probabilities"),
        (lambda made: write_text(made, "{"), "does not describe a classifier"),
        (lambda made: write_text(made, "[" * 100_000), "does not describe a classifier"),
        (lambda made: write_text(made, "{}"), "it is none of tb-tsne's"),
        (lambda made: edit(made, lambda told: told.update(format=2)), "written by a later version of tb-tsne"),
        (lambda made: edit(made, lambda told: told.update(classes=["a", "b\tc", "d"])), "its classes are none"),
        (lambda made: edit(made, lambda told: told["encoder"].update(stage="tf")), "that takes more than one picture"),
    ],
)
def test_what_is_no_classifier_is_refused_in_a_sentence(
    make: Callable[..., Path], tmp_path: Path, spoil_it: Callable[[Path], None], words: str
) -> None:
    made = make()
    draw_classes(tmp_path / "further", 2, seed=1)
    (tmp_path / "out.tsv").write_text("mine")
    spoil_it(made)
    done = predict(tmp_path)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.output
    assert words in done.stderr
    assert (tmp_path / "out.tsv").read_text() == "mine"


def test_where_nothing_can_be_used_there_is_no_table(make: Callable[..., Path], tmp_path: Path) -> None:
    make()
    (tmp_path / "further").mkdir()
    (tmp_path / "further" / "a.png").write_bytes(b"no picture")
    before = sorted(tmp_path.iterdir())
    done = predict(tmp_path)
    assert done.exit_code == 1
    assert "None of the 1 images can be used; a.png: " in done.stderr
    assert sorted(tmp_path.iterdir()) == before
    done = tb_tsne("predict", tmp_path / "nowhere", "--classifier", tmp_path / "made", "--out", tmp_path / "out.tsv")
    assert (done.exit_code, "does not exist" in done.stderr) == (1, True)


def test_no_more_pictures_are_held_than_are_on_their_way(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a thousand, those that are read and not yet written are a few hundred at any moment."""
    make()
    draw_classes(tmp_path / "further", 340, seed=1)
    alive: dict[int, object] = {}
    most = 0
    numbers = count()

    def counted(*arguments: Any) -> Any:
        nonlocal most
        found = read_image(*arguments)
        number = next(numbers)
        alive[number] = weakref.ref(found, lambda _: alive.pop(number))
        most = max(most, len(alive))
        return found

    monkeypatch.setattr(read_module, "read_image", counted)
    assert predict(tmp_path).exit_code == 0
    assert len(read_table(tmp_path / "out.tsv")) == 1020
    assert 0 < most < 700


def test_a_cluster_gives_the_same_table(
    make: Callable[..., Path], tmp_path: Path, ray_cluster: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "PART", 8)
    make()
    draw_classes(tmp_path / "further", 10, seed=1)
    assert predict(tmp_path).exit_code == 0
    here = (tmp_path / "out.tsv").read_bytes()
    (tmp_path / "out.tsv").unlink()
    done = predict(tmp_path, "--backend", "ray")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out.tsv").read_bytes() == here


def agrees_with_the_page(tmp_path: Path, backbone: str, *, named: bool) -> None:
    """Labels half of some images, and predicts the same images again.

    A classifier sees each as a further image. So does `propagate`, whose probabilities these are; the page knows more
    of the images in the run, where among all of them each lies, and suggests the same classes.

    Args:
      tmp_path: A new folder.
      backbone: The network.
      named: Whether the classifier does not know where it is to be found, and it is named again.
    """
    images, run = draw_classes(tmp_path / "images", 16), tmp_path / "run"
    done = tb_tsne("export", images, "--logdir", run, "--labels", "none", "--backbone", backbone)
    assert done.exit_code == 0, done.output
    rows = read_metadata(run)
    store = LabelStore(run / STORE_NAME)
    store.create({row["sample_id"]: row["file"].partition("/")[0] for row in rows[::2]})
    done = tb_tsne("labels", "classifier", run, "--out", tmp_path / "made")
    assert done.exit_code == 0, done.output
    done = predict(tmp_path, images=images, network=backbone if named else None)
    assert done.exit_code == 0, done.output
    predicted = {row["sample_id"]: row for row in read_table(tmp_path / "out.tsv")}
    assert predicted.keys() == {row["sample_id"] for row in rows}

    found = labeled(open_run(run).tensors[0], store, run)
    guide = guide_of(found)
    (further,) = propagate(guide, found.labels, [found.features], found.batches)
    for key, probabilities in zip(found.ids, further.probabilities, strict=True):
        first, second = np.argsort(-probabilities)[:2]
        row = predicted[key]
        assert (row["label"], row["second"]) == (found.names[first], found.names[second])
        assert float(row["probability"]) == pytest.approx(probabilities[first], abs=1e-3)
        assert float(row["second_probability"]) == pytest.approx(probabilities[second], abs=1e-3)
    suggested = guide.suggest(found.labels, found.batches).labels
    assert [predicted[key]["label"] for key in found.ids] == [found.names[label] for label in suggested]


@pytest.mark.tensorflow
def test_a_network_of_keras_predicts_what_is_suggested(
    tmp_path: Path, keras_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keras = pytest.importorskip("keras", reason="needs the extra [export]")
    monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(keras_dir))
    agrees_with_the_page(tmp_path, "mobilenet:0.75", named=False)


def test_a_model_of_transformers_predicts_what_is_suggested(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs the extra [hf]")
    transformers = pytest.importorskip("transformers", reason="needs the extra [hf]")
    torch.manual_seed(0)
    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = transformers.ViTConfig(image_size=32, patch_size=8, **small)
    transformers.ViTModel(config).save_pretrained(tmp_path / "model")
    described = {"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32}, "resample": 2}
    (tmp_path / "model" / "preprocessor_config.json").write_text(json.dumps(described))
    agrees_with_the_page(tmp_path, f"hf:{tmp_path / 'model'}", named=True)
    done = predict(tmp_path, images=tmp_path / "images", network=None)
    assert (done.exit_code, done.stderr) == (
        2,
        "Error: The classifier's features come from the folder model: say where it lies, with --backbone hf:FOLDER.\n",
    )
