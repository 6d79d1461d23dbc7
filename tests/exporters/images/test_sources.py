from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from exporters import ExportError, ExportOptions, export_images
from exporters.images.remote import RemoteImage
from exporters.images.sources import open_source
from tests.exporters.drawn import color, draw, draw_folder, read_metadata, read_tensor

Pixels = npt.NDArray[np.uint8]

OPTIONS = ExportOptions(["pix"], true_labels=True)


def arrays(count: int, side: int = 12) -> Pixels:
    return np.stack([np.full((side, side, 3), color(number + 1), np.uint8) for number in range(count)])


def truths(run: Path) -> dict[str, str]:
    return {row["file"]: row["true_label"] for row in read_metadata(run)}


def ids(run: Path) -> dict[bytes, str]:
    """Sample id by the colour of the row."""
    rows = read_metadata(run)
    pixels = read_tensor(run, "pix", len(rows))
    return {values[:3].tobytes(): row["sample_id"] for values, row in zip(pixels, rows, strict=True)}


def test_a_pattern_gives_the_files_that_match(tmp_path: Path) -> None:
    draw_folder(tmp_path / "in", 6)
    (tmp_path / "in" / "class_0" / "notes.txt").touch()
    listing = open_source(str(tmp_path / "in" / "*" / "000[0-3].png"))
    assert [image.name for image in listing.images] == [
        "class_0/0000.png",
        "class_0/0002.png",
        "class_1/0001.png",
        "class_1/0003.png",
    ]
    with pytest.raises(ExportError, match=r"jpg matches no image in a format that is read\."):
        open_source(str(tmp_path / "in" / "*.jpg"))
    with pytest.raises(ExportError, match=r"jpg matches nothing: there is no folder .*none\."):
        open_source(str(tmp_path / "none" / "*.jpg"))


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**/*.png", ["cat/1.png", "cat/old/2.png"]),
        ("**", ["cat/1.png", "cat/old/2.png"]),
        ("**/again/*/*.png", ["again/cat/1.png"]),
        ("*/*.png", ["cat/1.png"]),
        ("*/*/*.png", ["again/cat/1.png", "cat/old/2.png"]),
        ("**/old/**", ["cat/old/2.png"]),
        ("c[a-z]t/?.png", ["cat/1.png"]),
        ("**/**/2.*", ["cat/old/2.png"]),
    ],
)
def test_a_pattern_enters_each_folder_once_and_none_outside(tmp_path: Path, pattern: str, names: list[str]) -> None:
    draw(tmp_path / "photos" / "cat" / "1.png", color(1))
    draw(tmp_path / "photos" / "cat" / "old" / "2.png", color(2))
    (tmp_path / "photos" / "again").symlink_to(".")
    (tmp_path / "private").mkdir()
    (tmp_path / "private").chmod(0o111)  # to enter it would be an error, or would give an image
    (tmp_path / "photos" / "link").symlink_to("../private")
    listing = open_source(f"{tmp_path}/photos/{pattern}")
    assert [image.name for image in listing.images] == names
    assert {image.name for image in listing.skipped} <= {"link", "again/link"}


def test_a_pattern_says_which_folders_it_does_not_enter_and_enters_them_if_asked(tmp_path: Path) -> None:
    draw(tmp_path / "photos" / "cat" / "1.png", color(1))
    draw(tmp_path / "private" / "2.png", color(2))
    (tmp_path / "photos" / "link").symlink_to("../private")
    (tmp_path / "private" / "back").symlink_to("../photos")
    listing = open_source(f"{tmp_path}/photos/**/*.png")
    assert [(image.name, image.reason) for image in listing.skipped] == [
        ("link", "lies outside of the folder (--outside takes it)")
    ]
    listing = open_source(f"{tmp_path}/photos/**/*.png", outside=True)
    assert [image.name for image in listing.images] == ["cat/1.png", "link/2.png"]
    assert listing.skipped == []


def test_a_folder_that_is_called_like_a_pattern_is_meant(tmp_path: Path) -> None:
    draw(tmp_path / "[br]ackets" / "a" / "1.png", color(1))
    assert [image.name for image in open_source(f"{tmp_path}/[br]ackets/*/*.png").images] == ["a/1.png"]
    assert [image.name for image in open_source(f"{tmp_path}/*/a/*.png").images] == ["[br]ackets/a/1.png"]


@pytest.mark.parametrize("kind", ["tsv", "csv"])
def test_a_table_names_files_and_their_classes(tmp_path: Path, kind: str) -> None:
    draw_folder(tmp_path / "photos", 4)
    mark = "," if kind == "csv" else "\t"
    lines = [
        f"path{mark}label",
        f"photos/class_0/0000.png{mark}cat",
        f"photos/class_1/0003.png{mark}dog",
        f"gone.png{mark}dog",
    ]
    table = tmp_path / f"table.{kind}"
    table.write_text("\n".join(lines) + "\n")
    summary = export_images(table, tmp_path / "run", OPTIONS)
    assert truths(tmp_path / "run") == {"photos/class_0/0000.png": "cat", "photos/class_1/0003.png": "dog"}
    assert [(file.name, file.reason) for file in summary.skipped] == [
        ("gone.png", "cannot be read (No such file or directory)")
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name\nx.png\n", "needs a header with a column of paths: file"),
        ("file\tlabel\nx\ta\nx\tb\n", "line 3: x already has"),
    ],
)
def test_a_wrong_table_is_one_sentence(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "t.tsv").write_text(content)
    with pytest.raises(ExportError, match=message):
        open_source(tmp_path / "t.tsv")


def test_a_row_without_a_path_is_named_by_its_line(tmp_path: Path) -> None:
    draw(tmp_path / "1.png", color(1))
    (tmp_path / "t.csv").write_text("file,label\n1.png,cat\n,cat\n   ,dog\n")
    listing = open_source(tmp_path / "t.csv")
    assert [image.name for image in listing.images] == ["1.png"]
    assert [tuple(skipped) for skipped in listing.skipped] == [
        ("t.csv, line 3", "has no path"),
        ("t.csv, line 4", "has no path"),
    ]
    (tmp_path / "t.csv").write_text("file,label\n,cat\n")
    with pytest.raises(ExportError, match=r"t.csv has no path in any row\."):
        open_source(tmp_path / "t.csv")


@pytest.mark.parametrize("begin", ["file://", "file://localhost", "FILE:"])
def test_an_address_of_this_machine_in_a_table_is_its_path(tmp_path: Path, begin: str) -> None:
    draw(tmp_path / "a b ä.png", color(1))
    (tmp_path / "t.csv").write_text(f"file\n{begin}{tmp_path}/a%20b%20%C3%A4.png\n{begin}{tmp_path}/no.png\n")
    listing = open_source(tmp_path / "t.csv")
    assert [image.path for image in listing.images] == [tmp_path / "a b ä.png"]
    assert [skipped.reason for skipped in listing.skipped] == ["cannot be read (No such file or directory)"]


@pytest.mark.parametrize(
    "row", ["../private/2.png", "{}/private/2.png", "link.png", "linked/2.png", "x/../../private/2.png"]
)
def test_rows_of_a_table_that_lead_out_of_its_folder_are_skipped_unless_they_are_asked_for(
    tmp_path: Path, row: str
) -> None:
    draw(tmp_path / "private" / "2.png", color(2))
    draw(tmp_path / "tables" / "x" / "1.png", color(1))
    (tmp_path / "tables" / "link.png").symlink_to("../private/2.png")
    (tmp_path / "tables" / "linked").symlink_to("../private")
    table = tmp_path / "tables" / "list.csv"
    table.write_text(f"file\nx/1.png\n{row.format(tmp_path)}\n")
    assert [image.name for image in open_source(table).images] == ["x/1.png"]
    assert [image.reason for image in open_source(table).skipped] == ["lies outside of the folder (--outside takes it)"]
    assert len(open_source(table, outside=True).images) == 2
    table.write_text(f"file\n{row.format(tmp_path)}\n")
    with pytest.raises(
        ExportError, match=r"None of the 1 images can be used; .*2?.png: lies outside of the folder \(--out"
    ):
        export_images(table, tmp_path / "run", OPTIONS)


@pytest.mark.parametrize("outside", [False, True])
def test_rows_that_can_be_no_names_and_chains_of_links_are_skipped(tmp_path: Path, outside: bool) -> None:
    draw(tmp_path / "a" / "1.png", color(1))
    for number in range(1_500):
        (tmp_path / "a" / f"{number or 'link'}.jpg").symlink_to(f"{number + 1}.jpg" if number < 1_499 else "1.png")
    (tmp_path / "list.csv").write_bytes(b"file\na/1.png\na\0b.png\na\0b/c.png\na/link.jpg\n")
    listing = open_source(tmp_path / "list.csv", outside=outside)
    assert [image.name for image in listing.images] == ["a/1.png"]
    assert {image.name for image in listing.skipped} == {"a\0b.png", "a\0b/c.png", "a/link.jpg"}
    assert {image.reason for image in listing.skipped if "\0" in image.name} == {
        "cannot be read (no file has such a name)"
    }
    summary = export_images(tmp_path / "list.csv", tmp_path / "run", replace(OPTIONS, outside=outside))
    assert summary.tensors["pix"][0] == 1
    assert "1.png" in [image.name for image in open_source(tmp_path / "a", outside=outside).images]


def test_a_pattern_and_a_folder_of_batches_do_not_follow_links_outside(tmp_path: Path) -> None:
    draw(tmp_path / "private" / "2.png", color(2))
    draw(tmp_path / "photos" / "a" / "1.png", color(1))
    (tmp_path / "photos" / "b").symlink_to(tmp_path / "private")
    pattern = str(tmp_path / "photos" / "*" / "*.png")
    assert [image.name for image in open_source(pattern).images] == ["a/1.png"]
    assert [image.name for image in open_source(pattern, outside=True).images] == ["a/1.png", "b/2.png"]
    write_cifar(tmp_path / "cifar", arrays(6, 32))
    (tmp_path / "cifar" / "data_batch_1").rename(tmp_path / "private" / "batch")
    (tmp_path / "cifar" / "data_batch_1").symlink_to(tmp_path / "private" / "batch")
    with pytest.raises(ExportError, match=r"data_batch_1 lies outside of the folder \(--outside takes it\)"):
        open_source(tmp_path / "cifar")
    assert len(open_source(tmp_path / "cifar", outside=True).images) == 6


def test_arrays_keep_their_labels_in_any_order(tmp_path: Path) -> None:
    images, labels = arrays(5), np.array(["a", "b", "a", "b", "c"])
    np.savez(tmp_path / "set.npz", images=images, labels=labels)
    export_images(tmp_path / "set.npz", tmp_path / "run", OPTIONS)
    assert list(truths(tmp_path / "run").values()) == labels.tolist()
    np.testing.assert_array_equal(read_tensor(tmp_path / "run", "pix", 5)[:, :3], images[:, 0, 0])
    before = ids(tmp_path / "run")
    export_images(images[[4, 0, 2]], tmp_path / "fewer", ExportOptions(["pix"]))
    assert ids(tmp_path / "fewer").items() <= before.items()
    np.savez(tmp_path / "wrong.npz", pictures=images)
    with pytest.raises(ExportError, match="needs an array called images"):
        open_source(tmp_path / "wrong.npz")
    np.savez(tmp_path / "uneven.npz", images=images, labels=labels[:3])
    with pytest.raises(ExportError, match="3 labels for 5 images"):
        open_source(tmp_path / "uneven.npz")


def test_arrays_larger_than_memory_are_refused_before_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "bomb.npz", images=np.zeros((500, 64, 64, 3), np.uint8))
    with monkeypatch.context() as machine:
        machine.setattr(os, "sysconf", lambda _: 1000)
        with pytest.raises(ExportError, match=r"GiB, over half of this machine's memory"):
            open_source(tmp_path / "bomb.npz")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (2**42,)})
    with zipfile.ZipFile(tmp_path / "says.npz", "w") as arrays:
        arrays.writestr("images.npy", header.getvalue() + bytes(8))
    with pytest.raises(ExportError, match=r"says.npz cannot be read as arrays: .*\.$"):
        open_source(tmp_path / "says.npz")
    for content in (b"", b"PK", b"\x93NUMPY", b"PK\x05\x06" + bytes(18)):
        (tmp_path / "rubbish.npz").write_bytes(content)
        with pytest.raises(ExportError, match=r"rubbish.npz (cannot be read as|needs an) array"):
            open_source(tmp_path / "rubbish.npz")


def write_cifar(folder: Path, images: Pixels) -> None:
    folder.mkdir()
    (folder / "batches.meta").write_bytes(pickle.dumps({b"label_names": [b"cat", b"dog"]}, 2))
    for number in (1, 2):
        batch = images[number - 1 :: 2]
        values = {
            b"data": batch.transpose(0, 3, 1, 2).reshape(len(batch), 3072),
            b"labels": [row % 2 for row in range(len(batch))],
            b"filenames": [f"pic_{number}_{row}.png".encode() for row in range(len(batch))],
        }
        (folder / f"data_batch_{number}").write_bytes(pickle.dumps(values, 2))


def test_cifar_batches_are_read_without_running_what_else_they_hold(tmp_path: Path) -> None:
    images = arrays(6, 32)
    write_cifar(tmp_path / "cifar", images)
    export_images(tmp_path / "cifar", tmp_path / "run", OPTIONS)
    names = ["pic_1_0", "pic_1_1", "pic_1_2", "pic_2_0", "pic_2_1", "pic_2_2"]
    classes = ["cat", "dog", "cat", "cat", "dog", "cat"]
    assert truths(tmp_path / "run") == {f"{name}.png": known for name, known in zip(names, classes, strict=True)}
    np.testing.assert_array_equal(read_tensor(tmp_path / "run", "pix", 6)[:, :3], images[[0, 2, 4, 1, 3, 5], 0, 0])

    class Harm:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "harm",)

    (tmp_path / "cifar" / "data_batch_1").write_bytes(pickle.dumps({b"data": Harm()}, 2))
    with pytest.raises(ExportError, match="data_batch_1 is no batch of CIFAR"):
        open_source(tmp_path / "cifar")
    assert not (tmp_path / "harm").exists()


def test_a_folder_of_photos_is_none_of_cifars_whatever_else_it_holds(tmp_path: Path) -> None:
    draw(tmp_path / "photos" / "cat" / "1.png", color(1))
    for name in ("meta", "test", "train"):
        (tmp_path / "photos" / name).write_text("mine")
    listing = open_source(tmp_path / "photos")
    assert [image.name for image in listing.images] == ["cat/1.png"]
    assert listing.passed_over == {"without a suffix": 3}
    (tmp_path / "photos" / "cat" / "1.png").unlink()
    with pytest.raises(ExportError, match=r"photos holds no image in a format that is read \(3 without a suffix\)"):
        open_source(tmp_path / "photos")
    write_cifar(tmp_path / "cifar", arrays(6, 32))
    assert len(open_source(tmp_path / "cifar").images) == 6
    draw(tmp_path / "cifar" / "1.png", color(1))
    assert [image.name for image in open_source(tmp_path / "cifar").images] == ["1.png"]


class Dataset:
    """What an export uses of a tf.data.Dataset."""

    def __init__(self, elements: Sequence[Any]) -> None:
        self.elements = elements

    def as_numpy_iterator(self) -> Iterator[Any]:
        return iter(self.elements)


def test_a_dataset_of_images_and_labels(tmp_path: Path) -> None:
    images = arrays(3)
    export_images(Dataset(list(zip(images, [b"x", b"y", b"x"], strict=True))), tmp_path / "run", OPTIONS)
    assert list(truths(tmp_path / "run").values()) == ["x", "y", "x"]
    np.testing.assert_array_equal(read_tensor(tmp_path / "run", "pix", 3)[:, :3], images[:, 0, 0])
    with pytest.raises(ExportError, match="type float32: give uint8"):
        open_source(Dataset([images[0].astype(np.float32)]))


def test_an_address_gives_the_same_run_as_the_folder(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    draw_folder(tmp_path / "in", 5)
    draw(tmp_path / "in" / "class_0" / "copy" / "0000.png", color(0))
    export_images(tmp_path / "in", tmp_path / "run", OPTIONS)
    export_images(f"file://{tmp_path}/in", tmp_path / "remote", OPTIONS)
    for name in ("metadata.tsv", "pix.bytes"):
        assert (tmp_path / "remote" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
    with pytest.raises(ExportError, match="no image in a format that is read"):
        open_source(f"file://{tmp_path}/nowhere")


def test_an_image_at_an_address_that_is_broken_or_cannot_be_read_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fsspec")
    draw_folder(tmp_path / "in", 5)
    (tmp_path / "in" / "class_0" / "0000.png").write_bytes(b"broken")
    whole = RemoteImage.content

    def content(image: RemoteImage) -> bytes:
        if image.name == "class_1/0003.png":
            raise OSError(5, "no answer")
        return whole(image)

    monkeypatch.setattr(RemoteImage, "content", content)
    summary = export_images(f"file://{tmp_path}/in", tmp_path / "run", OPTIONS)
    assert summary.images == 3
    assert summary.skipped == [
        ("class_0/0000.png", "not a picture in a format that is read"),
        ("class_1/0003.png", "cannot be read (no answer)"),
    ]


def test_only_some_images_at_an_address_are_read_to_choose_the_size_of_tiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fsspec")
    reads: list[str] = []
    whole = RemoteImage.content

    def counted(image: RemoteImage) -> bytes:
        reads.append(image.name)
        return whole(image)

    monkeypatch.setattr(RemoteImage, "content", counted)
    draw_folder(tmp_path / "in", 200)
    export_images(f"file://{tmp_path}/in", tmp_path / "run", OPTIONS)
    assert len(reads) <= 200 + 64


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").touch()
    with pytest.raises(ExportError, match="mp4 is no folder"):
        open_source(tmp_path / "film.mp4")
    with pytest.raises(ExportError, match="does not exist"):
        open_source(tmp_path / "nothing")
    with pytest.raises(ExportError, match="no images"):
        open_source([])
