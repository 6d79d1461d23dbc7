"""`tb-tsne labels check` and `propagate`: what they print and write, and what they say about wrong input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.labels import LabelStore, NewClass, Operation
from tb_tsne_plugin.labels.database import STORE_NAME
from tests.builders import WORDS, blobs, make_run, sample_id

FEATURES, GROUP = blobs(240)
WRONG = 33


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def half_labeled(tmp_path: Path) -> Path:
    """Every other image labelled, one of them wrong."""
    labels = [WORDS[group] if row % 2 else "unlabeled" for row, group in enumerate(GROUP)]
    labels[WRONG] = WORDS[(GROUP[WRONG] + 1) % 3]
    return make_run(tmp_path / "working", FEATURES, labels)


def table(path: Path) -> dict[str, tuple[str, float]]:
    header, *lines = path.read_text().splitlines()
    assert header == "sample_id\tlabel\tprobability"
    return {name: (label, float(share)) for name, label, share in (line.split("\t") for line in lines)}


def test_check_lists_the_wrong_label_alone_and_why(half_labeled: Path) -> None:
    done = run("labels", "check", half_labeled, "--limit", 3)
    assert done.exit_code == 0, done.output
    header, *lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert header == ["sample_id", "file", "label", "expected", "self_confidence", "why"]
    assert len(lines) == 1  # no label is listed that the others agree with
    given, expected = WORDS[(GROUP[WRONG] + 1) % 3], WORDS[GROUP[WRONG]]
    assert lines[0][:4] == [sample_id(WRONG), f"class/{WRONG}.png", given, expected]
    assert lines[0][5].endswith(f"labelled neighbours are {expected}, 0 {given}")


def test_propagate_writes_what_has_no_label(half_labeled: Path, tmp_path: Path) -> None:
    out = tmp_path / "suggested.tsv"
    done = run("labels", "propagate", half_labeled, "--out", out)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"120 suggested labels are in {out}.\n"
    found = table(out)
    assert {name: label for name, (label, _) in found.items()} == {
        sample_id(row): WORDS[GROUP[row]] for row in range(0, 240, 2)
    }
    assert np.mean([share for _, share in found.values()]) > 0.8


def test_what_is_set_aside_is_neither_learned_from_nor_suggested(half_labeled: Path, tmp_path: Path) -> None:
    store = LabelStore(half_labeled / STORE_NAME)
    store.create({sample_id(row): WORDS[GROUP[row]] for row in range(1, 240, 2) if row != WRONG})
    wrong = store.apply(Operation("operation-1", 1, "me"), NewClass("dog"), [sample_id(WRONG)])
    assert sample_id(WRONG) in run("labels", "check", half_labeled).stdout
    aside = [sample_id(row) for row in (WRONG, 0, 2)]
    for number, state in enumerate(("unsure", "ignored")):
        operation = Operation(f"operation-{number}-aside", wrong.revision + number, "me")
        store.apply(operation, None, aside[number:], state=state, only_unlabeled=False)  # type: ignore[arg-type]
    assert sample_id(WRONG) not in run("labels", "check", half_labeled).stdout
    out = tmp_path / "suggested.tsv"
    assert run("labels", "propagate", half_labeled, "--out", out).exit_code == 0
    assert set(table(out)) == {sample_id(row) for row in range(4, 240, 2)}
    # The same from the file that the labels are saved into, where there is no store.
    assert run("labels", "save", half_labeled).exit_code == 0
    (half_labeled / STORE_NAME).unlink()
    assert run("labels", "propagate", half_labeled, "--out", out).exit_code == 0
    assert set(table(out)) == {sample_id(row) for row in range(4, 240, 2)}


def test_what_is_verified_is_not_checked_again(half_labeled: Path) -> None:
    store = LabelStore(half_labeled / STORE_NAME)
    store.create({sample_id(row): WORDS[GROUP[row]] for row in range(1, 240, 2) if row != WRONG})
    store.apply(Operation("operation-1", 1, "me"), NewClass("dog"), [sample_id(WRONG)])
    assert sample_id(WRONG) in run("labels", "check", half_labeled).stdout
    dog = store.snapshot().labels[sample_id(WRONG)]
    looked = {"state": "verified", "only_unlabeled": False}
    store.apply(Operation("operation-2", 2, "me"), dog, [sample_id(WRONG)], **looked)  # type: ignore[arg-type]
    done = run("labels", "check", half_labeled)
    assert (done.exit_code, sample_id(WRONG) in done.stdout) == (0, False)


def test_propagate_follows_no_link_beside_its_table(half_labeled: Path, tmp_path: Path) -> None:
    """Once it wrote to .NAME.partial, and moved that."""
    outside = tmp_path / "outside"
    outside.write_text("precious")
    for name in (".suggested.tsv.partial", "suggested.tsv"):
        (half_labeled / name).symlink_to(outside)
    done = run("labels", "propagate", half_labeled, "--out", half_labeled / "suggested.tsv")
    assert done.exit_code == 0, done.output
    assert outside.read_text() == "precious"
    assert len(table(half_labeled / "suggested.tsv")) == 120
    assert not (half_labeled / "suggested.tsv").is_symlink()


def test_labels_of_the_store_count_and_not_those_the_run_came_with(half_labeled: Path) -> None:
    store = LabelStore(half_labeled / STORE_NAME)
    store.create({sample_id(row): WORDS[GROUP[row]] for row in range(240)})
    done = run("labels", "check", half_labeled, "--limit", 1)
    assert sample_id(WRONG) not in done.stdout
    made = store.apply(Operation("operation-1", 1, "me"), NewClass("dog"), [sample_id(50)], only_unlabeled=False)
    assert made.revision == 2
    assert sample_id(50) in run("labels", "check", half_labeled, "--limit", 1).stdout
    assert store.label_revisions()[sample_id(50)] == 2
    assert store.label_revisions()[sample_id(51)] == 1


def test_a_pool_is_labelled_from_the_working_sample(
    half_labeled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool has other samples, and one of the working sample's, which is left out; it is read in pieces of 20."""
    monkeypatch.setattr("tb_tsne_plugin.guidance.pool.MOST_DISTANCES", 240 * 20)
    features, group = blobs(400, seed=5)
    pool = make_run(tmp_path / "pool", features)
    text = (pool / "metadata.tsv").read_text().replace("s0", "p0").replace("p0000", sample_id(7))
    (pool / "metadata.tsv").write_text(text)
    out = tmp_path / "suggested.tsv"
    done = run("labels", "propagate", half_labeled, "--pool", pool, "--out", out)
    assert done.exit_code == 0, done.output
    found = table(out)
    assert len(found) == 399
    assert [found[f"p{row:04d}"][0] for row in range(1, 400)] == [WORDS[each] for each in group[1:]]


def test_what_is_wrong_is_said_and_nothing_is_written(half_labeled: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tsv"
    other = make_run(tmp_path / "wide", blobs(20, d=9)[0])
    plain = make_run(tmp_path / "plain")
    for arguments, words in [
        (("check", tmp_path / "nowhere"), "There is no folder"),
        (("check", plain), "label some images in TensorBoard first"),
        (("check", half_labeled, "--tensor", "tf"), "has no features named 'tf'"),
        (("propagate", half_labeled, "--out", out, "--pool", other), "export both with the same features"),
        (("propagate", half_labeled, "--out", tmp_path / "no" / "out.tsv"), "cannot be written"),
    ]:
        done = run("labels", *arguments)
        assert done.exit_code == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    assert list(tmp_path.glob("*.tsv")) + list(tmp_path.glob(".*")) == []


def test_samples_without_finite_features_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    features = FEATURES.copy()
    features[3, 2], features[8] = np.nan, np.inf
    folder = make_run(tmp_path / "run", features, [WORDS[group] if row % 2 else "" for row, group in enumerate(GROUP)])
    said = "note: 2 samples have features that are not finite (rows 3, 8, counted from 0): left out"
    checked = run("labels", "check", folder)
    assert checked.exit_code == 0, checked.output
    assert said in checked.stderr
    assert sample_id(3) not in checked.stdout
    out = tmp_path / "suggested.tsv"
    suggested = run("labels", "propagate", folder, "--out", out)
    assert suggested.exit_code == 0, suggested.output
    assert said in suggested.stderr
    assert {name: label for name, (label, _) in table(out).items()} == {
        sample_id(row): WORDS[GROUP[row]] for row in range(0, 240, 2) if row != 8
    }
    pool = make_run(tmp_path / "pool", features[:12], ids=[f"p{row}" for row in range(12)])
    further = run("labels", "propagate", folder, "--pool", pool, "--out", out)
    assert further.exit_code == 0, further.output
    assert "note: 2 of the further images have features that are not finite." in further.stderr
    assert {name: label for name, (label, _) in table(out).items()} == {
        f"p{row}": WORDS[GROUP[row]] for row in range(12) if row not in (3, 8)
    }
