"""What Python callers hand to `write_run`: arrays, Series with any index, DataFrames, tensors, scalars of any kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from exporters import ExportError, ExportOptions, export_images, write_run
from exporters.errors import ExportUsageError
from tests.exporters.drawn import color, draw, read_metadata, read_tensor, read_tiles

X = np.arange(8.0).reshape(4, 2) + 0.5


class Tensor:
    """As a tensor of PyTorch that takes part in a gradient: its items are tensors, and NumPy cannot read it so."""

    def __init__(self, values: Any, *, has_gradient: bool = True) -> None:
        self.values = np.asarray(values)
        self.has_gradient = has_gradient

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.has_gradient:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.values

    def __iter__(self) -> Iterator[Tensor]:
        return (Tensor(item, has_gradient=self.has_gradient) for item in self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __str__(self) -> str:
        return f"tensor({self.values})"

    def detach(self) -> Tensor:
        return Tensor(self.values, has_gradient=False)

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> Any:
        return np.asarray(self)


def pixels() -> Any:
    return np.stack([np.full((20, 20, 3), color(number), np.uint8) for number in range(4)])


PICTURES: dict[str, Callable[[list[str]], Any]] = {
    "one array": lambda _: pixels(),
    "a tensor": lambda _: Tensor(pixels()),
    "a list of tensors": lambda _: list(Tensor(pixels(), has_gradient=False)),
    "a list of arrays": lambda _: list(pixels()),
    "an array of paths": np.array,
    "an array of objects": lambda paths: np.array([Path(path) for path in paths], dtype=object),
    "a filtered Series": lambda paths: pd.Series(["gone", *paths])[1:],
    "a tuple": tuple,
    "an iterator": iter,
}


@pytest.mark.parametrize("name", PICTURES)
def test_image_i_is_tile_i_in_whatever_images_come(tmp_path: Path, name: str) -> None:
    paths = [str(draw(tmp_path / "in" / f"{number}.png", color(number))) for number in range(4)]
    assert write_run(tmp_path / "run", {"im": X}, images=PICTURES[name](paths)).images == 4
    assert [tuple(tile[16, 16]) for tile in read_tiles(tmp_path / "run", 4)] == [color(number) for number in range(4)]


@pytest.mark.parametrize(
    "features",
    [
        X.tolist(),
        pd.DataFrame(X, index=[9, 7, 5, 3]),
        pd.DataFrame({"a": X[:, 0], "b": [int(2 * value) / 2 for value in X[:, 1]]}, dtype=object),
        sparse.csr_matrix(X),
        Tensor(X),
        X.astype(np.float16),
        X.T.copy().T,
        pd.Series([Tensor(row) for row in X]),
    ],
    ids=[
        "lists",
        "a DataFrame",
        "objects",
        "a sparse matrix",
        "a tensor",
        "half precision",
        "by columns",
        "a row each",
    ],
)
def test_features_are_the_same_in_whatever_they_come(tmp_path: Path, features: Any) -> None:
    write_run(tmp_path / "run", {"im": features})
    np.testing.assert_allclose(read_tensor(tmp_path / "run", "im", 4), X, rtol=1e-4)


@pytest.mark.parametrize(
    ("labels", "written"),
    [
        (pd.Series(["x", "cat", None, "dog"], index=[5, 1, 2, 0]), ["x", "cat", "unlabeled", "dog"]),
        (pd.Series([1.0, np.nan, 2.0, 1.0]), ["1", "unlabeled", "2", "1"]),
        (pd.Series([1, pd.NA, 2, 1], dtype="Int64"), ["1", "unlabeled", "2", "1"]),
        (pd.Series(["a", None, "b", "a"], dtype="category"), ["a", "unlabeled", "b", "a"]),
        (np.array([3, 1, 2, 2], np.int8), ["3", "1", "2", "2"]),
        (np.array([1, np.nan, 2, 2], np.float32), ["1", "unlabeled", "2", "2"]),
        (Tensor([3, 1, 2, 2]), ["3", "1", "2", "2"]),
        (list(Tensor([3, 1, 2, 2], has_gradient=False)), ["3", "1", "2", "2"]),
        (np.array([b"cat", b"dog", b"", b"cat"]), ["cat", "dog", "unlabeled", "cat"]),
        ((True, False, True, None), ["True", "False", "True", "unlabeled"]),
        (np.ma.array([3, 1, 2, 2], mask=[False, True, False, False]), ["3", "unlabeled", "2", "2"]),
        (np.array([["a"], ["b"], ["a"], ["c"]]), ["a", "b", "a", "c"]),
    ],
)
def test_labels_are_read_in_order_whatever_they_come_in(tmp_path: Path, labels: Any, written: list[str]) -> None:
    for number, metadata in enumerate(({"label": labels, "place": pd.Series([1, 2, 3, 4], index=[3, 2, 1, 0])},)):
        write_run(tmp_path / str(number), {"im": X}, metadata=metadata)
        rows = read_metadata(tmp_path / str(number))
        assert [row["label"] for row in rows] == written
        assert [row["place"] for row in rows] == ["1", "2", "3", "4"]


def test_a_filtered_data_frame_keeps_its_order(tmp_path: Path) -> None:
    frame = pd.DataFrame({"label": list("abcdef"), "size": np.arange(6, dtype=np.uint8)})
    write_run(tmp_path, {"im": X}, metadata=frame[frame["size"] != 1].iloc[::-1].head(4))
    assert [(row["label"], row["size"]) for row in read_metadata(tmp_path)] == [
        ("f", "5"),
        ("e", "4"),
        ("d", "3"),
        ("c", "2"),
    ]


def test_an_index_with_a_name_is_a_column_and_levels_of_names_are_one(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {("Label", ""): list("abcd"), ("size", "mm"): range(4)}, index=pd.Index(list("wxyz"), name="file")
    )
    write_run(tmp_path, {"im": X}, metadata=frame)
    rows = read_metadata(tmp_path)
    assert [row["file"] for row in rows] == list("wxyz")
    assert [row["label"] for row in rows] == list("abcd")
    assert [row["size_mm"] for row in rows] == ["0", "1", "2", "3"]


def test_labels_that_are_kept_in_place_of_new_ones_are_told(tmp_path: Path) -> None:
    ids = {"sample_id": list("abcd")}
    write_run(tmp_path, {"im": X}, metadata={**ids, "label": ["x", "y", None, "x"]})
    again = write_run(tmp_path, {"im": X}, metadata={**ids, "label": ["x", "z", "z", "z"]})
    assert [row["label"] for row in read_metadata(tmp_path)] == ["x", "y", "z", "x"]
    (note,) = again.notes
    assert note.startswith("2 images keep their labels of the earlier run in place of the one given now;")


def test_settings_and_sizes_take_numbers_of_other_libraries(tmp_path: Path) -> None:
    settings = {
        "rate": np.float32(0.5),
        "layers": np.array([1, 2]),
        "on": Tensor(3),
        "path": Path("x"),
        "kinds": {"b", "a"},
    }
    write_run(tmp_path, {"im": X}, list(pixels()), tile_size=np.int64(8), picture_size=np.uint8(0), settings=settings)
    report = json.loads((tmp_path / "export_report.json").read_text())
    assert report["settings"] == {"rate": 0.5, "layers": [1, 2], "on": 3, "path": "x", "kinds": ["a", "b"]}


def test_what_became_of_labels_is_in_the_summary(tmp_path: Path) -> None:
    summary = write_run(tmp_path, {"im": X}, metadata={"label": [1.0, 2.0, None, 1.0]})
    assert summary.notes == ["The labels are whole numbers and are written so: 1 for 1.0."]


@pytest.mark.parametrize(
    ("features", "others", "message"),
    [
        (X, {}, "Give features by name"),
        ({"im": [[1, 2], [3]]}, {}, "im: features must be rows x values of numbers"),
        ({"im": [["a"], ["b"]]}, {}, "im: features must be real numbers"),
        ({"im": np.array([[1, None]], dtype=object)}, {}, "im: .*NaN or infinite|rows x values of numbers"),
        ({"im": X}, {"metadata": [{"label": "cat"}]}, "metadata must be a DataFrame, or a mapping"),
        ({"im": X}, {"metadata": {1: list("abcd"), "1": list("abcd")}}, "two columns of the same name"),
        ({"im": X}, {"images": [None] * 4}, "image 0: "),
        ({"im": X}, {"metadata": {"label": np.eye(4)}}, "column label must hold one value a row, not arrays of shape"),
        ({"im": X}, {"metadata": {"label": "cats"}}, "column label must be a list, an array or a Series, not str"),
        ({"im": X}, {"metadata": {"label": {"a": 1}}}, "column label must be a list, an array or a Series, not dict"),
        ({"im": X}, {"metadata": {"label": 5}}, "column label must be a list, an array or a Series, not int"),
        ({"im": X}, {"metadata": {f"c{n}": list("abcd") for n in range(1_000)}}, "metadata has 1,000 columns"),
        ({"im": [[1, 10**400]] * 4}, {}, "im: features must be rows x values of numbers"),
        ({"im": np.ma.array(X, mask=X > 7)}, {}, "1 of 4 rows hold NaN"),
        ({"im": X}, {"settings": "fast"}, "settings must be a mapping"),
        ({"im": X}, {"images": pd.DataFrame({"a": list("abcd")})}, "images must be a list"),
        ({"im": X}, {"images": pd.Series(["a.png"] * 3)}, "images has 3 rows, but im has 4"),
    ],
)
def test_what_cannot_be_taken_is_one_sentence(
    tmp_path: Path, features: Any, others: dict[str, Any], message: str
) -> None:
    with pytest.raises(ExportError, match=message) as raised:
        write_run(tmp_path / "run", features, **others)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "run").exists()


def test_export_images_takes_images_and_options_of_any_library(tmp_path: Path) -> None:
    paths = pd.Series([str(draw(tmp_path / "in" / f"{number}.png", color(number))) for number in range(4)])
    options = ExportOptions(pd.Series(["pix"]), max_samples=np.int64(3), seed=np.uint8(1))
    assert export_images(paths[paths != "gone"], tmp_path / "run", options).images == 3
    assert export_images(Tensor(pixels()), tmp_path / "tensor", ExportOptions("pix")).images == 4
    assert export_images(pixels().transpose(0, 3, 1, 2), tmp_path / "first", ExportOptions(["pix"])).images == 4
    np.testing.assert_array_equal(read_tensor(tmp_path / "first", "pix", 4), read_tensor(tmp_path / "tensor", "pix", 4))


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (None, {}, "Name the images: a folder, a pattern in quotes, a table or an address"),
        (pd.DataFrame({"file": ["a.png"]}), {}, "images must be a list, an array or a Series, not DataFrame"),
        (pixels(), {"max_samples": 3.5}, "max_samples must be a whole number, not 3.5"),
        (pixels(), {"max_samples": "3"}, "max_samples must be a whole number, not '3'"),
        (pixels(), {"labels": None}, "labels must be none, folders or the path of a table"),
        (pixels(), {"labels": np.array(["a", "b"])}, "labels must be none, folders or the path of a table"),
        (pixels(), {"features": 5}, "features must be a list"),
    ],
)
def test_what_export_images_cannot_take_is_one_sentence(
    tmp_path: Path, images: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ExportUsageError, match=message):
        export_images(images, tmp_path / "run", ExportOptions(**{"features": ["pix"], **options}))
    assert not (tmp_path / "run").exists()
