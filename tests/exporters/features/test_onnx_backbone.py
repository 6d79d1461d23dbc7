"""ONNX files as backbones: a real network out of Keras, and small ones for everything that files say or leave open."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from exporters import ExportError, extract_features
from exporters.features.backbones.keras_networks import find_architecture
from tb_tsne_plugin.cli import cli
from tests.exporters.drawn import draw_folder, read_metadata, read_tensor

onnx: Any = pytest.importorskip("onnx", reason="needs the package onnx")
helper, TensorProto = onnx.helper, onnx.TensorProto
onnxruntime: Any = pytest.importorskip("onnxruntime", reason="needs the extra [onnx]")

SIDE = 16
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}


def save_network(
    path: Path,
    shape: tuple[int | str, ...] = ("batch", 3, SIDE, SIDE),
    output: str = "rows",
    kind: int = onnx.TensorProto.FLOAT,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A network that hands on each channel's mean: as rows, as maps of 1 x 1, or as two tokens, the first doubled."""
    last = shape[-1] == 3
    nodes = [helper.make_node("Cast", ["pictures"], ["values"], to=TensorProto.FLOAT)]
    nodes += [helper.make_node("Transpose", ["values"], ["first"], perm=[0, 3, 1, 2])] if last else []
    nodes += [helper.make_node("GlobalAveragePool", ["first" if last else "values"], ["means"])]
    nodes += [helper.make_node("Transpose", ["means"], ["maps"], perm=[0, 2, 3, 1] if last else [0, 1, 2, 3])]
    nodes += [helper.make_node("Flatten", ["maps"], ["rows"])]
    one = helper.make_tensor("one", TensorProto.INT64, [1], [1])
    nodes += [helper.make_node("Unsqueeze", ["rows", "one"], ["token"])]
    nodes += [helper.make_node("Add", ["token", "token"], ["double"])]
    nodes += [helper.make_node("Concat", ["double", "token"], ["tokens"], axis=1)]
    shapes = {"rows": ["n", 3], "maps": ["n", 1, 1, 3] if last else ["n", 3, 1, 1], "tokens": ["n", 2, 3]}
    graph = helper.make_graph(
        nodes,
        "means",
        [helper.make_tensor_value_info("pictures", kind, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shapes[output])],
        [one],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path


def picture(seed: int = 0) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def features(path: Path, count: int = 1, **options: Any) -> npt.NDArray[np.float32]:
    return extract_features([picture(seed) for seed in range(count)], backbone=f"onnx:{path}", **options)["im"]


def means(count: int = 1) -> npt.NDArray[np.float64]:
    return np.array([picture(seed).mean(axis=(0, 1)) for seed in range(count)])


def export(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["export", str(folder / "in"), "--logdir", str(folder / "run"), *arguments])


@pytest.mark.tensorflow
def test_a_mobilenet_as_onnx_gives_keras_own_features(tmp_path: Path, keras_dir: Path) -> None:
    pytest.importorskip("tf2onnx", reason="Keras writes ONNX files by tf2onnx")
    import keras

    (tmp_path / "in").mkdir()
    random = np.random.default_rng(3)
    pictures = []
    for number in range(40):
        coarse = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        pictures.append(coarse.resize((64, 64), Image.Resampling.BICUBIC))
        pictures[-1].save(tmp_path / "in" / f"{number}.png")
    weights = keras_dir / "models" / "mobilenet_7_5_224_tf_no_top.h5"
    network = find_architecture("mobilenet:0.75").build(str(weights), 64).layers
    inputs = keras.applications.mobilenet.preprocess_input(
        np.stack([np.asarray(each, np.float32) for each in pictures])
    )
    expected = network.predict(inputs, verbose=0)
    assert expected.std(axis=0).max() > 0.1
    network.export(tmp_path / "mobilenet.onnx", format="onnx", verbose=False)
    name = f"onnx:{tmp_path}/mobilenet.onnx"
    done = export(tmp_path, "--backbone", name, "--normalization", "symmetric")
    assert done.exit_code == 0, done.output
    rows = [int(re.findall(r"\d+", row["file"])[-1]) for row in read_metadata(tmp_path / "run")]
    features = read_tensor(tmp_path / "run", "im", 40)
    np.testing.assert_allclose(features, expected[rows], rtol=1e-4, atol=1e-4)
    session = onnxruntime.InferenceSession(tmp_path / "mobilenet.onnx", providers=["CPUExecutionProvider"])
    (called,) = session.run(None, {session.get_inputs()[0].name: inputs[rows]})
    np.testing.assert_allclose(features, called, rtol=1e-4, atol=1e-4)
    (told,) = json.loads((tmp_path / "run" / "export_report.json").read_text())["settings"]["backbones"]
    assert (told["scheme"], told["name"], told["width"], told["input_size"]) == ("onnx", "mobilenet.onnx", 768, 64)
    assert re.fullmatch("[0-9a-f]{64}", told["weights_sha256"])


@pytest.mark.parametrize("shape", [("n", 3, SIDE, SIDE), ("n", SIDE, SIDE, 3), (8, 3, SIDE, SIDE)])
@pytest.mark.parametrize("output", ["rows", "maps"])
def test_layout_size_and_a_fixed_batch_are_those_of_the_file(
    tmp_path: Path, shape: tuple[int | str, ...], output: str
) -> None:
    path = save_network(tmp_path / "means.onnx", shape, output)
    np.testing.assert_allclose(features(path, 11, normalization="none"), means(11), rtol=1e-5)


@pytest.mark.parametrize("place", ["metadata", "means.json", "preprocessor_config.json"])
def test_normalization_is_told_by_the_file_or_by_a_json_beside_it(tmp_path: Path, place: str) -> None:
    told = {name: json.dumps(value) for name, value in IMAGENET.items()} if place == "metadata" else None
    path = save_network(tmp_path / "means.onnx", metadata=told)
    if told is None:
        (tmp_path / place).write_text(json.dumps(IMAGENET))
    expected = (means() / 255 - IMAGENET["image_mean"]) / IMAGENET["image_std"]
    np.testing.assert_allclose(features(path), expected, atol=1e-5)
    np.testing.assert_allclose(features(path, normalization="unit"), means() / 255, atol=1e-5)


def test_the_size_of_pictures_is_told_where_the_file_takes_any(tmp_path: Path) -> None:
    path = save_network(tmp_path / "means.onnx", ("n", 3, "height", "width"))
    with pytest.raises(ExportError, match="takes pictures of any size: say which with --image-size"):
        features(path, normalization="none")
    np.testing.assert_allclose(features(path, normalization="none", image_size=SIDE), means(), rtol=1e-5)
    (tmp_path / "means.json").write_text(json.dumps({"size": {"shortest_edge": SIDE}, "do_rescale": False}))
    np.testing.assert_allclose(features(path), means(), rtol=1e-5)
    tall = np.concatenate([np.zeros((SIDE, SIDE, 3), np.uint8), picture(), np.zeros((SIDE, SIDE, 3), np.uint8)])
    middle = extract_features([tall], backbone=f"onnx:{path}")["im"]
    np.testing.assert_allclose(middle, means(), rtol=1e-5)


def test_channels_may_be_the_other_way_round(tmp_path: Path) -> None:
    path = save_network(tmp_path / "means.onnx")
    (tmp_path / "means.json").write_text(json.dumps({"channels": "BGR", "do_rescale": False}))
    np.testing.assert_allclose(features(path), means()[:, ::-1], rtol=1e-5)


def test_a_file_that_takes_bytes_normalizes_them_itself(tmp_path: Path) -> None:
    path = save_network(tmp_path / "means.onnx", kind=onnx.TensorProto.UINT8)
    np.testing.assert_allclose(features(path), means(), rtol=1e-5)


def test_rows_for_parts_of_a_picture_are_pooled_as_told(tmp_path: Path) -> None:
    path = save_network(tmp_path / "means.onnx", output="tokens")
    np.testing.assert_allclose(features(path, normalization="none", pooling="cls"), 2 * means(), rtol=1e-5)
    np.testing.assert_allclose(features(path, normalization="none", pooling="mean"), 1.5 * means(), rtol=1e-5)
    with pytest.raises(ExportError, match="say with --pooling cls that the first stands for the whole"):
        features(path, normalization="none")


@pytest.mark.parametrize(
    ("shape", "arguments", "status", "message"),
    [
        (("n", 3, SIDE, SIDE), [], 1, "does not say how values from 0 to 255 are normalized: give --normalization"),
        (
            ("n", 3, SIDE, SIDE),
            ["--normalization", "unit", "--image-size", "32"],
            2,
            "takes pictures of 16 pixels only",
        ),
        (
            ("n", 3, SIDE, SIDE),
            ["--normalization", "unit", "--pooling", "cls"],
            1,
            "no output that --pooling cls could",
        ),
        (("n", 3, SIDE, 32), ["--normalization", "unit"], 1, "16 x 32, which is no square"),
        (("n", "c", "h", "w"), ["--normalization", "unit"], 1, "does not say where it takes red, green and blue"),
    ],
)
def test_what_a_file_leaves_open_is_asked_for_in_one_sentence(
    tmp_path: Path, shape: tuple[int | str, ...], arguments: list[str], status: int, message: str
) -> None:
    draw_folder(tmp_path / "in", 3)
    path = save_network(tmp_path / "means.onnx", shape)
    done = export(tmp_path, "--backbone", f"onnx:{path}", *arguments)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert message in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"image_mean": "grey"}, "means.onnx: image_mean and image_std must be three numbers each"),
        ({"image_mean": [0, 0, 0], "image_std": [1, 0, 1]}, "must be three numbers each (image_std)"),
        ({"do_rescale": False, "resample": "bicubic"}, "means.onnx: size, crop_size, crop_pct and resample must be"),
        ({"do_rescale": False, "size": {"shortest_edge": -3}}, "crop_pct and resample must be numbers"),
        ({"do_rescale": False, "size": {"height": 16, "width": 24}}, "(16 x 24 is no square)"),
        ({"do_rescale": False, "size": "large"}, "(size is 'large')"),
        ({"do_rescale": "no"}, "means.onnx: do_rescale and do_normalize must be true or false."),
        ({"rescale_factor": 0}, "means.onnx: rescale_factor must be a number above 0."),
        ({"do_rescale": False, "channels": "GBR"}, "means.onnx: channels must be RGB or BGR, not 'GBR'."),
    ],
)
def test_words_beside_a_file_that_make_no_sense_are_one_sentence(
    tmp_path: Path, words: dict[str, object], message: str
) -> None:
    draw_folder(tmp_path / "in", 3)
    path = save_network(tmp_path / "means.onnx", ("n", 3, "height", "width"))
    path.with_suffix(".json").write_text(json.dumps({"size": SIDE, **words}))
    done = export(tmp_path, "--backbone", f"onnx:{path}")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.output
    assert message in done.stderr


def test_weights_in_a_file_of_their_own_count_for_the_hash(tmp_path: Path) -> None:
    path = save_network(tmp_path / "means.onnx")
    draw_folder(tmp_path / "in", 2)
    hashes = set()
    for weights in (b"some", b"others"):
        (tmp_path / "means.onnx.data").write_bytes(weights)
        export(tmp_path, "--backbone", f"onnx:{path}", "--normalization", "unit")
        report = json.loads((tmp_path / "run" / "export_report.json").read_text())
        hashes.add(report["settings"]["backbones"][0]["weights_sha256"])
    assert len(hashes) == 2


def test_what_onnxruntime_says_is_told_without_its_codes_and_its_own_lines(tmp_path: Path) -> None:
    """In a process of its own: onnxruntime writes to the standard error of the process."""
    draw_folder(tmp_path / "in", 3)
    whole = save_network(tmp_path / "means.onnx").read_bytes()
    (tmp_path / "short.onnx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.onnx").write_bytes(b"")
    newer = onnx.load(tmp_path / "means.onnx")
    newer.ir_version = 99
    onnx.save(newer, tmp_path / "newer.onnx")
    save_weighted(tmp_path / "sized.onnx")
    for name, message in (
        ("short.onnx", "short.onnx is no ONNX model that onnxruntime can run: Protobuf parsing failed."),
        ("empty.onnx", "empty.onnx is no ONNX model that onnxruntime can run: "),
        ("newer.onnx", "newer.onnx is no ONNX model that onnxruntime can run: Unsupported model IR version: 99"),
        ("sized.onnx", "sized.onnx cannot compute pictures of 32 pixels: "),
    ):
        command = [sys.executable, "-m", "tb_tsne_plugin.cli", "export", tmp_path / "in", "--logdir", tmp_path / "run"]
        options = ["--normalization", "unit", *(["--image-size", "32"] if name == "sized.onnx" else [])]
        done = subprocess.run(
            [*map(str, command), "--backbone", f"onnx:{tmp_path / name}", *options],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
        assert done.stderr.startswith(f"Error: {message}")
        assert "INVALID" not in done.stderr
        assert "Load model from" not in done.stderr
        assert not (tmp_path / "run").exists()


def save_weighted(path: Path) -> None:
    """A network that says that it takes any size, and only takes one."""
    values = helper.make_tensor("weights", TensorProto.FLOAT, [3 * SIDE * SIDE, 2], np.ones(6 * SIDE * SIDE))
    nodes = [
        helper.make_node("Flatten", ["pictures"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["rows"]),
    ]
    pictures = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, "height", "width"])
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 2])
    graph = helper.make_graph(nodes, "weighted", [pictures], [rows], [values])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def test_one_row_for_all_pictures_is_found_at_once(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 3)
    nodes = [helper.make_node("ReduceMean", ["pictures"], ["rows"], axes=[0, 2, 3], keepdims=1)]
    nodes += [helper.make_node("Flatten", ["rows"], ["row"])]
    pictures = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])
    row = helper.make_tensor_value_info("row", TensorProto.FLOAT, [1, 3])
    graph = helper.make_graph(nodes, "one", [pictures], [row])
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "one.onnx"
    )
    done = export(tmp_path, "--backbone", f"onnx:{tmp_path}/one.onnx", "--normalization", "unit")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert (
        "must return one row of numbers a picture, and for 2 of them returned an array of shape (1, 3)" in done.stderr
    )
    assert not (tmp_path / "run").exists()


def test_what_is_no_model_or_takes_no_pictures_is_one_sentence(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 3)
    words = helper.make_tensor_value_info("words", TensorProto.INT64, ["n", 12])
    out = helper.make_tensor_value_info("out", TensorProto.INT64, ["n", 12])
    graph = helper.make_graph([helper.make_node("Identity", ["words"], ["out"])], "words", [words], [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "words.onnx")
    (tmp_path / "text.onnx").write_text("no model")
    save_network(tmp_path / "badly.onnx")
    (tmp_path / "badly.json").write_text("[1]")
    for name, status, message in (
        ("words.onnx", 1, "must take one batch of pictures and nothing else, and takes words"),
        ("text.onnx", 1, "text.onnx is no ONNX model that onnxruntime can run"),
        ("none.onnx", 2, "there is no such file"),
        ("badly.onnx", 1, "badly.json beside badly.onnx must hold one JSON object"),
    ):
        done = export(tmp_path, "--backbone", f"onnx:{tmp_path / name}")
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
        assert message in done.stderr
        assert not (tmp_path / "run").exists()
