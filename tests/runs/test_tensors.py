"""Features in files as people write them, whatever they are called."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_tsne_plugin.runs import Run, RunError, Tensor

VALUES = np.array([[0.5, -1.0, 2.25], [1e-3, 7.0, 0.0]], np.float32)


def opened(folder: Path, name: str, content: bytes, shape: tuple[int, int] | None = None) -> Tensor:
    (folder / name).write_bytes(content)
    declared = "".join(f"tensor_shape: {size} " for size in shape or ())
    (folder / "projector_config.pbtxt").write_text(f'embeddings {{ tensor_path: "{name}" {declared}}}')
    return Run(".", folder).tensors[0]


def text(separator: str = "\t", end: str = "\n", decimal: str = ".") -> str:
    return "".join(separator.join(str(value).replace(".", decimal) for value in row) + end for row in VALUES)


@pytest.mark.parametrize("name", ["vectors", "emb.vec", "vectors.csv", "VEC.TSV", "vec.bin", "x.txt", "x.bytes"])
def test_text_is_told_from_bytes_by_what_it_holds(tmp_path: Path, name: str) -> None:
    np.testing.assert_allclose(opened(tmp_path, name, text().encode()).features(), VALUES)
    np.testing.assert_array_equal(opened(tmp_path, name, VALUES.tobytes(), (2, 3)).features(), VALUES)


@pytest.mark.parametrize(
    "content",
    [
        text(",").encode(),
        text(" ").encode(),
        text(";", decimal=",").encode(),
        text(end="\r\n").encode(),
        text("\t", decimal=",").encode(),
        text(end="\t\n").encode(),
        text(",", end=",\r\n").encode(),
        "".join(",".join(f'"{value}"' for value in row) + "\n" for row in VALUES).encode(),
        codecs.BOM_UTF8 + text().encode(),
        text().encode("utf-16"),
        b"\n" + text().encode() + b"\n\n",
    ],
    ids=[
        "commas",
        "blanks",
        "decimal commas",
        "CRLF",
        "Excel's tabs",
        "tabs at the ends",
        "commas at the ends",
        "quotes",
        "UTF-8 with a mark",
        "UTF-16",
        "blank lines",
    ],
)
def test_numbers_are_read_however_they_were_written(tmp_path: Path, content: bytes) -> None:
    tensor = opened(tmp_path, "vectors", content)
    np.testing.assert_allclose(tensor.features(), VALUES)
    assert len(tensor.notes) == 1  # that there is no metadata


def test_names_of_features_are_passed_over_and_that_is_said(tmp_path: Path) -> None:
    tensor = opened(tmp_path, "vectors.csv", b"a,b,c\n" + text(",").encode())
    np.testing.assert_allclose(tensor.features(), VALUES)
    assert tensor.notes[0] == (
        "vectors.csv begins with a line that is no numbers, which is taken for names of the features."
    )


def test_text_as_long_as_float32_is_text(tmp_path: Path) -> None:
    tensor = opened(tmp_path, "x", b"0.5\t1.5\n2.5\t3.5\n", (2, 2))
    assert tensor.features().tolist() == [[0.5, 1.5], [2.5, 3.5]]


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<f2", ">f4", "<i8", "u1", "bool"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numpy_files_are_read(tmp_path: Path, dtype: str, order: Any) -> None:
    values = np.array([[1, 0, 1], [0, 1, 1]]).astype(dtype, order=order)
    file = io.BytesIO()
    np.save(file, values)
    tensor = opened(tmp_path, "x.npy", file.getvalue())
    assert tensor.shape == (2, 3)
    np.testing.assert_array_equal(tensor.features(), values.astype(np.float32))


def npy(values: Any, cut: int = 0) -> bytes:
    file = io.BytesIO()
    np.save(file, values, allow_pickle=True)
    return file.getvalue()[: len(file.getvalue()) - cut]


@pytest.mark.parametrize(
    ("content", "shape", "sentence"),
    [
        (npy(np.array([[{}]])), None, "must hold rows x values of numbers, not object"),
        (npy(np.zeros(3)), None, "must hold rows x values of numbers"),
        (npy(np.zeros((3, 2)), cut=1), None, "is cut short"),
        (b"\x93NUMPY\x01\x00\xff\xff{", None, "is not a NumPy file that can be read"),
        (b"\0\1\2\3", None, "tensor_shape must be two sizes"),
        (b"\0\1\2\3", (2, 3), "has 4 bytes, but 2 x 3 float32 take 24"),
        (b"a b\nc d\n", None, "is not a table of numbers"),
        (b"a b\n", None, "holds no numbers|not a table"),
        (b"\n\n", None, "holds no numbers|not a table"),
        (b"1\t2\n3\n", None, "is not a table of numbers"),
        (codecs.BOM_UTF16_LE + b"1", None, "begins as UTF-16 text"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_neither_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, shape: tuple[int, int] | None, sentence: str
) -> None:
    with pytest.raises(RunError, match=sentence):
        opened(tmp_path, "x", content, shape)
