"""The emulated person who finishes the job: every action is counted, and what is not looked at stays unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.evaluation.finishing import POLICIES, Desk, Habits, finish
from tests.builders import make_run
from tests.evaluation.data import clustered

TRUTH = np.array([0, 0, 0, 1, 1, 2, 2, 2])


def desk(**habits: float) -> Desk:
    return Desk(TRUTH, Habits(**habits), np.random.default_rng(0))  # type: ignore[arg-type]


def test_actions_are_those_of_the_page() -> None:
    person = desk()
    person.name(5)
    assert person.actions == 1
    Y = np.arange(8, dtype=np.float32)[None]
    person.group(Y, 0, lambda group: 4)  # 1, 2 belong; 3, 4 are dropped
    assert person.actions == 1 + 2 + 2
    assert person.labels.tolist() == [0, 0, 0, -1, -1, 2, -1, -1]
    strays = person.page(np.array([6, 3, 7]), 2)
    assert strays.tolist() == [False, True, False]
    assert person.actions == 5 + 1 + 1
    person.accept(np.array([4]), np.array([2]))
    assert person.actions == 8
    assert person.unseen == (1, 0)
    assert not person.done
    person.verify(np.array([4]))
    assert person.actions == 9
    assert person.labels.tolist() == TRUTH.tolist()
    assert person.done
    assert [point.right for point in person.curve][-2:] == [7, 8]
    assert person.seen.tolist() == [False] * 3 + [True] * 5


def test_a_whole_group_that_was_misnamed_is_renamed_at_once() -> None:
    person = desk(slip=1.0)
    person.group(np.arange(8, dtype=np.float32)[None], 0, lambda group: 2)
    assert set(person.labels[:3]) <= {1, 2}
    before = person.actions
    person.verify(np.arange(3))
    assert person.labels[:3].tolist() == [0, 0, 0]
    assert person.actions == before + 1


def test_overlooked_strays_get_the_class_of_the_page() -> None:
    person = desk(overlook=1.0)
    assert not person.page(np.arange(8), 0).any()
    assert person.labels.tolist() == [0] * 8
    assert person.actions == 1


@pytest.fixture(scope="module")
def made() -> tuple[np.ndarray, np.ndarray]:
    features, truth = clustered(300, 3, width=20)
    return features, truth.astype(np.int64)


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_policy_finishes(policy: str, made: tuple[np.ndarray, np.ndarray]) -> None:
    features, truth = made
    person = finish(features, truth, policy, Habits(share=0.95, page_size=20))
    assert person.done
    assert person.curve[-1].right >= 0.95 * len(truth)
    if policy in ("groups", "pages", "guided"):
        assert (person.labels == truth)[person.labels >= 0].all(), "whoever looks at everything makes no mistake"
        assert person.actions < 0.6 * len(truth)


def test_the_same_seed_makes_the_same_actions(made: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = (finish(*made, "guided", Habits(overlook=0.2, slip=0.1), 3).curve for _ in range(2))
    assert first == second


def test_policies_do_not_see_the_truth(made: tuple[np.ndarray, np.ndarray]) -> None:
    """Other names for the same classes: the same actions."""
    features, truth = made
    renamed = (truth + 1) % (truth.max() + 1)
    habits = Habits(share=0.95)
    assert finish(features, truth, "guided", habits).actions == finish(features, renamed, "guided", habits).actions


def evaluate(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["evaluate", "finishing", *map(str, arguments)])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    features, truth = clustered(200, 3, width=20)
    return make_run(tmp_path_factory.mktemp("runs") / "monkeys", features, [f"class {c}" for c in truth])


def test_a_run_becomes_tables_figures_and_scalars(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    features = run.joinpath("projector_config.pbtxt").read_text().split('tensor_name: "')[1].split('"')[0]
    common = [run, "--out", tmp_path, "--true-labels", "label", "--features", features, "--folds", 2, "--jobs", 1]
    done = evaluate(*common, "--policies", "pages,guided,accept", "--share", 0.9, "--page-size", 25)
    assert done.exit_code == 0, done.output
    table, curves = pd.read_csv(tmp_path / "finishing.csv"), pd.read_csv(tmp_path / "finishing_curves.csv")
    assert table[["policy", "fold"]].to_numpy().tolist() == [
        [policy, fold] for policy in ("pages", "guided", "accept") for fold in range(2)
    ]
    assert table["reached"].all()
    assert (table["actions_share"] == table["actions"] / 100).all()
    assert table.loc[table["policy"] == "guided", "precision_unseen"].isna().all()
    for _, row in table.iterrows():
        curve = curves[(curves["policy"] == row["policy"]) & (curves["fold"] == row["fold"])]
        assert curve["actions"].is_monotonic_increasing
        assert curve["actions"].iloc[-1] == row["actions"]
        assert curve["right_share"].iloc[-1] == row["right_share"] >= 0.9
    assert "Guided: groups, pages, second looks" in (tmp_path / "report.md").read_text()
    assert (tmp_path / "finishing.png").stat().st_size > 10_000
    assert list((tmp_path / "scalars" / "monkeys" / features).iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--policies", "luck"], "'luck' is no policy; there are one-by-one, groups"),
        (["--policies", ","], "Invalid value for '--policies': Give one name at least."),
        (["--features", ""], "Invalid value for '--features': Give one name at least."),
        (["--share", "nan"], "Invalid value for '--share': 'nan' is no share."),
        (["--slip", "nan"], "Invalid value for '--slip': 'nan' is no share."),
        (["--share", "0"], "0"),
        (["--overlook", "2"], "2"),
        (["--page-size", "0"], "0"),
    ],
)
def test_what_is_wrong_is_one_sentence(options: list[str], message: str, run: Path, tmp_path: Path) -> None:
    done = evaluate(run, "--out", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not (tmp_path / "out").exists()
