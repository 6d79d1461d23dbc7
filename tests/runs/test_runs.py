"""Runs in a log dir: found without a restart, one bad one never hiding the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tb_tsne_plugin.runs import RunError, UnknownRun, UnknownTensor, find_run, run_names
from tests.builders import blobs, make_run


def test_runs_are_found_at_every_level_and_as_they_come(tmp_path: Path) -> None:
    assert run_names(tmp_path) == []
    make_run(tmp_path)
    make_run(tmp_path / "a" / "b")
    make_run(tmp_path / ".hidden")
    assert run_names(tmp_path) == [".", "a/b"]
    make_run(tmp_path / "c")
    assert run_names(tmp_path) == [".", "a/b", "c"]


@pytest.mark.parametrize("name", ["nope", "../logs/run", "run/../run", "/etc", ""])
def test_only_listed_names_find_a_run(tmp_path: Path, name: str) -> None:
    make_run(tmp_path / "logs" / "run")
    with pytest.raises(UnknownRun):
        find_run(tmp_path / "logs", name)


def test_a_run_is_read_once_and_again_when_it_changes(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    first = find_run(tmp_path, "run")
    assert find_run(tmp_path, "run") is first
    make_run(tmp_path / "run", blobs(30)[0])
    assert find_run(tmp_path, "run").tensor("im").shape == (30, 8)


def test_a_run_that_is_gone_is_unknown(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    find_run(tmp_path, "run")
    (tmp_path / "run").rename(tmp_path / "other")
    with pytest.raises(UnknownRun):
        find_run(tmp_path, "run")
    assert find_run(tmp_path, "other").name == "other"


def test_features_come_back_as_written(tmp_path: Path) -> None:
    features, _ = blobs(20, 4)
    make_run(tmp_path, features, tensors=("im", "pix"))
    run = find_run(tmp_path, ".")
    assert [tensor.name for tensor in run.tensors] == ["im", "pix"]
    assert np.array_equal(run.tensor("pix").features(), features)
    with pytest.raises(UnknownTensor):
        run.tensor("tf")


def test_text_tensors_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("1\t2\n3\t4\n")
    (tmp_path / "projector_config.pbtxt").write_text('embeddings { tensor_path: "t.tsv" }')
    tensor = find_run(tmp_path, ".").tensor("t.tsv")
    assert tensor.shape == (2, 2)
    assert tensor.features().tolist() == [[1, 2], [3, 4]]


def broken_config(text: bytes) -> object:
    def write(folder: Path) -> None:
        (folder / "projector_config.pbtxt").write_bytes(text)

    return write


def truncated_tensor(folder: Path) -> None:
    os.truncate(folder / "im.bytes", 60 * 8 * 4 - 1)


@pytest.mark.parametrize(
    ("breaks", "sentence"),
    [
        (broken_config(b"embeddings {"), "projector_config.pbtxt cannot be read, line 1:12"),
        (broken_config(b""), "projector_config.pbtxt lists no features"),
        (broken_config(b"\xff\xfe\x00binary"), "projector_config.pbtxt is not UTF-8 text"),
        (broken_config(b"#" * (10 << 20)), "projector_config.pbtxt is larger than 256 KiB"),
        (truncated_tensor, "im.bytes has 1,919 bytes, but 60 x 8 float32 take 1,920"),
        (broken_config(b'embeddings { tensor_path: "im.bytes" tensor_shape: -1 tensor_shape: 8 }'), "out of range"),
        (broken_config(b'embeddings { tensor_path: "im.bytes" tensor_shape: 480 }'), "two sizes"),
        (
            broken_config(b'embeddings { tensor_path: "im.bytes" tensor_shape: 4294967295 tensor_shape: 4294967295 }'),
            "4,294,967,295 samples of 4,294,967,295 features; at most",
        ),
        (broken_config(b'embeddings { tensor_path: "../im.bytes" tensor_shape: 1 tensor_shape: 1 }'), "outside"),
        (lambda folder: (folder / "im.bytes").unlink(), "im.bytes is missing"),
        (lambda folder: (folder / "metadata.tsv").write_text("a\tb\n1\t2\n"), "has 1 rows, but there are 60 samples"),
    ],
)
def test_a_broken_run_says_why(tmp_path: Path, breaks: Callable[[Path], object], sentence: str) -> None:
    make_run(tmp_path)
    breaks(tmp_path)
    with pytest.raises(RunError, match=sentence):
        _ = find_run(tmp_path, ".").sample_ids


def test_a_sprite_that_is_too_small_says_so(tmp_path: Path) -> None:
    make_run(tmp_path)
    text = (tmp_path / "projector_config.pbtxt").read_text()
    (tmp_path / "projector_config.pbtxt").write_text(text.replace("single_image_dim: 8", "single_image_dim: 16"))
    with pytest.raises(RunError, match="room for 16 thumbnails, but there are 60 samples"):
        find_run(tmp_path, ".").tensor("im").sprite()


@pytest.mark.parametrize(
    ("tensor", "shape", "sentence"),
    [
        ("im.bytes", (1 << 23, 1), "8,388,608 samples of 1 features; at most 4,194,304 of 1,048,576"),
        ("im.bytes", (1, 1 << 21), "1 samples of 2,097,152 features; at most"),
    ],
)
def test_a_file_with_a_hole_makes_nobody_take_memory(
    tmp_path: Path, tensor: str, shape: tuple[int, int], sentence: str
) -> None:
    make_run(tmp_path)
    os.truncate(tmp_path / tensor, 4 * shape[0] * shape[1])
    (tmp_path / "projector_config.pbtxt").write_text(
        f'embeddings {{ tensor_path: "{tensor}" tensor_shape: {shape[0]} tensor_shape: {shape[1]} }}'
    )
    with pytest.raises(RunError, match=sentence):
        _ = find_run(tmp_path, ".").sample_ids


def test_long_rows_are_read_in_short_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_tsne_plugin.runs.run._CHUNK_BYTES", 1 << 16)
    features = np.arange(60 << 10, dtype=np.float32).reshape(10, -1)
    make_run(tmp_path, features, sprite=False)
    pieces = list(find_run(tmp_path, ".").tensor("im").feature_chunks(8_192))
    assert max(piece.nbytes for piece in pieces) <= 1 << 16
    assert np.array_equal(np.concatenate(pieces), features)


def test_text_features_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("1\t2\n3\t4\n")
    (tmp_path / "projector_config.pbtxt").write_text('embeddings { tensor_path: "t.tsv" }')
    tensor = find_run(tmp_path, ".").tensor("t.tsv")
    assert tensor.features() is tensor.features()
    assert tensor.feature_row(1).tolist() == [3, 4]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("1\t2\n3\n", "t.tsv is not a table of numbers"), ("1\t" * (1 << 20) + "1\n", "1,048,577 features; at most")],
)
def test_text_that_is_no_features_says_so(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "t.tsv").write_text(text)
    (tmp_path / "projector_config.pbtxt").write_text('embeddings { tensor_path: "t.tsv" }')
    with pytest.raises(RunError, match=sentence):
        _ = find_run(tmp_path, ".").tensor("t.tsv").shape


def test_wide_text_takes_memory_for_the_rows_it_has(tmp_path: Path) -> None:
    """And not for as many as there may be, which would be hundreds of gigabytes."""
    (tmp_path / "t.tsv").write_text("1\t" * 20_000 + "1\n")
    (tmp_path / "projector_config.pbtxt").write_text('embeddings { tensor_path: "t.tsv" }')
    assert find_run(tmp_path, ".").tensor("t.tsv").shape == (1, 20_001)


def test_a_file_that_is_linked_counts_when_it_changes(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    (tmp_path / "run" / "metadata.tsv").rename(tmp_path / "run" / "real.tsv")
    (tmp_path / "run" / "metadata.tsv").symlink_to("real.tsv")
    first = find_run(tmp_path, "run")
    assert find_run(tmp_path, "run") is first
    real = tmp_path / "run" / "real.tsv"
    real.write_text(real.read_text().replace("unlabeled", "ant"))
    assert len(find_run(tmp_path, "run").labels("label")) == 60


def test_other_files_in_a_runs_folder_do_not_count(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    first = find_run(tmp_path, "run")
    (tmp_path / "run" / "photo.jpg").write_bytes(b"")
    assert find_run(tmp_path, "run") is first
    (tmp_path / "run" / "images.zip").write_bytes(b"")
    assert find_run(tmp_path, "run") is not first


def test_a_folder_whose_name_is_no_text_is_a_run_like_others(tmp_path: Path) -> None:
    make_run(tmp_path / os.fsdecode(b"old-\xe4rchive"))
    run = find_run(tmp_path, run_names(tmp_path)[0])
    assert run.name == "old-\\xe4rchive"
    assert len(find_run(tmp_path, run.name).sample_ids) == 60
