"""Functions of anybody as backbones, by their name or behind a package's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from exporters import extract_features
from tb_tsne_plugin.cli import cli
from tests.exporters.drawn import color, draw_folder, read_metadata, read_tensor

ENCODERS = """
import numpy as np

def means(batch):
    assert batch.dtype == np.uint8 and batch.shape[1:] == (16, 16, 3), batch.shape
    return batch.mean(axis=(1, 2))

means.input_size = 16
means.licence = "MIT"

def flat(batch):
    return batch.reshape(-1)

def fewer(batch):
    return batch[1:].mean(axis=(1, 2))

def undefined(batch):
    return batch.mean(axis=(1, 2)) * np.nan

def late(batch):
    return np.where(batch.mean(axis=(1, 2)) == 16, np.inf, 1.0)

def failing(batch):
    raise RuntimeError("out of luck. And more.")

def narrow(batch):
    return np.ones((len(batch), len(batch)))

def words(batch):
    return [["1", "2"] for _ in batch]

def complexes(batch):
    return batch.mean(axis=(1, 2)) * 1j

def things(batch):
    return [[object()] for _ in batch]

def nothing(batch):
    return None

def huge(batch):
    return batch.mean(axis=(1, 2)) + 1e300

def ending(batch):
    raise SystemExit(3)

class Broken:
    def __call__(self, batch):
        return batch.mean(axis=(1, 2))

class Sizeless(Broken):
    @property
    def input_size(self):
        raise LookupError("not known. Yet.")

class Undated(Broken):
    @property
    def revision(self):
        raise LookupError("not known. Yet.")

sizeless, undated = Sizeless(), Undated()

def vast(batch):
    return batch.mean(axis=(1, 2))

vast.input_size = 10_000_000

number = 3
"""


def export(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["export", str(folder / "in"), "--logdir", str(folder / "run"), *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw_folder(tmp_path / "in", 12)
    (tmp_path / "encoders.py").write_text(ENCODERS)
    return tmp_path


def test_a_function_in_a_file_gives_the_features_of_a_run(folder: Path) -> None:
    done = export(folder, "--backbone", f"python:{folder}/encoders.py:means")
    assert done.exit_code == 0, done.output
    expected = [color(int(re.findall(r"\d+", row["file"])[-1])) for row in read_metadata(folder / "run")]
    np.testing.assert_array_equal(read_tensor(folder / "run", "im", 12), expected)
    (told,) = json.loads((folder / "run" / "export_report.json").read_text())["settings"]["backbones"]
    assert (told["scheme"], told["name"], told["width"]) == ("python", "encoders.py:means", 3)
    assert (told["input_size"], told["licence"]) == (16, "MIT")


def test_a_function_of_a_module_is_imported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder))
    picture = np.full((40, 30, 3), 7, np.uint8)
    features = extract_features([picture], backbone="python:encoders:means")
    np.testing.assert_array_equal(features["im"], [[7, 7, 7]])


@pytest.mark.parametrize(
    ("function", "status", "message"),
    [
        ("flat", 1, r"one row of numbers a picture, and for 2 of them returned an array of shape \(301056,\)"),
        ("fewer", 1, r"for 2 of them returned an array of shape \(1, 3\)"),
        ("narrow", 1, "returns rows of 12 values after 2"),
        ("words", 1, r"failed \(TypeError\): <U1 is no type of real numbers"),
        ("complexes", 1, r"failed \(TypeError\): complex128 is no type of real numbers"),
        ("things", 1, r"failed \(TypeError\): float\(\) argument must be"),
        ("nothing", 1, r"and for 2 of them returned an array of shape \(\)"),
        ("huge", 1, "returns NaN or infinite values"),
        ("ending", 1, r"failed \(SystemExit\): 3\.\n"),
        ("sizeless", 1, r"its input_size failed \(LookupError\): not known\.\n"),
        ("undated", 1, r"its revision failed \(LookupError\): not known\.\n"),
        ("vast", 1, "needs more memory than there is for pictures of 10,000,000 pixels: give a smaller --image-size"),
        ("undefined", 1, "returns NaN or infinite values"),
        ("late", 1, "returns NaN or infinite values"),
        ("failing", 1, r"failed \(RuntimeError\): out of luck\.\n"),
        ("number", 1, "is no function from pictures to features"),
        ("another", 2, "there is no another in"),
    ],
)
def test_what_gives_no_features_is_one_sentence_and_leaves_nothing(
    folder: Path, function: str, status: int, message: str
) -> None:
    done = export(folder, "--backbone", f"python:{folder}/encoders.py:{function}")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert re.search(message, done.stderr)
    assert not (folder / "run").exists() or not list((folder / "run").iterdir())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_module:embed", "no module no_such_module to import; a file is python:FILE.py:CALLABLE"),
        ("nowhere.py:embed", "there is no file nowhere.py"),
        ("encoders", "names no function: write python:MODULE:CALLABLE"),
        ("..encoders:embed", "no module ..encoders to import; a file is python:FILE.py:CALLABLE"),
    ],
)
def test_a_function_that_cannot_be_found_is_one_sentence(folder: Path, name: str, message: str) -> None:
    done = export(folder, "--backbone", f"python:{name}")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def embed(:", "cannot be loaded (SyntaxError): invalid syntax"),
        ("import no_such_module", "needs a module that is not there: No module named 'no_such_module'"),
        ("raise SystemExit(5)", "cannot be loaded (SystemExit): 5."),
        (b"\xff\xfe", "cannot be loaded (SyntaxError)"),
    ],
)
def test_a_file_that_does_not_load_is_one_sentence(folder: Path, source: str | bytes, message: str) -> None:
    (folder / "own.py").write_bytes(source if isinstance(source, bytes) else source.encode())
    done = export(folder, "--backbone", f"python:{folder}/own.py:embed")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert message in done.stderr
    assert not (folder / "run").exists()


def test_tensors_of_a_type_that_numpy_has_not_are_numbers_too(folder: Path) -> None:
    pytest.importorskip("torch")
    (folder / "own.py").write_text(
        "import torch\ndef embed(batch): return torch.ones(len(batch), 3, dtype=torch.bfloat16, requires_grad=True)\n"
    )
    features = extract_features([np.zeros((8, 8, 3), np.uint8)], backbone=f"python:{folder}/own.py:embed")["im"]
    np.testing.assert_array_equal(features, [[1, 1, 1]])


@pytest.mark.parametrize("stage", ["pre", "tf", "tr", "rn"])
def test_stages_that_train_say_that_they_need_a_network_of_keras(folder: Path, stage: str) -> None:
    name = f"python:{folder}/encoders.py:means"
    done = export(folder, "--features", f"im,{stage}", "--backbone", name)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert f"{stage} needs a Keras network that can be trained, and {name} is none" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--weights", "none"], "--weights is for Keras' networks"),
        (["--normalization", "unit"], "--normalization is for onnx: files"),
        (["--pooling", "cls"], "--pooling cls is not for python:"),
    ],
)
def test_options_that_a_backbone_does_not_heed_are_refused(folder: Path, arguments: list[str], message: str) -> None:
    done = export(folder, "--backbone", f"python:{folder}/encoders.py:means", *arguments)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr


def test_a_package_brings_backbones_under_a_name_of_its_own(folder: Path) -> None:
    """The package is installed as any other, into a folder that is on the path."""
    package = folder / "package"
    package.mkdir()
    (package / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "moss-encoders"\nversion = "1.0"\n'
        '[project.entry-points."tb_tsne.backbones"]\nmoss = "moss_encoders:load"\n'
        '[tool.setuptools]\npy-modules = ["moss_encoders"]\n'
    )
    (package / "moss_encoders.py").write_text(
        "def load(name):\n"
        "    if name not in ('', 'red'):\n"
        "        raise (SystemExit if name == 'exit' else ValueError)(f'there is no {name}. Look.')\n"
        "    def encode(batch):\n"
        "        return batch.mean(axis=(1, 2))[:, :1 if name == 'red' else 3]\n"
        "    encode.input_size, encode.revision = 32, '1.0'\n"
        "    return encode\n"
    )
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", folder / "site", package], check=True, capture_output=True)

    def run(backbone: str) -> subprocess.CompletedProcess[str]:
        code = f"import sys; sys.path.insert(0, {str(folder / 'site')!r}); from tb_tsne_plugin.cli import main; main()"
        arguments = ["export", str(folder / "in"), "--logdir", str(folder / "run"), "--backbone", backbone]
        return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)

    for backbone, width in (("moss", 3), ("moss:red", 1)):
        done = run(backbone)
        assert f"im 12 x {width}." in done.stdout, done.stderr
        (told,) = json.loads((folder / "run" / "export_report.json").read_text())["settings"]["backbones"]
        assert (told["scheme"], told["revision"], told["input_size"]) == ("moss", "1.0", 32)
    for name in ("blue", "exit"):
        wrong = run(f"moss:{name}")
        assert (wrong.returncode, wrong.stderr) == (
            1,
            f"Error: The package behind moss: gives no backbone {name!r}: there is no {name}.\n",
        )
    nearly = run("mos:red")
    assert (nearly.returncode, nearly.stderr) == (2, "Error: There is no backbone 'mos:red': write moss:red.\n")


INTERRUPTED = """
from pathlib import Path

def mean(batch):
    calls = Path(__file__).with_name("calls")
    with calls.open("a") as file:
        file.write("x")
    if calls.stat().st_size == 12:  # once, in the second page of 256 images; the first call is the trial
        raise KeyboardInterrupt
    return batch.mean(axis=(1, 2))

mean.input_size, mean.revision = 8, "1"
"""


def test_an_interrupted_export_goes_on_if_the_function_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)  # As it is for people: no file of the same size is mixed up.
    draw_folder(tmp_path / "in", 400)
    source = tmp_path / "own.py"
    source.write_text(INTERRUPTED)
    name = f"python:{source}:mean"
    stopped = export(tmp_path, "--backbone", name)
    assert "Interrupted: the same command with --resume goes on from here." in stopped.stderr
    source.write_text(INTERRUPTED.replace('"1"', '"2"'))
    other = export(tmp_path, "--backbone", name, "--resume")
    assert (other.exit_code, other.stderr.count("\n")) == (1, 1)
    assert "cannot go on because the network mean (1, its own, its own, now 2," in other.stderr
    source.write_text(INTERRUPTED)
    done = export(tmp_path, "--backbone", name, "--resume")
    assert "im 400 x 3." in done.stdout, done.output
    expected = [color(int(re.findall(r"\d+", row["file"])[-1])) for row in read_metadata(tmp_path / "run")]
    np.testing.assert_array_equal(read_tensor(tmp_path / "run", "im", 400), expected)
