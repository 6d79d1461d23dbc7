"""Export, then import, is the identity: for each format, of any names, and by the rules of docs/datasets.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from tb_tsne_plugin.datasets.catalog import FORMATS, Format
from tb_tsne_plugin.labels.model import State
from tests.datasets.made import Labeled, folder, labeled, put_images, read, runs, suggested, written

OWN = [each for each in FORMATS if not each.written_back]
TABLES = ("tsv", "csv", "parquet")
STATES: dict[str, set[State]] = {
    **{name: {"labeled", "seen", "verified", "unsure", "ignored"} for name in TABLES},
    "labelstudio": {"verified", "ignored"},
    "ecotaxa": {"unsure"},
    "camtrapdp": {"unsure"},
}
"""The states that a format keeps apart; others come back as labeled, or not at all."""


def came_back(form: Format, run: Labeled, *, suggests: bool, shares: dict[str, float] | None = None) -> None:
    assume(form.holds != "labeled" or run.names)  # a dataset of nothing is refused
    with folder() as where:
        (where / "images").mkdir()
        images = put_images(run, where / "images") if form.has_pictures else None
        suggestions = suggested(run) if suggests else None
        dataset = run.dataset(images, suggestions=suggestions, shares=shares)
        made = written(form, dataset, where / "out")
        # A table says `nan` and `1.0` of what it does not know as a class: docs/formats.md.
        current = run.names if form.name in ("tsv", "csv") else {}
        found = read(form, where / "out", run, current)
    assert {key: name for key, name in found.names.items() if name is not None and key in run.names} == run.names
    kept = STATES.get(form.name, set())
    states = {key: mark.state for key, mark in run.marks.items() if mark.state in kept}
    assert {key: state for key, state in found.states.items() if state != "unlabeled"} == states
    aside = {key: run.classes[(mark.class_id or 0) - 1] for key, mark in run.marks.items() if mark.state == "unsure"}
    assert {key: name for key, name in found.names.items() if name is not None and key not in run.names} == (
        aside if form.name in ("ecotaxa", "camtrapdp") else {}
    )
    assert found.names.keys() <= set(run.ids)
    count = {"labeled": len(run.names), "all": len(run.ids)}.get(form.holds)
    if count is not None and not suggests:
        assert made.count == count


@pytest.mark.parametrize("form", OWN, ids=lambda form: form.name)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(run=runs())
@example(run=labeled(["a/1.jpg", "b/1.jpg", "b/1.png", "1"], ["x", "x", "X", "../x"]))
@example(run=labeled(["a.b.jpg", "a.jpg", "a.b"], ["=1+1", 'say "a"', "two, three"]))
@example(run=labeled([" a.jpg", "a.jpg", "A.jpg"], ["CON", "con", "."]))
def test_labels_come_back(form: Format, run: Labeled) -> None:
    came_back(form, run, suggests=False)


@pytest.mark.parametrize("form", [each for each in OWN if each.has_suggestions], ids=lambda form: form.name)
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(run=runs())
def test_suggestions_come_back_as_nobodys_labels(form: Format, run: Labeled) -> None:
    came_back(form, run, suggests=True)


@pytest.mark.parametrize("form", [each for each in OWN if each.has_splits], ids=lambda form: form.name)
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(run=runs())
def test_labels_come_back_from_all_parts(form: Format, run: Labeled) -> None:
    came_back(form, run, suggests=False, shares={"train": 0.6, "val": 0.4})


@pytest.mark.parametrize("name", ["labelstudio", "ecotaxa", "camtrapdp", *TABLES])
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(run=runs(objects=True))
def test_labels_of_objects_come_back(name: str, run: Labeled) -> None:
    came_back(next(each for each in FORMATS if each.name == name), run, suggests=False)


def test_pictures_are_the_ones_that_were_exported(tmp_path: Path) -> None:
    run = labeled(["a/1.jpg", "b/1.jpg", "c/2.jpg", "c/3.jpg"], ["cat", "dog", "dog", None])
    images = put_images(run, tmp_path / "images")
    form = next(each for each in FORMATS if each.name == "folders")
    written(form, run.dataset(images), tmp_path / "out")
    found = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_text() for path in (tmp_path / "out").rglob("*.jpg")
    }
    assert found == {"cat/1~id0.jpg": "a/1.jpg", "dog/1~id1.jpg": "b/1.jpg", "dog/2.jpg": "c/2.jpg"}
    assert (tmp_path / "out" / "dog" / "2.jpg").samefile(images / "c" / "2.jpg")
