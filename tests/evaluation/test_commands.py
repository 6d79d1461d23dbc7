"""`tb-tsne evaluate` from a run to its tables, figures and scalars."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.evaluation import annotate, neighbor_accuracy, start, stratified_folds
from tb_tsne_plugin.evaluation import jobs as jobs_module
from tb_tsne_plugin.evaluation.datasets import make_dataset, normalized
from tb_tsne_plugin.evaluation.jobs import Job, on_ray, on_this_machine, run_jobs
from tb_tsne_plugin.evaluation.settings import parse_setting
from tb_tsne_plugin.runs.folder import Folder
from tests.builders import make_run
from tests.evaluation.data import clustered

pytestmark = pytest.mark.tensorflow

FOLDS = 2
SHORT = "unsupervised:s=30"


def evaluate(command: str, *arguments: object) -> Result:
    return CliRunner().invoke(cli, ["evaluate", command, *map(str, arguments)])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    features, truth = clustered(150, 3, width=24)
    names = [f"class {label}" for label in truth]
    names[7] = "unlabeled"  # its truth is not known: it takes no part
    return make_run(tmp_path_factory.mktemp("runs") / "monkeys", features, names, tensors=("im", "tf"))


@pytest.fixture(scope="module")
def known(run: Path) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    features, truth = clustered(150, 3, width=24)
    return normalized(np.delete(features, 7, axis=0)), np.delete(truth, 7)


@pytest.fixture(scope="module")
def out(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three commands into one folder."""
    out = tmp_path_factory.mktemp("out")
    common = [run, "--out", out, "--true-labels", "label", "--folds", FOLDS, "--jobs", 1]
    learning = ["--methods", f"randselect,margin,tsne:{SHORT}", "--actions", 30, "--max-actions", 60]
    for command, options in (
        ("embedding", ["--epochs", 150]),
        ("labeling", ["--features", "im", "--settings", f"{SHORT},f=0.1:s=30"]),
        ("active-learning", ["--features", "im,tf", *learning]),
    ):
        done = evaluate(command, *common, *options)
        assert done.exit_code == 0, done.output
    return out


def test_embedding_table_holds_what_the_functions_give(
    out: Path, known: tuple[NDArray[np.float32], NDArray[np.int32]]
) -> None:
    X, truth = known
    table = pd.read_csv(out / "embedding.csv")
    assert table[["run", "features", "fold"]].to_numpy().tolist() == [
        ["monkeys", features, fold] for features in ("im", "tf") for fold in range(FOLDS)
    ]
    rows = stratified_folds(truth, FOLDS)[1].train
    embedded = start(X[rows], parse_setting("unsupervised").updated({"random_state": 1}))
    embedded.step(150)
    quality = neighbor_accuracy(embedded.positions_by_sample, truth[rows])
    found = table[(table["features"] == "im") & (table["fold"] == 1)].iloc[0]
    assert (found["samples"], found["mean"], found["deviation"]) == (len(rows), quality.mean, quality.deviation)


def test_labeling_table_is_the_annotators_record(
    out: Path, known: tuple[NDArray[np.float32], NDArray[np.int32]]
) -> None:
    X, truth = known
    rows = stratified_folds(truth, FOLDS)[0].train
    record = annotate(start(X[rows], parse_setting(SHORT)), truth[rows])
    table = pd.read_csv(out / "labeling.csv")
    found = table[(table["setting"] == SHORT) & (table["fold"] == 0)]
    assert found["epoch"].tolist() == [query.epoch for query in record.queries]
    assert found["actions"].tolist() == record.spent.tolist()
    assert found["labels"].tolist() == record.gained.tolist()
    assert found["labels_per_action"].tolist() == (record.gained / record.spent).tolist()


def test_learning_tables_agree_with_each_other(out: Path) -> None:
    curves, actions = pd.read_csv(out / "learning_curves.csv"), pd.read_csv(out / "actions_to_80.csv")
    assert len(actions) == 2 * 3 * FOLDS
    for _, row in actions.iterrows():
        curve = curves[(curves[["features", "method", "fold"]] == row[["features", "method", "fold"]]).all(axis=1)]
        reached = curve[curve["accuracy"] >= 0.8 * row["full_accuracy"]]
        assert curve["actions"].iloc[-1] == row["tried"]
        assert row["tried"] >= 30 or curve["labels"].iloc[-1] >= 74, "ended early, with samples left to label"
        if len(reached):
            assert row["actions"] == reached["actions"].iloc[0]
        else:
            assert np.isnan(row["actions"])
    assert actions["actions"].notna().any()


def test_report_has_every_part_with_the_papers_figures_beside(out: Path) -> None:
    report = (out / "report.md").read_text()
    assert "| IM | " in report
    assert "[77±31]" in report, "Table 1, monkeys, IM"
    assert "| t-SNE " in report
    assert "| RandSelect | " in report
    assert "[200]" in report, "Table 2, monkeys, IM, RandSelect"
    assert "| Monkeys | IM | f=0.1(10), r=0.1, s=30 |" in report
    figures = [line.split("(")[-1].rstrip(")") for line in report.splitlines() if line.startswith("![")]
    assert figures
    for name in figures:
        with Image.open(out / name) as figure:
            assert min(figure.size) > 300
            assert np.ptp(np.asarray(figure.convert("L"))) > 200


def test_policies_in_their_modes_before_a_linear_judge(run: Path, tmp_path: Path) -> None:
    methods = ["randselect", "uherding", "uherding:groups", "uherding:suggestions", "guided:names"]
    common = [run, "--out", tmp_path, "--true-labels", "label", "--folds", FOLDS, "--jobs", 1]
    options = ["--judge", "linear", "--methods", ",".join(methods), "--actions", 30, "--max-actions", 30]
    done = evaluate("active-learning", *common, *options)
    assert done.exit_code == 0, done.output
    curves, actions = pd.read_csv(tmp_path / "learning_curves.csv"), pd.read_csv(tmp_path / "actions_to_80.csv")
    assert set(actions["judge"]) == set(curves["judge"]) == {"linear"}
    assert actions["method"].tolist() == [method for method in methods for _ in range(FOLDS)]
    for _, row in actions[actions["method"] == "uherding"].iterrows():
        curve = curves[(curves["method"] == "uherding") & (curves["fold"] == row["fold"])].set_index("actions")
        for n in (1, 2, 5, 10):
            assert row[f"accuracy_{n}"] == curve["accuracy"][3 * n], "three classes"
    differences = pd.read_csv(tmp_path / "differences.csv")
    assert set(differences["part"]) == {"policy", "groups", "suggestions", "guided"}
    assert set(differences["run"]) == {"monkeys", "(all runs)"}
    report = (tmp_path / "report.md").read_text()
    assert "a converged linear classifier" in report
    assert "| UHerding, groups | " in report
    assert "| policy | policy: single names | groups: single names | suggestions: single names | guided:" in report


def test_curves_are_scalars_that_tensorboard_reads(out: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    curves = pd.read_csv(out / "learning_curves.csv")
    events = EventAccumulator(str(out / "scalars" / "monkeys" / "im" / "randselect"))
    events.Reload()
    found = {event.step: event.tensor_proto.float_val[0] for event in events.Tensors("accuracy by actions")}
    chosen = curves[(curves["features"] == "im") & (curves["method"] == "randselect")]
    expected = chosen.groupby("actions")["accuracy"].mean()
    assert found == {step: pytest.approx(expected[step]) for step in found}
    assert set(found) >= {10, 20, 30}


def test_finished_jobs_are_not_run_again(run: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (out / "embedding.csv").read_bytes()
    (out / "embedding.csv").unlink()
    done: list[str] = []
    perform = jobs_module.perform

    def perform_and_note(work: str, *rest: Any) -> Any:
        done.append(work)
        return perform(work, *rest)

    monkeypatch.setattr(jobs_module, "perform", perform_and_note)
    arguments = [run, "--out", out, "--true-labels", "label", "--folds", FOLDS, "--jobs", 1]
    assert evaluate("embedding", *arguments, "--epochs", 150).exit_code == 0
    assert done == []
    assert (out / "embedding.csv").read_bytes() == before
    evaluate("embedding", *arguments, "--epochs", 150, "--features", "im", "--raw")
    assert done == ["embedding"] * FOLDS, "other numbers are other jobs"


def some_jobs(folds: int = 2) -> list[Job]:
    features, truth = clustered(100, 4, width=16)
    dataset = make_dataset("made", "im", features, [str(label) for label in truth])
    common = {"folds": folds, "seed": 2}
    budget = {"target": 2.0, "at_least": 0, "at_most": 30}
    made = [Job("labeling", dataset, {**common, "fold": fold, "setting": SHORT}) for fold in range(folds)]
    made.append(
        Job("active_learning", dataset, {**common, **budget, "fold": 0, "judge": "linear", "method": "uherding"})
    )
    made.append(
        Job("active_learning", dataset, {**common, **budget, "fold": 0, "judge": "network", "method": f"tsne:{SHORT}"})
    )
    return made


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return run_jobs(some_jobs(), Folder(tmp_path_factory.mktemp("jobs")), on_this_machine(1), "here")


def test_two_processes_give_the_same_numbers(expected: list[dict[str, Any]], tmp_path: Path) -> None:
    assert run_jobs(some_jobs(), Folder(tmp_path), on_this_machine(2), "processes") == expected


def test_a_ray_cluster_gives_the_same_numbers(
    expected: list[dict[str, Any]], tmp_path: Path, ray_cluster: None
) -> None:
    assert run_jobs(some_jobs(), Folder(tmp_path), on_ray(), "ray") == expected


def test_what_was_finished_before_an_error_is_kept(expected: list[dict[str, Any]], tmp_path: Path) -> None:
    jobs = some_jobs()
    broken = [*jobs[:2], Job("labeling", jobs[0].dataset, {**jobs[0].arguments, "setting": "nonsense"})]
    with pytest.raises(ValueError, match="'nonsense' is no setting"):
        run_jobs(broken, Folder(tmp_path), on_this_machine(1), "broken")

    def nothing(jobs: list[Job]) -> Iterator[tuple[int, dict[str, Any]]]:
        raise AssertionError

    assert run_jobs(jobs[:2], Folder(tmp_path), nothing, "again") == expected[:2]


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("embedding", [], "has no metadata column 'true_label'; export with --true-labels"),
        ("embedding", ["--true-labels", "label", "--features", "vgg"], "has no features 'vgg'; there are im, tf"),
        ("embedding", ["--true-labels", "file"], "monkeys: A class has only 1 samples, too few for 5 folds"),
        ("labeling", ["--true-labels", "label", "--settings", "stronk"], "'stronk' in 'stronk' is no setting"),
        ("active-learning", ["--true-labels", "label", "--methods", "random"], "'random' is no method; there are"),
        ("active-learning", ["--true-labels", "label", "--methods", "tsne:f=x"], "'x' is no number"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    command: str, options: list[str], message: str, run: Path, tmp_path: Path
) -> None:
    done = evaluate(command, run, "--out", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_two_runs_of_one_name_are_refused(run: Path, tmp_path: Path) -> None:
    done = evaluate("embedding", run, run, "--out", tmp_path / "out", "--true-labels", "label")
    assert done.exit_code == 2
    assert "Two runs are named monkeys" in done.stderr


def test_no_run_is_one_sentence(tmp_path: Path) -> None:
    done = evaluate("embedding", tmp_path / "none", "--out", tmp_path / "out")
    assert done.exit_code in (1, 2)
    assert len(done.stderr.strip().splitlines()) == 1
    assert "projector_config.pbtxt" in done.stderr
