"""Run folders made to do harm, each opened through every route of the page and every command.

    make torture        or        python -m tests.torture.hostile [--folders 10000] [--sessions 0.02]

Nothing outside a log dir may be changed or made, no answer may be a 500 or take more than five seconds, and no command
may hang, end in a traceback or print control characters. `--strace` has every changing system call looked at as well.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import itertools
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from click.testing import CliRunner
from PIL import Image
from werkzeug.test import TestResponse

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.datasets.catalog import FORMATS
from tb_tsne_plugin.web.routes import ROUTES
from tests.builders import sample_id
from tests.torture.hostile_folders import Outside, plant, whole_run
from tests.web.conftest import Api

SECONDS = 5.0
"""For an answer."""
COMMAND_SECONDS = 60.0
"""For a command, which may read a table of a million rows to lose no label of it."""
_OF_TENSOR = {"tensor": "im"}
_EDIT = {"op_id": "operation-0000", "base_revision": 0, "store": ""}
QUERIES: dict[str, dict[str, Any]] = {
    "/runs/tile_page": {"page": 0},
    "/runs/image": {"sample_id": sample_id(0)},
    "/runs/picture": {"sample_id": sample_id(0)},
    "/runs/neighbors": {**_OF_TENSOR, "sample_id": sample_id(0), "k": 3, "space": "features"},
    "/labels/changes": {"after": 0},
    "/labels/apply": {**_EDIT, "new_class": {"name": "new"}, "sample_ids": [sample_id(5)]},
    "/labels/undo": _EDIT,
    "/labels/redo": _EDIT,
    "/labels/restore": {**_EDIT, "revision": 0},
    "/classes": {**_EDIT, "action": "add", "name": "another"},
    "/labels/columns/add": {"name": "more"},
    "/labels/import": {**_EDIT, **_OF_TENSOR, "table": "sample_id\tlabel\n" + sample_id(6) + "\tant\n"},
    "/session/frame": {**_OF_TENSOR, "wait": 0},
    "/session/parameters": {**_OF_TENSOR, "parameters": {"theta": 0.3}},
    "/guidance/candidates": {**_OF_TENSOR, "wait": 0},
    "/guidance/suggestions": {**_OF_TENSOR, "wait": 0},
    "/guidance/label_issues": {**_OF_TENSOR, "wait": 0},
}
"""What a route is asked for, besides its run; where nothing stands here, a tensor."""
STARTS = "/session/start"
QUICK = ("--folds", "2", "--epochs", "2", "--jobs", "1")


class Found(NamedTuple):
    """What is wrong, of one folder."""

    seed: int
    planted: list[str]
    wrong: str


def calls(api: Api, run: str, *, starts: bool) -> Iterator[tuple[str, TestResponse]]:
    """Every route, asked about a run as the page would ask; edits are of the store that answers.

    Args:
      api: The plugin.
      run: The run.
      starts: Whether a t-SNE is started.
    """
    numbers = itertools.count()
    for route in ROUTES:
        if "<" in route.path or (route.path == STARTS and not starts):
            continue
        asked = {"run": run, **QUERIES.get(route.path, _OF_TENSOR)}
        if route.method == "GET":
            yield route.path, api.get(route.path, **asked)
            continue
        if "op_id" in asked:
            seen = api.get("labels", run=run, tensor="im").get_json(silent=True) or {}
            asked |= {"op_id": f"operation-{next(numbers):04d}", "base_revision": seen.get("revision", 0)}
            asked |= {"store": seen.get("store") or "none"}
        yield route.path, api.post(route.path, **asked)


def commands(run: Path, scratch: Path, random: np.random.Generator) -> Iterator[list[str]]:
    """Every command on a run, the one that writes most last; what takes seconds, now and then."""
    table = scratch / "table.tsv"
    table.write_text(f"sample_id\tlabel\n{sample_id(7)}\tant\n")
    yield ["labels", "history", str(run)]
    yield ["labels", "export", str(run)]
    yield ["labels", "export", str(run), "--spreadsheet", "--out", str(scratch / "out.tsv")]
    yield ["labels", "import", str(run), str(table), "--dry-run"]
    yield ["labels", "check", str(run)]
    yield ["labels", "import", str(run), str(table)]
    form = FORMATS[random.integers(len(FORMATS))]
    pictures = ["--run-pictures"] if form.has_pictures and random.random() < 0.5 else []
    dataset = scratch / "dataset"
    yield ["labels", "export", str(run), "--format", form.name, "--out", str(dataset), *pictures]
    if dataset.exists():
        yield ["labels", "import", str(run), str(dataset), "--format", form.name, "--dry-run"]
    yield ["labels", "propagate", str(run), "--out", str(scratch / "propagated.tsv")]
    if importlib.util.find_spec("onnx") and importlib.util.find_spec("onnxruntime"):
        made = ["--classifier", str(run), "--out", str(scratch / "predicted.tsv")]
        yield ["predict", str(scratch / "images"), *made]
        yield ["labels", "classifier", str(run), "--out", str(scratch / "made")]
    yield ["labels", "save", str(run)]
    if random.random() < 0.3:
        yield ["embed", str(run), "--epochs", "2"]
    if random.random() < 0.02:
        yield ["evaluate", "embedding", str(run), "--out", str(run), "--true-labels", "label", *QUICK]
    export = ["export", str(scratch / "images"), "--logdir", str(run), "--features", "pix"]
    yield [*export, "--resume"]
    yield export


def open_folder(seed: int, folder: Path, whole: Path, sessions: float) -> list[str]:
    """Makes a hostile folder, and opens it.

    Args:
      seed: Decides what is planted.
      folder: An empty one to work in.
      whole: A whole run to begin with.
      sessions: The share of folders for which a t-SNE is started.

    Returns:
      What went wrong, in words; the first is what was planted.
    """
    random = np.random.default_rng(seed)
    outside = Outside(folder / "outside")
    logdir, scratch = folder / "logs", folder / "scratch"
    (scratch / "images").mkdir(parents=True)
    for number in range(3):
        Image.new("RGB", (12, 12), (number * 90, 9, 9)).save(scratch / "images" / f"{number}.png")
    run = logdir / "run"
    shutil.copytree(whole, run)
    planted = plant(random, run, outside)
    before = outside.snapshot()
    wrong: list[str] = []

    def check(what: str, began: float, limit: float) -> None:
        seconds = time.monotonic() - began
        if seconds > limit:
            wrong.append(f"{what} took {seconds:.1f} s")
        if changes := outside.changes(before):
            wrong.append(f"{what} changed {changes}")
            before.clear()
            before.update(outside.snapshot())

    api = Api(logdir)
    try:
        began = time.monotonic()
        for path, answer in calls(api, "run", starts=random.random() < sessions):
            if answer.status_code == 500:
                wrong.append(f"{path}: 500")
            text = answer.get_data()
            if str(folder).encode() in text:
                wrong.append(f"{path} tells a path: {text[:300]!r}")
            answer.close()
            check(path, began, SECONDS)
            began = time.monotonic()
    finally:
        api.close()
    for arguments in commands(run, scratch, random):
        began = time.monotonic()
        result = CliRunner().invoke(cli, arguments)
        name = " ".join(argument for argument in arguments if not argument.startswith("/"))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            wrong.append(f"{name}: {result.exception!r}")
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", result.output.replace("\r", "")):
            wrong.append(f"{name} printed control characters")
        check(name, began, COMMAND_SECONDS)
    return [json.dumps(planted), *wrong]


def open_folders(seeds: list[int], sessions: float, root: Path) -> list[Found]:
    """Opens folders one after the other."""
    whole = root / f"whole-{os.getpid()}"
    if not whole.exists():
        whole_run(whole)
    found = []
    for seed in seeds:
        folder = Path(tempfile.mkdtemp(dir=root))
        try:
            planted, *wrong = open_folder(seed, folder, whole, sessions)
            found += [Found(seed, json.loads(planted), sentence) for sentence in wrong]
        except Exception as error:
            found.append(Found(seed, [], f"the test itself: {error!r}"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return found


CHANGES = re.compile(r"^\d+ +(?:[\d.]+ )?(\w+)\((.*)\) = (?!-1)")
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')


def changed_paths(log: Path) -> Iterator[tuple[str, str]]:
    """The changing system calls in a log of strace, and the paths they name.

    Args:
      log: Written with `-f -y -e trace=…`.
    """
    for line in log.read_text(errors="replace").splitlines():
        call = CHANGES.match(line)
        if call is None:
            continue
        name, arguments = call.groups()
        if name.startswith("open") and not re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)", arguments):
            continue
        if name.startswith(("symlink", "link")):  # what they lead to, or name once more, is not changed
            arguments = arguments[arguments.index('", ') + 3 :]
        folders = re.findall(r"(?:AT_FDCWD|\d+)<([^>]*)>", arguments)
        for number, path in enumerate(_PATH.findall(arguments)):
            base = folders[min(number, len(folders) - 1)] if folders else "/"
            yield name, path if path.startswith("/") else os.path.join(base, path)


def traced(folders: int, first: int) -> list[str]:
    """Opens folders under strace, and says which changing calls led outside what they may change."""
    with tempfile.TemporaryDirectory() as kept:
        log = Path(kept, "log")
        root = Path(kept, "root")
        root.mkdir()
        traces = "open,openat,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,link,linkat,symlink,"
        traces += "symlinkat,truncate,chmod,fchmodat,chown,mknod,mknodat,utimensat"
        tracer = ["strace", "-f", "-y", "-s", "4096", "-o", str(log), "-e", f"trace={traces}"]
        these = ["--folders", str(folders), "--first", str(first), "--processes", "1", "--sessions", "0.2"]
        command = [sys.executable, "-m", "tests.torture.hostile", *these, "--root", str(root)]
        subprocess.run([*tracer, *command], check=False)
        outside = []
        for name, path in changed_paths(log):
            # The planter itself writes to `outside` while it makes it; afterwards only the snapshot tells.
            if not path.startswith((str(root), "/dev/", "/proc/self/")) and "__pycache__" not in path:
                outside.append(f"{name} {path}")
    return outside


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folders", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--sessions", type=float, default=0.02, help="the share for which a t-SNE is started")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--root", type=Path, help="where the folders are made")
    parser.add_argument("--strace", action="store_true")
    options = parser.parse_args()
    if options.strace:
        calls_outside = Counter(traced(options.folders, options.first))
        for call, count in calls_outside.most_common(50):
            print(f"{count} x {call}")
        sys.exit(1 if calls_outside else 0)
    root = Path(tempfile.mkdtemp(dir=options.root))
    seeds = list(range(options.first, options.first + options.folders))
    batches = [seeds[begin : begin + 25] for begin in range(0, len(seeds), 25)]
    task = functools.partial(open_folders, sessions=options.sessions, root=root)
    began, found = time.monotonic(), Counter[str]()
    try:
        with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
            for done, wrong in enumerate(pool.imap_unordered(task, batches), 1):
                for each in wrong:
                    found[re.sub(r"\d+", "N", each.wrong)[:60]] += 1
                    print(f"seed {each.seed}: {each.wrong} ({'; '.join(each.planted)})", flush=True)
                if done % 20 == 0:
                    print(f"{25 * done:,} folders in {time.monotonic() - began:.0f} s", flush=True)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(f"{len(seeds):,} folders in {time.monotonic() - began:.0f} s, {sum(found.values())} faults: {dict(found)}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
