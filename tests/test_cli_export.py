from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tests.exporters.drawn import draw, draw_folder, read_metadata, spoil

pytestmark = [pytest.mark.slow, pytest.mark.tensorflow]

REPO = Path(__file__).resolve().parents[1]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tb_tsne_plugin.cli", *map(str, arguments)]


def heed_interrupts() -> None:
    """In a child: Ctrl+C ends it, even where these tests run in the background, which ignores it for all below."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_export_prints_a_summary_what_was_left_out_and_the_next_command(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 20)
    broken = spoil(folder)
    done = run("export", folder, "--logdir", tmp_path / "run", "--features", "pix")
    assert done.exit_code == 0
    assert f"20 images (5 left out) in {tmp_path / 'run'}: pix 20 x 3,072." in done.stdout
    assert done.stdout.endswith(f"Next: tensorboard --logdir {tmp_path / 'run'}\n")
    assert all(f"left out: {name}: " in done.stderr for name in broken)


def test_exporting_again_says_that_labels_were_kept(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "in", 4)
    run("export", folder, "--logdir", tmp_path / "run", "--features", "pix", "--labels", "folders")
    next(folder.rglob("0001.png")).unlink()
    done = run("export", folder, "--logdir", tmp_path / "run", "--features", "pix")
    assert "3 labels of the earlier run kept; 1 more wait in orphaned_labels.tsv" in done.stdout


def test_objects_are_exported_and_odd_ones_told(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", (200, 0, 0), (60, 40))
    rows = ["file,label,x,y,width,height", "a.png,cell,0,0,20,20", "a.png,cell,0,0,0,20", "a.png,other,9,9,20,20"]
    (tmp_path / "boxes.csv").write_text("\n".join(rows))
    chosen = ["--labels", "given", "--classes", "cell", "--margin", "0.5", "--square", "--min-side", "2"]
    objects = f"csv:{tmp_path / 'boxes.csv'}"
    done = run("export", "--objects", objects, "--logdir", tmp_path / "run", "--features", "pix", *chosen)
    assert done.exit_code == 0
    assert f"1 object (1 left out) in {tmp_path / 'run'}: pix 1 x 3,072." in done.stdout
    assert "left out: a.png#1: its box has no area (0 x 20)" in done.stderr
    assert "Found 3 in all: 1 object, 1 left out, 1 of other kinds passed over (1 of other classes" in done.stdout
    (row,) = read_metadata(tmp_path / "run")
    del row["sample_id"]
    assert list(row.values()) == ["a.png", "0", "0", "0", "20", "20", "60", "40", "cell"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["{}/none", "--logdir", "{}/run"], 1, "none does not exist"),
        (["--logdir", "{}/run"], 2, "Missing argument 'IMAGES'"),
        (["{}/in", "--logdir", "{}/run", "--margin", "0.2"], 2, "--margin needs --objects"),
        (["{}/in", "--logdir", "{}/run", "--classes", "a"], 2, "--classes needs --objects"),
        (["{}/in", "--logdir", "{}/run", "--objects", "x"], 2, "--objects x: write coco, yolo, voc, csv"),
        (["--logdir", "{}/run", "--objects", "voc:{}/empty"], 1, "empty holds no .xml file"),
        (["{}/empty", "--logdir", "{}/run"], 1, "empty holds no image in a format that is read"),
        (["{}/in", "--logdir", "{}/file/run", "--features", "pix"], 1, "cannot be written (Not a directory)"),
        (["{}/in", "--logdir", "{}/run", "--weights", "{}/none.h5"], 1, "none.h5: there is no such file"),
        (["{}/in", "--logdir", "{}/run", "--backbone", "vgg61"], 2, "no backbone 'vgg61': did you mean VGG"),
        (["{}/in", "--logdir", "{}/run", "--features", "pix,tt"], 2, "no feature stage 'tt': take pix"),
        (["{}/in", "--logdir", "{}/run", "--features", "pix", "--labels", "x.tsv"], 2, "x.tsv: there is no such file"),
        (["{}/in", "--logdir", "{}/run", "--max-samples", "many"], 2, "'many' is neither a number from 1 on nor all"),
        (["{}/in"], 2, "Missing option '--logdir'"),
        (["{}/in", "--logdir", "{}/run", "--epochs", "-3"], 2, "--epochs"),
    ],
)
def test_wrong_input_is_one_line_with_its_exit_status(
    tmp_path: Path, arguments: list[str], status: int, message: str
) -> None:
    draw_folder(tmp_path / "in", 2)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    done = run("export", *(argument.format(tmp_path) for argument in arguments))
    assert done.exit_code == status
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_verbose_shows_the_traceback(tmp_path: Path) -> None:
    done = run("export", tmp_path / "none", "--logdir", tmp_path / "run", "--features", "pix", "--verbose")
    assert done.exit_code == 1
    assert "Traceback" in done.stderr


def test_a_fault_of_ours_is_one_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporters.export.open_source", lambda *_: 1 / 0)
    done = run("export", tmp_path, "--logdir", tmp_path / "run", "--features", "pix")
    assert done.exit_code == 1
    assert done.stderr == "Error: ZeroDivisionError: division by zero (this should not happen; --verbose shows where)\n"


def test_every_command_has_help_with_an_example() -> None:
    assert cli.commands
    for name in cli.commands:
        done = run(name, "--help")
        assert done.exit_code == 0
        assert f"Example: tb-tsne {name}" in " ".join(done.stdout.split())


def test_a_read_only_target_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = draw_folder(tmp_path / "in", 2)
    (tmp_path / "locked").mkdir()

    def locked(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))  # As for a user who is not root.

    monkeypatch.setattr(Path, "mkdir", locked)
    done = run("export", folder, "--logdir", tmp_path / "locked" / "run", "--features", "pix")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "cannot be written (Permission denied)" in done.stderr


def test_an_export_stopped_by_ctrl_c_leaves_nothing_that_looks_like_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for number in range(400):
        draw(folder / f"{number}.png", (number % 256, 0, 0), (1500, 1500))
    running = subprocess.Popen(
        command("export", folder, "--logdir", tmp_path / "logs" / "run", "--features", "pix"),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509 (it takes no lock)
    )
    give_up = time.monotonic() + 60
    while not (tmp_path / "logs" / "run" / ".exporting").exists() and time.monotonic() < give_up:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "Traceback" not in errors
    left = {path.name for path in (tmp_path / "logs").rglob("*") if ".exporting" not in path.parts}
    assert left <= {"run"}  # and in it at most what --resume goes on with


def test_photographs_are_exported_and_the_networks_features_come_first(
    tmp_path: Path, data_dir: Path, keras_dir: Path
) -> None:
    weights = keras_dir / "models" / "mobilenet_7_5_224_tf_no_top.h5"
    done = subprocess.run(
        command("export", data_dir / "monkeys", "--logdir", tmp_path / "run", "--features", "pix,im", "--backbone",
                "mobilenet", "--weights", weights, "--labels", "none", "--max-samples", 60),
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert "60 images (0 left out)" in done.stdout
    assert "im 60 x 768, pix 60 x 3,072." in done.stdout
    config = (tmp_path / "run" / "projector_config.pbtxt").read_text()
    assert re.findall(r'tensor_name: "(\w+)"', config) == ["im", "pix"]
    assert done.stderr == ""
    assert {row["label"] for row in read_metadata(tmp_path / "run")} == {"unlabeled"}


def test_the_demo_is_written_once_and_keeps_its_labels(tmp_path: Path) -> None:
    assert "Wrote" in run("demo", "--logdir", tmp_path, "--no-serve").stdout
    digits = tmp_path / "digits"
    rows = read_metadata(digits)
    assert len(rows) == 1797
    assert {row["label"] for row in rows} == {"unlabeled"}
    table = (digits / "metadata.tsv").read_text().replace("digit_0000\tunlabeled", "digit_0000\tzero", 1)
    (digits / "metadata.tsv").write_text(table)
    assert "Using" in run("demo", "--logdir", tmp_path, "--no-serve").stdout
    assert (digits / "metadata.tsv").read_text() == table
    (digits / "pix.bytes").unlink()
    assert "Wrote" in run("demo", "--logdir", tmp_path, "--no-serve").stdout
    assert (digits / "metadata.tsv").read_text() == table


def test_demo_logs_are_what_the_command_makes_and_small(tmp_path: Path) -> None:
    run("demo", "--logdir", tmp_path, "--no-serve")
    ready = REPO / "demo_logs"
    for name in ("pix.bytes", "metadata.tsv", "projector_config.pbtxt"):
        assert (ready / "digits" / name).read_bytes() == (tmp_path / "digits" / name).read_bytes()
    assert list((ready / "digits").glob("events.out.tfevents.*"))
    assert "tb-tsne demo --logdir demo_logs --no-serve" in (ready / "README.md").read_text()
    files = [path for path in ready.rglob("*") if not path.name.startswith("labels.sqlite")]
    assert sum(path.stat().st_size for path in files if path.is_file()) < 3e6


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_serves_until_it_is_ended(tmp_path: Path, ending: signal.Signals) -> None:
    serving = subprocess.Popen(
        command("demo", "--logdir", tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
        preexec_fn=heed_interrupts,  # noqa: PLW1509 (it takes no lock)
    )
    try:
        assert serving.stdout is not None
        assert serving.stdout.readline().startswith("Wrote")
        line = serving.stdout.readline()
        assert line.startswith("Label Projector: http://localhost:")
        assert "/#tsne" in line
        address = line.split()[2].removesuffix("/#tsne")
        with urllib.request.urlopen(f"{address}/data/runs", timeout=10) as answer:
            assert answer.status == 200
    finally:
        serving.send_signal(ending)
        serving.wait(30)
    assert serving.returncode == 0
    with socket.socket() as trial:
        assert trial.connect_ex(("localhost", int(address.rsplit(":", 1)[1]))) != 0


def test_a_taken_port_is_one_line_if_it_was_asked_for(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run("demo", "--logdir", tmp_path, "--port", port)
    assert (done.exit_code, done.stderr) == (
        1,
        f"Error: Port {port} is taken: choose another --port, or leave the option out.\n",
    )
