"""What an export can read: folders, patterns, tables, arrays, CIFAR's batches, tf.data, and object stores."""

from __future__ import annotations

import csv
import glob
import hashlib
import io
import os
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.decode import ImageLike, UnreadableImageError, as_picture, decode
from exporters.errors import ExportError, some_of
from exporters.images import SUFFIXES, ImageFile, LeftOut, Listing, find_images, list_files, mark_twins, size_problem
from exporters.metadata import FILE, LABEL
from exporters.pixels import Encoded

Source: TypeAlias = "str | os.PathLike[str] | Sequence[Any] | npt.NDArray[Any] | Any"

PATH_COLUMNS = (FILE, "path", "filename", "image")
LABEL_COLUMNS = (LABEL, "class", "true_label")
CIFAR_LABELS = (b"labels", b"fine_labels")
CIFAR_META = {"batches.meta": b"label_names", "meta": b"fine_label_names"}


@dataclass(frozen=True)
class ArrayImage(ImageFile):
    """An image that is an array or a Pillow image; its content is its name, unless it was given one.

    Attributes:
        pixels: The image; bytes are those of an image file.
        given_name: Its own name, part of its identity; empty where it has none.
    """

    pixels: ImageLike | bytes = field(default=b"", repr=False, compare=False)
    given_name: str = ""

    @property
    def base_name(self) -> str:
        """Its given name."""
        return self.given_name

    @property
    def source(self) -> ImageLike:
        """The image itself."""
        return decode(self.pixels)[0] if isinstance(self.pixels, bytes) else self.pixels

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """Its size and values, and the picture."""
        picture = as_picture(self.source)
        return str(picture.size).encode() + picture.tobytes(), picture, None

    def digest(self) -> bytes:
        """SHA-256 of its size and values."""
        try:
            return hashlib.sha256(self.read()[0]).digest()
        except UnreadableImageError:
            return b""


@dataclass(frozen=True)
class RemoteImage(ImageFile):
    """An image file in an object store or behind another address that fsspec can read."""

    url: str = ""

    @property
    def source(self) -> ImageLike:
        """Its decoded picture, read over the network."""
        return self.read()[1]

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """Its bytes and picture."""
        content = _fsspec().open(self.url).open().read()
        return content, *decode(content)

    def digest(self) -> bytes:
        """SHA-256 of its bytes."""
        return hashlib.sha256(_fsspec().open(self.url).open().read()).digest()


def open_source(source: Source) -> Listing:
    """Lists the images of whatever can be exported.

    Args:
        source: A folder; a pattern as `photos/*/*.jpg`; a .tsv or .csv file with a column of paths and perhaps one of
            labels; an .npz file with `images` and perhaps `labels`; CIFAR's folder of pickled batches, or one of
            them; an address as `s3://bucket/folder`; or from Python a list of paths, arrays or Pillow images, an
            array (N, H, W, 3), or a tf.data.Dataset of images or of (image, label).

    Returns:
        The images, sorted by name.

    Raises:
        ExportError: If it does not exist, is nothing of this kind, or holds no images.
    """
    if not isinstance(source, (str, os.PathLike)):
        return _from_python(source)
    text = os.fspath(source)
    if "://" in text:
        return _remote(text)
    path = Path(text)
    if path.is_dir():
        return _cifar(path, sorted(_batches_in(path))) if _batches_in(path) else find_images(path)
    if not path.exists():
        return _glob(text) if glob.has_magic(text) else find_images(path)
    if path.suffix.lower() in (".tsv", ".csv", ".txt"):
        return _table(path)
    if path.suffix.lower() == ".npz":
        return _npz(path)
    if path.name.startswith(("data_batch", "test_batch")) or path.name in ("train", "test"):
        return _cifar(path.parent, [path])
    raise ExportError(f"{path} is no folder, .tsv, .csv or .npz file, nor one of CIFAR's batches.")


def _glob(pattern: str) -> Listing:
    parts = Path(pattern).parts
    first = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    folder = Path(*parts[:first]) if first else Path()
    found = [Path(path) for path in glob.glob(pattern, recursive=True)]
    files = [path for path in found if path.suffix.lower() in SUFFIXES and not path.is_dir()]
    if not files:
        raise ExportError(f"No JPEG, PNG or WebP image matches {pattern} (write it in quotes).")
    return list_files(((path.relative_to(folder).as_posix(), path) for path in files), len(found) - len(files))


def _table(table: Path) -> Listing:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            is_csv = table.suffix.lower() == ".csv"
            rows = list(csv.DictReader(file) if is_csv else csv.DictReader(file, dialect="excel-tab"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExportError(f"{table} cannot be read as a table: {error}.") from error
    names = list(rows[0]) if rows else []
    path_column = next((name for name in PATH_COLUMNS if name in names), None)
    if path_column is None:
        raise ExportError(f"{table} needs a header with a column {', '.join(PATH_COLUMNS[:-1])} or {PATH_COLUMNS[-1]}.")
    label_column = next((name for name in LABEL_COLUMNS if name in names), None)
    classes: dict[str, str] = {}
    files: dict[str, Path] = {}
    for number, row in enumerate(rows, 2):
        name = Path(row[path_column] or "").as_posix()
        label = (row.get(label_column) or "") if label_column else ""
        if classes.get(name, label) != label:
            raise ExportError(f"{table}, line {number}: {name} already has another label.")
        files[name] = table.parent / name
        classes |= {name: label} if label else {}
    return list_files(files.items(), classes=classes)


def _npz(path: Path) -> Listing:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            key = next((name for name in ("images", "x", "x_train", "arr_0") if name in arrays), None)
            label_key = next((name for name in ("labels", "y", "y_train", "arr_1") if name in arrays), None)
            images = arrays[key] if key else None
            labels = arrays[label_key].reshape(-1) if label_key else None
    except (OSError, ValueError, EOFError) as error:
        raise ExportError(f"{path} cannot be read as arrays: {error}.") from error
    if images is None:
        raise ExportError(f"{path} needs an array called images: (N, height, width, 3) uint8.")
    return from_arrays(images, None if labels is None else [str(label) for label in labels])


def _batches_in(folder: Path) -> list[Path]:
    names = ("data_batch_*", "test_batch*", "train", "test")
    if not any((folder / meta).is_file() for meta in CIFAR_META):
        return []
    return [path for name in names for path in folder.glob(name) if path.is_file() and not path.suffix]


def _cifar(folder: Path, batches: Sequence[Path]) -> Listing:
    names: list[str] = []
    for meta, key in CIFAR_META.items():
        if (folder / meta).is_file():
            names = [_text(name) for name in _unpickle(folder / meta).get(key, [])]
    images: list[npt.NDArray[Any]] = []
    labels: list[str] = []
    files: list[str] = []
    for path in batches:
        batch = _unpickle(path)
        data = batch.get(b"data")
        given = next((batch[key] for key in CIFAR_LABELS if key in batch), None)
        if not isinstance(data, np.ndarray) or data.ndim != 2 or data.shape[1] != 3072 or given is None:
            raise ExportError(f"{path} is no batch of CIFAR: it needs data (N, 3072) and labels.")
        # Batches that are cut short hold more labels than images, or the other way round.
        count = min(len(data), len(given))
        images += list(data[:count].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        labels += [names[label] if label < len(names) else str(label) for label in given[:count]]
        own = [_text(name) for name in batch.get(b"filenames", [])][:count]
        files += own or [f"{path.name}_{number:05d}.png" for number in range(count)]
    return from_arrays(images, labels, files)


class _Plain(pickle.Unpickler):
    """Unpickles arrays and plain values only: a pickle from elsewhere could otherwise run any code."""

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".", maxsplit=1)[0] == "numpy" and name in ("_reconstruct", "ndarray", "dtype", "_frombuffer"):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        if (module, name) == ("_codecs", "encode"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it holds {module}.{name}")


def _unpickle(path: Path) -> Mapping[bytes, Any]:
    try:
        with path.open("rb") as file:
            found = _Plain(file, encoding="bytes").load()
    except Exception as error:  # pickle raises nearly anything on damaged data.
        raise ExportError(f"{path} is no batch of CIFAR ({type(error).__name__}: {error}).") from error
    if not isinstance(found, dict):
        raise ExportError(f"{path} is no batch of CIFAR.")
    return {key.encode() if isinstance(key, str) else key: value for key, value in found.items()}


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _remote(url: str) -> Listing:
    fsspec = _fsspec()
    try:
        files, folder = fsspec.core.url_to_fs(url)
        found = files.find(folder, detail=True)
    except Exception as error:  # Every store has its own.
        raise ExportError(f"{url} cannot be listed ({type(error).__name__}: {str(error)[:200]}).") from error
    images: list[ImageFile] = []
    left_out: list[LeftOut] = []
    sizes: dict[str, int] = {}
    for path, info in sorted(found.items()):
        name = path[len(folder) :].lstrip("/")
        if Path(name).suffix.lower() in SUFFIXES:
            sizes[name] = int(info["size"])
            problem = size_problem(sizes[name])
            if problem is None:
                images.append(RemoteImage(Path(name), name, url=files.unstrip_protocol(path)))
            else:
                left_out.append(LeftOut(name, problem))
    if not images:
        raise ExportError(f"{url} holds no JPEG, PNG or WebP image ({len(found):,} other files).")
    fingerprint = hashlib.sha256(repr(sizes).encode("utf-8", "surrogateescape")).hexdigest()
    return Listing(mark_twins(images, sizes), left_out, len(found) - len(images) - len(left_out), fingerprint)


def _fsspec() -> Any:
    try:
        import fsspec
    except ImportError:
        raise ExportError("Reading from an address needs fsspec: pip install 'tb-tsne[cluster]'.") from None
    return fsspec


def _from_python(source: Any) -> Listing:
    if hasattr(source, "as_numpy_iterator"):
        return _dataset(source)
    if isinstance(source, np.ndarray) or not all(isinstance(image, (str, os.PathLike)) for image in source):
        return from_arrays(source)
    files = {Path(path).as_posix(): Path(path) for path in source}
    return list_files(files.items())


def _dataset(dataset: Any) -> Listing:
    """Reads a tf.data.Dataset once; pictures are held as PNG, so that photographs take a fraction of their memory."""
    images: list[bytes] = []
    labels: list[str] = []
    for element in dataset.as_numpy_iterator():
        image, *label = element if isinstance(element, tuple) else (element,)
        images.append(_packed(np.asarray(image)))
        labels += [_text(label[0]) if isinstance(label[0], bytes) else str(label[0])] if label else []
    return from_arrays(images, labels or None)


def _packed(image: npt.NDArray[Any]) -> bytes:
    if image.dtype != np.uint8:
        raise ExportError(f"The dataset gives images of type {image.dtype}: give uint8 from 0 to 255.")
    file = io.BytesIO()
    Image.fromarray(image.squeeze(-1) if image.ndim == 3 and image.shape[-1] == 1 else image).save(file, "PNG")
    return file.getvalue()


def from_arrays(
    images: Iterable[ImageLike | bytes], labels: Sequence[str] | None = None, names: Sequence[str] | None = None
) -> Listing:
    """Lists images that are arrays or Pillow images.

    Args:
        images: (N, H, W), (N, H, W, 3) or (N, H, W, 4) uint8, or any mixture of arrays and pictures.
        labels: N classes, or None.
        names: N names, or None: then an image is its content, whatever order it comes in.

    Returns:
        The listing, in the given order.

    Raises:
        ExportError: If the counts differ or there is no image.
    """
    images = list(images)
    if not images:
        raise ExportError("There are no images.")
    for what, values in (("labels", labels), ("names", names)):
        if values is not None and len(values) != len(images):
            raise ExportError(f"There are {len(values):,} {what} for {len(images):,} images.")
    digits = len(str(len(images) - 1))
    given = names or [""] * len(images)
    listed: list[ImageFile] = []
    for number, image in enumerate(images):
        name = given[number] or f"{number:0{digits}d}"
        own_class = labels[number] if labels else None
        listed.append(ArrayImage(Path(name), name, False, own_class, image, given[number]))
    repeated = [name for name in given if name and given.count(name) > 1] if len(set(given)) < len(images) else []
    if names and repeated:
        raise ExportError(f"Several images have the same name: {some_of(sorted(set(repeated)))}.")
    listed.sort(key=lambda image: image.name)
    marked = mark_twins(listed, {image.name: 0 for image in listed})
    fingerprint = hashlib.sha256(b"".join(image.digest() for image in marked)).hexdigest()
    return Listing(marked, [], 0, fingerprint)


def describe(source: Source) -> str:
    """A word for the source in the run's settings; nothing of where it lies."""
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name or os.fspath(source)
    return type(source).__name__
