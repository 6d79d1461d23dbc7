"""Guidance over HTTP: it follows the labels, and names samples by their ids."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.tsne.affinities import compute_affinities
from tests.builders import blobs, make_run, sample_id
from tests.web.conftest import Api

pytestmark = pytest.mark.slow

RUN = {"run": "run", "tensor": "im"}
TRUTH = blobs(120)[1]


@pytest.fixture
def guided(api: Api) -> Api:
    """A run of three clear groups of 40, and its session."""
    make_run(api.logdir / "run", blobs(120)[0])
    api.post("session/start", **RUN, parameters={"n_epochs": 300})
    return api


def label(api: Api, rows: list[int], class_id: int) -> int:
    answer = api.edit("labels/apply", class_id=class_id, sample_ids=[sample_id(row) for row in rows], **RUN)
    assert answer.status_code == 200, answer.text
    return int(answer.get_json()["revision"])


def guidance_at(api: Api, route: str, revision: int) -> dict[str, Any]:
    """The first guidance that rests on a revision."""
    after = 0
    for _ in range(20):
        answer = api.get(route, **RUN, after=after, wait=25)
        if answer.status_code == 204:  # kernels compile once a machine
            continue
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        after = found["number"]
        if found["revision"] >= revision:
            return found
    raise AssertionError(f"no guidance on revision {revision} came")


def test_candidates_lead_from_group_to_group(guided: Api) -> None:
    first = guidance_at(guided, "guidance/candidates", 0)["candidates"]
    groups = [TRUTH[int(found["sample_id"][1:])] for found in first[:3]]
    assert sorted(groups) == [0, 1, 2]
    assert first[0]["class_id"] is None
    cat = guided.add_class("cat")
    near = [int(name[1:]) for name in [first[0]["sample_id"], *first[0]["members"]]]
    revision = label(guided, near, cat)
    found = guidance_at(guided, "guidance/candidates", revision)["candidates"][0]
    assert TRUTH[int(found["sample_id"][1:])] != groups[0]
    assert found["k"] >= len(found["members"]) == len(found["belongs"])


def test_suggestions_follow_the_labels(guided: Api) -> None:
    classes = [guided.add_class(name) for name in ("ant", "bee", "cow")]
    revision = 0
    for group, class_id in enumerate(classes):
        revision = label(guided, [int(row) for row in np.flatnonzero(group == TRUTH)[:10]], class_id)
    found = guidance_at(guided, "guidance/suggestions", revision)
    assert found["class_ids"] == [classes[group] for group in TRUTH]
    assert min(found["percent"]) > 60
    assert max(found["percent"]) <= 100
    assert all(first != second for first, second in zip(found["class_ids"], found["second"], strict=True))
    assert set(found["second"]) <= set(classes)
    told, number = found, 0
    while told["number"] != number:  # they are told again once they are calibrated
        table = pa.ipc.open_stream(guided.get("guidance/suggestions/arrow", **RUN).data).read_all()
        about = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}
        number = int(about["number"])
        told = guided.get("guidance/suggestions", **RUN).get_json()
    assert about == {name: str(told[name]) for name in ("number", "column", "revision")}
    assert table["class_id"].to_pylist() == told["class_ids"]
    assert table["second"].to_pylist() == told["second"]
    np.testing.assert_array_equal(table["percent"].to_numpy(), np.float32(told["percent"]))


def test_suggestions_leave_in_a_dataset_as_they_are_told(guided: Api) -> None:
    classes = {guided.add_class(name): name for name in ("ant", "bee", "cow")}
    revision = 0
    for group, class_id in enumerate(classes):
        revision = label(guided, [int(row) for row in np.flatnonzero(group == TRUTH)[:10]], class_id)
    labeled = guided.labels()["labels"]
    newest = guidance_at(guided, "guidance/suggestions", revision)
    told: dict[str, Any] = {"number": 0}
    while newest["number"] != told["number"]:  # they are told again once they are calibrated
        told = newest
        least = sorted(told["percent"])[60] / 100
        asked = {**RUN, "format": "labelstudio", "suggestions": least}
        found = guided.get("labels/dataset", **asked).get_json()
        newest = guided.get("guidance/suggestions", **RUN).get_json()
    predicted = [
        task["predictions"][0]["result"][0]["value"]["choices"][0] if "predictions" in task else None for task in found
    ]
    assert predicted == [
        classes[class_id] if labeled[row] == -1 and percent / 100 >= least else None
        for row, (class_id, percent) in enumerate(zip(told["class_ids"], told["percent"], strict=True))
    ]
    assert 0 < len([name for name in predicted if name]) < 90
    added = guided.post("labels/columns/add", run="run", store=guided.store(), name="eyes")
    assert added.status_code == 200, added.text
    answer = guided.get("labels/dataset", **asked, column="eyes")
    assert answer.status_code == 422
    message = answer.get_json()["error"]["message"]
    assert message == "Suggestions are of the label column that the t-SNE follows, now 'label'."


def test_the_next_step_is_a_group_at_first_and_a_page_once_enough_was_taught(guided: Api) -> None:
    first = guidance_at(guided, "guidance/next_steps", 0)["steps"][0]
    assert (first["kind"], first["class_id"]) == ("group", None)
    assert first["sample_id"] in {sample_id(row) for row in range(120)}
    classes = [guided.add_class(name) for name in ("ant", "bee", "cow")]
    revision = 0
    for row in range(24):
        revision = label(guided, [row], classes[TRUTH[row]])
    page = guidance_at(guided, "guidance/next_steps", revision)["steps"][0]
    assert (page["kind"], page["sample_id"]) == ("page", None)
    assert page["class_id"] in classes
    assert page["n"] == (TRUTH[24:] == classes.index(page["class_id"])).sum()
    assert 0.5 < page["right"] <= 1.0


def test_when_all_is_labelled_a_group_misnamed_is_to_be_verified(guided: Api) -> None:
    classes = [guided.add_class(name) for name in ("ant", "bee", "cow")]
    misnamed = [int(row) for row in np.flatnonzero(TRUTH == 0)[:10]]
    for group, class_id in enumerate(classes):
        rows = [int(row) for row in np.flatnonzero(group == TRUTH) if row not in misnamed]
        for part in range(0, len(rows), 5):
            label(guided, rows[part : part + 5], class_id)
    revision = label(guided, misnamed, classes[1])
    steps = guidance_at(guided, "guidance/next_steps", revision)["steps"]
    assert steps[0]["kind"] == "verify"
    assert steps[-1]["kind"] == "done"
    issues = guided.get("guidance/label_issues", **RUN, wait=25).get_json()
    first = issues["groups"][0]
    assert sorted(first["members"]) == sorted(sample_id(row) for row in misnamed)
    assert (first["class_id"], first["expected"]) == (classes[1], classes[0])
    verified = guided.edit(
        "labels/apply", class_id=classes[0], state="verified", sample_ids=first["members"], only_unlabeled=False, **RUN
    )
    steps = guidance_at(guided, "guidance/next_steps", verified.get_json()["revision"])["steps"]
    assert [step["kind"] for step in steps] == ["done"]


def test_where_the_job_stands_is_counted_and_looks_bound_what_was_accepted_unseen(guided: Api) -> None:
    classes = [guided.add_class(name) for name in ("ant", "bee", "cow")]
    for group, class_id in enumerate(classes):
        label(guided, [int(row) for row in np.flatnonzero(group == TRUTH)[:5]], class_id)
    ants = [int(row) for row in np.flatnonzero(TRUTH == 0)]
    ids = [sample_id(row) for row in ants[5:]]
    page = {"kind": "page", "of": "suggestion", "order": "random", "shown": 10, "changed": 0, "population": 35}
    guided.edit("labels/apply", class_id=classes[0], state="seen", sample_ids=ids[:10], selection=page, **RUN)
    guided.edit("labels/apply", class_id=classes[0], sample_ids=ids[10:], selection={"kind": "suggestion"}, **RUN)
    guided.edit("labels/apply", state="unsure", sample_ids=[sample_id(int(np.flatnonzero(TRUTH == 1)[9]))], **RUN)
    guidance_at(guided, "guidance/suggestions", 0)

    def stands() -> dict[str, Any]:
        answer = guided.get("guidance/standing", **RUN, wait=25)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    first = stands()
    assert [first[name] for name in ("seen", "unseen", "open", "aside")] == [10, 40, 69, 1]
    assert 0 < first["least"] < first["right"] <= 1
    guided.edit("labels/undo", **RUN)
    guided.edit("labels/undo", **RUN)
    assert stands()["least"] > first["least"], "nothing is accepted unseen any more"
    guided.edit("labels/redo", **RUN)
    assert stands()["least"] == first["least"]


def test_clusters_are_the_groups_that_there_are_and_finer_ones_are_more(guided: Api) -> None:
    answer = guided.get("guidance/clusters", **RUN, resolution=0.05, wait=25).get_json()
    assert [len(cluster["rows"]) for cluster in answer["clusters"]] == [40, 40, 40]
    assert all(len({int(TRUTH[row]) for row in cluster["rows"]}) == 1 for cluster in answer["clusters"])
    assert [cluster["class_id"] for cluster in answer["clusters"]] == [None] * 3
    ant = guided.add_class("ant")
    label(guided, answer["clusters"][0]["rows"][:30], ant)
    finer = guided.get("guidance/clusters", **RUN, resolution=50, wait=25).get_json()
    assert len(finer["clusters"]) > 3
    assert sorted(row for cluster in finer["clusters"] for row in cluster["rows"]) == list(range(120))
    assert sum(cluster["unlabeled"] for cluster in finer["clusters"]) == 90
    assert guided.get("guidance/clusters", **RUN, resolution=0).status_code == 422


def test_everybody_gets_the_clusters_of_the_resolution_asked_for(guided: Api) -> None:
    resolutions = [0.05, 1, 5, 50]

    def asked(resolution: float) -> float:
        found: float = guided.get("guidance/clusters", **RUN, resolution=resolution, wait=25).get_json()["resolution"]
        return found

    with ThreadPoolExecutor(len(resolutions)) as people:
        assert list(people.map(asked, resolutions)) == resolutions


def test_what_is_set_aside_is_in_no_cluster_and_has_no_suggestion(guided: Api) -> None:
    ant = guided.add_class("ant")
    label(guided, [1, 2, 3], ant)
    ignored = guided.edit("labels/apply", state="ignored", sample_ids=[sample_id(5)], **RUN).get_json()["revision"]
    found = guidance_at(guided, "guidance/suggestions", ignored)
    assert (found["class_ids"][5], found["second"][5], found["percent"][5]) == (-1, -1, 0)
    clusters = guided.get("guidance/clusters", **RUN, wait=25).get_json()["clusters"]
    assert sorted(row for cluster in clusters for row in cluster["rows"]) == [row for row in range(120) if row != 5]


def test_suggestions_are_calibrated_on_the_labels_given(guided: Api) -> None:
    labels, batches = np.full(120, -1), np.full(120, -1)
    revision = 0
    classes = [guided.add_class(name) for name in ("ant", "bee", "cow")]
    for group in range(3):
        for part in range(5):  # each by itself, for calibrating leaves out what came together
            rows = np.flatnonzero(group == TRUTH)[4 * part : 4 * part + 4]
            labels[rows] = classes[(group + (part > 2)) % 3]  # and two of five wrong, so that there is doubt
            revision = label(guided, rows.tolist(), int(labels[rows[0]]))
            batches[rows] = revision
    features = blobs(120)[0]
    guide = Guide(features, compute_affinities(features, 20.0).P)
    unsure = np.floor(100 * guide.suggester.suggest(labels).confidence)
    expected = np.floor(100 * guide.suggest(labels, batches).confidence)
    assert np.abs(unsure - expected).max() > 3
    after = 0
    for _ in range(20):
        answer = guided.get("guidance/suggestions", **RUN, after=after, wait=25)
        assert answer.status_code == 200, "the suggestions stay as they were at first"
        found = answer.get_json()
        after = found["number"]
        if found["revision"] == revision and np.abs(np.array(found["percent"]) - expected).max() <= 1:
            return
    raise AssertionError("the suggestions are never as sure as they should be")


def test_a_wrong_label_is_an_issue_and_why(guided: Api) -> None:
    classes = [guided.add_class(name) for name in ("ant", "bee", "cow")]
    for group, class_id in enumerate(classes):
        label(guided, [int(row) for row in np.flatnonzero(group == TRUTH) if row != 42], class_id)
    wrong = classes[(TRUTH[42] + 1) % 3]
    revision = label(guided, [42], wrong)
    answer = guided.get("guidance/label_issues", **RUN, limit=5, wait=25).get_json()
    assert answer["revision"] == revision
    first = answer["label_issues"][0]
    assert len(answer["label_issues"]) == 5
    assert first["sample_id"] == sample_id(42)
    assert (first["class_id"], first["expected"]) == (wrong, classes[TRUTH[42]])
    assert (first["n_labeled"], first["n_same"], first["n_expected"]) == (10, 0, 10)


def test_guidance_that_the_client_has_is_not_sent_again(guided: Api) -> None:
    guided.post("session/pause", **RUN)
    number = guidance_at(guided, "guidance/candidates", 0)["number"]
    for _ in range(5):  # what was under way when it was paused
        answer = guided.get("guidance/candidates", **RUN, after=number, wait=2)
        if answer.status_code == 204:
            break
        number = answer.get_json()["number"]
    assert answer.status_code == 204, "the guidance changes while nothing moves"


def test_what_is_set_aside_is_neither_asked_about_nor_suggested(guided: Api) -> None:
    revision = 0
    for group, name in enumerate(("ant", "bee", "cow")):
        revision = label(guided, [int(row) for row in np.flatnonzero(group == TRUTH)[:10]], guided.add_class(name))
    asked = guidance_at(guided, "guidance/candidates", revision)["candidates"]
    aside = [name for candidate in asked for name in (candidate["sample_id"], *candidate["members"][:3])]
    for state, ids in (("unsure", aside[::2]), ("ignored", aside[1::2])):
        edit = guided.edit("labels/apply", state=state, sample_ids=ids, **RUN).get_json()
        revision = edit["revision"]
    found = guidance_at(guided, "guidance/candidates", revision)["candidates"]
    assert len(found) == 5
    assert not set(aside) & {name for candidate in found for name in (candidate["sample_id"], *candidate["members"])}
    suggested = guidance_at(guided, "guidance/suggestions", revision)
    rows = {int(name[1:]) for name in aside}
    assert {row for row in range(120) if suggested["class_ids"][row] == -1} == rows
    assert {suggested["percent"][row] for row in rows} == {0}


def test_guidance_says_which_label_column_it_is_about(guided: Api) -> None:
    guided.post("labels/columns/add", run="run", store=guided.store(), name="eyes")
    blue = guided.edit("labels/apply", column="eyes", new_class={"name": "blue"}, sample_ids=[sample_id(7)])
    assert guidance_at(guided, "guidance/suggestions", 0)["column"] == "label"
    guided.post("session/start", **RUN, column="eyes")
    after = 0
    while (found := guided.get("guidance/suggestions", **RUN, after=after, wait=25).get_json())["column"] != "eyes":
        after = found["number"]
    # Nothing is suggested where no label reaches.
    assert {blue.get_json()["class_id"]} <= set(found["class_ids"]) <= {blue.get_json()["class_id"], -1}
    assert guided.get("guidance/label_issues", **RUN, wait=25).get_json()["column"] == "eyes"


@pytest.mark.parametrize("route", ["candidates", "next_steps", "suggestions", "label_issues", "standing", "clusters"])
def test_without_a_session_there_is_no_guidance(api: Api, route: str) -> None:
    answer = api.get(f"guidance/{route}", **RUN)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "no_session")


@pytest.mark.parametrize("route", ["guidance/candidates", "guidance/suggestions", "guidance/label_issues"])
def test_who_may_only_look_gets_what_is_there_and_sets_nobody_to_work(guided: Api, route: str) -> None:
    looker: Any = {"query_string": {**RUN, "wait": 3}, "environ_overrides": {"REMOTE_ADDR": "10.0.0.5"}}
    guided.get("session/frame", **RUN, wait=25)
    assert guided.client.get(f"/{route}", **looker).status_code == 204
    ours = guided.get(route, **RUN, wait=25)
    assert ours.status_code == 200
    assert guided.client.get(f"/{route}", **looker).status_code == 200
