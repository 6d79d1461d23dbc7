"""Features that lie in a checkpoint of TensorFlow, as its tutorial and Keras' callback leave them."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.runs import Run, RunError, find_run
from tb_tsne_plugin.runs.checkpoints import find_checkpoint, read_tensor

NAME = "embedding/.ATTRIBUTES/VARIABLE_VALUE"
VALUES: NDArray[np.float32] = np.random.default_rng(0).normal(size=(30, 8)).astype(np.float32)
EMBEDDING = f'embeddings {{ tensor_name: "{NAME}" metadata_path: "metadata.tsv" }}\n'


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log dir as in TensorFlow's tutorial, with other tensors in the checkpoint."""
    tf = pytest.importorskip("tensorflow")
    folder = tmp_path_factory.mktemp("saved")
    others = {f"other_{number}": tf.Variable(np.full((3, number + 1), number, np.float32)) for number in range(300)}
    kinds = {
        "double": tf.Variable(VALUES.astype(np.float64)),
        "half": tf.Variable(VALUES.astype(np.float16)),
        "brain": tf.Variable(tf.cast(VALUES, tf.bfloat16)),
        "vector": tf.Variable(VALUES[0]),
        "words": tf.Variable([["a"]]),
    }
    tf.train.Checkpoint(embedding=tf.Variable(VALUES), **kinds, **others).save(str(folder / "embedding.ckpt"))
    (folder / "metadata.tsv").write_text("".join(f"word{row % 3}\n" for row in range(30)))
    (folder / "projector_config.pbtxt").write_text(EMBEDDING)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(saved, tmp_path / "run")
    return tmp_path / "run"


def test_the_tutorials_log_dir_opens(folder: Path) -> None:
    (tensor,) = find_run(folder, ".").tensors
    assert (tensor.name, tensor.shape) == (NAME, (30, 8))
    np.testing.assert_array_equal(tensor.features(), VALUES)
    np.testing.assert_array_equal(tensor.feature_row(7), VALUES[7])
    assert len(tensor.metadata.labels_in()) == 30


@pytest.mark.parametrize(
    "said", ["embedding.ckpt-1", "/home/somebody/logs/embedding.ckpt-1", "C:\\\\logs\\\\embedding.ckpt-1"]
)
def test_the_config_may_name_the_checkpoint(folder: Path, said: str) -> None:
    (folder / "checkpoint").unlink()
    for name in ("index", "data-00000-of-00001"):
        shutil.copy(folder / f"embedding.ckpt-1.{name}", folder / f"embedding.ckpt-2.{name}")
    (folder / "projector_config.pbtxt").write_text(f'model_checkpoint_path: "{said}"\n' + EMBEDDING)
    assert find_run(folder, ".").tensors[0].shape == (30, 8)


@pytest.mark.parametrize("has_note", [True, False])
def test_keras_keeps_its_checkpoint_in_a_folder_of_its_own(folder: Path, has_note: bool) -> None:
    (folder / "train").mkdir()
    for path in [*folder.glob("embedding.ckpt-1.*"), folder / "checkpoint"]:
        path.rename(folder / "train" / path.name)
    if not has_note:
        (folder / "train" / "checkpoint").unlink()
    assert find_run(folder, ".").tensors[0].shape == (30, 8)


def test_features_in_files_and_in_a_checkpoint_go_together(folder: Path) -> None:
    more = 'embeddings { tensor_name: "more" tensor_path: "more.tsv" metadata_path: "metadata.tsv" }'
    (folder / "more.tsv").write_text("1\t2\n" * 30)
    (folder / "projector_config.pbtxt").write_text(EMBEDDING + more)
    assert [tensor.shape for tensor in find_run(folder, ".").tensors] == [(30, 8), (30, 2)]
    for path in folder.glob("embedding.ckpt-1.*"):
        path.unlink()
    run = find_run(folder, ".")
    assert [tensor.name for tensor in run.tensors] == ["more"]
    assert "no checkpoint of TensorFlow 2" in run.problems[NAME]


def test_a_new_checkpoint_is_another_version(folder: Path) -> None:
    before = find_run(folder, ".").tensors[0].version
    data = folder / "embedding.ckpt-1.data-00000-of-00001"
    data.write_bytes(data.read_bytes())
    assert find_run(folder, ".").tensors[0].version != before


@pytest.mark.parametrize("name", ["embedding", "embedding:0", NAME, f"{NAME}:0"])
def test_the_short_name_of_a_variable_will_do(folder: Path, name: str) -> None:
    np.testing.assert_array_equal(read_tensor(folder, find_checkpoint(folder, ""), name), VALUES)


@pytest.mark.parametrize(("name", "error"), [("double", 1e-6), ("half", 1e-2), ("brain", 3e-2)])
def test_other_kinds_of_numbers_are_read(folder: Path, name: str, error: float) -> None:
    checkpoint = find_checkpoint(folder, "")
    values = read_tensor(folder, checkpoint, f"{name}/.ATTRIBUTES/VARIABLE_VALUE:0")
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, VALUES, atol=error)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gone", "has no tensor 'gone'; it has brain, double"),
        ("vector/.ATTRIBUTES/VARIABLE_VALUE", "is not one matrix of numbers"),
        ("words/.ATTRIBUTES/VARIABLE_VALUE", "is not one matrix of numbers"),
    ],
)
def test_what_is_no_matrix_is_refused_in_a_sentence(folder: Path, name: str, sentence: str) -> None:
    with pytest.raises(RunError, match=sentence):
        read_tensor(folder, find_checkpoint(folder, ""), name)


def test_a_checkpoint_that_is_cut_short_is_refused_in_a_sentence(folder: Path) -> None:
    data = folder / "embedding.ckpt-1.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:20])
    with pytest.raises(RunError, match=r"data-00000-of-00001 is cut short\."):
        _ = find_run(folder, ".").tensors


@pytest.mark.timeout(60)
def test_a_damaged_index_ends_in_a_sentence(folder: Path) -> None:
    index = folder / "embedding.ckpt-1.index"
    whole = index.read_bytes()
    chance = random.Random(0)
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 3, 30])):
            damaged[chance.randrange(len(damaged))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        index.write_bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])
        with suppress(RunError):
            assert Run(".", folder).tensors[0].shape
