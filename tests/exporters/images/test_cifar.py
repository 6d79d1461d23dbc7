"""CIFAR's batches as they are published, as people pickle their own, and made to do harm."""

from __future__ import annotations

import pickle
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exporters import ExportError
from exporters.images import pickled
from exporters.images.cifar import list_batches
from exporters.images.in_memory import ArrayImage
from exporters.images.pickled import read_pickled

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 3072), dtype=np.uint8)


def listed(path: Path) -> list[tuple[str, str | None, bytes]]:
    images = [image for image in list_batches([path]).images if isinstance(image, ArrayImage)]
    return [(image.name, image.given_class, np.asarray(image.pixels).tobytes()) for image in images]


EXPECTED = [
    (f"{name}.png", label, IMAGES[row].reshape(3, 32, 32).transpose(1, 2, 0).tobytes())
    for row, (name, label) in enumerate([("a", "0"), ("b", "300"), ("c", "2")])
]


def of_python_2() -> bytes:
    """What cPickle of Python 2 writes of a batch, as the published files are."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    raw = IMAGES.tobytes()
    labels = b"]q\x05(K\x00M,\x01K\x02e"
    kind = b"cnumpy\ndtype\nq\x0dU\x02u1q\x0eK\x00K\x01\x87q\x0fRq\x10(K\x03U\x01|q\x11NNNJ\xff\xff\xff\xff"
    kind += b"J\xff\xff\xff\xffK\x00tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85q\tU\x01bq\n\x87Rq\x0b"
    array += b"(K\x01K\x03M\x00\x0c\x86q\x0c" + kind + b"\x89T" + struct.pack("<I", len(raw)) + raw + b"tb"
    names = b"]q\x12(" + text(b"a.png") + text(b"b.png") + text(b"c.png") + b"e"
    parts = [text(b"batch_label"), text(b"testing batch 1 of 1"), text(b"labels"), labels, text(b"data"), array]
    return b"\x80\x02}q\x01(" + b"".join([*parts, text(b"filenames"), names]) + b"u."


def batch(**changes: Any) -> dict[bytes, Any]:
    values = {"data": IMAGES, "labels": [0, 300, 2], "filenames": [b"a.png", b"b.png", b"c.png"], **changes}
    return {key.encode(): value for key, value in values.items()}


GOOD = {
    "Python 2": of_python_2(),
    **{f"protocol {number}": pickle.dumps(batch(), number) for number in range(1, 6)},
    "numpy 1": pickle.dumps(batch(), 3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray"),
    "texts": pickle.dumps({key.decode(): value for key, value in batch(filenames=["a.png", "b.png", "c.png"]).items()}),
    "by columns": pickle.dumps(batch(data=np.asfortranarray(IMAGES)), 2),
    "labels are an array": pickle.dumps(batch(labels=np.array([0, 300, 2], ">i4")), 3),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_batches_are_read_whatever_wrote_them(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "test_batch").write_bytes(content)
    assert listed(tmp_path / "test_batch") == EXPECTED


def test_what_pickle_itself_reads_is_the_same() -> None:
    for content in GOOD.values():
        theirs = pickle.loads(content, encoding="bytes")
        assert all(np.array_equal(values, theirs[key]) for key, values in read_pickled(content).items())


def dtype(code: bytes, flags: bytes = b"K\x00") -> bytes:
    state = b"(K\x03X\x01\x00\x00\x00|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff" + flags + b"tb"
    return b"cnumpy\ndtype\n(X" + struct.pack("<I", len(code)) + code + b"K\x00K\x01tR" + state


def array(of: bytes, count: int, raw: bytes) -> bytes:
    empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR"
    return empty + b"(K\x01(J" + struct.pack("<i", count) + b"t" + of + b"\x89C" + bytes([len(raw)]) + raw + b"tb"


def made_of_pointers() -> bytes:
    """An array of eight bytes, whose type is told afterwards that these are an object."""
    void = b"cnumpy\ndtype\n(X\x02\x00\x00\x00V8K\x00K\x01tRq\x01"
    fields = b"(X\x01\x00\x00\x00at}X\x01\x00\x00\x00a(" + dtype(b"O", b"K?") + b"K\x00ts"
    late = b"h\x01(K\x03X\x01\x00\x00\x00|N" + fields + b"K\x08K\x01K?tb"
    return b"\x80\x03(" + array(void, 1, b"A" * 8) + late + b"t."


def encoded_again() -> bytes:
    """2,000 times the bytes of one text of a million letters."""
    text = b"X" + struct.pack("<I", 10**6) + b"a" * 10**6 + b"q\x02"
    start = b"\x80\x02}X\x04\x00\x00\x00data](c_codecs\nencode\nq\x01" + text + b"X\x06\x00\x00\x00latin1\x86q\x04R"
    return start + b"h\x01h\x04R" * 2000 + b"es."


def rows_of_one_name() -> bytes:
    """As many images as names, all of them the one name of 300,000 letters."""
    rows = np.zeros((2000, 3072), np.uint8)
    name = "n" * 300_000
    return pickle.dumps({"data": rows, "labels": [0] * 2000, "filenames": [name.encode()] * 2000}, 4)


U1 = dtype(b"u1")
BAD = {
    "an object of eight bytes": (made_of_pointers(), "is no batch of CIFAR"),
    "a type of objects": (b"\x80\x03" + array(dtype(b"O", b"K?"), 1, b"A" * 8) + b".", "holds an array of 'O'"),
    "memory that was never written": (
        b"\x80\x03}X\x04\x00\x00\x00datacnumpy\nndarray\n(K\x03M\x00\x0c\x86X\x02\x00\x00\x00u1tRsX\x06\x00\x00\x00labels"
        b"](K\x00K\x00K\x00es.",
        "calls numpy ndarray",
    ),
    "two gigabytes of memo": (b"\x80\x02}r" + struct.pack("<I", 2**27) + b".", "needs data"),
    "more than it holds": (b"\x80\x03" + array(U1, 2**31 - 1, b"A" * 8) + b".", "another size than it says"),
    "less than nothing": (b"\x80\x03" + array(U1, -8, b"A" * 8) + b".", "array of nothing"),
    "a text without end": (b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b".", "is no batch of CIFAR"),
    "a number without end": (b"\x80\x02\x8b\xff\xff\xff\x7f.", "is no batch of CIFAR"),
    "what was complete": (b"\x80\x03" + array(U1, 1, b"A") + b"Nb.", "changes what is complete"),
    "a function": (b"\x80\x02cos\nsystem\n(X\x04\x00\x00\x00exittR.", "names 'os system'"),
    "a text encoded again and again": (encoded_again(), "makes many times its size"),
    "a text named again and again": (rows_of_one_name(), "makes many times its size"),
    "a list a byte": (b"\x80\x02(" + b"]" * 1_500_000 + b"t.", "makes many times its size"),
    "a mark a byte": (b"\x80\x02" + b"(" * 1_500_000 + b"t.", "makes many times its size"),
    "a memory a byte": (b"\x80\x04}" + b"\x94" * 1_500_000 + b".", "makes many times its size"),
    "no stack": (b"\x80\x02R.", "do not fit together"),
    "nothing": (b"", "is no batch of CIFAR"),
    "labels below nothing": (pickle.dumps(batch(labels=[0, -1, 2])), "needs data"),
    "labels that are no numbers": (pickle.dumps(batch(labels=[0, None, "x"])), "needs data"),
    "names that are no texts": (pickle.dumps(batch(filenames=[1, 2, 3])), "its names are no texts"),
    "wide numbers": (pickle.dumps(batch(data=IMAGES.astype(np.int64))), "needs data"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_a_batch_made_to_do_harm_is_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    """In a process of its own, which `pickle` and numpy can be made to crash, or to take all memory."""
    code = (
        "import resource, sys; from pathlib import Path; from exporters import ExportError\n"
        "from exporters.images.cifar import list_batches\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: list_batches([Path(sys.argv[1])])\n"
        "except ExportError as error: print(error)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    path = tmp_path / "data_batch_1"
    path.write_bytes(content)
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said, taken = done.stdout.rsplit("\n", 2)[:2]
    assert message in said
    assert said.endswith(".")
    assert int(taken) < 100 * 2**10 * (1 if sys.platform == "linux" else 2**10)


def test_a_pickle_of_countless_parts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickled, "MAX_STEPS", 1000)
    (tmp_path / "test_batch").write_bytes(b"\x80\x02(" + b"]" * 1000 + b"t.")
    with pytest.raises(ExportError, match="over 1,000 parts"):
        list_batches([tmp_path / "test_batch"])


def test_any_change_of_a_byte_is_a_batch_or_a_sentence(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    path = tmp_path / "test_batch"
    for content in GOOD.values():
        for _ in range(150):
            changed = bytearray(content)
            # Near the ends, where all but the pixels stands.
            place = random.integers(0, 400)
            changed[place if random.random() < 0.5 else -1 - place] = random.integers(0, 256)
            path.write_bytes(changed)
            try:
                list_batches([path])
            except ExportError as error:
                assert str(error).startswith((str(path), "Several images", "There are")), error  # noqa: PT017
