"""`tb-tsne embed`: positions as a table, and as a bookmark (shown in tests/e2e/test_stock_projector.py)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tests.builders import WORDS, blobs, make_run, sample_id

FEATURES, GROUP = blobs(90)


def embed(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["embed", *(str(argument) for argument in arguments)])


def positions(path: Path) -> npt.NDArray[np.float64]:
    header, *rows = [line.split("\t") for line in path.read_text().splitlines()]
    assert header == ["sample_id", "x", "y", "z"][: len(header)]
    assert [row[0] for row in rows] == [sample_id(row) for row in range(len(rows))]
    return np.array([[float(value) for value in row[1:]] for row in rows])


def spread(found: npt.NDArray[np.float64]) -> float:
    """How far samples are from their group's middle, as a share of how far they are from the middle of all."""
    middles = np.stack([found[group == GROUP].mean(axis=0) for group in range(3)])
    return float(np.linalg.norm(found - middles[GROUP]) / np.linalg.norm(found - found.mean(axis=0)))


def test_positions_are_written_as_a_table_and_a_bookmark(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", FEATURES, tensors=("im", "pix"))
    done = embed(run, "--dims", 2, "--epochs", 300)
    assert done.exit_code == 0, done.output
    found = positions(run / "im.positions.tsv")
    assert found.shape == (90, 2)
    assert spread(found) < 0.3
    (state,) = json.loads((run / "im.bookmarks.json").read_text())
    shown = np.array([[point["umap-0"], point["umap-1"]] for point in state["projections"]])
    np.testing.assert_allclose(shown, found, rtol=1e-4)
    assert (run / "projector_config.pbtxt").read_text().count("bookmarks_path") == 1


def test_labels_shape_it_and_the_seed_and_settings_count(tmp_path: Path) -> None:
    mixed = np.random.default_rng(0).standard_normal((90, 8))
    plain = make_run(tmp_path / "plain", mixed)
    labeled = make_run(tmp_path / "labeled", mixed, [WORDS[group] for group in GROUP])
    for run in (plain, labeled):
        assert embed(run, "--setting", "f=1:r=1:s=0", "--epochs", 400).exit_code == 0
    found, apart = (positions(run / "im.positions.tsv") for run in (plain, labeled))
    assert spread(apart) < 0.5 * spread(found)
    assert embed(labeled, "--setting", "unsupervised", "--epochs", 400, "--out", tmp_path / "out.tsv").exit_code == 0
    np.testing.assert_array_equal(positions(tmp_path / "out.tsv"), found)


def test_bookmarks_of_ones_own_stay_and_ours_is_replaced(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", FEATURES)
    config = (run / "projector_config.pbtxt").read_text()
    (run / "projector_config.pbtxt").write_text(config.replace("tensor_path", 'bookmarks_path: "mine.txt" tensor_path'))
    (run / "mine.txt").write_text(json.dumps([{"label": "mine"}]))
    for _ in range(2):
        assert embed(run, "--epochs", 1).exit_code == 0
        states = json.loads((run / "mine.txt").read_text())
        assert [state["label"] for state in states] == ["semi-supervised t-SNE", "mine"]


def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", FEATURES)
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    for arguments, status, words in [
        ((tmp_path / "nowhere",), 1, "There is no folder"),
        ((run, "--tensor", "tf"), 1, "has no features named 'tf'"),
        ((run, "--setting", "weak"), 2, "'weak' in 'weak' is no setting"),
        ((run, "--dims", 4), 2, "--dims"),
        ((run, "--epochs", 1, "--out", tmp_path / "no" / "out.tsv"), 1, "cannot be written"),
    ]:
        done = embed(*arguments)
        assert done.exit_code == status, done.output
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


def changed(run: Path, *changes: tuple[str, str]) -> Path:
    """The run with something else in its config."""
    path = run / "projector_config.pbtxt"
    for old, new in changes:
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
    return run


@pytest.mark.parametrize(
    "name",
    [
        *("../../escape", "OUTSIDE/escape", "../outside/secret", "a/b/c", ".tsne", "labels.sqlite", "x" * 500, "~root"),
        *("layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE", "default:00000", "con", "\\t\\n", ""),
    ],
)
def test_what_features_are_called_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.positions.tsv").write_text("secret")
    name = name.replace("OUTSIDE", str(tmp_path / "outside"))
    run = changed(make_run(tmp_path / "logs" / "run", FEATURES), ('tensor_name: "im"', f'tensor_name: "{name}"'))
    before = tree(tmp_path)
    done = embed(run, "--epochs", 1)
    assert done.exit_code == 0, done.output
    after = tree(tmp_path)
    new = [Path(path) for path in after.keys() - before.keys()]
    assert sorted("".join(path.suffixes[-2:]) for path in new) == [".bookmarks.json", ".positions.tsv"]
    assert {path.parent for path in new} == {run}
    assert [path for path in before if after[path] != before[path]] == [str(run / "projector_config.pbtxt")]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("labels.sqlite", "is the name of another file of the run"),
        ("labels.sqlite-wal", "is the name of another file of the run"),
        ("projector_config.pbtxt", "is the name of another file of the run"),
        ("metadata.tsv", "is the name of another file of the run"),
        ("metadata.tsv.original", "is the name of another file of the run"),
        ("./deep/../metadata.tsv", "is the name of another file of the run"),
        ("sprite.png", "is the name of another file of the run"),
        ("im.bytes", "is the name of another file of the run"),
        (".tsne/state.json", "is the name of another file of the run"),
        (".exporting/x.json", "is the name of another file of the run"),
        ("tiles/0000.jpg", "is the name of another file of the run"),
        ("../outside/secret", "is not a path inside the run's folder"),
        ("/etc/passwd", "is not a path inside the run's folder"),
        ("~/x", "is not a path inside the run's folder"),
        ("link", "link is a link, so nothing is written there"),
        ("dangling", "dangling is a link, so nothing is written there"),
        ("linked/secret", "linked is a link, and links are not followed here"),
        ("fifo", "fifo is no regular file, so nothing is written there"),
        ("deep", "deep is a folder, so nothing is written there"),
        ("deep/labels.sqlite", "is the name of another file of the run"),
        ("deep/Labels.SQLite-wal", "is the name of another file of the run"),
        ("deep/tiles.json", "is the name of another file of the run"),
        ("other/mine.json", "lies in the folder of another run"),
        ("other/deep/mine.json", "lies in the folder of another run"),
    ],
)
@pytest.mark.timeout(20)
def test_bookmarks_are_written_over_nothing_but_bookmarks(tmp_path: Path, path: str, sentence: str) -> None:
    run = make_run(tmp_path / "run", FEATURES)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("[]")
    (run / "deep").mkdir()
    (run / "other" / "deep").mkdir(parents=True)
    (run / "other" / "projector_config.pbtxt").write_text("nonsense")
    (run / "link").symlink_to(tmp_path / "outside" / "secret")
    (run / "dangling").symlink_to(tmp_path / "outside" / "made")
    (run / "linked").symlink_to(tmp_path / "outside")
    os.mkfifo(run / "fifo")
    changed(run, ("tensor_path", f'bookmarks_path: "{path}" tensor_path'))
    before = tree(tmp_path)
    done = embed(run, "--epochs", 1)
    assert done.exit_code == 1, done.output
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert tree(tmp_path) == before


def test_positions_are_written_over_nothing_that_the_run_is_read_from(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", FEATURES)
    (run / "metadata.tsv").rename(run / "im.positions.tsv")
    changed(run, ('"metadata.tsv"', '"im.positions.tsv"'))
    before = tree(tmp_path)
    done = embed(run, "--epochs", 1)
    assert done.exit_code == 1
    assert "'im.positions.tsv' is the name of another file of the run" in done.stderr
    assert tree(tmp_path) == before
    assert embed(run, "--epochs", 1, "--out", tmp_path / "out.tsv").exit_code == 0


def test_features_without_a_name_go_by_their_file(tmp_path: Path) -> None:
    run = changed(make_run(tmp_path / "run", FEATURES), ('tensor_name: "im" ', ""))
    assert embed(run, "--epochs", 1).exit_code == 0
    assert (run / "im.bytes.positions.tsv").exists()
    assert (run / "im.bytes.bookmarks.json").exists()


def test_samples_without_finite_features_stand_aside_and_that_is_said(tmp_path: Path) -> None:
    features = FEATURES.copy()
    features[3, 2], features[8] = np.nan, np.inf
    run = make_run(tmp_path / "run", features)
    done = embed(run, "--dims", 2, "--epochs", 50)
    assert done.exit_code == 0, done.output
    assert "note: 2 samples have features that are not finite (rows 3, 8, counted from 0)" in done.stderr
    found = positions(run / "im.positions.tsv")
    assert np.isfinite(found).all()
    assert (found[3] == found[8]).all()
    assert found[3, 0] < np.delete(found, [3, 8], axis=0)[:, 0].min()
    nothing = make_run(tmp_path / "nothing", np.full((5, 2), np.nan))
    done = embed(nothing, "--epochs", 50)
    assert done.exit_code == 1
    assert done.stderr.endswith("Error: im has no sample whose features are finite numbers.\n")
