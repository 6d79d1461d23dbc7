"""Exporting into a folder that somebody made to do harm: nothing outside changes, and what comes out is whole."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from exporters import ExportError, ExportOptions, export_images
from exporters.run.folder import RunFolder
from exporters.run.writer import RunWriter
from tests.exporters.drawn import color, draw, read_metadata

PIX = ExportOptions(["pix"])
IMAGES = 5
SECONDS = 20
STAGED = [
    ".exporting",
    ".exporting/lock",
    ".exporting/plan.json",
    ".exporting/journal.jsonl",
    ".exporting/publishing.json",
    ".exporting/tiles.raw",
    ".exporting/images0.zip",
    ".exporting/pix.bytes.part",
    ".exporting/tiles_0000.jpg.part",
    ".exporting/export_report.json.part",
    ".exporting/projector_config.pbtxt.part",
    ".exporting/metadata.tsv.part",
]
PUT = [
    "export_report.json",
    "metadata.tsv",
    "orphaned_labels.tsv",
    "projector_config.pbtxt",
    "pix.bytes",
    "sprite.png",
    "tiles",
    "tiles/0000.jpg",
    "tiles.json",
    "images.zip",
]
HUGE, DEEP = 10**9, "[" * 100_000


class Places:
    """Folders to copy from: images, a finished run, exports interrupted before and while they are put into place."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.images = root / "images"
        for number in range(IMAGES):
            draw(self.images / f"{number}.png", color(number), (80, 80))
        self.kinds = [root / name for name in ("nothing", "finished", "interrupted", "publishing", "again")]
        nothing, finished, interrupted, publishing, again = self.kinds
        nothing.mkdir()
        export_images(self.images, finished, PIX)
        shutil.copytree(finished, again)
        for folder, door, name in ((interrupted, RunWriter, "finish"), (publishing, RunFolder, "_put")):
            self._interrupt(monkeypatch, door, name, folder)
        self._interrupt(monkeypatch, RunFolder, "_put", again)

    def _interrupt(self, monkeypatch: pytest.MonkeyPatch, door: type, name: str, run: Path) -> None:
        def stop(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(door, name, stop, raising=False)
            export_images(self.images, run, PIX)
        assert (run / ".exporting" / "journal.jsonl").exists()


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Places(tmp_path_factory.mktemp("places"), monkeypatch)


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that a tree is."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[path.as_posix()] = (status.st_mode, status.st_mtime_ns, content)
    return found


class Hostile:
    """One folder, changed at random in ways that an archive could bring."""

    def __init__(self, run: Path, outside: Path, seed: int) -> None:
        self.run = run
        self.outside = outside
        self.random = random.Random(seed)

    def change(self) -> str:
        ways: list[Callable[[], str]] = [self._replace, self._replace, self._forge]
        return self.random.choice(ways)()

    def _replace(self) -> str:
        """Puts something else where a file or folder of an export is, or may come."""
        name = self.random.choice(STAGED + PUT)
        path = self.run / name
        kinds: dict[str, Callable[[], object]] = {
            "link to a file": lambda: path.symlink_to(self.outside / "photo.jpg"),
            "link to a folder": lambda: path.symlink_to(self.outside / "photos"),
            "link to nothing": lambda: path.symlink_to(self.outside / "planted"),
            "hard link": lambda: os.link(self.outside / "photo.jpg", path),
            "FIFO": lambda: os.mkfifo(path),
            "socket": lambda: _bind(path),
            "folder": lambda: (path / "deep").mkdir(parents=True),
            "nothing": lambda: None,
            "empty file": path.touch,
            "rubbish": lambda: path.write_bytes(self.random.randbytes(300)),
            "sparse file": lambda: os.truncate(_made(path), 2**40),
            "deep JSON": lambda: path.write_text(DEEP),
        }
        kind = self.random.choice(list(kinds))
        if path.parent.is_symlink():
            return f"no {name}"
        with suppress(OSError):  # what an earlier change put there may not take it
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            kinds[kind]()
        return f"{name}: {kind}"

    def _forge(self) -> str:
        """Says something else in a file of JSON."""
        forge = self.random.choice([self._manifest, self._journal, self._plan, self._report])
        with suppress(OSError, ValueError, KeyError, TypeError):  # it is not there, or was changed before
            return forge()
        return f"no {forge.__name__}"

    def _edit(self, name: str, change: Callable[[Any], object]) -> str:
        path = self.run / name
        if not path.is_file() or path.is_symlink() or path.parent.is_symlink() or path.stat().st_size > 2**20:
            return f"no {name}"
        first, *rest = path.read_text().splitlines()
        value = json.loads("\n".join([first, *rest]) if name != ".exporting/journal.jsonl" else first)
        change(value)
        path.write_text(json.dumps(value) + "\n")
        return f"{name}: {path.read_text()[-300:]}"

    def _manifest(self) -> str:
        outwards = ["../outside/photo.jpg", f"{self.outside}/photo.jpg", "../outside/planted", "labels.sqlite", "a\0b"]
        outwards += [
            "tiles/../../outside/photo.jpg",
            "tiles/../labels.sqlite",
            "metadata.tsv.original",
            "",
            ".",
            "\ud800",
        ]
        name, other = self.random.choice(outwards), self.random.choice(["lock", "../../outside/photo.jpg", "x.part"])
        changes: list[Callable[[Any], object]] = [
            lambda value: value["remove"].append(name),
            lambda value: value["put"].update({name: other}),
            lambda value: value["put"].update({"pix.bytes": other}),
            lambda value: value["put"].update({name: f"{name}.part"}),
            lambda value: value.update(put={}),
            lambda value: value.update(put=7),
            lambda value: value["put"].pop("projector_config.pbtxt"),
        ]
        return self._edit(".exporting/publishing.json", self.random.choice(changes))

    def _journal(self) -> str:
        outwards = [f"{self.outside}/photo.jpg", "../../outside/photo.jpg", "../metadata.tsv", "lock", "images7.zip"]
        name = self.random.choice(outwards)
        number = self.random.choice([-1, 2, HUGE, 2**60, 1e300, "1", None])
        changes: list[Callable[[Any], object]] = [
            lambda value: value.update(shards=[name]),
            lambda value: value.update(shards=[f"images{n}.zip" for n in range(9)]),
            lambda value: value.update(pages=number),
            lambda value: value["tensors"].update(pix=[[number, 3072], []]),
            lambda value: value["tensors"].update(pix=[[IMAGES, number], []]),
            lambda value: value["tensors"].update(pix=[[IMAGES, 3072], [number]]),
            lambda value: value.update(tensors={name: [[IMAGES, 3], []]}),
            lambda value: value.update(tensors={}),
            lambda value: value["rows"].append([name, "0" * 16]),
            lambda value: value["rows"].append(value["rows"][0]),
            lambda value: value["rows"].append([value["rows"][0][0], "../../x\t"]),
            lambda value: value["rows"].pop(),
            lambda value: value.update(rows=[]),
            lambda value: value.update(added=["pix", name]),
            lambda value: value.update(left_out=[["0.png", "empty"]] * 3),
        ]
        return self._edit(".exporting/journal.jsonl", self.random.choice(changes))

    def _plan(self) -> str:
        changes: list[Callable[[Any], object]] = [
            lambda value: value.update({"\x1b[2J": "\x1b]52;c;eA==\a" * 100_000}),
            lambda value: value.update(images=[[[[]]]]),
            lambda value: value.clear(),
        ]
        return self._edit(".exporting/plan.json", self.random.choice(changes))

    def _report(self) -> str:
        names = [
            "../outside/photo.jpg",
            "../outside/x.bytes",
            f"{self.outside}/photo.jpg",
            "labels.sqlite",
            7,
            "\ud800",
        ]
        names += ["tiles/../../outside/photo.jpg", "events.out.tfevents./../../outside/photo.tb-tsne", "a\0.bytes"]
        changes: list[Callable[[Any], object]] = [
            lambda value: value["files"].append(self.random.choice(names)),
            lambda value: value["files"].extend(names),
            lambda value: value.update(files=7),
            lambda value: value.update(tensors={}),
            lambda value: value.update(made_by="me"),
        ]
        return self._edit(self.random.choice(["", ".exporting/"]) + "export_report.json", self.random.choice(changes))


def _bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


def _made(path: Path) -> Path:
    path.touch()
    return path


@contextmanager
def in_time(what: str) -> Iterator[None]:
    def late(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"hangs: {what}")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def check_whole(run: Path, written_before: bool) -> None:
    """Whether each file of the run is there, and they say the same of as many samples.

    What was written before, and only had to be put into place, is as whole as its maker wanted it.
    """
    files = [path for path in run.rglob("*") if not path.is_dir() or path.is_symlink()]
    assert {run / name for name in ("export_report.json", "metadata.tsv", "projector_config.pbtxt")} <= {*files}
    assert not (run / ".exporting").exists()
    assert all(path.is_file() and not path.is_symlink() for path in files)
    if written_before:
        return
    report = json.loads((run / "export_report.json").read_text())
    assert {run / name for name in report["files"]} <= {*files}
    rows = len(read_metadata(run))
    assert rows == report["images"] == IMAGES
    for name, shape in report["tensors"].items():
        assert (run / f"{name}.bytes").stat().st_size == 4 * shape[0] * shape[1]
        assert shape[0] == rows
    with zipfile.ZipFile(run / "images.zip") as pictures:
        assert len(pictures.namelist()) == rows


def end_of(images: Path, run: Path, resume: bool) -> str:
    """Exports; the sentence that it ends with, or nothing where the run is whole."""
    written_before = resume and (run / ".exporting" / "publishing.json").exists()
    try:
        export_images(images, run, PIX, resume=resume)
    except ExportError as error:
        return str(error)
    check_whole(run, written_before)
    return ""


@pytest.mark.parametrize("seeds", range(8))
def test_nothing_outside_changes_whatever_the_folder_holds(tmp_path: Path, places: Places, seeds: int) -> None:
    outside = tmp_path / "outside"
    (outside / "photos").mkdir(parents=True)
    for name in ("photo.jpg", "x.bytes", "photos/lock", "photos/0000.jpg", "photos/journal.jsonl", "photos/deep"):
        (outside / name).write_text("precious")
    run = tmp_path / "run"
    ends = {"whole": 0, "sentence": 0}
    for seed in range(seeds * 40, seeds * 40 + 40):
        hostile = Hostile(run, outside, seed)
        shutil.copytree(hostile.random.choice(places.kinds), run)
        kept = [run / "labels.sqlite", run / "metadata.tsv.original"]
        for path in kept:
            path.write_text("precious")
        before = snapshot(outside)
        done = [hostile.change() for _ in range(hostile.random.choice([1, 1, 2, 4]))]
        resume = hostile.random.random() < 0.7
        case = f"seed {seed}, resume {resume}: {done}"
        changed = {name: state for name, state in snapshot(outside).items() if before.get(name) != state}
        assert set(changed) <= {str(outside / "photo.jpg")}, "only hard links do that"
        before = snapshot(outside)
        print(case)  # shown where it fails
        with in_time(case):
            sentence = end_of(places.images, run, resume)
        ends["sentence" if sentence else "whole"] += 1
        assert re.fullmatch(r"[^\n\x1b]{10,500}\.|", sentence), case
        assert snapshot(outside) == before, case
        assert all(path.read_text() == "precious" for path in kept), case
        shutil.rmtree(run)
    assert min(ends.values()) >= 5, ends
