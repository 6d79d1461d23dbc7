"""`tb-tsne labels classifier`: what it saves, and what it says about wrong input."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin import __version__
from tb_tsne_plugin.classifier import save
from tb_tsne_plugin.cli import cli
from tests.builders import WORDS, blobs, make_run

onnx: Any = pytest.importorskip("onnx", reason="needs the extra [onnx]")

FEATURES, GROUP = blobs(120)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["labels", "classifier", *(str(argument) for argument in arguments)])


@pytest.fixture
def labeled(tmp_path: Path) -> Path:
    """A run of features of somebody's own; two of five ants and bees are labelled."""
    words = ["ant" if group == 0 else "bee" if group == 1 else "unlabeled" for group in GROUP]
    return make_run(
        tmp_path / "run", FEATURES, [word if row % 5 < 2 else "unlabeled" for row, word in enumerate(words)]
    )


def test_it_says_all_there_is_to_know(labeled: Path, tmp_path: Path) -> None:
    done = run(labeled, "--out", tmp_path / "made")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"A classifier of 2 classes, from 32 labels, is in {tmp_path / 'made'}.\n"
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["classifier.json", "classifier.onnx"]
    told = json.loads((tmp_path / "made" / "classifier.json").read_text())
    made = datetime.fromisoformat(told.pop("made"))
    assert abs((datetime.now(timezone.utc) - made).total_seconds()) < 600
    model = (tmp_path / "made" / "classifier.onnx").read_bytes()
    assert 0.2 <= told.pop("temperature") <= 4
    assert told.pop("note") in done.stderr
    assert told == {
        "format": 1,
        "made_by": "tb-tsne",
        "versions": {"tb-tsne": __version__, "onnx": onnx.__version__},
        "model_sha256": hashlib.sha256(model).hexdigest(),
        "tensor": "im",
        "width": 8,
        "samples": 120,
        "column": "label",
        "classes": ["ant", "bee"],
        "labels": {"ant": 16, "bee": 16},
        "encoder": None,
    }


def test_features_that_no_encoder_makes_again_are_told_of(labeled: Path, tmp_path: Path) -> None:
    done = run(labeled, "--out", tmp_path / "made")
    assert done.stderr.startswith("note: What computed these features is not known")
    assert "takes further images as an .npy file of their features" in done.stderr


@pytest.mark.parametrize(
    "forged", [{"encoders": {"im": 3}}, {"encoders": {"im": {"stage": "im", "backbone": 9}}}, {}, []]
)
def test_a_report_that_says_something_else_tells_of_no_encoder(labeled: Path, tmp_path: Path, forged: object) -> None:
    (labeled / "export_report.json").write_text(json.dumps({"made_by": "tb-tsne", "settings": forged}))
    done = run(labeled, "--out", tmp_path / "made")
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "made" / "classifier.json").read_text())["encoder"] is None


def test_an_empty_folder_is_filled_and_no_other(labeled: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run(labeled, "--out", tmp_path / "empty").exit_code == 0
    before = (tmp_path / "empty" / "classifier.json").read_bytes()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("empty", "file", "link", "run"):
        done = run(labeled, "--out", tmp_path / name)
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
        assert f"{tmp_path / name} is there already, and no empty folder" in done.stderr
    assert (tmp_path / "empty" / "classifier.json").read_bytes() == before
    assert (tmp_path / "file").read_text() == "mine"


def test_what_ends_it_half_way_leaves_nothing(labeled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(save, "CLASSIFIER_NAME", "no/such/folder.json")  # once the model is written
    done = run(labeled, "--out", tmp_path / "made")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        1,
        f"Error: {tmp_path / 'made'} cannot be written: No such file or directory.",
    )
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_wrong_is_said_and_nothing_is_made(labeled: Path, tmp_path: Path) -> None:
    one = make_run(tmp_path / "one", FEATURES, ["ant"] * 60 + ["unlabeled"] * 60)
    for arguments, words in [
        ((tmp_path / "nowhere",), "There is no folder"),
        ((one,), "has labels of fewer than two classes; label some images in TensorBoard first."),
        ((labeled, "--tensor", "tf"), "has no features named 'tf'"),
        ((labeled, "--column", "other"), "has no label column 'other'"),
    ]:
        done = run(*arguments, "--out", tmp_path / "made")
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
        assert words in done.stderr
    assert not (tmp_path / "made").exists()


def test_what_is_not_installed_is_said_before_anything(
    labeled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    done = run(labeled, "--out", tmp_path / "made")
    assert done.exit_code == 1
    assert done.stderr.endswith("pip install 'tb-tsne[onnx]'.\n")
    assert not (tmp_path / "made").exists()


def test_classes_that_only_left_out_samples_have_are_none(tmp_path: Path) -> None:
    features = FEATURES.copy()
    features[GROUP == 2] = np.nan
    folder = make_run(tmp_path / "run", features, [WORDS[group] for group in GROUP])
    assert run(folder, "--out", tmp_path / "made").exit_code == 0
    assert json.loads((tmp_path / "made" / "classifier.json").read_text())["classes"] == ["ant", "bee"]
