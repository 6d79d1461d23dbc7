"""Nothing that commands print can move a terminal's cursor, fill its clipboard or turn its text round."""

from __future__ import annotations

import ast
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import tb_tsne_plugin.cli as package
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.labels import LabelStore, Operation
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.terminal import harmless
from tests.builders import make_run, sample_id
from tests.exporters.drawn import draw_folder

EVIL = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\r\x08\u202eevil\u2066\u2028"
OBEYED = [
    "\x1b",
    "\x07",
    "\x9b",
    "\r",
    "\x08",
    "\u202e",
    "\u2066",
    "\u2028",
    "\x00",
    "\ud800",
    "\x7f",
    "\u00ad",
    "\ufeff",
]


@pytest.mark.parametrize("character", OBEYED)
def test_what_a_terminal_obeys_is_shown(character: str) -> None:
    assert harmless(f"a{character}b") == "a" + character.encode("unicode_escape").decode() + "b"


@pytest.mark.parametrize("text", ["", "ant", "猿", "fourmi à feu", "مي‌خواهم", "👩‍🔬", "a\u00a0b", "\\x1b", "'=1+1"])
def test_what_people_write_is_left_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A run whose sample ids, columns and authors are made for a terminal."""
    rows = 30
    features = [[float(row < 15), row / 100] for row in range(rows)]
    labels = ["ant" if row < 14 else "bee" for row in range(rows)]
    folder = make_run(tmp_path / "run", features, labels, columns={f"c{EVIL}": [EVIL] * rows})
    metadata = folder / "metadata.tsv"
    metadata.write_bytes(metadata.read_bytes().replace(b"class/", EVIL.encode()))
    store = LabelStore(folder / STORE_NAME)
    store.create({sample_id(row): label for row, label in enumerate(labels)})
    store.apply(Operation("operation-1", 1, EVIL), None, [sample_id(1)], only_unlabeled=False)
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ["labels", "history"],
        ["labels", "check"],
        ["labels", "check", "--column", EVIL],
        ["labels", "history", "--tensor", EVIL],
        ["labels", "save"],
        ["labels", "export", "--tensor", EVIL],
        ["embed", "--tensor", EVIL],
        ["evaluate", "embedding", "--out", "out", "--true-labels", "nope"],
    ],
)
def test_no_command_prints_it_raw(evil: Path, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(evil.parent)
    name, *options = command if command[0] == "embed" else [" ".join(command[:2]), *command[2:]]
    done = CliRunner().invoke(cli, [*name.split(), str(evil), *options])
    assert done.output.strip()
    assert all(character.isprintable() or character in "\n\t" for character in done.output), repr(done.output)
    if done.exit_code == 0 and name in ("labels history", "labels check"):
        assert r"\x1b]52;c;" in done.output


def test_a_table_is_harmless_on_a_terminal_and_whole_in_a_file(evil: Path) -> None:
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", "labels", "export", str(evil)]
    piped = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert EVIL in piped
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=theirs)
    os.close(theirs)
    shown = bytearray()
    try:
        while data := os.read(ours, 65_536):
            shown += data
    except OSError:  # Linux says so that the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    text = shown.decode().replace("\r\n", "\n")
    assert text.count("\n") == 31
    assert r"\x1b]52;c;" in text
    assert all(character.isprintable() or character in "\n\t" for character in text)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("words", [["labels", "export"], ["labels", "history"], ["labels", "save"], ["export"]])
def test_output_that_cannot_be_written_is_one_sentence_and_a_closed_pipe_is_none(
    evil: Path, tmp_path: Path, words: list[str]
) -> None:
    run = tmp_path / "made"
    given = [str(evil)]
    if words == ["export"]:
        given = [str(draw_folder(tmp_path / "in", 2)), f"--logdir={run}", "--features=pix"]
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", *words, *given]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, "Error: The output cannot be written: No space left on device.\n")
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(command, check=False, stdout=theirs, stderr=subprocess.PIPE, text=True)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (1, "")
    assert words != ["export"] or (run / "projector_config.pbtxt").exists()


def test_every_line_goes_through_one_door() -> None:
    printing = {"echo", "secho", "print", "write", "echo_via_pager", "print_exc"}
    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                function = node.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                by_file = (
                    name == "write" and isinstance(function, ast.Attribute) and ast.unparse(function) == "file.write"
                )
                assert name not in printing or by_file or path.name == "output.py", f"{path.name}:{node.lineno}: {name}"
