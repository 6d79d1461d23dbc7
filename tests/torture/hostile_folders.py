"""Makes run folders as somebody who means harm would: under every name that we choose or a config may, something else.

Each starts as a whole run (labels, a checkpoint, an export that was interrupted, larger pictures) and has one to four
things planted in it that lead, or are forged to lead, to the files of an `Outside`, or to use up time and memory.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
from PIL import Image

from tb_tsne_plugin.labels import LabelStore, Operation
from tb_tsne_plugin.labels.model import NewClass
from tb_tsne_plugin.live.checkpoint import FORMAT
from tests.builders import blobs, make_run, sample_id

N = 12
CHECKPOINT = f".tsne/{hashlib.blake2b(b'im', digest_size=12).hexdigest()}.npz"
# Every name that the plugin, the exporters or the commands open, make, rename or remove in a run's folder.
NAMES = (
    "labels.sqlite",
    "labels.sqlite-journal",
    "labels.sqlite-wal",
    "labels.sqlite-shm",
    "labels.sqlite.version-1.backup",
    "labels.sqlite.version-2.backup",
    "labels.sqlite.version-2.backup.tmp",
    ".tsne",
    CHECKPOINT,
    ".exporting",
    ".exporting/lock",
    ".exporting/plan.json",
    ".exporting/journal.jsonl",
    ".exporting/publishing.json",
    ".exporting/pix.bytes.part",
    ".exporting/tiles.raw",
    ".exporting/metadata.tsv.part",
    ".exporting/images0.zip",
    "tiles",
    "tiles/0000.jpg",
    "tiles.json",
    "images.zip",
    "pictures.zip",
    "metadata.tsv",
    "metadata.tsv.original",
    "orphaned_labels.tsv",
    "export_report.json",
    "projector_config.pbtxt",
    "im.bytes",
    "pix.bytes",
    "sprite.png",
    "im.positions.tsv",
    "im.bookmarks.json",
)
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")


class Outside:
    """Somebody's files beside the log dir, none of which may change.

    Attributes:
      folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "photos").mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (16, 16), (number * 80, 20, 20)).save(folder / "photos" / f"{number}.png")
        (folder / "thesis.txt").write_text("years of work\n" * 50)
        (folder / "empty").write_bytes(b"")
        with closing(sqlite3.connect(folder / "browser.sqlite")) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE history (url TEXT)")
            connection.execute("INSERT INTO history VALUES ('https://example.org')")
        make_run(folder / "other", blobs(N)[0])
        store = LabelStore(folder / "other" / "labels.sqlite")
        store.create({sample_id(0): "ant"})

    def snapshot(self) -> dict[str, tuple[object, ...]]:
        """Every file and folder: kind, size, times of change, links, content."""
        found: dict[str, tuple[object, ...]] = {}
        for path in [self.folder, *sorted(self.folder.rglob("*"))]:
            at = path.lstat()
            content = hashlib.blake2b(path.read_bytes()).hexdigest() if path.is_file() else ""
            links = at.st_nlink if path.is_dir() else 0  # hard links are made by those who plant them
            found[str(path)] = (at.st_mode, at.st_size, at.st_mtime_ns, links, content)
        return found

    def changes(self, before: dict[str, tuple[object, ...]]) -> list[str]:
        """What is not as it was at an earlier snapshot."""
        now = self.snapshot()
        return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))

    def any_file(self, random: np.random.Generator) -> Path:
        """One of its files, or one that is not there yet."""
        names = ("thesis.txt", "empty", "browser.sqlite", "photos/0.png", "other/labels.sqlite", "new", "photos/new")
        return self.folder / str(random.choice(names))

    def any_folder(self, random: np.random.Generator) -> Path:
        """One of its folders, or one that is not there yet."""
        return self.folder / str(random.choice(("photos", "other", ".", "new")))


def whole_run(folder: Path) -> Path:
    """A run with everything that may lie in its folder; the checkpoint and the unfinished export are forged as such."""
    make_run(folder, blobs(N)[0], labels=["ant", "bee", *["unlabeled"] * (N - 2)])
    store = LabelStore(folder / "labels.sqlite")
    store.create({sample_id(0): "ant", sample_id(1): "bee"})
    for number in range(3):
        operation = Operation(f"operation-{number}", store.revision(), "somebody")
        store.apply(operation, NewClass(f"class {number}"), [sample_id(2 + number)])
    (folder / ".tsne").mkdir()
    (folder / CHECKPOINT).write_bytes(checkpoint(np.random.default_rng(0)))
    staging = folder / ".exporting"
    staging.mkdir()
    (staging / "lock").touch()
    (staging / "plan.json").write_text("{}")
    (staging / "journal.jsonl").write_text("")
    (staging / "pix.bytes.part").write_bytes(b"\0" * 64)
    (folder / "tiles").mkdir()
    Image.new("RGB", (128, 128)).save(folder / "tiles" / "0000.jpg")
    tiles = {"tile_size": 32, "columns": 4, "rows": 4, "pages": 1, "count": N}
    (folder / "tiles.json").write_text(json.dumps(tiles))
    picture = io.BytesIO()
    Image.new("RGB", (16, 16)).save(picture, "JPEG")
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for row in range(N):
            archive.writestr(f"{sample_id(row)}.jpg", picture.getvalue())
    with zipfile.ZipFile(folder / "pictures.zip", "w") as archive:
        archive.writestr("class/0.png.jpg", picture.getvalue())
    (folder / "metadata.tsv.original").write_bytes((folder / "metadata.tsv").read_bytes())
    (folder / "orphaned_labels.tsv").write_text("sample_id\tfile\tlabel\ngone\tgone.png\tant\n")
    files = ["metadata.tsv", "pix.bytes", "sprite.png", "tiles.json", "tiles/0000.jpg", "images.zip"]
    report = {"made_by": "tb-tsne", "images": N, "tensors": {"pix": [N, 8]}, "settings": {}, "left_out": []}
    (folder / "export_report.json").write_text(
        json.dumps({**report, "labels_kept": 0, "labels_orphaned": 0, "notes": [], "files": files})
    )
    (folder / "im.bookmarks.json").write_text("[]")
    return folder


def checkpoint(random: np.random.Generator, **changes: object) -> bytes:
    """A checkpoint of the run's features, as far as its version can be known from outside."""
    header = {
        "format": FORMAT,
        "version": "0" * 24,
        "column": "label",
        "revision": 0,
        "parameters": {},
        "epoch": 10,
        "run_until": 500,
        "paused": False,
        "curve": [[0, 1.0]],
        **changes,
    }
    raw = io.BytesIO()
    np.savez(
        raw,
        about=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        embedded=np.ones(N, dtype=bool),
        positions=random.standard_normal((3, N)).astype(np.float32),
        velocity=np.zeros((3, N), np.float32),
        gains=np.ones((3, N), np.float32),
        labels=np.full(N, -1, np.int32),
    )
    return raw.getvalue()


def plant(random: np.random.Generator, run: Path, outside: Outside) -> list[str]:
    """Plants one to four things.

    Returns:
      What was planted, in words.
    """
    planters = [PLANTERS[int(number)] for number in random.integers(0, len(PLANTERS), int(random.integers(1, 5)))]
    said = []
    for planter in planters:
        with suppress(OSError, sqlite3.Error, ValueError, UnicodeError):  # what one planted another may stumble over
            said.append(f"{planter.__name__.strip('_')}: {planter(random, run, outside)}")
    return said


def _put(path: Path, content: bytes | str) -> None:
    """Writes a plain file in place of whatever is there: what was planted before must not lead this one outside."""
    _away(path)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def _away(path: Path) -> None:
    """Removes whatever is there, and makes a real folder for it to lie in."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    if path.parent.is_symlink() or not path.parent.is_dir():
        _away(path.parent)
        path.parent.mkdir()


def _another_kind(random: np.random.Generator, run: Path, outside: Outside) -> str:
    """Something that is no plain file in place of one of our names."""
    name = str(random.choice(NAMES))
    path = run / name
    kind = str(random.choice(("link", "link to a folder", "dangling", "loop", "fifo", "socket", "folder", "hard link")))
    _away(path)
    if kind == "link":
        path.symlink_to(outside.any_file(random))
    elif kind == "link to a folder":
        path.symlink_to(outside.any_folder(random))
    elif kind == "dangling":
        path.symlink_to(outside.folder / "made")
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            here = os.open(path.parent, os.O_RDONLY)
            server.bind(f"/proc/self/fd/{here}/{path.name}")  # such a name has at most 108 bytes
            os.close(here)
    elif kind == "folder":
        path.mkdir()
        (path / "inside").write_text("x")
    else:
        os.link(outside.any_file(random), path)
    return f"{name} is a {kind}"


def _other_bytes(random: np.random.Generator, run: Path, _outside: Outside) -> str:
    """Damaged, foreign or endless content under one of our names."""
    name = str(random.choice(NAMES))
    path = run / name
    kind = str(random.choice(("empty", "noise", "cut", "flipped", "zeros", "nested", "sparse")))
    old = path.read_bytes() if path.is_file() and not path.is_symlink() else b"x" * 200
    _away(path)
    if kind == "sparse":
        with open(path, "wb") as file:
            file.truncate(int(random.choice((1 << 21, 1 << 28, 1 << 33))))
        return f"{name} is {kind}"
    content = {
        "empty": b"",
        "noise": random.bytes(500),
        "cut": old[: int(random.integers(0, len(old) + 1))],
        "flipped": _flipped(random, old),
        "zeros": bytes(4096),
        "nested": b"[" * 100_000,
    }[kind]
    _put(path, content)
    return f"{name} is {kind}"


def _flipped(random: np.random.Generator, content: bytes) -> bytes:
    changed = bytearray(content or b"x")
    for _ in range(int(random.integers(1, 20))):
        changed[int(random.integers(0, len(changed)))] = int(random.integers(0, 256))
    return bytes(changed)


def _super_journal(random: np.random.Generator, run: Path, outside: Outside) -> str:
    """A journal that names a super-journal, which SQLite deletes when it has played it back."""
    victim = outside.any_file(random)
    name = os.fsencode(victim)
    header = JOURNAL_MAGIC + struct.pack(">IIIII", int(random.choice((0, 1))), 0, 1, 512, 4096)
    body = header.ljust(512, b"\0")
    tail = struct.pack(">I", 1073741824 // 4096 + 1) + name + struct.pack(">II", len(name), sum(name)) + JOURNAL_MAGIC
    _put(run / "labels.sqlite-journal", body + tail)
    return f"names {victim.name}"


STORES = (
    "CREATE TRIGGER lose AFTER INSERT ON labels BEGIN DELETE FROM labels; END",
    "CREATE TRIGGER lose BEFORE INSERT ON edits BEGIN SELECT RAISE(IGNORE); END",
    "ALTER TABLE labels RENAME TO l; CREATE VIEW labels AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1"
    " FROM n) SELECT 1 column_id, x sample_id, 1 class_id, 1 revision, 1 state FROM n",
    "ALTER TABLE classes RENAME TO c; CREATE VIEW classes AS SELECT column_id, id, hex(zeroblob(100000000)) name,"
    " color, position, revision FROM c",
    "ALTER TABLE about RENAME TO a; CREATE VIEW about AS SELECT * FROM a",
    'UPDATE edits SET selection = \'{"kind": "neighbors", "k": 1e999}\'',
    "UPDATE edits SET summary = x'ff', time = 7, author = zeroblob(10)",
    "UPDATE edits SET kind = 'party', count = 'many', target = 'x'",
    "UPDATE edits SET revision = revision + 2000000000",
    "UPDATE edits SET client = x'ff', touched = '[[1, 2'",
    "UPDATE classes SET name = x'00ff', color = 'javascript:', position = 'first'",
    "UPDATE classes SET id = id * 3000000000",
    "UPDATE labels SET class_id = 'ant'",
    "UPDATE labels SET class_id = 77",
    "UPDATE labels SET state = 99",
    "UPDATE labels SET state = x'03', class_id = NULL",
    "UPDATE labels SET sample_id = CAST(sample_id AS BLOB)",
    "UPDATE label_columns SET revision = 'x'",
    "UPDATE label_columns SET revision = 9223372036854775807",
    "UPDATE label_columns SET next_class_id = -5",
    "UPDATE label_columns SET name = zeroblob(5)",
    "UPDATE class_changes SET after = '{'",
    "UPDATE class_changes SET after = '[[[[' || hex(zeroblob(5000)), before = 7",
    "UPDATE label_changes SET after = 1.5, before = 'x'",
    "UPDATE about SET value = 'x'",
    "UPDATE about SET value = '99999999999999999999'",
    "DELETE FROM about",
    "DELETE FROM edits",
    "DROP TABLE labels",
    "CREATE TABLE labels_2 (x); CREATE INDEX more ON labels (class_id)",
    "CREATE VIRTUAL TABLE words USING fts5(x)",
    "PRAGMA journal_mode=WAL; UPDATE labels SET class_id = 1",
    "PRAGMA user_version=77; PRAGMA application_id=77",
)


def _forged_store(random: np.random.Generator, run: Path, outside: Outside) -> str:
    """A label store that holds something else than ours do."""
    script = str(random.choice(STORES))
    store = run / "labels.sqlite"
    if not store.is_file() or store.is_symlink() or store.lstat().st_nlink > 1:
        _away(store)
        shutil.copy(outside.folder / "other" / "labels.sqlite", store)
    for journal in ("-journal", "-wal", "-shm"):
        _away(run / f"labels.sqlite{journal}")
    with closing(sqlite3.connect(store)) as connection:
        connection.executescript(script)
        connection.commit()
    return script[:60]


def _other_programs_store(_random: np.random.Generator, run: Path, outside: Outside) -> str:
    """Another program's database."""
    _away(run / "labels.sqlite")
    shutil.copy(outside.folder / "browser.sqlite", run / "labels.sqlite")
    return "labels.sqlite"


def _manifest(random: np.random.Generator, run: Path, outside: Outside) -> str:
    """What an interrupted export would have left to do: outside."""
    up = os.path.relpath(outside.any_file(random), run)
    target = str(random.choice((up, str(outside.folder / "thesis.txt"), "labels.sqlite", "metadata.tsv")))
    _put(run / ".exporting" / "part", "planted")
    manifest = {"put": {target: str(random.choice(("part", f"../{up}", up)))}, "remove": [target, up]}
    _put(run / ".exporting" / "publishing.json", json.dumps(manifest))
    return target


def _journal(random: np.random.Generator, run: Path, outside: Outside) -> str:
    """How far an interrupted export had come: nowhere that could be."""
    up = os.path.relpath(outside.any_file(random), run / ".exporting")
    entry = {
        "rows": [["a.png", "a"], [up, up]],
        "pages": int(random.choice((1, 10**6, -1))),
        "shards": [up],
        "tensors": {"pix": [[2**40, 2**40], [0]], up: [[1, 1], []]},
        "added": [up],
    }
    lines = [json.dumps(entry), '{"rows": ' + "[" * 50_000, "7", json.dumps({"pages": 10**30})]
    _put(run / ".exporting" / "journal.jsonl", str(random.choice(lines)) + "\n")
    return "journal.jsonl"


def _report(random: np.random.Generator, run: Path, outside: Outside) -> str:
    """Files that an earlier export is said to have made, and that the next may remove."""
    up = os.path.relpath(outside.any_file(random), run)
    files = [up, f"tiles/../{up}", f"../{up}.bytes", "labels.sqlite", "..", "tiles/0000.jpg", 7, None]
    report = {"made_by": "tb-tsne", "files": files, "tensors": {"pix": [10**30, -1]}}
    _put(run / "export_report.json", json.dumps(report))
    return up


def _config(random: np.random.Generator, run: Path, outside: Outside) -> str:
    """A config that names what it should not, or is made to be slow."""
    up, absolute = os.path.relpath(outside.any_file(random), run), str(outside.folder / "thesis.txt")
    tensor = f'tensor_path: "im.bytes" tensor_shape: {N} tensor_shape: 8'
    texts = (
        f'embeddings {{ tensor_name: "{absolute}" {tensor} }}',
        f'embeddings {{ tensor_name: "../../outside/new" {tensor} }}',
        f'embeddings {{ tensor_name: "im" {tensor} bookmarks_path: "labels.sqlite" }}',
        f'embeddings {{ tensor_name: "im" {tensor} bookmarks_path: "{up}" }}',
        f'embeddings {{ tensor_name: "im" {tensor} bookmarks_path: "{absolute}" }}',
        f'embeddings {{ tensor_name: "im" {tensor} metadata_path: "labels.sqlite" }}',
        f'embeddings {{ tensor_name: "im" {tensor} metadata_path: "{up}" }}',
        f'embeddings {{ tensor_name: "im" {tensor} metadata_path: ".tsne/x" sprite {{ image_path: "{up}" }} }}',
        f'embeddings {{ tensor_name: "im" tensor_path: "{up}" tensor_shape: 1 tensor_shape: 1 }}',
        'embeddings { tensor_name: "im" tensor_path: "im.bytes" tensor_shape: 4294967295 tensor_shape: 4294967295 }',
        'embeddings { tensor_name: "im" tensor_path: "metadata.tsv" }',
        f'embeddings {{ tensor_name: "im" {tensor} metadata_path: "metadata.tsv" '
        'sprite { image_path: "sprite.png" single_image_dim: 0 single_image_dim: 4294967295 } }',
        "".join(f'embeddings {{ tensor_name: "{number}" {tensor} }}\n' for number in range(10_000)),
        f'embeddings {{ tensor_name: "\\033]52;c;evil\\007" {tensor} metadata_path: "metadata.tsv" }}',
        "embeddings { " * 5_000,
    )
    choice = int(random.integers(0, len(texts)))
    _put(run / "projector_config.pbtxt", texts[choice])
    return texts[choice][:80]


def _metadata(random: np.random.Generator, run: Path, _outside: Outside) -> str:
    """Metadata made to be slow, large or ugly."""
    ids = [sample_id(row) for row in range(N)]
    tables: tuple[tuple[str, Callable[[], str]], ...] = (
        ("many columns", lambda: "\n".join("\t".join([row, *["x"] * 20_000]) for row in ["sample_id", *ids])),
        ("the same id", lambda: "sample_id\tlabel\n" + "s\tant\n" * N),
        ("a million rows", lambda: "sample_id\tlabel\n" + "s\tant\n" * 1_000_000),
        ("a long line", lambda: "sample_id\tlabel\n" + "\n".join(f"{row}\t{'y' * 300_000}" for row in ids)),
        ("escapes", lambda: "sample_id\tlabel\n" + "\n".join(f"{row}\t\x1b]52;c;ZXZpbA==\x07" for row in ids)),
        ("formulas", lambda: "sample_id\tlabel\n" + "\n".join(f'{row}\t=HYPERLINK("x")' for row in ids)),
        ("paths", lambda: "sample_id\tlabel\n" + "\n".join(f"../{row}\t../../{row}" for row in ids)),
        ("no text", lambda: "sample_id\tlabel\n" + "\n".join(f"{row}\t\x00\ud800" for row in ids)),
        ("the same column", lambda: "\n".join("\t".join([row, *["label"] * 3_000]) for row in ["sample_id", *ids])),
    )
    name, make = tables[int(random.integers(0, len(tables)))]
    _put(run / "metadata.tsv", make())
    return name


def _pictures(random: np.random.Generator, run: Path, _outside: Outside) -> str:
    """Pictures that are bombs, or no pictures."""
    kind = str(random.choice(("archive of many", "bomb in the archive", "huge sprite", "html", "tiles")))
    for name in ("images.zip", "pictures.zip", "sprite.png", "tiles.json"):
        _away(run / name)
    if kind == "archive of many":
        with zipfile.ZipFile(run / "images.zip", "w") as archive:
            for number in range(20_000):
                archive.writestr(f"{number}.jpg", b"")
    elif kind == "bomb in the archive":
        with zipfile.ZipFile(run / "images.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{sample_id(0)}.jpg", bytes(50_000_000))
    elif kind == "huge sprite":
        Image.new("1", (13_000, 13_000)).save(run / "sprite.png")
    elif kind == "html":
        for name in ("sprite.png", "tiles/0000.jpg"):
            _put(run / name, "<script>alert(1)</script>")
    else:
        tiles = {"tile_size": 512, "columns": 2**30, "rows": 2**30, "pages": 2**30, "count": 2**30}
        (run / "tiles.json").write_text(json.dumps(tiles))
    return kind


def _checkpoint(random: np.random.Generator, run: Path, _outside: Outside) -> str:
    """A forged checkpoint."""
    changes: tuple[dict[str, object], ...] = (
        {"epoch": 10**18},
        {"epoch": -1},
        {"curve": [[0, 1e999]] * 1000},
        {"parameters": {"perplexity": -1}},
        {"run_until": 2**70},
        {"column": "x" * 100_000},
    )
    number = int(random.integers(0, len(changes)))
    _put(run / CHECKPOINT, checkpoint(random, **changes[number]))
    return str(changes[number])[:60]


def _guessed_names(random: np.random.Generator, run: Path, outside: Outside) -> str:
    """Links under the names that temporary files would have if they could be guessed."""
    for name in ("metadata.tsv", "labels.sqlite", "im.positions.tsv", "projector_config.pbtxt", "tiles.json"):
        for number in (os.getpid(), os.getppid()):
            for temporary in (f".{name}.{number}.tmp", f".{name}.tmp", f".{name}.partial", f"{name}.{number}.partial"):
                with suppress(FileExistsError):
                    (run / temporary).symlink_to(outside.any_file(random))
    return "temporary names"


PLANTERS: tuple[Callable[[np.random.Generator, Path, Outside], str], ...] = (
    _another_kind,
    _another_kind,
    _another_kind,
    _another_kind,
    _another_kind,
    _other_bytes,
    _other_bytes,
    _other_bytes,
    _super_journal,
    _forged_store,
    _forged_store,
    _other_programs_store,
    _manifest,
    _journal,
    _report,
    _config,
    _config,
    _metadata,
    _pictures,
    _checkpoint,
    _guessed_names,
)
